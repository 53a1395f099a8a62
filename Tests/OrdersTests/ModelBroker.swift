import Orders
import Ports
import TestKit
import TradingModel

/// A broker in a few lines, with the adapter before it: takes orders, fills them, tells what happened.
struct ModelBroker {
    struct Held {
        var order: Order
        let client: ClientOrderID?
        var id: BrokerOrderID
        /// Before changes.
        var formers: [BrokerOrderID] = []
        /// Every change that was made of it.
        var changes: [OrderChange] = []
        let placedAt: Timestamp
        var filled: Int64 = 0
        var value: Int128 = 0
        var state = BrokerOrder.State.working
        var fills: [Fill] = []
        /// The adapter knows whose it is, and tells.
        var isOurs: Bool
    }
    let keepsIDs: Bool
    /// Without, the first word of an order may be of a fill or of its end.
    var tellsAcceptance = true
    var orders: [Held] = []
    /// What the adapter has to say, from 1.
    var news: [BrokerNews] = []
    /// Older answers, for a list that lags.
    private var past: [(time: Timestamp, orders: [Held])] = []

    init(keepsIDs: Bool) { self.keepsIDs = keepsIDs }

    mutating func remember(at now: Timestamp) {
        past.append((now, orders))
        if past.count > 400 { past.removeFirst(200) }
    }
    func seen(at time: Timestamp) -> [Held] { past.last { $0.time <= time }?.orders ?? [] }

    mutating func take(
        _ order: Order, _ client: ClientOrderID?, isOurs: Bool, at now: Timestamp
    ) -> BrokerOrderID {
        let id = BrokerOrderID("b\(orders.count + 1)")
        orders.append(Held(order: order, client: client, id: id, placedAt: now, isOurs: isOurs))
        if isOurs, tellsAcceptance { news.append(.report(.accepted(order.number, id))) }
        return id
    }

    mutating func fill(_ index: Int, _ units: Int64, at now: Timestamp) {
        let open = orders[index].order.quantity.units - orders[index].filled
        let units = min(units, open)
        guard orders[index].state == .working, units > 0 else { return }
        let price = Price.won(100 + Int64(orders[index].fills.count))
        let fill = Fill(
            order: orders[index].order.number, id: UInt32(orders[index].fills.count + 1),
            price: price, quantity: Quantity(units: units), fee: .zero, time: now)
        orders[index].filled += units
        orders[index].value += Int128(price.units) * Int128(units)
        orders[index].fills.append(fill)
        if orders[index].filled == orders[index].order.quantity.units {
            orders[index].state = .filled
        }
        if orders[index].isOurs { news.append(.report(.filled(fill))) }
    }

    mutating func cancel(_ name: OrderName) -> Bool {
        guard let index = index(of: name), orders[index].state == .working else { return false }
        orders[index].state = .cancelled
        if orders[index].isOurs {
            news.append(.report(.cancelled(orders[index].order.number, reason: "asked")))
        }
        return true
    }

    /// - Returns: Its number from now on; `nil`: nothing of the kind is open.
    mutating func modify(_ name: OrderName, to change: OrderChange, makesNumber: Bool)
        -> BrokerOrderID?
    {
        guard let index = index(of: name), orders[index].state == .working,
            change.quantity.units > orders[index].filled
        else { return nil }
        orders[index].order = orders[index].order.changed(to: change)
        orders[index].changes.append(change)
        if makesNumber {
            orders[index].formers.append(orders[index].id)
            orders[index].id = BrokerOrderID("b\(index + 1).\(orders[index].formers.count)")
        }
        let held = orders[index]
        if held.isOurs { news.append(.report(.changed(held.order.number, change, held.id))) }
        return held.id
    }

    func index(of name: OrderName) -> Int? {
        orders.firstIndex { held in
            switch name {
            case .broker(let id): held.id == id || held.formers.contains(id)
            case .client(let client): held.client == client && (keepsIDs || held.isOurs)
            }
        }
    }

    func answer(_ held: Held) -> BrokerOrder {
        BrokerOrder(
            brokerID: held.id, clientID: keepsIDs || held.isOurs ? held.client : nil,
            instrument: held.order.instrument, symbol: "S", side: held.order.side,
            quantity: held.order.quantity, limit: held.order.limit,
            filled: Quantity(units: held.filled), filledValue: Money(units: held.value),
            state: held.state, placedAt: held.placedAt)
    }

    /// - Parameter time: Of the copy that answers.
    func lookup(_ name: OrderName, at time: Timestamp) -> OrderLookup {
        if case .client(let client) = name, !keepsIDs,
            !orders.contains(where: { $0.client == client && $0.isOurs })
        {
            return .cannotTell
        }
        guard let index = index(of: name), seen(at: time).indices.contains(index) else {
            return .none
        }
        return .found(answer(seen(at: time)[index]))
    }
}

/// What the kernel and the log make of a desk's reports.
struct ModelBooks {
    var logged: [LoggedOrder] = []
    private(set) var violations: [String] = []
    /// What was said of changes, in order.
    private(set) var changes: [(order: OrderNumber, change: OrderChange, isTaken: Bool)] = []

    mutating func hear(_ noted: NotedMemo) {
        guard let at = logged.firstIndex(where: { $0.approved.number == noted.order }) else {
            return violations.append("a memo of nothing: \(noted)")
        }
        logged[at].memo = noted.memo
    }

    mutating func hear(_ report: BrokerReport) {
        guard let at = logged.firstIndex(where: { $0.approved.number == report.order }) else {
            return violations.append("a report of nothing: \(report)")
        }
        switch report {
        case .accepted(_, let id):
            if let known = logged[at].broker, known != id { violations.append("two numbers") }
            logged[at].broker = id
        case .filled(let fill):
            guard !logged[at].fills.contains(where: { $0.id == fill.id }) else { return }
            logged[at].fills.append(fill)
            let sum = filled(at)
            if sum > logged[at].whole.units { violations.append("overfilled \(fill)") }
            if sum == logged[at].whole.units { logged[at].end = .filled }
        case .cancelled: end(at, .cancelled)
        case .rejected: end(at, .rejected)
        case .expired: end(at, .expired)
        case .failed:
            if logged[at].broker != nil {
                violations.append("failed after it was accepted: \(report)")
            }
            end(at, .failed)
        case .unknown:
            if logged[at].end != nil { violations.append("unknown after the end: \(report)") }
        case .cancelAsked(_, let reason): logged[at].cancelReason = reason
        case .changed(_, let change, let id):
            guard logged[at].end == nil else { return }
            if logged[at].change?.change != change { violations.append("nobody asked: \(report)") }
            logged[at].take(change, as: id)
            changes.append((report.order, change, true))
            endIfFull(at)
        case .changeRefused(_, let change, _):
            guard logged[at].end == nil else { return }
            if logged[at].change?.change != change { violations.append("nobody asked: \(report)") }
            logged[at].change = nil
            changes.append((report.order, change, false))
            endIfFull(at)
        }
    }
    func filled(_ at: Int) -> Int64 { logged[at].fills.reduce(0) { $0 + $1.quantity.units } }
    /// As the kernel does: fills that came while a change was on its way may be all that there is.
    private mutating func endIfFull(_ at: Int) {
        if filled(at) >= logged[at].whole.units { logged[at].end = .filled }
    }
    private mutating func end(_ at: Int, _ end: OrderEnd) {
        if let known = logged[at].end, known != end {
            violations.append("order \(logged[at].approved.number): \(end) after \(known)")
        }
        logged[at].end = logged[at].end ?? end
    }
}
