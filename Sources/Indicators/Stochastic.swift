public import TradingModel

/// The slow stochastic oscillator, 0 to 100.
///
/// raw = 100 x (close - lowest low) / (highest high - lowest low) of the last `length` bars, 0
/// when the range is empty; k = mean of the last `smoothing` raw values, d = mean of the last
/// `signal` k. Warm-up: both begin at index length + smoothing + signal - 3. Outputs: k, d. With
/// a smoothing of 1 it is the fast stochastic. Source: `oracles/indicators` (TA-Lib's STOCH, and
/// STOCHF).
public struct Stochastic: Indicator {
    private var highest: RollingExtreme
    private var lowest: RollingExtreme
    private var raw: RollingMean
    private var smooth: RollingMean

    /// - Parameters: All in ``RollingSum/lengths``.
    public init(length: Int = 14, smoothing: Int = 3, signal: Int = 3) {
        highest = RollingExtreme(.highest, length: length)
        lowest = RollingExtreme(.lowest, length: length)
        raw = RollingMean(length: smoothing)
        smooth = RollingMean(length: signal)
    }

    public mutating func push(_ bar: Bar) {
        highest.push(bar.high)
        lowest.push(bar.low)
        guard let high = highest.price, let low = lowest.price else { return }
        let span = difference(high, low)
        raw.push(span == 0 ? 0 : 100 * (difference(bar.close, low) / span))
        guard let k = raw.value else { return }
        smooth.push(k)
    }

    public func value(_ output: Int) -> Double? {
        guard let d = smooth.value else { return nil }
        return output == 0 ? raw.value : d
    }

    public func hash(into hasher: inout StateHasher) {
        highest.hash(into: &hasher)
        lowest.hash(into: &hasher)
        raw.hash(into: &hasher)
        smooth.hash(into: &hasher)
    }
}
