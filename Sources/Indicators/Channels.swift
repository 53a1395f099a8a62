public import TradingModel

/// The highest high or the lowest low of the last `length` bars, the newest included.
///
/// Warm-up: first value at index `length` - 1. Exact. Source: TA-Lib's MAX of highs, MIN of lows.
public struct Extreme: Indicator {
    private let side: RollingExtreme.Side
    private var window: RollingExtreme

    /// - Parameter length: In ``RollingSum/lengths``.
    public init(_ side: RollingExtreme.Side, length: Int) {
        self.side = side
        window = RollingExtreme(side, length: length)
    }

    public var price: Price? { window.price }
    public mutating func push(_ bar: Bar) { window.push(side == .highest ? bar.high : bar.low) }
    public func value(_ output: Int) -> Double? { window.price.map(currency) }
    public func hash(into hasher: inout StateHasher) { window.hash(into: &hasher) }
}

/// Donchian channel: the highest high and the lowest low of the last `length` bars.
///
/// middle = (upper + lower) / 2. Warm-up: first values at index `length` - 1. The newest bar is in
/// it: a break is a price beyond the channel as it was one bar before. Exact but for the last
/// rounding. Outputs: upper, middle, lower. Source: TA-Lib's MAX and MIN.
public struct DonchianChannel: Indicator {
    private var highest: RollingExtreme
    private var lowest: RollingExtreme

    /// - Parameter length: In ``RollingSum/lengths``.
    public init(length: Int = 20) {
        highest = RollingExtreme(.highest, length: length)
        lowest = RollingExtreme(.lowest, length: length)
    }

    /// The channel so far; `nil` while warming up.
    public var upper: Price? { highest.price }
    public var lower: Price? { lowest.price }

    public mutating func push(_ bar: Bar) {
        highest.push(bar.high)
        lowest.push(bar.low)
    }

    public func value(_ output: Int) -> Double? {
        guard let high = highest.price, let low = lowest.price else { return nil }
        return switch output {
        case 0: currency(high)
        case 1:
            rounded(Int128(high.units) + Int128(low.units)) / (2 * Double(fixedPointScale))
        default: currency(low)
        }
    }

    public func hash(into hasher: inout StateHasher) {
        highest.hash(into: &hasher)
        lowest.hash(into: &hasher)
    }
}
