import Kernel
import Orders
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

/// Orders that the books have ended and that are not over: what the log has of them, and what a start makes of it.
extension DispatcherTests {
    private static let one = OrderNumber(1)

    private func decision(_ number: UInt64) -> Fact {
        .ordered(
            OrderDecision(
                order: order(number), source: SourceID(0), position: .start, confidence: .full,
                reference: .won(100), reserved: .zero, detail: .words("")))
    }
    private func routed(_ number: UInt64) -> (facts: [Fact], minutes: DeskMinutes) {
        (
            [decision(number)],
            DeskMinutes(routes: [Minute.Route(order: OrderNumber(number), desk: 0)])
        )
    }
    private func cancels(_ turns: [Dispatcher.Turn]) -> [OrderName] {
        turns.compactMap { if case .cancel(let name, _) = $0.call.kind { name } else { nil } }
    }

    /// Refused for certain, and taken all the same: it is cancelled at once, however slow the disk is, and the log has
    /// its number with the same record.
    @Test func aGhostIsCancelledAtOnceAndItsNumberGoesIntoTheLog() throws {
        var dispatcher = dispatcher()
        approve(&dispatcher, order(1))
        let placing = try #require(
            calls(&dispatcher).first { if case .place = $0.call.kind { true } else { false } })
        dispatcher.hear(
            .answer(placing.call.id, .failed(BrokerError(.rejected, "no")), took: nil), of: 0,
            at: Self.start)
        _ = dispatcher.takeReports()
        dispatcher.note([.orderEnded(Self.one, .rejected, reason: "no")])
        dispatcher.recorded(as: 2)
        _ = dispatcher.takeMinutes()
        #expect(dispatcher.isSettled)

        let news = NumberedNews(
            number: 1, news: .report(.accepted(Self.one, BrokerOrderID("v1"))))
        dispatcher.hear(.news(news), of: 0, at: Self.start)
        #expect(cancels(calls(&dispatcher)) == [.broker(BrokerOrderID("v1"))])
        let memos = dispatcher.takeMinutes().memos
        let ghost = OrderMemo(isGhost: true, broker: BrokerOrderID("v1"))
        #expect(memos == [Minute.Memo(desk: 0, order: Self.one, memo: ghost)])
        #expect(!dispatcher.isSettled, "a run does not end beside it")
        #expect(dispatcher.unended == [Self.one])
    }

    /// However many orders have ended since.
    @Test func aStartKnowsGhostsOfTheLog() {
        let ghost = Minute.Memo(
            desk: 0, order: Self.one,
            memo: OrderMemo(isGhost: true, broker: BrokerOrderID("v1")))
        var log: [(facts: [Fact], minutes: DeskMinutes)] = [routed(1)]
        log.append(([.orderEnded(Self.one, .failed, reason: "none")], DeskMinutes()))
        log.append(([], DeskMinutes(memos: [ghost])))
        for number in 2...5_000 as ClosedRange<UInt64> {
            log.append(routed(number))
            log.append(([.orderEnded(OrderNumber(number), .cancelled, reason: "")], DeskMinutes()))
        }
        var started = dispatcher(log: log)
        #expect(started.desks[0].ghosts == [Self.one] && started.desks[0].isInDoubt(Self.one))
        let asked = calls(&started).contains {
            $0.call.kind == .order(.broker(BrokerOrderID("v1")), of: Self.one)
                || $0.call.kind == .cancel(.client(Self.client(order(1))), of: Self.one)
        }
        #expect(asked)
        let isTaken = started.resolve(Self.one, .notAccepted, at: Self.start)
        #expect(isTaken, "a person can say what became of it")
        _ = started.takeReports()
        #expect(
            started.takeMinutes().memos.last
                == Minute.Memo(desk: 0, order: Self.one, memo: OrderMemo()))
        #expect(started.isSettled)

        // It was over before the crash.
        log.append(
            ([], DeskMinutes(memos: [Minute.Memo(desk: 0, order: Self.one, memo: OrderMemo())])))
        #expect(dispatcher(log: log).desks[0].ghosts.isEmpty)
    }

    /// R8: a fill of an order that ended thousands of others ago reaches the books, with its broker.
    @Test func aFillOfAnOldOrderIsHeardBehindAStart() {
        var log: [(facts: [Fact], minutes: DeskMinutes)] = []
        for number in 1...20_000 as ClosedRange<UInt64> {
            log.append(routed(number))
            log.append(([.orderEnded(OrderNumber(number), .cancelled, reason: "")], DeskMinutes()))
        }
        var started = dispatcher(log: log)
        _ = started.takeReports()
        let fill = Fill(
            order: Self.one, id: 1, price: .won(100), quantity: .shares(3), fee: .zero, time: .zero)
        started.hear(
            .news(NumberedNews(number: 1, news: .report(.filled(fill)))), of: 0, at: Self.start)
        #expect(started.takeReports() == [.filled(fill)])
        #expect(started.takeMinutes().lockdowns.isEmpty)
        #expect(started.ledger.home(of: Self.one) == 0)
        started.note([filled(1, shares: 3)])
        #expect(started.ledger.held(InstrumentID(0), at: 0) == .shares(3))
        // And behind the next start.
        log.append(([filled(1, shares: 3)], DeskMinutes()))
        let again = dispatcher(log: log)
        #expect(again.ledger.held(InstrumentID(0), at: 0) == .shares(3))
    }
}
