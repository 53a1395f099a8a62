import BenchmarkKit
import Orders
import Ports
import TradingModel

/// A desk with orders at work, and the list that its broker has of them.
struct OpenOrders {
    private let desk: OrderDesk
    private let list: [BrokerOrder]
    private static let begin = Timestamp(nanoseconds: 1_767_571_200_000_000_000)

    init(_ count: Int) throws {
        let capabilities = BrokerCapabilities(
            name: "bench", clientOrderIDs: .always, orderTypes: [.market, .limit], units: .lots,
            hours: .always, fillHistory: .each, checksFunds: false)
        var desk = OrderDesk(account: AccountID(0), capabilities: capabilities, at: Self.begin)
        var list: [BrokerOrder] = []
        for number in 1...UInt64(count) {
            let order = Order(
                number: OrderNumber(number), account: AccountID(0), instrument: InstrumentID(0),
                side: .buy, quantity: .shares(1), limit: .won(100))
            let client = ClientOrderID(high: 1, low: number)
            desk.handle(
                .order(
                    ApprovedOrder(
                        order, as: client, opens: true, validUntil: nil, approvedAt: Self.begin)),
                at: Self.begin)
            for call in desk.takeOutbox().calls {
                guard case .place = call.kind else { continue }
                let id = BrokerOrderID("b\(number)")
                desk.handle(.answer(call.id, .placed(id)), at: Self.begin)
                list.append(
                    BrokerOrder(
                        brokerID: id, clientID: client, instrument: order.instrument, symbol: "S0",
                        side: order.side, quantity: order.quantity, limit: order.limit,
                        filled: .zero, filledValue: .zero, state: .working, placedAt: Self.begin))
            }
        }
        _ = desk.takeOutbox()
        guard list.count == count else { giveUp("orders: \(list.count) of \(count) are at work") }
        self.desk = desk
        self.list = list
    }

    /// ns of a desk's step in which nothing happens: the mean of a hundred.
    func stepTime() -> Double {
        var desk = desk
        desk.handle(.wake, at: Self.begin)
        let took = duration {
            for _ in 0..<100 { desk.handle(.wake, at: Self.begin) }
            return desk.takeOutbox().calls.count
        }
        return took / 100
    }

    /// ns of a list of all open orders that is taken in.
    func listTime() -> Double {
        var desk = desk
        desk.handle(.reconcile(reason: "bench"), at: Self.begin)
        let asked = desk.takeOutbox().calls.first { $0.kind == .openOrders }
        guard let asked else { giveUp("orders: the desk asks for no list of open orders") }
        return duration {
            desk.handle(.answer(asked.id, .orders(list)), at: Self.begin)
            let outbox = desk.takeOutbox()
            guard outbox.notes.isEmpty else { giveUp("orders: \(outbox.notes[0].text)") }
            return outbox.calls.count
        }
    }
}
