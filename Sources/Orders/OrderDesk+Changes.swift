import Ports
import TradingModel

/// Changes of open orders: a call once, its answer, and what becomes of one without an answer.
///
/// *Limit*: that of orders. *Retry*: what was certainly not taken and may be later is tried again, as an order is; what
/// may have been taken never is. *Idempotency*: terms are absolute. A cancel passes it at any moment, and wins.
extension OrderDesk {
    mutating func take(_ approved: ApprovedChange) {
        guard let index = index(of: approved.number), !entries[index].isEnded else {
            // It ended while the change was written down: the kernel waits for an answer still.
            return outbox.reports.append(
                .changeRefused(approved.number, approved.change, reason: "the order is over"))
        }
        // The same again changes nothing: it may have been read from the log twice.
        guard entries[index].change?.approved != approved else { return }
        guard entries[index].change == nil else {
            return outbox.reports.append(
                .changeRefused(
                    approved.number, approved.change, reason: "another change is on its way"))
        }
        entries[index].change = DeskChange(approved, at: now)
    }

    mutating func changeIfDue(_ index: Int) {
        guard let change = entries[index].change, case .waiting(let notBefore) = change.stage else {
            return
        }
        if let why = reasonNotToChange(index, change.approved) {
            return changeRefused(index, why)
        }
        // Made ours again by a number that the change has replaced meanwhile, nobody would hear of it.
        guard now >= notBefore, entries[index].broker != nil, !entries[index].adoption.isPending,
            !isHeldBack(index, change.approved)
        else { return }
        entries[index].change?.tries += 1
        let number = entries[index].number
        let id = call(
            .modify(entries[index].name, change.approved), for: .change(number),
            limit: settings.limits.order)
        entries[index].change?.stage = .calling(id)
    }

    private func reasonNotToChange(_ index: Int, _ approved: ApprovedChange) -> String? {
        if let wish = entries[index].wish { return "the order is being cancelled: \(wish)" }
        if entries[index].heldEnd != nil { return "the order is over" }
        if let until = approved.validUntil, now >= until {
            return "its time ended before it was sent"
        }
        let adoption = entries[index].adoption
        if adoption.isPending, adoption.tries >= max(1, settings.polls) {
            return
                "\(capabilities.name) could not be told in \(adoption.tries) tries whose order it is"
        }
        guard approved.opens else { return nil }
        if let kill { return "withdrawn by the kill switch: \(kill)" }
        if let lockdown { return lockedDown(lockdown) }
        if isDown { return "the broker does not answer" }
        // Not waited for: a change on its way stands before one that lowers.
        return heldBack(entries[index].order.instrument)?.why
    }

    /// By an order in doubt, as an order that opens would be; and where new numbers are found by looks alone, by one that
    /// may look like it.
    private func isHeldBack(_ index: Int, _ approved: ApprovedChange) -> Bool {
        let order = entries[index].order
        let byLooks = capabilities.clientOrderIDs == .none && capabilities.changes == .makeNumber
        guard approved.opens || byLooks else { return false }
        return active.contains { number in
            guard number != order.number, let at = self.index(of: number) else { return false }
            let other = entries[at]
            guard other.order.instrument == order.instrument else { return false }
            if approved.opens, other.stage == .inDoubt { return true }
            return byLooks && other.isInFlight && other.order.side == order.side
        }
    }

    // MARK: Answers

    mutating func changeAnswered(_ number: OrderNumber, _ id: CallID, _ answer: DeskAnswer) {
        guard let index = index(of: number), let change = entries[index].change else { return }
        let isOwn =
            switch change.stage {
            case .calling(let call): call == id
            // Given up, and answered at last: that is what was asked for.
            case .inDoubt(let doubt): doubt.call == id
            case .waiting: false
            }
        guard isOwn else { return }
        switch answer {
        case .placed(let broker): changeTaken(index, broker)
        case .failed(let error) where error.isCertain: changeFailed(index, error)
        case .failed(let error): doubtChange(index, id, "\(error)")
        default: doubtChange(index, id, "no answer within the limit")
        }
    }

    private mutating func changeFailed(_ index: Int, _ error: BrokerError) {
        let number = entries[index].number
        if error.code == .unauthorized { noteUnauthorized(error) }
        if case .later(let atLeast) = error.retry, let tries = entries[index].change?.tries,
            tries <= settings.retries
        {
            let wait = max(atLeast, backOff.wait(after: tries, of: number.value))
            entries[index].change?.stage = .waiting(notBefore: now.advanced(by: wait))
            return
        }
        // It ended before, or is filled as far, or is known by another number: the question tells which.
        entries[index].question.want(at: now)
        note(
            error.code.failSafe ?? .executionFailed, severity: .warning, of: entries[index],
            "order \(number) is not changed: \(error)")
        changeRefused(index, "\(error)")
    }

    private mutating func doubtChange(_ index: Int, _ id: CallID, _ why: String) {
        guard let change = entries[index].change, change.doubt == nil else { return }
        entries[index].change?.stage = .inDoubt(
            DeskChange.Doubt(since: now, conclusiveFrom: now, call: id))
        entries[index].question.want(at: now)
        note(
            .orderDelayed, severity: .warning, of: entries[index],
            "whether order \(entries[index].number) is \(change.to) now is unknown: \(why); it is asked for,"
                + " and until then holds the greater of before and after")
    }

