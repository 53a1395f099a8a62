import Kernel
import Orders
import Ports
import TradingModel

/// One step of the host: an input, what kernel and desks make of it, one record.
extension World {
    /// The record that the step in hand will be.
    var record: UInt64 { log.last + 1 }

    mutating func begin() {
        step = LoggedStep(time: now)
        kernel.note(now)
    }

    // MARK: Inputs

    mutating func heard(_ tick: Tick) {
        tellBefore(tick)
        guard isUp else { return }
        begin()
        number += 1
        let position = EventPosition(step: number, index: 0)
        step.tick = (tick, position)
        let limits = scenario.limits
        if limits.dayLoss != nil || limits.drawdown != nil || limits.orderAge != nil {
            note(.priced(tick.instrument, tick.price, record: record))
        }
        if kernel.hasExits || scenario.talksOfTrading || limits.priceAge != nil {
            note(.came(tick.instrument, tick.price, record: record))
        }
        kernel.handle(tick, at: position, entry: now, into: &effects)
        finish()
        noteGuards()
        if isUp, kernel.hasExits { note(.saw(tick.instrument, tick.price)) }
        speak(of: tick, at: position)
    }

    mutating func heard(_ result: ServerResult) {
        begin()
        kernel.handle(result, now: now, into: &effects)
        finish()
    }

    mutating func covered(_ source: SourceID, _ position: EventPosition) {
        begin()
        kernel.cover(source, through: position, now: now, into: &effects)
        finish()
    }

    mutating func woke() {
        plannedWake = nil
        begin()
        kernel.advance(to: now, at: EventPosition.endOfStep(number), into: &effects)
        for broker in desks.indices {
            if let wake = desks[broker].wake, wake <= now {
                desks[broker].handle(.wake, at: now)
            }
        }
        finish()
    }

    mutating func desk(_ broker: Int, hears input: DeskInput) {
        begin()
        desks[broker].handle(input, at: now)
        finish()
    }

    mutating func aged(_ order: OrderNumber) {
        begin()
        kernel.cancel(order, reason: "older than it may be", into: &effects)
        finish()
    }

    // MARK: The step's end

    /// Kernel and desks that answer each other for longer never come to an end.
    private static let mostRounds = 10_000

    /// Lets kernel and desks answer each other until neither has anything to say, then writes the record.
    mutating func finish() {
        var isMoving = true
        var rounds = 0
        while isMoving {
            isMoving = false
            rounds += 1
            guard rounds < Self.mostRounds else {
                note(.hung("a step does not end"))
                isOver = true
                return isUp = false
            }
            kernel.tendExits(
                at: EventPosition.endOfStep(number), now: now, into: &effects)
            takeFacts()
            _ = OrderDesk.shareHolds(&desks)
            for broker in desks.indices {
                let outbox = desks[broker].takeOutbox()
                guard !outbox.isEmpty else { continue }
                isMoving = true
                carryOut(outbox, broker)
            }
            if !effects.isEmpty || kernel.hasRestlessExits { isMoving = true }
        }
        noteKnownGhosts()
        write()
        planWake()
    }

    private mutating func takeFacts() {
        for fact in effects.facts {
            for part in [fact].parts { tell(part) }
            step.facts.append(fact)
        }
        noteFreeCash(behind: effects.facts)
        let (orders, cancels) = (effects.orders, effects.cancels)
        let changes = effects.changes
        effects.removeAll()
        for order in orders { approve(order) }
        for wish in changes { approve(wish) }
        for order in cancels { cancel(order, reason: "its end is wanted") }
    }

    private mutating func approve(_ order: Order) {
        let opens = order.side == .buy
        permits[order.number] = SendPermit(opens: opens, kills: readings(of: order.number))
        switch route(order) {
        case .refused(let why):
            kernel.handle(.failed(order.number, reason: why), into: &effects)
        case .broker(let broker):
            step.routes.append((order.number, broker))
            homes[order.number] = broker
            let approved = ApprovedOrder(
                order, as: client(of: order.number), opens: opens,
                validUntil: scenario.validity.map { now.advanced(by: $0) }, approvedAt: now)
            outgoing.append((record, .order(approved, broker: broker)))
        }
    }

    /// Behind the order itself, which may still wait for the log.
    mutating func cancel(_ order: OrderNumber, reason: String) {
        let waits = outgoing.contains { item in
            if case .order(let approved, _) = item.what { approved.number == order } else { false }
        }
        if waits {
            outgoing.append((record, .cancel(order, reason: reason)))
        } else if let broker = homes[order] {
            desks[broker].handle(.cancel(order, reason: reason), at: now)
        }
    }

    func client(of order: OrderNumber) -> ClientOrderID {
        var hasher = StateHasher()
        hasher.combine(scenario.seed)
        hasher.combine(order.value)
        return ClientOrderID(high: hasher.value, low: order.value)
    }

    private mutating func carryOut(_ outbox: DeskOutbox, _ broker: Int) {
        for report in outbox.reports { kernel.handle(report, into: &effects) }
        // What was reported stands before what follows from it goes out.
        takeFacts()
        for note in outbox.notes {
            history.add(
                .noted(
                    broker: broker, code: note.code.rawValue, severity: note.severity.rawValue,
                    note.order, note.text), at: now)
        }
        switch outbox.lockdown {
        case .began(let reason): lock(broker, reason)
        case .released: lock(broker, nil)
        case nil: break
        }
        compare(outbox, broker)
        for noted in outbox.memos { take(noted) }
        lookAtGhosts()
        for call in outbox.calls { make(call, broker) }
    }

