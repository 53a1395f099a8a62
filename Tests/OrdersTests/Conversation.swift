import Orders
import Ports
import TestKit
import TradingModel

/// A desk spoken to by hand: what is said, and what it answers.
struct Conversation {
    var desk: OrderDesk
    private(set) var now = Timestamp.seconds(1_000)
    /// Of the last thing said.
    private(set) var said = DeskOutbox()
    /// Calls that nobody has answered, also of what was said before.
    private(set) var open: [DeskCall] = []
    private var news: UInt64 = 0

    init(
        ids: BrokerCapabilities.ClientOrderIDs = .always,
        fills: BrokerCapabilities.FillHistory = .each, restart: DeskRestart = DeskRestart(),
        changes: BrokerCapabilities.Changes = .keepNumber,
        _ change: (inout DeskSettings) -> Void = { _ in }
    ) {
        var settings = DeskSettings()
        change(&settings)
        desk = OrderDesk(
            account: AccountID(0),
            capabilities: BrokerCapabilities(
                name: "paper", clientOrderIDs: ids, orderTypes: [.market, .limit], units: .lots,
                hours: .always, fillHistory: fills, checksFunds: true, changes: changes),
            settings: settings, restart: restart, at: now)
        said = desk.takeOutbox()
        open = said.calls
        // The first heartbeat is answered: what follows is about orders.
        if let beat = said.calls.first(where: { $0.kind == .heartbeat }) {
            let first = said
            say(.answer(beat.id, .heartbeat(BrokerHeartbeat(brokerTime: nil))))
            said = first
        }
    }

    mutating func say(_ input: DeskInput) {
        if case .answer(let id, _) = input { open.removeAll { $0.id == id } }
        desk.handle(input, at: now)
        said = desk.takeOutbox()
        open += said.calls
    }
    func openCall(_ isIt: (DeskCall.Kind) -> Bool) -> CallID? { open.last { isIt($0.kind) }?.id }
    /// Questions for single orders.
    var openQuestion: CallID? { openCall { if case .order = $0 { true } else { false } } }
    var openFills: CallID? { openCall { if case .fills = $0 { true } else { false } } }
    mutating func wait(_ seconds: Int64) {
        now = now.advanced(by: .seconds(seconds))
        say(.wake)
    }
    mutating func report(_ report: BrokerReport) {
        news += 1
        say(.news(NumberedNews(number: news, news: .report(report))))
    }
    mutating func gap() {
        news += 1
        say(.news(NumberedNews(number: news, news: .gap("the line broke"))))
    }
    /// Hands an order in; its place is on its way.
    @discardableResult mutating func order(
        _ number: UInt64, _ side: Side = .buy, shares: Int64 = 10, of instrument: Int = 0,
        validUntil: Timestamp? = nil
    ) -> CallID? {
        say(.order(approved(number, side, shares: shares, of: instrument, validUntil: validUntil)))
        return place
    }
    func approved(
        _ number: UInt64, _ side: Side = .buy, shares: Int64 = 10, of instrument: Int = 0,
        validUntil: Timestamp? = nil
    ) -> ApprovedOrder {
        .sample(
            number, side, shares: shares, of: instrument, validUntil: validUntil, at: now)
    }
    /// An order that the broker has taken as `b<number>`.
    mutating func working(_ number: UInt64, _ side: Side = .buy) {
        guard let call = order(number, side) else { return }
        say(.answer(call, .placed(BrokerOrderID("b\(number)"))))
    }
    mutating func fail(_ call: CallID?, _ code: BrokerError.Code) {
        guard let call else { return }
        say(.answer(call, .failed(BrokerError(code, "no"))))
    }
    mutating func answer(_ call: CallID?, _ answer: DeskAnswer) {
        if let call { say(.answer(call, answer)) }
    }

    // What was asked for last.
    var place: CallID? { call { if case .place = $0 { true } else { false } } }
    var cancel: CallID? { call { if case .cancel = $0 { true } else { false } } }
    var cancelled: [OrderName] {
        said.calls.compactMap { if case .cancel(let name, _) = $0.kind { name } else { nil } }
    }
    var question: CallID? { call { if case .order = $0 { true } else { false } } }
    var list: CallID? { call { if case .orders = $0 { true } else { false } } }
    var adoption: CallID? { call { if case .adopt = $0 { true } else { false } } }
    var fills: CallID? { call { if case .fills = $0 { true } else { false } } }
    var heartbeat: CallID? { call { $0 == .heartbeat } }
    func call(_ isIt: (DeskCall.Kind) -> Bool) -> CallID? {
        said.calls.last { isIt($0.kind) }?.id
    }
    var codes: [FailSafeCode] { said.notes.map(\.code) }
    var isCritical: Bool { said.notes.contains { $0.severity == .critical } }
}

extension ApprovedOrder {
    static func sample(
        _ number: UInt64, _ side: Side = .buy, shares: Int64 = 10, of instrument: Int = 0,
        validUntil: Timestamp? = nil, at time: Timestamp = .seconds(1_000)
    ) -> ApprovedOrder {
        ApprovedOrder(
            Order(
                number: OrderNumber(number), account: AccountID(0),
                instrument: InstrumentID(instrument), side: side, quantity: .shares(shares),
                limit: .won(100)),
            as: ClientOrderID(high: 7, low: number), opens: side == .buy, validUntil: validUntil,
            approvedAt: time)
    }
}

extension BrokerOrder {
    /// How the broker has an order.
    static func of(
        _ approved: ApprovedOrder, _ id: String, filled: Int64 = 0, _ state: State = .working,
        isKnown: Bool = true, at time: Timestamp? = .seconds(1_000)
    ) -> BrokerOrder {
        let order = approved.order
        return BrokerOrder(
            brokerID: BrokerOrderID(id), clientID: isKnown ? approved.client : nil,
            instrument: order.instrument, symbol: "S", side: order.side, quantity: order.quantity,
            limit: order.limit, filled: .shares(filled),
            filledValue: Money(.won(100), times: .shares(filled)), state: state, placedAt: time)
    }
}

extension Fill {
    static func of(_ order: UInt64, _ id: UInt32, _ shares: Int64) -> Fill {
        Fill(
            order: OrderNumber(order), id: id, price: .won(100), quantity: .shares(shares),
            fee: .zero, time: .seconds(1_001))
    }
}
