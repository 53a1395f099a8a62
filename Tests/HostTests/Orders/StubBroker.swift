import Platform
import Ports
import TestKit
import TradingModel

/// What happened at a broker, whoever asked and however often: it outlives hosts.
final class StubVenue: Sendable {
    struct Entry: Sendable {
        var order: Order
        let client: ClientOrderID
        var id: BrokerOrderID
        var former: [BrokerOrderID] = []
        var isFilled = false
        var isCancelled = false
        var fill: Fill?
    }
    struct State: Sendable {
        var entries: [Entry] = []
        /// Places that were written, in their order, with the monotonic time.
        var written: [(number: OrderNumber, side: Side, at: Int64)] = []
        var cancels: [(id: BrokerOrderID, at: Int64)] = []
    }
    let state = Locked(State())
    private let clock = HostClock()
    /// At their limit, at once; else they rest.
    private let fillsLimits: Bool
    /// It takes orders, and fills none.
    private let fillsNone: Bool
    init(fillsLimits: Bool = false, fillsNone: Bool = false) {
        self.fillsLimits = fillsLimits
        self.fillsNone = fillsNone
    }

    var orders: [Entry] { state.withLock { $0.entries } }
    var writes: [(number: OrderNumber, side: Side, at: Int64)] { state.withLock { $0.written } }
    var cancels: [(id: BrokerOrderID, at: Int64)] { state.withLock { $0.cancels } }
    /// By instrument.
    func held(_ instrument: InstrumentID = InstrumentID(0)) -> Int64 {
        orders.filter { $0.isFilled && $0.order.instrument == instrument }
            .reduce(0) { $0 + $1.order.quantity.units * $1.order.side.sign }
    }

    /// An order with a limit rests, another fills at once.
    ///
    /// - Parameter client: `nil` where the broker keeps none: the same again is another order.
    func place(_ order: Order, _ client: ClientOrderID, keepsIDs: Bool) -> Entry {
        let (monotonic, utc) = (clock.monotonic(), clock.utc())
        return state.withLock { state in
            state.written.append((order.number, order.side, monotonic))
            if keepsIDs, let known = state.entries.first(where: { $0.client == client }) {
                return known
            }
            var entry = Entry(
                order: order, client: client, id: BrokerOrderID("v\(state.entries.count + 1)"))
            if !fillsNone, order.limit == nil || fillsLimits {
                entry.isFilled = true
                entry.fill = Fill(
                    order: order.number, id: 1, price: order.limit ?? .won(100),
                    quantity: order.quantity,
                    fee: .zero, time: Timestamp(nanoseconds: utc))
            }
            state.entries.append(entry)
            return entry
        }
    }

    func cancel(_ name: OrderName) -> Entry? {
        let now = clock.monotonic()
        return state.withLock { state in
            guard let at = state.entries.firstIndex(where: { $0.answers(to: name) }) else {
                return nil
            }
            state.cancels.append((state.entries[at].id, now))
            guard !state.entries[at].isFilled, !state.entries[at].isCancelled else { return nil }
            state.entries[at].isCancelled = true
            return state.entries[at]
        }
    }

    /// Under a new number.
    func modify(_ name: OrderName, to change: OrderChange) -> Entry? {
        state.withLock { state in
            guard let at = state.entries.firstIndex(where: { $0.answers(to: name) }),
                !state.entries[at].isFilled, !state.entries[at].isCancelled
            else { return nil }
            let old = state.entries[at]
            state.entries[at].order = old.order.changed(to: change)
            state.entries[at].former.append(old.id)
            state.entries[at].id = BrokerOrderID("\(old.id)'")
            return state.entries[at]
        }
    }

    func find(_ name: OrderName) -> Entry? { orders.first { $0.answers(to: name) } }
}

extension StubVenue.Entry {
    func answers(to name: OrderName) -> Bool {
        switch name {
        case .client(let client): client == self.client
        case .broker(let id): id == self.id || former.contains(id)
        }
    }
    var told: BrokerOrder {
        BrokerOrder(
            brokerID: id, clientID: client, instrument: order.instrument,
            symbol: "S\(order.instrument.index)", side: order.side, quantity: order.quantity,
            limit: order.limit, filled: isFilled ? order.quantity : .zero,
            filledValue: isFilled
                ? Money(order.limit ?? .won(100), times: order.quantity) : .zero,
            state: isFilled ? .filled : isCancelled ? .cancelled : .working, placedAt: nil)
    }
}

