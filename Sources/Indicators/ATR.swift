public import TradingModel

/// The true range of each bar but the first: the farthest apart of high, low and the close before.
struct TrueRange: Sendable {
    private(set) var before: Price?

    /// In the quote currency; `nil` at the first bar.
    mutating func push(_ bar: Bar) -> Double? {
        defer { before = bar.close }
        guard let before else { return nil }
        return max(
            difference(bar.high, bar.low), abs(difference(bar.high, before)),
            abs(difference(bar.low, before)))
    }

    func hash(into hasher: inout StateHasher) {
        hasher.combine(before != nil)
        hasher.combine(before?.units ?? 0)
    }
}

/// Wilder's average true range.
///
/// tr = max(high - low, |high - close before|, |low - close before|), from index 1 on. At index n
/// the plain mean of the first n, then atr = (atr x (n-1) + tr) / n. Warm-up: first value at index
/// n. Floating point in exactly this order. Source: `oracles/indicators` (TA-Lib's ATR, classic).
public struct ATR: Indicator {
    private var range = TrueRange()
    private let length: Int
    private var missing: Int
    /// The sum while warming up, then the average.
    private var current: Double = 0

    /// - Parameter length: In ``RollingSum/lengths``.
    public init(length: Int = 14) {
        precondition(RollingSum.lengths.contains(length), "ATR length outside 1...512")
        self.length = length
        missing = length
    }

    public var value: Double? { missing == 0 ? current : nil }
    public func value(_ output: Int) -> Double? { value }

    public mutating func push(_ bar: Bar) {
        guard let next = range.push(bar) else { return }
        if missing == 0 {
            current = (current * Double(length - 1) + next) / Double(length)
        } else {
            current += next
            missing -= 1
            if missing == 0 { current /= Double(length) }
        }
    }

    public func hash(into hasher: inout StateHasher) {
        range.hash(into: &hasher)
        hasher.combine(length)
        hasher.combine(missing)
        hasher.combine(current)
    }
}

/// Keltner channel: an average, and `factor` average true ranges on both sides.
///
/// middle = ema(length), upper and lower = middle ± factor x atr(range). Warm-up: first values
/// where both have one, at index max(length - 1, range). Outputs: upper, middle, lower. Source:
/// the form of Linda Raschke (1980s), of TA-Lib's EMA and ATR.
public struct KeltnerChannel: Indicator {
    private var middle: EMA
    private var range: ATR
    private let factor: Double

    public init(length: Int = 20, factor: Double = 2, range: Int = 10) {
        middle = EMA(length: length)
        self.range = ATR(length: range)
        self.factor = factor
    }

    public mutating func push(_ bar: Bar) {
        middle.push(bar.close)
        range.push(bar)
    }

    public func value(_ output: Int) -> Double? {
        guard let middle = middle.value, let range = range.value else { return nil }
        return switch output {
        case 0: middle + factor * range
        case 1: middle
        default: middle - factor * range
        }
    }

    public func hash(into hasher: inout StateHasher) {
        middle.hash(into: &hasher)
        range.hash(into: &hasher)
        hasher.combine(factor)
    }
}
