/// A word of a rule's text.
struct Token: Hashable {
    enum Kind: Hashable {
        case number(Fraction)
        /// `30m`, `1d`.
        case span(PastSpan)
        case name
        /// One of `( ) , : + - * % > >= < <= ==`.
        case symbol
        case end
    }
    let kind: Kind
    let text: String
    /// In characters, from 1.
    let column: Int

    /// As an error message shows it; long ones are cut.
    var shown: String {
        guard kind != .end else { return "the end" }
        return text.count > 24 ? "'\(text.prefix(24))…'" : "'\(text)'"
    }
    func isSymbol(_ symbol: String) -> Bool { kind == .symbol && text == symbol }
    func isName(_ name: String) -> Bool { kind == .name && text == name }
}

/// Cuts a rule's text into words.
struct Lexer {
    /// Longer texts are refused.
    static let longestText = 2_000

    private let characters: [Character]
    private var at = 0
    private var tokens: [Token] = []

    /// All words, with an end behind them.
    static func tokens(of text: String) throws(RuleError) -> [Token] {
        guard text.utf8.count <= longestText else {
            throw RuleError(
                1, found: "\(text.utf8.count) bytes", expected: "at most \(longestText)",
                hint: "split it into several rules")
        }
        var lexer = Lexer(characters: Array(text))
        try lexer.run()
        return lexer.tokens
    }

    private init(characters: [Character]) { self.characters = characters }

    private mutating func run() throws(RuleError) {
        while at < characters.count {
            let character = characters[at]
            if character.isWhitespace {
                at += 1
            } else if character.isDigit || character == "." {
                try number()
            } else if character.isNameHead {
                let word = take { $0.isNameHead || $0.isDigit }
                add(.name, word)
            } else {
                try symbol()
            }
        }
        add(.end, "")
    }

    private mutating func take(while accepts: (Character) -> Bool) -> String {
        let start = at
        while at < characters.count, accepts(characters[at]) { at += 1 }
        return String(characters[start..<at])
    }

    private mutating func add(_ kind: Token.Kind, _ text: String) {
        tokens.append(Token(kind: kind, text: text, column: at - text.count + 1))
    }

    private mutating func number() throws(RuleError) {
        let start = at
        let text = take { $0.isDigit || $0.isNameHead || $0 == "." }
        if let span = Lexer.span(of: text) { return add(.span(span), text) }
        guard let value = Lexer.value(of: text) else {
            throw RuleError(
                start + 1, found: Token(kind: .name, text: text, column: 0).shown,
                expected: "a number below 10¹⁵ with up to 8 decimals, such as 70_000 or 1.5",
                hint: Lexer.hint(for: text))
        }
        add(.number(value), text)
    }

    /// `30s`, `30m`, `4h`, `1d`: up to 366 days.
    private static func span(of text: String) -> PastSpan? {
        guard let unit = text.last, let count = Int64(text.dropLast()),
            (1...100_000_000).contains(count)
        else { return nil }
        let seconds: Int64? =
            switch unit {
            case "s": count
            case "m": count * 60
            case "h": count * 3_600
            case "d": count * 86_400
            default: nil
            }
        guard let seconds, seconds <= 366 * 86_400 else { return nil }
        return unit == "d" ? .days(Int(count)) : .time(seconds * 1_000_000_000)
    }

    /// What is written instead of `30min`, `1w`, `10:00am`.
    private static func hint(for text: String) -> String? {
        let unit = text.drop { $0.isDigit }.lowercased()
        if ["am", "pm"].contains(unit) {
            return "times of the day are of 24 hours: 15:30 is half past three in the afternoon"
        }
        guard units.contains(unit) else { return nil }
        return "a time to look back is a number of s, m, h or d, up to 366d: 30s, 30m, 4h, 5d"
    }
    /// As people write them elsewhere.
    private static let units = [
        "s", "sec", "secs", "seconds", "m", "min", "mins", "minutes", "h", "hr", "hrs", "hour",
        "hours", "d", "day", "days", "w", "wk", "week", "weeks", "mo", "month", "months", "y",
        "year", "years",
    ]

    /// `digits[.digits]`, single `_` between digits.
    private static func value(of text: String) -> Fraction? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2 else { return nil }
        var units: Int128 = 0
        var scale: Int128 = 1
        for (index, part) in parts.enumerated() {
            let groups = part.split(separator: "_", omittingEmptySubsequences: false)
            let digits = groups.joined()
            guard groups.allSatisfy({ !$0.isEmpty }), digits.allSatisfy(\.isDigit),
                digits.utf8.count <= (index == 0 ? 15 : 8)
            else { return nil }
            for digit in digits.utf8 {
                units = units * 10 + Int128(digit - UInt8(ascii: "0"))
                if index == 1 { scale *= 10 }
            }
        }
        return Fraction(units, scale)
    }

    private static let symbols = [
        ">=", "<=", "==", ">", "<", "(", ")", ",", ":", "+", "-", "*", "%",
    ]
    /// What other languages write, and what to write here.
    private static let foreign = [
        ("=>", "did you mean '>='?"), ("=<", "did you mean '<='?"), ("=", "did you mean '=='?"),
        ("!=", "write not (a == b)"), ("<>", "write not (a == b)"), ("!", "did you mean 'not'?"),
        ("&&", "did you mean 'and'?"), ("&", "did you mean 'and'?"), ("||", "did you mean 'or'?"),
        ("|", "did you mean 'or'?"), ("/", "multiply instead: * 0.5 for a half"),
    ]

    private mutating func symbol() throws(RuleError) {
        let next = String(characters[at..<min(at + 2, characters.count)])
        let known = Lexer.symbols.first { next.hasPrefix($0) }
        // A foreign symbol that is as long as the known one, or longer, is what was meant.
        for (text, hint) in Lexer.foreign
        where next.hasPrefix(text) && text.count >= known?.count ?? 0 {
            throw RuleError(
                at + 1, found: "'\(text)'", expected: "an operator or a name", hint: hint)
        }
        guard let known else {
            throw RuleError(
                at + 1, found: "'\(characters[at])'", expected: "a name, a number or an operator")
        }
        at += known.count
        add(.symbol, known)
    }
}

extension Character {
    fileprivate var isDigit: Bool { self >= "0" && self <= "9" && isASCII }
    fileprivate var isNameHead: Bool { isASCII && isLetter || self == "_" }
}
