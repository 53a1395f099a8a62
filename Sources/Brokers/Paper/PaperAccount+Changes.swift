package import Ports
package import TradingModel

/// Changes of open orders.
extension PaperAccount {
    /// Makes an open limit order another one, or says why not: then it is what it was.
    ///
    /// - Parameter number: A new one, where the broker makes one: the old one leads to the order still.
    package mutating func modify(
        _ name: OrderName, to change: OrderChange, as number: BrokerOrderID? = nil
    ) throws(BrokerError) -> (report: BrokerReport, broker: BrokerOrderID) {
        guard let own = self.number(of: name), var entry = entries[own] else {
            throw BrokerError(.nothingToCancel, "no such order")
        }
        guard entry.state == .working else {
            throw BrokerError(.nothingToCancel, "order \(own) is \(entry.state)")
        }
        guard entry.order.limit != nil else {
            throw BrokerError(.rejected, "order \(own) is a market order")
        }
        guard change.quantity > entry.filled else {
            throw BrokerError(
                .rejected, "\(entry.filled) of it are filled, \(change.quantity) leaves nothing")
        }
        let changed = entry.order.changed(to: change)
        try checkChange(of: entry, to: changed)
        if let why = exchange.modify(own, of: changed.instrument, to: change) {
            throw BrokerError(.rejected, why)
        }
        entry.order = changed
        if entry.heldPrice != nil { entry.heldPrice = change.limit }
        if let number {
            entry.broker = number
            brokerNumbers[number] = own
        }
        entries[own] = entry
        return (.changed(own, change, entry.broker), entry.broker)
    }

    /// As a new order of what is left, where this one were not there.
    private func checkChange(of entry: Entry, to changed: Order) throws(BrokerError) {
        var without = self
        without.open.removeAll { $0 == changed.number }
        let instrument = instruments[Int(changed.instrument.index)]
        try without.checkQuantity(changed, instrument)
        try without.checkPrice(changed, instrument)
        guard settings.checksFunds, let limit = changed.limit else { return }
        let left = Quantity(units: changed.quantity.units - entry.filled.units)
        switch changed.side {
        case .buy:
            guard let needed = hold(limit, left), needed <= without.available else {
                throw BrokerError(
                    .insufficient, "\(without.available) \(settings.currency) are free")
            }
        case .sell:
            let free = without.free(changed.instrument)
            guard left <= free else {
                throw BrokerError(.insufficient, "sells \(left), \(free) are free")
            }
        }
    }
}

extension PaperAccount.Entry {
    /// Whether it is the order that somebody describes, as it was placed or as it is.
    func isThere(_ other: Order) -> Bool { other == order || other == placed }
}
