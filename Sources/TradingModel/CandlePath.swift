/// In which order the prices of a candle came, as exits take it to have been. Nobody knows from four prices.
public enum CandlePath: Hashable, Sendable, CaseIterable {
    /// Open, low, high, close: a stop before a target that the same candle reached. The worst for who holds.
    case lowFirst
    /// Open, high, low, close.
    case highFirst
    /// First whichever of low and high is nearer to the open; the low where both are as near.
    case nearerFirst
    /// Nothing is taken for known: exits look at a candle when it has ended, and sell from the next one on.
    case atClose

    /// The turning points, from the open to the close. Empty: exits do not follow the candle.
    ///
    /// A price that is not above zero is a column left empty, and none of the points lies outside of low and high.
    public func points(of candle: Candle) -> [Price] {
        guard self != .atClose, candle.open.units > 0, candle.close.units > 0 else { return [] }
        let (open, close) = (candle.open, candle.close)
        let high = max(candle.high, open, close)
        let low = candle.low.units > 0 ? min(candle.low, open, close) : min(open, close)
        let isHighFirst =
            switch self {
            case .highFirst: true
            case .nearerFirst: high.units - open.units < open.units - low.units
            case .lowFirst, .atClose: false
            }
        return isHighFirst ? [open, high, low, close] : [open, low, high, close]
    }
}
