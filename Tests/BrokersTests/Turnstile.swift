import Foundation
import Platform

/// A few processes at a time: tests would start all of theirs at once.
final class Turnstile: Sendable {
    /// A place inside, given back when nobody holds it any more.
    final class Turn: Sendable {
        let turnstile: Turnstile
        init(_ turnstile: Turnstile) { self.turnstile = turnstile }
        deinit { turnstile.leave() }
    }
    /// Six, as two processors like it; `MADANG_SIMULATORS` says another number, to strain them.
    static let shared = Turnstile(
        ProcessInfo.processInfo.environment["MADANG_SIMULATORS"].flatMap { Int($0) } ?? 6)
    private let state: Locked<(free: Int, waiting: [CheckedContinuation<Void, Never>])>

    init(_ places: Int) { state = Locked((places, [])) }

    func enter() async -> Turn {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                guard state.free == 0 else {
                    state.free -= 1
                    return true
                }
                state.waiting.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
        return Turn(self)
    }
    private func leave() {
        let next = state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.free += 1
                return nil as CheckedContinuation<Void, Never>?
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
    }
}
