import Strategies
import TestKit
import Testing
import TradingModel

@Suite struct StrategySlotTests {
    /// Says how often it heard something; gone when its slot is.
    private struct Counter: Strategy {
        final class Life: Sendable {}
        let life: Life
        var heard: Int64 = 0
        mutating func onTick(_ tick: Tick) -> StrategyResult? {
            heard += 1
            return heard % 2 == 0 ? StrategyResult(.buy, message: "\(heard)") : nil
        }
        mutating func onCandle(_ candle: Candle) -> StrategyResult? {
            heard += 10
            return StrategyResult(.sell, message: "\(heard)")
        }
        func hash(into hasher: inout StateHasher) { hasher.combine(heard) }
    }

    private static let tick = Tick(
        instrument: InstrumentID(0), feedTime: .zero, price: Price(units: 1),
        quantity: Quantity(units: 1))
    private static func candle() throws -> Candle {
        let one = Price(units: 1)
        return Candle(
            instrument: InstrumentID(0), interval: try #require(Interval(seconds: 60)),
            openTime: .zero, open: one, high: one, low: one, close: one, volume: .zero)
    }

    @Test func aSlotGoesOnWithACopyOfItsOwn() throws {
        let strategy = Counter(life: Counter.Life())
        let (one, other) = (strategy.slot(), strategy.slot())
        var result: StrategyResult?
        #expect(!one.onTick(one.state, Self.tick, &result) && result == nil)
        #expect(one.onTick(one.state, Self.tick, &result) && result?.message == "2")
        #expect(one.onCandle(one.state, try Self.candle(), &result) && result?.message == "12")
        var (first, second, expected) = (StateHasher(), StateHasher(), StateHasher())
        one.hash(into: &first)
        expected.combine(Int64(12))
        #expect(first.value == expected.value)
        other.hash(into: &second)
        #expect(second.value != first.value, "the other heard nothing")
    }

    /// By its means where it has them, and by its call: both ways say the same.
    @Test(arguments: [Int64(0), 1_000_000])
    func aCrossSaysTheSameByItsMeans(_ volumeFactor: Int64) {
        let strategy = MACross(fast: 2, slow: 5, volumeFactor: volumeFactor)
        let (called, pushed) = (strategy.slot(), strategy.slot())
        #expect((called.means == nil) == (volumeFactor > 0), "a filter has to hear volumes")
        var random = SeededRandom(5)
        var fired = 0
        for _ in 0..<2_000 {
            let tick = Tick(
                instrument: InstrumentID(0), feedTime: .zero,
                price: Price(units: Int64.random(in: 100...103, using: &random)),
                quantity: Quantity(units: 1))
            var (one, other): (StrategyResult?, StrategyResult?) = (nil, nil)
            _ = called.onTick(called.state, tick, &one)
            guard let means = pushed.means else { continue }
            if let direction = means.pointee.push(tick.price) {
                other = pushed.onCrossing?(pushed.state, direction)
                #expect(other != nil)
            }
            #expect(one == other)
            fired += other == nil ? 0 : 1
        }
        #expect(fired > 10 || volumeFactor > 0)
        var (first, second) = (StateHasher(), StateHasher())
        called.hash(into: &first)
        pushed.hash(into: &second)
        #expect(first.value == second.value || volumeFactor > 0)
    }

    @Test func whatAStrategyHoldsGoesWithItsSlot() {
        weak var life: Counter.Life?
        do {
            let slot = {
                let strategy = Counter(life: Counter.Life())
                life = strategy.life
                return strategy.slot()
            }()
            #expect(life != nil)
            withExtendedLifetime(slot) {}
        }
        #expect(life == nil)
    }
}
