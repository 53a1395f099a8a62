package import Platform
package import Ports
package import TradingModel

/// The paper exchange behind the port of brokers, for runs that are not files.
///
/// In a file run the exchange stands inside the engine as a value, restored from the log's facts. Here the market
/// comes from a feed whose owner gives it to ``observe(_:)``, and orders come through the port as they would
/// to a real broker. Deterministic: the same calls in the same order get the same answers for the same seed. Every call
/// answers at once, so no limit is ever reached and no outcome is ever unknown.
package actor PaperBroker: Broker {
    package nonisolated let capabilities: BrokerCapabilities
    private var account: PaperAccount
    private let clock: any TimeSource
    private let newsCapacity: Int
    /// News that were not freed yet, numbered behind `freed`.
    private var waiting: [BrokerNews] = []
    private var freed: UInt64 = 0
    private var isClosed = false
    /// Whether an input waits for the listener: for whoever watches the feed's lag.
    package private(set) var marketWaits = false
    private let hasNews = AsyncSignal()
    private let hasRoom = AsyncSignal()

    /// - Parameters:
    ///   - account: A new one, or a ``snapshot`` of a former broker.
    ///   - clock: Of the permits' validity.
    ///   - newsCapacity: News kept for a slow listener, before ``observe(_:)`` waits for it.
    package init(
        _ account: PaperAccount, clock: any TimeSource, newsCapacity: Int = 65_536,
        changes: BrokerCapabilities.Changes = .keepNumber
    ) {
        precondition(newsCapacity > 0, "news need room")
        self.account = account
        self.clock = clock
        self.newsCapacity = newsCapacity
        capabilities = BrokerCapabilities(
            name: "paper", clientOrderIDs: .always, orderTypes: [.market, .limit], units: .lots,
            hours: .always, fillHistory: .each, checksFunds: account.settings.checksFunds,
            changes: changes)
    }

    /// The account as it stands. News that were not freed are not part of it.
    package var snapshot: PaperAccount { account }

    // MARK: The market

    /// Takes the market's next input and fills what it reaches. One caller, in the market's order.
    ///
    /// Waits while the listener is a whole buffer behind, so that no report is lost; ends then without looking
    /// at the input only when the broker is closed or the task cancelled.
    ///
    /// - Returns: Whether the input was taken.
    @discardableResult package func observe(_ input: MarketInput) async -> Bool {
        while waiting.count >= newsCapacity, !isClosed, !Task.isCancelled {
            marketWaits = true
            await hasRoom.wait()
        }
        marketWaits = false
        guard !isClosed, waiting.count < newsCapacity else { return false }
        tell(account.observe(input))
        return true
    }

    /// The market closes: what is open ends unfilled. Of the market's caller, as ``observe(_:)``.
    package func endDay() { tell(account.expire(reason: "the day is over")) }

    private func tell(_ reports: [BrokerReport]) {
        guard !reports.isEmpty else { return }
        waiting += reports.map { .report($0) }
        hasNews.set()
    }

    // MARK: The port

    package func place(_ placement: Placement, within limit: Nanoseconds) throws(BrokerError)
        -> BrokerOrderID
    {
        // What was written before is answered whatever has been killed since: it is out there.
        if account.number(of: .client(placement.client)) != nil {
            return try account.place(placement.order, as: placement.client).broker
        }
        if let withdrawal = isClosed ? .closed : placement.permit.withdrawal(at: clock.monotonic())
        {
            throw BrokerError(.notSent(withdrawal), "withdrawn before it was sent")
        }
        let broker = try account.place(placement.order, as: placement.client).broker
        tell([.accepted(placement.order.number, broker)])
        return broker
    }

    package func cancel(_ name: OrderName, within limit: Nanoseconds) throws(BrokerError) {
        guard !isClosed else { throw BrokerError(.notSent(.closed), "the broker is closed") }
        tell([try account.cancel(name)])
    }

    package func modify(
        _ name: OrderName, to modification: Modification, within limit: Nanoseconds
    ) throws(BrokerError) -> BrokerOrderID {
        let withdrawal: Withdrawal? =
            isClosed ? .closed : modification.permit.withdrawal(at: clock.monotonic())
        if let withdrawal {
            throw BrokerError(.notSent(withdrawal), "withdrawn before it was sent")
        }
        guard capabilities.changes != .none else {
            throw BrokerError(.rejected, "the broker changes no orders")
        }
        var number: BrokerOrderID?
        if capabilities.changes == .makeNumber, case .found(let order) = account.order(name) {
            number = BrokerOrderID("\(order.brokerID)-next")
        }
        let (report, broker) = try account.modify(name, to: modification.change, as: number)
        tell([report])
        return broker
    }

    package func order(_ name: OrderName, within limit: Nanoseconds) -> OrderLookup {
        account.order(name)
    }
    package func openOrders(within limit: Nanoseconds) -> [BrokerOrder] { account.openOrders }
    package func orders(since time: Timestamp, within limit: Nanoseconds) -> [BrokerOrder] {
        account.orders(since: time)
    }
    package func fills(since time: Timestamp, within limit: Nanoseconds) -> [Fill] {
        account.fills.filter { $0.time >= time }
    }
    package func positions(within limit: Nanoseconds) -> [BrokerPosition] { account.positions }
    package func balances(within limit: Nanoseconds) -> [BrokerBalance] { [account.balance] }
    package func heartbeat(within limit: Nanoseconds) throws(BrokerError) -> BrokerHeartbeat {
        guard !isClosed else { throw BrokerError(.offline, "the broker is closed") }
        return BrokerHeartbeat(brokerTime: account.now)
    }
    package func adopt(_ order: Order, as client: ClientOrderID, at broker: BrokerOrderID)
        throws(BrokerError)
    {
        try account.checkAdoption(of: order, as: client, at: broker)
    }

    // MARK: News

    package func news(after number: UInt64, limit: Int, wait: Bool) async -> [NumberedNews] {
        free(through: number)
        while wait, waiting.isEmpty, !isClosed, !Task.isCancelled { await hasNews.wait() }
        return waiting.prefix(max(0, limit)).enumerated().map {
            NumberedNews(number: freed + 1 + UInt64($0.offset), news: $0.element)
        }
    }

    private func free(through number: UInt64) {
        guard number > freed else { return }
        let count = Int(min(number - freed, UInt64(waiting.count)))
        waiting.removeFirst(count)
        freed += UInt64(count)
        hasRoom.set()
    }

    package func close() {
        isClosed = true
        hasNews.set()
        hasRoom.set()
    }
}
