import Ports
import TradingModel

extension BrokerTrial {
    /// Market and limit, both sides, two instruments: placed, asked for, filled, sold.
    func life() async {
        await trade(0)
        await trade(0, of: 1)
        await compare()
        let market = await place(.buy, lots: 10)
        await compare()
        let resting = await place(.buy, lots: 5, at: -20, of: 1)
        await compare()
        await fill(market, at: 1)
        await compare()
        expect(.fillsAddUp, state(resting) == .working, "an untouched limit order has ended")
        await fill(resting, at: -20)
        await compare()
        let profit = await place(.sell, lots: 4, at: 30)
        let sale = await place(.sell, lots: 6)
        await compare()
        await fill(sale, at: 2)
        expect(.fillsAddUp, state(profit) == .working, "a sale fills below its limit")
        await fill(profit, at: 30)
        await compare()
    }

    func partialFills() async {
        await trade(0)
        for lots in [1, 2, 97, 400] as [Int64] {
            let buy = await place(.buy, lots: lots)
            await trade(1)
            await listen()
            await compare()
            await fill(buy, at: 2)
            await compare()
        }
        let sale = await place(.sell, lots: 500, at: 1)
        await fill(sale, at: 1)
        await compare()
        let parts = books.fills.count
        expect(.fillsAddUp, parts > 5, "nothing came in parts: the bench does not do its part")
    }

    func cancelling() async {
        await trade(0)
        let order = await place(.buy, lots: 10, at: -50)
        let name = OrderName.client(client(of: order))
        expectEnds(order, await cancel(name))
        await listen()
        expect(.cancelEnds, state(order) == .cancelled, "a cancelled order is not reported so")
        await compare()
        expectNothing(await cancel(name), "the second cancel of one order")
        await bench.trade(order.instrument, price(-60))
        await listen()
        await compare()

        let filled = await place(.buy, lots: 3)
        await fill(filled, at: 0)
        expectNothing(await cancel(.client(client(of: filled))), "the cancel of a filled order")
        if let broker = books.orders[filled.number]?.broker {
            expectNothing(await cancel(.broker(broker)), "the cancel of a filled order")
        }
        await listen()
        await compare()

        // By the broker's number, one of two alike: the other stays.
        let one = await place(.sell, lots: 1, at: 40)
        let other = await place(.sell, lots: 1, at: 40)
        if let broker = books.orders[one.number]?.broker {
            expectEnds(one, await cancel(.broker(broker)))
        }
        await listen()
        expect(.cancelEnds, state(one) == .cancelled, "a cancelled order is not reported so")
        expect(.cancelEnds, state(other) == .working, "another order than the one asked for ended")
        await compare()
    }
    private func expectEnds(_ order: Order, _ error: BrokerError?) {
        if let error { expect(.cancelEnds, false, "an open order cannot be cancelled: \(error)") }
    }
    func expectNothing(_ error: BrokerError?, _ what: String) {
        expect(
            .cancelIsHonest, error?.code == .nothingToCancel,
            "\(what) says \(error.map { "\($0)" } ?? "yes")")
    }

    func unknownOrders() async {
        let client = ClientOrderID(high: 1, low: 2)
        for name in [.client(client), .broker(BrokerOrderID("no-such-order"))] as [OrderName] {
            expectNothing(await cancel(name), "the cancel of an order that never was")
            let answer = try? await broker.order(name)
            let mayNotTell = broker.capabilities.clientOrderIDs == .none && name == .client(client)
            let wanted: OrderLookup = mayNotTell ? .cannotTell : .none
            expect(
                .knowsItsOrders, answer == wanted,
                "asked for an order that never was: \(answer.map { "\($0)" } ?? "a failure")")
        }
        await listen()
        await compare()
    }

    /// The same id again, in every state of the order, and at the same time.
    func clientIDs() async {
        await trade(0)
        let order = await place(.buy, lots: 10, at: -10)
        await expectSame(order, "while it is open")
        await fill(order, at: -10)
        await expectSame(order, "once it is filled")
        let gone = await place(.buy, lots: 10, at: -40)
        _ = await cancel(.client(client(of: gone)))
        await listen()
        await expectSame(gone, "once it is cancelled")

        let other = self.order(.buy, lots: 2, at: -10)
        if case .success = await send(other, as: client(of: order)) {
            expect(.oneOrderForAClientID, false, "another order was taken under a used id")
        }
        let twin = self.order(.buy, lots: 4, at: -30)
        let placement = Placement(twin, as: client(of: twin), permit: permit)
        let broker = self.broker
        let answers = await withTaskGroup(of: BrokerOrderID?.self) { group in
            for _ in 0..<8 { group.addTask { try? await broker.place(placement) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        if let first = answers.compactMap({ $0 }).first {
            books.sent(twin, client(of: twin), first)
            expect(
                .oneOrderForAClientID, answers.allSatisfy { $0 == nil || $0 == first },
                "one id at the same time made several orders: \(answers)")
        } else {
            expect(.answersPlacing, false, "eight times the same sound order, and none was taken")
        }
        await listen()
        await compare()
    }
    func expectSame(_ order: Order, _ when: String) async {
        let first = books.orders[order.number]?.broker
        let before = (try? await broker.openOrders())?.count
        do {
            let placement = Placement(order, as: client(of: order), permit: permit)
            let again = try await broker.place(placement)
            expect(
                .oneOrderForAClientID, again == first,
                "an id again, \(when), made \(again) beside \(first?.text ?? "nothing")")
        } catch {
            expect(.oneOrderForAClientID, false, "an id again, \(when), says \(error)")
        }
        await listen()
        let after = (try? await broker.openOrders())?.count
        expect(.oneOrderForAClientID, before == after, "an id again, \(when), made an order")
    }
}
