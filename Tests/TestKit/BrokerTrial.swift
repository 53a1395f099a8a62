import Ports
import TradingModel

/// One scenario at one bench: does things, listens, and notes what is broken. One task.
final class BrokerTrial {
    let bench: BrokerBench
    var random: SeededRandom
    let kills = KillCounter()
    var books: BrokerBooks
    private(set) var violations: [BrokerViolation] = []
    private(set) var lastNews: UInt64 = 0
    private var lastNumber: UInt64 = 0

    init(_ bench: BrokerBench, seed: UInt64) {
        self.bench = bench
        broker = bench.rest.map { PatientLine(to: bench.broker, rest: $0) } ?? bench.broker
        random = SeededRandom(seed)
        books = BrokerBooks(cash: bench.cash)
    }

    /// As a host asks: again behind a wait, where the broker takes no more calls in this second.
    let broker: any Broker
    var lot: Int64 {
        switch broker.capabilities.units {
        case .lots: max(1, bench.instruments[0].lot.units)
        case .fractions(let step): max(1, step.units)
        }
    }
    /// `steps` above the bench's price, on the price steps.
    func price(_ steps: Int64) -> Price {
        let step = max(1, bench.instruments[0].ladder.step(at: bench.price).units)
        return Price(units: bench.price.units + steps * step)
    }

    func expect(
        _ rule: BrokerViolation.Rule, _ holds: Bool, _ what: @autoclosure () -> String
    ) {
        if !holds, violations.count < 1_000 {
            violations.append(BrokerViolation(rule: rule, what: what()))
        }
    }

    // MARK: Doing

    func order(
        _ side: Side, lots: Int64, at steps: Int64? = nil, of index: Int = 0
    ) -> Order {
        make(side, Quantity(units: lots * lot), limit: steps.map { price($0) }, of: index)
    }
    func make(
        _ side: Side, _ quantity: Quantity, limit: Price?, of index: Int = 0,
        account: AccountID? = nil
    ) -> Order {
        lastNumber += 1
        return Order(
            number: OrderNumber(lastNumber), account: account ?? bench.account,
            instrument: index < bench.instruments.count
                ? bench.instruments[index].id : InstrumentID(index),
            side: side, quantity: quantity, limit: limit)
    }
    func client(of order: Order) -> ClientOrderID {
        ClientOrderID(high: 0x4d61_6461_6e67_0000, low: order.number.value)
    }
    var permit: SendPermit { SendPermit(opens: true, kills: [kills.reading()]) }

    func send(
        _ order: Order, as client: ClientOrderID? = nil, permit: SendPermit? = nil
    ) async -> Result<BrokerOrderID, BrokerError> {
        let client = client ?? self.client(of: order)
        do {
            let placement = Placement(order, as: client, permit: permit ?? self.permit)
            let broker = try await self.broker.place(placement)
            books.sent(order, client, broker)
            return .success(broker)
        } catch {
            if error.code == .outcomeUnknown { books.sent(order, client, nil) }
            return .failure(error)
        }
    }

    /// Places what must be taken, and listens.
    @discardableResult func place(
        _ side: Side, lots: Int64, at steps: Int64? = nil, of index: Int = 0
    ) async -> Order {
        let order = order(side, lots: lots, at: steps, of: index)
        if case .failure(let error) = await send(order) {
            expect(.answersPlacing, false, "a sound order was not taken: \(error)")
        }
        await listen()
        expect(
            .answersPlacing, books.orders[order.number]?.accepted == true,
            "order \(order.number) was taken and never reported accepted")
        return order
    }

    func cancel(_ name: OrderName) async -> BrokerError? {
        do {
            try await broker.cancel(name)
            return nil
        } catch { return error }
    }

    func trade(_ steps: Int64, of index: Int = 0) async {
        await bench.trade(bench.instruments[index].id, price(steps))
    }

    /// Prints until the order has ended, or gives up.
    func fill(_ order: Order, at steps: Int64) async {
        var prints = 0
        while state(order) == .working, prints < 200 {
            await bench.trade(order.instrument, price(steps))
            await listen()
            prints += 1
        }
        expect(
            .fillsAddUp, state(order) == .filled,
            "order \(order.number) of \(order.quantity) is not reported filled after \(prints) prints"
        )
    }
    func state(_ order: Order) -> BrokerOrder.State? { books.orders[order.number]?.state }

    // MARK: Listening

