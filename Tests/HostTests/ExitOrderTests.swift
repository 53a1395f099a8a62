import Kernel
import PaperExchange
import TestKit
import Testing
import TradingModel

@testable import Host

/// What people say of exits, beside an engine that is only told what was decided.
@Suite struct ExitOrderTests {
    /// Ten shares at 1,000 won, guarded by `-5% all, +4% half, +8% rest`.
    private final class Desk {
        var live: Engine
        var recovered: Engine
        private var number: UInt64 = 0
        private var orders = 0

        init(_ plan: ExitPlan? = .threeTier, hours: [MarketHours] = []) {
            var terms = KernelPlan.sample(
                sources: [SourcePlan(name: "x", kind: .builtIn)],
                attachments: [
                    .sample(0, strategy: TableStrategy([.seconds(1): StrategyResult(.buy)]))
                ])
            if let plan {
                terms.exits.plans = [plan]
                terms.exits.general = .plan(0)
            }
            terms.hours = hours
            let settings = PaperExchange.Settings(feeMicroBasisPoints: 0)
            live = Engine(terms, settings)
            recovered = Engine(terms, settings)
            for _ in 0..<2 { tick(1_000) }
        }

        /// - Returns: Sizes of the sales that were ordered.
        @discardableResult
        func tick(_ price: Int64) -> [Quantity] {
            number += 1
            var step = Step()
            let tick = Tick.at(Int64(number), price)
            step.number = number
            step.inputAt = 0
            step.time = tick.feedTime
            step.events = [
                MarketEvent(position: EventPosition(step: number, index: 0), kind: .tick(tick))
            ]
            live.begin(step, entry: step.time)
            live.closeRounds(at: step.last, now: step.time)
            live.sendOrders()
            recovered.observe(step)
            return keep()
        }
        func say(_ wish: ExitOrder.Wish) -> ExitAnswer {
            orders += 1
            let answer = live.take(ExitOrder(number: orders, wish, reason: "test"))
            keep()
            return answer
        }
        @discardableResult private func keep() -> [Quantity] {
            var facts: [Fact] = []
            live.takeFacts(into: &facts)
            for fact in facts { recovered.apply(fact) }
            #expect(live.stateHash() == recovered.stateHash(), "step \(number)")
            return facts.parts.compactMap { fact in
                if case .ordered(let decision) = fact, decision.order.side == .sell {
                    decision.order.quantity
                } else {
                    nil
                }
            }
        }
    }

    /// A ratio that no position or price has a place for changes nothing, and ends no order.
    @Test(arguments: [(1_000_000_000_000, 1), (1, 1_000_000_000_000)] as [(Int64, Int64)])
    func aRatioOutOfRangeIsRefused(_ new: Int64, _ old: Int64) {
        let desk = Desk()
        let before = desk.live.stateHash()
        let answer = desk.say(.split(symbol: "S0", new: new, old: old))
        #expect(!answer.isTaken && answer.words.hasPrefix("\(new):\(old) leaves no price"))
        #expect(desk.live.stateHash() == before)
        #expect(desk.tick(940) == [.shares(10)])
    }

    @Test func heldExitsWaitForTheirRelease() {
        let desk = Desk()
        #expect(desk.say(.hold(false)).isTaken == false)
        #expect(desk.say(.hold(true)).isTaken)
        #expect(desk.say(.hold(true)).words == "exits are held already")
        #expect(desk.tick(900) == [])
        // Who goes on from the log holds them too.
        swap(&desk.live, &desk.recovered)
        #expect(desk.tick(900) == [])
        #expect(desk.say(.hold(false)).isTaken)
        #expect(desk.tick(900) == [.shares(10)])
    }

    @Test func aHaltedSymbolSendsNothing() {
        let desk = Desk()
        #expect(desk.say(.halt(symbol: "S0", true)).isTaken)
        #expect(desk.say(.halt(symbol: "S0", true)).words == "S0 is halted already")
        #expect(desk.tick(900) == [])
        #expect(desk.say(.halt(symbol: "S0", false)).isTaken)
        // It fired while nothing could be sent, and sells at whatever it trades at now.
        #expect(desk.tick(990) == [.shares(10)])
    }

