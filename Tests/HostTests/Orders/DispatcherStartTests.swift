import Kernel
import Orders
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

/// A start: what the log says of lockdowns, cancels, numbers and kills.
extension DispatcherTests {
    @Test func aStartKnowsLockdownsCancelsAndNumbersOfTheLog() throws {
        let decision = OrderDecision(
            order: order(1), source: SourceID(0), position: .start, confidence: .full,
            reference: .won(100), reserved: .zero, detail: .words(""))
        var minutes = DeskMinutes()
        minutes.routes = [Minute.Route(order: OrderNumber(1), desk: 0)]
        var later = DeskMinutes()
        later.lockdowns = [Minute.Lockdown(desk: 0, reason: "three failures")]
        var dispatcher = dispatcher(log: [
            ([.ordered(decision)], minutes),
            ([.submitted(OrderNumber(1), BrokerOrderID("v1"))], DeskMinutes()),
            ([.cancelAsked(OrderNumber(1), reason: "by hand")], later),
            ([.killed(true, .all, reason: "enough")], DeskMinutes()),
        ])
        #expect(dispatcher.desks[0].lockdown == "three failures")
        #expect(dispatcher.desks[0].kill == "enough")
        #expect(dispatcher.desks[0].isInDoubt(OrderNumber(1)))
        let turns = calls(&dispatcher)
        #expect(
            turns.contains {
                $0.call.kind
                    == .cancel(.client(Self.client(decision.order)), of: OrderNumber(1))
            }, "the wish to cancel outlives the host, by our own name of the order")
        #expect(
            !turns.contains { if case .order = $0.call.kind { true } else { false } },
            "and goes before the question")
    }

    @Test func aLockdownNamesTheWayOut() throws {
        var minutes = DeskMinutes()
        minutes.lockdowns = [Minute.Lockdown(desk: 0, reason: "three failures")]
        var dispatcher = dispatcher(log: [([], minutes)])
        dispatcher.approve(order(1), as: Self.client(order(1)), at: Self.start)
        guard case .failed(_, let why)? = dispatcher.takeReports().first else {
            return #expect(Bool(false), "it goes nowhere")
        }
        #expect(why.hasSuffix("; madang account release \(dispatcher.accountNames[0])"))
    }

    /// R11.3: of what a kill cancels the nearest to the market first, by the prices of the turn.
    @Test func aKillCancelsTheNearestToTheMarketFirst() {
        var dispatcher = dispatcher()
        let limits: [Int64] = [90, 97, 80, 95]
        for (index, limit) in limits.enumerated() {
            let order = Order(
                number: OrderNumber(UInt64(index + 1)), account: AccountID(0),
                instrument: InstrumentID(0), side: .buy, quantity: .shares(1), limit: .won(limit))
            approve(&dispatcher, order, record: UInt64(index + 1))
        }
        for turn in calls(&dispatcher) {
            guard case .place(let one) = turn.call.kind else { continue }
            let id = BrokerOrderID("v\(one.number)")
            dispatcher.hear(.answer(turn.call.id, .placed(id), took: nil), of: 0, at: Self.start)
        }
        let later = Self.start.advanced(by: .seconds(1))
        dispatcher.kill(true, reason: "enough", at: later)
        _ = dispatcher.takeReports()
        #expect(dispatcher.isChoice)
        var gaveBack = false
        let turns = (0..<8).flatMap {
            dispatcher.takeCalls(
                at: later.advanced(by: Nanoseconds($0)), last: [.won(100), nil],
                gaveBack: &gaveBack)
        }
        let cancelled = turns.compactMap { turn -> UInt64? in
            if case .cancel(_, let number) = turn.call.kind { number.value } else { nil }
        }
        #expect(cancelled == [2, 4, 1, 3])
    }

    /// How the broker has the first order.
    private var foundAtWork: BrokerOrder {
        BrokerOrder(
            brokerID: BrokerOrderID("v1"), clientID: Self.client(order(1)),
            instrument: InstrumentID(0), symbol: "S0", side: .buy, quantity: .shares(10),
            limit: nil, filled: .zero, filledValue: .zero, state: .working, placedAt: nil)
    }

    /// The kill switch was let go before the host ended; what it wanted of an order in doubt is wanted still.
    @Test(arguments: [true, false]) func whatAKillWantedIsWantedBehindARestart(_ isBefore: Bool)
        throws
    {
        let decision = OrderDecision(
            order: order(1), source: SourceID(0), position: .start, confidence: .full,
            reference: .won(100), reserved: .zero, detail: .words(""))
        var minutes = DeskMinutes()
        minutes.routes = [Minute.Route(order: OrderNumber(1), desk: 0)]
        let approved: (facts: [Fact], minutes: DeskMinutes) = ([.ordered(decision)], minutes)
        let kills: (facts: [Fact], minutes: DeskMinutes) = (
            [.killed(true, .all, reason: "enough"), .killed(false, .all, reason: "over")],
            DeskMinutes()
        )
        var dispatcher = dispatcher(log: isBefore ? [approved, kills] : [kills, approved])
        #expect(dispatcher.desks[0].kill == nil)
        func cancels(_ turns: [Dispatcher.Turn]) -> Int {
            turns.count {
                if case .cancel(_, OrderNumber(1)) = $0.call.kind { true } else { false }
            }
        }
        let turns = calls(&dispatcher)
        #expect(cancels(turns) == (isBefore ? 1 : 0))
        guard !isBefore else { return }
        let question = try #require(
            turns.first { if case .order = $0.call.kind { true } else { false } })
        dispatcher.hear(
            .answer(question.call.id, .order(.found(foundAtWork))), of: 0, at: Self.start)
        #expect(cancels(calls(&dispatcher)) == 0)
    }
}
