import Strategies
import TestKit
import Testing
import TradingModel

@Suite struct MACrossTests {
    static func actions(_ strategy: MACross, _ prices: [Int64]) -> [Action?] {
        var strategy = strategy
        return prices.map { strategy.onTick(.sample($0))?.action }
    }

    /// A tie on the way up is not a cross until it is left upward; leaving it downward is a dead
    /// cross.
    @Test(
        arguments: [
            ([5, 5, 5, 6, 5, 5], [nil, nil, nil, .buy, nil, .sell]),
            ([5, 5, 5, 4, 5, 5, 4], [nil, nil, nil, .sell, nil, .buy, .sell]),
            ([5, 6, 7, 8, 7, 6], [nil, nil, nil, nil, nil, .sell]),
            ([5, 5, 6], [nil, nil, nil]),
        ] as [([Int64], [Action?])])
    func crossesOfTwoAndThree(_ prices: [Int64], _ wanted: [Action?]) {
        #expect(Self.actions(MACross(fast: 2, slow: 3), prices) == wanted)
    }

    @Test(arguments: [(20, 60), (1, 2), (50, 200), (511, 512)])
    func firstSignalCanComeAtTheIndexOfTheSlowLength(_ fast: Int, _ slow: Int) throws {
        let flat = Array(repeating: Int64(100), count: slow)
        #expect(Self.actions(MACross(fast: fast, slow: slow), flat).allSatisfy { $0 == nil })
        let rises = Self.actions(MACross(fast: fast, slow: slow), flat + [101])
        #expect(rises.firstIndex(of: .buy) == slow)
        let early = Self.actions(MACross(fast: fast, slow: slow), flat.dropLast() + [101])
        #expect(early.allSatisfy { $0 == nil })
        let builtIn = try BuiltInStrategy.named("ma_cross")
        #expect(try builtIn.warmUp(parameters: ["fast": "\(fast)", "slow": "\(slow)"]) == slow)
    }

    /// Against means summed afresh, on a ladder so coarse that ties abound.
    @Test(arguments: [(2, 5), (20, 60), (20, 65), (70, 130)], seeds(0..<5))
    func signalsAsANaiveReference(_ lengths: (Int, Int), _ seed: UInt64) {
        var random = SeededRandom(seed)
        var price: Int64 = 100
        let prices = (0..<3_000).map { _ in
            price = max(1, price + Int64.random(in: -1...1, using: &random))
            return price
        }
        func difference(_ i: Int) -> Int64 {
            let fast = prices[(i - lengths.0 + 1)...i].reduce(0, +)
            let slow = prices[(i - lengths.1 + 1)...i].reduce(0, +)
            return fast * Int64(lengths.1) - slow * Int64(lengths.0)
        }
        var strategy = MACross(fast: lengths.0, slow: lengths.1)
        var signals = 0
        for i in prices.indices {
            let action = strategy.onTick(.sample(prices[i]))?.action
            guard i >= lengths.1 else {
                #expect(action == nil)
                continue
            }
            let (before, now) = (difference(i - 1), difference(i))
            let wanted: Action? =
                now > 0 && before <= 0 ? .buy : now < 0 && before >= 0 ? .sell : nil
            #expect(action == wanted, "index \(i)")
            signals += action == nil ? 0 : 1
        }
        #expect(signals > 10)
    }

    @Test func ticksAndCandlesOfTheSamePricesSignalAlike() throws {
        for (_, candles) in try Bars.candles() {
            var (ticks, bars) = (MACross(), MACross())
            for candle in candles {
                let tick = Tick(
                    instrument: candle.instrument, feedTime: candle.openTime, price: candle.close,
                    quantity: .zero)
                #expect(ticks.onTick(tick) == bars.onCandle(candle))
            }
        }
    }

    /// The crossing event's volume v against 1.5 times the mean of the last 20, v and 19 times 19:
    /// 20 v > 1.5 (361 + v) from v = 30 on.
    @Test(arguments: [(29, nil), (30, Action.buy)] as [(Int64, Action?)])
    func volumeFilterHoldsBackThinCrosses(_ volume: Int64, _ wanted: Action?) {
        var strategy = MACross(fast: 2, slow: 3, volumeFactor: 1_500_000)
        for _ in 0..<19 { #expect(strategy.onTick(.sample(5, quantity: 19)) == nil) }
        let result = strategy.onTick(.sample(6, quantity: volume))
        #expect(result?.action == wanted)
    }

    @Test func volumeFilterWaitsForTwentyVolumes() {
        var strategy = MACross(fast: 1, slow: 2, volumeFactor: 1)
        var first: Int?
        for index in 0..<40 {
            let tick = Tick.sample(index.isMultiple(of: 2) ? 5 : 6, quantity: 100)
            if strategy.onTick(tick)?.action == .buy { first = first ?? index }
        }
        #expect(first == 19)
    }

    /// What was bought on volume is sold without it, and before twenty volumes have come.
    @Test(arguments: [1, 1_000] as [Int64], [4, 30])
    func volumeFilterHoldsBackNoSale(_ volume: Int64, _ flat: Int) {
        var strategy = MACross(fast: 2, slow: 3, volumeFactor: 1_500_000)
        for _ in 0..<flat { #expect(strategy.onTick(.sample(5, quantity: 19)) == nil) }
        #expect(strategy.onTick(.sample(4, quantity: volume))?.action == .sell)
    }

    @Test func extremePricesAndVolumesDoNotTrap() {
        var random = SeededRandom(1)
        var strategy = MACross(fast: 20, slow: 60, volumeFactor: 1_000_000_000)
        for _ in 0..<2_000 {
            let extremes: [Int64] = [.max, .min, .max / 2, 0]
            let tick = Tick(
                instrument: InstrumentID(0), feedTime: .zero,
                price: Price(units: extremes.randomElement(using: &random) ?? 0),
                quantity: Quantity(units: extremes.randomElement(using: &random) ?? 0))
            _ = strategy.onTick(tick)
        }
        var top = MACross(fast: 2, slow: 3, volumeFactor: 1_000_000_000)
        for index in 0..<100 {
            guard let minute = Interval("1m") else { return }
            let price = Price(units: index.isMultiple(of: 2) ? .max : .min)
            _ = top.onCandle(
                Candle(
                    instrument: InstrumentID(0), interval: minute, openTime: .zero, open: price,
                    high: price, low: price, close: price, volume: Volume(units: .max)))
        }
    }

    @Test func stateHashFollowsTheState() {
        func hash(_ prices: [Int64], fast: Int = 2, factor: Int64 = 0) -> UInt64 {
            var strategy = MACross(fast: fast, slow: 5, volumeFactor: factor)
            for price in prices { _ = strategy.onTick(.sample(price)) }
            var hasher = StateHasher()
            strategy.hash(into: &hasher)
            return hasher.value
        }
        #expect(hash([1, 2, 3]) == hash([1, 2, 3]))
        #expect(hash([1, 2, 3]) != hash([1, 2, 4]))
        #expect(hash([1, 2, 3]) != hash([1, 2, 3], fast: 3))
        #expect(hash([1, 2, 3]) != hash([1, 2, 3], factor: 1))
    }

    @Test func resultsNameWhatHappened() throws {
        var strategy = MACross(fast: 2, slow: 3)
        for _ in 0..<3 { _ = strategy.onTick(.sample(5)) }
        let crossed = strategy.onTick(.sample(6))
        let result = try #require(crossed)
        #expect(result.message == "MA2 crossed above MA3")
        #expect(result.reasons == ["golden_cross"])
        #expect(result.size == .attachment)
        #expect(result.validity == .untilNextCandle)
    }
}
