/// What a strategy wants.
public enum Action: UInt8, Hashable, Sendable, CaseIterable { case buy = 1, sell = 2, alert = 3 }

/// How much it wants.
public enum Size: Hashable, Sendable {
    /// The attachment's own quantity.
    case attachment
    case quantity(Quantity)
    /// Of the account's equity, at 10⁻⁶. Sets the size, never the side.
    case targetWeight(millionths: Int64)
    /// Of what is held, at 10⁻⁶; for sales.
    case fraction(millionths: Int64)
}

/// How sure it is: 0...1 at 10⁻⁶.
public struct Confidence: Hashable, Comparable, Sendable {
    public let millionths: Int32
    /// - Returns: `nil` outside 0...1,000,000.
    public init?(millionths: Int64) {
        guard (0...1_000_000).contains(millionths) else { return nil }
        self.millionths = Int32(millionths)
    }
    private init(trusted: Int32) { millionths = trusted }
    public static let full = Confidence(trusted: 1_000_000)
    public static func < (a: Confidence, b: Confidence) -> Bool { a.millionths < b.millionths }
}

/// How long a vote stands.
public enum Validity: Hashable, Sendable {
    /// Until the next candle of the input it came from closes; 60 s where it came from none.
    case untilNextCandle
    /// From the entry of the event it was computed from.
    case duration(Nanoseconds)
}

/// What a strategy, rule or strategy server returned, triggered: not triggered returns nothing.
public struct StrategyResult: Hashable, Sendable {
    public var action: Action
    public var size: Size
    /// A limit order at this price; `nil` for a market order.
    public var limit: Price?
    public var confidence: Confidence
    public var validity: Validity
    private struct Words: Hashable {
        let message: String
        let reasons: [String]
        let tags: [String]
    }
    // None or one. In an array they are one reference: a result is handed on a dozen times before it is read.
    private var words: [Words] = []

    /// One line for people.
    public var message: String {
        get { words.first?.message ?? "" }
        set { say(newValue, reasons, tags) }
    }
    /// Short machine-friendly words: `golden_cross`, `rsi<30`.
    public var reasons: [String] {
        get { words.first?.reasons ?? [] }
        set { say(message, newValue, tags) }
    }
    /// Free pairs the strategy wants on record, sorted by key.
    public var tags: [String] {
        get { words.first?.tags ?? [] }
        set { say(message, reasons, newValue) }
    }

    private mutating func say(_ message: String, _ reasons: [String], _ tags: [String]) {
        let isSilent = message.isEmpty && reasons.isEmpty && tags.isEmpty
        words = isSilent ? [] : [Words(message: message, reasons: reasons, tags: tags)]
    }

    public init(
        _ action: Action, size: Size = .attachment, limit: Price? = nil,
        confidence: Confidence = .full, validity: Validity = .untilNextCandle,
        message: String = "", reasons: [String] = [], tags: [String] = []
    ) {
        self.action = action
        self.size = size
        self.limit = limit
        self.confidence = confidence
        self.validity = validity
        say(message, reasons, tags)
    }
}