    // MARK: What the broker says of the order

    /// By news: proof where it makes a number of its own, else a reason to ask, for word of a former change may be late.
    mutating func heardChange(_ index: Int, _ change: OrderChange, _ broker: BrokerOrderID) {
        guard let own = entries[index].change, own.to == change, own.isWritten else { return }
        if capabilities.changes == .makeNumber, !entries[index].isNumbered(broker),
            holder(of: broker) == nil
        {
            return changeTaken(index, broker)
        }
        if own.doubt != nil { entries[index].question.want(at: now) }
    }

    /// The order goes on under a number that is new to us: that a change was taken is the only reason.
    mutating func noteNumber(_ index: Int, _ found: BrokerOrder) {
        let entry = entries[index]
        guard capabilities.changes == .makeNumber, entry.broker != nil,
            let change = entry.change, change.isWritten, !entry.isNumbered(found.brokerID),
            found.clientID == nil || found.clientID == entry.approved.client,
            found.instrument == entry.order.instrument, found.side == entry.order.side,
            found.quantity == change.to.quantity, found.limit == change.to.limit,
            holder(of: found.brokerID) == nil
        else { return }
        changeTaken(index, found.brokerID)
    }

    /// What price and quantity say of a change in doubt. Any answer may lag, so they have to say the same as often, and
    /// over as long, as anything else that is concluded from a broker's copy.
    mutating func settleChange(_ index: Int, _ found: BrokerOrder) {
        guard let change = entries[index].change else { return }
        let terms = found.limit.map { OrderChange(limit: $0, quantity: found.quantity) }
        let isTaken = change.isWritten && terms == change.to
        let isKnown = isTaken || terms == entries[index].order.terms
        // What is over has no other terms any more, however old the answer; also before the change's own answer.
        if found.state != .working { return isKnown ? conclude(index, isTaken, found) : () }
        guard var doubt = change.doubt else { return }
        guard isKnown else { return hearOtherTerms(index, found, doubt) }
        guard now >= doubt.conclusiveFrom else {
            return entries[index].question.want(at: doubt.conclusiveFrom)
        }
        if doubt.saysTaken != isTaken { (doubt.answers, doubt.first) = (0, nil) }
        doubt.saysTaken = isTaken
        doubt.answers += 1
        let first = doubt.first ?? now
        doubt.first = first
        entries[index].change?.stage = .inDoubt(doubt)
        guard doubt.answers >= settings.polls, now.since(first) >= settings.pollsOver else {
            return entries[index].question.want(at: now.advanced(by: pollWait))
        }
        conclude(index, isTaken, found)
    }

    /// A copy that lags, or somebody changed it at the broker's own page: then nothing ends the doubt but the order's end.
    private mutating func hearOtherTerms(
        _ index: Int, _ found: BrokerOrder, _ doubt: DeskChange.Doubt
    ) {
        var doubt = doubt
        doubt.others += 1
        doubt.answers = 0
        doubt.saysTaken = nil
        entries[index].question.want(at: now.advanced(by: pollWait))
        if doubt.others == settings.polls, let change = entries[index].change {
            let number = entries[index].number
            let limit = found.limit.map { "\($0)" } ?? "the market"
            note(
                .drift, severity: .critical, of: entries[index],
                "order \(number) is \(found.quantity) @ \(limit) at the broker, neither what it was nor"
                    + " \(change.to): what became of the change stays unknown, and the order holds the greater of"
                    + " both until it is over: madang order cancel \(number)")
        }
        entries[index].change?.stage = .inDoubt(doubt)
    }

    private mutating func conclude(_ index: Int, _ isTaken: Bool, _ found: BrokerOrder) {
        note(
            .orderDelayed, severity: .info, of: entries[index],
            "order \(entries[index].number) is known again: the change was \(isTaken ? "" : "not ")taken"
        )
        if isTaken {
            changeTaken(index, found.brokerID)
        } else {
            changeRefused(index, "the broker has the order as it was")
        }
    }

    // MARK: Ends

    mutating func changeTaken(_ index: Int, _ broker: BrokerOrderID) {
        guard let change = entries[index].change else { return }
        if !entries[index].isNumbered(broker), isTaken(broker, by: index) {
            entries[index].change = DeskChange(
                change.approved, doubtSince: now, conclusiveFrom: now)
            return
        }
        if let known = entries[index].broker, known != broker {
            entries[index].formerNumbers.append(known)
        }
        entries[index].broker = broker
        entries[index].approved = entries[index].approved.changed(to: change.to)
        entries[index].change = nil
        outbox.reports.append(.changed(entries[index].number, change.to, broker))
        endIfFull(index)
        // A cancel that met the old number finds the order under the new one.
        if !entries[index].isEnded, entries[index].wish != nil {
            entries[index].cancelling.want(at: now)
        }
    }

    private mutating func changeRefused(_ index: Int, _ reason: String) {
        guard let change = entries[index].change else { return }
        entries[index].change = nil
        outbox.reports.append(
            .changeRefused(entries[index].number, change.to, reason: reason))
        endIfFull(index)
    }

    /// The kernel ends it by itself: its last fill was told before.
    private mutating func endIfFull(_ index: Int) {
        if entries[index].isFull, !entries[index].isEnded { end(index, .filled, "") }
    }
}
