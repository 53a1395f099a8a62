import Kernel
import Orders
import Ports
import TradingModel

/// What the log tells the desks of a new start: gathered record by record in recovery.
struct OrderMemory {
    private(set) var ledger: VenueLedger
    private var orders: [OrderNumber: LoggedOrder] = [:]
    /// Of ended ones that are known no more: what may fill all the same.
    private var old = OldOrders<LoggedOrder>()
    private var ended: [OrderNumber] = []
    private var kill: String?
    private var kills: UInt64 = 0
    private var lockdowns: [String?]
    /// The kill number under which an open order was approved.
    private var approvedUnder: [OrderNumber: UInt64] = [:]
    /// Whose open buys are.
    private(set) var sources: [OrderNumber: SourceID] = [:]
    private let validities: [Nanoseconds]
    /// Of the first record.
    private var began: Timestamp?
    /// Ended orders of which a broker may still speak.
    private static let endedKept = 1_024

    init(_ setup: BrokerSetup, instruments: Int) {
        ledger = VenueLedger(desks: setup.links.count, instruments: instruments)
        lockdowns = setup.links.map { _ in nil }
        validities = setup.links.map(\.validity)
    }

    /// - Parameters:
    ///   - time: Desk time of the record.
    ///   - client: The id that the order was written down under.
    mutating func take(
        _ facts: [Fact], _ minutes: DeskMinutes, at time: Timestamp,
        client: (Order) -> ClientOrderID
    ) {
        began = began ?? time
        var routes: [OrderNumber: Int] = [:]
        for route in minutes.routes where lockdowns.indices.contains(route.desk) {
            routes[route.order] = route.desk
        }
        for fact in facts.parts {
            if case .ordered(let decision) = fact, let desk = routes[decision.order.number] {
                ledger.route(decision.order, to: desk)
                begin(decision.order, client(decision.order), desk, time)
                if decision.order.side == .buy {
                    sources[decision.order.number] = decision.source
                }
            }
            ledger.take(fact)
            remember(fact, time)
        }
        for minute in minutes.memos {
            recall(minute.order)
            orders[minute.order]?.memo = minute.memo
        }
        for change in minutes.lockdowns where lockdowns.indices.contains(change.desk) {
            lockdowns[change.desk] = change.reason
        }
    }

    /// What the router refused went nowhere, and no desk hears of it.
    private mutating func begin(
        _ order: Order, _ client: ClientOrderID, _ desk: Int, _ time: Timestamp
    ) {
        approvedUnder[order.number] = kills
        orders[order.number] = LoggedOrder(
            ApprovedOrder(
                order, as: client, opens: order.side == .buy,
                validUntil: time.advanced(by: validities[desk]), approvedAt: time))
    }

    private mutating func remember(_ fact: Fact, _ time: Timestamp) {
        switch fact {
        case .submitted(let number, let id): orders[number]?.broker = id
        case .filled(let fill, _):
            recall(fill.order)
            guard var logged = orders[fill.order] else { return }
            logged.fills.append(fill)
            let filled = logged.fills.reduce(Int128(0)) { $0 + Int128($1.quantity.units) }
            let isFull = filled >= Int128(logged.whole.units)
            orders[fill.order] = logged
            if isFull { end(fill.order, .filled) }
        case .orderEnded(let number, let state, _):
            if let end = OrderEnd(state) { self.end(number, end) }
        case .cancelAsked(let number, let reason): orders[number]?.cancelReason = reason
        case .change(.asked(let decision)):
            orders[decision.number]?.change = ApprovedChange(
                decision.number, to: decision.after, opens: decision.opens, approvedAt: time)
        case .change(.taken(let number, let change, let id)):
            orders[number]?.take(change, as: id)
        case .change(.refused(let number, _, _)): orders[number]?.change = nil
        // Of a part of it the ends of its orders stand in the log.
        case .killed(let on, .all, let reason):
            kill = on ? reason : nil
            guard on else { return }
            kills += 1
            // Each desk wants the end of what is open then; that it is let go later takes no wish back.
            for number in approvedUnder.keys {
                guard let logged = orders[number], logged.approved.opens, logged.killReason == nil
                else { continue }
                orders[number]?.killReason = "the kill switch: \(reason)"
            }
        default: break
        }
    }

    private mutating func end(_ number: OrderNumber, _ end: OrderEnd) {
        guard let logged = orders[number], logged.end == nil else { return }
        orders[number]?.end = end
        approvedUnder[number] = nil
        sources[number] = nil
        ended.append(number)
        guard ended.count >= 2 * Self.endedKept else { return }
        let oldest = ended.prefix(Self.endedKept)
        ended.removeFirst(Self.endedKept)
        for number in oldest {
            // What is not over at its broker is never old.
            if orders[number]?.memo.isGhost == true {
                ended.append(number)
            } else if let order = orders.removeValue(forKey: number), order.end != .filled {
                old.keep(order, as: number)
            }
        }
    }

    /// There is word of an order that ended thousands of others ago.
    private mutating func recall(_ number: OrderNumber) {
        guard orders[number] == nil, let order = old.take(number) else { return }
        orders[number] = order
        ended.append(number)
    }

    // MARK: What a start needs

    func restart(of desk: Int) -> DeskRestart {
        var restart = DeskRestart(
            orders: (Array(orders.values) + old.values).filter {
                ledger.home(of: $0.approved.number) == desk
            }
            .sorted { $0.approved.number < $1.approved.number },
            kill: kill, lockdown: lockdowns[desk])
        restart.lost = old.lost
        restart.began = began
        restart.sharesNumbers = lockdowns.count > 1
        return restart
    }
    /// Of the kill switch, so far.
    var killNumber: UInt64 { kills }
    var openHomes: [OrderNumber: Int] {
        var homes: [OrderNumber: Int] = [:]
        for number in ledger.open { homes[number] = ledger.home(of: number) }
        return homes
    }
    var openKills: [OrderNumber: UInt64] { approvedUnder }
    /// Without a final answer, with their brokers.
    var doubtful: [(LoggedOrder, desk: Int)] {
        orders.values.filter { $0.end == nil }
            .compactMap { logged in
                ledger.home(of: logged.approved.number).map { (logged, desk: $0) }
            }
            .sorted { $0.0.approved.number < $1.0.approved.number }
    }
}

extension OrderEnd {
    init?(_ state: OrderMachine.State) {
        switch state {
        case .filled: self = .filled
        case .cancelled: self = .cancelled
        case .rejected: self = .rejected
        case .expired: self = .expired
        case .failed: self = .failed
        case .pending, .submitted, .partlyFilled, .unknown, .cancelPending: return nil
        }
    }
}
