import Ports
import TradingModel

extension OrderDesk {
    mutating func hear(_ piece: NumberedNews) {
        guard piece.number > lastNews else { return }
        if piece.number > lastNews + 1 {
            reconcile("news \(lastNews + 1) to \(piece.number - 1) are missing")
        }
        lastNews = piece.number
        switch piece.news {
        case .gap(let why): reconcile(why)
        case .report(let report): hear(report)
        }
    }

    private mutating func hear(_ told: BrokerReport) {
        var report = told
        if case .filled(let fill) = told { report = .filled(believable(fill)) }
        guard let index = index(of: report.order) ?? recall(report.order) else {
            return hearUnknown(report)
        }
        switch report {
        case .accepted(_, let broker): accepted(index, broker)
        case .filled(let fill): book(fill, index)
        case .rejected(_, let reason):
            let entry = entries[index]
            if entry.isEnded || entry.bookedUnits > 0 {
                outbox.reports.append(report)  // the kernel tells what contradicts
            } else {
                note(.executionFailed, of: entry, "order \(entry.number) is rejected: \(reason)")
                end(index, .rejected, reason)
            }
        case .cancelled(_, let reason): toldEnd(index, .cancelled, reason, report)
        case .expired(_, let reason): toldEnd(index, .expired, reason, report)
        case .changed(_, let change, let id): heardChange(index, change, id)
        // Ours to say, never a broker's.
        case .unknown, .failed, .cancelAsked, .changeRefused: break
        }
    }

    private mutating func toldEnd(
        _ index: Int, _ end: OrderEnd, _ reason: String, _ report: BrokerReport
    ) {
        let entry = entries[index]
        guard !entry.isEnded else {
            if entry.stage != .ended(end), !entry.isGhost { outbox.reports.append(report) }
            return
        }
        // Word of a fill may come behind it, or be lost: the total is asked for before the end is said.
        if entry.broker != nil {
            tellKnown(index, "the broker tells that it is \(end), \(reason)")
            entries[index].stage = .working
            entries[index].doubt = nil
        } else if capabilities.clientOrderIDs == .none || entry.isUnsent {
            return self.end(index, end, reason)
        }
        // Without a number it is in doubt as before: nothing opens beside it until its total is known.
        entries[index].heldEnd = (end, reason)
        entries[index].cancelling.drop()
        entries[index].cancelTakenAt = nil
        forgetNones(index)
        entries[index].question.want(at: now)
    }

    // MARK: Fills

    /// A fill as the broker told it. Heard twice it counts once.
    mutating func book(_ fill: Fill, _ index: Int) {
        let units = Int128(fill.quantity.units)
        guard isPlausible(fill, index) else {
            if !entries[index].isEnded { entries[index].question.want(at: now) }
            return
        }
        guard isNew(fill, index) else { return }
        proveAccepted(index)
        entries[index].heardUnits += units
        let (booked, heard) = (entries[index].bookedUnits, entries[index].heardUnits)
        if heard - booked == units || entries[index].differences == 0 {
            return tell(fill, index)
        }
        // A part of it was booked from a total before. The total tells whether that is the part.
        if heard > booked {
            let part = heard - booked
            func share(of money: Money) -> Money {
                let (product, isOut) = money.units.multipliedReportingOverflow(by: part)
                return isOut ? money : Money(units: product / units)
            }
            tell(
                Fill(
                    order: fill.order, id: fill.id, price: fill.price,
                    quantity: Quantity(units: Int64(clamping: part)), fee: share(of: fill.fee),
                    time: fill.time, tax: fill.tax.map(share)), index)
        }
        if !entries[index].isEnded { entries[index].question.want(at: now) }
    }

    /// A fill proves that the order was taken.
    private mutating func proveAccepted(_ index: Int) {
        switch entries[index].stage {
        case .placing, .inDoubt, .waiting:
            let wasPlacing = entries[index].isInFlight
            // Of a former process: the adapter knows its fills already, and its reports are not ours yet.
            if entries[index].stage == .inDoubt, entries[index].broker != nil {
                wantAdoption(index)
            }
            tellKnown(index, "a fill of it came")
            entries[index].stage = .working
            entries[index].doubt = nil
            wantCancel(index)
            if !wasPlacing || entries[index].broker == nil { entries[index].question.want(at: now) }
        case .working, .ended: break
        }
    }

    private mutating func tell(_ fill: Fill, _ index: Int) {
        entries[index].bookedUnits += Int128(fill.quantity.units)
        // Of one that is over too: what was stated before it does not know of it.
        drift.touch(entries[index].order.instrument)
        if hold.holds(entries[index].order.instrument) { lookAgain() }
        // What was missing came: answers are counted anew for what is missing next.
        entries[index].shortfall = nil
        let value = Int128(fill.price.units) * Int128(fill.quantity.units)
        // Numbers from outside: past the end the price of a difference is off, and nothing traps.
        let (sum, isOut) = entries[index].bookedValue.addingReportingOverflow(value)
        entries[index].bookedValue = isOut ? .max : sum
        outbox.reports.append(.filled(fill))
        guard !entries[index].isEnded else { return }
        if entries[index].isFull {
            end(index, .filled, "")
        } else if entries[index].change != nil, entries[index].isFullByEitherTerms {
            // It is over, or goes on as what it was changed to: the broker knows.
            entries[index].question.want(at: now)
        }
    }

