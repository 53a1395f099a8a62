package import Ports
package import TradingModel

/// Changes of open orders, as the broker makes them.
extension BrokerFloor {
    func isFormer(_ name: OrderName, _ at: Int) -> Bool {
        if case .broker(let id) = name { entries[at].id != id } else { false }
    }

    package mutating func modify(_ name: OrderName, to change: OrderChange)
        -> Result<Event, BrokerError>
    {
        guard terms.capabilities.changes != .none else {
            return .failure(BrokerError(.rejected, "orders cannot be changed here"))
        }
        guard let at = index(of: name), !isFormer(name, at) else {
            return .failure(BrokerError(.nothingToCancel, "no such order"))
        }
        let entry = entries[at]
        guard entry.state == .working else {
            return .failure(BrokerError(.nothingToCancel, "\(entry.id) is \(entry.state)"))
        }
        if let refusal = refusal(of: change, entry) { return .failure(refusal) }
        let serial = OrderNumber(UInt64(at) + 1)
        if let why = exchange.modify(serial, of: entry.order.instrument, to: change) {
            return .failure(BrokerError(.rejected, why))
        }
        entries[at].order = entry.order.changed(to: change)
        if terms.capabilities.changes == .makeNumber {
            entries[at].formerIDs.append(entry.id)
            entries[at].id = BrokerOrderID(
                "\(terms.capabilities.name)-\(serial).\(entries[at].formerIDs.count)")
        }
        return .success(.changed(entries[at], former: entry.id))
    }

    private func refusal(of change: OrderChange, _ entry: Entry) -> BrokerError? {
        let index = Int(entry.order.instrument.index)
        guard !halted.contains(index) else {
            return BrokerError(.notTradable, "\(instruments[index].symbol) is halted")
        }
        guard change.quantity > entry.filled else {
            return BrokerError(.rejected, "\(entry.filled) are filled")
        }
        guard terms.capabilities.checksFunds else { return nil }
        let left = Quantity(units: change.quantity.units - entry.filled.units)
        if entry.order.side == .sell {
            let free = held[index].units - openUnits(index, .sell) + entry.open.units
            return left.units > free
                ? BrokerError(.insufficient, "\(Quantity(units: free)) are free") : nil
        }
        let free = entries.reduce(cash) { rest, other in
            guard other.state == .working, other.order.side == .buy, other.id != entry.id else {
                return rest
            }
            let at = other.order.limit ?? last[Int(other.order.instrument.index)] ?? .zero
            return rest - Money(at, times: other.open)
        }
        let need = Money(change.limit, times: left)
        return need > free ? BrokerError(.insufficient, "needs \(need), free \(free)") : nil
    }
}
