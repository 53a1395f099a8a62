import Kernel
import TestKit
import Testing
import TradingModel

@Suite struct CalmTicksTests {
    static let plan = MarketPlan(
        zones: [.utc, .utc], intervals: [.minute, .seconds(180), .seconds(600)])

    /// Whoever passes calm ticks has the events of who takes each as a step, whatever comes between them.
    @Test(arguments: seeds(0..<40))
    func calmTicksMakeTheCandlesThatStepsMake(_ seed: UInt64) {
        var random = SeededRandom(seed)
        var time: Int64 = 0
        let inputs = (0..<600).map { _ -> MarketInput in
            time = max(0, time + Int64.random(in: -2...12, using: &random))
            let instrument = Int.random(in: 0...1, using: &random)
            let price = Int64.random(in: 1...99, using: &random)
            if random.oneIn(40) {
                return .candle(.at(time / 60 * 60, price, of: instrument))
            }
            var tick = Tick.at(time, price, of: instrument)
            // Quantities of which no sum is a word, and those that people write wrong.
            if random.oneIn(20) { tick.quantity = Quantity(units: random.pick([-5, .max, .min])) }
            return .tick(tick)
        }
        var stage = MarketStage(Self.plan)
        var (events, passed): ([MarketEvent], Int) = ([], 0)
        for input in inputs {
            if case .tick(let tick) = input, let position = stage.extend(tick) {
                events.append(MarketEvent(position: position, kind: .tick(tick)))
                passed += 1
            } else {
                events += drive(&stage, [input])
            }
        }
        #expect(events == drive(Self.plan, inputs))
        #expect(passed > 100 && events.candles.count { $0.isFinal } > 40)
    }
}