    /// Hears everything there is, `batch` at a time.
    func listen(batch: Int = 7) async {
        await bench.settle()
        var rounds = 0
        while rounds < 5_000 {
            rounds += 1
            let news = await broker.news(after: lastNews, limit: batch, wait: false)
            guard !news.isEmpty else { return }
            hear(news)
        }
        expect(.losesNoNews, false, "the news never end")
    }

    func hear(_ news: [NumberedNews]) {
        for piece in news {
            expect(
                .losesNoNews, piece.number == lastNews + 1,
                "news \(piece.number) follows \(lastNews)")
            lastNews += 1
            guard case .report(let report) = piece.news else { continue }
            if let complaint = books.hear(report) { expect(complaint.rule, false, complaint.what) }
        }
    }

    // MARK: Comparing

    /// Every question, against what the reports came to.
    func compare() async {
        do {
            compareOpen(try await broker.openOrders())
            let fills = try await broker.fills(since: Timestamp(nanoseconds: .min))
            expect(.fillsAgree, agree(fills, books.fills), "\(fills) for \(books.fills)")
            comparePositions(try await broker.positions())
            compareCash(try await broker.balances())
            for number in books.numbers.suffix(12) { try await compareOrder(number) }
        } catch {
            expect(.knowsItsOrders, false, "a question failed: \(error)")
        }
    }

    /// A list may know a tax that nobody knew when the fill was told; it forgets none.
    private func agree(_ listed: [Fill], _ told: [Fill]) -> Bool {
        listed.count == told.count
            && zip(listed, told).allSatisfy { listed, told in
                listed == told || told.tax == nil && listed.taxed(nil) == told
            }
    }

    private func compareOpen(_ answers: [BrokerOrder]) {
        let wanted = books.open
        expect(
            .openOrdersAgree, answers.map(\.brokerID) == wanted.compactMap(\.broker),
            "open are \(answers.map(\.brokerID)), by the reports \(wanted.compactMap(\.broker))")
        for (answer, known) in zip(answers, wanted) where answer.brokerID == known.broker {
            compare(answer, known, .openOrdersAgree)
        }
    }

    private func compareOrder(_ number: OrderNumber) async throws(BrokerError) {
        guard let known = books.orders[number], let id = known.broker else { return }
        for name in [.client(known.client), .broker(id)] as [OrderName] {
            switch try await broker.order(name) {
            case .found(let answer): compare(answer, known, .knowsItsOrders)
            case .none: expect(.knowsItsOrders, false, "\(name) is said not to exist")
            case .cannotTell:
                expect(.knowsItsOrders, false, "\(name) was placed here, and cannot be told")
            }
        }
    }

    private func compare(
        _ answer: BrokerOrder, _ known: BrokerBooks.Known, _ rule: BrokerViolation.Rule
    ) {
        let order = known.order
        let isSame =
            answer.brokerID == known.broker && answer.clientID ?? known.client == known.client
            && answer.instrument == order.instrument && answer.side == order.side
            && answer.quantity == order.quantity && answer.limit == order.limit
            && answer.filled.units == known.filled && answer.filledValue.units == known.value
            && answer.state == known.state
        expect(rule, isSame, "\(answer) for \(known)")
    }

    private func comparePositions(_ answers: [BrokerPosition]) {
        var told: [InstrumentID: Int64] = [:]
        for answer in answers {
            guard let instrument = answer.instrument else { continue }
            told[instrument] = answer.quantity.units
            let selling = books.open.filter {
                $0.order.instrument == instrument && $0.order.side == .sell
            }.reduce(Int64(0)) { $0 + $1.order.quantity.units - $1.filled }
            expect(
                .positionsAgree, answer.available.units == answer.quantity.units - selling,
                "\(answer.symbol): \(answer.available) free, \(Quantity(units: selling)) being sold"
            )
        }
        let held = books.held.filter { $0.value != 0 }
        expect(.positionsAgree, told == held, "held \(told), by the reports \(held)")
    }

    private func compareCash(_ answers: [BrokerBalance]) {
        guard let answer = answers.first(where: { $0.currency == bench.currency }) else {
            return expect(.cashAgrees, false, "no balance in \(bench.currency)")
        }
        expect(
            .cashAgrees, answer.cash.units == books.cash,
            "cash \(answer.cash), by the reports \(Money(units: books.cash))")
        let buys = books.open.filter { $0.order.side == .buy }
        expect(
            .cashAgrees,
            buys.isEmpty ? answer.available == answer.cash : answer.available <= answer.cash,
            "\(answer.available) of \(answer.cash) is free with \(buys.count) open buys")
    }
}
