/// So many a second on average, so many at once. A value: times are handed in.
struct TokenBucket: Sendable {
    /// Tokens a second, and when it is full.
    private let rate: Int64
    private let burst: Int64
    /// What is in it, in billionths: less than nothing where more was taken than it held.
    private var level: Int128
    /// Monotonic ns; `nil` before the first use.
    private var time: Int64?
    private static let unit: Int128 = 1_000_000_000

    init(rate: Int64, burst: Int64) {
        self.rate = max(1, rate)
        self.burst = max(1, burst)
        level = Int128(self.burst) * Self.unit
    }

    /// Takes one if there is one.
    mutating func take(at now: Int64) -> Bool {
        fill(at: now)
        guard level >= Self.unit else { return false }
        level -= Self.unit
        return true
    }

    /// Takes so many, there or not.
    ///
    /// - Returns: How long until nothing is owed, ns.
    mutating func spend(_ count: Int, at now: Int64) -> Int64 {
        fill(at: now)
        level -= Int128(count) * Self.unit
        guard level < 0 else { return 0 }
        let whole = (-level + Int128(rate) - 1) / Int128(rate)
        return Int64(exactly: whole) ?? .max
    }

    private mutating func fill(at now: Int64) {
        // A clock that stands or goes back fills nothing.
        let elapsed = max(0, Int128(now) - Int128(time ?? now))
        level = min(Int128(burst) * Self.unit, level + elapsed * Int128(rate))
        time = max(time ?? now, now)
    }
}
