import Brokers
import Orders
import Platform
import Ports
import TestKit
import Testing
import TradingModel

/// The host's turns before the broker's own limit, over real sockets (R10.3).
@Suite(.timeLimit(.minutes(2))) struct RateTurnsTests {
    private static let perSecond = 20
    private static let each = 10

    private static func order(_ number: UInt64, _ side: Side, _ limit: Int64) -> Order {
        Order(
            number: OrderNumber(number), account: AccountID(0), instrument: InstrumentID(0),
            side: side, quantity: .shares(1), limit: .won(limit))
    }
    private static func client(_ number: UInt64) -> ClientOrderID {
        ClientOrderID(high: 9, low: number)
    }

    /// Everything at once, the least urgent asked for first: exits leave first, then cancels, openings, questions; none is
    /// lost, none is made twice, and the broker never says that there were too many.
    @Test func everythingAtOnceGoesByItsUrgencyAndIsNeverTooMuch() async throws {
        var wish = BenchWish()
        wish.atOnce = Self.perSecond
        let held = try await SimulatedBench(.plain, wish)
        let bench = held.bench()
        let rest = try #require(bench.rest)
        let free = SendPermit(opens: true, kills: [])
        await bench.trade(InstrumentID(0), .won(70_000))
        for number in 1...UInt64(Self.each) {
            await rest()
            // What is to be sold, and what is to be cancelled.
            let bought = Order(
                number: OrderNumber(number), account: AccountID(0), instrument: InstrumentID(0),
                side: .buy, quantity: .shares(1), limit: nil)
            _ = try await bench.broker.place(
                Placement(bought, as: Self.client(number), permit: free))
            _ = try await bench.broker.place(
                Placement(
                    Self.order(100 + number, .buy, 60_000), as: Self.client(100 + number),
                    permit: free))
        }
        await bench.trade(InstrumentID(0), .won(70_000))
        await bench.settle()
        await rest()

        var limiter = RateLimiter(perSecond: Int64(Self.perSecond))
        var now = Timestamp.seconds(1)
        for kind in Self.kinds(at: now) {
            let id = CallID(UInt64(limiter.count) + 1)
            limiter.offer(
                DeskCall(id: id, kind: kind, limit: .seconds(60)),
                of: .init(desk: AccountID(0), call: id), at: now)
        }
        var made: [DeskCall.Urgency] = []
        while limiter.count > 0 {
            guard let turn = limiter.next(at: now) else {
                now = try #require(limiter.wake)
                continue
            }
            guard case .go(_, let call, _) = turn else { throw Late() }
            made.append(call.urgency)
            try await Self.make(call, bench.broker, free)
            // A second of the limiter's is one of the broker's.
            if made.count % Self.perSecond == 0 { await rest() }
        }
        #expect(
            made
                == [.exit, .cancel, .order, .question].flatMap {
                    Array(repeating: $0, count: Self.each)
                })
        await rest()
        let open = try await bench.broker.openOrders()
        #expect(open.count { $0.side == .sell } == Self.each)
        #expect(Set(open.compactMap(\.clientID)).count == open.count)
        #expect(
            open.count == 2 * Self.each,
            "what was to be cancelled is gone, the openings are there once")
    }
    private struct Late: Error {}

    private static func kinds(at now: Timestamp) -> [DeskCall.Kind] {
        let numbers = (1...UInt64(each))
        func place(_ order: Order) -> DeskCall.Kind {
            .place(
                ApprovedOrder(
                    order, as: client(order.number.value), opens: order.side == .buy,
                    approvedAt: now))
        }
        return numbers.map { _ in .openOrders }
            + numbers.map { place(order(200 + $0, .buy, 61_000)) }
            + numbers.map { .cancel(.client(client(100 + $0)), of: OrderNumber(100 + $0)) }
            + numbers.map { place(order(300 + $0, .sell, 90_000)) }
    }

    private static func make(
        _ call: DeskCall, _ broker: any Broker, _ permit: SendPermit
    ) async throws(BrokerError) {
        switch call.kind {
        case .place(let approved):
            _ = try await broker.place(
                Placement(approved.order, as: approved.client, permit: permit))
        case .cancel(let name, _): try await broker.cancel(name)
        default: _ = try await broker.openOrders()
        }
    }
}
