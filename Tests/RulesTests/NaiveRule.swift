import TradingModel

/// An exact fraction of small numbers.
struct Exact: Comparable {
    let top: Int128
    let bottom: Int128

    init(_ top: Int128, _ bottom: Int128 = 1) {
        var (a, b) = (abs(top), abs(bottom))
        while b != 0 { (a, b) = (b, a % b) }
        let sign: Int128 = bottom < 0 ? -1 : 1
        self.top = sign * top / max(a, 1)
        self.bottom = sign * bottom / max(a, 1)
    }
    static func + (a: Exact, b: Exact) -> Exact {
        Exact(a.top * b.bottom + b.top * a.bottom, a.bottom * b.bottom)
    }
    static func * (a: Exact, b: Exact) -> Exact { Exact(a.top * b.top, a.bottom * b.bottom) }
    static func < (a: Exact, b: Exact) -> Bool { a.top * b.bottom < b.top * a.bottom }
    var double: Double { Double(top) / Double(bottom) }
}

/// What the naive interpreter makes of a value.
enum Naive {
    case exact(Exact)
    case rounded(Double)

    var double: Double {
        switch self {
        case .exact(let value): value.double
        case .rounded(let value): value
        }
    }
    static func + (a: Naive, b: Naive) -> Naive {
        if case .exact(let x) = a, case .exact(let y) = b { return .exact(x + y) }
        return .rounded(a.double + b.double)
    }
    static func * (a: Exact, b: Naive) -> Naive {
        if case .exact(let y) = b { return .exact(a * y) }
        return .rounded(a.double * b.double)
    }
}

/// The candles so far, whole numbers.
struct History {
    var open: [Int128] = []
    var high: [Int128] = []
    var low: [Int128] = []
    var close: [Int128] = []
    var volume: [Int128] = []
}

/// A value as a tree, computed afresh from all history at each index.
indirect enum Expression {
    case number(Exact, String)
    case field(String)
    case function(String, Int)
    case sum(Expression, Expression, minus: Bool)
    case scaled(Exact, String, Expression, numberFirst: Bool)

    var text: String {
        switch self {
        case .number(_, let text): text
        case .field(let name): name
        case .function("vsma", let n): "sma(volume, \(n))"
        case .function(let name, let n): "\(name)(\(n))"
        case .sum(let a, let b, let minus): "\(a.text) \(minus ? "-" : "+") (\(b.text))"
        case .scaled(_, let text, let a, let first):
            first ? "\(text)*(\(a.text))" : "(\(a.text)) * \(text)"
        }
    }

    /// Names and lengths of everything in it that needs history.
    var functions: [(String, Int)] {
        switch self {
        case .number, .field: []
        case .function(let name, let n): [(name, n)]
        case .sum(let a, let b, _): a.functions + b.functions
        case .scaled(_, _, let a, _): a.functions
        }
    }

    /// Adds `factor` times the weight of each function in it.
    func weigh(_ factor: Exact, into weights: inout [String: Exact]) {
        switch self {
        case .number, .field: break
        case .function: weights[text] = (weights[text] ?? Exact(0)) + factor
        case .sum(let a, let b, let minus):
            a.weigh(factor, into: &weights)
            b.weigh(minus ? factor * Exact(-1) : factor, into: &weights)
        case .scaled(let by, _, let a, _): a.weigh(factor * by, into: &weights)
        }
    }

    /// - Returns: `nil` when a change has no value.
    func value(_ history: History, _ i: Int) -> Naive? {
        switch self {
        case .number(let value, _): return .exact(value)
        case .field(let name): return .exact(Exact(Self.field(name, history, i)))
        case .function(let name, let n): return Self.function(name, n, history, i)
        case .sum(let a, let b, let minus):
            guard let x = a.value(history, i), let y = b.value(history, i) else { return nil }
            return x + (minus ? Exact(-1) * y : y)
        case .scaled(let factor, _, let a, _):
            guard let x = a.value(history, i) else { return nil }
            return factor * x
        }
    }

    private static func field(_ name: String, _ history: History, _ i: Int) -> Int128 {
        switch name {
        case "open": history.open[i]
        case "high": history.high[i]
        case "low": history.low[i]
        case "volume": history.volume[i]
        default: history.close[i]
        }
    }

    private static func function(_ name: String, _ n: Int, _ history: History, _ i: Int) -> Naive? {
        let close = history.close
        switch name {
        case "sma": return .exact(Exact(close[(i - n + 1)...i].reduce(0, +), Int128(n)))
        case "vsma": return .exact(Exact(history.volume[(i - n + 1)...i].reduce(0, +), Int128(n)))
        case "wma":
            let weighted = (1...n).reduce(Int128(0)) { $0 + Int128($1) * close[i - n + $1] }
            return .exact(Exact(weighted, Int128(n * (n + 1) / 2)))
        case "highest": return .exact(Exact(history.high[(i - n + 1)...i].max() ?? 0))
        case "lowest": return .exact(Exact(history.low[(i - n + 1)...i].min() ?? 0))
        case "resistance": return .exact(Exact(history.high[(i - n)..<i].max() ?? 0))
        case "support": return .exact(Exact(history.low[(i - n)..<i].min() ?? 0))
        case "donchian_middle":
            let window = (i - n + 1)...i
            let sum = (history.high[window].max() ?? 0) + (history.low[window].min() ?? 0)
            return .exact(Exact(sum, 2))
        case "change":
            guard close[i - n] > 0 else { return nil }
            return .exact(Exact(close[i] - close[i - n], close[i - n]))
        case "ema":
            var value = close[0..<n].reduce(0.0) { $0 + Double($1) } / Double(n)
            for index in n..<max(n, i + 1) {
                value += 2 / Double(n + 1) * (Double(close[index]) - value)
            }
            return .rounded(value)
        default:
            var (gain, loss) = (0.0, 0.0)
            for index in 1...i {
                let change = Double(close[index] - close[index - 1])
                let share = index <= n ? 1 / Double(n) : 1
                let keep = index <= n ? 1 : Double(n - 1) / Double(n)
                gain = gain * keep + max(change, 0) * share / (index <= n ? 1 : Double(n))
                loss = loss * keep + max(-change, 0) * share / (index <= n ? 1 : Double(n))
            }
            return .rounded(gain + loss == 0 ? 0 : 100 * gain / (gain + loss))
        }
    }
}

