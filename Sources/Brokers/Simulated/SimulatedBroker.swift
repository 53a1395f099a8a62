import Foundation
import HTTPTransport
package import Platform
package import Ports
package import TradingModel

/// The adapter of `madang-sim`: the port of brokers over HTTP, with the news of a WebSocket.
///
/// Whoever owns it runs ``run()`` in a task of its own: that listens to the stream, and ends with
/// ``close()`` or the
/// task. Without it orders and questions work, and fills are not told.
///
/// - *Login*: at the first call, before its end, and once when a call is answered with 401.
/// - *Order, cancel*: written once. A new connection each, so that nothing is sent again below us;
///   the permit is asked
///   when that connection stands, immediately before the first byte. The one repetition is after a
/// 401, which the
///   broker gives before it looks at an order.
/// - *Questions*: repeated after a 401, and by libcurl on a new connection where a kept one ends without a byte.
package actor SimulatedBroker: Broker {
    package struct Settings: Sendable {
        /// `http://127.0.0.1:8800`
        package var http: String
        /// `ws://127.0.0.1:8801/v1/stream`
        package var stream: String
        package var key: String
        package var secret: Secret
        package var account: AccountID
        /// By their ids: 0, 1, 2, …
        package var instruments: [Instrument]
        package var capabilities: BrokerCapabilities
        /// Requests a second that we allow ourselves.
        package var rate = 1_000
        /// News kept for a slow listener, before the stream is read no further.
        package var newsCapacity = 65_536
        /// For how long a report may be missing before others, until the line is given up.
        package var patience = Nanoseconds.seconds(1)

        package init(
            http: String, stream: String, key: String, secret: Secret, account: AccountID,
            instruments: [Instrument], clientOrderIDs: BrokerCapabilities.ClientOrderIDs = .always,
            fillHistory: BrokerCapabilities.FillHistory = .each, checksFunds: Bool = true,
            changes: BrokerCapabilities.Changes = .keepNumber
        ) {
            self.http = http
            self.stream = stream
            self.key = key
            self.secret = secret
            self.account = account
            self.instruments = instruments
            capabilities = BrokerCapabilities(
                name: "madang-sim", clientOrderIDs: clientOrderIDs, orderTypes: [.market, .limit],
                units: .lots, hours: .always, fillHistory: fillHistory, checksFunds: checksFunds,
                changes: changes)
        }
    }

    package nonisolated let capabilities: BrokerCapabilities
    let settings: Settings
    let clock: any TimeSource
    let client: HTTPClient
    let sockets: WebSocketClient
    /// Read on the client's thread too, before a write.
    let closed = Locked(false)
    var memory = OrderMemory()
    var sequence = ReportSequence()
    var budget: RateBudget
    var session = Session()
    /// The line of the stream, while it stands.
    var line: WebSocket?
    /// Whether the stream has ever stood.
    var hasListened = false
    /// Since when no line has stood, monotonic ns; `nil`: one stands, or nobody listens.
    var downSince: Int64?
    /// While none stands: the broker's reports up to here are told as a gap.
    var missed: UInt64?
    /// The last number that the broker told elsewhere, when we had not heard of it.
    var behind: UInt64?
    private var news = NewsBuffer()
    private let hasNews = AsyncSignal()
    let hasRoom = AsyncSignal()
    private var waitingFor: [(seq: UInt64, waiter: CheckedContinuation<Void, Never>)] = []

    /// - Parameter clock: Of limits, permits, tokens and the rate.
    package init(_ settings: Settings, clock: any TimeSource) {
        precondition(settings.newsCapacity > 0, "news need room")
        self.settings = settings
        self.clock = clock
        capabilities = settings.capabilities
        client = HTTPClient()
        sockets = WebSocketClient(
            WebSocketLimits(message: 64 * 1024, pingSeconds: 5, hangUpSeconds: 10))
        budget = RateBudget(rate: settings.rate)
    }

    package nonisolated var isClosed: Bool { closed.withLock { $0 } }

    // MARK: Questions

    package func order(_ name: OrderName, within limit: Nanoseconds) async throws(BrokerError)
        -> OrderLookup
    {
        var query: (String, String)
        switch name {
        case .broker(let broker): query = ("id", broker.text)
        case .client(let client):
            if let broker = memory.entries[client]?.broker {
                query = ("id", broker.text)
            } else {
                guard capabilities.clientOrderIDs != .none else { return .cannotTell }
                query = ("client_id", client.description)
            }
        }
        let found = try await ask(
            SimulatorWire.OrderState.self, "/v1/order", query, deadline(limit), mayBeMissing: true)
        guard let found else { return .none }
        let order = try read(found)
        if case .client(let client) = name { resolve(client, order) }
        return .found(named(order))
    }

    /// An order in doubt that the broker knows by our id is in doubt no longer.
    private func resolve(_ client: ClientOrderID, _ found: BrokerOrder) {
        guard let entry = memory.entries[client], entry.broker == nil,
            found.looks(like: entry.order)
        else { return }
        tell(memory.taken(client, found.brokerID))
    }

    package func openOrders(within limit: Nanoseconds) async throws(BrokerError) -> [BrokerOrder] {
        try await orders(("status", "open"), limit)
    }

    package func orders(since time: Timestamp, within limit: Nanoseconds)
        async throws(BrokerError) -> [BrokerOrder]
    { try await orders(("since", "\(time.nanoseconds)"), limit) }

    private func orders(_ query: (String, String), _ limit: Nanoseconds)
        async throws(BrokerError) -> [BrokerOrder]
    {
        let answer = try await ask(
            SimulatorWire.Orders.self, "/v1/orders", query, deadline(limit))
        return try (answer?.orders ?? []).map { order throws(BrokerError) in
            named(try read(order))
        }
    }

    package func fills(since time: Timestamp, within limit: Nanoseconds) async throws(BrokerError)
        -> [Fill]
    {
        // Where the broker keeps totals alone, what was heard is all there is.
        guard capabilities.fillHistory == .each else {
            guard !isClosed else { throw BrokerError(.offline, "the adapter is closed") }
            return memory.fills.filter { $0.time >= time }
        }
        let query = ("since", "\(time.nanoseconds)")
        let answer = try await ask(SimulatorWire.Fills.self, "/v1/fills", query, deadline(limit))
        var fills: [Fill] = []
        for wire in answer?.fills ?? [] {
            guard let entry = memory.entry(of: BrokerOrderID(wire.order_id)) else { continue }
            guard let fill = Fill(wire, of: entry.order.number) else { throw unreadable }
            fills.append(fill)
        }
        return fills
    }

    package func positions(within limit: Nanoseconds) async throws(BrokerError) -> [BrokerPosition]
    {
        let answer = try await ask(
            SimulatorWire.Positions.self, "/v1/positions", nil, deadline(limit))
        return try (answer?.positions ?? []).map { wire throws(BrokerError) in
            guard let quantity = Quantity(wire.quantity), let available = Quantity(wire.available)
            else { throw unreadable }
            return BrokerPosition(
                instrument: instrument(wire.symbol)?.id, symbol: wire.symbol, quantity: quantity,
                available: available, averagePrice: wire.average_price.flatMap { Price($0) })
        }
    }

    package func balances(within limit: Nanoseconds) async throws(BrokerError) -> [BrokerBalance] {
        let answer = try await ask(
            SimulatorWire.Balances.self, "/v1/balances", nil, deadline(limit))
        return try (answer?.balances ?? []).map { wire throws(BrokerError) in
            guard let cash = Money(wire.cash), let available = Money(wire.available) else {
                throw unreadable
            }
            return BrokerBalance(currency: wire.currency, cash: cash, available: available)
        }
    }

    package func heartbeat(within limit: Nanoseconds) async throws(BrokerError) -> BrokerHeartbeat {
        let answer = try await ask(SimulatorWire.Time.self, "/v1/time", nil, deadline(limit))
        if let reports = answer?.reports {
            noticeSilence(reports)
            noticeOutage(reports)
        }
        return BrokerHeartbeat(brokerTime: answer?.time.map { Timestamp(nanoseconds: $0) })
    }

    var unreadable: BrokerError { BrokerError(.offline, "the answer cannot be read") }

    func instrument(_ symbol: String) -> Instrument? {
        settings.instruments.first { $0.symbol == symbol }
    }
    private func read(_ wire: SimulatorWire.OrderState) throws(BrokerError) -> BrokerOrder {
        tell(memory.learn(wire))
        guard let order = BrokerOrder(wire, instrument(wire.symbol)?.id) else { throw unreadable }
        return order
    }
    private func named(_ order: BrokerOrder) -> BrokerOrder {
        var order = order
        order.clientID = memory.client(of: order.brokerID) ?? order.clientID
        return order
    }

    // MARK: News

    package func news(after number: UInt64, limit: Int, wait: Bool) async -> [NumberedNews] {
        news.free(through: number)
        hasRoom.set()
        while wait, news.count == 0, !isClosed, !Task.isCancelled { await hasNews.wait() }
        return news.first(limit)
    }
    var isFull: Bool { news.count >= settings.newsCapacity }

    func tell(_ made: [BrokerNews]) {
        guard !made.isEmpty else { return }
        news.add(made)
        hasNews.set()
    }

    /// Returns when everything up to the broker's report of that number has been heard, or the
    /// adapter is closed.
    package func hears(through seq: UInt64) async {
        guard sequence.last < seq, !isClosed else { return }
        await withCheckedContinuation { waitingFor.append((seq, $0)) }
    }
    /// Whether a line of reports stands, waited for as long as `limit`; somebody has to ``run()``.
    package func stands(within limit: Nanoseconds) async -> Bool {
        let end = clock.monotonic() + limit.count
        while !hasListened, !isClosed, clock.monotonic() < end {
            try? await Task.sleep(for: .milliseconds(20))
        }
        return hasListened
    }
    /// The number of the last of the broker's reports that was heard.
    package var heard: UInt64 { sequence.last }
    func wakeWaiting() {
        let isClosed = isClosed
        let due = waitingFor.filter { isClosed || $0.seq <= sequence.last }
        waitingFor.removeAll { isClosed || $0.seq <= sequence.last }
        for (_, waiter) in due { waiter.resume() }
    }

    package func close() {
        closed.withLock { $0 = true }
        line?.close()
        hasNews.set()
        hasRoom.set()
        wakeWaiting()
    }

    /// Saturates.
    func deadline(_ limit: Nanoseconds) -> Int64 {
        let (deadline, overflow) = clock.monotonic().addingReportingOverflow(max(0, limit.count))
        return overflow ? .max : deadline
    }
}

