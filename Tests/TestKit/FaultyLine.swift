package import Ports
package import TradingModel

/// A broker that passes everything on, for those who change one thing.
package protocol ForwardingBroker: Broker {
    nonisolated var inner: any Broker { get }
}

extension ForwardingBroker {
    package nonisolated var capabilities: BrokerCapabilities { inner.capabilities }
    package func place(_ placement: Placement, within limit: Nanoseconds) async throws(BrokerError)
        -> BrokerOrderID
    { try await inner.place(placement, within: limit) }
    package func cancel(_ name: OrderName, within limit: Nanoseconds) async throws(BrokerError) {
        try await inner.cancel(name, within: limit)
    }
    package func modify(
        _ name: OrderName, to modification: Modification, within limit: Nanoseconds
    ) async throws(BrokerError) -> BrokerOrderID {
        try await inner.modify(name, to: modification, within: limit)
    }
    package func order(_ name: OrderName, within limit: Nanoseconds) async throws(BrokerError)
        -> OrderLookup
    { try await inner.order(name, within: limit) }
    package func openOrders(within limit: Nanoseconds) async throws(BrokerError) -> [BrokerOrder] {
        try await inner.openOrders(within: limit)
    }
    package func orders(since time: Timestamp, within limit: Nanoseconds)
        async throws(BrokerError) -> [BrokerOrder]
    { try await inner.orders(since: time, within: limit) }
    package func fills(since time: Timestamp, within limit: Nanoseconds) async throws(BrokerError)
        -> [Fill]
    { try await inner.fills(since: time, within: limit) }
    package func positions(within limit: Nanoseconds) async throws(BrokerError) -> [BrokerPosition]
    { try await inner.positions(within: limit) }
    package func balances(within limit: Nanoseconds) async throws(BrokerError) -> [BrokerBalance] {
        try await inner.balances(within: limit)
    }
    package func heartbeat(within limit: Nanoseconds) async throws(BrokerError) -> BrokerHeartbeat {
        try await inner.heartbeat(within: limit)
    }
    package func adopt(_ order: Order, as client: ClientOrderID, at broker: BrokerOrderID)
        async throws(BrokerError)
    { try await inner.adopt(order, as: client, at: broker) }
    package func news(after number: UInt64, limit: Int, wait: Bool) async -> [NumberedNews] {
        await inner.news(after: number, limit: limit, wait: wait)
    }
    package func close() async { await inner.close() }
}

