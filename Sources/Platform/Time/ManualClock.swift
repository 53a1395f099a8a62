/// A clock that stands until it is moved. Safe from any thread.
package final class ManualClock: TimeSource {
    private struct Readings {
        var monotonic: Int64
        var utc: Int64
    }
    private let readings: Locked<Readings>

    /// - Parameters: ns; see ``TimeSource``.
    package init(monotonic: Int64 = 0, utc: Int64 = 0) {
        readings = Locked(Readings(monotonic: monotonic, utc: utc))
    }

    package func monotonic() -> Int64 { readings.withLock { $0.monotonic } }
    package func utc() -> Int64 { readings.withLock { $0.utc } }

    /// Moves both clocks on by ns, zero or more.
    package func advance(by nanoseconds: Int64) {
        precondition(nanoseconds >= 0, "time does not step back; set(utc:) steps the wall clock")
        readings.withLock {
            $0.monotonic += nanoseconds
            $0.utc += nanoseconds
        }
    }

    /// Steps the wall clock alone, as an operator or NTP does.
    package func set(utc: Int64) { readings.withLock { $0.utc = utc } }
}
