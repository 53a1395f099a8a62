import Indicators
import TradingModel

/// Where the evaluation finds a number: in the event, or in the state's n-th indicator of a kind.
enum Source: Hashable {
    case open, high, low, close, volume
    case sma(Int), volumeSMA(Int), ema(Int), wma(Int), rsi(Int), past(Int), change(Int)
    case extreme(Int)
    /// Its output.
    case indicator(Int, Int)
}

/// A rule laid out for evaluation: flat arrays, no tree, nothing to allocate.
struct RuleLayout: Hashable {
    /// Postfix: a flag and a clock push, `and` and `or` take two, `not` one.
    enum Operation: Hashable {
        case flag(Int), and, or, not
        /// Pushes whether the event lies in that part of the day.
        case clock(Int)
    }
    /// Of highs or of lows; `isPast`: of the events before this one.
    struct Extreme: Hashable {
        let isHighest: Bool
        let length: Int
        let isPast: Bool
    }

    /// weight x units; sums of windows are not yet divided by their length, the weight is.
    struct ExactPart: Hashable {
        let source: Source
        let weight: Int128
    }
    /// weight x value in the quote currency.
    struct RealPart: Hashable {
        let source: Source
        let weight: Double
    }
    /// Its difference is the constant plus a run of parts.
    struct Comparison: Hashable {
        let relation: Relation
        let isExact: Bool
        let first: Int
        let end: Int
        let exactConstant: Int128
        let realConstant: Double
        /// A price that must be above zero, or the comparison has no value.
        let guarded: Int?
        /// Events that must have been seen before the first one at which it has a value.
        var warmUp = 0
    }

    var program: [Operation] = []
    private(set) var comparisons: [Comparison] = []
    private(set) var exactParts: [ExactPart] = []
    private(set) var realParts: [RealPart] = []
    private(set) var smas: [Int] = []
    private(set) var volumeSMAs: [Int] = []
    private(set) var emas: [Int] = []
    private(set) var rsis: [Int] = []
    private(set) var wmas: [Int] = []
    private(set) var extremes: [Extreme] = []
    private(set) var indicators: [IndicatorCall] = []
    private(set) var pasts: [PastSpan] = []
    private(set) var windows: [DayTime] = []

    /// Whether the local day or the time of the day is asked for.
    var readsClock: Bool {
        !windows.isEmpty || looksBackDays || indicators.contains { $0.readsDay }
    }
    /// Whether the last price of an earlier day is asked for.
    var looksBackDays: Bool { pasts.contains { if case .days = $0 { true } else { false } } }

    /// Events that must have been seen before the first one at which every comparison has a value.
    var longestWindow: Int { comparisons.map(\.warmUp).max() ?? 0 }

    /// Events that must have been seen before the first one at which everything in it is known.
    var warmUp: Int { comparisons.map(\.outcomeFrom).max() ?? 0 }

    /// Events that must have been seen before the first one at which the whole may be true.
    var mayHoldFrom: Int {
        var stack: [(holds: Int, fails: Int)] = []
        for operation in program {
            switch operation {
            case .flag(let index):
                let from = comparisons[index].outcomeFrom
                stack.append((from, from))
            case .clock: stack.append((0, 0))
            case .and, .or:
                guard let b = stack.popLast(), let a = stack.popLast() else { return warmUp }
                let both = (holds: max(a.holds, b.holds), fails: max(a.fails, b.fails))
                let one = (holds: min(a.holds, b.holds), fails: min(a.fails, b.fails))
                stack.append(
                    operation == .and ? (both.holds, one.fails) : (one.holds, both.fails))
            case .not:
                guard let a = stack.popLast() else { return warmUp }
                stack.append((a.fails, a.holds))
            }
        }
        return stack.last?.holds ?? warmUp
    }

    /// Of a source of a comparison, as ``Comparison/warmUp``.
    private func warmUp(of source: Source) -> Int {
        switch source {
        case .open, .high, .low, .close, .volume: 0
        case .sma(let index): smas[index] - 1
        case .volumeSMA(let index): volumeSMAs[index] - 1
        case .ema(let index): emas[index] - 1
        case .wma(let index): wmas[index] - 1
        case .rsi(let index): rsis[index]
        case .past(let index), .change(let index): pasts[index].warmUp
        case .extreme(let index):
            extremes[index].isPast ? extremes[index].length : extremes[index].length - 1
        case .indicator(let index, _): indicators[index].firstIndex
        }
    }

