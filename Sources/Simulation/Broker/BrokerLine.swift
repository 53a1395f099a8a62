package import Orders
package import Ports
package import TradingModel

/// One broker with the line to it: what really happens there, an old copy of it that some answers come from,
/// the adapter, and what the weather is like.
package struct BrokerLine: Sendable {
    package var floor: BrokerFloor
    /// What a lagging answer is made of.
    package var copy: BrokerFloor
    package var adapter: SimulatedAdapter
    /// Calls that were made and have not been answered.
    package var open: [UInt64: DeskCall] = [:]
    /// Placings that were given up; their answer may come yet.
    package var late: [UInt64: ApprovedOrder] = [:]
    /// Until when each of these lasts.
    package var maintenance = Timestamp(nanoseconds: .min)
    package var expired = Timestamp(nanoseconds: .min)
    package var offline = Timestamp(nanoseconds: .min)
    package var broken = Timestamp(nanoseconds: .min)
    /// When the latest word of an order reaches the host.
    package var lastNews: [OrderNumber: Timestamp] = [:]
    /// Orders of somebody else, each with ours that it looks like. They are over and traded nothing.
    package var strangers: [(like: BrokerOrderID, order: BrokerOrder)] = []
    private var now = Timestamp(nanoseconds: .min)
    private var second: Int64 = 0
    private var callsThisSecond: Int64 = 0

    package init(_ floor: BrokerFloor) {
        self.floor = floor
        copy = floor
        adapter = SimulatedAdapter(floor.terms)
    }

    /// The host has gone, and with it the adapter.
    package mutating func hostCrashed() {
        adapter = SimulatedAdapter(floor.terms)
        open.removeAll()
        late.removeAll()
        lastNews.removeAll()
    }

    /// Counts a call that reaches the broker.
    ///
    /// - Returns: How long to wait, when there were too many in this second.
    package mutating func count(at now: Timestamp) -> Nanoseconds? {
        let length: Int64 = 1_000_000_000
        let this = now.nanoseconds / length
        if this != second {
            second = this
            callsThisSecond = 0
        }
        callsThisSecond += 1
        guard callsThisSecond > floor.terms.callsPerSecond else { return nil }
        return Nanoseconds(length - now.nanoseconds % length)
    }

    /// What the weather answers before the broker looks at a call.
    package func refusal(at now: Timestamp) -> BrokerError? {
        if now < maintenance {
            return BrokerError(.maintenance(wait: maintenance.since(now)), "closed for maintenance")
        }
        if now < expired { return BrokerError(.unauthorized, "the session has expired") }
        return nil
    }

    /// - Parameter lags: From the copy.
    /// - Parameter omits: What is newest is left out.
    package mutating func answer(
        _ kind: DeskCall.Kind, currency: String, now: Timestamp, lags: Bool, omits: Bool
    ) -> DeskAnswer {
        self.now = now
        let source = lags ? copy : floor
        switch kind {
        case .place, .cancel, .modify: return .lost  // not questions
        case .order(let name, _):
            if let stranger = strangers.first(where: { name == .broker($0.order.brokerID) }) {
                return .order(.found(adapter.named(stranger.order)))
            }
            guard let asked = adapter.translated(name) else { return .order(.cannotTell) }
            guard let at = source.index(of: asked), !floor.entries[at].isForgotten,
                !omits || !isYoung(source.entries[at].placedAt)
            else { return .order(.none) }
            return .order(.found(adapter.named(source.answer(source.entries[at]))))
        case .orders(let since): return .orders(listed(source.orders(since: since), omits))
        case .openOrders: return .orders(listed(source.openOrders, omits))
        case .fills(let since): return .fills(fills(source, since: since, omits))
        case .positions: return .positions(omits ? source.positions.dropLast() : source.positions)
        case .balances: return .balances([source.balance(currency: currency)])
        case .heartbeat: return .heartbeat(BrokerHeartbeat(brokerTime: now))
        case .adopt(let order, let client, let id):
            return adapter.adopt(order, client, id)
                ? .done : .failed(BrokerError(.rejected, "the names belong to another order"))
        }
    }

    /// What happened long ago is in every answer: no desk could tell it from what never happened.
    private func isYoung(_ time: Timestamp) -> Bool { now.since(time) < Self.settled }
    private static let settled = Nanoseconds.seconds(6)

    private func listed(_ orders: [BrokerOrder], _ omits: Bool) -> [BrokerOrder] {
        let isShort = omits && orders.last?.placedAt.map(isYoung) == true
        let named = (isShort ? orders.dropLast() : orders).map(adapter.named)
        guard !strangers.isEmpty else { return named }
        return named.flatMap { order in
            [order] + strangers.filter { $0.like == order.brokerID }.map(\.order)
        }
    }

    private func fills(_ source: BrokerFloor, since: Timestamp, _ omits: Bool) -> [Fill] {
        var found: [Fill]
        switch floor.terms.capabilities.fillHistory {
        case .each:
            found = source.entries.flatMap(adapter.named(fillsOf:))
            found.sort { ($0.time, $0.order, $0.id) < ($1.time, $1.order, $1.id) }
        case .totals: found = adapter.heardFills
        }
        found.removeAll { $0.time < since }
        if omits, let last = found.last, isYoung(last.time) { found.removeLast() }
        return found
    }
}