    /// The broker's total against what was booked.
    mutating func compare(_ index: Int, _ found: BrokerOrder) {
        entries[index].doubt = nil
        if entries[index].broker == nil {
            accepted(index, found.brokerID)
            // Another order has that number: nothing of it is booked for this one.
            guard entries[index].broker != nil else { return }
        }
        settleChange(index, found)
        guard !entries[index].isEnded else { return }
        let total = Int128(found.filled.units)
        if total > entries[index].bookedUnits {
            guard shortfallIsBooked(index, found, total) else { return }
        }
        guard !entries[index].isEnded else { return }
        entries[index].shortfall = nil
        let ended: OrderEnd? =
            switch found.state {
            case .working: nil
            case .filled: .filled
            case .cancelled: .cancelled
            case .rejected: .rejected
            case .expired: .expired
            }
        guard let ended else { return stillWorking(index) }
        if total < entries[index].bookedUnits {
            note(
                .drift, severity: .critical, of: entries[index],
                "order \(found.brokerID) ended with \(found.filled) filled at the broker, \(Quantity(units: Int64(clamping: entries[index].bookedUnits))) in the books"
            )
        } else if ended == .filled, !entries[index].isFull {
            note(
                .drift, severity: .critical, of: entries[index],
                "order \(found.brokerID) is filled at the broker with \(found.filled) of \(entries[index].order.quantity)"
            )
            return end(index, .cancelled, "the broker calls it filled with \(found.filled)")
        }
        let held = entries[index].heldEnd
        end(index, held?.end ?? ended, held?.reason ?? "the broker says so")
    }

    /// A minute of them, by the usual settings.
    private static let mostLags = 12

    private mutating func stillWorking(_ index: Int) {
        if entries[index].heldEnd != nil {
            // Its end was told: this answer lags.
            entries[index].question.want(at: now.advanced(by: pollWait))
            entries[index].lags += 1
            // Or it was wrong: a wish to cancel is followed all the same.
            if entries[index].wish != nil, entries[index].lags % max(1, settings.polls) == 0,
                entries[index].cancelling.call == nil
            {
                entries[index].cancelling.want(at: now)
            }
            guard entries[index].lags == Self.mostLags else { return }
            note(
                .drift, severity: .critical, of: entries[index],
                "the broker told that order \(entries[index].number) is over, and goes on saying that it works:"
                    + " what it holds stays held until both say the same")
        } else if entries[index].wish != nil, entries[index].cancelTakenAt != nil {
            entries[index].cancelTakenAt = nil
            entries[index].cancelling.want(at: now.advanced(by: settings.firstWait))
        }
    }

    /// A list of fills may lag as long as any other answer, and only the fill itself has its price and fee: it is
    /// waited for as long as an order that nobody knows. Counted by lists that lack it; one that did not come counts
    /// nothing.
    private func isStillExpected(_ shortfall: DeskEntry.Shortfall) -> Bool {
        shortfall.lists < max(1, settings.polls)
            || shortfall.lastAsked < shortfall.since.advanced(by: settings.pollsOver)
    }

    /// Whether its adoption waits for a change whose answer nothing tells: the broker has it as neither.
    private func isNeverAdopted(_ index: Int, _ found: BrokerOrder) -> Bool {
        guard mayBeRenumbered(entries[index]) else { return false }
        let others = entries[index].change?.doubt?.others ?? 0
        return found.state != .working || others >= settings.polls
    }

    /// - Returns: Whether it is in the books now; `false`: its fills are asked for first.
    private mutating func shortfallIsBooked(
        _ index: Int, _ found: BrokerOrder, _ total: Int128
    ) -> Bool {
        let shortfall = entries[index].shortfall ?? DeskEntry.Shortfall(since: now, after: lastCall)
        // Until the adapter knows whose it is, no list can have its fills; one that never learns it is waited for no longer.
        let adoption = entries[index].adoption
        let isAdopted =
            !adoption.isPending || adoption.tries >= max(1, settings.polls)
            || isNeverAdopted(index, found)
        if capabilities.fillHistory == .each,
            !isAdopted || isStillExpected(shortfall)
        {
            entries[index].shortfall = shortfall
            wantMissingFills(of: index)
            let wait = min(
                pollWait,
                backOff.wait(after: shortfall.lists + 1, of: entries[index].number.value))
            entries[index].question.want(at: now.advanced(by: wait))
            return false
        }
        guard let (quantity, price) = missing(index, found, total) else { return false }
        let (fee, tax) = costs(of: Money(price, times: quantity), entries[index].order.side)
        let id = DeskEntry.firstDifference + entries[index].differences
        entries[index].differences += 1
        note(
            .fillsMissing, of: entries[index],
            "order \(entries[index].number): the broker's total is \(found.filled), booked were"
                + " \(Quantity(units: Int64(clamping: entries[index].bookedUnits))); \(quantity) at \(price)"
                + " are booked from the total, with a fee of \(fee)\(tax.map { $0 == .zero ? "" : ", \($0) of it tax," } ?? "") by the settings"
        )
        tell(
            Fill(
                order: entries[index].number, id: id, price: price, quantity: quantity, fee: fee,
                time: now, tax: tax), index)
        // By the broker's own value, so that what the price rounds away is not missing twice.
        if isAmount(found.filledValue) { entries[index].bookedValue = found.filledValue.units }
        return true
    }

    /// By the settings, where the broker tells a total alone; the tax is a part of the fee.
    private func costs(of value: Money, _ side: Side) -> (fee: Money, tax: Money?) {
        let fee = (try? value.fee(microBasisPoints: settings.feeMicroBasisPoints)) ?? .zero
        guard settings.sellTaxMicroBasisPoints > 0 else { return (fee, nil) }
        guard side == .sell else { return (fee, .zero) }
        guard let tax = try? value.fee(microBasisPoints: settings.sellTaxMicroBasisPoints) else {
            return (fee, nil)
        }
        let (sum, isOut) = fee.units.addingReportingOverflow(tax.units)
        return isOut ? (fee, nil) : (Money(units: sum), tax)
    }
}