/// An adapter of one host's life, before a venue that outlives it.
actor StubBroker: Broker {
    /// What becomes of an order on its way.
    enum Habit: Sendable {
        case answer
        /// It is done, and nobody says so.
        case loseReply
        /// Nothing is done, and nobody says so.
        case loseRequest
        /// No answer, until the adapter is closed.
        case hang
    }
    nonisolated let capabilities: BrokerCapabilities
    static let usual = BrokerCapabilities(
        name: "stub", clientOrderIDs: .always, orderTypes: [.market, .limit], units: .lots,
        hours: .always, fillHistory: .each, checksFunds: false, changes: .makeNumber)
    private let venue: StubVenue
    private let habit: @Sendable (Order) -> Habit
    /// No cancel is answered until the adapter is closed.
    private let hangsCancels: Bool
    /// What becomes of a change on its way.
    private let changeHabit: Habit
    /// Called in the line before the write.
    private let beforeWrite: @Sendable (Placement) -> Void
    private let clock = HostClock()
    private var news: [NumberedNews] = []
    private var isClosed = false
    private let bell = AsyncSignal()
    private var hanging: [CheckedContinuation<Void, Never>] = []

    init(
        _ venue: StubVenue, habit: @escaping @Sendable (Order) -> Habit = { _ in .answer },
        hangsCancels: Bool = false, changeHabit: Habit = .answer,
        capabilities: BrokerCapabilities = StubBroker.usual,
        beforeWrite: @escaping @Sendable (Placement) -> Void = { _ in }
    ) {
        self.capabilities = capabilities
        self.venue = venue
        self.habit = habit
        self.hangsCancels = hangsCancels
        self.changeHabit = changeHabit
        self.beforeWrite = beforeWrite
    }

    func place(_ placement: Placement, within limit: Nanoseconds) async throws(BrokerError)
        -> BrokerOrderID
    {
        if isClosed { throw BrokerError(.notSent(.closed), "closed") }
        let habit = habit(placement.order)
        if case .hang = habit {
            await withCheckedContinuation { hanging.append($0) }
        }
        // The last line before the write.
        if let withdrawal = placement.permit.withdrawal(at: clock.monotonic()) {
            throw BrokerError(.notSent(withdrawal), "withdrawn")
        }
        if isClosed { throw BrokerError(.notSent(.closed), "closed") }
        beforeWrite(placement)
        if case .loseRequest = habit { throw BrokerError(.outcomeUnknown, "lost on its way") }
        let entry = venue.place(placement.order, placement.client, keepsIDs: true)
        if case .loseReply = habit { throw BrokerError(.outcomeUnknown, "no answer") }
        tell(.accepted(placement.order.number, entry.id))
        if let fill = entry.fill { tell(.filled(fill)) }
        return entry.id
    }

    func cancel(_ name: OrderName, within limit: Nanoseconds) async throws(BrokerError) {
        if hangsCancels, !isClosed {
            await withCheckedContinuation { hanging.append($0) }
            throw BrokerError(.notSent(.closed), "closed")
        }
        guard let entry = venue.cancel(name) else {
            throw BrokerError(.nothingToCancel, "nothing is open")
        }
        tell(.cancelled(entry.order.number, reason: "on request"))
    }

    func modify(
        _ name: OrderName, to modification: Modification, within limit: Nanoseconds
    ) async throws(BrokerError) -> BrokerOrderID {
        if let withdrawal = modification.permit.withdrawal(at: clock.monotonic()) {
            throw BrokerError(.notSent(withdrawal), "withdrawn")
        }
        if case .loseRequest = changeHabit { throw BrokerError(.outcomeUnknown, "lost on its way") }
        guard let entry = venue.modify(name, to: modification.change) else {
            throw BrokerError(.nothingToCancel, "nothing is open")
        }
        if case .loseReply = changeHabit { throw BrokerError(.outcomeUnknown, "no answer") }
        return entry.id
    }

    func order(_ name: OrderName, within limit: Nanoseconds) -> OrderLookup {
        venue.find(name).map { .found($0.told) } ?? .none
    }
    func openOrders(within limit: Nanoseconds) -> [BrokerOrder] {
        venue.orders.map(\.told).filter { $0.state == .working }
    }
    func orders(since time: Timestamp, within limit: Nanoseconds) -> [BrokerOrder] {
        venue.orders.map(\.told)
    }
    func fills(since time: Timestamp, within limit: Nanoseconds) -> [Fill] {
        venue.orders.compactMap(\.fill).filter { $0.time >= time }
    }
    func positions(within limit: Nanoseconds) -> [BrokerPosition] {
        let held = Quantity(units: venue.held())
        guard held != .zero else { return [] }
        return [
            BrokerPosition(
                instrument: InstrumentID(0), symbol: "S0", quantity: held, available: held,
                averagePrice: nil)
        ]
    }
    func balances(within limit: Nanoseconds) -> [BrokerBalance] { [] }
    func heartbeat(within limit: Nanoseconds) -> BrokerHeartbeat {
        BrokerHeartbeat(brokerTime: nil)
    }
    func adopt(_ order: Order, as client: ClientOrderID, at broker: BrokerOrderID) {}

    private func tell(_ report: BrokerReport) {
        news.append(NumberedNews(number: UInt64(news.count) + 1, news: .report(report)))
        bell.set()
    }
    func news(after number: UInt64, limit: Int, wait: Bool) async -> [NumberedNews] {
        while wait, news.count <= Int(number), !isClosed, !Task.isCancelled { await bell.wait() }
        return Array(news.dropFirst(Int(number)).prefix(limit))
    }
    func close() {
        isClosed = true
        bell.set()
        for continuation in hanging { continuation.resume() }
        hanging = []
    }
}

extension StubBroker {
    /// Of four orders one loses its answer, and one of the others its way.
    static func misbehaving(_ seed: UInt64) -> @Sendable (Order) -> Habit {
        let random = Locked(SeededRandom(seed))
        return { _ in
            random.withLock { random in
                if random.oneIn(4) { return .loseReply }
                return random.oneIn(4) ? .loseRequest : .answer
            }
        }
    }
}
