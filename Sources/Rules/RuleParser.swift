import TradingModel

/// Reads a rule by recursive descent and hands its comparisons to the builder.
///
///     or         = and { "or" and }
///     and        = not { "and" not }
///     not        = "not" not | comparison
///     comparison = sum [ ( ">" | ">=" | "<" | "<=" | "==" ) sum ]
///     sum        = product { ( "+" | "-" ) product }
///     product    = factor { "*" factor }
///     factor     = number [ "%" ] | "-" factor | "(" or ")" | name | function
struct RuleParser {
    /// Parentheses, functions, `not` and minus signs inside each other.
    ///
    /// Each level leaves at most two conditions open, so 64 bits hold the evaluation's stack.
    static let deepest = 24

    /// A value stands for itself; a condition has been handed to the builder.
    enum Node {
        case value(LinearForm, Token)
        case condition(Token)

        var token: Token {
            switch self {
            case .value(_, let token), .condition(let token): token
            }
        }

        func starting(at token: Token) -> Node {
            switch self {
            case .value(let form, _): .value(form, token)
            case .condition: .condition(token)
            }
        }
    }

    let tokens: [Token]
    var at = 0
    var depth = 0
    var builder = RuleBuilder()

    init(_ tokens: [Token]) { self.tokens = tokens }

    /// There is always one: the end is never passed.
    var token: Token { tokens[min(at, tokens.count - 1)] }

    mutating func next() -> Token {
        defer { at += 1 }
        return token
    }

    mutating func skip(_ symbol: String) -> Bool {
        guard token.isSymbol(symbol) else { return false }
        at += 1
        return true
    }

    mutating func expect(_ symbol: String, _ place: String) throws(RuleError) {
        if skip(symbol) { return }
        throw RuleError(token.column, found: token.shown, expected: "'\(symbol)' \(place)")
    }

    /// The whole text.
    mutating func rule() throws(RuleError) {
        if token.kind == .end {
            throw RuleError(1, found: "nothing", expected: "a condition, such as price > 70000")
        }
        let node = try or()
        guard token.kind == .end else { throw unexpected(after: node) }
        try condition(node)
    }

    private func unexpected(after node: Node) -> RuleError {
        let known = Known.joiners
        let hint = nearestName(to: token.text, in: known).map { "did you mean '\($0)'?" }
        let expected =
            switch node {
            case .condition: "'and', 'or' or the end"
            case .value: "a comparison: > >= < <= =="
            }
        if token.isSymbol(",") {
            return RuleError(
                token.column, found: "','", expected: expected,
                hint: "write large numbers as 70000 or 70_000")
        }
        return RuleError(
            token.column, found: token.shown, expected: expected,
            hint: token.kind == .name ? hint : nil)
    }

    /// Refuses a value where a condition must stand.
    func condition(_ node: Node) throws(RuleError) {
        guard case .value(let form, _) = node else { return }
        throw RuleError(
            token.column, found: "\(token.shown) after \(form.unit.name)",
            expected: "a comparison: > >= < <= ==")
    }

    /// Refuses a condition where a value must stand.
    func value(_ node: Node) throws(RuleError) -> LinearForm {
        if case .value(let form, _) = node { return form }
        throw RuleError(
            node.token.column, found: "a condition", expected: "a value",
            hint: "join conditions with and, or: a < b and b < c")
    }

    mutating func deeper<Result>(
        _ body: (inout RuleParser) throws(RuleError) -> Result
    ) throws(RuleError) -> Result {
        depth += 1
        defer { depth -= 1 }
        guard depth <= RuleParser.deepest else {
            throw RuleError(
                token.column, found: "more than \(RuleParser.deepest) levels inside each other",
                expected: "fewer", hint: "split it into several rules")
        }
        return try body(&self)
    }

    mutating func or() throws(RuleError) -> Node {
        let left = try and()
        guard token.isName("or") else { return left }
        try condition(left)
        while token.isName("or") {
            at += 1
            try condition(try and())
            builder.emit(.or)
        }
        return .condition(left.token)
    }

    private mutating func and() throws(RuleError) -> Node {
        let left = try not()
        guard token.isName("and") else { return left }
        try condition(left)
        while token.isName("and") {
            at += 1
            try condition(try not())
            builder.emit(.and)
        }
        return .condition(left.token)
    }

    private mutating func not() throws(RuleError) -> Node {
        let start = token
        guard start.isName("not") else { return try comparison() }
        at += 1
        let node = try deeper { (parser) throws(RuleError) in try parser.not() }
        try condition(node)
        builder.emit(.not)
        return .condition(start)
    }

    private mutating func comparison() throws(RuleError) -> Node {
        let left = try sum()
        guard let relation = Relation(token) else { return left }
        let sign = next()
        let form = try value(left)
        let right = try value(try sum())
        try builder.compare(form, relation, right, at: sign, columns(from: left.token))
        if Relation(token) != nil {
            throw RuleError(
                token.column, found: "\(token.shown) after a comparison",
                expected: "'and', 'or' or the end",
                hint: "compare twice: a < b and b < c")
        }
        return .condition(left.token)
    }

    mutating func sum() throws(RuleError) -> Node {
        var left = try product()
        while token.isSymbol("+") || token.isSymbol("-") {
            let sign = next()
            let a = try value(left)
            let b = try value(try product())
            guard LinearForm.common(a, b) != nil else {
                let percent = b.unit == .ratio && b.isConstant
                throw RuleError(
                    sign.column, found: "\(a.unit.name) \(sign.text) \(b.unit.name)",
                    expected: "two values of one kind",
                    hint: percent ? "a part of a value is written: price * 105%" : nil)
            }
            guard let sum = a.adding(sign.text == "+" ? b : b.negated) else { throw tooLarge(sign) }
            left = .value(sum, left.token)
        }
        return left
    }

    private mutating func product() throws(RuleError) -> Node {
        var left = try factor()
        while token.isSymbol("*") {
            let sign = next()
            let a = try value(left)
            let b = try value(try factor())
            let (form, factor) = b.isConstant ? (a, b) : (b, a)
            guard factor.isConstant, form.unit != .ratio || factor.unit != .ratio else {
                throw RuleError(
                    sign.column, found: "\(a.unit.name) * \(b.unit.name)",
                    expected: "a number or a percentage on one side")
            }
            let unit = form.unit == .number ? factor.unit : form.unit
            guard let scaled = form.scaled(by: factor.constant, unit: unit) else {
                throw tooLarge(sign)
            }
            left = .value(scaled, left.token)
        }
        return left
    }

    /// From a word to the one that was taken last.
    func columns(from first: Token) -> ClosedRange<Int> {
        let last = tokens[max(0, at - 1)]
        return first.column...max(first.column, last.column + last.text.count - 1)
    }

    func tooLarge(_ token: Token) -> RuleError {
        RuleError(
            token.column, found: "numbers too large or too fine", expected: "fewer digits")
    }
}
