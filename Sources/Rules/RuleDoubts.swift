import TradingModel

/// What of a condition no event can meet, where its text alone says so. A value.
///
/// Ranges of indicators, bounds that exclude each other, parts of the day that never meet; nothing of what
/// prices may do.
struct RuleDoubts {
    /// A comparison as it was written: left - right against 0.
    private struct Entry {
        let difference: LinearForm
        let relation: Relation
        let columns: ClosedRange<Int>
    }
    private var entries: [Entry] = []

    mutating func note(
        _ difference: LinearForm, _ relation: Relation, _ columns: ClosedRange<Int>
    ) {
        entries.append(Entry(difference: difference, relation: relation, columns: columns))
    }

    /// A line each.
    ///
    /// - Parameter text: Of the whole condition.
    func lines(_ text: String, _ layout: RuleLayout) -> [String] {
        let characters = Array(text)
        func words(_ entry: Entry) -> String {
            let columns = entry.columns.clamped(to: 1...max(1, characters.count))
            return "'" + String(characters[(columns.lowerBound - 1)..<columns.upperBound]) + "'"
        }
        let never = entries.filter { isNever($0) }
        guard never.isEmpty else {
            return never.map { words($0) + " is never true" + why($0) }
        }
        // Behind `or` and `not` nothing has to hold beside something else.
        let isConjunction = !layout.program.contains { $0 == .or || $0 == .not }
        if isConjunction, let (first, second) = contradiction {
            return ["\(words(first)) and \(words(second)) are never true together"]
        }
        let minutes = 0..<1_440
        guard layout.windows.isEmpty || minutes.contains(where: { layout.canHold(atMinute: $0) })
        else { return ["no time of the day lies in all of its parts of the day"] }
        return []
    }

    // MARK: One comparison

    private func isNever(_ entry: Entry) -> Bool {
        let (least, most) = range(of: entry.difference)
        let below = most.map { $0.numerator < 0 } ?? false
        let above = least.map { $0.numerator > 0 } ?? false
        return switch entry.relation {
        case .above, .crossAbove: below || most?.isZero ?? false
        case .atLeast: below
        case .below, .crossBelow: above || least?.isZero ?? false
        case .atMost: above
        case .equal: below || above
        }
    }

    /// - Returns: `nil` for a side without a bound, and for one too large to say.
    private func range(of form: LinearForm) -> (least: Fraction?, most: Fraction?) {
        var (least, most) = (Fraction?.some(form.constant), Fraction?.some(form.constant))
        for part in form.parts {
            let range = part.term.range
            let isUp = part.coefficient.numerator > 0
            func moved(_ sum: Fraction?, by bound: Fraction?) -> Fraction? {
                guard let sum, let step = bound?.multiplied(by: part.coefficient) else {
                    return nil
                }
                return sum.adding(step)
            }
            least = moved(least, by: isUp ? range.least : range.most)
            most = moved(most, by: isUp ? range.most : range.least)
        }
        return (least, most)
    }

    private func why(_ entry: Entry) -> String {
        guard entry.difference.parts.count == 1, let term = entry.difference.parts.first?.term
        else { return "" }
        return term.range.most == nil
            ? ": \(term.word) is never below 0" : ": \(term.word) lies between 0 and 100"
    }

    // MARK: Two comparisons of one value

    /// The first two that cannot hold at one event.
    private var contradiction: (Entry, Entry)? {
        for (index, first) in entries.enumerated() {
            guard let one = Bound(first.difference, first.relation) else { continue }
            for second in entries[(index + 1)...] {
                guard let other = Bound(second.difference, second.relation),
                    one.parts == other.parts, one.excludes(other) || other.excludes(one)
                else { continue }
                return (first, second)
            }
        }
        return nil
    }

    /// A comparison as bounds on its terms, the first of them taken once.
    private struct Bound {
        let parts: [LinearForm.Part]
        var least: Fraction?
        var most: Fraction?
        /// Whether the bounds themselves are left out.
        let isStrict: Bool

        /// - Returns: `nil` where the numbers are too large.
        init?(_ difference: LinearForm, _ relation: Relation) {
            guard let first = difference.parts.first?.coefficient,
                let inverse = Fraction(first.denominator, first.numerator),
                let form = difference.scaled(by: inverse, unit: difference.unit)
            else { return nil }
            parts = form.parts
            let bound = form.constant.negated
            isStrict = ![.atLeast, .atMost, .equal].contains(relation)
            switch first.numerator < 0 ? relation.mirrored : relation {
            case .above, .atLeast, .crossAbove: least = bound
            case .below, .atMost, .crossBelow: most = bound
            case .equal: (least, most) = (bound, bound)
            }
        }

        /// Whether everything here lies above everything there.
        func excludes(_ other: Bound) -> Bool {
            guard let least, let most = other.most,
                let gap = least.adding(most.negated)
            else { return false }
            return gap.numerator > 0 || gap.isZero && (isStrict || other.isStrict)
        }
    }
}

extension RuleLayout {
    /// Whether the condition may hold at a minute of the local day, whatever prices do.
    func canHold(atMinute minute: Int) -> Bool {
        var stack: [(holds: Bool, fails: Bool)] = []
        for operation in program {
            switch operation {
            case .flag: stack.append((true, true))
            case .clock(let window):
                let holds = windows[window].contains(Int64(minute) * 60_000_000_000)
                stack.append((holds, !holds))
            case .and:
                guard let b = stack.popLast(), let a = stack.popLast() else { return true }
                stack.append((a.holds && b.holds, a.fails || b.fails))
            case .or:
                guard let b = stack.popLast(), let a = stack.popLast() else { return true }
                stack.append((a.holds || b.holds, a.fails && b.fails))
            case .not:
                guard let a = stack.popLast() else { return true }
                stack.append((a.fails, a.holds))
            }
        }
        return stack.last?.holds ?? true
    }
}

extension Term {
    /// Between which its values lie, whatever the prices are; `nil`: no bound.
    fileprivate var range: (least: Fraction?, most: Fraction?) {
        switch self {
        case .rsi: (.zero, Fraction(whole: 100))
        case .volume, .volumeSMA: (.zero, nil)
        case .indicator(let call, _):
            switch call.name {
            case "stochastic", "adx": (.zero, Fraction(whole: 100))
            case "atr", "stddev": (.zero, nil)
            default: (nil, nil)
            }
        default: (nil, nil)
        }
    }

    /// Of terms that have a range.
    fileprivate var word: String {
        switch self {
        case .rsi: "an RSI"
        case .volume: "a volume"
        case .volumeSMA: "a mean of volumes"
        case .indicator(let call, _): call.name
        default: "it"
        }
    }
}