extension BrokerOrder {
    init?(_ wire: SimulatorWire.OrderState, _ instrument: InstrumentID?) {
        let states: [String: State] = [
            "working": .working, "filled": .filled, "cancelled": .cancelled,
            "rejected": .rejected, "expired": .expired,
        ]
        guard !wire.order_id.isEmpty, let side = SimulatorWire.side(wire.side),
            let quantity = Quantity(wire.quantity), let filled = Quantity(wire.filled),
            let value = Money(wire.filled_value), let state = states[wire.state]
        else { return nil }
        let limit = wire.limit.flatMap { Price($0) }
        guard (limit == nil) == (wire.limit == nil) else { return nil }
        self.init(
            brokerID: BrokerOrderID(wire.order_id),
            clientID: wire.client_id.flatMap { ClientOrderID(uuid: $0) }, instrument: instrument,
            symbol: wire.symbol, side: side, quantity: quantity, limit: limit, filled: filled,
            filledValue: value, state: state,
            placedAt: wire.placed_at.map { Timestamp(nanoseconds: $0) })
    }

    func looks(like order: Order) -> Bool {
        instrument == order.instrument && side == order.side && quantity == order.quantity
            && limit == order.limit
    }
}

extension ClientOrderID {
    /// Reads what ``description`` writes; `nil` for another's own form.
    init?(uuid text: String) {
        guard let uuid = UUID(uuidString: text)?.uuid else { return nil }
        let bytes = withUnsafeBytes(of: uuid) { Array($0) }
        func word(_ part: ArraySlice<UInt8>) -> UInt64 { part.reduce(0) { $0 << 8 | UInt64($1) } }
        self.init(high: word(bytes[0..<8]), low: word(bytes[8..<16]))
        guard description == text else { return nil }
    }
}
