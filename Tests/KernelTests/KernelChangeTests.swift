import TestKit
import Testing
import TradingModel

@testable import Kernel

private let one = OrderNumber(1)

/// R8.8: a change of an open order passes the gate as a new order of what is left would, and holds the greater of before
/// and after until its answer.
@Suite struct KernelChangeTests {
    /// Ten at 100, taken by the broker; ticks stand at 100.
    private func working(
        side: Side = .buy, cash: Money = .won(2_000), risk: RiskLimits = RiskLimits(),
        _ effects: inout Effects
    ) -> Kernel {
        var results: [Timestamp: StrategyResult] = [
            .seconds(0): StrategyResult(.buy, limit: .won(100))
        ]
        if side == .sell { results[.seconds(1)] = StrategyResult(.sell, limit: .won(100)) }
        var kernel = Kernel(
            .sample(
                cash: cash, sources: [SourcePlan(name: "x", kind: .builtIn)],
                attachments: [.sample(0, adds: true, strategy: TableStrategy(results))], risk: risk)
        )
        take(&kernel, 0, &effects)
        kernel.handle(.accepted(one, BrokerOrderID("b")), into: &effects)
        guard side == .sell else { return kernel }
        kernel.handle(.filled(fill(10)), into: &effects)
        take(&kernel, 1, &effects)
        kernel.handle(.accepted(OrderNumber(2), BrokerOrderID("c")), into: &effects)
        return kernel
    }
    private func take(_ kernel: inout Kernel, _ second: Int64, _ effects: inout Effects) {
        let tick = Tick.at(second, 100)
        let position = EventPosition(step: UInt64(second + 1), index: 0)
        kernel.handle(tick, at: position, entry: tick.feedTime, into: &effects)
        kernel.endStep(at: position, now: tick.feedTime, into: &effects)
    }
    private func fill(_ shares: Int64, id: UInt32 = 1) -> Fill {
        Fill(
            order: one, id: id, price: .won(100), quantity: .shares(shares), fee: .zero, time: .zero
        )
    }
    private func ask(
        _ kernel: inout Kernel, _ number: OrderNumber = one, _ limit: Int64? = nil,
        _ shares: Int64? = nil, _ effects: inout Effects
    ) -> ChangeAnswer {
        effects.removeAll()
        return kernel.change(
            number, limit: limit.map { .won($0) }, quantity: shares.map { .shares($0) },
            at: EventPosition(step: 9, index: 0), into: &effects)
    }
    private func free(_ kernel: inout Kernel) -> Money {
        kernel.funds(
            for: Order(
                number: OrderNumber(0), account: AccountID(0), instrument: InstrumentID(0),
                side: .buy, quantity: .zero, limit: nil))
    }
    private func terms(_ limit: Int64, _ shares: Int64) -> OrderChange {
        OrderChange(limit: .won(limit), quantity: .shares(shares))
    }

    @Test func itHoldsTheGreaterUntilItIsKnown() {
        var effects = Effects()
        var kernel = working(&effects)
        #expect(free(&kernel) == .won(1_000))
        #expect(ask(&kernel, one, 110, 12, &effects) == .asked(terms(110, 12)))
        #expect(effects.changes == [ChangeWish(one, terms(110, 12), opens: true)])
        #expect(free(&kernel) == .won(680))
        kernel.handle(.changeRefused(one, terms(110, 12), reason: "no"), into: &effects)
        #expect(free(&kernel) == .won(1_000) && kernel.order(one)?.open == .shares(10))

        #expect(ask(&kernel, one, 90, 5, &effects) == .asked(terms(90, 5)))
        #expect(free(&kernel) == .won(1_000), "nothing falls before the broker's answer")
        kernel.handle(.changed(one, terms(90, 5), BrokerOrderID("b")), into: &effects)
        #expect(free(&kernel) == .won(1_550) && kernel.order(one)?.open == .shares(5))
    }

    /// Which of the terms a fill is of nobody can say until the answer.
    @Test func fillsBeforeTheAnswerMayEndIt() {
        for isTaken in [true, false] {
            var effects = Effects()
            var kernel = working(&effects)
            _ = ask(&kernel, one, 90, 5, &effects)
            kernel.handle(.filled(fill(5)), into: &effects)
            #expect(kernel.order(one)?.state == .partlyFilled)
            let answer: BrokerReport =
                isTaken
                ? .changed(one, terms(90, 5), BrokerOrderID("b"))
                : .changeRefused(one, terms(90, 5), reason: "late")
            kernel.handle(answer, into: &effects)
            #expect(kernel.order(one)?.state == (isTaken ? .filled : .partlyFilled))
            #expect(free(&kernel) == .won(isTaken ? 1_500 : 1_000))
        }
    }