/// A line to a broker that fails when told to, and says so as the port demands.
package actor FaultyLine: ForwardingBroker {
    package nonisolated let inner: any Broker
    private var next: BrokerFault?
    /// Sent, and lost on their way: asked for or not, they are in doubt still.
    private var doubted: Set<ClientOrderID> = []
    private var copy: Copy?
    package init(to inner: any Broker) { self.inner = inner }

    package static let faults = BrokerFault.Call.allCases.flatMap { call in
        BrokerFault.Kind.allCases.map { BrokerFault($0, on: call) }
    }
    /// The next call of its kind meets it.
    package func fail(_ fault: BrokerFault) { next = fault }

    /// The fault that this call meets; where nothing is done, it is told here.
    private func meet(_ call: BrokerFault.Call) throws(BrokerError) -> BrokerFault.Kind? {
        guard let fault = next, fault.call == call else { return nil }
        next = nil
        switch fault.kind {
        case .loseRequest: throw Self.unanswered(call)
        case .rateLimit: throw BrokerError(.rateLimited(wait: .milliseconds(100)), "too many calls")
        case .offline: throw BrokerError(.offline, "connection refused")
        case .maintenance: throw BrokerError(.maintenance(wait: nil), "closed for maintenance")
        case .unauthorized: throw BrokerError(.unauthorized, "the session has ended")
        case .loseReply, .slow: return fault.kind
        }
    }
    private static func unanswered(_ call: BrokerFault.Call) -> BrokerError {
        BrokerError(call == .question ? .offline : .outcomeUnknown, "no answer in time")
    }

    // MARK: Orders

    package func place(_ placement: Placement, within limit: Nanoseconds) async throws(BrokerError)
        -> BrokerOrderID
    {
        guard !doubted.contains(placement.client) else {
            throw BrokerError(.outcomeUnknown, "it is in doubt still")
        }
        let fault: BrokerFault.Kind?
        do throws(BrokerError) { fault = try meet(.place) } catch {
            if error.code == .outcomeUnknown { doubted.insert(placement.client) }
            throw error
        }
        let broker = try await inner.place(placement, within: limit)
        if fault == .loseReply { throw Self.unanswered(.place) }
        return broker
    }
    package func cancel(_ name: OrderName, within limit: Nanoseconds) async throws(BrokerError) {
        let fault = try meet(.cancel)
        try await inner.cancel(name, within: limit)
        if fault == .loseReply { throw Self.unanswered(.cancel) }
    }
    package func modify(
        _ name: OrderName, to modification: Modification, within limit: Nanoseconds
    ) async throws(BrokerError) -> BrokerOrderID {
        let fault = try meet(.modify)
        let broker = try await inner.modify(name, to: modification, within: limit)
        if fault == .loseReply { throw Self.unanswered(.modify) }
        return broker
    }

    // MARK: Questions

    /// What the broker said when it began to lag.
    private struct Copy {
        let orders: [BrokerOrder]
        let open: [BrokerOrder]
        let fills: [Fill]
        let positions: [BrokerPosition]
        let balances: [BrokerBalance]
    }
    /// Until told otherwise, questions are answered as they would be now.
    package func lag(_ lags: Bool) async {
        let first = Timestamp(nanoseconds: .min)
        copy =
            lags
            ? Copy(
                orders: (try? await inner.orders(since: first)) ?? [],
                open: (try? await inner.openOrders()) ?? [],
                fills: (try? await inner.fills(since: first)) ?? [],
                positions: (try? await inner.positions()) ?? [],
                balances: (try? await inner.balances()) ?? [])
            : nil
    }
    private func ask() throws(BrokerError) {
        if try meet(.question) == .loseReply { throw Self.unanswered(.question) }
    }

    package func order(_ name: OrderName, within limit: Nanoseconds) async throws(BrokerError)
        -> OrderLookup
    {
        try ask()
        guard let copy else { return try await inner.order(name, within: limit) }
        let found = copy.orders.first { order in
            switch name {
            case .broker(let broker): order.brokerID == broker
            case .client(let client): order.clientID == client
            }
        }
        return found.map { .found($0) } ?? .none
    }
    package func openOrders(within limit: Nanoseconds) async throws(BrokerError) -> [BrokerOrder] {
        try ask()
        guard let copy else { return try await inner.openOrders(within: limit) }
        return copy.open
    }
    package func orders(since time: Timestamp, within limit: Nanoseconds)
        async throws(BrokerError) -> [BrokerOrder]
    {
        try ask()
        guard let copy else { return try await inner.orders(since: time, within: limit) }
        return copy.orders
    }
    package func fills(since time: Timestamp, within limit: Nanoseconds) async throws(BrokerError)
        -> [Fill]
    {
        try ask()
        guard let copy else { return try await inner.fills(since: time, within: limit) }
        return copy.fills
    }
    package func positions(within limit: Nanoseconds) async throws(BrokerError) -> [BrokerPosition]
    {
        try ask()
        guard let copy else { return try await inner.positions(within: limit) }
        return copy.positions
    }
    package func balances(within limit: Nanoseconds) async throws(BrokerError) -> [BrokerBalance] {
        try ask()
        guard let copy else { return try await inner.balances(within: limit) }
        return copy.balances
    }
    package func heartbeat(within limit: Nanoseconds) async throws(BrokerError) -> BrokerHeartbeat {
        try ask()
        return try await inner.heartbeat(within: limit)
    }
}
