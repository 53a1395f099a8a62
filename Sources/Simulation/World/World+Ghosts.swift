import Kernel
import Orders
import Ports
import TradingModel

/// Buys that come to a broker long after the host gave them up, and what becomes of them.
extension World {
    // MARK: Astray

    /// - Returns: Whether the request goes astray.
    mutating func stray(_ made: DeskCall, _ call: UInt64, _ broker: Int) -> Bool {
        guard case .place(let approved) = made.kind, approved.opens,
            faults.strikes(.requestStray)
        else { return false }
        let late = faults.stream(of: .requestStray) {
            $0.span(Nanoseconds.seconds(25)...Nanoseconds.seconds(60))
        }
        struck(.requestStray, "call \(call) by \(words(late))")
        strayCalls.insert(call)
        agenda.add(
            .arrive(broker: broker, call: call, made, life: life),
            after: Nanoseconds(made.limit.count + late.count))
        return true
    }

    mutating func arriveAstray(_ made: DeskCall, _ call: UInt64, _ broker: Int, _ life: Int) {
        guard case .place(let approved) = made.kind, lines[broker].refusal(at: now) == nil
        else { return }
        let capabilities = lines[broker].floor.terms.capabilities
        // It is on its way as long as its connection is: what comes to a host that sent nothing, nobody could know.
        guard isUp, life == self.life else { return }
        // One whose adapter tells no acceptance is known by a list while it is open, and by its fills where none is lost.
        guard lines[broker].floor.terms.tellsAcceptance else { return }
        // Of two that look the same nobody could say which is which.
        if capabilities.clientOrderIDs == .none {
            guard capabilities.changes != .makeNumber, !looksLikeAnother(approved.order, broker)
            else { return }
        }
        guard
            case .success(.some(let event)) = lines[broker].floor.place(
                approved.order, as: approved.client, at: now)
        else { return }
        astray.insert(approved.number)
        strays[approved.number] = .max
        happened([event], broker, life)
        let span = network.span(Nanoseconds.milliseconds(2)...Nanoseconds.milliseconds(60))
        agenda.add(
            .reply(broker: broker, call: call, .placed(event.entry.id), life: life), after: span)
    }

    private func looksLikeAnother(_ order: Order, _ broker: Int) -> Bool {
        func isLike(_ other: Order) -> Bool {
            other.number != order.number && other.instrument == order.instrument
                && other.side == order.side
        }
        let isUnderway = lines[broker].open.values.contains { call in
            if case .place(let other) = call.kind { isLike(other.order) } else { false }
        }
        return isUnderway
            || doubts.keys.contains { number in
                homes[number] == broker && kernel.order(number).map { isLike($0.order) } == true
            }
    }

    /// Whether the broker ends it, and knows nothing of it from then on.
    mutating func forgets(_ entry: BrokerFloor.Entry, _ broker: Int) -> Bool {
        let number = entry.order.number
        guard isUp, entry.filled == .zero, astray.contains(number),
            desks[broker].isGhost(number), faults.strikes(.orderForgotten)
        else { return false }
        struck(.orderForgotten, "\(entry.id)")
        note(.cancelled(broker: broker, entry.id, entry.order, reason: "and forgotten"))
        lines[broker].floor.forget(entry.id)
        return true
    }

    // MARK: The host

    mutating func take(_ noted: NotedMemo) {
        step.memos.append(noted)
        note(.ghost(noted.order, noted.memo.isGhost, record: record))
        guard noted.memo.isGhost, strays[noted.order] != nil else { return }
        strays[noted.order] = record
        if !isCalm, mayAllBeFoundAgain, ghostTalk.oneIn(2) { ghostDies = true }
    }

    // MARK: Between the word and its record

    private var mayAllBeFoundAgain: Bool {
        for number in strays.keys where !mayBeFoundAgain(number) { return false }
        return true
    }

    /// Who dies before the log has one finds it by its client order id, in the list of open orders that is asked for
    /// again and again: while it is open, and has not filled.
    private func mayBeFoundAgain(_ number: OrderNumber) -> Bool {
        guard let broker = homes[number],
            scenario.brokers[broker].capabilities.clientOrderIDs == .always,
            scenario.deskSettings[broker].reconcileEvery != nil,
            let at = lines[broker].floor.index(of: .client(client(of: number)))
        else { return false }
        let entry = lines[broker].floor.entries[at]
        return entry.state == .working && entry.filled == .zero
    }

