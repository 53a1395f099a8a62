import Ports
import TradingModel

/// Everything that can be asked.
private enum BrokerQuestion: String, CaseIterable {
    case order, openOrders, orders, fills, positions, balances, heartbeat

    func ask(_ broker: any Broker, _ name: OrderName) async throws(BrokerError) {
        let first = Timestamp(nanoseconds: .min)
        switch self {
        case .order: _ = try await broker.order(name)
        case .openOrders: _ = try await broker.openOrders()
        case .orders: _ = try await broker.orders(since: first)
        case .fills: _ = try await broker.fills(since: first)
        case .positions: _ = try await broker.positions()
        case .balances: _ = try await broker.balances()
        case .heartbeat: _ = try await broker.heartbeat()
        }
    }
}

extension BrokerTrial {
    /// A question without an answer says so, whatever was wrong: nothing and "there is nothing" are two answers.
    func failingQuestions() async {
        await trade(0)
        let order = await place(.buy, lots: 2, at: -20)
        await fill(await place(.buy, lots: 1), at: 0)
        let name = OrderName.client(client(of: order))
        for fault in faults(.question) {
            for question in BrokerQuestion.allCases {
                // Where the broker keeps totals, what was heard is all there is, and nobody is asked.
                if question == .fills, broker.capabilities.fillHistory == .totals { continue }
                let result = await meet(fault) { (broker) async throws(BrokerError) in
                    try await question.ask(broker, name)
                }
                let told: BrokerError? = if case .failure(let error) = result { error } else { nil }
                expect(
                    .tellsFailuresApart, fault.isTold(by: told),
                    "\(fault) of \(question) \(told.map { "says \($0)" } ?? "passes for an answer")"
                )
            }
            await compare()
        }
    }

    /// A copy that lags is answered from, and is no news: it ends nothing, opens nothing and makes nobody forget.
    func lagging() async {
        guard let lag = bench.lag else { return }
        await trade(0)
        let old = await place(.buy, lots: 2, at: -20)
        await lag(true)
        let new = await place(.buy, lots: 3, at: -22)
        if let error = await cancel(.client(client(of: old))) {
            expect(.cancelEnds, false, "an open order cannot be cancelled: \(error)")
        }
        await listen()
        await askAll(of: [old, new])
        await listen()
        expect(
            .reportsInOrder, state(old) == .cancelled && state(new) == .working,
            "by a copy that lags the orders are \(String(describing: state(old))), \(String(describing: state(new)))"
        )
        await expectSame(new, "while a copy of before is asked")
        let doubted = await doubtWhileItLags()
        await listen()
        await lag(false)
        if let doubted {
            let answer = try? await broker.order(.client(client(of: doubted)))
            if let found = await inDoubt(doubted, answer) {
                books.sent(doubted, client(of: doubted), found.brokerID)
            } else {
                expect(.knowsItsOrders, false, "an order in doubt is not found")
            }
        }
        await listen()
        await compare()
        if let error = await cancel(.client(client(of: new))) {
            expect(.cancelEnds, false, "an open order cannot be cancelled: \(error)")
        }
        await listen()
        await compare()
    }

    private func askAll(of orders: [Order]) async {
        for question in BrokerQuestion.allCases {
            for order in orders {
                do throws(BrokerError) {
                    try await question.ask(broker, .client(client(of: order)))
                } catch {
                    expect(.knowsItsOrders, false, "\(question), of a copy that lags: \(error)")
                }
            }
        }
    }

    /// The reply is lost, and the copy knows nothing of the order: that proves nothing, and nothing is sent again.
    private func doubtWhileItLags() async -> Order? {
        guard let fault = faults(.place).first(where: { $0.kind == .loseReply && !$0.hangs }) else {
            return nil
        }
        let order = order(.buy, lots: 5, at: -24)
        await bench.fail?(fault)
        if case .failure(let error) = await send(order), error.code != .outcomeUnknown {
            expect(.tellsFailuresApart, false, "\(fault) says \(error)")
        }
        await listen()
        _ = try? await broker.order(.client(client(of: order)))
        // Its number, where a report has told it; else it is in doubt still.
        if case .failure(let error) = await send(order), error.retry != .askFirst {
            expect(.oneOrderForAClientID, false, "after \(fault), again: \(error)")
        }
        return order
    }
}
