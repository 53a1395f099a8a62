public import TradingModel

/// Why something was decided, for people: kept as the values it was decided on, worded when it is read.
///
/// Few facts are ever read. Two details are the same when they read the
/// same, for what comes from the log is words already.
public enum Detail: Equatable, Sendable {
    case words(String)
    case round(RoundDetail)
    case approved(value: Money, freeCash: Money)

    /// Made anew at each call.
    public var text: String {
        switch self {
        case .words(let words): words
        case .round(let round): round.text
        case .approved(let value, let freeCash): "value \(value), free cash \(freeCash)"
        }
    }
    public static func == (a: Detail, b: Detail) -> Bool { a.text == b.text }
}

extension Detail: ExpressibleByStringLiteral {
    public init(stringLiteral words: String) { self = .words(words) }
}

extension Detail: CustomStringConvertible, CustomDebugStringConvertible {
    public var description: String { text }
    public var debugDescription: String { text.debugDescription }
}
