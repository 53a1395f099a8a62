import Ports
import TradingModel

/// What an adapter remembers of its orders: which id made which, and what was told of each. A
/// value.
///
/// It forgets nothing, so that no id makes a second order, wherever the broker itself would let it.
struct OrderMemory: Sendable {
    struct Entry: Sendable {
        /// As it was placed or adopted.
        let order: Order
        var broker: BrokerOrderID?
        var isAccepted = false
        /// It is not what was placed any more.
        var wasChanged = false
        var isEnded = false
        var heard: Set<UInt32> = []
    }
    /// What `place` finds.
    enum Known: Hashable, Sendable {
        case nothing, another, inDoubt
        case taken(BrokerOrderID)
    }
    /// Reports of orders that nobody has named yet; the oldest go first.
    static let mostParked = 4_096

    private(set) var entries: [ClientOrderID: Entry] = [:]
    private var byBroker: [BrokerOrderID: ClientOrderID] = [:]
    private var byNumber: [OrderNumber: ClientOrderID] = [:]
    private var byText: [String: ClientOrderID] = [:]
    private var parked: [BrokerOrderID: [SimulatorWire.Report]] = [:]
    private var parkedCount = 0
    /// Fills in the order they were heard.
    private(set) var fills: [Fill] = []

    var isEmpty: Bool { entries.isEmpty }

    func known(_ order: Order, as client: ClientOrderID) -> Known {
        guard let entry = entries[client] else {
            return byNumber[order.number] == nil ? .nothing : .another
        }
        guard entry.order == order else { return .another }
        return entry.broker.map { .taken($0) } ?? .inDoubt
    }
    func client(of broker: BrokerOrderID) -> ClientOrderID? { byBroker[broker] }
    func entry(of broker: BrokerOrderID) -> Entry? { byBroker[broker].flatMap { entries[$0] } }

    // MARK: Placing

    mutating func begin(_ order: Order, as client: ClientOrderID) {
        entries[client] = Entry(order: order)
        byNumber[order.number] = client
        byText[client.description] = client
    }

    /// The broker has taken it. What was said of it before its number was known is told now.
    mutating func taken(_ client: ClientOrderID, _ broker: BrokerOrderID) -> [BrokerNews] {
        guard entries[client] != nil else { return [] }
        var news: [BrokerNews] = []
        if entries[client]?.broker == nil {
            guard byBroker[broker] == nil else { return [] }
            entries[client]?.broker = broker
            byBroker[broker] = client
        }
        accept(client, &news)
        release(broker, &news)
        return news
    }

    /// Nothing was accepted for certain: the id is as if it had never been used.
    mutating func refused(_ client: ClientOrderID) {
        guard let entry = entries[client], entry.broker == nil else { return }
        entries[client] = nil
        byNumber[entry.order.number] = nil
        byText[client.description] = nil
    }

    /// - Returns: What was said of it already; `nil`: a name belongs to another order.
    mutating func adopt(_ order: Order, as client: ClientOrderID, at broker: BrokerOrderID)
        -> [BrokerNews]?
    {
        if let entry = entries[client], entry.wasChanged, entry.broker == broker,
            entry.order.isSame(as: order)
        {
            return []
        }
        switch known(order, as: client) {
        case .another: return nil
        case .taken(let known): return known == broker ? [] : nil
        case .nothing:
            guard byBroker[broker] == nil else { return nil }
            begin(order, as: client)
            entries[client]?.isAccepted = true
        case .inDoubt: guard byBroker[broker] == nil else { return nil }
        }
        entries[client]?.broker = broker
        byBroker[broker] = client
        var news: [BrokerNews] = []
        release(broker, &news)
        return news
    }

    // MARK: Numbers that change

    /// The broker has taken a change.
    mutating func changed(_ broker: BrokerOrderID) {
        if let client = byBroker[broker] { entries[client]?.wasChanged = true }
    }

    /// The broker has made a new number of it: the old one leads to it still.
    mutating func renumber(_ old: BrokerOrderID, _ new: BrokerOrderID) -> [BrokerNews] {
        guard old != new, let client = byBroker[old] else { return [] }
        var news: [BrokerNews] = []
        if byBroker[new] == nil {
            byBroker[new] = client
            entries[client]?.broker = new
            entries[client]?.wasChanged = true
            release(new, &news)
        }
        return news
    }

