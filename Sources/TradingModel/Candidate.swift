/// What a scanner found: an instrument worth a look, with a score.
public struct Candidate: Hashable, Sendable {
    /// When it was known: nothing may act on it before.
    public var time: Timestamp
    public var instrument: InstrumentID
    /// At 10⁻⁶, on the scanner's own scale.
    public var score: Int64
    /// `nil`: as whoever takes it was told.
    public var action: Action?
    /// Short words, as the scanner gave them.
    public var reasons: [String]

    public init(
        time: Timestamp, instrument: InstrumentID, score: Int64, action: Action? = nil,
        reasons: [String] = []
    ) {
        self.time = time
        self.instrument = instrument
        self.score = score
        self.action = action
        self.reasons = reasons
    }
}
