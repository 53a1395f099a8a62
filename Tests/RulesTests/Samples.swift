import Rules
import Testing
import TradingModel

extension Tick {
    static func sample(_ price: Int64, quantity: Int64 = 1, at second: Int64 = 0) -> Tick {
        Tick(
            instrument: InstrumentID(0), feedTime: Timestamp(nanoseconds: second * 1_000_000_000),
            price: Price(units: price * fixedPointScale),
            quantity: Quantity(units: quantity * fixedPointScale))
    }
}

extension Candle {
    static func sample(
        open: Price, high: Price, low: Price, close: Price, volume: Volume, at minute: Int64 = 0
    ) throws -> Candle {
        Candle(
            instrument: InstrumentID(0), interval: try #require(Interval("1m")),
            openTime: Timestamp(nanoseconds: minute * 60_000_000_000), open: open, high: high,
            low: low, close: close, volume: volume)
    }
}

extension RuleState {
    /// At which of the prices the rule speaks, one tick a second.
    static func speaks(
        _ text: String, _ prices: [Int64], every: RuleRepeat = .crossing,
        cooldown: Nanoseconds = .zero
    ) throws -> [Int] {
        var state = RuleState(try Rule.compile(text), every: every, cooldown: cooldown)
        return prices.indices.filter { state.onTick(.sample(prices[$0], at: Int64($0))) }
    }

    /// Whether the condition holds after each price.
    static func holds(_ text: String, _ prices: [Int64]) throws -> [Bool] {
        var state = RuleState(try Rule.compile(text))
        return prices.map {
            _ = state.onTick(.sample($0))
            return state.isTrue
        }
    }
}
