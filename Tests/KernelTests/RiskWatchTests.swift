import TestKit
import Testing
import TradingModel

@testable import Kernel

/// Limits that prices pass between orders.
@Suite struct RiskWatchTests {
    /// Ten shares for 1,000 of a million, and a buy of five at 90 that works.
    private struct Account: ~Copyable {
        var kernel: Kernel
        var step: UInt64 = 0
        static let sell = OrderNumber(3)
        static let buy = OrderNumber(2)

        init(_ limits: RiskLimits) {
            var plan = KernelPlan.sample(
                zone: .utc, sources: [SourcePlan(name: "x", kind: .server)],
                attachments: [.sample(0)])
            plan.accounts[0].cash = .won(2_000)
            plan.risk = limits
            kernel = Kernel(plan)
            order(1, .buy, 10, nil)
            let fill = Fill(
                order: OrderNumber(1), id: 1, price: .won(100), quantity: .shares(10), fee: .zero,
                time: .zero)
            var effects = Effects()
            kernel.handle(.filled(fill), into: &effects)
            order(2, .buy, 5, .won(50))
            order(3, .sell, 5, .won(200))
            // Before it the position has no worth.
            observe(0, 100)
        }

        mutating func order(
            _ number: UInt64, _ side: Side, _ shares: Int64, _ limit: Price?
        ) {
            let order = Order(
                number: OrderNumber(number), account: AccountID(0), instrument: InstrumentID(0),
                side: side, quantity: .shares(shares), limit: limit)
            kernel.apply(
                .ordered(
                    OrderDecision(
                        order: order, source: SourceID(0), position: .start, confidence: .full,
                        reference: .won(100), reserved: .zero, detail: "")))
        }

        mutating func see(_ seconds: Int64, _ price: Int64) -> Effects {
            step += 1
            var effects = Effects()
            let event = MarketEvent(
                position: EventPosition(step: step, index: 0), kind: .tick(.at(seconds, price)))
            kernel.handle(event, entry: event.time, into: &effects)
            return effects
        }
        mutating func observe(_ seconds: Int64, _ price: Int64) {
            step += 1
            kernel.observe(
                MarketEvent(
                    position: EventPosition(step: step, index: 0), kind: .tick(.at(seconds, price)))
            )
        }
    }

    private static func told(_ effects: Effects) -> [String] {
        effects.facts.compactMap { fact -> String? in
            if case .limitPassed(let passed) = fact { passed.limit.name } else { nil }
        }
    }

    /// A tenth of 2,000: 200 are lost at 80, and more below.
    private static var tenth: RiskLimits { RiskLimits(dayLoss: 100_000) }

    @Test func aDayLossIsToldOnceAndEndsBuysAlone() {
        var account = Account(Self.tenth)
        #expect(Self.told(account.see(0, 100)).isEmpty)
        #expect(Self.told(account.see(5, 80)).isEmpty)
        let passed = account.see(10, 79)
        #expect(Self.told(passed) == ["day_loss"])
        #expect(passed.cancels == [Account.buy])
        guard case .limitPassed(let what) = passed.facts.first else {
            Issue.record("no limit is passed")
            return
        }
        #expect(what.detail.text == "lost 210 today, more than 10 % of 2000")
        #expect(Self.told(account.see(15, 70)).isEmpty)
        #expect(Self.told(account.see(20, 100)).isEmpty)
        #expect(Self.told(account.see(25, 60)).isEmpty)
    }

    /// On the clock: a start in the middle of five seconds looks where the run before it would have.
    @Test func accountsAreLookedAtInTheFirstEventOfFiveSeconds() {
        var account = Account(Self.tenth)
        #expect(Self.told(account.see(6, 100)).isEmpty)
        #expect(Self.told(account.see(9, 70)).isEmpty)
        // Late: of five seconds that were looked at, but not last.
        #expect(Self.told(account.see(4, 70)) == ["day_loss"])

        var next = Account(Self.tenth)
        #expect(Self.told(next.see(9, 100)).isEmpty)
        #expect(Self.told(next.see(10, 70)) == ["day_loss"])
    }