    /// What an order says of its former numbers.
    mutating func learn(_ order: SimulatorWire.OrderState) -> [BrokerNews] {
        guard let formers = order.former_ids, !formers.isEmpty else { return [] }
        let (all, new) = (formers.map { BrokerOrderID($0) }, BrokerOrderID(order.order_id))
        var news: [BrokerNews] = []
        if byBroker[new] == nil, let old = all.last(where: { byBroker[$0] != nil }) {
            news = renumber(old, new)
        }
        // Adopted under its newest, its older reports may come still.
        guard let client = byBroker[new] else { return news }
        for old in all where byBroker[old] == nil {
            byBroker[old] = client
            release(old, &news)
        }
        return news
    }

    // MARK: Hearing

    /// - Returns: What it means for our orders; nothing for those of others, and for what was told
    ///   before.
    mutating func hear(_ report: SimulatorWire.Report) -> [BrokerNews] {
        guard let order = report.order else { return [] }
        let broker = BrokerOrderID(order.order_id)
        var news = learn(order)
        if byBroker[broker] == nil, let client = order.client_id.flatMap({ byText[$0] }),
            entries[client]?.broker == nil
        {
            entries[client]?.broker = broker
            byBroker[broker] = client
            release(broker, &news)
        }
        if let client = byBroker[broker] {
            take(report, client, &news)
        } else {
            park(report, broker, &news)
        }
        return news
    }

    private mutating func park(
        _ report: SimulatorWire.Report, _ broker: BrokerOrderID, _ news: inout [BrokerNews]
    ) {
        if parkedCount >= Self.mostParked {
            // Strangers' orders by the thousand; one of ours may be among them.
            parked = [:]
            parkedCount = 0
            news.append(.gap("too many reports of orders that nobody has named"))
        }
        parked[broker, default: []].append(report)
        parkedCount += 1
    }

    private mutating func release(_ broker: BrokerOrderID, _ news: inout [BrokerNews]) {
        guard let reports = parked.removeValue(forKey: broker), let client = byBroker[broker]
        else { return }
        parkedCount -= reports.count
        for report in reports { take(report, client, &news) }
    }

    private mutating func accept(_ client: ClientOrderID, _ news: inout [BrokerNews]) {
        guard let entry = entries[client], let broker = entry.broker, !entry.isAccepted else {
            return
        }
        entries[client]?.isAccepted = true
        news.append(.report(.accepted(entry.order.number, broker)))
    }

    private mutating func take(
        _ report: SimulatorWire.Report, _ client: ClientOrderID, _ news: inout [BrokerNews]
    ) {
        // Whatever is said of an order says that it was accepted.
        accept(client, &news)
        guard let entry = entries[client] else { return }
        switch report.type {
        case "filled":
            guard let told = report.fill, byBroker[BrokerOrderID(told.order_id)] == client,
                let fill = Fill(told, of: entry.order.number)
            else {
                return news.append(.gap("a fill of \(client) cannot be read"))
            }
            guard entries[client]?.heard.insert(fill.id).inserted == true else { return }
            fills.append(fill)
            news.append(.report(.filled(fill)))
        case "changed":
            guard let broker = entry.broker, let terms = report.order.flatMap(OrderChange.init)
            else {
                return news.append(.gap("a change of \(client) cannot be read"))
            }
            entries[client]?.wasChanged = true
            news.append(.report(.changed(entry.order.number, terms, broker)))
        case "cancelled" where !entry.isEnded:
            entries[client]?.isEnded = true
            let reason = report.reason ?? "cancelled by the broker"
            news.append(.report(.cancelled(entry.order.number, reason: reason)))
        case "expired" where !entry.isEnded:
            entries[client]?.isEnded = true
            let reason = report.reason ?? "its time ended at the broker"
            news.append(.report(.expired(entry.order.number, reason: reason)))
        default: break
        }
    }
}

/// Reports in the order of their numbers, each once, whatever the line does to them. A value.
struct ReportSequence: Sendable {
    /// Everything up to it was handed out.
    private(set) var last: UInt64 = 0
    private var early: [UInt64: SimulatorWire.Report] = [:]