    private mutating func lock(_ broker: Int, _ reason: String?) {
        locked[broker] = reason != nil
        step.lockdowns.append(LoggedStep.Lockdown(broker: broker, reason: reason))
        note(.lockedDown(reason != nil, broker: broker, reason: reason ?? "", record: record))
    }

    // MARK: The log

    private mutating func write() {
        guard !step.isEmpty else { return }
        if ghostDies { return dieBesideGhosts() }
        if let crash = strikes(crashAt: .decided) { return self.crash(at: crash) }
        step.state = kernel.stateHash()
        _ = log.append(step)
        flush()
        if let crash = strikes(crashAt: .appended) { self.crash(at: crash) }
    }

    mutating func flush() {
        guard isUp else { return }
        // Nothing waits for it: the disk is left alone for a while.
        guard log.beginFlush() else { return }
        if faults.strikes(.diskFull), strays.isEmpty {
            struck(.diskFull, "no space is left")
            isFull = true
            return crash(at: .diskFull)
        }
        var span = network.span(Nanoseconds.milliseconds(1)...Nanoseconds.milliseconds(6))
        if faults.strikes(.flushSlow) {
            span = faults.stream(of: .flushSlow) {
                $0.span(Nanoseconds.milliseconds(200)...Nanoseconds.seconds(8))
            }
            struck(.flushSlow, words(span))
        }
        agenda.add(.flushed(life: life), after: span)
    }

    mutating func flushed() {
        log.endFlush()
        note(.durable(through: log.durable))
        if ghostIsSafe() { return crash(at: .flushed) }
        if let crash = strikes(crashAt: .flushed) { return self.crash(at: crash) }
        flush()
        guard isUp else { return }
        release()
    }

    /// What the log holds now may go out.
    private mutating func release() {
        guard let first = outgoing.first, first.record <= log.durable else { return }
        begin()
        while let next = outgoing.first, next.record <= log.durable {
            outgoing.removeFirst()
            switch next.what {
            case .order(let approved, let broker):
                approvals[approved.number] = approved.approvedAt
                let age = approved.approvedAt.advanced(by: scenario.mostAge)
                agenda.add(.age(approved.number, life: life), at: age)
                desks[broker].handle(.order(approved), at: now)
            case .change(let approved, let broker):
                desks[broker].handle(.change(approved), at: now)
            case .cancel(let order, let reason): cancel(order, reason: reason)
            }
        }
        finish()
    }

    private mutating func planWake() {
        guard isUp else { return }
        var wake = kernel.nextDeadline
        // Not `for desk in desks`: that would copy each.
        for index in desks.indices {
            if let other = desks[index].wake { wake = min(wake ?? other, other) }
        }
        guard let wake, plannedWake.map({ wake < $0 }) ?? true else { return }
        plannedWake = wake
        agenda.add(.wake(life: life), at: wake)
    }

    // MARK: History

    private mutating func tell(_ fact: Fact) {
        switch fact {
        case .signal(let signal, let status):
            note(.said(signal.source, signal.instrument, signal.result.action, status))
        case .risk(let decision):
            if !decision.approved {
                note(.refused(decision.desk.instrument, rule: decision.rule))
            }
        case .ordered(let decision):
            note(
                .approved(
                    Happening.Approval(
                        order: decision.order, reserved: decision.reserved,
                        reference: decision.reference, source: decision.source),
                    record: record))
            if decision.order.side == .buy {
                buyers[decision.order.number] = decision.source
            }
        case .submitted(let order, let id):
            doubts[order] = nil
            if strays[order] != nil { strays[order] = record }
            note(.acknowledged(order, id, record: record))
        case .orderEnded(let order, let state, let reason):
            doubts[order] = nil
            note(.ended(order, state, reason: reason, record: record))
        case .filled(let fill, let booking):
            doubts[fill.order] = nil
            if strays[fill.order] != nil { strays[fill.order] = record }
            hold(fill)
            note(
                .booked(
                    Happening.BookedFill(
                        fill: fill, positionAfter: booking.positionAfter,
                        cashAfter: booking.cashAfter), record: record))
        case .inDoubt(let order, let reason):
            doubts[order] = now
            note(.doubted(order, reason: reason, record: record))
        case .contradiction(let order, let what): note(.contradicted(order, what))
        case .killed(let on, .all, _): note(.killed(on, record: record))
        case .killed(let on, .source(let source), _):
            note(.partKilled(source, on, record: record))
        case .killed(_, .account, _): break  // there is one account
        case .limitPassed(let passed):
            note(.limitPassed(passed.limit, passed.instrument, record: record))
        case .cancelAsked(let order, let reason):
            note(.wished(order, reason: reason, record: record))
        case .voteEnded, .roundOpened, .dayStarted: break
        case .exit(let fact): tell(fact)
        case .corrected(let correction):
            hold(correction)
            note(.corrected(correction, record: record))
        case .change(let fact): tell(fact)
        case .opened, .acted: break  // their parts are told
        case .roundClosed(_, let outcome):
            if outcome.conflict { struck(.votesOpposed, "GR030") }
        }
    }

    mutating func struck(_ fault: Fault, _ what: String) { note(.struck(fault, what)) }

    func words(_ span: Nanoseconds) -> String {
        let milliseconds = span.count / 1_000_000
        return milliseconds < 1_000
            ? "\(milliseconds) ms" : "\(milliseconds / 1_000).\(milliseconds % 1_000 / 100) s"
    }
}
