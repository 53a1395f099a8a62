import Orders
import Ports
import TestKit
import TradingModel

/// A desk, a model broker and a bad line between them, under one seed.
struct DeskWorld {
    enum Fault: String, CaseIterable {
        case none, requestLost, replyLost, replyLate, noAnswer, offline, rateLimited, maintenance
    }
    private enum Due {
        case call(DeskCall)
        case answer(CallID, DeskAnswer, life: Int)
        case news(Int, life: Int)
        case act
    }
    let capabilities: BrokerCapabilities
    var settings = DeskSettings()
    var random: SeededRandom
    var desk: OrderDesk
    var broker: ModelBroker
    var books = ModelBooks()
    var now = Timestamp.seconds(1_000)
    var isCalm = false
    /// Of the host: answers and news of a former one reach nobody.
    private var life = 0
    private var told = 0
    private var delivered = 0
    private var queue: [(time: Timestamp, order: Int, due: Due)] = []
    private var queued = 0
    private(set) var violations: [String] = []
    private(set) var faults: [Fault: Int] = [:]
    private(set) var codes: Set<FailSafeCode> = []
    private(set) var restarts = 0
    private(set) var persons = 0
    private(set) var history: [String] = []

    init(
        seed: UInt64, ids: BrokerCapabilities.ClientOrderIDs,
        fills: BrokerCapabilities.FillHistory, changes: BrokerCapabilities.Changes = .keepNumber
    ) {
        random = SeededRandom(seed)
        capabilities = BrokerCapabilities(
            name: "model", clientOrderIDs: ids, orderTypes: [.market, .limit], units: .lots,
            hours: .always, fillHistory: fills, checksFunds: false, changes: changes)
        settings.escalation.consecutive = 1_000
        settings.escalation.total = 1_000
        settings.questionsAtOnce = [1, 2, 8][Int(seed % 3)]
        broker = ModelBroker(keepsIDs: ids != .none)
        broker.tellsAcceptance = ids == .none || seed % 4 != 0
        desk = OrderDesk(
            account: AccountID(0), capabilities: capabilities, settings: settings, at: now)
        carryOut()
    }

    private mutating func push(_ due: Due, after wait: Nanoseconds) {
        queued += 1
        queue.append((now.advanced(by: wait), queued, due))
    }
    private mutating func delay(upTo milliseconds: Int64) -> Nanoseconds {
        .milliseconds(Int64.random(in: 1...milliseconds, using: &random))
    }

    mutating func tell(_ input: DeskInput) {
        desk.handle(input, at: now)
        carryOut()
    }

    mutating func order(_ order: Order, opens: Bool, validUntil: Timestamp? = nil) {
        let approved = ApprovedOrder(
            order, as: ClientOrderID(high: 7, low: order.number.value), opens: opens,
            validUntil: validUntil, approvedAt: now)
        books.logged.append(LoggedOrder(approved))
        tell(.order(approved))
    }

    /// As the kernel lets it pass: of an order that works, one at a time. Absolute, and more than is filled.
    mutating func change(_ number: OrderNumber, to change: OrderChange) {
        guard let at = books.logged.firstIndex(where: { $0.approved.number == number }),
            books.logged[at].end == nil, books.logged[at].change == nil,
            books.logged[at].broker != nil, books.logged[at].cancelReason == nil,
            books.logged[at].approved.order.limit != nil,
            books.filled(at) < change.quantity.units,
            books.logged[at].approved.order.terms != change
        else { return }
        let order = books.logged[at].approved.order
        let approved = ApprovedChange(
            number, to: change, opens: order.side == .buy && !order.isOnlyLowered(by: change),
            approvedAt: now)
        books.logged[at].change = approved
        tell(.change(approved))
    }

    private mutating func carryOut() {
        let outbox = desk.takeOutbox()
        for report in outbox.reports {
            history.append("\(now.nanoseconds / 1_000_000) report \(report)")
            books.hear(report)
        }
        for noted in outbox.memos { books.hear(noted) }
        for note in outbox.notes {
            codes.insert(note.code)
            if !note.code.entry.allows(note.severity) {
                violations.append("\(note.code) is told as \(note.severity)")
            }
            history.append("\(now.nanoseconds / 1_000_000) note \(note.code.rawValue) \(note.text)")
        }
        for call in outbox.calls {
            history.append("\(now.nanoseconds / 1_000_000) \(call.id) \(call.kind)")
            push(.call(call), after: delay(upTo: 50))
        }
    }

