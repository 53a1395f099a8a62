import Kernel
import PaperExchange
import TestKit
import Testing
import TradingModel

@testable import Host

/// What one way through a recording came to.
private struct Passage: Equatable {
    var facts: [Fact] = []
    /// Where the facts stood.
    var positions: [EventPosition] = []
    var times: [Timestamp] = []
    var steps: UInt64 = 0
    var late = 0
    var state: UInt64 = 0
}

@Suite struct QuietTicksTests {
    static let zone = ZoneOffsets.seoul

    /// Now dense, now with pauses; steps back now and then; a candle or a quote among the ticks.
    static func rows(_ seed: UInt64) -> [MarketInput] {
        var random = SeededRandom(seed)
        var time: Int64 = 1_000_000_000_000
        return (0..<4_000).map { _ in
            let most: Int64 = random.oneIn(50) ? 90_000_000_000 : 200_000_000
            time += Int64.random(in: 0...most, using: &random)
            // Some stay in the running candle, some do not.
            let farthest: Int64 = random.oneIn(3) ? 70_000_000_000 : 2_000_000_000
            let back = random.oneIn(20) ? Int64.random(in: 0...farthest, using: &random) : 0
            let instrument = InstrumentID(Int.random(in: 0..<2, using: &random))
            let at = Timestamp(nanoseconds: time - back)
            let price = Price.won(Int64.random(in: 90...110, using: &random))
            if random.oneIn(200) {
                return .quote(
                    Quote(
                        instrument: instrument, feedTime: at, bid: price, bidQuantity: .shares(1),
                        ask: price, askQuantity: .shares(1)))
            }
            return .tick(
                Tick(
                    instrument: instrument, feedTime: at, price: price,
                    quantity: .shares(Int64.random(in: 1...9, using: &random))))
        }
    }

    static func engine(_ seed: UInt64) -> Engine {
        let plan = KernelPlan.sample(
            instruments: 2, accounts: 2,
            sources: [
                SourcePlan(name: "a", kind: .builtIn), SourcePlan(name: "b", kind: .builtIn),
            ],
            attachments: (0..<2).flatMap { instrument in
                [
                    .sample(
                        0, instrument: instrument,
                        strategy: MoodyStrategy(seed: seed, onceIn: 40)),
                    .sample(
                        1, account: 1, instrument: instrument, input: .candles(.minute),
                        strategy: MoodyStrategy(seed: seed + 1, onceIn: 3)),
                ]
            })
        return Engine(plan, PaperExchange.Settings(feeMicroBasisPoints: 0, partialFills: true))
    }

    private static func close(_ engine: inout Engine, _ step: Step, _ outcome: inout Passage) {
        engine.closeRounds(at: step.last, now: step.time)
        engine.sendOrders()
        var facts: [Fact] = []
        engine.takeFacts(into: &facts)
        outcome.facts += facts
        outcome.positions += facts.map { _ in step.last }
        outcome.times += facts.map { _ in step.time }
    }

    @Test(arguments: seeds(0..<6, by: 10), [[Interval.minute], [.minute, .seconds(300)]])
    func ticksWithoutAStepComeToWhatTheirStepsComeTo(_ seed: UInt64, _ built: [Interval]) throws {
        let feed = MemoryFeed(Self.rows(seed))
        let market = MarketPlan(
            zones: [Self.zone, Self.zone], intervals: built, timers: [.seconds(30)])
        var step = Step()

        var plain = Passage()
        var plainEngine = Self.engine(seed)
        let plainReader = try StepReader(feed, market)
        while try plainReader.read(into: &step) {
            plainEngine.begin(step, entry: step.time)
            Self.close(&plainEngine, step, &plain)
        }
        (plain.steps, plain.late) = (plainReader.step, plainReader.late)
        plain.state = plainEngine.stateHash()

        var quick = Passage()
        var engine = Self.engine(seed)
        let reader = try StepReader(feed, market)
        var quiet = 0
        while true {
            let before = reader.step
            let passed = try reader.passTicks(through: &engine, decided: &step)
            #expect(reader.step == before + UInt64(passed.quiet) + (passed.decided ? 1 : 0))
            quiet += passed.quiet
            if !passed.decided {
                guard try reader.read(into: &step) else { break }
                engine.begin(step, entry: step.time)
            }
            Self.close(&engine, step, &quick)
        }
        (quick.steps, quick.late) = (reader.step, reader.late)
        quick.state = engine.stateHash()

        #expect(quick == plain)
        #expect(quiet > 1_000, "many ticks need no step")
        #expect(plain.facts.count > 200 && plain.late > 0)
    }
}
