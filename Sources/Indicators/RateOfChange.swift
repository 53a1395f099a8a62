public import TradingModel

/// The rate of change over `length` events, in percent.
///
/// roc[i] = (p[i] - p[i-n]) / p[i-n] x 100. Warm-up: first value at index `length`; no value while
/// the older price is not above zero. Source: TA-Lib's ROC (which says 0 there).
public struct RateOfChange: Sendable {
    private var window: Window
    private var past: Price?
    private var now = Price.zero

    /// - Parameter length: In ``RollingSum/lengths``.
    public init(length: Int) { window = Window(length: length) }

    public var value: Double? {
        guard let past, past.units > 0 else { return nil }
        return difference(now, past) / currency(past) * 100
    }

    public mutating func push(_ price: Price) {
        let had = window.isFull
        let oldest = window.push(price.units)
        past = had ? Price(units: oldest) : nil
        now = price
    }

    public func hash(into hasher: inout StateHasher) {
        window.hash(into: &hasher)
        hasher.combine(past != nil)
        hasher.combine(past?.units ?? 0)
    }
}