    /// Goes on to the next thing that happens; past `end` nothing does.
    mutating func step(until end: Timestamp) -> Bool {
        let next = queue.enumerated().min {
            ($0.element.time, $0.element.order) < ($1.element.time, $1.element.order)
        }
        let wake = desk.wake
        if let wake, wake <= (next?.element.time ?? .distantFuture) {
            guard wake <= end else { return false }
            now = max(now, wake)
            tell(.wake)
            if let again = desk.wake, again <= now {
                violations.append("wakes at \(again) for ever")
            }
            return violations.isEmpty
        }
        guard let next, next.element.time <= end else { return false }
        queue.remove(at: next.offset)
        now = max(now, next.element.time)
        happen(next.element.due)
        broker.remember(at: now)
        while told < broker.news.count {
            told += 1
            push(.news(told, life: life), after: delay(upTo: 200))
        }
        return violations.isEmpty
    }

    private mutating func happen(_ due: Due) {
        switch due {
        case .call(let call): receive(call)
        case .answer(let id, let answer, let life):
            if life == self.life {
                history.append("\(now.nanoseconds / 1_000_000) answer \(id) \(answer)")
                tell(.answer(id, answer))
            }
        case .news(let number, let life):
            // In their order: a line delivers what was held up together.
            guard life == self.life, number <= broker.news.count else { return }
            delivered = max(delivered, number)
            for each in 1...number {
                tell(.news(NumberedNews(number: UInt64(each), news: broker.news[each - 1])))
            }
        case .act: break
        }
    }

    // MARK: The line

    private mutating func fault(of call: DeskCall) -> Fault {
        guard !isCalm, random.oneIn(3) else { return .none }
        let fault = random.pick(Fault.allCases)
        faults[fault, default: 0] += 1
        return fault
    }

    private mutating func receive(_ call: DeskCall) {
        let fault = fault(of: call)
        let limit = call.limit
        let isWrite: Bool
        switch call.kind {
        case .place, .cancel, .modify: isWrite = true
        default: isWrite = false
        }
        let unknown = DeskAnswer.failed(
            BrokerError(isWrite ? .outcomeUnknown : .offline, "no reply"))
        switch fault {
        case .none: answer(call, carry(call), after: delay(upTo: 80))
        case .requestLost: answer(call, unknown, after: limit)
        case .replyLost:
            _ = carry(call, isMapped: broker.keepsIDs)
            answer(call, unknown, after: limit)
        case .replyLate:
            let late = carry(call)
            answer(call, late, after: limit.advanced(by: .seconds(9)))
        case .noAnswer: if random.oneIn(2) { _ = carry(call, isMapped: broker.keepsIDs) }
        case .offline:
            answer(call, .failed(BrokerError(.offline, "refused")), after: delay(upTo: 9))
        case .rateLimited:
            answer(
                call, .failed(BrokerError(.rateLimited(wait: .milliseconds(200)), "too many")),
                after: delay(upTo: 9))
        case .maintenance:
            answer(
                call, .failed(BrokerError(.maintenance(wait: .seconds(2)), "closed")),
                after: delay(upTo: 9))
        }
    }
    private mutating func answer(_ call: DeskCall, _ answer: DeskAnswer, after wait: Nanoseconds) {
        push(.answer(call.id, answer, life: life), after: wait)
    }

