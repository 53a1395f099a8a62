package import TradingModel

/// One account at a broker as the host sees it: a real one, its simulator, or paper.
///
/// Safe from any task. The order machine alone calls it, and only with a risk approval behind the order.
/// There is no connect: an adapter logs in when it is first asked and renews what runs out; ``heartbeat(within:)``
/// proves the whole way. Brokers disagree on what a change leaves (KIS and Alpaca make a new order, Binance keeps it):
/// here an order keeps its client order id, and ``BrokerCapabilities/changes`` says what becomes of the broker's number.
///
/// **Time.** Each call ends within its `limit`, by the adapter's monotonic clock; waiting for a turn at the rate
/// limiter counts. A cancelled task is a limit of zero from then on.
///
/// **Never twice.** An adapter repeats no order and no cancel by itself. It may repeat a question, and a login.
/// What is safe to repeat is said at each call and, for a failure, by ``BrokerError/retry``.
package protocol Broker: Sendable {
    /// What this broker can do and say. Fixed for the adapter's life.
    var capabilities: BrokerCapabilities { get }

    /// Sends one order and returns when the broker has taken it.
    ///
    /// Immediately before the write the adapter asks ``SendPermit/withdrawal(at:)``; after a kill no opening
    /// order that still waits in a queue, a limiter or a retry gets past that line.
    ///
    /// *Limit*: before the write it ends as `notSent(.late)`, which is certain; after it as `outcomeUnknown`.
    /// *Idempotency*: by the client order id, at every broker. One id makes one order at most, in whatever state
    /// that is, also where the broker itself would take an id again (Binance, once the order is closed) or knows
    /// none (KIS): the adapter remembers what it has written, and ``adopt(_:as:at:)`` tells it what a former process
    /// wrote. The same order under the same id again answers as the first did: the number, or `outcomeUnknown`
    /// until that is resolved. Only where nothing was accepted for certain is it an attempt of its own. Another
    /// order under a used id is `rejected`.
    /// *Reports*: what returned is reported `accepted` before anything else of that order; what was thrown is
    /// never reported, but for `outcomeUnknown`, where a report may tell how it ended.
    func place(_ placement: Placement, within limit: Nanoseconds) async throws(BrokerError)
        -> BrokerOrderID

    /// Asks for the end of what is open. The end comes as a report: `cancelled`, or the fill that was faster.
    ///
    /// *Limit*: `outcomeUnknown` after the write. *Idempotency*: harmless when repeated, in whatever state the
    /// order is; of an order that has ended or that the broker does not know it throws `nothingToCancel`.
    func cancel(_ name: OrderName, within limit: Nanoseconds) async throws(BrokerError)

    /// Makes an open limit order another one: its price and all of its quantity, what is filled included.
    ///
    /// Immediately before the write the adapter asks the permit, as for an order: a kill withdraws what adds.
    /// What only lowers carries a permit that no kill withdraws.
    ///
    /// *Limit*: before the write it ends as `notSent(.late)`; after it as `outcomeUnknown`: ask ``order(_:within:)``,
    /// whose price and quantity tell. *Idempotency*: terms are absolute, so the same again leaves the same order; an adapter
    /// writes it once for each call all the same. Of an order that has ended, that the broker does not know, or
    /// that is filled as far, it throws `nothingToCancel` or `rejected`, and the order stays what it was.
    /// *Reports*: what the broker tells of it comes as `changed`, once or more, before or behind the answer. Fills
    /// of the old and of the new number come under the order's own, and lookups by either number find it.
    ///
    /// - Returns: The order's number at the broker from now on: a new one where `changes` says so.
    func modify(_ name: OrderName, to modification: Modification, within limit: Nanoseconds)
        async throws(BrokerError) -> BrokerOrderID

    /// What the broker says of one order. A question: repeat it at will; past its limit `offline`.
    func order(_ name: OrderName, within limit: Nanoseconds) async throws(BrokerError)
        -> OrderLookup

    /// Every order that may still fill, ours or not, in the order they were placed. A question.
    func openOrders(within limit: Nanoseconds) async throws(BrokerError) -> [BrokerOrder]

    /// Every order placed at or after the instant by the broker's time, ours or not, in whatever state, in
    /// the order they were placed. A question.
    ///
    /// It finds an order in doubt that has filled already, at a broker that knows no client order ids. Where the
    /// broker's list has days only, more is harmless.
    func orders(since time: Timestamp, within limit: Nanoseconds) async throws(BrokerError)
        -> [BrokerOrder]

    /// Fills at or after the instant by the broker's time, in the order they happened, each once.
    ///
    /// A question. Of adopted and placed orders only. Ids are below 0x8000_0000: those above are the host's, for what it
    /// books from totals. See ``BrokerCapabilities/fillHistory`` for what is missing.
    func fills(since time: Timestamp, within limit: Nanoseconds) async throws(BrokerError) -> [Fill]

    /// What the account holds, by symbol; nothing that is zero. A question.
    func positions(within limit: Nanoseconds) async throws(BrokerError) -> [BrokerPosition]

    /// Cash, one for each currency. A question.
    func balances(within limit: Nanoseconds) async throws(BrokerError) -> [BrokerBalance]

    /// Asks something cheap that needs line, session and credential. A question.
    func heartbeat(within limit: Nanoseconds) async throws(BrokerError) -> BrokerHeartbeat

    /// Makes an order of a former process ours again: its later reports come under its number.
    ///
    /// What happened before is not told again: ask ``order(_:within:)`` and ``fills(since:within:)`` after it. Sends nothing.
    /// *Idempotency*: harmless when repeated.
    ///
    /// - Throws: `rejected` when id, number or broker's number already belong to another order.
    func adopt(_ order: Order, as client: ClientOrderID, at broker: BrokerOrderID)
        async throws(BrokerError)

    /// News behind a number, oldest first. One listener at a time.
    ///
    /// Numbers count from 1 in the adapter's life, without gaps. Asking behind n frees everything up to n; what
    /// was not freed is given again, so a listener that fails loses nothing. The adapter's buffer is bounded: while it
    /// is full the adapter does not read its socket, and drops nothing. No limit: cancel the task.
    ///
    /// - Parameter wait: Whether to wait for news when there are none; ends with what is there, or none, at
    ///   ``close()`` or when the task is cancelled.
    func news(after number: UInt64, limit: Int, wait: Bool) async -> [NumberedNews]

    /// Sends nothing from here on (`notSent(.closed)`); news that are there can still be read. Harmless when repeated.
    func close() async
}