    /// Behind which report one is missing, and until when it is waited for, monotonic ns.
    private var missing: (after: UInt64, until: Int64)?
    /// Lines that ended while the report behind `after` was missing.
    private var lost: (after: UInt64, lines: Int) = (0, 0)
    static let mostLines = 3

    /// Whether a report is missing before others that are here.
    var misses: Bool { !early.isEmpty }

    /// How long the missing report is still waited for, ns; `nil`: none is. What goes on coming behind it does not
    /// make the wait longer.
    mutating func left(_ patience: Nanoseconds, at now: Int64) -> Int64? {
        guard misses else { return nil }
        if missing?.after != last { missing = (last, now + patience.count) }
        return missing.map { $0.until - now }
    }
    /// What is missing is told again on a new line: it is waited for anew.
    mutating func beginLine() {
        if missing?.after == last { lost = (last, lost.after == last ? lost.lines + 1 : 1) }
        missing = nil
    }

    /// Takes what a line says first: everything up to `number` was said before it.
    ///
    /// - Returns: The gap in words, and what was held back for what is in it; `nil`: nothing was missed.
    mutating func greet(_ number: UInt64) -> (gap: String, held: [SimulatorWire.Report])? {
        guard number != last else { return giveUp() }
        let missed = last
        // The number is the broker's: the largest of all has no next.
        return ("reports \(missed &+ 1) to \(number) were missed", skip(to: number))
    }

    /// A report that no line brings holds up what is behind it no longer.
    private mutating func giveUp() -> (gap: String, held: [SimulatorWire.Report])? {
        guard lost.after == last, lost.lines >= Self.mostLines, let next = early.keys.min() else {
            return nil
        }
        let missed = last
        last = next - 1
        let first = early.removeValue(forKey: next)
        return (
            "\(lost.lines) lines did not bring reports \(missed + 1) to \(next - 1)",
            first.map { take($0) } ?? []
        )
    }

    mutating func take(_ report: SimulatorWire.Report) -> [SimulatorWire.Report] {
        guard report.seq > last else { return [] }
        early[report.seq] = report
        var next: [SimulatorWire.Report] = []
        while let report = early.removeValue(forKey: last &+ 1) {
            last += 1
            next.append(report)
        }
        return next
    }

    /// Goes on behind this number; what came early and is not missed by it is handed out.
    mutating func skip(to number: UInt64) -> [SimulatorWire.Report] {
        let held = early.values.filter { $0.seq > last && $0.seq <= number }
            .sorted { $0.seq < $1.seq }
        last = number
        early = early.filter { $0.key > number }
        return held
    }
}

/// News for one listener, numbered from 1 without gaps; see ``Broker/news(after:limit:wait:)``.
struct NewsBuffer: Sendable {
    private var waiting: [BrokerNews] = []
    private var freed: UInt64 = 0
    var count: Int { waiting.count }

    mutating func add(_ news: [BrokerNews]) { waiting += news }
    mutating func free(through number: UInt64) {
        guard number > freed else { return }
        let count = Int(min(number - freed, UInt64(waiting.count)))
        waiting.removeFirst(count)
        freed += UInt64(count)
    }
    func first(_ limit: Int) -> [NumberedNews] {
        waiting.prefix(max(0, limit)).enumerated().map {
            NumberedNews(number: freed + 1 + UInt64($0.offset), news: $0.element)
        }
    }
}

extension Order {
    /// But for price and quantity, which a change may have made others.
    func isSame(as other: Order) -> Bool {
        number == other.number && account == other.account && instrument == other.instrument
            && side == other.side
    }
}

extension OrderChange {
    init?(_ wire: SimulatorWire.OrderState) {
        guard let quantity = Quantity(wire.quantity), let limit = wire.limit.flatMap({ Price($0) })
        else { return nil }
        self.init(limit: limit, quantity: quantity)
    }
}

extension Fill {
    init?(_ wire: SimulatorWire.FillState, of order: OrderNumber) {
        guard let price = Price(wire.price), let quantity = Quantity(wire.quantity),
            let fee = Money(wire.fee)
        else { return nil }
        // It decides nothing: one that cannot be read keeps no fill from being booked.
        let tax = wire.tax.flatMap { Money($0) }
        self.init(
            order: order, id: wire.id, price: price, quantity: quantity, fee: fee,
            time: Timestamp(nanoseconds: wire.time), tax: tax)
    }
}