    /// What the broker does and says.
    private mutating func carry(_ call: DeskCall, isMapped: Bool = true) -> DeskAnswer {
        // A copy that lags by up to 4 s.
        let copy =
            isCalm
            ? now : now.advanced(by: .milliseconds(-Int64.random(in: 0...4_000, using: &random)))
        switch call.kind {
        case .place(let approved): return place(approved, isMapped)
        case .cancel(let name, _):
            if case .client = name, broker.index(of: name) == nil, !broker.keepsIDs {
                return .failed(BrokerError(.nothingToCancel, "no such order"))
            }
            return broker.cancel(name)
                ? .done : .failed(BrokerError(.nothingToCancel, "nothing is open"))
        case .modify(let name, let approved):
            if approved.opens, desk.kill != nil {
                return .failed(BrokerError(.notSent(.killed), "killed"))
            }
            let made = broker.modify(
                name, to: approved.change, makesNumber: capabilities.changes == .makeNumber)
            return made.map { .placed($0) }
                ?? .failed(BrokerError(.nothingToCancel, "nothing is open"))
        case .order(let name, _): return .order(broker.lookup(name, at: copy))
        case .orders(let since):
            return .orders(broker.seen(at: copy).filter { $0.placedAt >= since }.map(broker.answer))
        case .openOrders:
            return .orders(
                broker.seen(at: copy).filter { $0.state == .working }.map(broker.answer))
        case .fills(let since):
            return .fills(
                broker.orders.filter(\.isOurs).flatMap(\.fills).filter { $0.time >= since })
        case .positions: return .positions([])
        case .balances: return .balances([])
        case .heartbeat: return .heartbeat(BrokerHeartbeat(brokerTime: nil))
        case .adopt(_, let client, let id):
            guard let index = broker.orders.firstIndex(where: { $0.id == id }) else {
                return .failed(BrokerError(.rejected, "no such order"))
            }
            let held = broker.orders[index]
            if held.client != client { violations.append("a stranger's order is adopted: \(id)") }
            broker.orders[index].isOurs = true
            return .done
        }
    }

    private mutating func place(_ approved: ApprovedOrder, _ isMapped: Bool) -> DeskAnswer {
        if approved.opens, desk.kill != nil {
            return .failed(BrokerError(.notSent(.killed), "killed"))
        }
        if let until = approved.validUntil, now >= until {
            return .failed(BrokerError(.notSent(.late), "late"))
        }
        if broker.orders.contains(where: { $0.client == approved.client }) {
            violations.append("order \(approved.number) is placed a second time")
        }
        let id = broker.take(approved.order, approved.client, isOurs: isMapped, at: now)
        if let limit = approved.order.limit, limit >= .won(1_000) {
            _ = broker.take(approved.order, nil, isOurs: false, at: now)
        }
        return .placed(id)
    }

    // MARK: Misfortune

    /// The host dies and starts again from its log. What is on its way to the broker still arrives.
    mutating func restart() {
        restarts += 1
        life += 1
        broker.news.removeAll()
        told = 0
        delivered = 0
        for index in broker.orders.indices { broker.orders[index].isOurs = false }
        desk = OrderDesk(
            account: AccountID(0), capabilities: capabilities, settings: settings,
            restart: DeskRestart(orders: books.logged, kill: desk.kill), at: now)
        history.append("\(now.nanoseconds / 1_000_000) restart")
        carryOut()
    }

    /// What was not delivered yet is lost, and the adapter says so.
    mutating func breakLine() {
        let heard = Int.random(in: delivered...broker.news.count, using: &random)
        queue.removeAll { if case .news = $0.due { true } else { false } }
        if heard < broker.news.count { broker.news.removeSubrange(heard...) }
        broker.news.append(.gap("the line broke"))
        told = broker.news.count
        push(.news(told, life: life), after: delay(upTo: 50))
        history.append("\(now.nanoseconds / 1_000_000) gap")
    }

    /// A person looks the order up and tells the truth, behind a mistyped number now and then.
    mutating func askPerson(_ number: OrderNumber) {
        persons += 1
        if random.oneIn(3) { tell(.resolve(number, .accepted(BrokerOrderID("mistyped")))) }
        let client = ClientOrderID(high: 7, low: number.value)
        let held = broker.orders.first { $0.client == client }
        tell(.resolve(number, held.map { .accepted($0.id) } ?? .notAccepted))
    }
}

extension Nanoseconds {
    func advanced(by other: Nanoseconds) -> Nanoseconds { Nanoseconds(count + other.count) }
}