    @Test func aNewDayBeginsWithoutIt() {
        var account = Account(Self.tenth)
        _ = account.see(0, 100)
        #expect(Self.told(account.see(5, 70)) == ["day_loss"])
        // From 70 on: 1,700 at the start, 170 may be lost.
        #expect(Self.told(account.see(86_400, 70)).isEmpty)
        #expect(Self.told(account.see(86_405, 53)).isEmpty)
        #expect(Self.told(account.see(86_410, 52)) == ["day_loss"])
    }

    @Test func aPassedLimitHoldsForTheDay() {
        let gate = RiskGate(Self.tenth)
        let order = Order(
            number: OrderNumber(9), account: AccountID(0), instrument: InstrumentID(0), side: .buy,
            quantity: .shares(1), limit: nil)
        var view = RiskGate.View(
            killed: nil, freeCash: .won(1_000), equity: .won(2_000),
            equityAtDayStart: .won(2_000), held: .zero, workingBuys: .zero, workingSells: .zero,
            otherSymbols: 0, last: .won(100))
        #expect(gate.refusal(of: order, view) == nil)
        view.isPastDayLoss = true
        #expect(gate.refusal(of: order, view)?.rule == "day_loss")
        view.isPastDayLoss = false
        view.isPastDrawdown = true
        #expect(gate.refusal(of: order, view)?.rule == "drawdown")
    }

    @Test func drawdownCountsFromTheBestBeginning() {
        var limits = RiskLimits()
        limits.drawdown = 100_000
        var account = Account(limits)
        _ = account.see(0, 100)
        #expect(Self.told(account.see(86_400, 90)).isEmpty)
        // 200 below the 2,000 of the first day, 100 below those of this one.
        #expect(Self.told(account.see(86_405, 80)).isEmpty)
        #expect(Self.told(account.see(86_410, 79)) == ["drawdown"])
    }

    /// What is held and being bought: fifteen.
    @Test func aPositionThatGrowsPastItsLimitEndsItsBuys() {
        var account = Account(RiskLimits(symbolValue: .won(1_500)))
        #expect(Self.told(account.see(5, 100)).isEmpty)
        let passed = account.see(10, 101)
        #expect(Self.told(passed) == ["symbol_value"])
        #expect(passed.cancels == [Account.buy])

        // 15 x 112 of 1,000 and 10 x 112.
        var weighed = Account(RiskLimits(symbolWeight: 790_000))
        #expect(Self.told(weighed.see(5, 110)).isEmpty)
        #expect(Self.told(weighed.see(10, 112)) == ["symbol_weight"])
        #expect(Self.told(weighed.see(15, 113)).isEmpty)
    }

    /// It is told once in the day; what was bought while it held is ended nonetheless.
    @Test func aLimitPassedAgainEndsTheBuysMadeMeanwhile() {
        var account = Account(RiskLimits(symbolValue: .won(1_500)))
        #expect(Self.told(account.see(5, 101)) == ["symbol_value"])
        #expect(account.see(10, 70).cancels.isEmpty)
        account.order(4, .buy, 1, .won(60))
        #expect(account.see(15, 80).cancels.isEmpty)
        let again = account.see(20, 101)
        #expect(Self.told(again).isEmpty)
        #expect(again.cancels == [OrderNumber(4)])
        #expect(account.see(25, 102).cancels.isEmpty)
    }