/// How long calls may take where the caller has no reason for another limit. By what brokers need at
/// the opening, when they are slowest; a host may tighten them.
package enum BrokerLimits {
    package static let order = Nanoseconds.seconds(10)
    package static let question = Nanoseconds.seconds(5)
    package static let heartbeat = Nanoseconds.seconds(3)
}

extension Broker {
    package func place(_ placement: Placement) async throws(BrokerError) -> BrokerOrderID {
        try await place(placement, within: BrokerLimits.order)
    }
    package func cancel(_ name: OrderName) async throws(BrokerError) {
        try await cancel(name, within: BrokerLimits.order)
    }
    package func modify(_ name: OrderName, to modification: Modification)
        async throws(BrokerError) -> BrokerOrderID
    { try await modify(name, to: modification, within: BrokerLimits.order) }
    package func order(_ name: OrderName) async throws(BrokerError) -> OrderLookup {
        try await order(name, within: BrokerLimits.question)
    }
    package func openOrders() async throws(BrokerError) -> [BrokerOrder] {
        try await openOrders(within: BrokerLimits.question)
    }
    package func orders(since time: Timestamp) async throws(BrokerError) -> [BrokerOrder] {
        try await orders(since: time, within: BrokerLimits.question)
    }
    package func fills(since time: Timestamp) async throws(BrokerError) -> [Fill] {
        try await fills(since: time, within: BrokerLimits.question)
    }
    package func positions() async throws(BrokerError) -> [BrokerPosition] {
        try await positions(within: BrokerLimits.question)
    }
    package func balances() async throws(BrokerError) -> [BrokerBalance] {
        try await balances(within: BrokerLimits.question)
    }
    package func heartbeat() async throws(BrokerError) -> BrokerHeartbeat {
        try await heartbeat(within: BrokerLimits.heartbeat)
    }
}
