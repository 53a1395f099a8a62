import HTTPTransport
import Platform
package import Ports
package import TradingModel

extension SimulatedBroker {
    package func place(_ placement: Placement, within limit: Nanoseconds) async throws(BrokerError)
        -> BrokerOrderID
    {
        let (order, client) = (placement.order, placement.client)
        // What was written before is answered whatever has been killed since: it is out there.
        switch memory.known(order, as: client) {
        case .taken(let broker): return broker
        case .inDoubt: throw BrokerError(.outcomeUnknown, "\(client) is in doubt still")
        case .another:
            throw BrokerError(
                .rejected, "id \(client) or number \(order.number) names another order")
        case .nothing: break
        }
        guard order.account == settings.account else {
            throw BrokerError(.rejected, "account \(order.account.index) is not this one")
        }
        let index = Int(order.instrument.index)
        guard settings.instruments.indices.contains(index) else {
            throw BrokerError(.notTradable, "no instrument \(index)")
        }
        memory.begin(order, as: client)
        do throws(BrokerError) {
            let broker = try await send(
                placement, settings.instruments[index].symbol, deadline(limit))
            tell(memory.taken(client, broker))
            return broker
        } catch {
            if error.isCertain { memory.refused(client) }
            throw error
        }
    }

    private func send(_ placement: Placement, _ symbol: String, _ deadline: Int64)
        async throws(BrokerError) -> BrokerOrderID
    {
        let order = placement.order
        let client = placement.client.description
        let body = SimulatorWire.NewOrder(
            client_id: capabilities.clientOrderIDs == .none ? nil : client, symbol: symbol,
            side: SimulatorWire.text(order.side), quantity: "\(order.quantity)",
            limit: order.limit.map { "\($0)" })
        do throws(BrokerError) {
            let answer = try await write(
                "/v1/orders", SimulatorWire.bytes(body), deadline, permit: placement.permit)
            guard let made = SimulatorWire.read(SimulatorWire.OrderState.self, answer),
                !made.order_id.isEmpty
            else { throw BrokerError(.outcomeUnknown, "the answer cannot be read") }
            return BrokerOrderID(made.order_id)
        } catch {
            guard error.brokerMessage.hasPrefix(Self.duplicate) else { throw error }
            return try await former(placement, deadline, error)
        }
    }

    /// The broker has our id already, from a former process: whose order is it?
    private func former(_ placement: Placement, _ deadline: Int64, _ refusal: BrokerError)
        async throws(BrokerError) -> BrokerOrderID
    {
        let found: SimulatorWire.OrderState?
        do throws(BrokerError) {
            found = try await ask(
                SimulatorWire.OrderState.self, "/v1/order",
                ("client_id", placement.client.description), deadline, mayBeMissing: true)
        } catch { throw BrokerError(.outcomeUnknown, "the id is taken there: \(error)") }
        guard let found, let order = BrokerOrder(found, instrument(found.symbol)?.id) else {
            throw BrokerError(.outcomeUnknown, "the id is taken there, and not found: it lags")
        }
        guard order.looks(like: placement.order) else { throw refusal }
        return order.brokerID
    }

    package func cancel(_ name: OrderName, within limit: Nanoseconds) async throws(BrokerError) {
        guard !isClosed else { throw BrokerError(.notSent(.closed), "the adapter is closed") }
        var body = SimulatorWire.Cancel(order_id: nil, client_id: nil)
        switch name {
        case .broker(let broker):
            body.order_id = (memory.entry(of: broker)?.broker ?? broker).text
        case .client(let client):
            if let broker = memory.entries[client]?.broker {
                body.order_id = broker.text
            } else if capabilities.clientOrderIDs != .none {
                body.client_id = client.description
            } else if memory.entries[client] != nil {
                throw BrokerError(
                    .outcomeUnknown, "\(client) is in doubt, and the broker knows no client ids")
            } else {
                throw BrokerError(.nothingToCancel, "no order \(client)")
            }
        }
        let answer = try await write(
            "/v1/cancel", SimulatorWire.bytes(body), deadline(limit), permit: nil)
        // A good status before words that are none is no yes.
        guard SimulatorWire.read([String: String].self, answer)?["order_id"] != nil else {
            throw BrokerError(.outcomeUnknown, "the answer cannot be read")
        }
    }

    package func modify(
        _ name: OrderName, to modification: Modification, within limit: Nanoseconds
    ) async throws(BrokerError) -> BrokerOrderID {
        guard capabilities.changes != .none else {
            throw BrokerError(.rejected, "the broker changes no orders")
        }
        guard !isClosed else { throw BrokerError(.notSent(.closed), "the adapter is closed") }
        let change = modification.change
        var body = SimulatorWire.Modify(
            order_id: nil, client_id: nil, quantity: "\(change.quantity)", limit: "\(change.limit)")
        let known: BrokerOrderID?
        switch name {
        // A former number is the order's still.
        case .broker(let broker): known = memory.entry(of: broker)?.broker ?? broker
        case .client(let client): known = memory.entries[client]?.broker
        }
        if let known {
            body.order_id = known.text
        } else if case .client(let client) = name, capabilities.clientOrderIDs != .none {
            body.client_id = client.description
        } else {
            throw BrokerError(.nothingToCancel, "no number of \(name) is known")
        }
        let answer = try await write(
            "/v1/modify", SimulatorWire.bytes(body), deadline(limit), permit: modification.permit)
        guard let made = SimulatorWire.read(SimulatorWire.OrderState.self, answer),
            !made.order_id.isEmpty
        else { throw BrokerError(.outcomeUnknown, "the answer cannot be read") }
        let broker = BrokerOrderID(made.order_id)
        if let known {
            memory.changed(known)
            tell(memory.renumber(known, broker))
        }
        return broker
    }

    package func adopt(_ order: Order, as client: ClientOrderID, at broker: BrokerOrderID)
        async throws(BrokerError)
    {
        guard let news = memory.adopt(order, as: client, at: broker) else {
            throw BrokerError(.rejected, "\(broker) or \(client) belongs to another order")
        }
        tell(news)
    }
}
