import Ports
import TradingModel

extension BrokerTrial {
    /// Price, quantity and both, up and down: absolute, twice the same, of what is over, under a kill.
    func changing() async {
        await trade(0)
        let order = await place(.buy, lots: 10, at: -50)
        guard broker.capabilities.changes != .none else {
            let answer = await change(order, lots: 8, at: -50)
            expect(
                .changeIsHonest, (failure(answer)?.isRefusal) == true,
                "an order is changed at a broker that changes none: \(answer)")
            await listen()
            return await compare()
        }
        await changeWell(order, lots: 10, at: -40)
        await changeWell(order, lots: 20, at: -40)
        // Absolute: the same again is the same order.
        if broker.capabilities.changes == .keepNumber {
            await changeWell(order, lots: 20, at: -40)
        }
        await changeWell(order, lots: 4, at: -45)
        await changeUnderAKill(order)

        // Below a limit that it had before nothing fills: it has the new one.
        await bench.trade(order.instrument, price(-42))
        await listen()
        expect(.changesAsAsked, state(order) == .working, "it fills at a limit that it has no more")
        await fill(order, at: -45)
        await compare()
        let behind = await change(order, lots: 9, at: -45)
        expect(
            .changeIsHonest, failure(behind) != nil && failure(behind)?.code != .outcomeUnknown,
            "the change of a filled order says \(behind)")
        await changePartly()
        await compare()
    }

    /// In parts: no less than what is filled.
    private func changePartly() async {
        let sale = await place(.sell, lots: 3, at: 30)
        let nothing = await change(sale, Quantity(units: 0), at: 30)
        expect(
            .changeIsHonest, failure(nothing)?.isRefusal == true,
            "a change that leaves nothing, says yes: \(nothing)")
        await listen()
        await compare()
        await changeWell(sale, lots: 2, at: 20)
        let former = books.orders[sale.number]?.formers.last
        if let former {
            let found = try? await broker.order(.broker(former))
            guard case .found(let answer)? = found,
                answer.brokerID == books.orders[sale.number]?.broker
            else {
                return expect(.knowsItsOrders, false, "\(former), a former number, is not found")
            }
        }
        await fill(sale, at: 20)
    }

    /// What adds is withdrawn by a kill before its write, what lowers passes.
    private func changeUnderAKill(_ order: Order) async {
        let before = permit
        kills.raise()
        let grown = await change(order, lots: 5, at: -45, permit: before)
        expect(
            .withdrawsBeforeTheWrite, failure(grown)?.code == .notSent(.killed),
            "a change that adds passes a kill: \(grown)")
        await compare()
        let lowers = SendPermit(opens: false, kills: [])
        let lowered = await change(order, lots: 3, at: -45, permit: lowers)
        expect(.changesAsAsked, failure(lowered) == nil, "what lowers is held up: \(lowered)")
        await listen()
        await compare()
    }

    func changeWell(_ order: Order, lots: Int64, at steps: Int64) async {
        let answer = await change(order, lots: lots, at: steps)
        if let error = failure(answer) {
            expect(.changesAsAsked, false, "a sound change was not taken: \(error)")
        }
        await listen()
        let terms = OrderChange(limit: price(steps), quantity: Quantity(units: lots * lot))
        guard case .found(let found)? = try? await broker.order(.client(client(of: order))) else {
            return expect(.knowsItsOrders, false, "a changed order is not found by its id")
        }
        expect(
            .changesAsAsked,
            found.quantity == terms.quantity && found.limit == terms.limit,
            "\(found.quantity) @ \(found.limit.map { "\($0)" } ?? "-") is not what was asked for, \(terms)"
        )
        await compare()
    }

    private func change(
        _ order: Order, lots: Int64, at steps: Int64, permit: SendPermit? = nil
    ) async -> Result<BrokerOrderID, BrokerError> {
        await change(order, Quantity(units: lots * lot), at: steps, permit: permit)
    }
    private func change(
        _ order: Order, _ quantity: Quantity, at steps: Int64, permit: SendPermit? = nil
    ) async -> Result<BrokerOrderID, BrokerError> {
        let terms = OrderChange(limit: price(steps), quantity: quantity)
        do {
            let number = try await broker.modify(
                .client(client(of: order)),
                to: Modification(terms, permit: permit ?? self.permit))
            if quantity.isPositive { books.orders[order.number]?.change(to: terms, as: number) }
            return .success(number)
        } catch { return .failure(error) }
    }
    private func failure(_ result: Result<BrokerOrderID, BrokerError>) -> BrokerError? {
        if case .failure(let error) = result { error } else { nil }
    }
}
