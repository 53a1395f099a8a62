/// Wakes the one thread that serves several mailboxes.
///
/// A ring is kept until it is heard; several rings before that are one.
public final class Doorbell {
    private let monitor = Monitor()
    private var hasRung = false

    public init() {}

    /// Any thread; never blocks for longer than the lock.
    public func ring() {
        monitor.lock()
        if !hasRung {
            hasRung = true
            monitor.wakeReader()
        }
        monitor.unlock()
    }

    /// Blocks until a ring or the deadline. One thread only.
    ///
    /// - Parameter deadline: Monotonic ns of ``HostClock``; `nil` waits for ever, 0 does not wait.
    /// - Returns: Whether it has rung since the last call.
    public func wait(until deadline: Int64? = nil) -> Bool {
        monitor.lock()
        defer { monitor.unlock() }
        while !hasRung {
            if !monitor.waitReadable(until: deadline) { break }
        }
        defer { hasRung = false }
        return hasRung
    }
}

// Safe because `hasRung` is only touched with the monitor locked.
extension Doorbell: @unchecked Sendable {}
