import TestKit
import Testing
import TradingModel

@testable import Kernel

/// A run of months keeps what it works on, not all that ever was.
@Suite struct ForgettingTests {
    private static func decision(_ number: UInt64) -> OrderDecision {
        OrderDecision(
            order: Order(
                number: OrderNumber(number), account: AccountID(0), instrument: InstrumentID(0),
                side: .buy, quantity: .shares(1), limit: .won(10)),
            source: SourceID(0), position: EventPosition(step: number, index: 0),
            confidence: .of(500_000), reference: .won(10), reserved: .won(10), detail: "")
    }

    @Test func ordersThatEndedLongAgoAreForgotten() {
        var kernel = Kernel(
            .sample(
                sources: [SourcePlan(name: "far", kind: .server)], attachments: [.sample(0)]))
        let count = UInt64(5 * KnownOrders.endedKept)
        for number in 1...count {
            kernel.apply(.ordered(Self.decision(number)))
            guard number != 1 else { continue }  // this one goes on working
            kernel.apply(.orderEnded(OrderNumber(number), .cancelled, reason: "test"))
        }
        #expect(kernel.orders.machines.count <= 2 * KnownOrders.endedKept)
        #expect(kernel.order(OrderNumber(1))?.state == .pending)
        #expect(kernel.order(OrderNumber(2)) == nil)
        #expect(kernel.order(OrderNumber(count))?.state == .cancelled)
        #expect(kernel.order(OrderNumber(count - UInt64(KnownOrders.endedKept) + 1)) != nil)
        #expect(kernel.workingOrders().map(\.order.number) == [OrderNumber(1)])

    }

    private static func fill(_ number: UInt64, _ id: UInt32 = 1, shares: Int64 = 1) -> Fill {
        Fill(
            order: OrderNumber(number), id: id, price: .won(10), quantity: .shares(shares),
            fee: .zero, time: .zero)
    }

    /// R8: one that ended short may have filled at the broker all the same, whatever came since. In full is in full.
    @Test func aFillOfAForgottenOrderIsBookedOnce() {
        let plan = KernelPlan.sample(
            sources: [SourcePlan(name: "far", kind: .server)], attachments: [.sample(0)])
        var kernel = Kernel(plan)
        var later = Kernel(plan)
        var facts: [Fact] = []
        for number in 1...UInt64(5 * KnownOrders.endedKept) {
            facts.append(.ordered(Self.decision(number)))
            if number == 3 {
                facts.append(
                    .filled(
                        Self.fill(3),
                        Booking(
                            realised: .zero, positionAfter: .shares(1), costAfter: .won(10),
                            cashAfter: .won(999_990))))
            } else {
                facts.append(.orderEnded(OrderNumber(number), .cancelled, reason: "test"))
            }
        }
        for fact in facts {
            kernel.apply(fact)
            later.apply(fact)
        }
        #expect(kernel.order(OrderNumber(2)) == nil && kernel.order(OrderNumber(3)) == nil)
        let desk = DeskKey(account: AccountID(0), instrument: InstrumentID(0))
        let cash = kernel.cash(of: AccountID(0))
        var effects = Effects()
        kernel.handle(.filled(Self.fill(2)), into: &effects)
        guard case .filled(Self.fill(2), _)? = effects.facts.first,
            case .contradiction(OrderNumber(2), let what)? = effects.facts.last
        else { return _ = Issue.record("\(effects.facts)") }
        #expect(effects.facts.count == 2 && what.contains("after the end (cancelled)"))
        #expect(kernel.position(of: desk)?.held == .shares(2))
        #expect(kernel.cash(of: AccountID(0)) == cash - Money.won(10))

        // Twice is once, by either way, and a recovery comes to the same.
        effects.facts.removeAll()
        kernel.handle(Self.fill(2), into: &effects)
        #expect(effects.facts.isEmpty)
        kernel.handle(Self.fill(4), into: &effects)
        for fact in effects.facts { later.apply(fact) }
        later.apply(
            .filled(
                Self.fill(2),
                Booking(
                    realised: .zero, positionAfter: .shares(3), costAfter: .won(30),
                    cashAfter: kernel.cash(of: AccountID(0)))))
        #expect(kernel.stateHash() == later.stateHash())
        #expect(later.order(OrderNumber(2))?.filled == .shares(1))

        // Filled in full it comes to no more: told, and not booked.
        effects.facts.removeAll()
        let hash = kernel.stateHash()
        kernel.handle(Self.fill(3, 2), into: &effects)
        guard case .contradiction(OrderNumber(3), _)? = effects.facts.first else {
            return _ = Issue.record("\(effects.facts)")
        }
        #expect(effects.facts.count == 1 && kernel.stateHash() == hash)
    }

    /// Hours of a lockdown: each vote makes an order that fails, and no broker ever has one of them.
    @Test func ordersThatFailedBeforeTakeNoPlaceOfOneThatWasAtABroker() {
        var kernel = Kernel(
            .sample(
                sources: [SourcePlan(name: "far", kind: .server)], attachments: [.sample(0)]))
        // The second was in doubt, so it may be there all the same.
        for number in 1...2 as ClosedRange<UInt64> { kernel.apply(.ordered(Self.decision(number))) }
        kernel.apply(.submitted(OrderNumber(1), BrokerOrderID("b1")))
        kernel.apply(.orderEnded(OrderNumber(1), .cancelled, reason: "test"))
        kernel.apply(.inDoubt(OrderNumber(2), reason: "test"))
        kernel.apply(.orderEnded(OrderNumber(2), .failed, reason: "test"))
        let last = UInt64(2 * OldOrders<OrderMachine>.most + 3 * KnownOrders.endedKept)
        for number in 3...last {
            kernel.apply(.ordered(Self.decision(number)))
            kernel.apply(.orderEnded(OrderNumber(number), .failed, reason: "locked down"))
        }
        for number in [1, 2, last - 20_000] {
            #expect(kernel.order(OrderNumber(number)) == nil)
            var effects = Effects()
            kernel.handle(Self.fill(number), into: &effects)
            guard case .filled(Self.fill(number), _)? = effects.facts.first else {
                Issue.record("\(number): \(effects.facts)")
                continue
            }
        }
    }

    @Test func oldOrdersAreBounded() {
        var old = OldOrders<Int>()
        let count = UInt64(3 * OldOrders<Int>.most)
        for number in 1...count { old.keep(Int(number), as: OrderNumber(number)) }
        #expect(old.count < 2 * OldOrders<Int>.most && old.count >= OldOrders<Int>.most)
        #expect(old[OrderNumber(count)] == Int(count))
        let lost = old.lost?.value ?? 0
        #expect(old[OrderNumber(lost)] == nil && old[OrderNumber(lost + 1)] != nil)
        #expect(old.take(OrderNumber(count)) == Int(count) && old[OrderNumber(count)] == nil)
    }
}
