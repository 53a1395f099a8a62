package import PaperExchange
package import Ports
package import TradingModel

/// One account at the paper exchange: orders, fills, holdings and cash. A value: the same calls, the same answers.
///
/// It stands between a caller who may ask for anything and the exchange, which only matches: what an exchange's
/// member would refuse is refused here. Kept as a whole it is the account's snapshot. It forgets no order and no
/// fill, some 300 bytes each, for no client order id may ever make a second order.
package struct PaperAccount: Sendable {
    package struct Settings: Hashable, Sendable {
        package var exchange: PaperExchange.Settings
        package var account: AccountID
        package var currency: String
        package var cash: Money
        /// Refuse what cash or holdings do not cover; else cash and holdings may go below zero.
        package var checksFunds: Bool
        /// At 10⁻⁶: what a market buy holds above the last price, for it may fill higher. Alpaca holds 2.5 to 4 %.
        package var marketMargin: Int64

        package init(
            exchange: PaperExchange.Settings, account: AccountID, currency: String, cash: Money,
            checksFunds: Bool = true, marketMargin: Int64 = 40_000
        ) {
            self.exchange = exchange
            self.account = account
            self.currency = currency
            self.cash = cash
            self.checksFunds = checksFunds
            self.marketMargin = marketMargin
        }
    }
    struct Entry: Sendable {
        /// As it is now.
        var order: Order
        /// As it was placed.
        let placed: Order
        let client: ClientOrderID
        var broker: BrokerOrderID
        let placedAt: Timestamp?
        /// What one unit of an open buy holds; `nil` for sales.
        var heldPrice: Price?
        var filled = Quantity.zero
        var filledValue = Money.zero
        var state = BrokerOrder.State.working
        var open: Quantity { Quantity(units: order.quantity.units - filled.units) }
    }
    struct Holding: Sendable {
        var quantity = Quantity.zero
        /// Of what is held or owed, at average price, never below zero; `nil` when it has left its range.
        var cost: Money? = .zero
        var last: Price?
    }
    /// Open orders at most, so that one print's fills stay inside the range of money.
    package static let mostOpenOrders = 1_000
    /// Past it the account is wound up: open orders are cancelled and none is taken.
    static let largestCash = Money(units: 1_000 * PaperExchange.largestValue.units)

    package let settings: Settings
    package let instruments: [Instrument]
    var exchange: PaperExchange
    package internal(set) var cash: Money
    var holdings: [Holding]
    var entries: [OrderNumber: Entry] = [:]
    var numbers: [ClientOrderID: OrderNumber] = [:]
    var brokerNumbers: [BrokerOrderID: OrderNumber] = [:]
    /// In the order they were placed.
    var open: [OrderNumber] = []
    package internal(set) var fills: [Fill] = []
    /// The market's time: of the last input.
    package internal(set) var now: Timestamp?

    /// - Parameter instruments: By their ids: 0, 1, 2, …
    package init(_ settings: Settings, instruments: [Instrument]) {
        precondition(
            instruments.enumerated().allSatisfy { $0.offset == Int($0.element.id.index) },
            "instruments stand at the index of their id")
        self.settings = settings
        self.instruments = instruments
        exchange = PaperExchange(
            settings.exchange, lots: instruments.map(\.lot), ladders: instruments.map(\.ladder))
        cash = settings.cash
        holdings = instruments.map { _ in Holding() }
    }

    // MARK: The market

    /// Only time has passed at the market.
    package mutating func pass(to time: Timestamp) { now = max(now ?? time, time) }

    /// Fills what the input's print reaches.
    ///
    /// - Returns: What happened, in order.
    package mutating func observe(_ input: MarketInput) -> [BrokerReport] {
        let index = Int(input.instrument.index)
        guard instruments.indices.contains(index) else { return [] }
        now = input.time
        var reports: [BrokerReport] = []
        if var visit = exchange.visit(input) {
            while let order = exchange.next(of: &visit) {
                let known = reports.count
                exchange.fill(&visit, funds: funds(for: order), reports: &reports)
                for report in reports[known...] { take(report) }
            }
        }
        if let price = input.reference { holdings[index].last = price }
        if cash.units.magnitude > Self.largestCash.units.magnitude {
            reports += open.compactMap {
                cancelOpen($0, reason: "the account's cash is out of range")
            }
        }
        return reports
    }

    private mutating func take(_ report: BrokerReport) {
        switch report {
        case .filled(let fill): book(fill)
        case .cancelled(let number, _): end(number)
        case .accepted, .rejected, .expired, .failed, .unknown, .cancelAsked, .changed,
            .changeRefused:
            break  // no print makes these
        }
    }

    private mutating func book(_ fill: Fill) {
        guard var entry = entries[fill.order] else { return }
        let value = Money(fill.price, times: fill.quantity)
        entry.filled = Quantity(units: entry.filled.units + fill.quantity.units)
        entry.filledValue += value
        if entry.filled == entry.order.quantity {
            entry.state = .filled
            open.removeAll { $0 == fill.order }
        }
        entries[fill.order] = entry
        fills.append(fill)
        let signed = fill.quantity.units * entry.order.side.sign
        holdings[Int(entry.order.instrument.index)].take(signed, at: fill.price)
        cash += entry.order.side == .buy ? -value : value
        cash -= fill.fee
    }

    // MARK: Cancelling

    package mutating func cancel(_ name: OrderName) throws(BrokerError) -> BrokerReport {
        guard let number = number(of: name) else {
            throw BrokerError(.nothingToCancel, "no such order")
        }
        guard let report = cancelOpen(number, reason: "cancelled on request") else {
            let state = entries[number].map { "\($0.state)" } ?? "unknown"
            throw BrokerError(.nothingToCancel, "order \(number) is \(state)")
        }
        return report
    }

    private mutating func cancelOpen(_ number: OrderNumber, reason: String) -> BrokerReport? {
        guard let entry = entries[number], entry.state == .working,
            let report = exchange.cancel(number, of: entry.order.instrument, reason: reason)
        else { return nil }
        end(number)
        return report
    }

    mutating func end(_ number: OrderNumber, as state: BrokerOrder.State = .cancelled) {
        entries[number]?.state = state
        open.removeAll { $0 == number }
    }

    func number(of name: OrderName) -> OrderNumber? {
        switch name {
        case .client(let client): numbers[client]
        case .broker(let broker): brokerNumbers[broker]
        }
    }
}

