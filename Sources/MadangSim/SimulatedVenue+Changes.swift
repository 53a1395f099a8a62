import Brokers
import Ports
import TradingModel

/// Changes of open orders, as this broker makes them: under the same number, or under a new one.
extension SimulatedVenue {
    mutating func modify(_ wish: SimulatorWire.Modify) -> VenueAnswer {
        guard settings.changes != .none else {
            return .failure(422, "rejected", "orders cannot be changed here")
        }
        guard let quantity = Quantity(wish.quantity), let limit = Price(wish.limit) else {
            return .failure(400, "bad_request", "quantity and limit are decimals")
        }
        if let refusal = objection(limit: limit, quantity: quantity) { return refusal }
        guard let broker = name(wish.order_id, wish.client_id) else {
            return .failure(404, "nothing_to_cancel", "no such order")
        }
        if let next = replaced[broker] {
            return .failure(404, "nothing_to_cancel", "\(broker) is \(next) now")
        }
        let former = (formers[broker] ?? []) + [broker]
        let number =
            settings.changes == .makeNumber
            ? BrokerOrderID("\(former[0])-\(former.count + 1)") : nil
        do {
            let (report, made) = try account.modify(
                .broker(broker), to: OrderChange(limit: limit, quantity: quantity), as: number)
            if made != broker { renumber(broker, made, former) }
            tell([report])
            guard case .found(let found) = account.order(.broker(made)) else {
                return .failure(500, "internal", "the order is gone")
            }
            return VenueAnswer(200, wire(found))
        } catch { return refusal(error) }
    }

    private mutating func renumber(
        _ old: BrokerOrderID, _ new: BrokerOrderID, _ former: [BrokerOrderID]
    ) {
        replaced[old] = new
        formers[old] = nil
        formers[new] = former
        guard let client = clientTexts[old] else { return }
        clientTexts[new] = client
        clients[client] = new
    }
}
