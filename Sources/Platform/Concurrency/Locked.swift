/// A value behind a lock, for a few fields that several threads share. Never held across an
/// `await`.
///
/// The lock is POSIX's, which the thread sanitizer follows; on Linux it does not see inside
/// `Synchronization.Mutex`, and reports what that guards.
public final class Locked<Value> {
    @usableFromInline let monitor = Monitor()
    // Safe because it is only touched with the monitor locked.
    @usableFromInline nonisolated(unsafe) var value: Value

    public init(_ value: sending Value) { self.value = value }

    /// Any thread; not from inside another `withLock` of the same value.
    @inlinable public func withLock<Answer, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Answer
    ) throws(Failure) -> sending Answer {
        monitor.lock()
        defer { monitor.unlock() }
        return try body(&value)
    }
}

// Safe because `value` is only touched with the monitor locked.
extension Locked: @unchecked Sendable {}
