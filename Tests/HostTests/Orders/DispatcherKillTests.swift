import Kernel
import Orders
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

extension DispatcherTests {
    @Test func aKillTakesBackWhatWaitsForItsTurn() {
        var dispatcher = dispatcher(callsPerSecond: 1)
        for number in 1...3 as ClosedRange<UInt64> {
            approve(&dispatcher, order(number), record: number)
        }
        #expect(placed(calls(&dispatcher)) == [OrderNumber(1)])
        counter.raise()
        dispatcher.kill(true, reason: "test", at: Self.start)
        let withdrawn = dispatcher.takeReports().compactMap {
            if case .cancelled(let number, _) = $0 { number } else { nil }
        }
        #expect(withdrawn == [OrderNumber(2), OrderNumber(3)])
    }

    @Test func anOrderOfBeforeAKillHasNoPermit() {
        var dispatcher = dispatcher()
        approve(&dispatcher, order(1))
        counter.raise()
        let turns = calls(&dispatcher).compactMap(\.permit)
        #expect(turns.map { $0.withdrawal(at: 0) } == [.killed])
        approve(&dispatcher, order(2), record: 2)
        #expect(calls(&dispatcher).compactMap(\.permit).map { $0.withdrawal(at: 0) } == [nil])
    }

    /// R11.3: of one strategy, or of one account: at the line before the socket, whatever the loop knows yet.
    @Test(arguments: [true, false]) func aPartsKillTakesThePermitsOfItsOwnOrders(
        _ isOfAccount: Bool
    ) throws {
        let parts = PartKills()
        var dispatcher = dispatcher(parts: parts, sources: ["cross", "other"])
        for number in 1...2 as ClosedRange<UInt64> {
            let decision = OrderDecision(
                order: order(number), source: SourceID(Int(number) - 1), position: .start,
                confidence: .full, reference: .won(100), reserved: .zero, detail: "")
            dispatcher.note([.ordered(decision)])
            approve(&dispatcher, order(number), record: number)
        }
        var kill = KillOrder(number: 1, on: false, reason: "test")
        if isOfAccount {
            kill.accounts[dispatcher.accountNames[0]] = KillOrder.Part(reason: "test")
        } else {
            kill.strategies["cross"] = KillOrder.Part(reason: "test")
        }
        parts.raise(kill)
        let permits = calls(&dispatcher).compactMap(\.permit)
        #expect(permits.map { $0.withdrawal(at: 0) } == [.killed, isOfAccount ? .killed : nil])
    }

    /// A strategy is stopped while a change of an order of the log waits in the adapter: it must not grow.
    @Test(arguments: ["cross", "other"]) func aPartsKillTakesTheChangesOfRestoredOrders(
        _ stopped: String
    ) {
        let parts = PartKills()
        let decision = OrderDecision(
            order: order(12), source: SourceID(0), position: .start, confidence: .full,
            reference: .won(100), reserved: .zero, detail: "")
        var minutes = DeskMinutes()
        minutes.routes = [Minute.Route(order: OrderNumber(12), desk: 0)]
        var dispatcher = dispatcher(
            log: [
                ([.ordered(decision)], minutes),
                ([.submitted(OrderNumber(12), BrokerOrderID("v12"))], DeskMinutes()),
            ], parts: parts, sources: ["cross", "other"])
        let change = OrderChange(limit: .won(100), quantity: .shares(20))
        dispatcher.approve(ChangeWish(OrderNumber(12), change, opens: true), at: Self.start)
        let permit = dispatcher.permit(
            of: ApprovedChange(
                OrderNumber(12), to: change, opens: true, validUntil: nil, approvedAt: Self.start))
        var kill = KillOrder(number: 1, on: false, reason: "test")
        kill.strategies[stopped] = KillOrder.Part(reason: "test")
        parts.raise(kill)
        #expect(permit.withdrawal(at: 0) == (stopped == "cross" ? .killed : nil))
    }

    @Test func anOrderThatIsOverHasNoSourceBehindARestart() {
        let decision = OrderDecision(
            order: order(1), source: SourceID(0), position: .start, confidence: .full,
            reference: .won(100), reserved: .zero, detail: "")
        var minutes = DeskMinutes()
        minutes.routes = [Minute.Route(order: OrderNumber(1), desk: 0)]
        let log: [(facts: [Fact], minutes: DeskMinutes)] = [([.ordered(decision)], minutes)]
        #expect(dispatcher(log: log, sources: ["cross"]).sources == [OrderNumber(1): SourceID(0)])
        let isOver = log + [([filled(1)], DeskMinutes())]
        #expect(dispatcher(log: isOver, sources: ["cross"]).sources.isEmpty)
    }

    /// The end of its order is asked for while the adapter holds the change: it is not written any more.
    @Test(arguments: [true, false]) func anEndThatIsAskedForTakesTheChange(_ isFact: Bool) {
        var dispatcher = dispatcher()
        approve(&dispatcher, order(1))
        let change = OrderChange(limit: .won(101), quantity: .shares(12))
        dispatcher.approve(ChangeWish(OrderNumber(1), change, opens: true), at: Self.start)
        let permit = dispatcher.permit(
            of: ApprovedChange(
                OrderNumber(1), to: change, opens: true, validUntil: nil, approvedAt: Self.start))
        #expect(permit.withdrawal(at: 0) == nil)
        if isFact {
            dispatcher.note([.cancelAsked(OrderNumber(1), reason: "a desk wants it")])
        } else {
            dispatcher.cancel(OrderNumber(1), reason: "by hand", at: Self.start)
        }
        #expect(permit.withdrawal(at: 0) == .late)
    }
}
