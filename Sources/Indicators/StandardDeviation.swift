public import TradingModel

/// The population standard deviation of the last `length` prices (divisor n).
///
/// σ[i] = √((n x Σp² - (Σp)²) / n²). Warm-up: first value at index `length` - 1. Both sums are
/// exact integers, so equal prices give exactly 0 and nothing drifts; only the last step rounds.
/// Source: TA-Lib's STDDEV.
public struct StandardDeviation: Sendable {
    private var window: Window
    /// In units; with the missing values as 0.
    private(set) var sum: Int128 = 0
    private var squares = WideSum()

    /// - Parameter length: In ``RollingSum/lengths``.
    public init(length: Int) { window = Window(length: length) }

    public var length: Int { window.length }
    public var isReady: Bool { window.isFull }
    /// The mean of the window in the quote currency.
    public var mean: Double? {
        isReady ? rounded(sum) / (Double(length) * Double(fixedPointScale)) : nil
    }
    public var value: Double? {
        guard isReady else { return nil }
        return spread / (Double(length) * Double(fixedPointScale))
    }

    /// √(n x Σp² - (Σp)²), in units.
    private var spread: Double {
        var difference = squares.times(length)
        difference.subtract(sum, times: sum)
        return difference.double.squareRoot()
    }

    /// How many deviations `price` lies above the mean; `nil` while all prices are equal.
    public func score(of price: Price) -> Double? {
        let spread = spread
        guard isReady, spread > 0 else { return nil }
        return rounded(Int128(price.units) * Int128(length) - sum) / spread
    }

    public mutating func push(_ price: Price) {
        let oldest = window.push(price.units)
        sum += Int128(price.units) - Int128(oldest)
        squares.add(Int128(price.units), times: Int128(price.units))
        squares.subtract(Int128(oldest), times: Int128(oldest))
    }

    public func hash(into hasher: inout StateHasher) { window.hash(into: &hasher) }
}

/// Bollinger bands: the mean of the last `length` prices, and `factor` deviations on both sides.
///
/// upper = sma + factor x σ, lower = sma - factor x σ, with the population deviation. Warm-up:
/// first values at index `length` - 1. Outputs: upper, middle, lower. Source: `oracles/indicators`
/// (TA-Lib's BBANDS).
public struct BollingerBands: Indicator {
    private var deviation: StandardDeviation
    private let factor: Double

    /// - Parameters:
    ///   - length: In ``RollingSum/lengths``.
    ///   - factor: In deviations.
    public init(length: Int = 20, factor: Double = 2) {
        deviation = StandardDeviation(length: length)
        self.factor = factor
    }

    public var isReady: Bool { deviation.isReady }
    public mutating func push(_ price: Price) { deviation.push(price) }
    public mutating func push(_ bar: Bar) { deviation.push(bar.close) }

    public func value(_ output: Int) -> Double? {
        guard let mean = deviation.mean, let spread = deviation.value else { return nil }
        return switch output {
        case 0: mean + factor * spread
        case 1: mean
        default: mean - factor * spread
        }
    }

    public func hash(into hasher: inout StateHasher) {
        deviation.hash(into: &hasher)
        hasher.combine(factor)
    }
}
