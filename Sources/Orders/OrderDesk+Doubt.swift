import Ports
import TradingModel

extension OrderDesk {
    mutating func beginDoubt(_ index: Int, _ why: String, needsPerson: Bool = false) {
        let entry = entries[index]
        entries[index].stage = .inDoubt
        entries[index].doubt = DeskEntry.Doubt(since: now, needsPerson: needsPerson)
        entries[index].cancelling.drop()
        entries[index].cancelTakenAt = nil
        entries[index].question.drop()
        if !needsPerson { entries[index].question.want(at: now) }
        if !needsPerson, entry.wish != nil { entries[index].cancelling.want(at: now) }
        if !entry.isGhost { outbox.reports.append(.unknown(entry.number, reason: why)) }
        let holdsSales = entry.order.side == .sell && capabilities.clientOrderIDs == .none
        note(
            .orderDelayed, severity: holdsSales || needsPerson ? .critical : .warning, of: entry,
            "order \(entry.number) is in doubt: \(why); "
                + (needsPerson
                    ? "look for it at the broker: \(Self.resolveCommand) \(entry.number)"
                    : "\(Self.brokerIsAsked), and nothing is sent twice")
                + (holdsSales ? "; no other sale of it goes out until it is known" : ""))
    }

    /// Of an order in doubt, who or what says what became of it; told once, before its stage is another.
    mutating func tellKnown(_ index: Int, _ how: String) {
        guard entries[index].stage == .inDoubt, entries[index].doubt?.isToldKnown == false else {
            return
        }
        entries[index].doubt?.isToldKnown = true
        lookWhoseBuyIs(index)
        note(
            .orderDelayed, severity: .info, of: entries[index],
            "order \(entries[index].number)\(Self.knownAgain)\(how)")
    }

    /// What is told of an order in doubt has one of these where only a person can say what it is.
    package static let personMustSay = "a person must say"
    package static let brokerIsAsked = "the broker is asked for it"
    package static let resolveCommand = "madang order resolve"
    /// And this where it is in doubt no more.
    package static let knownAgain = " is known again: "

    // MARK: Asking

    mutating func askIfDue(_ index: Int) {
        let entry = entries[index]
        guard entry.question.isReady(at: now) else { return }
        // Its cancel is on its way, and goes first.
        guard entry.stage != .inDoubt || entry.cancelling.call == nil else {
            return
        }
        guard entry.doubt?.byLooks == true, entry.broker == nil, entry.claim == nil else {
            return asking.append(entry.number)
        }
        let id = call(
            .orders(since: beginning(of: entry)), for: .question(entry.number),
            limit: settings.limits.question)
        entries[index].question.began(id)
    }

    /// The broker has it at no earlier time.
    func beginning(of entry: DeskEntry) -> Timestamp {
        entry.sentAt.advanced(by: Nanoseconds(-settings.clockSkew.count))
    }

    mutating func questionAnswered(_ number: OrderNumber, _ id: CallID, _ answer: DeskAnswer) {
        guard let index = index(of: number), entries[index].question.call == id else { return }
        let isDoubtful = entries[index].stage == .inDoubt
        if isDoubtful, let claim = entries[index].claim {
            return claimAnswered(index, claim, answer)
        }
        if case .order(let told) = answer {
            entries[index].asksAlone = false
            if case .found(let found) = told { noteNumber(index, found) }
        }
        switch answer {
        case .order(.found(let found)) where isStranger(found, index):
            askLater(index, atLeast: .zero)
        case .order(.found(let found)):
            entries[index].question.succeeded()
            entries[index].doubt?.nones = 0
            if isDoubtful { settle(index, found) } else { compare(index, found) }
        case .order(.none):
            entries[index].question.succeeded()
            heardNone(index)
        case .order(.cannotTell):
            entries[index].question.succeeded()
            cannotTell(index)
        case .orders(let list):
            entries[index].question.succeeded()
            look(for: index, in: list)
        case .noTurn: entries[index].question.waitsOn(at: now)
        case .failed(let error) where error.code == .unauthorized:
            noteUnauthorized(error)
            askLater(index, atLeast: .zero)
        case .failed(let error):
            if case .later(let atLeast) = error.retry {
                askLater(index, atLeast: atLeast)
            } else {
                askLater(index, atLeast: .zero)
            }
        default: askLater(index, atLeast: .zero)
        }
    }

