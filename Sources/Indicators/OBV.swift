public import TradingModel

/// On-balance volume: volumes of rising closes added up, of falling ones taken away.
///
/// obv[0] = volume[0]; then + volume[i] when close[i] > close[i-1], - volume[i] when below, and
/// unchanged when equal. Warm-up: first value at index 0. Exact. Source: TA-Lib's OBV.
public struct OBV: Indicator {
    private var before: Price?
    /// In units; it stays at the end of 128 bits, which no market reaches.
    public private(set) var units: Int128 = 0

    public init() {}

    public mutating func push(_ bar: Bar) {
        let volume = RollingVolume.clamped(bar.volume.units)
        let step = before.map { bar.close > $0 ? volume : bar.close < $0 ? -volume : 0 } ?? volume
        before = bar.close
        let (sum, overflow) = units.addingReportingOverflow(step)
        units = overflow ? (step > 0 ? .max : .min) : sum
    }

    public func value(_ output: Int) -> Double? {
        before == nil ? nil : rounded(units) / Double(fixedPointScale)
    }

    public func hash(into hasher: inout StateHasher) {
        hasher.combine(before != nil)
        hasher.combine(before?.units ?? 0)
        hasher.combine(units)
    }
}
