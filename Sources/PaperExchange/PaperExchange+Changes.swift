public import TradingModel

extension PaperExchange {
    /// Makes a working limit order another one: price, and all of its quantity with what is filled.
    ///
    /// One that only gets smaller keeps its place; any other goes behind those that wait, as a new order of this moment
    /// would: from the next input on it may fill.
    ///
    /// - Returns: Why not; `nil`: it is changed.
    public mutating func modify(
        _ number: OrderNumber, of instrument: InstrumentID, to change: OrderChange
    ) -> String? {
        let index = Int(instrument.index)
        guard working.indices.contains(index),
            let at = working[index].firstIndex(where: { $0.order.number == number })
        else { return "order \(number) is not working" }
        var changed = working[index][at]
        guard let limit = changed.order.limit else { return "order \(number) has no limit price" }
        guard change.limit.units > 0 else { return "limit price \(change.limit)" }
        let filled = changed.order.quantity.units - changed.open.units
        guard change.quantity.units > filled else {
            return "\(Quantity(units: filled)) of it are filled, \(change.quantity) leaves nothing"
        }
        let keepsPlace = change.limit == limit && change.quantity <= changed.order.quantity
        changed.order = changed.order.changed(to: change)
        changed.open = Quantity(units: change.quantity.units - filled)
        guard !keepsPlace else {
            working[index][at] = changed
            return nil
        }
        changed.rests = false
        changed.madeAt = now
        changed.madeAfter = lastCandle[index]?.closeTime == now ? lastCandle[index] : nil
        working[index].remove(at: at)
        working[index].append(changed)
        return nil
    }
}
