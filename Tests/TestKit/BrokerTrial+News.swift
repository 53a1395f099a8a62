import Ports
import TradingModel

extension BrokerTrial {
    /// Hundreds of reports before anybody listens, then heard one by one, each as often as it is asked for.
    func slowListener() async {
        await trade(0)
        for count in 0..<150 as Range<Int64> {
            let order = order(.buy, lots: 1 + count % 3, at: count % 2 == 0 ? 0 : -30)
            if case .failure(let error) = await send(order) {
                expect(.answersPlacing, false, "a sound order was not taken: \(error)")
            }
            if count % 5 == 4 { _ = await cancel(.client(client(of: order))) }
            await trade(0)
        }
        await bench.settle()
        var heard = 0
        while heard < 10_000 {
            let first = await broker.news(after: lastNews, limit: 1, wait: false)
            let again = await broker.news(after: lastNews, limit: 1, wait: false)
            expect(.losesNoNews, first == again, "news that were not freed change or go")
            guard !first.isEmpty else { break }
            expect(.losesNoNews, first.count == 1, "more news than asked for")
            heard += first.count
            hear(first)
        }
        let silent = books.numbers.filter { books.orders[$0]?.accepted != true }
        expect(.losesNoNews, silent == [], "the acceptance of \(silent.count) orders was lost")
        expect(.losesNoNews, heard > 250, "\(heard) news of 150 orders, fills and cancels")
        await compare()
    }

    /// Somebody waits before there is anything to hear.
    func waitingListener() async {
        await trade(0)
        let broker = self.broker
        let waiting = Task { await broker.news(after: 0, limit: 10, wait: true) }
        let order = order(.buy, lots: 1, at: -5)
        guard case .success(let id) = await send(order) else {
            waiting.cancel()
            return expect(.answersPlacing, false, "a sound order was not taken")
        }
        await bench.settle()
        waiting.cancel()  // it gets what is there, and does not wait for ever where that was lost
        let heard = await waiting.value
        expect(
            .losesNoNews,
            heard == [NumberedNews(number: 1, news: .report(.accepted(order.number, id)))],
            "a waiting listener hears \(heard)")
        let cancelled = Task { await broker.news(after: 1, limit: 10, wait: true) }
        cancelled.cancel()
        expect(.closes, await cancelled.value.isEmpty, "a cancelled listener hears something")
    }

    /// Random orders, cancels and prints; everything compared after each.
    func randomDay() async {
        await trade(0)
        await trade(0, of: 1)
        for _ in 0..<160 {
            switch Int.random(in: 0..<8, using: &random) {
            case 0, 1, 2: await randomOrder()
            case 3:
                guard let number = books.numbers.randomElement(using: &random),
                    let known = books.orders[number]
                else { continue }
                let wasOpen = known.isOpen
                let error = await cancel(.client(known.client))
                expect(
                    wasOpen ? .cancelEnds : .cancelIsHonest,
                    wasOpen == (error == nil),
                    "cancel of \(known.state): \(error.map { "\($0)" } ?? "yes")")
            default:
                await trade(Int64.random(in: -4...4, using: &random), of: random.oneIn(3) ? 1 : 0)
            }
            await listen()
            await compare()
        }
    }

    private func randomOrder() async {
        let index = random.oneIn(3) ? 1 : 0
        let held = (books.held[bench.instruments[index].id] ?? 0) / lot
        let side: Side = held > 0 && random.oneIn(2) ? .sell : .buy
        let most = side == .sell ? held : 40
        let order = order(
            side, lots: Int64.random(in: 1...max(1, most), using: &random),
            at: random.oneIn(3) ? nil : Int64.random(in: -5...5, using: &random), of: index)
        if case .failure(let error) = await send(order) {
            expect(
                .answersPlacing, error.code == .insufficient,
                "a sound order was not taken: \(error)")
        }
    }

    /// What a former process placed, told again to the adapter.
    func adoption() async {
        await trade(0)
        let order = await place(.buy, lots: 2, at: -5)
        guard let id = books.orders[order.number]?.broker else { return }
        func adopt(_ order: Order, _ client: ClientOrderID, _ id: BrokerOrderID) async -> Bool {
            do {
                try await broker.adopt(order, as: client, at: id)
                return true
            } catch { return false }
        }
        for _ in 0..<2 {
            expect(
                .adopts, await adopt(order, client(of: order), id), "a known order is not adopted")
        }
        let other = self.order(.buy, lots: 3, at: -5)
        expect(
            .adopts, !(await adopt(other, client(of: order), id)),
            "a second order is adopted under a used id and number")
        await listen()
        await fill(order, at: -5)
        await compare()
    }

    func closing() async {
        await trade(0)
        let order = await place(.buy, lots: 2, at: -5)
        let broker = self.broker
        let after = lastNews
        let waiting = Task { await broker.news(after: after, limit: 10, wait: true) }
        await broker.close()
        await broker.close()
        expect(.closes, await waiting.value.isEmpty, "a listener hears something after the close")
        let next = self.order(.buy, lots: 1, at: -5)
        if case .failure(let error) = await send(next) {
            expect(.closes, error.code == .notSent(.closed), "placing at a closed broker: \(error)")
        } else {
            expect(.closes, false, "a closed broker takes orders")
        }
        let error = await cancel(.client(client(of: order)))
        expect(.closes, error?.code == .notSent(.closed), "cancelling at a closed broker")
    }
}
