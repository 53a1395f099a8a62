/// A rule's condition, read and checked; immutable, shared by all instruments it watches.
///
/// What it means at an event:
/// - `price` and `close` are the tick's price or the candle's close, `volume` its quantity or
///   volume. A tick counts as a candle of one trade: its open, high and low are its price too.
/// - Indicators are those of the events so far, this one included; `resistance(n)` and `support(n)`
///   are the highest high and the lowest low of the n events before it.
/// - `change(n)` and `roc(n)` are price / (price n events ago) - 1, and have no value while that price
///   is not above zero; `change(30m)` looks at the last price that is as old, `change(1d)` at the last
///   price of the day before.
/// - `time in 09:00-09:30` holds from the first minute on and not at the last, by the local clock: of
///   a tick, and of the time at which a candle opens.
/// - A comparison is not known until its indicators have values, a crossing until there is an earlier
///   event to cross from, and while a `change` has no value. What is not known decides nothing: `or` is
///   true where its other side is, `and` false where that is false, `not` of it is not known, and a
///   rule speaks where the whole is known and true.
/// - Prices, volumes, their means (`sma`, `wma`), highs and lows, one `change` and constants are
///   compared as exact integers; with another indicator or a second `change` in it, a comparison
///   is calculated in floating point, in a fixed order.
public struct CompiledRule: Hashable, Sendable {
    /// As written.
    public let text: String
    /// Events that must have been seen before the first one at which everything in it is known.
    public let warmUp: Int
    /// Events that must have been seen before the first one at which it may be true: no more than ``warmUp``.
    public let mayHoldFrom: Int
    /// `open`, `high` or `low`, whichever the text names first: such a rule says little on ticks.
    public let candleOnly: String?
    /// What of it no event can meet, a line each, where the text alone says so: `rsi(14) > 100`.
    public let doubts: [String]
    /// Set when the rule is no more than a bound on the price.
    public private(set) var threshold: PriceThreshold?
    let layout: RuleLayout

    init(text: String, builder: RuleBuilder) {
        self.text = text
        layout = builder.layout
        warmUp = builder.layout.warmUp
        mayHoldFrom = builder.layout.mayHoldFrom
        candleOnly = builder.candleOnly
        doubts = builder.doubts.lines(text, builder.layout)
        threshold = PriceThreshold(builder.layout)
    }

    /// The same condition for who speaks again while its outcome stays as it is: nobody waits for a bound then.
    var askedAtEach: CompiledRule {
        var rule = self
        rule.threshold = nil
        return rule
    }
    /// Whether it is the same condition, however it is asked.
    func isSame(as other: CompiledRule) -> Bool { text == other.text && layout == other.layout }

    /// Whether it looks at the last price of a day before: `change(1d)`.
    public var looksBackDays: Bool { layout.looksBackDays }

    /// Whether it may be true of a tick, or of a candle that opens, in this minute of the local day, whatever
    /// prices do.
    public func canHold(atMinute minute: Int) -> Bool { layout.canHold(atMinute: minute) }
}

/// The rule language: conditions such as `price > sma(20) * 1.02 and rsi(14) < 30`.
public enum Rule {
    /// Reads and checks a condition.
    ///
    /// Names: price close open high low volume, the indicators, change(n) resistance(n) support(n),
    /// cross_above(a, b) cross_below(a, b), time in HH:MM-HH:MM; `> >= < <= ==`, `+ - *`, `and or
    /// not`, parentheses; numbers such as 70_000 or 1.5, percentages such as 5%. In full:
    /// `docs/RULES.md`.
    ///
    /// - Throws: ``RuleError`` with the column; damaged or malicious text included.
    public static func compile(_ text: String) throws(RuleError) -> CompiledRule {
        var parser = RuleParser(try Lexer.tokens(of: text))
        try parser.rule()
        return CompiledRule(text: text, builder: parser.builder)
    }
}
