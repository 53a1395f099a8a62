import Orders
import Platform
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

/// The line that counts orders out against approvals (R7.1).
@Suite struct LastHopTests {
    private let order = Order(
        number: OrderNumber(7), account: AccountID(0), instrument: InstrumentID(0), side: .buy,
        quantity: .shares(10), limit: nil)
    private let client = ClientOrderID(high: 1, low: 7)
    private let durable = Locked<UInt64>(5)

    private func hop() -> LastHop { LastHop { [durable] in durable.withLock { $0 } } }
    private func approved(
        _ order: Order, opens: Bool = true, client: ClientOrderID? = nil
    ) -> ApprovedOrder {
        ApprovedOrder(
            order, as: client ?? self.client, opens: opens, approvedAt: .zero)
    }

    @Test func whatWasApprovedPassesAndMayBeTriedAgain() {
        let hop = hop()
        hop.approve(order, as: client, at: 0, record: 5)
        for _ in 0..<3 { #expect(hop.passes(approved(order), at: 0)) }
        #expect(hop.mismatch == nil)
        #expect(hop.counts == (1, 1))
    }

    @Test func withoutAnApprovalNothingPassesAndTheHostHalts() {
        let hop = hop()
        #expect(!hop.passes(approved(order), at: 0))
        #expect(hop.mismatch == "order 7: it has no approval")
        // Then nothing opens, whatever its approval; what reduces does.
        hop.approve(order, as: client, at: 0, record: 5)
        #expect(!hop.passes(approved(order), at: 0))
        #expect(hop.passes(approved(order, opens: false), at: 0))
    }

    @Test func anotherOrderThanWasApprovedDoesNotPass() {
        let larger = Order(
            number: order.number, account: order.account, instrument: order.instrument,
            side: .buy, quantity: .shares(11), limit: nil)
        for (order, client) in [(larger, client), (order, ClientOrderID(high: 1, low: 8))] {
            let hop = hop()
            hop.approve(self.order, as: self.client, at: 0, record: 5)
            #expect(!hop.passes(approved(order, client: client), at: 0))
            #expect(hop.mismatch == "order 7: another order was approved under this number")
        }
    }

    @Test func atAnotherBrokerItDoesNotPass() {
        let hop = hop()
        hop.approve(order, as: client, at: 0, record: 5)
        #expect(!hop.passes(approved(order), at: 1))
        #expect(hop.mismatch == "order 7: it was approved for another broker")
    }

    @Test func aheadOfTheLogItDoesNotPass() {
        let hop = hop()
        hop.approve(order, as: client, at: 0, record: 6)
        #expect(!hop.passes(approved(order), at: 0))
        #expect(hop.mismatch == "order 7: its approval is not on the disk")
        let other = self.hop()
        other.approve(order, as: client, at: 0, record: 6)
        durable.withLock { $0 = 6 }
        #expect(other.passes(approved(order), at: 0))
    }

    @Test func anOrderThatHasEndedGoesOutNoMore() {
        let hop = hop()
        hop.approve(order, as: client, at: 0, record: 5)
        hop.forget(order.number)
        #expect(!hop.passes(approved(order), at: 0))
    }

    /// Its order ended while it waited for its turn: that is nobody's mistake.
    @Test func aChangeThatIsWantedNoMoreGoesOutNoMore() {
        let change = ApprovedChange(
            order.number, to: OrderChange(limit: .won(90), quantity: .shares(12)), opens: true,
            validUntil: nil, approvedAt: .zero)
        let ends = KillCounter()
        let permit = SendPermit(opens: true, kills: [], wanted: ends.reading())
        let hop = hop()
        hop.approve(order.number, change.change, record: 5)
        #expect(hop.passes(change, permit))
        ends.raise()
        hop.forget(order.number)
        #expect(!hop.passes(change, permit))
        #expect(hop.mismatch == nil)
        #expect(permit.withdrawal(at: 0) == .late)
        // One that is wanted, and that nobody approved, is.
        #expect(!hop.passes(change, SendPermit(opens: true, kills: [])))
        #expect(hop.mismatch?.contains("has no approval on the disk") == true)
    }
}
