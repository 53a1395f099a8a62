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

        // A report of a forgotten order books nothing and is told.
        let (hash, cash) = (kernel.stateHash(), kernel.cash(of: AccountID(0)))
        var effects = Effects()
        kernel.handle(
            .filled(
                Fill(
                    order: OrderNumber(2), id: 1, price: .won(10), quantity: .shares(1), fee: .zero,
                    time: .zero)), into: &effects)
        guard case .contradiction(OrderNumber(2), _)? = effects.facts.first else {
            return _ = Issue.record("\(effects.facts)")
        }
        #expect(effects.facts.count == 1)
        #expect(kernel.stateHash() == hash && kernel.cash(of: AccountID(0)) == cash)
    }
}
