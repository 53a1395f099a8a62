import Kernel
import Platform

/// The kernel's; the name alone is the testing library's too.
typealias Attached = Attachment

/// Counts from 1, from any thread.
final class Counter: Sendable {
    private let count = Locked(0)
    func next() -> Int {
        count.withLock { count in
            count += 1
            return count
        }
    }
}