    /// Two holdings of which each fits into 128 bits, and both do not: no loss, and none that could be seen.
    @Test func anEquityThatCannotBeCountedIsToldAsThat() {
        var plan = KernelPlan.sample(
            instruments: 2, cash: .won(10_000), zone: .utc,
            sources: [SourcePlan(name: "x", kind: .server)],
            attachments: [.sample(0), .sample(0, instrument: 1)])
        plan.risk = Self.tenth
        var kernel = Kernel(plan)
        func ordered(_ number: UInt64, _ instrument: Int) -> Fact {
            .ordered(
                OrderDecision(
                    order: Order(
                        number: OrderNumber(number), account: AccountID(0),
                        instrument: InstrumentID(instrument), side: .buy, quantity: .shares(1),
                        limit: .won(1)), source: SourceID(0), position: .start, confidence: .full,
                    reference: .won(1), reserved: .zero, detail: ""))
        }
        for instrument in 0..<2 {
            let number = UInt64(instrument + 1)
            kernel.apply(ordered(number, instrument))
            kernel.apply(
                .filled(
                    Fill(
                        order: OrderNumber(number), id: 1, price: .won(1), quantity: .shares(1),
                        fee: .zero, time: .zero),
                    Booking(
                        realised: .zero, positionAfter: Quantity(units: .max), costAfter: .zero,
                        cashAfter: .won(10_000))))
        }
        kernel.apply(ordered(3, 1))
        var told: [String] = []
        var ended: [OrderNumber] = []
        for (step, seconds) in [0, 5, 10].enumerated() {
            var effects = Effects()
            let tick = Tick(
                instrument: InstrumentID(step % 2), feedTime: .seconds(Int64(seconds)),
                price: Price(units: .max), quantity: .shares(1))
            kernel.handle(
                MarketEvent(
                    position: EventPosition(step: UInt64(step + 1), index: 0), kind: .tick(tick)),
                entry: tick.feedTime, into: &effects)
            told += effects.facts.compactMap { fact -> String? in
                guard case .limitPassed(let passed) = fact else { return nil }
                return "\(passed.limit.words): \(passed.detail.text)"
            }
            ended += effects.cancels
        }
        #expect(kernel.equity(of: AccountID(0)) == nil)
        #expect(
            told == ["the range of equity: cash and holdings leave 128 bits at these prices"])
        #expect(ended == [OrderNumber(3)])
    }

    /// A difference beyond 128 bits is what it is: a gain passes nothing, a loss everything.
    @Test func aDifferenceBeyondTheRangeIsStillAGainOrALoss() {
        var limits = Self.tenth
        limits.drawdown = 100_000
        let gate = RiskGate(limits)
        let (least, most) = (Money(units: .min), Money(units: .max))
        #expect(gate.dayLoss(most, since: Money(units: -5)) == nil)
        #expect(gate.drawdown(most, below: Money(units: -5)) == nil)
        #expect(gate.dayLoss(least, since: .won(5))?.hasPrefix("lost ") == true)
        #expect(gate.drawdown(least, below: .won(5))?.hasPrefix("equity ") == true)
    }

    @Test func anotherLimitIsPassedAnew() {
        var account = Account(Self.tenth)
        _ = account.see(0, 100)
        #expect(Self.told(account.see(5, 70)) == ["day_loss"])
        var plan = account.kernel.plan
        plan.risk.dayLoss = 200_000
        account.kernel.layOut(Entrants(plan, instead: account.kernel.plan))
        #expect(Self.told(account.see(10, 61)).isEmpty)
        #expect(Self.told(account.see(15, 59)) == ["day_loss"])
    }

    /// Against a plain account, and a kernel that is started again at every event.
    @Test(arguments: seeds(1..<41)) func everyPassingIsToldAtItsEvent(
        _ seed: UInt64
    ) {
        var random = SeededRandom(seed)
        var time: Int64 = 0
        let ticks = (0..<60).map { _ in
            time += Int64.random(in: -2...7, using: &random)
            return (max(0, time), Int64.random(in: 60...120, using: &random))
        }
        var limits = Self.tenth
        limits.symbolValue = .won(Int128.random(in: 1_400...1_800, using: &random))
        var expected: [[String]] = []
        var cell: Int64 = 0
        var passed: Set<String> = []
        for (seconds, price) in ticks {
            var told: [String] = []
            if seconds / 5 != cell {
                cell = seconds / 5
                if 1_000 - 10 * price > 200 { told.append("day_loss") }
                // Ten held and five being bought: nobody ends the buy here.
                if Money.won(Int128(15 * price)) > limits.symbolValue ?? .zero {
                    told.append("symbol_value")
                }
            }
            told.removeAll { passed.contains($0) }
            passed.formUnion(told)
            expected.append(told)
        }
        var account = Account(limits)
        var log: [[Fact]] = []
        for (index, (seconds, price)) in ticks.enumerated() {
            let effects = account.see(seconds, price)
            log.append(effects.facts)
            #expect(Self.told(effects) == expected[index], "at \(index)")
        }
        for cut in ticks.indices {
            var again = Account(limits)
            for index in 0..<cut {
                again.observe(ticks[index].0, ticks[index].1)
                log[index].forEach { again.kernel.apply($0) }
            }
            for index in cut..<ticks.count {
                let effects = again.see(ticks[index].0, ticks[index].1)
                #expect(effects.facts == log[index], "cut at \(cut), event \(index)")
            }
            #expect(again.kernel.stateHash() == account.kernel.stateHash())
        }
    }
}
