import Kernel
import Orders
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

/// Between kernel and brokers, by hand: what waits for what, who hears of what.
@Suite struct DispatcherTests {
    static let start = Timestamp.seconds(1_000)
    let counter = KillCounter()

    private func setup(_ brokers: Int, callsPerSecond: Int64) -> BrokerSetup {
        var route = Router.Settings(primary: 0)
        if brokers > 1 {
            route.secondary = [InstrumentID(1): 1]
            route.failover = 1
        }
        return BrokerSetup(
            links: (0..<brokers).map {
                BrokerLink(
                    name: "b\($0)", account: AccountID(0), broker: StubBroker(StubVenue()),
                    callsPerSecond: callsPerSecond)
            }, routes: [route])
    }
    func dispatcher(
        _ brokers: Int = 1, callsPerSecond: Int64 = 1_000_000_000,
        log: [(facts: [Fact], minutes: DeskMinutes)] = [], parts: PartKills = PartKills(),
        sources: [String] = []
    ) -> Dispatcher {
        let setup = setup(brokers, callsPerSecond: callsPerSecond)
        var memory = OrderMemory(setup, instruments: 2)
        for record in log {
            memory.take(record.facts, record.minutes, at: Self.start) { Self.client($0) }
        }
        return Dispatcher(
            setup,
            .sample(
                instruments: 2, sources: sources.map { SourcePlan(name: $0, kind: .builtIn) }),
            clock: DeskClock(), counter: counter, parts: parts, memory: memory, at: Self.start)
    }
    static func client(_ order: Order) -> ClientOrderID {
        ClientOrderID(high: 7, low: order.number.value)
    }
    func order(
        _ number: UInt64, _ side: Side = .buy, shares: Int64 = 10, of instrument: Int = 0
    ) -> Order {
        Order(
            number: OrderNumber(number), account: AccountID(0),
            instrument: InstrumentID(instrument), side: side, quantity: .shares(shares), limit: nil)
    }
    func filled(_ number: UInt64, shares: Int64 = 10) -> Fact {
        .filled(
            Fill(
                order: OrderNumber(number), id: 1, price: .won(100), quantity: .shares(shares),
                fee: .zero, time: .zero),
            Booking(
                realised: .zero, positionAfter: .zero, costAfter: .zero, cashAfter: .zero))
    }

    /// Everything that has its turn: one each nanosecond, at most.
    func calls(_ dispatcher: inout Dispatcher, at now: Timestamp = start)
        -> [Dispatcher.Turn]
    {
        _ = dispatcher.takeReports()
        var gaveBack = false
        return (0..<64).flatMap {
            dispatcher.takeCalls(
                at: now.advanced(by: Nanoseconds($0)), last: [], gaveBack: &gaveBack)
        }
    }
    func placed(_ turns: [Dispatcher.Turn]) -> [OrderNumber] {
        turns.compactMap { if case .place(let one) = $0.call.kind { one.number } else { nil } }
    }
    func approve(
        _ dispatcher: inout Dispatcher, _ order: Order, at now: Timestamp = start,
        record: UInt64 = 1
    ) {
        dispatcher.approve(order, as: Self.client(order), at: now)
        dispatcher.recorded(as: record)
        dispatcher.release(through: record, at: now)
    }

    // MARK: The log

    @Test func anOrderWaitsForItsRecordAndIsOverWithItsCancel() {
        var dispatcher = dispatcher()
        dispatcher.approve(order(1), as: Self.client(order(1)), at: Self.start)
        dispatcher.approve(order(2), as: Self.client(order(2)), at: Self.start)
        dispatcher.approve(order(3), as: Self.client(order(3)), at: Self.start)
        dispatcher.cancel(OrderNumber(2), reason: "by hand", at: Self.start)
        #expect(withdrawn(&dispatcher) == [OrderNumber(2)], "nothing of it will go out")
        dispatcher.release(through: 99, at: Self.start)
        #expect(placed(calls(&dispatcher)).isEmpty, "they have no record yet")
        dispatcher.recorded(as: 5)
        dispatcher.release(through: 4, at: Self.start)
        #expect(placed(calls(&dispatcher)).isEmpty)
        dispatcher.release(through: 5, at: Self.start)
        #expect(placed(calls(&dispatcher)) == [OrderNumber(1), OrderNumber(3)])
    }

