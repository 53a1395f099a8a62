import Ports
import TradingModel

extension OrderDesk {
    mutating func take(_ approved: ApprovedOrder) {
        // The same again changes nothing: it may have been read from the log twice.
        guard index(of: approved.number) == nil else { return }
        insert(DeskEntry(approved, stage: .waiting(notBefore: now)))
    }

    /// What is due of one order.
    mutating func step(_ index: Int) {
        dropClaimIfKnown(index)
        switch entries[index].stage {
        case .waiting(let notBefore): stepWaiting(index, notBefore)
        case .placing, .ended: break
        case .inDoubt:
            cancelIfDue(index)
            askIfDue(index)
        case .working:
            adoptIfDue(index)
            cancelIfDue(index)
            changeIfDue(index)
            askIfDue(index)
        }
    }

    private mutating func stepWaiting(_ index: Int, _ notBefore: Timestamp) {
        let approved = entries[index].approved
        if approved.opens, let kill {
            return end(index, .cancelled, "withdrawn by the kill switch: \(kill)")
        }
        if let wish = entries[index].wish {
            return end(index, .cancelled, "withdrawn before it was sent: \(wish)")
        }
        let held = approved.opens ? heldBack(approved.order.instrument) : nil
        if let until = approved.validUntil, now >= until {
            let what = "its time ended before it was sent" + (held.map { ": \($0.why)" } ?? "")
            note(.orderDelayed, of: entries[index], what)
            return end(index, .expired, what)
        }
        if approved.opens, let lockdown {
            return end(index, .failed, lockedDown(lockdown))
        }
        if approved.opens, isDown {
            note(.brokerDown, of: entries[index], "not sent: the broker does not answer")
            return end(index, .failed, "the broker does not answer")
        }
        if let held {
            return held.isSure ? end(index, .failed, "not sent: \(held.why)") : ()
        }
        guard now >= notBefore, !isLaneTaken(for: index) else { return }
        entries[index].tries += 1
        entries[index].sentAt = now
        let id = call(.place(approved), for: .place(approved.number), limit: settings.limits.order)
        entries[index].stage = .placing(id)
    }

    /// An order in doubt holds back what opens in its instrument. Where it is found by its looks, two that may
    /// look alike must not be out at once besides.
    private func isLaneTaken(for index: Int) -> Bool {
        let approved = entries[index].approved
        let byLooks = capabilities.clientOrderIDs == .none
        let makesNumber = capabilities.changes == .makeNumber
        var place = 0
        return active.contains { number in
            guard number != approved.number, let at = self.index(of: number, behind: &place),
                entries[at].approved.order.instrument == approved.order.instrument
            else { return false }
            if approved.opens, entries[at].stage == .inDoubt { return true }
            guard byLooks else { return false }
            let other = entries[at]
            // An order whose new number nobody knows looks like one that was just placed.
            return (other.isInFlight || makesNumber && other.change?.isWritten == true)
                && other.order.side == approved.order.side
        }
    }

    // MARK: Answers

    mutating func placed(_ number: OrderNumber, _ id: CallID, _ answer: DeskAnswer) {
        guard let index = index(of: number) else { return }
        switch answer {
        case .placed(let broker): accepted(index, broker)
        case .failed(let error) where error.isCertain && error.code != .nothingToCancel:
            notAccepted(index, id, error)
        case .failed(let error): lost(index, id, "\(error)")
        default: lost(index, id, "no answer within the limit")
        }
    }

    /// The broker has it, by whatever way we know.
    mutating func accepted(_ index: Int, _ told: BrokerOrderID) {
        let known = entries[index].broker
        // Word that comes behind a change has the former number.
        let broker = known.map { entries[index].isNumbered(told) ? $0 : told } ?? told
        if let known, known != broker {
            // The number of a change that is on its way, perhaps: the order itself tells.
            if capabilities.changes == .makeNumber, entries[index].change?.isWritten == true {
                return entries[index].question.want(at: now)
            }
            return note(
                .drift, severity: .critical, of: entries[index],
                "order \(entries[index].number) is \(known) at the broker, and \(broker) besides: cancel one by hand"
            )
        }
        if known == nil, isTaken(broker, by: index) { return }
        entries[index].broker = broker
        lookWhoseBuyIs(index)
        switch entries[index].stage {
        case .placing, .inDoubt, .waiting:
            tellKnown(index, "the broker has it as \(broker)")
            entries[index].stage = .working
            entries[index].doubt = nil
            entries[index].question.drop()
            escalation.succeeded()
            if !entries[index].isGhost {
                outbox.reports.append(.accepted(entries[index].number, broker))
            }
            if entries[index].heldEnd != nil { entries[index].question.want(at: now) }
            wantCancel(index)
        case .working:
            guard known == nil, !entries[index].isGhost else { return }
            outbox.reports.append(.accepted(entries[index].number, broker))
        case .ended(let end):
            // Also behind a certain refusal: whatever said so was wrong.
            guard known == nil, end != .filled else { return }
            guard !entries[index].isFull else {
                return note(
                    .drift, severity: .critical, of: entries[index],
                    "order \(entries[index].number) was \(end), and the broker took it as \(broker) and filled all"
                        + " of it: its fills are booked, and nothing of it is left to cancel")
            }
            haunt(
                index,
                "order \(entries[index].number) was \(end), and the broker took it as \(broker)")
        }
    }