extension PaperAccount.Holding {
    /// Books a signed quantity at average cost. Through zero the cost begins anew at the fill's price.
    fileprivate mutating func take(_ signed: Int64, at price: Price) {
        let before = quantity.units
        let after = before + signed
        quantity = Quantity(units: after)
        let size = Int128(after.magnitude)
        if (before > 0) == (signed > 0) || before == 0 {
            cost = cost.flatMap { cost in
                let value = Int128(price.units) * Int128(signed.magnitude)
                let (sum, overflow) = cost.units.addingReportingOverflow(value)
                return overflow ? nil : Money(units: sum)
            }
        } else if after != 0, (before > 0) == (after > 0) {
            cost = cost.map { cost in
                let whole = Int128(before.magnitude)
                let (each, rest) = cost.units.quotientAndRemainder(dividingBy: whole)
                return Money(units: each * size + rest * size / whole)
            }
        } else {
            cost = Money(units: Int128(price.units) * size)
        }
    }
}

extension MarketInput {
    /// A price to reckon a market buy with.
    fileprivate var reference: Price? {
        let price: Price =
            switch self {
            case .tick(let tick): tick.price
            case .quote(let quote): quote.ask.units > 0 ? quote.ask : quote.bid
            case .candle(let candle): candle.close
            }
        return price.units > 0 ? price : nil
    }
}