    mutating func source(of term: Term) -> Source {
        switch term {
        case .open: .open
        case .high: .high
        case .low: .low
        case .close: .close
        case .volume: .volume
        case .sma(let n): .sma(Self.place(of: n, in: &smas))
        case .volumeSMA(let n): .volumeSMA(Self.place(of: n, in: &volumeSMAs))
        case .ema(let n): .ema(Self.place(of: n, in: &emas))
        case .rsi(let n): .rsi(Self.place(of: n, in: &rsis))
        case .change(let span): .change(past(span))
        case .wma(let n): .wma(Self.place(of: n, in: &wmas))
        case .highest(let n): extreme(true, n, false)
        case .lowest(let n): extreme(false, n, false)
        case .resistance(let n): extreme(true, n, true)
        case .support(let n): extreme(false, n, true)
        case .indicator(let call, let output):
            .indicator(Self.place(of: call, in: &indicators), output)
        }
    }

    private mutating func extreme(_ isHighest: Bool, _ length: Int, _ isPast: Bool) -> Source {
        let extreme = Extreme(isHighest: isHighest, length: length, isPast: isPast)
        return .extreme(Self.place(of: extreme, in: &extremes))
    }

    mutating func past(_ span: PastSpan) -> Int { Self.place(of: span, in: &pasts) }
    mutating func window(_ window: DayTime) -> Int { Self.place(of: window, in: &windows) }

    private static func place<Key: Equatable>(of key: Key, in keys: inout [Key]) -> Int {
        if let index = keys.firstIndex(of: key) { return index }
        keys.append(key)
        return keys.count - 1
    }

    mutating func addReal(_ parts: [RealPart], _ constant: Double, _ relation: Relation) {
        let first = realParts.count
        realParts += parts
        comparisons.append(
            Comparison(
                relation: relation, isExact: false, first: first, end: realParts.count,
                exactConstant: 0, realConstant: constant, guarded: nil,
                warmUp: parts.map { warmUp(of: $0.source) }.max() ?? 0))
    }

    /// Multiplies everything by the common denominator.
    ///
    /// - Returns: False when the difference could pass 128 bits for some event.
    mutating func addExact(
        _ weights: [(Source, Fraction)], _ constant: Fraction, _ relation: Relation, guarding: Int?
    ) -> Bool {
        var common = constant.denominator
        for (_, weight) in weights {
            let shared = greatestCommonDivisor(common, weight.denominator)
            guard let next = product(common / shared, weight.denominator) else { return false }
            common = next
        }
        var parts: [ExactPart] = []
        var reach: Int128 = 0
        for (source, weight) in weights {
            guard let whole = product(weight.numerator, common / weight.denominator),
                let most = product(abs(whole), bound(of: source))
            else { return false }
            let (sum, overflow) = reach.addingReportingOverflow(most)
            guard !overflow else { return false }
            reach = sum
            if whole != 0 { parts.append(ExactPart(source: source, weight: whole)) }
        }
        guard let fixed = product(constant.numerator, common / constant.denominator), fixed != .min,
            !reach.addingReportingOverflow(abs(fixed)).overflow
        else { return false }
        let first = exactParts.count
        exactParts += parts
        let past = guarding.map { pasts[$0].warmUp } ?? 0
        comparisons.append(
            Comparison(
                relation: relation, isExact: true, first: first, end: exactParts.count,
                exactConstant: fixed, realConstant: 0, guarded: guarding,
                warmUp: weights.reduce(past) { max($0, warmUp(of: $1.0)) }))
        return true
    }

    /// What the magnitude of a source cannot pass, in units.
    private func bound(of source: Source) -> Int128 {
        switch source {
        case .volume: RollingVolume.limit
        case .sma(let index): Int128(smas[index]) << 63
        case .wma(let index): Int128(WMA.divisor(wmas[index])) << 63
        case .volumeSMA(let index): Int128(volumeSMAs[index]) * RollingVolume.limit
        default: 1 << 63
        }
    }
}

extension RuleLayout.Comparison {
    /// Events that must have been seen before the first one at which its outcome may be known.
    var outcomeFrom: Int { warmUp + (relation.isCrossing ? 1 : 0) }
}
