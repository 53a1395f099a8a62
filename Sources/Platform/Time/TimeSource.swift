/// Where the time comes from: ``HostClock`` in a process, ``ManualClock`` in a test.
///
/// The two readings are never mixed: durations and deadlines are monotonic, dates are UTC.
package protocol TimeSource: Sendable {
    /// ns since an arbitrary moment of this start of the machine; never steps back, never compared
    /// across starts.
    func monotonic() -> Int64
    /// ns since 1970-01-01T00:00:00Z by the wall clock, which may step.
    func utc() -> Int64
}
