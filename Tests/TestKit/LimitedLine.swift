package import Platform
package import Ports
package import TradingModel

/// A line to a broker that looks at so many calls in a second and at none beyond; questions leave a quarter of them.
package actor LimitedLine: ForwardingBroker {
    package nonisolated let inner: any Broker
    private let atOnce: Int
    private let clock: any TimeSource
    private var began: Int64?
    private var count = 0

    package init(to inner: any Broker, atOnce: Int, clock: any TimeSource) {
        self.inner = inner
        self.atOnce = atOnce
        self.clock = clock
    }

    private func spend(isQuestion: Bool = false) throws(BrokerError) {
        let now = clock.monotonic()
        if began.map({ now - $0 >= 1_000_000_000 }) ?? true { (began, count) = (now, 0) }
        guard count < (isQuestion ? atOnce * 3 / 4 : atOnce) else {
            let left = 1_000_000_000 - (now - (began ?? now))
            throw BrokerError(.rateLimited(wait: Nanoseconds(max(1, left))), "too many calls")
        }
        count += 1
    }

    package func place(_ placement: Placement, within limit: Nanoseconds) async throws(BrokerError)
        -> BrokerOrderID
    {
        try spend()
        return try await inner.place(placement, within: limit)
    }
    package func cancel(_ name: OrderName, within limit: Nanoseconds) async throws(BrokerError) {
        try spend()
        try await inner.cancel(name, within: limit)
    }
    package func modify(
        _ name: OrderName, to modification: Modification, within limit: Nanoseconds
    ) async throws(BrokerError) -> BrokerOrderID {
        try spend()
        return try await inner.modify(name, to: modification, within: limit)
    }
    package func order(_ name: OrderName, within limit: Nanoseconds) async throws(BrokerError)
        -> OrderLookup
    {
        try spend(isQuestion: true)
        return try await inner.order(name, within: limit)
    }
    package func openOrders(within limit: Nanoseconds) async throws(BrokerError) -> [BrokerOrder] {
        try spend(isQuestion: true)
        return try await inner.openOrders(within: limit)
    }
    package func fills(since time: Timestamp, within limit: Nanoseconds) async throws(BrokerError)
        -> [Fill]
    {
        try spend(isQuestion: true)
        return try await inner.fills(since: time, within: limit)
    }
    package func positions(within limit: Nanoseconds) async throws(BrokerError) -> [BrokerPosition]
    {
        try spend(isQuestion: true)
        return try await inner.positions(within: limit)
    }
    package func balances(within limit: Nanoseconds) async throws(BrokerError) -> [BrokerBalance] {
        try spend(isQuestion: true)
        return try await inner.balances(within: limit)
    }
    package func heartbeat(within limit: Nanoseconds) async throws(BrokerError) -> BrokerHeartbeat {
        try spend(isQuestion: true)
        return try await inner.heartbeat(within: limit)
    }
}

/// Whoever calls, as a host does: what the broker did not look at is asked again, the same, behind a wait.
struct PatientLine: ForwardingBroker {
    let inner: any Broker
    private let rest: @Sendable () async -> Void
    /// Past that the broker refuses whatever is waited.
    private static let tries = 50

    init(to inner: any Broker, rest: @escaping @Sendable () async -> Void) {
        self.inner = inner
        self.rest = rest
    }

    private func patiently<Answer>(
        _ call: () async throws(BrokerError) -> Answer
    ) async throws(BrokerError) -> Answer {
        for _ in 0..<Self.tries {
            do throws(BrokerError) { return try await call() } catch {
                guard case .rateLimited = error.code else { throw error }
                await rest()
            }
        }
        return try await call()
    }

    func place(_ placement: Placement, within limit: Nanoseconds) async throws(BrokerError)
        -> BrokerOrderID
    {
        try await patiently { () async throws(BrokerError) in
            try await inner.place(placement, within: limit)
        }
    }
    func cancel(_ name: OrderName, within limit: Nanoseconds) async throws(BrokerError) {
        try await patiently { () async throws(BrokerError) in
            try await inner.cancel(name, within: limit)
        }
    }
    func modify(
        _ name: OrderName, to modification: Modification, within limit: Nanoseconds
    ) async throws(BrokerError) -> BrokerOrderID {
        try await patiently { () async throws(BrokerError) in
            try await inner.modify(name, to: modification, within: limit)
        }
    }
    func order(_ name: OrderName, within limit: Nanoseconds) async throws(BrokerError)
        -> OrderLookup
    {
        try await patiently { () async throws(BrokerError) in
            try await inner.order(name, within: limit)
        }
    }
    func openOrders(within limit: Nanoseconds) async throws(BrokerError) -> [BrokerOrder] {
        try await patiently { () async throws(BrokerError) in
            try await inner.openOrders(within: limit)
        }
    }
    func orders(since time: Timestamp, within limit: Nanoseconds) async throws(BrokerError)
        -> [BrokerOrder]
    {
        try await patiently { () async throws(BrokerError) in
            try await inner.orders(since: time, within: limit)
        }
    }
    func fills(since time: Timestamp, within limit: Nanoseconds) async throws(BrokerError) -> [Fill]
    {
        try await patiently { () async throws(BrokerError) in
            try await inner.fills(since: time, within: limit)
        }
    }
    func positions(within limit: Nanoseconds) async throws(BrokerError) -> [BrokerPosition] {
        try await patiently { () async throws(BrokerError) in
            try await inner.positions(within: limit)
        }
    }
    func balances(within limit: Nanoseconds) async throws(BrokerError) -> [BrokerBalance] {
        try await patiently { () async throws(BrokerError) in
            try await inner.balances(within: limit)
        }
    }
    func heartbeat(within limit: Nanoseconds) async throws(BrokerError) -> BrokerHeartbeat {
        try await patiently { () async throws(BrokerError) in
            try await inner.heartbeat(within: limit)
        }
    }
}
