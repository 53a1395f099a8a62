import Kernel
import Orders
import Ports
import TradingModel

/// Crashes, and the way back: snapshot-less, from the log's first record.
extension World {
    mutating func strikes(crashAt seam: Happening.Seam) -> Happening.Seam? {
        guard isUp, strays.isEmpty, faults.strikes(.crash) else { return nil }
        struck(.crash, seam.rawValue)
        return seam
    }

    /// Everything in memory is gone. The brokers go on.
    mutating func crash(at seam: Happening.Seam) {
        // Who dies before the number of a ghost is written down knows nothing of it at some brokers.
        guard isUp, strays.isEmpty else { return }
        isUp = false
        let before = log.last
        let behind = before - log.durable
        var written: UInt64 = behind
        if behind > 0, faults.strikes(.suffixLost) {
            written = faults.stream(of: .suffixLost) {
                UInt64($0.number(0...Int64(behind - 1)))
            }
            struck(.suffixLost, "\(behind - written) records")
        }
        if written > 0, faults.strikes(.stepTorn) {
            // Half a record is none.
            written -= 1
            struck(.stepTorn, "record \(log.durable + written + 1)")
        }
        let kept = log.crash(written: written)
        note(.crashed(kept: kept, lost: before - kept, at: seam))
        for broker in lines.indices { lines[broker].hostCrashed() }
        outgoing.removeAll()
        effects.removeAll()
        plannedWake = nil
        let down = people.span(Nanoseconds.milliseconds(300)...Nanoseconds.seconds(20))
        agenda.add(.start, after: isFull ? .seconds(15) : down)
    }

    /// The only way to begin: apply what is in the log, then ask the brokers.
    mutating func startHost() {
        guard !isUp else { return }
        isFull = false
        life += 1
        isUp = true
        note(.started(life: life))
        kernel = Kernel(scenario.plan)
        counter = KillCounter()
        partCounters = scenario.sources.map { _ in KillCounter() }
        buyers.removeAll()
        permits.removeAll()
        changePermits.removeAll()
        homes.removeAll()
        holdings = lines.map { _ in scenario.instruments.map { _ in 0 } }
        numbers = lines.map { _ in [:] }
        limiters = scenario.brokers.map { RateLimiter(perSecond: $0.callsPerSecond) }
        approvals.removeAll()
        doubts.removeAll()
        number = 0
        isAgreed = lines.map { _ in false }
        toldSplits = splits.map { _ in 0 }
        notedGuards = notedGuards.map { _ in false }
        let restarts = recover()
        note(.durable(through: log.durable))
        locked = restarts.map { $0.lockdown != nil }
        desks = scenario.brokers.indices.map { broker in
            OrderDesk(
                account: AccountID(0), capabilities: scenario.brokers[broker].capabilities,
                settings: scenario.deskSettings[broker], restart: restarts[broker], at: now)
        }
        noteRestoredGhosts()
        begin()
        for source in scenario.sources.indices {
            kernel.setLive(
                true, SourceID(source), at: EventPosition.endOfStep(number), now: now,
                into: &effects)
        }
        kernel.expireAll(at: EventPosition.endOfStep(number), into: &effects)
        tellSplits()
        if isCalm { kernel.holdExits(true, reason: Self.calmReason, into: &effects) }
        for machine in kernel.workingOrders() {
            let order = machine.order.number
            let age = (approvals[order] ?? now).advanced(by: scenario.mostAge)
            agenda.add(.age(order, life: life), at: age)
        }
        finish()
        noteGuards()
        guard isUp, faults.strikes(.crashInRecovery) else { return }
        struck(.crashInRecovery, "")
        let span = faults.stream(of: .crashInRecovery) {
            $0.span(Nanoseconds.zero...Nanoseconds.seconds(3))
        }
        agenda.add(.crash(.recovering, life: life), after: span)
    }

