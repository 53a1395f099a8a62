import Kernel
import Orders
import Ports
import Testing
import TradingModel

@testable import Host

/// An intent and two brokers: the one that has its order keeps it, whatever becomes of that.
@Suite struct DispatcherFailoverTests {
    private let bench = DispatcherTests()
    private static let start = DispatcherTests.start

    /// Its answer is lost, then its broker goes down: the other broker, which takes what opens meanwhile, never gets it.
    @Test func anOrderInDoubtIsSentToNoOtherBroker() throws {
        var dispatcher = bench.dispatcher(2)
        bench.approve(&dispatcher, bench.order(1))
        let place = try #require(
            bench.calls(&dispatcher).first {
                if case .place = $0.call.kind { true } else { false }
            })
        #expect(place.desk == 0)
        dispatcher.hear(
            .answer(place.call.id, .failed(BrokerError(.outcomeUnknown, "lost"))), of: 0,
            at: Self.start)
        var (now, sent): (Timestamp, [Dispatcher.Turn]) = (Self.start, [])
        var inDoubt: Set<OrderNumber> = []
        for _ in 0..<600 {
            for case .unknown(let number, let why) in dispatcher.takeReports() {
                inDoubt.insert(number)
                dispatcher.note([.inDoubt(number, reason: why)])
            }
            dispatcher.recorded(as: 2)
            dispatcher.release(through: 2, at: now)
            let turns = bench.calls(&dispatcher, at: now)
            sent += turns
            for turn in turns {
                let isAlive = turn.desk == 1 && turn.call.kind == .heartbeat
                let answer: DeskAnswer =
                    isAlive ? .heartbeat(BrokerHeartbeat(brokerTime: nil)) : .lost
                dispatcher.hear(.answer(turn.call.id, answer), of: turn.desk, at: now)
            }
            now = now.advanced(by: .milliseconds(50))
            dispatcher.pass(to: now)
        }
        #expect(inDoubt == [OrderNumber(1)])
        #expect(dispatcher.desks[0].isDown && !dispatcher.desks[1].isDown)
        #expect(bench.placed(sent) == [])
        // Nor does one that follows go there, while the outcome of the first is unknown.
        bench.approve(&dispatcher, bench.order(2), at: now, record: 3)
        #expect(
            dispatcher.takeReports().contains {
                if case .failed(OrderNumber(2), let why) = $0 {
                    why.hasSuffix("are in doubt: no failover")
                } else {
                    false
                }
            })
    }

    /// Told by a report or in a list: what it moved is in no book, and the kernel, which knows the order, never hears of it.
    @Test(arguments: [false, true])
    func aFillThatABrokerTellsOfAnothersOrderIsBookedAtNeither(_ isListed: Bool) throws {
        var dispatcher = bench.dispatcher(2)
        bench.approve(&dispatcher, bench.order(1))
        // The other broker has one of a higher number, so the first might be one that filled there long ago.
        bench.approve(&dispatcher, bench.order(2, of: 1), record: 2)
        let turns = bench.calls(&dispatcher)
        #expect(turns.filter { bench.placed([$0]) == [OrderNumber(2)] }.map(\.desk) == [1])
        let fill = Fill(
            order: OrderNumber(1), id: 1, price: .won(100), quantity: .shares(3), fee: .zero,
            time: Self.start)
        _ = dispatcher.takeMinutes()
        if isListed {
            dispatcher.hear(
                .news(NumberedNews(number: 1, news: .gap("test"))), of: 1, at: Self.start)
            let list = try #require(
                bench.calls(&dispatcher).first {
                    if case .fills = $0.call.kind { $0.desk == 1 } else { false }
                })
            dispatcher.hear(.answer(list.call.id, .fills([fill]), took: nil), of: 1, at: Self.start)
        } else {
            dispatcher.hear(
                .news(NumberedNews(number: 1, news: .report(.filled(fill)))), of: 1,
                at: Self.start)
        }
        #expect(dispatcher.takeReports().isEmpty)
        let minutes = dispatcher.takeMinutes()
        #expect(
            minutes.notes.contains {
                $0.note.code == .drift && $0.note.severity == .critical
                    && $0.note.text.contains("order 1, which is at b0: 3 at 100 are not booked")
            }, "\(minutes.notes)")
        #expect(minutes.lockdowns.map(\.desk) == [1])
        let asked = bench.calls(&dispatcher).contains { $0.desk == 1 && $0.call.kind == .positions }
        #expect(asked, "and what the account holds there is held against the books")
        // Its own broker tells it: that is booked.
        dispatcher.hear(
            .news(NumberedNews(number: 1, news: .report(.filled(fill)))), of: 0, at: Self.start)
        #expect(dispatcher.takeReports() == [.filled(fill)])
    }
}