    mutating func dieBesideGhosts() {
        ghostDies = false
        for number in strays.keys.sorted() {
            note(.ghostLost(number))
            freeze(number, true)
        }
        strays.removeAll()
        crash(at: .decided)
    }

    private mutating func freeze(_ number: OrderNumber, _ on: Bool) {
        if on { frozen.insert(number) } else { frozen.remove(number) }
        for broker in lines.indices {
            lines[broker].floor.setFrozen(on, .client(client(of: number)))
        }
    }

    /// What the desks know by now, whatever they ask the log to keep.
    mutating func noteKnownGhosts() {
        var found: Set<OrderNumber> = []
        for broker in desks.indices { found.formUnion(desks[broker].ghosts) }
        guard found != knownGhosts else { return }
        for number in found.subtracting(knownGhosts).sorted() {
            note(.ghostKnown(number, true, record: record))
            // Asked into the log or not: from here on a crash asks for it.
            if strays[number] != nil { strays[number] = record }
            guard frozen.contains(number) else { continue }
            freeze(number, false)
            // It may trade now, and who dies before the log has it knows nothing of what it fills (seed 60237).
            strays[number] = record
        }
        for number in knownGhosts.subtracting(found).sorted() {
            note(.ghostKnown(number, false, record: record))
        }
        knownGhosts = found
    }

    mutating func noteRestoredGhosts() {
        knownGhosts.removeAll()
        for broker in desks.indices { knownGhosts.formUnion(desks[broker].ghosts) }
        note(.ghostsRestored(knownGhosts.sorted()))
    }

    /// The log has what was only just heard.
    ///
    /// - Returns: Whether the host dies of it: its cancel has no answer yet, mostly.
    mutating func ghostIsSafe() -> Bool {
        let safe = strays.filter { $0.value <= log.durable }.keys.sorted()
        for number in safe { strays[number] = nil }
        guard !isCalm, safe.contains(where: { order in desks.contains { $0.isGhost(order) } })
        else { return false }
        return ghostTalk.oneIn(2)
    }

    /// Of which ones nobody knows what became: those wait for the broker, or for a person.
    mutating func lookAtGhosts() {
        guard isUp else { return }
        var found: Set<OrderNumber> = []
        for broker in desks.indices {
            for number in desks[broker].ghosts where desks[broker].isInDoubt(number) {
                found.insert(number)
            }
        }
        for number in ghostsInDoubt.keys.sorted() where !found.contains(number) {
            ghostsInDoubt[number] = nil
            note(.ghostWaits(number, false))
        }
        for number in found.sorted() where ghostsInDoubt[number] == nil {
            ghostsInDoubt[number] = now
            note(.ghostWaits(number, true))
            guard !isCalm, ghostTalk.oneIn(2) else { continue }
            let wait = ghostTalk.span(Nanoseconds.seconds(1)...Nanoseconds.seconds(30))
            agenda.add(.crash(.idle, life: life), after: wait)
        }
    }

    /// Behind a start: what the log has of them.
    mutating func recall(_ orders: [LoggedOrder]) {
        for order in orders where order.memo.isGhost {
            let number = order.approved.number
            note(.ghostRecalled(number, waits: ghostsInDoubt[number] != nil))
        }
        // Whether one is still in doubt the desks say, and nobody says that one is not.
        ghostsInDoubt.removeAll()
    }

    /// Somebody looks up what the host cannot tell: one that the broker has forgotten had not traded.
    mutating func resolveGhosts() {
        for number in ghostsInDoubt.keys.sorted() {
            guard isUp, let since = ghostsInDoubt[number], now.since(since) > .seconds(45),
                let broker = homes[number], desks[broker].isWaitingForPerson(number)
            else { continue }
            ghostsInDoubt[number] = now
            let floor = lines[broker].floor
            let found = floor.index(of: .client(client(of: number))).map { floor.entries[$0] }
            let id = found.flatMap { $0.isForgotten ? nil : $0.id }
            note(.resolved(number, byPerson: id.map { "it is \($0)" } ?? "it is over"))
            desk(broker, hears: .resolve(number, id.map { .accepted($0) } ?? .notAccepted))
        }
    }
}
