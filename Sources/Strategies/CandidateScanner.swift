public import TradingModel

/// Says what a scanner found of one instrument, once each, at the first event that is not before it.
///
/// A candidate below the least score says nothing. Its confidence is score / scale, at most 1, rounded
/// down to 10⁻⁶. It stands for `lasts` from the moment it was known, whenever it is said: what comes at
/// an event later than that is said with nothing left to stand, and so recorded as expired. Of several
/// that are due at one event the latest is said, and the others are counted in its message.
public struct CandidateScanner: Strategy {
    /// How a score becomes a result.
    public struct Terms: Hashable, Sendable {
        /// At 10⁻⁶, as scores are.
        public var least: Int64
        /// The score that is as sure as can be; above zero.
        public var scale: Int64
        public var action: Action
        public var size: Size
        /// From the candidate's own time.
        public var lasts: Nanoseconds

        public init(
            least: Int64 = 7_000_000, scale: Int64 = 10_000_000, action: Action = .buy,
            size: Size = .attachment, lasts: Nanoseconds = .seconds(86_400)
        ) {
            self.least = least
            self.scale = scale
            self.action = action
            self.size = size
            self.lasts = lasts
        }
    }
    private let terms: Terms
    private let hours: MarketHours
    private let zone: ZoneOffsets
    /// By time.
    private let candidates: [Candidate]
    private var next = 0
    /// When the next one is due.
    private var due = Timestamp.distantFuture

    /// - Parameters:
    ///   - candidates: Of one instrument, by time.
    ///   - hours: The instrument's: its last candles of a day are known before their intervals end.
    public init(
        _ candidates: [Candidate], _ terms: Terms, hours: MarketHours = .always,
        zone: ZoneOffsets = .utc
    ) {
        self.terms = terms
        self.hours = hours
        self.zone = zone
        self.candidates = candidates.filter { $0.score >= terms.least }
        due = self.candidates.first?.time ?? .distantFuture
    }

    public mutating func onTick(_ tick: Tick) -> StrategyResult? {
        tick.feedTime < due ? nil : take(through: tick.feedTime)
    }
    public mutating func onCandle(_ candle: Candle) -> StrategyResult? {
        let end = hours.end(of: candle, zone)
        return end < due ? nil : take(through: end)
    }
    public var isVoter: Bool { candidates.contains { ($0.action ?? terms.action) != .alert } }

    private mutating func take(through time: Timestamp) -> StrategyResult? {
        let first = next
        while next < candidates.count, candidates[next].time <= time { next += 1 }
        due = next < candidates.count ? candidates[next].time : .distantFuture
        guard next > first else { return nil }
        return result(of: candidates[next - 1], at: time, passed: next - first - 1)
    }

    private func result(
        of candidate: Candidate, at time: Timestamp, passed: Int
    ) -> StrategyResult {
        let share = Int128(candidate.score) * 1_000_000 / Int128(max(1, terms.scale))
        let (age, overflow) = time.nanoseconds.subtractingReportingOverflow(
            candidate.time.nanoseconds)
        let left = overflow ? 0 : max(0, terms.lasts.count - age)
        let score = "score \(decimalString(Int128(candidate.score), scale: 6))"
        let others =
            passed == 0 ? "" : passed == 1 ? ", and 1 before it" : ", and \(passed) before it"
        return StrategyResult(
            candidate.action ?? terms.action, size: terms.size,
            confidence: Confidence(millionths: Int64(clamping: min(1_000_000, max(0, share))))
                ?? .full,
            validity: .duration(Nanoseconds(left)), message: score + others,
            reasons: candidate.reasons)
    }

    public func hash(into hasher: inout StateHasher) {
        hasher.combine("scanner 1")
        hasher.combine(terms.least)
        hasher.combine(terms.scale)
        hasher.combine(UInt64(terms.action.rawValue))
        hasher.combine(terms.lasts.count)
        hasher.combine(next)
        for candidate in candidates {
            hasher.combine(candidate.time.nanoseconds)
            hasher.combine(candidate.score)
        }
    }
}