    mutating func askLater(_ index: Int, atLeast: Nanoseconds) {
        let wait = backOff.wait(
            after: entries[index].question.tries + 1, of: entries[index].number.value)
        entries[index].question.failed(retryAt: now.advanced(by: max(atLeast, wait)))
    }

    private mutating func cannotTell(_ index: Int) {
        if entries[index].stage == .inDoubt {
            entries[index].doubt?.byLooks = true
            entries[index].question.want(at: now)
        } else if entries[index].broker != nil {
            // The adapter has forgotten it: a new one perhaps.
            entries[index].isForgotten = true
            entries[index].adoption.want(at: now)
            entries[index].question.want(at: now.advanced(by: pollWait))
        } else {
            // Known by a fill only.
            beginDoubt(index, "it fills, and the broker cannot be asked for it")
            entries[index].doubt?.byLooks = true
        }
    }

    /// Between two questions that "none" may answer: `polls` of them take `pollsOver`.
    var pollWait: Nanoseconds {
        Nanoseconds(max(1_000_000, settings.pollsOver.count / Int64(max(1, settings.polls - 1))))
    }

    /// One "none" proves nothing: some brokers answer from a copy that lags.
    ///
    /// - Returns: What was heard, when it was often and long enough; `nil`: it is asked again.
    mutating func heardNothing(_ index: Int) -> String? {
        var doubt = entries[index].doubt ?? DeskEntry.Doubt(since: now)
        guard now >= doubt.conclusiveFrom else {
            entries[index].question.want(at: doubt.conclusiveFrom)
            return nil
        }
        doubt.nones += 1
        let first = doubt.firstNone ?? now
        doubt.firstNone = first
        entries[index].doubt = doubt
        let over = now.since(first)
        guard doubt.nones >= settings.polls, over >= settings.pollsOver else {
            entries[index].question.want(at: now.advanced(by: pollWait))
            return nil
        }
        return
            "the broker knew no such order in \(doubt.nones) answers over \(over.count / 1_000_000_000) s"
    }

    private mutating func heardNone(_ index: Int) {
        guard let what = heardNothing(index) else { return }
        let entry = entries[index]
        // Its answer may prove that the order is there.
        guard entry.cancelling.call == nil else {
            return entries[index].question.want(at: now.advanced(by: pollWait))
        }
        if entry.broker == nil, entry.bookedUnits == 0, let (held, reason) = entry.heldEnd {
            note(
                .fillsMissing, severity: .critical, of: entry,
                "order \(entry.number) is \(held), as the broker told, and what filled of it is not known: \(what);"
                    + " its fills are asked for")
            entries[index].doubt?.isToldKnown = true
            wantFills(of: index)
            return end(index, held, reason)
        }
        if entry.broker == nil, entry.bookedUnits == 0, !entry.cancelIsProof {
            tellKnown(index, "it was not accepted: \(what)")
            if let wish = entry.wish { return end(index, .cancelled, "\(wish); \(what)") }
            note(.executionFailed, of: entry, "order \(entry.number): \(what)")
            return end(index, .failed, what)
        }
        // It was accepted once: what became of it stands in the broker's own pages only.
        note(
            .drift, severity: .critical, of: entry,
            "order \(entry.number) was accepted, and \(what): a person must say how it ended")
        beginDoubt(index, what, needsPerson: true)
    }

    // MARK: By looks

    private mutating func look(for index: Int, in list: [BrokerOrder]) {
        guard entries[index].stage == .inDoubt else { return }
        let entry = entries[index]
        let found = list.filter { looksLike($0, entry) }
        if let ours = found.first(where: { $0.clientID == entry.approved.client }) {
            return settle(index, ours)
        }
        switch found.count {
        case 0: heardNone(index)
        // Dead before it traded it says no more than that there is none: ours may be on its way, or not be listed yet.
        case 1 where found[0].state != .working && found[0].filled == .zero:
            if heardNothing(index) != nil { settle(index, found[0]) }
        case 1: settle(index, found[0])
        default:
            entries[index].doubt?.needsPerson = true
            let ids = found.map(\.brokerID.text).joined(separator: ", ")
            note(
                .orderDelayed, severity: .critical, of: entry,
                "order \(entry.number) may be any of \(found.count) at the broker (\(ids)): \(Self.personMustSay) which"
            )
        }
    }