    @Test func theDaysPriceLimitsAreTold() {
        let desk = Desk()
        #expect(
            desk.say(.limits(symbol: "S0", lower: nil, upper: nil)).words
                == "no price limits of S0 are known")
        let wide = Price.won(700).units
        #expect(
            desk.say(.limits(symbol: "S0", lower: wide, upper: Price.won(1_300).units)).words
                == "S0 trades from 700 to 1,300 on 1970-01-01: no buy with a limit outside is sent, and no stop"
                + " is offered below; behind that day they are forgotten")
        #expect(
            desk.say(.limits(symbol: "S0", lower: wide, upper: wide)).words
                .hasPrefix("the last price of S0, 1,000, is outside of them"))
        #expect(desk.say(.limits(symbol: "S0", lower: wide, upper: 1)).isTaken == false)
        #expect(
            desk.say(.limits(symbol: "S0", lower: nil, upper: nil)).words
                == "S0 has no price limits any more")
    }

    /// In the evening, and before the open: whatever is said then is of a day that nothing has come of yet.
    @Test func limitsOfADayThatIsOverAreRefused() throws {
        // 1970-01-01 09:00:02 in Seoul.
        let session = try #require(
            MarketHours.Session(open: 0, close: 8 * 3_600 * 1_000_000_000))
        let desk = Desk(hours: [MarketHours(session)])
        let answer = desk.say(.limits(symbol: "S0", lower: 1, upper: .max))
        #expect(!answer.isTaken)
        #expect(answer.words.hasPrefix("the session of 1970-01-01 is over for S0"))
    }

    /// A run without exits: who has no plan buys nothing of it either.
    @Test func aRunWithoutExitsIsToldWhatIsHalted() {
        let desk = Desk(nil)
        #expect(desk.say(.halt(symbol: "S0", true)).isTaken)
        let isHalted = desk.live.kernel.isHalted(InstrumentID(0))
        #expect(isHalted)
        #expect(desk.live.stateHash() == desk.recovered.stateHash())
    }

    @Test func aDoubtedPriceThatIsConfirmedFires() {
        let desk = Desk()
        #expect(desk.say(.believe(symbol: "S0")).words == "no exit of S0 doubts its price")
        #expect(desk.tick(600) == [])
        #expect(desk.tick(600) == [])
        #expect(desk.say(.believe(symbol: "S0")).isTaken)
        #expect(desk.tick(600) == [.shares(10)])
    }

    /// Told behind its first price, as somebody reads in the morning's news why the exits wait.
    @Test func aSplitThatIsToldEndsTheDoubt() {
        let desk = Desk()
        #expect(desk.tick(500) == [])
        #expect(desk.say(.split(symbol: "S0", new: 2, old: 1)).isTaken)
        #expect(desk.tick(500) == [])
        #expect(desk.tick(521) == [.shares(10)], "half of twenty at +4%")
    }

    /// One share for ten: a target that rests in the old scale would sell five of it.
    @Test func ordersInTheOldScaleEndWithASplit() {
        let desk = Desk()
        #expect(desk.tick(1_040) == [.shares(5)])
        #expect(desk.say(.split(symbol: "S0", new: 1, old: 10)).isTaken)
        #expect(desk.live.kernel.workingOrders().isEmpty)
        // So it is for who goes on from the log.
        swap(&desk.live, &desk.recovered)
        #expect(desk.tick(10_400) == [])
        let key = DeskKey(account: AccountID(0), instrument: InstrumentID(0))
        #expect(desk.live.kernel.position(of: key)?.held == .shares(1))
        #expect(desk.tick(9_400) == [.shares(1)])
    }

    @Test func aWrongRatioIsToldAndCanBeTakenBack() {
        let desk = Desk()
        #expect(desk.tick(500) == [])
        #expect(
            desk.say(.split(symbol: "S0", new: 3, old: 1)).words
                .contains("does not fit that, and its exits go on waiting"))
        #expect(desk.tick(500) == [])
        #expect(desk.say(.split(symbol: "S0", new: 1, old: 3)).isTaken)
        #expect(
            desk.say(.split(symbol: "S0", new: 2, old: 1)).words.hasSuffix("nothing fires by it"))
        #expect(desk.tick(500) == [])
        #expect(desk.tick(470) == [.shares(20)])
    }

    @Test func whatCannotBeIsRefusedInWords() {
        let desk = Desk()
        #expect(
            desk.say(.halt(symbol: "S1", true)).words
                == "the run has no symbol 'S1'   did you mean 'S0'?")
        #expect(desk.say(.split(symbol: "S0", new: 0, old: 1)).isTaken == false)
        #expect(
            Desk(nil).say(.hold(true)).words.hasPrefix("the run has no exits, and no position"))
    }
}
