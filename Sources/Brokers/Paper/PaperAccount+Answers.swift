package import Ports
package import TradingModel

extension PaperAccount {
    package func order(_ name: OrderName) -> OrderLookup {
        number(of: name).flatMap { entries[$0] }.map { .found(answer($0)) } ?? .none
    }

    package var openOrders: [BrokerOrder] { open.compactMap { entries[$0].map(answer) } }

    /// Those whose time is not known are among them.
    package func orders(since time: Timestamp) -> [BrokerOrder] {
        entries.values.filter { $0.placedAt.map { $0 >= time } ?? true }
            .sorted { $0.order.number < $1.order.number }.map(answer)
    }

    package var positions: [BrokerPosition] {
        instruments.compactMap { instrument in
            let holding = holdings[Int(instrument.id.index)]
            guard holding.quantity != .zero else { return nil }
            let average = holding.cost.map {
                Price(units: Int64(clamping: $0.units / Int128(holding.quantity.units.magnitude)))
            }
            return BrokerPosition(
                instrument: instrument.id, symbol: instrument.symbol, quantity: holding.quantity,
                available: free(instrument.id), averagePrice: average)
        }
    }

    package var balance: BrokerBalance {
        BrokerBalance(currency: settings.currency, cash: cash, available: available)
    }

    /// - Throws: `rejected` for an order that is not here under exactly these names.
    package func checkAdoption(
        of order: Order, as client: ClientOrderID, at broker: BrokerOrderID
    ) throws(BrokerError) {
        guard let entry = entries[order.number], entry.isThere(order), entry.client == client,
            entry.broker == broker
        else { throw BrokerError(.rejected, "no order \(broker) under \(client) as described") }
    }

    func answer(_ entry: Entry) -> BrokerOrder {
        BrokerOrder(
            brokerID: entry.broker, clientID: entry.client, instrument: entry.order.instrument,
            symbol: instruments[Int(entry.order.instrument.index)].symbol, side: entry.order.side,
            quantity: entry.order.quantity, limit: entry.order.limit, filled: entry.filled,
            filledValue: entry.filledValue, state: entry.state, placedAt: entry.placedAt)
    }
}
