import Strategies
import TestKit
import Testing
import TradingModel

@testable import Kernel

/// A tick that is passed by looks alone comes to what it comes to in full.
@Suite struct PassedTickTests {
    /// Instruments: a cross alone, a cross beside another strategy, watched prices, nobody, a cross of a long window.
    private static let instruments = 5

    private static func plan(_ seed: UInt64) throws -> KernelPlan {
        var random = SeededRandom(seed)
        let rules = try PriceWatchTests.random(8, &random).filter { $0.watched != nil }
        let strategies: [(instrument: Int, strategy: any Strategy)] =
            [
                (0, MACross(fast: 3, slow: 7)), (1, MACross(fast: 2, slow: 5)),
                (1, MoodyStrategy(seed: seed, onceIn: 40)), (4, MACross(fast: 5, slow: 70)),
            ] + rules.map { (2, $0) }
        var plan = KernelPlan.sample(
            instruments: instruments, cash: .won(1_000_000_000),
            sources: strategies.indices.map { SourcePlan(name: "s\($0)", kind: .builtIn) },
            attachments: strategies.enumerated().map { index, each in
                .sample(index, instrument: each.instrument, strategy: each.strategy)
            },
            risk: seed % 3 == 0 ? RiskLimits(dayLoss: 1_000) : RiskLimits())
        if seed % 2 == 0 {
            plan.exits.plans = [try ExitPlan(reading: ["-5% all", "+5% rest"])]
            plan.exits.general = .plan(0)
        }
        return plan
    }

    /// Closes rounds, takes and fills what is ordered, and lets exits say what they want.
    private static func settle(
        _ kernel: inout Kernel, _ effects: inout Effects, _ tick: Tick, at position: EventPosition
    ) {
        kernel.endStep(at: position, now: tick.feedTime, into: &effects)
        for _ in 0..<8 {
            if kernel.hasRestlessExits {
                kernel.tendExits(at: position, now: tick.feedTime, into: &effects)
            }
            let orders = effects.orders
            effects.orders.removeAll()
            for order in orders {
                kernel.accept(order.number, as: BrokerOrderID(paper: order.number), into: &effects)
                let fill = Fill(
                    order: order.number, id: 1, price: tick.price, quantity: order.quantity,
                    fee: .zero, time: tick.feedTime)
                kernel.handle(fill, into: &effects)
            }
        }
    }

    @Test(arguments: seeds(0..<12))
    func aPassedTickComesToWhatItComesToInFull(_ seed: UInt64) throws {
        var random = SeededRandom(100 + seed)
        var quick = Kernel(try Self.plan(seed))
        var full = Kernel(try Self.plan(seed))
        var (passed, facts) = (Array(repeating: 0, count: Self.instruments), 0)
        var (time, price) = (Timestamp.seconds(1_000_000), Int64(30))
        for step in 1...1_200 as ClosedRange<UInt64> {
            let most: Int64 = random.oneIn(200) ? 100_000_000_000_000 : 300_000_000
            // A stamp steps back now and then, and a price is far off, or one of those that sums do not hold.
            time = time.advanced(
                by: Nanoseconds(Int64.random(in: -20_000_000...most, using: &random)))
            price = max(1, price + Int64.random(in: -1...1, using: &random))
            let isOdd = random.oneIn(150)
            let tick = Tick(
                instrument: InstrumentID(Int.random(in: 0..<Self.instruments, using: &random)),
                feedTime: time,
                price: .won(isOdd ? random.pick([1, 60, 90_000_000_000]) : price),
                quantity: .shares(1))
            let position = EventPosition(step: step, index: 0)
            var (ours, theirs) = (Effects(), Effects())
            if quick.pass(tick, noting: quick.hasExits) {
                quick.note(passed: tick)
                passed[Int(tick.instrument.index)] += 1
            } else {
                #expect(quick.stateHash() == full.stateHash(), "refused, with nothing changed")
                quick.handle(tick, at: position, entry: time, into: &ours)
            }
            full.handleInFull(tick, at: position, entry: time, into: &theirs)
            #expect(ours.facts == theirs.facts && ours.orders == theirs.orders, "step \(step)")
            Self.settle(&quick, &ours, tick, at: position)
            Self.settle(&full, &theirs, tick, at: position)
            #expect(ours.facts == theirs.facts, "step \(step)")
            try #require(quick.stateHash() == full.stateHash(), "step \(step)")
            facts += ours.facts.count
        }
        #expect(passed[0] > 20 && passed[2] > 10 && passed[3] > 150, "\(passed)")
        #expect(passed[1] == 0 && passed[4] == 0, "what others hear is told to them")
        #expect(facts > 30)
    }
}
