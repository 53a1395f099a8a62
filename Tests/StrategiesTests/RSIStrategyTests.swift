import Strategies
import TestKit
import Testing
import TradingModel

@Suite struct RSIStrategyTests {
    /// Length 2: index 2 is the first with a value, index 3 the first that can signal.
    @Test func buysOnTheWayUpThroughTheLowBound() {
        var strategy = RSIStrategy(length: 2)
        let actions = [100, 90, 80, 79, 95, 96].map { strategy.onTick(.sample($0))?.action }
        #expect(actions == [nil, nil, nil, nil, .buy, nil])
    }

    @Test func sellsOnTheWayDownThroughTheHighBound() {
        var strategy = RSIStrategy(length: 2)
        let actions = [100, 110, 120, 121, 105, 104].map { strategy.onTick(.sample($0))?.action }
        #expect(actions == [nil, nil, nil, nil, .sell, nil])
    }

    /// 3 up and 7 down of a first window of ten: exactly 30, which is not yet above.
    @Test func exactlyTheBoundIsNotThroughIt() {
        var strategy = RSIStrategy(length: 10, low: 30_000_000)
        let prices: [Int64] = [100, 101, 102, 103, 102, 101, 100, 99, 98, 97, 96]
        #expect(prices.allSatisfy { strategy.onTick(.sample($0)) == nil })
        #expect(strategy.onTick(.sample(97))?.action == .buy)
    }

    @Test func flatPricesSignalNothing() {
        var strategy = RSIStrategy()
        for _ in 0..<200 { #expect(strategy.onTick(.sample(100)) == nil) }
    }

    @Test(arguments: [2, 14, 100])
    func firstSignalCanComeAfterTheWarmUp(_ length: Int) throws {
        let builtIn = try BuiltInStrategy.named("rsi")
        let warmUp = try builtIn.warmUp(parameters: ["length": "\(length)"])
        #expect(warmUp == length + 1)
        var strategy = try builtIn.make(parameters: ["length": "\(length)"])
        for index in 0..<warmUp { #expect(strategy.onTick(.sample(10_000 - Int64(index))) == nil) }
        #expect(strategy.onTick(.sample(20_000))?.action == .buy)
    }

    @Test func extremePricesDoNotTrap() {
        var random = SeededRandom(2)
        var strategy = RSIStrategy()
        for _ in 0..<2_000 {
            let extremes: [Int64] = [.max, .min, .max / 2, 0]
            _ = strategy.onTick(
                Tick(
                    instrument: InstrumentID(0), feedTime: .zero,
                    price: Price(units: extremes.randomElement(using: &random) ?? 0),
                    quantity: .zero))
        }
    }

    @Test func resultsNameWhatHappened() throws {
        var strategy = RSIStrategy(length: 2, low: 30_500_000)
        for price in [100, 90, 80] as [Int64] { _ = strategy.onTick(.sample(price)) }
        let crossed = strategy.onTick(.sample(95))
        let result = try #require(crossed)
        #expect(result.message == "RSI2 rose above 30.5")
        #expect(result.reasons == ["rsi>30.5"])
    }
}
