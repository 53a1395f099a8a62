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
    package init(to inner: any Broker) { self.inner = inner }

    /// The next `place` meets it.
    package func fail(_ fault: BrokerFault) { next = fault }

    package func place(_ placement: Placement, within limit: Nanoseconds) async throws(BrokerError)
        -> BrokerOrderID
    {
        let fault = next
        next = nil
        switch fault {
        case nil: return try await inner.place(placement, within: limit)
        case .loseReply:
            _ = try await inner.place(placement, within: limit)
            throw BrokerError(.outcomeUnknown, "no answer in time")
        case .rateLimit: throw BrokerError(.rateLimited(wait: .milliseconds(100)), "too many calls")
        case .offline: throw BrokerError(.offline, "connection refused")
        case .maintenance: throw BrokerError(.maintenance(wait: nil), "closed for maintenance")
        case .unauthorized: throw BrokerError(.unauthorized, "the session has ended")
        }
    }
}
