import Orders
import Ports
import TestKit
import TradingModel

/// A desk, a limiter of ten calls a second and a broker that does what it is asked at once, under a clock of their own.
struct PacedDesk {
    private struct Held {
        let approved: ApprovedOrder
        let id: BrokerOrderID
        var state = BrokerOrder.State.working
        /// The adapter knows it, and tells of it.
        var isOurs = true
    }
    private(set) var desk: OrderDesk
    private var limiter = RateLimiter(perSecond: 10)
    private(set) var now = Timestamp.seconds(1_000)
    private var held: [OrderNumber: Held] = [:]
    private var arrivals: [(at: Timestamp, input: DeskInput)] = []
    private var news: UInt64 = 0
    private let capabilities: BrokerCapabilities
    /// Lists of orders lack every second one.
    var isListShort = false
    /// Calls in the order in which they went out.
    private(set) var calls: [DeskCall] = []
    private(set) var cancels: [OrderNumber] = []
    private(set) var ends: [(order: OrderNumber, at: Timestamp)] = []
    private(set) var notes: [DeskNote] = []

    init(ids: BrokerCapabilities.ClientOrderIDs = .always) {
        capabilities = BrokerCapabilities(
            name: "slow", clientOrderIDs: ids, orderTypes: [.market, .limit], units: .lots,
            hours: .always, fillHistory: .each, checksFunds: true, changes: .keepNumber)
        desk = OrderDesk(account: AccountID(0), capabilities: capabilities, at: now)
        run(for: 0)
    }

    mutating func say(_ input: DeskInput) {
        desk.handle(input, at: now)
        carryOut()
    }

    /// An order that the broker has taken as `b<number>`, without a turn.
    mutating func working(_ number: UInt64, limit: Price = .won(100)) {
        let order = Order(
            number: OrderNumber(number), account: AccountID(0), instrument: InstrumentID(0),
            side: .buy, quantity: .shares(10), limit: limit)
        let approved = ApprovedOrder(
            order, as: ClientOrderID(high: 7, low: number), opens: true, approvedAt: now)
        desk.handle(.order(approved), at: now)
        let id = BrokerOrderID("b\(number)")
        for call in desk.takeOutbox().calls {
            if case .place = call.kind { desk.handle(.answer(call.id, .placed(id)), at: now) }
        }
        held[OrderNumber(number)] = Held(approved: approved, id: id)
        _ = desk.takeOutbox()
    }

    func limit(of number: OrderNumber) -> Price { held[number]?.approved.order.limit ?? .zero }

    /// Starts again under a kill where one stands, from a log that knows what `change` says.
    mutating func restart(_ change: (UInt64, inout LoggedOrder) -> Void) {
        let logged = held.values.sorted { $0.approved.number < $1.approved.number }.map { one in
            var logged = LoggedOrder(one.approved)
            change(one.approved.number.value, &logged)
            return logged
        }
        for number in held.keys { held[number]?.isOurs = false }
        limiter = RateLimiter(perSecond: 10)
        arrivals = []
        news = 0
        let kill = logged.contains { $0.cancelReason != nil } ? "a person" : nil
        desk = OrderDesk(
            account: AccountID(0), capabilities: capabilities,
            restart: DeskRestart(orders: logged, kill: kill), at: now)
        carryOut()
    }

    mutating func run(for seconds: Int64) {
        let end = now.advanced(by: .seconds(seconds))
        carryOut()
        while true {
            let next = [arrivals.map(\.at).min(), desk.wake, limiter.wake].compactMap(\.self).min()
            guard let next, next <= end else { break }
            now = max(now, next)
            let due = arrivals.filter { $0.at <= now }
            arrivals.removeAll { $0.at <= now }
            for one in due { desk.handle(one.input, at: now) }
            if due.isEmpty { desk.handle(.wake, at: now) }
            carryOut()
        }
        now = end
    }

    private mutating func carryOut() {
        while true {
            let outbox = desk.takeOutbox()
            for report in outbox.reports {
                if case .cancelled(let number, _) = report { ends.append((number, now)) }
            }
            notes += outbox.notes.filter { $0.severity != .info && $0.code != .fillsMissing }
            for call in outbox.calls {
                limiter.offer(
                    call, of: RateLimiter.Ticket(desk: AccountID(0), call: call.id), at: now)
            }
            let orders = desk
            let turn = limiter.next(at: now) { number in
                orders.rank(of: number) { _ in .won(200) }
            }
            switch turn {
            case nil: return
            case .late(_, let call): desk.handle(.answer(call.id, .noTurn), at: now)
            case .go(_, let call, _):
                calls.append(call)
                let answer = answer(to: call.kind)
                arrivals.append((now.advanced(by: .milliseconds(5)), .answer(call.id, answer)))
            }
        }
    }

    private mutating func answer(to kind: DeskCall.Kind) -> DeskAnswer {
        switch kind {
        case .cancel(_, let number):
            cancels.append(number)
            guard let one = held[number], one.state == .working else {
                return .failed(BrokerError(.nothingToCancel, "nothing is open"))
            }
            held[number]?.state = .cancelled
            if one.isOurs {
                news += 1
                let report = BrokerReport.cancelled(number, reason: "asked")
                arrivals.append(
                    (
                        now.advanced(by: .milliseconds(8)),
                        .news(NumberedNews(number: news, news: .report(report)))
                    ))
            }
            return .done
        case .order(_, let number): return .order(held[number].map { .found(state($0)) } ?? .none)
        case .orders:
            let all = held.values.sorted { $0.approved.number < $1.approved.number }
            return .orders(
                all.filter { !isListShort || $0.approved.number.value % 2 == 0 }.map(state))
        case .openOrders: return .orders(held.values.filter { $0.state == .working }.map(state))
        case .fills: return .fills([])
        case .positions: return .positions([])
        case .balances: return .balances([])
        case .heartbeat: return .heartbeat(BrokerHeartbeat(brokerTime: nil))
        case .adopt(let order, _, _):
            held[order.number]?.isOurs = true
            return .done
        case .place, .modify: return .lost
        }
    }

    private func state(_ one: Held) -> BrokerOrder {
        .of(one.approved, one.id.text, one.state)
    }
}
