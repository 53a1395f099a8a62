import TradingModel

/// When the rows of a recording are due at a chosen speed. A value.
struct Pacer {
    private let speed: Double
    /// A pause in the recording lasts this long at most, ns.
    private let longestPause: Int64
    private var last: Timestamp?
    private(set) var due: Int64

    init(speed: Double, longestPause: Int64, now: Int64) {
        self.speed = speed
        self.longestPause = longestPause
        due = now
    }

    /// The next row has this time.
    mutating func next(_ time: Timestamp) {
        defer { last = max(last ?? time, time) }
        guard let last, time > last else { return }
        let pause = Double(time.since(last).count) / speed
        due += pause < Double(longestPause) ? Int64(pause) : longestPause
    }
}
