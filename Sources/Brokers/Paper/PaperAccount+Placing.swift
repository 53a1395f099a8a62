import PaperExchange
package import Ports
package import TradingModel

extension PaperAccount {
    /// Takes an order, or says why not. The same order under the same id again: the number it got then.
    ///
    /// - Returns: The number, and whether the order is new.
    package mutating func place(_ order: Order, as client: ClientOrderID) throws(BrokerError)
        -> (broker: BrokerOrderID, isNew: Bool)
    {
        if let number = numbers[client] {
            guard let known = entries[number], known.placed == order else {
                throw BrokerError(.rejected, "client order id \(client) names another order")
            }
            return (known.broker, false)
        }
        guard entries[order.number] == nil else {
            throw BrokerError(.rejected, "order number \(order.number) was used under another id")
        }
        let instrument = try instrument(of: order)
        try checkQuantity(order, instrument)
        try checkPrice(order, instrument)
        let heldPrice = try heldPrice(order)
        try checkFunds(order, heldPrice)
        switch exchange.submit(order) {
        case .accepted(_, let broker):
            entries[order.number] = Entry(
                order: order, placed: order, client: client, broker: broker, placedAt: now,
                heldPrice: heldPrice)
            numbers[client] = order.number
            brokerNumbers[broker] = order.number
            open.append(order.number)
            return (broker, true)
        case .rejected(_, let reason), .cancelled(_, let reason):
            throw BrokerError(.rejected, reason)
        case .filled, .expired, .failed, .unknown, .cancelAsked, .changed, .changeRefused:
            throw BrokerError(.rejected, "ended at its placing")  // the exchange never does
        }
    }

    private func instrument(of order: Order) throws(BrokerError) -> Instrument {
        guard order.account == settings.account else {
            throw BrokerError(.rejected, "account \(order.account.index) is not this one")
        }
        let index = Int(order.instrument.index)
        guard instruments.indices.contains(index) else {
            throw BrokerError(.notTradable, "no instrument \(index)")
        }
        let instrument = instruments[index]
        guard instrument.currency == settings.currency else {
            throw BrokerError(
                .notTradable,
                "\(instrument.symbol) trades in \(instrument.currency), the account is in "
                    + settings.currency)
        }
        return instrument
    }

    func checkQuantity(_ order: Order, _ instrument: Instrument) throws(BrokerError) {
        guard order.quantity.isPositive else {
            throw BrokerError(.rejected, "quantity \(order.quantity)")
        }
        let lot = instrument.lot.units
        guard lot <= 0 || order.quantity.units % lot == 0 else {
            throw BrokerError(
                .rejected, "quantity \(order.quantity) is no multiple of the lot \(instrument.lot)")
        }
        guard open.count < Self.mostOpenOrders else {
            throw BrokerError(.rejected, "\(open.count) orders are open, which is the most")
        }
        guard cash.units.magnitude <= Self.largestCash.units.magnitude else {
            throw BrokerError(.rejected, "the account's cash is out of range: \(cash)")
        }
        // Were everything open on this side filled, the holding must still fit.
        let sum =
            Int128(holdings[Int(instrument.id.index)].quantity.units).magnitude
            + Int128(openUnits(of: order.instrument, order.side)).magnitude
            + Int128(order.quantity.units).magnitude
        guard sum <= Int128(Int64.max).magnitude else {
            throw BrokerError(
                .rejected, "quantity \(order.quantity) takes the holding out of range")
        }
    }

    func checkPrice(_ order: Order, _ instrument: Instrument) throws(BrokerError) {
        guard let limit = order.limit else { return }
        guard limit.units > 0 else { throw BrokerError(.priceRule, "limit price \(limit)") }
        let step = instrument.ladder.step(at: limit)
        guard step.units <= 0 || limit.units % step.units == 0 else {
            throw BrokerError(.priceRule, "limit \(limit) is no multiple of the step \(step)")
        }
    }

    /// The price at which a buy holds cash.
    private func heldPrice(_ order: Order) throws(BrokerError) -> Price? {
        guard order.side == .buy else { return nil }
        if let limit = order.limit { return limit }
        guard let last = holdings[Int(order.instrument.index)].last else {
            guard settings.checksFunds else { return nil }
            throw BrokerError(.notTradable, "no price yet to reckon a market buy with")
        }
        let margin = Int128(last.units) * Int128(settings.marketMargin) / 1_000_000
        return Price(units: Int64(clamping: Int128(last.units) + margin))
    }

    private func checkFunds(_ order: Order, _ heldPrice: Price?) throws(BrokerError) {
        guard settings.checksFunds else { return }
        switch order.side {
        case .buy:
            let needed = heldPrice.flatMap { hold($0, order.quantity) }
            guard let needed, needed <= available else {
                throw BrokerError(
                    .insufficient,
                    "needs \(needed.map(\.description) ?? "more than can be reckoned"), "
                        + "\(available) \(settings.currency) are free")
            }
        case .sell:
            let free = free(order.instrument)
            guard order.quantity.units <= free.units else {
                throw BrokerError(.insufficient, "sells \(order.quantity), \(free) are free")
            }
        }
    }

    /// Value and fee; `nil` out of range, as at the exchange.
    func hold(_ price: Price, _ quantity: Quantity) -> Money? {
        let value = Money(price, times: quantity)
        guard value <= PaperExchange.largestValue,
            let fee = try? value.fee(microBasisPoints: settings.exchange.feeMicroBasisPoints),
            fee <= PaperExchange.largestValue
        else { return nil }
        return value + max(fee, .zero)
    }

    /// What open orders of one side still want.
    func openUnits(of instrument: InstrumentID, _ side: Side) -> Int64 {
        var units: Int64 = 0
        for number in open {
            guard let entry = entries[number], entry.order.instrument == instrument,
                entry.order.side == side
            else { continue }
            units += entry.open.units
        }
        return units
    }

    func free(_ instrument: InstrumentID) -> Quantity {
        let held = holdings[Int(instrument.index)].quantity.units
        return Quantity(units: held - openUnits(of: instrument, .sell))
    }

    /// What an order may take when it fills: a market order no more than what others do not hold.
    func funds(for order: Order) -> Money? {
        guard settings.checksFunds else { return nil }
        guard order.limit == nil, let entry = entries[order.number] else { return cash }
        return available + (entry.heldPrice.flatMap { hold($0, entry.open) } ?? .zero)
    }

    /// Cash less what open buys hold.
    package var available: Money {
        open.reduce(cash) { rest, number in
            guard let entry = entries[number], let price = entry.heldPrice else { return rest }
            return rest - (hold(price, entry.open) ?? .zero)
        }
    }
}