    private mutating func recover() -> [DeskRestart] {
        var memory = Memory(brokers: lines.count)
        var same = true
        for record in log.records {
            if let (tick, position) = record.tick {
                number = max(number, position.step)
                kernel.observe(MarketEvent(position: position, kind: .tick(tick)))
            }
            kernel.note(record.time)
            for fact in record.facts {
                kernel.apply(fact)
                if case .exit(let exit) = fact { remember(exit) }
                for part in [fact].parts { remember(part, record.time, &memory) }
            }
            for (order, broker) in record.routes { homes[order] = broker }
            for fact in record.facts {
                if case .filled(let fill, _) = fact { hold(fill) }
                if case .corrected(let correction) = fact { hold(correction) }
            }
            for noted in record.memos { memory.change(noted.order) { $0.memo = noted.memo } }
            for change in record.lockdowns { memory.lockdowns[change.broker] = change.reason }
        }
        if let last = log.records.last { same = kernel.stateHash() == last.state }
        let orders = memory.logged()
        let doubtful = orders.count { $0.end == nil }
        router = Router(scenario.routes, chosen: homes)
        note(.recovered(same: same, orders: orders.count, doubtful: doubtful))
        recall(orders)
        return lines.indices.map { broker in
            DeskRestart(
                // What was refused by the router went nowhere.
                orders: orders.filter { homes[$0.approved.number] == broker },
                kill: memory.kill, lockdown: memory.lockdowns[broker])
        }
    }

    private mutating func remember(_ fact: Fact, _ time: Timestamp, _ memory: inout Memory) {
        switch fact {
        case .ordered(let decision):
            let order = decision.order
            let opens = order.side == .buy
            if opens { buyers[order.number] = decision.source }
            permits[order.number] = SendPermit(opens: opens, kills: readings(of: order.number))
            approvals[order.number] = time
            memory.add(
                ApprovedOrder(
                    order, as: client(of: order.number), opens: opens,
                    validUntil: scenario.validity.map { time.advanced(by: $0) }, approvedAt: time))
        case .submitted(let order, let id): memory.change(order) { $0.broker = id }
        case .filled(let fill, _):
            memory.change(fill.order) { logged in
                logged.fills.append(fill)
                let filled = logged.fills.reduce(0) { $0 + $1.quantity.units }
                if filled >= logged.whole.units, logged.end == nil {
                    logged.end = .filled
                }
            }
        case .orderEnded(let order, let state, _):
            memory.change(order) { $0.end = $0.end ?? OrderEnd(state) }
        case .cancelAsked(let order, let reason): memory.change(order) { $0.cancelReason = reason }
        case .change(.asked(let decision)):
            memory.change(decision.number) {
                $0.change = ApprovedChange(
                    decision.number, to: decision.after, opens: decision.opens, approvedAt: time)
            }
        case .change(.taken(let order, let change, let id)):
            memory.change(order) { $0.take(change, as: id) }
        case .change(.refused(let order, _, _)): memory.change(order) { $0.change = nil }
        case .killed(let on, .all, let reason):
            memory.kill = on ? reason : nil
            if on { counter.raise() }
        case .inDoubt(let order, _): doubts[order] = now
        default: break
        }
    }
}

/// What a log tells the desks of a new start.
private struct Memory {
    private var orders: [LoggedOrder] = []
    private var places: [OrderNumber: Int] = [:]
    var kill: String?
    var lockdowns: [String?]

    init(brokers: Int) { lockdowns = Array(repeating: nil, count: brokers) }

    mutating func add(_ approved: ApprovedOrder) {
        places[approved.number] = orders.count
        orders.append(LoggedOrder(approved))
    }
    mutating func change(_ order: OrderNumber, _ body: (inout LoggedOrder) -> Void) {
        guard let at = places[order] else { return }
        body(&orders[at])
    }
    func logged() -> [LoggedOrder] { orders }
}

extension OrderEnd {
    fileprivate init?(_ state: OrderMachine.State) {
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
