import Indicators
import TradingModel

/// Collects what the parser finds and lays it out flat for the evaluation.
struct RuleBuilder {
    /// The evaluation keeps one bit for each.
    static let mostComparisons = 64

    private(set) var layout = RuleLayout()
    private(set) var doubts = RuleDoubts()
    /// The first of `open`, `high`, `low` in the text.
    private(set) var candleOnly: String?

    mutating func note(_ name: String, _ term: Term) {
        if [.open, .high, .low].contains(term), candleOnly == nil { candleOnly = name }
    }

    mutating func emit(_ operation: RuleLayout.Operation) { layout.program.append(operation) }

    /// Adds a part of the day.
    mutating func clock(_ window: DayTime) { emit(.clock(layout.window(window))) }

    /// Adds `left relation right`.
    ///
    /// - Parameters:
    ///   - token: Where an error is told.
    ///   - columns: Of the whole comparison.
    mutating func compare(
        _ left: LinearForm, _ relation: Relation, _ right: LinearForm, at token: Token,
        _ columns: ClosedRange<Int>
    ) throws(RuleError) {
        guard LinearForm.common(left, right) != nil else {
            throw RuleError(
                token.column, found: "\(left.unit.name) compared with \(right.unit.name)",
                expected: "two values of one kind", hint: hint(left, right))
        }
        guard let difference = left.adding(right.negated) else { throw tooFine(token) }
        guard !difference.isConstant else {
            throw RuleError(
                token.column, found: "a comparison that is always the same",
                expected: "price, volume or an indicator on one side")
        }
        guard layout.comparisons.count < RuleBuilder.mostComparisons else {
            throw RuleError(
                token.column, found: "more than \(RuleBuilder.mostComparisons) comparisons",
                expected: "fewer", hint: "split it into several rules")
        }
        let isChange = difference.parts.count == 1 && difference.parts[0].term.isChange
        if isChange {
            guard try addChange(difference, relation) else { throw tooFine(token) }
        } else if difference.parts.allSatisfy(\.term.isExact) {
            guard addExact(difference, relation) else { throw tooFine(token) }
        } else {
            addReal(difference, relation)
        }
        doubts.note(difference, relation, columns)
        emit(.flag(layout.comparisons.count - 1))
    }

    private func tooFine(_ token: Token) -> RuleError {
        RuleError(
            token.column, found: "numbers too large or too fine to compare exactly",
            expected: "fewer digits or shorter windows")
    }

    private func hint(_ left: LinearForm, _ right: LinearForm) -> String? {
        if [left.unit, right.unit].contains(.number), [left.unit, right.unit].contains(.ratio) {
            return "write the number as a percentage, such as 3% or -3%"
        }
        if [left.unit, right.unit].contains(.index), [left.unit, right.unit].contains(.ratio) {
            return "an index such as an RSI is compared with a plain number: 30"
        }
        if left.unit == .ratio || right.unit == .ratio {
            return "a percentage is compared with change(n); a part of a value is price * 105%"
        }
        return nil
    }

    /// All terms over one denominator: then only integers are left.
    private mutating func addExact(_ form: LinearForm, _ relation: Relation) -> Bool {
        var weights: [(Source, Fraction)] = []
        for part in form.parts {
            let length: Int64 =
                switch part.term {
                case .sma(let n), .volumeSMA(let n): Int64(n)
                case .wma(let n): Int64(WMA.divisor(n))
                default: 1
                }
            guard let share = Fraction(1, Int128(length)),
                let weight = part.coefficient.multiplied(by: share)
            else { return false }
            weights.append((layout.source(of: part.term), weight))
        }
        guard let constant = form.constant.multiplied(by: Fraction(whole: fixedPointScale))
        else { return false }
        return layout.addExact(weights, constant, relation, guarding: nil)
    }

    /// a x (p / q - 1) + c against 0 is a x p + (c - a) x q against 0, for the older price q > 0.
    private mutating func addChange(
        _ form: LinearForm, _ relation: Relation
    ) throws(RuleError) -> Bool {
        guard let part = form.parts.first, case .change(let span) = part.term,
            let rest = form.constant.adding(part.coefficient.negated)
        else { return false }
        let past = layout.past(span)
        return layout.addExact(
            [(.close, part.coefficient), (.past(past), rest)], .zero, relation, guarding: past)
    }

    private mutating func addReal(_ form: LinearForm, _ relation: Relation) {
        let parts = form.parts.map {
            RuleLayout.RealPart(source: layout.source(of: $0.term), weight: $0.coefficient.double)
        }
        layout.addReal(parts, form.constant.double, relation)
    }
}
