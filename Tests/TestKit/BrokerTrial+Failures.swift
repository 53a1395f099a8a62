import Ports
import TradingModel

extension BrokerTrial {
    func faults(_ call: BrokerFault.Call) -> [BrokerFault] {
        bench.fail == nil ? [] : bench.faults.filter { $0.call == call }
    }

    /// What the call says of the fault. One that nobody answers is given up once it is known to have arrived.
    func meet<Answer: Sendable>(
        _ fault: BrokerFault,
        _ call: @escaping @Sendable (any Broker) async throws(BrokerError) -> Answer
    ) async -> Result<Answer, BrokerError> {
        await bench.fail?(fault)
        let broker = self.broker
        let underWay = Task { () async -> Result<Answer, BrokerError> in
            do throws(BrokerError) { return .success(try await call(broker)) } catch {
                return .failure(error)
            }
        }
        if fault.hangs {
            await bench.struck()
            underWay.cancel()
        }
        let result = await underWay.value
        await bench.calm()
        return result
    }
    private func expectTold<Answer>(
        _ fault: BrokerFault, _ result: Result<Answer, BrokerError>, of what: String
    ) {
        let told: BrokerError? = if case .failure(let error) = result { error } else { nil }
        let words = told.map { "says \($0)" } ?? "passes for success"
        let of = what.isEmpty ? "" : " of \(what)"
        expect(.tellsFailuresApart, fault.isTold(by: told), "\(fault)\(of) \(words)")
    }

    /// Certain failures leave nothing behind and may be tried again; an unknown outcome is neither yes nor no.
    func failures() async {
        await trade(0)
        for fault in faults(.place) {
            let order = order(.buy, lots: 2, at: -10)
            let placement = Placement(order, as: client(of: order), permit: permit)
            let result = await meet(fault) { (broker) async throws(BrokerError) in
                try await broker.place(placement)
            }
            expectTold(fault, result, of: "")
            switch result {
            case .success(let broker): books.sent(order, placement.client, broker)
            case .failure(let error):
                if error.code == .outcomeUnknown { books.sent(order, placement.client, nil) }
            }
            await listen()
            await resolve(order, fault)
            await compare()
        }
    }

    /// What became of it, and the same again: the first time where nothing was taken, and no second one where it was.
    private func resolve(_ order: Order, _ fault: BrokerFault) async {
        let answer = try? await broker.order(.client(client(of: order)))
        // At a broker without client ids nobody can be asked by one that made nothing known.
        let mayNotTell = broker.capabilities.clientOrderIDs == .none
        if fault.isDone {
            guard let found = await inDoubt(order, answer) else {
                return expect(.knowsItsOrders, false, "an order in doubt is not found")
            }
            books.sent(order, client(of: order), found.brokerID)
        } else {
            expect(
                .tellsFailuresApart, answer == (mayNotTell ? .cannotTell : OrderLookup.none),
                "\(fault) left an order")
        }
        switch await send(order) {
        case .success:
            // Nobody knows for sure that it is not there, but the broker, and that may lag.
            expect(
                .oneOrderForAClientID, fault.kind != .loseRequest,
                "an order in doubt is sent again after \(fault)")
        case .failure(let error):
            expect(
                .oneOrderForAClientID, error.retry == .askFirst, "after \(fault), again: \(error)")
        }
        await listen()
    }

    /// A cancel that may have been taken is in doubt too: the order itself tells, and the same again is harmless.
    func failingCancels() async {
        await trade(0)
        for fault in faults(.cancel) {
            let order = await place(.buy, lots: 1, at: -30)
            let name = OrderName.client(client(of: order))
            let result = await meet(fault) { (broker) async throws(BrokerError) in
                try await broker.cancel(name)
            }
            expectTold(fault, result, of: "a cancel")
            await listen()
            expect(
                .cancelEnds, state(order) == (fault.isDone ? .cancelled : .working),
                "an order whose cancel met \(fault) is \(state(order).map { "\($0)" } ?? "unknown")"
            )
            let again = await cancel(name)
            if fault.isDone {
                expect(
                    .cancelIsHonest, again?.code == .nothingToCancel,
                    "the second cancel of one order says \(again.map { "\($0)" } ?? "yes")")
            } else {
                expect(
                    .cancelEnds, again == nil,
                    "after \(fault) a cancel says \(again?.description ?? "")")
            }
            await listen()
            expect(.cancelEnds, state(order) == .cancelled, "a cancelled order is not reported so")
            await compare()
        }
    }

    /// What becomes of an order whose change may have been taken, its terms tell.
    func failingChanges() async {
        guard broker.capabilities.changes != .none else { return }
        await trade(0)
        for fault in faults(.modify) {
            let order = await place(.buy, lots: 4, at: -30)
            let name = OrderName.client(client(of: order))
            let terms = OrderChange(limit: price(-31), quantity: Quantity(units: 3 * lot))
            let modification = Modification(terms, permit: permit)
            let result = await meet(fault) { (broker) async throws(BrokerError) in
                try await broker.modify(name, to: modification)
            }
            expectTold(fault, result, of: "a change")
            if case .success(let number) = result {
                books.orders[order.number]?.change(to: terms, as: number)
            }
            await listen()
            guard case .found(let found)? = try? await broker.order(name) else {
                expect(.knowsItsOrders, false, "an order whose change met \(fault) is not found")
                continue
            }
            let wanted =
                fault.isDone ? terms : OrderChange(limit: price(-30), quantity: order.quantity)
            expect(
                .changesAsAsked, found.limit == wanted.limit && found.quantity == wanted.quantity,
                "behind \(fault) of a change it is \(found.quantity), and not \(wanted)")
            await compare()
            if !fault.isDone { await changeWell(order, lots: 3, at: -31) }
        }
    }
}

extension BrokerTrial {
    /// Finds it as a host does: by its id, else as the one open order that looks like it, which is then adopted.
    func inDoubt(_ order: Order, _ answer: OrderLookup?) async -> BrokerOrder? {
        if case .found(let found)? = answer { return found }
        guard answer == .cannotTell, broker.capabilities.clientOrderIDs == .none else { return nil }
        let known = Set(books.open.compactMap(\.broker))
        let alike = (try? await broker.openOrders())?.filter {
            !known.contains($0.brokerID) && $0.instrument == order.instrument
                && $0.side == order.side && $0.quantity == order.quantity && $0.limit == order.limit
        }
        guard let found = alike?.first, alike?.count == 1,
            (try? await broker.adopt(order, as: client(of: order), at: found.brokerID)) != nil
        else { return nil }
        return found
    }
}
