package import Ports
package import TradingModel

/// An adapter's memory: what it has written and heard in its life. It dies with the host.
///
/// It keeps the promises of the port `Broker`: one id makes one order, what was placed is reported accepted before
/// anything else of it (unless its terms say otherwise: answers and lookups tell the number then), news are numbered
/// without a gap.
package struct SimulatedAdapter: Sendable {
    private struct Known: Sendable {
        let order: Order
        let client: ClientOrderID
        var id: BrokerOrderID?
        var isAnnounced = false
        /// Numbers before changes: word that has one is late.
        var formers: Set<BrokerOrderID> = []
    }
    /// What it makes of a placing before anything is written.
    package enum Recall: Hashable, Sendable {
        case new
        case known(BrokerOrderID)
        case unknown
        case another
    }
    private let hasIDs: Bool
    private let tellsAcceptance: Bool
    private var known: [OrderNumber: Known] = [:]
    private var numbers: [ClientOrderID: OrderNumber] = [:]
    private var byBroker: [BrokerOrderID: OrderNumber] = [:]
    /// Of orders whose number is not known yet.
    private var unmatched: [BrokerFloor.Event] = []
    private(set) package var heardFills: [Fill] = []
    private var count: UInt64 = 0

    package init(_ terms: BrokerTerms) {
        hasIDs = terms.capabilities.clientOrderIDs != .none
        tellsAcceptance = terms.tellsAcceptance
    }

    // MARK: Names

    package func recall(_ order: Order, _ client: ClientOrderID) -> Recall {
        guard let number = numbers[client], let known = known[number] else { return .new }
        guard known.order == order else { return .another }
        return known.id.map { .known($0) } ?? .unknown
    }

    package mutating func wrote(_ order: Order, _ client: ClientOrderID) {
        numbers[client] = order.number
        known[order.number] = Known(order: order, client: client)
    }

    /// Nothing was accepted for certain: the next attempt is one of its own.
    package mutating func forget(_ order: Order, _ client: ClientOrderID) {
        guard let known = known[order.number], known.id == nil else { return }
        numbers[client] = nil
        self.known[order.number] = nil
    }

    /// - Returns: What follows from knowing the name, the acceptance first.
    package mutating func learned(_ number: OrderNumber, _ id: BrokerOrderID) -> [BrokerNews] {
        guard known[number] != nil else { return [] }
        byBroker[id] = number
        // The answer to a placing may come behind a change that gave it another number.
        if known[number]?.formers.contains(id) != true { known[number]?.id = id }
        let waiting = unmatched.filter { $0.entry.id == id }
        unmatched.removeAll { $0.entry.id == id }
        return announce(number, id) + waiting.flatMap { receive($0) }
    }

    package mutating func adopt(_ order: Order, _ client: ClientOrderID, _ id: BrokerOrderID)
        -> Bool
    {
        if let other = byBroker[id], other != order.number { return false }
        if let other = numbers[client], other != order.number { return false }
        if known[order.number] == nil { wrote(order, client) }
        known[order.number]?.id = id
        // Told by the former process.
        known[order.number]?.isAnnounced = true
        byBroker[id] = order.number
        unmatched.removeAll { $0.entry.id == id }
        return true
    }

    /// The name by which the broker can be asked; `nil`: by none.
    package func translated(_ name: OrderName) -> OrderName? {
        if case .broker(let id) = name, let now = byBroker[id].flatMap({ known[$0]?.id }) {
            return .broker(now)
        }
        guard case .client(let client) = name, !hasIDs else { return name }
        return numbers[client].flatMap { known[$0]?.id }.map { .broker($0) }
    }

    /// With our id, where the broker keeps none and we know it.
    package func named(_ order: BrokerOrder) -> BrokerOrder {
        var order = order
        if let number = byBroker[order.brokerID] { order.clientID = known[number]?.client }
        return order
    }

    /// An entry's fills under the number by which we know it; none of one that we do not.
    package func named(fillsOf entry: BrokerFloor.Entry) -> [Fill] {
        guard let number = number(of: entry) else { return [] }
        return entry.fills.map { named($0, number) }
    }

    private func named(_ fill: Fill, _ number: OrderNumber) -> Fill {
        Fill(
            order: number, id: fill.id, price: fill.price, quantity: fill.quantity, fee: fill.fee,
            time: fill.time, tax: fill.tax)
    }

    private func number(of entry: BrokerFloor.Entry) -> OrderNumber? {
        if hasIDs { return numbers[entry.client] }
        return ([entry.id] + entry.formerIDs).lazy.compactMap { byBroker[$0] }.first
    }

    // MARK: News

    /// - Returns: What the host is told of it, in order.
    package mutating func receive(_ event: BrokerFloor.Event) -> [BrokerNews] {
        guard let number = number(of: event.entry) else {
            unmatched.append(event)
            return []
        }
        if case .changed(let entry, let former) = event { renumber(number, former, entry.id) }
        let accepted = announce(number, event.entry.id)
        switch event {
        case .changed(let entry, _):
            guard let change = entry.order.terms else { return accepted }
            return accepted + [.report(.changed(number, change, entry.id))]
        case .accepted: return accepted
        case .filled(_, let fill):
            heardFills.append(named(fill, number))
            return accepted + [.report(.filled(named(fill, number)))]
        case .cancelled(_, let reason):
            return accepted + [.report(.cancelled(number, reason: reason))]
        }
    }

    private mutating func announce(_ number: OrderNumber, _ id: BrokerOrderID) -> [BrokerNews] {
        byBroker[id] = number
        if known[number]?.formers.contains(id) != true { known[number]?.id = id }
        guard known[number]?.isAnnounced == false else { return [] }
        known[number]?.isAnnounced = true
        return tellsAcceptance ? [.report(.accepted(number, id))] : []
    }

    /// The broker has made a new number of it.
    package mutating func renumber(
        _ number: OrderNumber, _ former: BrokerOrderID?, _ id: BrokerOrderID
    ) {
        guard let former = former ?? known[number]?.id, former != id, known[number] != nil,
            known[number]?.formers.contains(id) != true
        else { return }
        known[number]?.formers.insert(former)
        known[number]?.id = id
        byBroker[former] = number
        byBroker[id] = number
    }

    package mutating func numbered(_ news: BrokerNews) -> NumberedNews {
        count += 1
        return NumberedNews(number: count, news: news)
    }
}

extension BrokerFloor.Event {
    package var entry: BrokerFloor.Entry {
        switch self {
        case .accepted(let entry), .filled(let entry, _), .cancelled(let entry, _),
            .changed(let entry, _):
            entry
        }
    }
}
