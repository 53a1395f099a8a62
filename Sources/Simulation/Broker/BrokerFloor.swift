import PaperExchange
package import Ports
package import TradingModel

/// What really happens at a broker: its orders, fills, holdings and cash, whatever anybody is told of them.
///
/// Unlike the adapters' paper account it makes a second order of a second request wherever a real broker would: only
/// a broker with client order ids knows a repetition.
package struct BrokerFloor: Sendable {
    package struct Entry: Hashable, Sendable {
        package internal(set) var id: BrokerOrderID
        package let client: ClientOrderID
        /// Under our number, for the history; a broker without ids does not know it.
        package internal(set) var order: Order
        /// As it was placed.
        let placed: Order
        /// Before changes.
        package internal(set) var formerIDs: [BrokerOrderID] = []
        package let placedAt: Timestamp
        package var filled = Quantity.zero
        package var filledValue = Money.zero
        package var state = BrokerOrder.State.working
        package var fills: [Fill] = []
        var open: Quantity { Quantity(units: order.quantity.units - filled.units) }
        /// No answer has it any more.
        package internal(set) var isForgotten = false
    }
    /// What happened, as the broker saw it.
    package enum Event: Hashable, Sendable {
        case accepted(Entry)
        /// Under our number and the entry's fill id.
        case filled(Entry, Fill)
        case cancelled(Entry, reason: String)
        /// The entry as it is now, and its number before.
        case changed(Entry, former: BrokerOrderID)
    }

    package let terms: BrokerTerms
    let instruments: [Instrument]
    var exchange: PaperExchange
    package internal(set) var entries: [Entry] = []
    package private(set) var held: [Quantity]
    package private(set) var cash: Money
    var last: [Price?]
    var halted: Set<Int> = []

    package init(_ terms: BrokerTerms, instruments: [Instrument], cash: Money) {
        self.terms = terms
        self.instruments = instruments
        self.cash = cash
        held = instruments.map { _ in .zero }
        last = instruments.map { _ in nil }
        var settings = PaperExchange.Settings(
            feeMicroBasisPoints: terms.feeMicroBasisPoints, partialFills: terms.partialFills,
            seed: terms.seed)
        settings.sellTaxMicroBasisPoints = terms.sellTaxMicroBasisPoints
        exchange = PaperExchange(
            settings, lots: instruments.map(\.lot), ladders: instruments.map(\.ladder))
    }

    // MARK: Orders

    package mutating func place(_ order: Order, as client: ClientOrderID, at now: Timestamp)
        -> Result<Event?, BrokerError>
    {
        if let known = entries.first(where: { $0.client == client && isUnique($0) }) {
            // As a broker does: the id is taken. The adapter makes the first answer of it.
            guard known.placed == order else {
                return .failure(BrokerError(.rejected, "client order id \(client) is in use"))
            }
            return .success(nil)
        }
        if let refusal = refusal(of: order) { return .failure(refusal) }
        let serial = OrderNumber(UInt64(entries.count) + 1)
        let placed = Order(
            number: serial, account: order.account, instrument: order.instrument,
            side: order.side, quantity: order.quantity, limit: order.limit)
        guard case .accepted = exchange.submit(placed) else {
            return .failure(BrokerError(.rejected, "the exchange refused it"))
        }
        let id = BrokerOrderID("\(terms.capabilities.name)-\(serial)")
        let entry = Entry(id: id, client: client, order: order, placed: order, placedAt: now)
        entries.append(entry)
        return .success(.accepted(entry))
    }

    private func isUnique(_ entry: Entry) -> Bool {
        switch terms.capabilities.clientOrderIDs {
        case .always: true
        case .whileOpen: entry.state == .working
        case .none: false
        }
    }

    private func refusal(of order: Order) -> BrokerError? {
        let index = Int(order.instrument.index)
        guard !halted.contains(index) else {
            return BrokerError(.notTradable, "\(instruments[index].symbol) is halted")
        }
        guard terms.capabilities.checksFunds else { return nil }
        if order.side == .sell {
            let free = held[index].units - openUnits(index, .sell)
            guard order.quantity.units > free else { return nil }
            return BrokerError(.insufficient, "\(Quantity(units: free)) are free")
        }
        guard let price = order.limit ?? last[index] else {
            return BrokerError(.notTradable, "no price yet")
        }
        let free = entries.reduce(cash) { rest, entry in
            guard entry.state == .working, entry.order.side == .buy else { return rest }
            let at = entry.order.limit ?? last[Int(entry.order.instrument.index)] ?? .zero
            return rest - Money(at, times: entry.open)
        }
        let need = Money(price, times: order.quantity)
        return need > free ? BrokerError(.insufficient, "needs \(need), free \(free)") : nil
    }

    func openUnits(_ instrument: Int, _ side: Side) -> Int64 {
        entries.reduce(0) { sum, entry in
            entry.state == .working && entry.order.side == side
                && Int(entry.order.instrument.index) == instrument ? sum + entry.open.units : sum
        }
    }

    /// - Returns: `nil`: nothing of this name is open.
    package mutating func cancel(_ name: OrderName, reason: String) -> Event? {
        // By a number that it has no more, a broker finds nothing to cancel.
        guard let at = index(of: name), entries[at].state == .working, !isFormer(name, at) else {
            return nil
        }
        return end(at, reason: reason)
    }

    /// The broker's own doing: what was open ends.
    package mutating func cancelAll(reason: String) -> [Event] {
        entries.indices.compactMap { at in
            entries[at].state == .working ? end(at, reason: reason) : nil
        }
    }

    private mutating func end(_ at: Int, reason: String) -> Event {
        _ = exchange.cancel(
            OrderNumber(UInt64(at) + 1), of: entries[at].order.instrument, reason: reason)
        entries[at].state = .cancelled
        return .cancelled(entries[at], reason: reason)
    }

    /// Nobody trades with it, whatever the price is; it is open all the same.
    package mutating func setFrozen(_ on: Bool, _ name: OrderName) {
        guard let at = index(of: name), entries[at].state == .working else { return }
        let serial = OrderNumber(UInt64(at) + 1)
        guard !on else {
            _ = exchange.cancel(serial, of: entries[at].order.instrument, reason: "frozen")
            return
        }
        let order = entries[at].order
        _ = exchange.submit(
            Order(
                number: serial, account: order.account, instrument: order.instrument,
                side: order.side, quantity: entries[at].open, limit: order.limit))
    }

    package mutating func setHalted(_ on: Bool, _ instrument: Int) {
        if on { halted.insert(instrument) } else { halted.remove(instrument) }
    }

    // MARK: Somebody else in the account

    /// What nobody sells: a stranger may.
    package func free(_ instrument: Int) -> Quantity {
        Quantity(units: held[instrument].units - openUnits(instrument, .sell))
    }
    /// Shares and money that come or go without an order of ours.
    package mutating func deal(_ instrument: Int?, _ units: Int64, _ money: Money) {
        if let instrument { held[instrument] = Quantity(units: held[instrument].units + units) }
        cash += money
    }

    // MARK: The market

    /// Nothing of the instrument is open.
    package mutating func split(_ instrument: Int, _ new: Int64, _ old: Int64) {
        held[instrument] = Quantity(units: held[instrument].units / old * new)
        last[instrument] = last[instrument].map { Price(units: $0.units / new * old) }
    }

    package mutating func observe(_ tick: Tick) -> [Event] {
        var reports: [BrokerReport] = []
        if halted.contains(Int(tick.instrument.index)) {
            exchange.note(tick)
        } else {
            exchange.observe(.tick(tick), reports: &reports)
        }
        last[Int(tick.instrument.index)] = tick.price
        return reports.compactMap { report in
            guard case .filled(let fill) = report else { return nil }
            return book(fill)
        }
    }

    private mutating func book(_ fill: Fill) -> Event {
        let at = Int(fill.order.value) - 1
        let order = entries[at].order
        let ours = Fill(
            order: order.number, id: fill.id, price: fill.price, quantity: fill.quantity,
            fee: fill.fee, time: fill.time, tax: fill.tax)
        let value = Money(fill.price, times: fill.quantity)
        entries[at].filled = Quantity(units: entries[at].filled.units + fill.quantity.units)
        entries[at].filledValue += value
        entries[at].fills.append(ours)
        if entries[at].open == .zero { entries[at].state = .filled }
        let index = Int(order.instrument.index)
        held[index] = Quantity(units: held[index].units + fill.quantity.units * order.side.sign)
        cash -= Money(units: value.units * Int128(order.side.sign)) + fill.fee
        return .filled(entries[at], ours)
    }

    // MARK: Answers

    package func index(of name: OrderName) -> Int? {
        switch name {
        case .broker(let id): entries.firstIndex { $0.id == id || $0.formerIDs.contains(id) }
        // The latest, where an id may be used again.
        case .client(let client): entries.lastIndex { $0.client == client }
        }
    }

    package func answer(_ entry: Entry) -> BrokerOrder {
        BrokerOrder(
            brokerID: entry.id,
            clientID: terms.capabilities.clientOrderIDs == .none ? nil : entry.client,
            instrument: entry.order.instrument,
            symbol: instruments[Int(entry.order.instrument.index)].symbol, side: entry.order.side,
            quantity: entry.order.quantity, limit: entry.order.limit, filled: entry.filled,
            filledValue: entry.filledValue, state: entry.state, placedAt: entry.placedAt)
    }

    package var openOrders: [BrokerOrder] {
        entries.lazy.filter { $0.state == .working }.map(answer)
    }
    package func orders(since time: Timestamp) -> [BrokerOrder] {
        entries.lazy.filter { $0.placedAt >= time && !$0.isForgotten }.map(answer)
    }
    /// It ended untraded, and whoever asks for it hears of none.
    package mutating func forget(_ id: BrokerOrderID) {
        guard let at = index(of: .broker(id)) else { return }
        entries[at].isForgotten = true
    }

    package var positions: [BrokerPosition] {
        held.enumerated().compactMap { index, quantity in
            guard quantity != .zero else { return nil }
            let selling = openUnits(index, .sell)
            return BrokerPosition(
                instrument: InstrumentID(index), symbol: instruments[index].symbol,
                quantity: quantity, available: Quantity(units: quantity.units - selling),
                averagePrice: nil)
        }
    }

    package func balance(currency: String) -> BrokerBalance {
        BrokerBalance(currency: currency, cash: cash, available: cash)
    }
}
