import TradingModel

/// When the rows of a recording are due at a chosen speed. A value.
struct Pacer {
    private let speed: Double
    /// A pause in the recording lasts this long at most, ns.
    private let longestPause: Int64
    private var last: Timestamp?
    private(set) var due: Int64
    /// Of the row before: its time, and when it was due.
    private var before: (time: Timestamp, due: Int64)?

    init(speed: Double, longestPause: Int64, now: Int64) {
        self.speed = speed
        self.longestPause = longestPause
        due = now
    }

    /// The next row has this time.
    mutating func next(_ time: Timestamp) {
        defer { last = max(last ?? time, time) }
        guard let last, time > last else { return }
        before = (last, due)
        let pause = Double(time.since(last).count) / speed
        due += pause < Double(longestPause) ? Int64(pause) : longestPause
    }

    /// The market's time at a moment of the host's clock: from the row before to the next one, and never
    /// past that. A pause that is cut short is over with the next row.
    func time(at moment: Int64) -> Timestamp? {
        guard let last, let before, moment < due else { return last }
        let passed = Double(max(0, moment - before.due)) * speed
        let gap = last.since(before.time)
        guard passed < Double(gap.count) else { return last }
        return before.time.advanced(by: Nanoseconds(Int64(passed)))
    }

    /// When ``time(at:)`` has come so far, at the latest with the next row.
    func moment(of time: Timestamp) -> Int64 {
        guard let last, let before, time < last else { return due }
        let wait = Double(max(0, time.since(before.time).count)) / speed
        // A moment more: rounded down it would come too early, again and again.
        return wait < Double(longestPause) ? min(due, before.due + Int64(wait) + 1) : due
    }
}