    private func looksLike(_ other: BrokerOrder, _ entry: DeskEntry) -> Bool {
        let order = entry.order
        if other.clientID == entry.approved.client { return strangeness(of: other, entry) == nil }
        let from = entry.sentAt.advanced(by: Nanoseconds(-settings.clockSkew.count))
        let until = (entry.doubt?.since ?? now).advanced(by: settings.pollsOver)
            .advanced(by: settings.clockSkew)
        return other.clientID == nil && other.instrument == order.instrument
            && other.side == order.side && other.quantity == order.quantity
            && other.limit == order.limit
            && (other.placedAt.map { $0 >= from && $0 <= until } ?? true)
            && !entries.contains { $0.isNumbered(other.brokerID) }
    }

    // MARK: Settling

    /// The broker has it: it is made ours there, and asked for again, for what was told before is not told again.
    private mutating func settle(_ index: Int, _ found: BrokerOrder) {
        if let other = holder(of: found.brokerID), other != entries[index].number {
            note(
                .drift, severity: .critical, of: entries[index],
                "\(found.brokerID) is order \(other) already: \(Self.personMustSay) what order"
                    + " \(entries[index].number) is")
            entries[index].doubt?.needsPerson = true
            return
        }
        if found.state == .rejected {
            entries[index].broker = found.brokerID
            return end(index, .rejected, "the broker says so")
        }
        tellKnown(index, "\(found.brokerID), \(found.state), \(found.filled) filled")
        accepted(index, found.brokerID)
        guard entries[index].stage == .working else { return }
        // To end, over, and all of it in the books: there is nothing to hear of it any more.
        let isEnding = entries[index].wish != nil || entries[index].heldEnd != nil
        if isEnding, found.state != .working,
            Int128(found.filled.units) == entries[index].bookedUnits
        {
            return compare(index, found)
        }
        wantAdoption(index)
    }

    /// Whether its number may be a former one: a change that was written and has no answer makes another. An adapter that
    /// cannot be asked for it otherwise is told of it all the same.
    func mayBeRenumbered(_ entry: DeskEntry) -> Bool {
        capabilities.changes == .makeNumber && entry.change?.isWritten == true
            && !entry.isForgotten
    }

    /// The adapter is to tell of it again; of one that may have another number by now, that is asked for first.
    mutating func wantAdoption(_ index: Int) {
        entries[index].adoption.want(at: now)
        if mayBeRenumbered(entries[index]) { entries[index].question.want(at: now) }
    }

    mutating func adoptIfDue(_ index: Int) {
        let entry = entries[index]
        guard let broker = entry.broker, entry.adoption.isReady(at: now), !mayBeRenumbered(entry)
        else { return }
        let id = call(
            .adopt(entry.order, as: entry.approved.client, at: broker),
            for: .adoption(entry.number), limit: settings.limits.question)
        entries[index].adoption.began(id)
    }

    mutating func adopted(_ number: OrderNumber, _ id: CallID, _ answer: DeskAnswer) {
        guard let index = index(of: number), entries[index].adoption.call == id else { return }
        switch answer {
        case .done:
            entries[index].adoption.succeeded()
            entries[index].isForgotten = false
        case .noTurn: return entries[index].adoption.waitsOn(at: now)
        case .failed(let error) where error.retry == .never:
            entries[index].adoption.succeeded()
            note(
                .drift, severity: .critical, of: entries[index],
                "order \(number) could not be made ours again, so its reports may be missing: \(error)"
            )
        default:
            let wait = backOff.wait(after: entries[index].adoption.tries + 1, of: number.value)
            entries[index].adoption.failed(retryAt: now.advanced(by: wait))
            return
        }
        // Lists that were asked for before say nothing of it: what is missing from here on counts later ones.
        entries[index].shortfall = nil
        wantFills(of: index)
        entries[index].question.want(at: now)
    }
}
