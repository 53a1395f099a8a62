public import TradingModel

/// The commodity channel index: how far the typical price is from its mean, in mean deviations.
///
/// t = (high + low + close) / 3; cci[i] = (t[i] - mean) / (0.015 x mean of |t - mean|) over the last
/// n bars, and 0 when all are equal. Warm-up: first value at index n - 1. Sums and deviations are
/// exact integers. Source: TA-Lib's CCI.
///
/// The deviations are all from a mean that moves with each bar: they are added up anew, O(n) a
/// value; every other indicator is O(1).
public struct CCI: Indicator {
    private var window: [Int128]
    private var at = 0
    private var isFull = false
    private var sum: Int128 = 0
    private var newest: Int128 = 0

    /// - Parameter length: 2 to 512.
    public init(length: Int = 20) {
        precondition(RSI.lengths.contains(length), "CCI length outside 2...512")
        window = Array(repeating: 0, count: length)
    }

    public mutating func push(_ bar: Bar) {
        newest = bar.typicalThrice
        sum += newest - window[at]
        window[at] = newest
        at += 1
        if at == window.count {
            at = 0
            isFull = true
        }
    }

    public var value: Double? {
        guard isFull else { return nil }
        let n = Int128(window.count)
        var deviations: Int128 = 0  // 66 + 9 + 1 bits each, 512 of them
        for typical in window {
            let distance = typical * n - sum
            deviations += distance < 0 ? -distance : distance
        }
        guard deviations > 0 else { return 0 }
        return rounded(newest * n - sum) / (0.015 * (rounded(deviations) / Double(window.count)))
    }
    public func value(_ output: Int) -> Double? { value }

    public func hash(into hasher: inout StateHasher) {
        hasher.combine(at)
        hasher.combine(isFull)
        for typical in window { hasher.combine(typical) }
    }
}
