import Indicators
import TradingModel

/// What a rule may name.
enum Known {
    static let fields: [(name: String, term: Term)] = [
        ("price", .close), ("close", .close), ("open", .open), ("high", .high), ("low", .low),
        ("volume", .volume),
    ]
    /// Indicators, and what only rules have.
    static let functions =
        RuleFunction.all.map(\.name) + ["change", "resistance", "support"]
    static let crossings = ["cross_above", "cross_below"]
    static let joiners = ["and", "or"]
    static let names = fields.map(\.name) + functions + crossings + ["time"]
    static let all = names + ["not"] + joiners
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
            let form = try deeper { (parser) throws(RuleError) in try parser.function(start) }
            return .value(form, start)
        }
        if Known.crossings.contains(start.text) {
            try deeper { (parser) throws(RuleError) in try parser.crossing(start) }
            return .condition(start)
        }
        if start.text == "time" {
            builder.clock(try dayTime())
            return .condition(start)
        }
        if Known.joiners.contains(start.text) {
            throw RuleError(
                start.column, found: start.shown, expected: "a condition in front of it")
        }
        let nearest = nearestName(to: start.text, in: Known.all)
        throw RuleError(
            start.column, found: start.shown, expected: "a name such as price, volume, sma(20)",
            hint: nearest.map { "did you mean '\($0)'?" }
                ?? "known: \(Known.names.joined(separator: ", "))")
    }

    private mutating func function(_ start: Token) throws(RuleError) -> LinearForm {
        switch start.text {
        case "change", "roc": return LinearForm(.change(try span(start)))
        case "resistance": return LinearForm(.resistance(try onlyLength(start)))
        case "support": return LinearForm(.support(try onlyLength(start)))
        default: return try indicator(start)
        }
    }

    /// `(n)`.
    private mutating func onlyLength(_ start: Token) throws(RuleError) -> Int {
        try expect("(", "after \(start.text)")
        let length = try length()
        try expect(")", "after the length")
        return length
    }

    /// `(n)` in events, or `(30m)`, `(1d)`.
    private mutating func span(_ start: Token) throws(RuleError) -> PastSpan {
        try expect("(", "after \(start.text)")
        var span: PastSpan
        if case .span(let written) = token.kind {
            at += 1
            span = written
        } else {
            span = .events(try length("a length in events, or a time such as 30m, 1d:"))
        }
        try expect(")", "after the length")
        return span
    }

    /// `(n)`, `(12, 26, 9)`, or `(source, n)` for a mean.
    private mutating func indicator(_ start: Token) throws(RuleError) -> LinearForm {
        guard let function = RuleFunction.named(start.text) else {
            throw RuleError(start.column, found: start.shown, expected: "a function")
        }
        if function.mayStandAlone, !token.isSymbol("(") { return try form(function, [], start) }
        guard skip("(") else {
            // A mean without its length is the first thing that is forgotten.
            throw RuleError(
                token.column, found: token.shown, expected: "'(' after \(start.text)",
                hint: "say over how many events: \(start.text)(20)")
        }
        if start.text == "sma", token.kind == .name, try isVolume() {
            let length = try length()
            try expect(")", "after the length")
            return LinearForm(.volumeSMA(length))
        }
        var values: [Int64] = []
        for parameter in function.kind.parameters {
            if token.isSymbol(")"),
                function.kind.parameters[values.count...].allSatisfy({
                    $0.defaultValue != nil
                })
            {
                break
            }
            if !values.isEmpty { try expect(",", "before the \(parameter.name)") }
            values.append(try argument(parameter))
        }
        try expect(")", values.count == 1 ? "after the length" : "after \(start.text)'s values")
        return try form(function, values, start)
    }

    private func form(
        _ function: RuleFunction, _ given: [Int64], _ start: Token
    ) throws(RuleError) -> LinearForm {
        let usual = function.kind.parameters[given.count...].map { $0.defaultValue ?? 0 }
        let values = given + usual
        if let problem = function.kind.problem(values) {
            throw RuleError(
                start.column, "\(start.text): \(problem)",
                hint: "write \(start.text)"
                    + "(\(function.kind.parameters.map(\.name).joined(separator: ", ")))")
        }
        return function.form(values)
    }

    private mutating func argument(_ parameter: IndicatorParameter) throws(RuleError) -> Int64 {
        if parameter.isWhole, parameter.maximum == 512_000_000, parameter.minimum > 0 {
            return Int64(try length(shortest: Int(parameter.minimum / 1_000_000))) * 1_000_000
        }
        let token = next()
        guard case .number(let value) = token.kind,
            let millionths = value.multiplied(by: Fraction(whole: 1_000_000)),
            millionths.denominator == 1, let checked = parameter.checked(millionths.numerator)
        else {
            throw RuleError(
                token.column, found: token.shown,
                expected: "the \(parameter.name), \(parameter.allowed)")
        }
        return checked
    }

    /// Behind `sma(`: a source, and its comma.
    private mutating func isVolume() throws(RuleError) -> Bool {
        let source = next()
        guard ["volume", "price", "close"].contains(source.text) else {
            throw RuleError(
                source.column, found: source.shown,
                expected: "a length, or 'volume' and a length")
        }
        try expect(",", "between \(source.text) and the length")
        return source.text == "volume"
    }

    private mutating func length(
        _ what: String = "a length in events,", shortest: Int = 1
    ) throws(RuleError) -> Int {
        let token = next()
        guard case .number(let value) = token.kind, value.denominator == 1,
            let length = Int(exactly: value.numerator), (shortest...512).contains(length)
        else {
            throw RuleError(
                token.column, found: token.shown,
                expected: "\(what) a whole number from \(shortest) to 512")
        }
        return length
    }

    /// `in 09:00-09:30`.
    private mutating func dayTime() throws(RuleError) -> DayTime {
        guard token.isName("in") else {
            throw RuleError(
                token.column, found: token.shown, expected: "'in' after time",
                hint: "such as time in 09:00-09:30")
        }
        at += 1
        let start = try minute(24)
        if token.isName("am") || token.isName("pm") {
            throw RuleError(
                token.column, found: token.shown, expected: "'-' between the two times",
                hint: "times of the day are of 24 hours: 15:30 is half past three in the afternoon")
        }
        try expect("-", "between the two times")
        let column = token.column
        let end = try minute(25)
        guard start != end else {
            throw RuleError(
                column, found: "the same time twice", expected: "a later one",
                hint: "00:00-24:00 is the whole day")
        }
        return DayTime(start: start, end: end)
    }

    /// `HH:MM`, before the hour; 24:00 at the most.
    private mutating func minute(_ hours: Int) throws(RuleError) -> Int {
        let first = next()
        let colon = token.isSymbol(":")
        if colon { at += 1 }
        let second = colon ? next() : token
        guard colon, first.text.count == 2, second.text.count == 2, let hour = Int(first.text),
            let minute = Int(second.text), hour < hours, minute < 60, hour < 24 || minute == 0
        else {
            throw RuleError(
                first.column, found: first.shown, expected: "a time of the day, such as 09:00")
        }
        return hour * 60 + minute
    }

    private mutating func crossing(_ start: Token) throws(RuleError) {
        try expect("(", "after \(start.text)")
        let left = try value(try sum())
        try expect(",", "between the two values")
        let right = try value(try sum())
        try expect(")", "after the two values")
        let relation: Relation = start.text == "cross_above" ? .crossAbove : .crossBelow
        try builder.compare(left, relation, right, at: start, columns(from: start))
    }
}
