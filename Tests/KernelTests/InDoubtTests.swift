import TestKit
import Testing
import TradingModel

@testable import Kernel

/// R8.3: an order whose outcome is unknown blocks what opens in its instrument, holds what it holds, and guards still.
@Suite struct InDoubtTests {
    private let account = AccountID(0)
    private let one = OrderNumber(1)

    /// Buys ten of instrument 0 at each even second, sells at the seconds of `sales`.
    private func kernel(sales: [Int64] = [], _ effects: inout Effects) -> Kernel {
        var results: [Timestamp: StrategyResult] = [:]
        for second in 0..<10 as Range<Int64> {
            results[.seconds(second)] = StrategyResult(sales.contains(second) ? .sell : .buy)
        }
        return Kernel(
            .sample(
                sources: [SourcePlan(name: "x", kind: .builtIn)],
                attachments: [.sample(0, adds: true, strategy: TableStrategy(results))]))
    }
    private func take(_ kernel: inout Kernel, _ second: Int64, _ effects: inout Effects) {
        effects.removeAll()
        let tick = Tick.at(second, 100)
        let position = EventPosition(step: UInt64(second + 1), index: 0)
        kernel.handle(tick, at: position, entry: tick.feedTime, into: &effects)
        kernel.endStep(at: position, now: tick.feedTime, into: &effects)
    }
    private func refusals(_ effects: Effects) -> [RiskDecision] {
        effects.facts.compactMap { fact in
            if case .risk(let decision) = fact, !decision.approved { decision } else { nil }
        }
    }

    @Test func itBlocksWhatOpensUntilItIsKnownAndHoldsItsCash() {
        var effects = Effects()
        var kernel = kernel(&effects)
        take(&kernel, 0, &effects)
        #expect(effects.orders.map(\.number) == [one])
        kernel.handle(.unknown(one, reason: "no answer"), into: &effects)
        #expect(kernel.order(one)?.state == .unknown)
        #expect(kernel.order(one)?.reservation.units ?? 0 > 0)
        take(&kernel, 2, &effects)
        #expect(effects.orders == [])
        #expect(refusals(effects).map(\.rule) == ["in_doubt"])
        #expect(refusals(effects).first?.detail.text.contains("order 1") == true)
        kernel.handle(.accepted(one, BrokerOrderID("b")), into: &effects)
        take(&kernel, 4, &effects)
        #expect(effects.orders.count == 1)
    }

    @Test(arguments: [
        BrokerReport.failed(OrderNumber(1), reason: "none"),
        .cancelled(OrderNumber(1), reason: "asked"), .rejected(OrderNumber(1), reason: "no"),
        .expired(OrderNumber(1), reason: "late"),
    ])
    func anyEndOfItFrees(_ end: BrokerReport) {
        var effects = Effects()
        var kernel = kernel(&effects)
        take(&kernel, 0, &effects)
        kernel.handle(.unknown(one, reason: "no answer"), into: &effects)
        kernel.handle(end, into: &effects)
        #expect(kernel.order(one)?.reservation == .zero)
        take(&kernel, 2, &effects)
        #expect(effects.orders.count == 1)
    }

    @Test func whatIsHeldMayBeSoldUnderIt() {
        var effects = Effects()
        var kernel = kernel(sales: [4], &effects)
        take(&kernel, 0, &effects)
        let fill = Fill(
            order: one, id: 1, price: .won(100), quantity: .shares(10), fee: .zero, time: .zero)
        kernel.handle(.accepted(one, BrokerOrderID("b")), into: &effects)
        kernel.handle(.filled(fill), into: &effects)
        take(&kernel, 2, &effects)
        kernel.handle(.unknown(OrderNumber(2), reason: "no answer"), into: &effects)
        take(&kernel, 4, &effects)
        #expect(effects.orders.map(\.side) == [.sell], "an unknown buy unguards nothing")
        // The sale in doubt holds its quantity: it is not sold twice.
        kernel.handle(.unknown(OrderNumber(3), reason: "no answer"), into: &effects)
        take(&kernel, 4, &effects)
        #expect(effects.orders == [])
    }

    @Test func aCancelIsAskedForOnceAndEndsInItsState() {
        var effects = Effects()
        var kernel = kernel(&effects)
        take(&kernel, 0, &effects)
        kernel.handle(.accepted(one, BrokerOrderID("b")), into: &effects)
        effects.removeAll()
        for _ in 0..<2 { kernel.cancel(one, reason: "a person", into: &effects) }
        #expect(effects.cancels == [one])
        #expect(kernel.order(one)?.state == .cancelPending)
        kernel.handle(.cancelled(one, reason: "asked"), into: &effects)
        #expect(kernel.order(one)?.state == .cancelled)
        effects.removeAll()
        kernel.cancel(one, reason: "late", into: &effects)
        #expect(effects.isEmpty)
    }

    @Test func recoveryComesToTheSameState() {
        var effects = Effects()
        var live = kernel(&effects)
        var again = kernel(&effects)
        take(&live, 0, &effects)
        live.handle(.unknown(one, reason: "no answer"), into: &effects)
        live.cancel(one, reason: "a person", into: &effects)
        again.observe(
            MarketEvent(position: EventPosition(step: 1, index: 0), kind: .tick(.at(0, 100))))
        for fact in effects.facts { again.apply(fact) }
        #expect(again.stateHash() == live.stateHash())
        #expect(again.order(one)?.isCancelAsked == true && again.order(one)?.state == .unknown)
    }
}
