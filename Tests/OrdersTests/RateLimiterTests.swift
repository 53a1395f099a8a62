import Orders
import Ports
import TestKit
import Testing
import TradingModel

/// R10.3: exits, cancels, orders, questions; evenly; waiting counts in the limit.
@Suite struct RateLimiterTests {
    private let account = AccountID(0)
    private func ticket(_ call: DeskCall) -> RateLimiter.Ticket {
        RateLimiter.Ticket(desk: account, call: call.id)
    }
    private func place(_ id: UInt64, _ side: Side) -> DeskCall {
        let order = Order(
            number: OrderNumber(id), account: account, instrument: InstrumentID(0), side: side,
            quantity: .shares(1), limit: nil)
        let approved = ApprovedOrder(
            order, as: ClientOrderID(high: 1, low: id), opens: side == .buy, approvedAt: .zero)
        return DeskCall(id: CallID(id), kind: .place(approved), limit: .seconds(10))
    }
    private func call(_ id: UInt64, _ kind: DeskCall.Kind, limit: Int64 = 10) -> DeskCall {
        DeskCall(id: CallID(id), kind: kind, limit: .seconds(limit))
    }

    @Test func theUrgentGoFirst() {
        var limiter = RateLimiter(perSecond: 1)
        let cancel = call(3, .cancel(.broker(BrokerOrderID("b")), of: OrderNumber(9)))
        for each in [call(1, .heartbeat), place(2, .buy), cancel, place(4, .sell)] {
            limiter.offer(each, of: ticket(each), at: .zero)
        }
        var order: [UInt64] = []
        for second in 0..<4 {
            guard case .go(let ticket, _, _) = limiter.next(at: .seconds(Int64(second))) else {
                break
            }
            order.append(ticket.call.value)
            #expect(limiter.next(at: .seconds(Int64(second))) == nil, "one a second")
        }
        #expect(order == [4, 3, 2, 1])
    }

    @Test(arguments: [1, 3, 18] as [Int64])
    func noSecondHasMoreThanTheLimit(_ rate: Int64) {
        var limiter = RateLimiter(perSecond: rate)
        for id in 1...100 as ClosedRange<UInt64> {
            let call = call(id, .heartbeat, limit: 1_000)
            limiter.offer(call, of: ticket(call), at: .zero)
        }
        var times: [Timestamp] = []
        var now = Timestamp.zero
        while limiter.count > 0 {
            if case .go = limiter.next(at: now) {
                times.append(now)
            } else {
                now = max(now, limiter.wake ?? now)
            }
        }
        for (first, last) in zip(times, times.dropFirst(Int(rate))) {
            #expect(last.since(first) >= .seconds(1))
        }
        let whole = times[times.count - 1].since(times[0]).seconds
        #expect(whole <= 99.01 / Double(rate), "and it is used up: \(whole) s")
    }

    @Test func waitingCountsInTheLimit() {
        var limiter = RateLimiter(perSecond: 1)
        let (first, second) = (place(1, .buy), call(2, .heartbeat, limit: 3))
        limiter.offer(first, of: ticket(first), at: .zero)
        limiter.offer(second, of: ticket(second), at: .zero)
        #expect(limiter.next(at: .seconds(2)) == .go(ticket(first), first, left: .seconds(8)))
        #expect(limiter.next(at: .seconds(3)) == .late(ticket(second), second))
        #expect(limiter.count == 0 && limiter.wake == nil)
    }

    @Test func aRefusalHoldsEverybody() {
        var limiter = RateLimiter(perSecond: 10)
        let exit = place(1, .sell)
        limiter.offer(exit, of: ticket(exit), at: .zero)
        limiter.refused(wait: .seconds(2), at: .zero)
        #expect(limiter.next(at: .seconds(1)) == nil)
        #expect(limiter.wake == .seconds(2))
        #expect(limiter.next(at: .seconds(2)) != nil)
    }

    private func rank(_ limit: Price?, _ side: Side = .buy, opens: Bool = true, last: Price?)
        -> CancelRank
    {
        CancelRank(
            of: Order(
                number: OrderNumber(1), account: account, instrument: InstrumentID(0), side: side,
                quantity: .shares(1), limit: limit), opens: opens, last: last)
    }

    @Test func theNearestToTheMarketRanksFirst() {
        let ranks = [
            rank(.won(1), .sell, opens: false, last: .won(1_000)), rank(nil, last: .won(100)),
            rank(.won(120), last: .won(100)), rank(.won(100), last: .won(100)),
            rank(.won(9_950), last: .won(10_000)), rank(.won(99), last: .won(100)),
            rank(.won(50), last: .won(100)),
        ]
        for (nearer, farther) in zip(ranks, ranks.dropFirst()) { #expect(nearer < farther) }
        #expect(rank(.won(5), last: nil) == rank(.won(100), last: .won(100)), "nobody knows")
        #expect(rank(Price(units: .max), last: Price(units: 1)) < rank(.won(1), last: .won(1)))
    }

    /// The order in which so many cancels that wait have their turns.
    private func turns(_ count: UInt64, _ rank: @escaping (OrderNumber) -> CancelRank) -> [UInt64] {
        var limiter = RateLimiter(perSecond: 1)
        for id in 1...count {
            let cancel = call(id, .cancel(.broker(BrokerOrderID("b")), of: OrderNumber(id)))
            limiter.offer(cancel, of: ticket(cancel), at: .zero)
        }
        return (0..<count).compactMap { second in
            guard case .go(let ticket, _, _) = limiter.next(at: .seconds(Int64(second)), rank: rank)
            else { return nil }
            return ticket.call.value
        }
    }

    /// R11.3: what is next to the market fills while others are cancelled.
    @Test func cancelsGoByRankAndThenByAge() {
        let limits: [Int64] = [10, 90, 50, 90]
        let order = turns(4) { rank(.won(limits[Int($0.value) - 1]), last: .won(100)) }
        #expect(order == [2, 4, 3, 1])
    }

    /// Falling prices replace one exit after another: buys are cancelled between them.
    @Test func whatOpensHasEverySecondTurn() {
        let order = turns(6) { number in
            number.value <= 2
                ? rank(.won(90), last: .won(100))
                : rank(.won(101), .sell, opens: false, last: .won(100))
        }
        #expect(order == [3, 1, 4, 2, 5, 6])
    }

    @Test func aKillTakesOpeningOrdersBackAndNothingElse() {
        var limiter = RateLimiter(perSecond: 1)
        for each in [place(1, .buy), place(2, .sell)] {
            limiter.offer(each, of: ticket(each), at: .zero)
        }
        #expect(limiter.withdrawOpening(of: AccountID(1)) == [])
        #expect(limiter.withdrawOpening(of: account).map(\.id.value) == [1])
        #expect(limiter.count == 1)
    }
}