    /// Why the end of such an order is wanted.
    static let ghostWish = "it was thought to have ended"

    /// An order that the kernel believes ended is alive at the broker: it is cancelled, and its fills are told.
    mutating func haunt(_ index: Int, _ what: String) {
        note(
            .drift, severity: .critical, of: entries[index],
            "\(what): what is open of it is being cancelled; \(Self.ghostListed)")
        entries[index].isGhost = true
        entries[index].stage = .working
        entries[index].heldEnd = nil
        entries[index].wish = Self.ghostWish
        entries[index].cancelling.want(at: now)
        activate(entries[index].number)
    }

    private mutating func notAccepted(_ index: Int, _ id: CallID, _ error: BrokerError) {
        let entry = entries[index]
        switch entry.stage {
        // In doubt because this call was given up: its answer is what was asked for.
        case .placing(let current) where current == id: break
        // A cancel that was taken says that it was there, so one of both answers is wrong: it is asked for as before. One
        // that is on its way may say so yet.
        case .inDoubt
        where entry.broker == nil && entry.bookedUnits == 0 && entry.heldEnd == nil
            && !entry.cancelIsProof && entry.cancelling.call == nil:
            break
        default: return
        }
        // Its end was told: it was there, and is not sent again.
        if let (held, reason) = entry.heldEnd { return end(index, held, reason) }
        tellKnown(index, "it was not accepted: \(error)")
        entries[index].doubt = nil
        entries[index].question.drop()
        switch error.retry {
        case .later(let atLeast): retry(index, error, atLeast)
        case .never, .askFirst: refused(index, error)
        }
    }

    private mutating func retry(_ index: Int, _ error: BrokerError, _ atLeast: Nanoseconds) {
        let entry = entries[index]
        if let code = error.code.failSafe, code != .brokerDown || entry.tries == 1 {
            note(
                code, severity: .warning, of: entry,
                "order \(entry.number), try \(entry.tries): \(error)")
        }
        if let wish = entry.wish {
            return end(index, .cancelled, "withdrawn before it was taken: \(wish)")
        }
        guard entry.tries <= settings.retries else {
            let what = "not accepted after \(entry.tries) tries: \(error)"
            note(.executionFailed, of: entry, "order \(entry.number) \(what)")
            end(index, .failed, what)
            return escalate(.executionFailed, "order \(entry.number) \(what)")
        }
        let wait = max(atLeast, backOff.wait(after: entry.tries, of: entry.number.value))
        entries[index].stage = .waiting(notBefore: now.advanced(by: wait))
    }

    private mutating func refused(_ index: Int, _ error: BrokerError) {
        let entry = entries[index]
        if case .notSent = error.code, let wish = entry.wish {
            return end(index, .cancelled, "withdrawn before it was sent: \(wish)")
        }
        if let code = error.code.failSafe {
            note(code, of: entry, "order \(entry.number): \(error)\(saleWords(entry, error))")
        }
        switch error.code {
        // An exit asks for less behind that, and knows it by these words.
        case .insufficient: end(index, .rejected, "\(error)")
        case .notSent(.killed): end(index, .cancelled, "withdrawn by the kill switch")
        case .notSent(.late):
            end(index, .expired, "its time ended before it was sent: \(error.brokerMessage)")
        case .notSent(.closed): end(index, .failed, "not sent: \(error.brokerMessage)")
        case .unauthorized:
            end(index, .failed, "\(error)")
            escalate(.unauthorized, "order \(entry.number): \(error)")
        default: end(index, .rejected, error.brokerMessage)
        }
    }

    /// Written, and no answer: from here on it is asked for, and not sent again.
    private mutating func lost(_ index: Int, _ id: CallID, _ why: String) {
        guard case .placing(let current) = entries[index].stage, current == id else { return }
        beginDoubt(index, why)
        escalate(.orderDelayed, "the outcome of order \(entries[index].number) is unknown")
    }

    // MARK: Ends

    mutating func end(_ index: Int, _ end: OrderEnd, _ reason: String) {
        let number = entries[index].number
        // What has filled was accepted: it can be neither rejected nor failed any more, only over.
        let end =
            entries[index].bookedUnits > 0 && (end == .rejected || end == .failed)
            ? .cancelled : end
        tellKnown(index, reason.isEmpty ? "it is \(end)" : "it is \(end), \(reason)")
        entries[index].stage = .ended(end)
        // What is held back since the start can be compared now.
        if entries[index].tries > 0, hold.holds(entries[index].order.instrument) { lookAgain() }
        entries[index].doubt = nil
        entries[index].heldEnd = nil
        entries[index].question.drop()
        entries[index].adoption.drop()
        entries[index].cancelling.drop()
        entries[index].cancelTakenAt = nil
        entries[index].cancelIsProof = false
        entries[index].change = nil
        guard !entries[index].isGhost else { return tellGhostIsOver(index, end, reason) }
        switch end {
        case .filled: break  // its last fill told it
        case .cancelled: outbox.reports.append(.cancelled(number, reason: reason))
        case .rejected: outbox.reports.append(.rejected(number, reason: reason))
        case .expired: outbox.reports.append(.expired(number, reason: reason))
        case .failed: outbox.reports.append(.failed(number, reason: reason))
        }
    }
}
