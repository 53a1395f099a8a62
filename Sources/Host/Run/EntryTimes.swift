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
    /// Of a step out of the ring, or from before this start, nobody knows it: what answers it is as old as this and
    /// late by every deadline, however lately the machine began to count.
    static let longAgo = Nanoseconds.seconds(86_400)

    /// - Parameter arrival: Of what answers the step.
    func time(of step: UInt64, before arrival: Timestamp) -> Timestamp {
        let unknown = arrival.advanced(by: Nanoseconds(-Self.longAgo.count))
        guard step <= newest, newest - step < UInt64(times.count) else { return unknown }
        let time = times[Int(step % UInt64(times.count))]
        return time == 0 ? unknown : Timestamp(nanoseconds: time)
    }
}
