import TradingModel

/// Prices that wander, one print after the other.
struct Market: Sendable {
    private var draw: SeededStream
    private var prices: [Int64]
    private let ladders: [PriceLadder]

    init(_ scenario: Scenario) {
        draw = SeededStream(seed: scenario.seed, .market)
        prices = scenario.firstPrices.map { $0 * fixedPointScale }
        ladders = scenario.instruments.map(\.ladder)
    }

    mutating func next(at now: Timestamp) -> Tick {
        let index = Int(draw.number(0...Int64(prices.count - 1)))
        let step = ladders[index].step(at: Price(units: prices[index])).units
        // Mostly a step or two, now and then a jump.
        let steps = draw.oneIn(20) ? draw.number(-12...12) : draw.number(-2...2)
        prices[index] = max(step * 20, prices[index] + steps * step)
        let price = Price(units: prices[index]).roundedDown(
            toMultipleOf: ladders[index].step(at: Price(units: prices[index])))
        return Tick(
            instrument: InstrumentID(index), feedTime: now, price: price,
            quantity: Quantity(units: draw.number(1...50) * fixedPointScale))
    }

    mutating func split(_ instrument: Int, _ new: Int64, _ old: Int64) {
        prices[instrument] = prices[instrument] / new * old
    }
    func price(of instrument: Int) -> Price { Price(units: prices[instrument]) }
    mutating func wait(_ range: ClosedRange<Nanoseconds>) -> Nanoseconds { draw.span(range) }
}
