import Ports
import TradingModel

/// One of many calls at once.
private enum BurstCall: Sendable {
    case place(Placement)
    case cancel(ClientOrderID)
    case ask

    func make(_ broker: any Broker) async -> Result<BrokerOrderID?, BrokerError> {
        do throws(BrokerError) {
            switch self {
            case .place(let placement): return .success(try await broker.place(placement))
            case .cancel(let client): try await broker.cancel(.client(client))
            case .ask: _ = try await broker.openOrders()
            }
            return .success(nil)
        } catch { return .failure(error) }
    }
}

extension BrokerTrial {
    /// Many calls at once, beyond what the broker looks at: each is done or refused for certain, with a wait; behind it the
    /// same again is done once. None is lost, none doubled.
    func rateStress() async {
        guard let rest = bench.rest, let atOnce = bench.atOnce else { return }
        await trade(0)
        var resting: [Order] = []
        for _ in 0..<8 { resting.append(await place(.buy, lots: 1, at: -40)) }
        await rest()
        let orders = (0..<30).map { _ in order(.buy, lots: 1, at: -30) }
        var calls: [BurstCall] = (0..<20).map { _ in .ask }
        calls += orders.map { .place(Placement($0, as: client(of: $0), permit: permit)) }
        calls += resting.map { .cancel(client(of: $0)) }
        let refused = await burst(calls, rest)
        expect(
            .keepsTheRate, refused > 0,
            "\(calls.count) calls at once are all taken, \(atOnce) may be")
        // The broker took them in whatever order: the books take them in that.
        let open = (try? await broker.openOrders()) ?? []
        let numbers = Dictionary(
            orders.map { (client(of: $0), $0) }, uniquingKeysWith: { first, _ in first })
        for answer in open {
            guard let client = answer.clientID, let order = numbers[client] else { continue }
            books.sent(order, client, answer.brokerID)
        }
        let isThere = orders.count { books.orders[$0.number] != nil }
        let others = open.count { answer in !resting.contains { client(of: $0) == answer.clientID }
        }
        expect(
            .keepsTheRate, isThere == orders.count && others == orders.count,
            "\(others) orders are open, \(isThere) of the \(orders.count) that were asked for")
        await listen()
        for order in resting {
            expect(.cancelEnds, state(order) == .cancelled, "a cancelled order is not reported so")
        }
        await compare()
    }

    /// Makes calls all at once, and those that were refused again behind a wait.
    ///
    /// - Returns: How many refusals there were.
    private func burst(_ all: [BurstCall], _ rest: @Sendable () async -> Void) async -> Int {
        var (calls, refused, rounds) = (all, 0, 0)
        let broker = bench.broker
        while !calls.isEmpty, rounds < 60 {
            rounds += 1
            let made = calls
            let answers = await withTaskGroup(
                of: (Int, Result<BrokerOrderID?, BrokerError>).self
            ) { group in
                for (index, call) in made.enumerated() {
                    group.addTask { (index, await call.make(broker)) }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            calls = []
            for case (let index, .failure(let error)) in answers.sorted(by: { $0.0 < $1.0 }) {
                guard case .rateLimited(let wait) = error.code, wait > .zero else {
                    expect(.keepsTheRate, false, "one of \(made.count) calls at once says \(error)")
                    continue
                }
                refused += 1
                calls.append(made[index])
            }
            if !calls.isEmpty { await rest() }
        }
        expect(.keepsTheRate, calls.isEmpty, "\(calls.count) calls were never taken")
        return refused
    }

    /// Questions never hold up what acts: where they may go no more, an exit, a cancel and an order still leave.
    func ownRate() async {
        guard let rest = bench.rest, bench.atOnce != nil else { return }
        await trade(0)
        await fill(await place(.buy, lots: 3), at: 0)
        let resting = await place(.buy, lots: 1, at: -40)
        await rest()
        var asked = 0
        while asked < 1_000, (try? await bench.broker.openOrders()) != nil { asked += 1 }
        expect(.keepsTheRate, asked > 0 && asked < 1_000, "\(asked) questions at once")
        let (sale, buy) = (order(.sell, lots: 3, at: 40), order(.buy, lots: 1, at: -40))
        for (order, what) in [(sale, "an exit"), (buy, "an order")] {
            let placement = Placement(order, as: client(of: order), permit: permit)
            do throws(BrokerError) {
                books.sent(order, placement.client, try await bench.broker.place(placement))
            } catch {
                expect(.keepsTheRate, false, "behind \(asked) questions \(what) says \(error)")
            }
        }
        do throws(BrokerError) {
            try await bench.broker.cancel(.client(client(of: resting)))
        } catch { expect(.keepsTheRate, false, "behind \(asked) questions a cancel says \(error)") }
        await rest()
        await listen()
        expect(.cancelEnds, state(resting) == .cancelled, "a cancelled order is not reported so")
        await compare()
    }
}
