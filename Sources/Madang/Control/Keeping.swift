import Glibc
import Platform

/// Counts what is being written, so that no process ends in the middle of it. Any thread.
final class Keeping: Sendable {
    private let count = Locked(0)

    func begin() { count.withLock { $0 += 1 } }
    func end() { count.withLock { $0 -= 1 } }

    /// Blocks until all of it is written.
    ///
    /// - Parameter patience: Waited at most, ms: a disk that hangs keeps no process from ending.
    /// - Returns: Whether it is.
    func wait(within patience: Int) -> Bool {
        for _ in 0..<patience {
            if isDone { return true }
            usleep(1_000)
        }
        return isDone
    }
    private var isDone: Bool { count.withLock { $0 == 0 } }
}
