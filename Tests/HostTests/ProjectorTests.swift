import Kernel
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

@Suite struct ProjectorTests {
    private static let number = OrderNumber(1)

    /// What is booked behind the end of its order is a row of the ledger; the order stays ended.
    @Test func aFillBehindTheEndIsInTheLedger() throws {
        let plan = KernelPlan.sample(
            sources: [SourcePlan(name: "x", kind: .builtIn)], attachments: [.sample(0)])
        var kernel = Kernel(plan)
        var projector = Projector(
            plan, versions: [.init()],
            ledger: Ledger(plan, hostID: "h", models: [""], digest: PlainSHA256()))
        let decision = OrderDecision(
            order: Order(
                number: Self.number, account: AccountID(0), instrument: InstrumentID(0),
                side: .buy, quantity: .shares(10), limit: nil),
            source: SourceID(0), position: EventPosition(step: 1, index: 0), confidence: .full,
            reference: .won(100), reserved: .won(1_000), detail: "")
        kernel.apply(.ordered(decision))
        var effects = Effects()
        kernel.handle(.cancelled(Self.number, reason: "asked"), into: &effects)
        let fill = Fill(
            order: Self.number, id: 1, price: .won(100), quantity: .shares(4), fee: .zero,
            time: .zero)
        kernel.handle(.filled(fill), into: &effects)
        for fact in [.ordered(decision)] + effects.facts {
            projector.take(fact, at: .start, time: .zero, record: 1)
        }
        let rows = projector.takeRows()
        let ledger = rows.compactMap { if case .ledger(let row) = $0 { row } else { nil } }
        let orders = rows.compactMap { if case .order(let row) = $0 { row } else { nil } }
        let risks = rows.compactMap { if case .risk(let row) = $0 { row } else { nil } }
        #expect(ledger.map(\.quantity) == [.shares(4)])
        #expect(ledger.map(\.positionAfter) == [.shares(4)])
        #expect(orders.last?.state == "cancelled" && orders.last?.filled == .shares(4))
        #expect(risks.map(\.code) == ["FS041"])
    }
}
