import TradingModel

/// How much worse than its print a market order fills. A limit order never fills beyond its limit.
public enum Slippage: Hashable, Sendable {
    case none
    /// Price steps of the instrument, at the print's price.
    case steps(Int64)
    /// Of the price, at 10⁻⁶ of a basis point; then on to the next price of the ladder, to our harm.
    case microBasisPoints(Int64)

    /// Saturates; a sale never falls below one price step, nor below zero where any price is good.
    func worsened(_ price: Price, for side: Side, on ladder: PriceLadder) -> Price {
        let step = ladder.step(at: price)
        let distance: Int128
        switch self {
        case .none: return price
        case .steps(let count): distance = Int128(step.units) * Int128(count)
        case .microBasisPoints(let share):
            // Up, so that the smallest share is felt.
            distance = (Int128(price.units) * Int128(share) + 9_999_999_999) / 10_000_000_000
        }
        let moved = Price(
            units: Int64(clamping: Int128(price.units) + distance * Int128(side.sign)))
        let least = Price(units: max(step.units, 1))
        switch side {
        case .buy: return moved.roundedUp(toMultipleOf: ladder.step(at: moved))
        case .sell:
            return max(moved.roundedDown(toMultipleOf: ladder.step(at: moved)), min(price, least))
        }
    }
}
