import Foundation
import Platform
import Ports

/// What `onDurable` told.
final class Told: Sendable {
    private let state = Locked((numbers: [UInt64](), errors: [StoreError]()))
    private let changed = DispatchSemaphore(value: 0)

    func note(_ result: Result<UInt64, StoreError>) {
        state.withLock {
            switch result {
            case .success(let number): $0.numbers.append(number)
            case .failure(let error): $0.errors.append(error)
            }
        }
        changed.signal()
    }
    var numbers: [UInt64] { state.withLock { $0.numbers } }
    var errors: [StoreError] { state.withLock { $0.errors } }

    /// Until the number or an error has come.
    func wait(for number: UInt64) {
        while (numbers.last ?? 0) < number, errors.isEmpty { changed.wait() }
    }
}