/// What is not known lies between what does not hold and what does: `and` is the least, `or` the most.
enum Truth: Int, Comparable {
    case no, unknown, yes
    init(_ holds: Bool) { self = holds ? .yes : .no }
    static func < (a: Truth, b: Truth) -> Bool { a.rawValue < b.rawValue }
}

/// A condition as a tree.
indirect enum Condition {
    case compare(Expression, String, Expression)
    case cross(String, Expression, Expression)
    case join(Condition, String, Condition)
    case not(Condition)

    var text: String {
        switch self {
        case .compare(let a, let relation, let b): "\(a.text) \(relation) \(b.text)"
        case .cross(let name, let a, let b): "\(name)(\(a.text), \(b.text))"
        case .join(let a, let word, let b): "(\(a.text)) \(word) (\(b.text))"
        case .not(let a): "not (\(a.text))"
        }
    }

    /// What needs n events before its first value.
    static let whole = ["rsi", "change", "resistance", "support"]

    var leaves: [Condition] {
        switch self {
        case .compare, .cross: [self]
        case .join(let a, _, let b): a.leaves + b.leaves
        case .not(let a): a.leaves
        }
    }

    /// Whether something in it has no weight: a rule then does not ask for its value.
    var cancels: Bool {
        leaves.contains { leaf in
            var weights: [String: Exact] = [:]
            switch leaf {
            case .compare(let a, _, let b), .cross(_, let a, let b):
                a.weigh(Exact(1), into: &weights)
                b.weigh(Exact(-1), into: &weights)
            default: break
            }
            return weights.values.contains { $0.top == 0 }
        }
    }

    /// The first index at which everything in it is known.
    var warmUp: Int { leaves.map(\.outcomeFrom).max() ?? 0 }

    /// Of a comparison or crossing: its values, and the first index at which both have one.
    private var sides: (a: Expression, b: Expression, from: Int)? {
        switch self {
        case .compare(let a, _, let b), .cross(_, let a, let b):
            let from = (a.functions + b.functions).map { name, n in
                Self.whole.contains(name) ? n : n - 1
            }
            return (a, b, from.max() ?? 0)
        case .join, .not: return nil
        }
    }

    private var outcomeFrom: Int {
        guard let sides else { return 0 }
        if case .cross = self { return sides.from + 1 }
        return sides.from
    }

    /// Kleene's logic at i, from all history; `nil` where rounding may decide.
    func truth(_ history: History, _ i: Int) -> Truth? {
        for leaf in leaves {
            let last = leaf.sign(history, i)
            let before = leaf.sign(history, i - 1)
            if last?.clear == false { return nil }
            if case .cross = leaf, before?.clear == false { return nil }
        }
        return outcome(history, i)
    }

    private func outcome(_ history: History, _ i: Int) -> Truth {
        switch self {
        case .compare(_, let relation, _):
            guard let sign = sign(history, i)?.value else { return .unknown }
            let holds =
                switch relation {
                case ">": sign > 0
                case ">=": sign >= 0
                case "<": sign < 0
                case "<=": sign <= 0
                default: sign == 0
                }
            return Truth(holds)
        case .cross(let name, _, _):
            guard let now = sign(history, i)?.value, let before = sign(history, i - 1)?.value
            else { return .unknown }
            return Truth(name == "cross_above" ? now > 0 && before <= 0 : now < 0 && before >= 0)
        case .join(let a, "and", let b): return min(a.outcome(history, i), b.outcome(history, i))
        case .join(let a, _, let b): return max(a.outcome(history, i), b.outcome(history, i))
        case .not(let a):
            switch a.outcome(history, i) {
            case .no: return .yes
            case .unknown: return .unknown
            case .yes: return .no
            }
        }
    }

    /// Of a comparison or crossing; `nil` while it has no value.
    private func sign(_ history: History, _ i: Int) -> (value: Int, clear: Bool)? {
        guard let sides, i >= sides.from else { return nil }
        return Self.sign(sides.a, sides.b, history, i)
    }

    /// The sign of a - b, and whether it is beyond what rounding can do.
    private static func sign(
        _ a: Expression, _ b: Expression, _ history: History, _ i: Int
    ) -> (value: Int, clear: Bool)? {
        guard let x = a.value(history, i), let y = b.value(history, i) else { return nil }
        if case .exact(let p) = x, case .exact(let q) = y {
            let changes = Set((a.functions + b.functions).filter { $0.0 == "change" }.map(\.1))
            let value = p > q ? 1 : p < q ? -1 : 0
            return (value, changes.count < 2 || abs(p.double - q.double) > 1e-9)
        }
        let difference = x.double - y.double
        return (difference > 0 ? 1 : -1, abs(difference) > 1e-7)
    }
}
