import TradingModel

/// What a rule may name.
enum Known {
    static let fields: [(name: String, term: Term)] = [
        ("price", .close), ("close", .close), ("open", .open), ("high", .high), ("low", .low),
        ("volume", .volume),
    ]
    static let functions = ["sma", "ema", "rsi", "change"]
    static let crossings = ["cross_above", "cross_below"]
    static let joiners = ["and", "or"]
    static let all = fields.map(\.name) + functions + crossings + ["not"] + joiners
}

extension RuleParser {
    mutating func factor() throws(RuleError) -> Node {
        let start = next()
        switch start.kind {
        case .number(let value):
            guard skip("%") else { return .value(LinearForm(value, .number), start) }
            guard let hundredth = Fraction(1, 100), let ratio = value.multiplied(by: hundredth)
            else { throw tooLarge(start) }
            return .value(LinearForm(ratio, .ratio), start)
        case .name: return try named(start)
        case .symbol where start.text == "-":
            let node = try deeper { (parser) throws(RuleError) in try parser.factor() }
            return .value(try value(node).negated, start)
        case .symbol where start.text == "(":
            let node = try deeper { (parser) throws(RuleError) in try parser.or() }
            try expect(")", "for the '(' in column \(start.column)")
            return node.starting(at: start)
        default:
            throw RuleError(
                start.column, found: start.shown, expected: "a name, a number or '('",
                hint: start.text == "%" ? "a percentage is a number: 5%" : nil)
        }
    }

    private mutating func named(_ start: Token) throws(RuleError) -> Node {
        for field in Known.fields where field.name == start.text {
            builder.note(field.name, field.term)
            return .value(LinearForm(field.term), start)
        }
        if Known.functions.contains(start.text) {
            let term = try deeper { (parser) throws(RuleError) in try parser.function(start.text) }
            return .value(LinearForm(term), start)
        }
        if Known.crossings.contains(start.text) {
            try deeper { (parser) throws(RuleError) in try parser.crossing(start) }
            return .condition(start)
        }
        let nearest = nearestName(to: start.text, in: Known.all)
        let known = Known.fields.map(\.name) + Known.functions + Known.crossings
        throw RuleError(
            start.column, found: start.shown,
            expected: Known.joiners.contains(start.text)
                ? "a condition in front of it" : "one of \(known.joined(separator: ", "))",
            hint: Known.joiners.contains(start.text) ? nil : nearest.map { "did you mean '\($0)'?" }
        )
    }

    /// `(n)`, or `(source, n)` for a mean.
    private mutating func function(_ name: String) throws(RuleError) -> Term {
        try expect("(", "after \(name)")
        var volume = false
        if name == "sma", token.kind == .name {
            let source = next()
            guard ["volume", "price", "close"].contains(source.text) else {
                throw RuleError(
                    source.column, found: source.shown,
                    expected: "a length, or 'volume' and a length")
            }
            volume = source.text == "volume"
            try expect(",", "between \(source.text) and the length")
        }
        let length = try length(name == "rsi" ? 2 : 1)
        try expect(")", "after the length")
        return switch name {
        case "sma": volume ? .volumeSMA(length) : .sma(length)
        case "ema": .ema(length)
        case "rsi": .rsi(length)
        default: .change(length)
        }
    }

    private mutating func length(_ shortest: Int) throws(RuleError) -> Int {
        let token = next()
        guard case .number(let value) = token.kind, value.denominator == 1,
            let length = Int(exactly: value.numerator), (shortest...512).contains(length)
        else {
            throw RuleError(
                token.column, found: token.shown,
                expected: "a length in events, a whole number from \(shortest) to 512")
        }
        return length
    }

    private mutating func crossing(_ start: Token) throws(RuleError) {
        try expect("(", "after \(start.text)")
        let left = try value(try sum())
        try expect(",", "between the two values")
        let right = try value(try sum())
        try expect(")", "after the two values")
        let relation: Relation = start.text == "cross_above" ? .crossAbove : .crossBelow
        try builder.compare(left, relation, right, at: start)
    }
}