    /// A cancel behind an order that is at its desk and waits for its turn: the order is not written any more.
    @Test func aPlaceThatWaitsForItsTurnIsNotWrittenBehindItsCancel() {
        var dispatcher = dispatcher(callsPerSecond: 1)
        approve(&dispatcher, order(1), record: 1)
        approve(&dispatcher, order(2), record: 2)
        #expect(placed(calls(&dispatcher)) == [OrderNumber(1)])
        dispatcher.cancel(OrderNumber(2), reason: "the stop fired", at: Self.start)
        var (kinds, ends): ([DeskCall.Kind], [OrderNumber]) = ([], [])
        for second in 1...8 as ClosedRange<Int64> {
            kinds += calls(&dispatcher, at: Self.start.advanced(by: .seconds(second)))
                .map(\.call.kind)
            ends += withdrawn(&dispatcher)
        }
        #expect(ends == [OrderNumber(2)])
        #expect(
            !kinds.contains {
                if case .place(let one) = $0 { one.number.value == 2 } else { false }
            })
    }

    /// A lockdown behind an order that waits for its turn: nothing opens, and that is one that would.
    @Test func aPlaceThatWaitsForItsTurnIsNotWrittenBehindALockdown() {
        var dispatcher = dispatcher(callsPerSecond: 1)
        approve(&dispatcher, order(1), record: 1)
        approve(&dispatcher, order(2), record: 2)
        #expect(placed(calls(&dispatcher)) == [OrderNumber(1)])
        let stray = Fill(
            order: OrderNumber(99), id: 1, price: .won(100), quantity: .shares(1), fee: .zero,
            time: Self.start)
        dispatcher.hear(
            .news(NumberedNews(number: 1, news: .report(.filled(stray)))), of: 0, at: Self.start)
        var (written, failed): ([OrderNumber], [String]) = ([], [])
        for second in 1...8 as ClosedRange<Int64> {
            written += placed(calls(&dispatcher, at: Self.start.advanced(by: .seconds(second))))
            failed += dispatcher.takeReports().compactMap {
                if case .failed(OrderNumber(2), let reason) = $0 { reason } else { nil }
            }
        }
        #expect(written.isEmpty)
        #expect(failed.count == 1 && failed.allSatisfy { $0.contains("is locked down") })
    }

    private func withdrawn(_ dispatcher: inout Dispatcher) -> [OrderNumber] {
        dispatcher.takeReports().compactMap {
            if case .cancelled(let number, let reason) = $0,
                reason.hasPrefix("withdrawn before it was sent: ")
            {
                number
            } else {
                nil
            }
        }
    }

    // MARK: Holdings

    @Test func aSaleIsNoMoreThanWhatIsFreeAtItsBroker() {
        var dispatcher = dispatcher()
        func sell(_ number: UInt64) -> [BrokerReport] {
            approve(&dispatcher, order(number, .sell), record: number)
            return dispatcher.takeReports()
        }
        approve(&dispatcher, order(1))
        dispatcher.note([filled(1)])
        #expect(sell(2).isEmpty)
        let refused = BrokerReport.failed(OrderNumber(3), reason: "no broker holds all of it")
        #expect(sell(3).contains(refused), "the other sells it")
        dispatcher.recorded(as: 4)
        dispatcher.note([.orderEnded(OrderNumber(2), .cancelled, reason: "")])
        #expect(sell(5).isEmpty, "it is free again")
    }

    /// What another sale there may take is not for it, whatever other brokers hold.
    @Test func aSaleGrowsToWhatItsBrokerHolds() {
        var dispatcher = dispatcher(2)
        approve(&dispatcher, order(1))
        approve(&dispatcher, order(2, of: 1), record: 2)
        dispatcher.note([filled(1), filled(2)])
        approve(&dispatcher, order(3, .sell, shares: 4), record: 3)
        approve(&dispatcher, order(4, .sell, shares: 5), record: 4)
        _ = dispatcher.takeReports()
        func grow(to shares: Int64) -> [BrokerReport] {
            let change = OrderChange(limit: .won(100), quantity: .shares(shares))
            dispatcher.approve(ChangeWish(OrderNumber(3), change, opens: false), at: Self.start)
            return dispatcher.takeReports()
        }
        #expect(
            grow(to: 6) == [
                .changeRefused(
                    OrderNumber(3), OrderChange(limit: .won(100), quantity: .shares(6)),
                    reason: "b0 has 5 of it for this sale, and 6 are to be sold")
            ])
        #expect(grow(to: 5).isEmpty)
    }

    @Test func aChangeIsNotWrittenBehindTheEndOfItsOrder() throws {
        var dispatcher = dispatcher()
        approve(&dispatcher, order(1))
        let change = OrderChange(limit: .won(100), quantity: .shares(6))
        let wish = ChangeWish(OrderNumber(1), change, opens: false)
        let approved = ApprovedChange(
            wish.number, to: change, opens: false, validUntil: nil, approvedAt: Self.start)
        dispatcher.approve(wish, at: Self.start)
        let waiting = dispatcher.permit(of: approved)
        #expect(waiting.withdrawal(at: 0) == nil)
        dispatcher.note([.orderEnded(wish.number, .cancelled, reason: "")])
        #expect(waiting.withdrawal(at: 0) == .late)
        #expect(dispatcher.permit(of: approved).withdrawal(at: 0) == .late)
    }

    /// The cancel has the earlier turn; were it lost, the change would still make the order another.
    @Test func aChangeThatWaitsForItsTurnIsNotWrittenBehindACancel() throws {
        var dispatcher = dispatcher(callsPerSecond: 1)
        approve(&dispatcher, order(1))
        let placing = try #require(
            calls(&dispatcher).first { if case .place = $0.call.kind { true } else { false } })
        dispatcher.hear(
            .answer(placing.call.id, .placed(BrokerOrderID("v1"))), of: 0, at: Self.start)
        _ = dispatcher.takeReports()
        let change = OrderChange(limit: .won(101), quantity: .shares(12))
        dispatcher.approve(ChangeWish(OrderNumber(1), change, opens: true), at: Self.start)
        dispatcher.recorded(as: 2)
        dispatcher.release(through: 2, at: Self.start)
        _ = dispatcher.takeReports()  // its call waits for its turn
        dispatcher.cancel(OrderNumber(1), reason: "by hand", at: Self.start)
        var (kinds, reports): ([DeskCall.Kind], [BrokerReport]) = ([], [])
        for second in 1...8 as ClosedRange<Int64> {
            let now = Self.start.advanced(by: .seconds(second))
            kinds += calls(&dispatcher, at: now).map(\.call.kind)
            reports += dispatcher.takeReports()
        }
        #expect(kinds.contains { if case .cancel = $0 { true } else { false } })
        #expect(!kinds.contains { if case .modify = $0 { true } else { false } })
        #expect(
            reports.contains {
                if case .changeRefused(OrderNumber(1), change, _) = $0 { true } else { false }
            })
    }

    @Test func aSplitChangesTheScaleOfWhatIsHeld() {
        var dispatcher = dispatcher()
        approve(&dispatcher, order(1))
        dispatcher.note([filled(1), .exit(.split(InstrumentID(0), new: 3, old: 1))])
        #expect(dispatcher.ledger.held(InstrumentID(0), at: 0) == .shares(30))
        approve(&dispatcher, order(2, .sell, shares: 30), record: 2)
        #expect(dispatcher.takeReports().isEmpty)
    }

    @Test func numbersThatNoBookHoldsTrapNothing() {
        var dispatcher = dispatcher()
        for number in 1...3 as ClosedRange<UInt64> {
            approve(&dispatcher, order(number, shares: 90_000_000_000), record: number)
        }
        dispatcher.note((1...3).map { filled($0, shares: 90_000_000_000) })
        #expect(dispatcher.ledger.held(InstrumentID(0), at: 0).units == .max)
    }

    // MARK: Brokers

    @Test func nobodyGoesBeforeTheBrokersWaitIsOver() {
        var dispatcher = dispatcher()
        approve(&dispatcher, order(1))
        let first = calls(&dispatcher).first {
            if case .place = $0.call.kind { true } else { false }
        }
        let error = BrokerError(.rateLimited(wait: .seconds(5)), "too many")
        dispatcher.hear(
            .answer(first?.call.id ?? CallID(0), .failed(error)), of: 0, at: Self.start)
        approve(&dispatcher, order(2), record: 2)
        #expect(calls(&dispatcher, at: .seconds(1_004)).isEmpty)
        #expect(!placed(calls(&dispatcher, at: .seconds(1_005))).isEmpty)
    }

    @Test func eachBrokerHasTheOrdersOfItsInstrument() {
        var dispatcher = dispatcher(2)
        approve(&dispatcher, order(1))
        approve(&dispatcher, order(2, of: 1), record: 2)
        let turns = calls(&dispatcher)
        #expect(placed(turns.filter { $0.desk == 0 }) == [OrderNumber(1)])
        #expect(placed(turns.filter { $0.desk == 1 }) == [OrderNumber(2)])
        #expect(dispatcher.takeMinutes().routes.map(\.desk) == [0, 1])
        // What the second says is heard as well.
        dispatcher.hear(
            .news(NumberedNews(number: 1, news: .report(.rejected(OrderNumber(2), reason: "no")))),
            of: 1, at: Self.start)
        #expect(dispatcher.takeReports() == [.rejected(OrderNumber(2), reason: "no")])
    }

    /// One that waited at the other broker when the first lost an order of its instrument is taken back.
    @Test func nothingOpensBesideADoubtAtAnotherBroker() throws {
        var dispatcher = dispatcher(2)
        approve(&dispatcher, order(1))
        let first = try #require(
            calls(&dispatcher).first { if case .place = $0.call.kind { true } else { false } })
        // The first goes down: its heartbeats fail.
        var now = Self.start
        for _ in 0..<200 where !dispatcher.desks[0].isDown {
            for turn in calls(&dispatcher, at: now) where turn.call.kind == .heartbeat {
                let answer: DeskAnswer =
                    turn.desk == 0 ? .lost : .heartbeat(BrokerHeartbeat(brokerTime: nil))
                dispatcher.hear(.answer(turn.call.id, answer), of: turn.desk, at: now)
            }
            now = now.advanced(by: .milliseconds(50))
            dispatcher.pass(to: now)
        }
        #expect(dispatcher.desks[0].isDown)
        dispatcher.approve(order(2), as: Self.client(order(2)), at: now)
        dispatcher.recorded(as: 2)
        #expect(dispatcher.takeMinutes().routes.last?.desk == 1)
        // Before it has its turn, the first order's answer is lost.
        dispatcher.hear(
            .answer(first.call.id, .failed(BrokerError(.outcomeUnknown, "lost"))), of: 0, at: now)
        for case .unknown(let number, let why) in dispatcher.takeReports() {
            dispatcher.note([.inDoubt(number, reason: why)])
        }
        dispatcher.release(through: 2, at: now)
        #expect(!placed(calls(&dispatcher, at: now)).contains(OrderNumber(2)))
        #expect(
            dispatcher.takeReports().contains {
                if case .expired(OrderNumber(2), _) = $0 { true } else { false }
            })
    }
}

extension BrokerLine.Arrival {
    /// Of which it is not said how long it took.
    static func answer(_ id: CallID, _ answer: DeskAnswer) -> Self {
        .answer(id, answer, took: nil)
    }
}
