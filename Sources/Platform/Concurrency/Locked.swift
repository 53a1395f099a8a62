/// A value behind a lock, for a few fields that several threads share. Never held across an
/// `await`.
///
/// The lock is POSIX's, which the thread sanitizer follows; on Linux it does not see inside
/// `Synchronization.Mutex`, and reports what that guards.
public final class Locked<Value: Sendable> {
    @usableFromInline let monitor = Monitor()
    @usableFromInline var value: Value

    public init(_ value: Value) { self.value = value }

    /// Any thread; not from inside another `withLock` of the same value.
    @inlinable public func withLock<Answer, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Answer
    ) throws(Failure) -> Answer {
        monitor.lock()
        defer { monitor.unlock() }
        return try body(&value)
    }
}

// Safe because `value` is only touched with the monitor locked.
extension Locked: @unchecked Sendable {}
