import TradingModel

/// When recent steps entered, by the monotonic clock: what deadlines run from. A ring of fixed size.
struct EntryTimes {
    private var times: [Int64]
    private var newest: UInt64 = 0
    init(capacity: Int = 1 << 18) { times = [Int64](repeating: 0, count: capacity) }

    mutating func set(_ time: Timestamp, of step: UInt64) {
        times[Int(step % UInt64(times.count))] = time.nanoseconds
        newest = step
    }
    /// The clock's beginning for a step out of the ring: whatever answers it is late.
    func time(of step: UInt64) -> Timestamp {
        guard step <= newest, newest - step < UInt64(times.count) else { return .zero }
        return Timestamp(nanoseconds: times[Int(step % UInt64(times.count))])
    }
}