    @Test func whatAddsPassesEveryRule() {
        var limits = RiskLimits()
        limits.orderValue = .won(1_100)
        var effects = Effects()
        var kernel = working(risk: limits, &effects)
        #expect(
            ask(&kernel, one, nil, 12, &effects)
                == .notApproved(rule: "order_value", detail: "order value 1200 > 1100"))
        #expect(effects.changes == [] && kernel.order(one)?.open == .shares(10))
        guard case .change(.notApproved(let decision)) = effects.facts.first else {
            Issue.record("\(effects.facts)")
            return
        }
        #expect(decision.rule == "order_value" && decision.after == terms(100, 12))
        #expect(ask(&kernel, one, 110, 10, &effects) == .asked(terms(110, 10)))
    }

    @Test func moreThanTheCashIsRefused() {
        var effects = Effects()
        var kernel = working(&effects)
        guard case .notApproved("cash", _) = ask(&kernel, one, nil, 21, &effects) else {
            Issue.record("20 are what the cash affords")
            return
        }
        #expect(ask(&kernel, one, nil, 20, &effects) == .asked(terms(100, 20)))
    }

    @Test func underAKillWhatLowersPassesAlone() {
        var effects = Effects()
        var kernel = working(&effects)
        kernel.kill(true, reason: "a person", into: &effects)
        guard case .notApproved("kill", _) = ask(&kernel, one, 101, nil, &effects),
            case .notApproved("kill", _) = ask(&kernel, one, 90, 11, &effects)
        else {
            Issue.record("it adds under a kill")
            return
        }
        #expect(ask(&kernel, one, 90, 8, &effects) == .asked(terms(90, 8)))
        #expect(effects.changes.first?.opens == false)
    }

    @Test func aSaleIsNoMoreThanWhatIsFree() {
        var effects = Effects()
        var kernel = working(side: .sell, &effects)
        let two = OrderNumber(2)
        guard case .notApproved("holdings", _) = ask(&kernel, two, nil, 11, &effects) else {
            Issue.record("ten are held")
            return
        }
        #expect(ask(&kernel, two, 105, 4, &effects) == .asked(terms(105, 4)))
        #expect(effects.changes.first?.opens == false)
    }

    @Test func whatCannotBeAskedSaysWhatToDo() {
        var effects = Effects()
        var kernel = working(&effects)
        kernel.handle(.filled(fill(4)), into: &effects)
        func words(_ limit: Int64?, _ shares: Int64?, _ number: OrderNumber = one) -> String {
            guard case .impossible(let why) = ask(&kernel, number, limit, shares, &effects) else {
                return "it can be asked"
            }
            return why
        }
        #expect(words(nil, 4).contains("madang order cancel 1"))
        #expect(words(nil, 3).contains("Cancel it"))
        #expect(words(100, 10).contains("already"))
        #expect(words(0, nil).contains("is none"))
        #expect(words(90, nil, OrderNumber(9)).contains("not known"))
        #expect(ask(&kernel, one, 90, nil, &effects) == .asked(terms(90, 10)))
        #expect(words(95, nil).contains("on its way"))
        kernel.cancel(one, reason: "a person", into: &effects)
        #expect(words(95, nil).contains("being cancelled"))
        #expect(effects.changes == [])
    }

    /// The facts alone bring a new start to the same state.
    @Test func factsBringItBack() {
        var effects = Effects()
        var kernel = working(&effects)
        var facts = effects.facts
        _ = ask(&kernel, one, 110, 12, &effects)
        facts += effects.facts
        var again = working(&effects)
        for fact in facts.suffix(1) { again.apply(fact) }
        #expect(again.stateHash() == kernel.stateHash())
        effects.removeAll()
        kernel.handle(.changed(one, terms(110, 12), BrokerOrderID("z")), into: &effects)
        for fact in effects.facts { again.apply(fact) }
        #expect(again.stateHash() == kernel.stateHash())
        #expect(again.order(one)?.order.terms == terms(110, 12))
    }
}
