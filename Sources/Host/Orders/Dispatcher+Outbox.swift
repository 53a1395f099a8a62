import Kernel
import Orders
import Ports
import TradingModel

/// What comes of what desks were told: reports for the kernel, minutes for the log, calls for brokers.
extension Dispatcher {
    /// What desks and router have to say to the kernel; what else they ask for is put aside.
    mutating func takeReports() -> [BrokerReport] {
        if mayHoldOther { shareHolds() }
        for desk in desks.indices { carryOut(desks[desk].takeOutbox(), desk) }
        defer { reports.removeAll(keepingCapacity: true) }
        return reports
    }

    private mutating func carryOut(_ outbox: DeskOutbox, _ desk: Int) {
        guard !outbox.isEmpty else { return }
        var strays = outbox.strays
        for report in outbox.reports {
            // Its desk told it already, as of no order there.
            guard let home = ledger.home(of: report.order), home != desk else {
                reports.append(report)
                continue
            }
            if case .filled(let fill) = report { strays.append(fill) }
        }
        minutes.notes += outbox.notes.map { Minute.Note(desk: desk, $0) }
        switch outbox.lockdown {
        case .began(let reason):
            minutes.lockdowns.append(Minute.Lockdown(desk: desk, reason: reason))
        case .released: minutes.lockdowns.append(Minute.Lockdown(desk: desk, reason: nil))
        case nil: break
        }
        if outbox.holdings != nil || outbox.cash != nil {
            statements.append(
                BrokerStatement(desk: desk, holdings: outbox.holdings, cash: outbox.cash))
        }
        for noted in outbox.memos {
            minutes.memos.append(Minute.Memo(desk: desk, order: noted.order, memo: noted.memo))
        }
        let now = desks[desk].now
        isTouched = true
        for call in outbox.calls {
            limiters[desk].offer(
                call, of: RateLimiter.Ticket(desk: ticketDesk(desk), call: call.id), at: now)
        }
        refuse(strays, at: desk)
    }

    /// A fill that a broker tells of another's order is booked at neither.
    private mutating func refuse(_ fills: [Fill], at desk: Int) {
        for fill in fills {
            guard let home = ledger.home(of: fill.order), home != desk else { continue }
            desks[desk].refuse(fill, of: setup.links[home].name)
        }
        if !fills.isEmpty { carryOut(desks[desk].takeOutbox(), desk) }
    }

    /// Calls that have their turn.
    ///
    /// - Parameters:
    ///   - last: Last prices by instrument, by which cancels go: the nearest to the market first.
    ///   - gaveBack: Set when one may not go: its desk has something to say then.
    mutating func takeCalls(
        at now: Timestamp, last: [Price?], gaveBack: inout Bool
    ) -> [Turn] {
        var turns: [Turn] = []
        for desk in desks.indices {
            while let turn = turn(of: desk, at: now, last) {
                isTouched = true
                switch turn {
                case .late(_, let call):
                    gaveBack = true
                    giveBack(call, desk, .late, at: now)
                case .go(_, let call, let left):
                    if case .modify(_, let approved) = call.kind {
                        if let why = reasonToHold(approved, at: desk) {
                            gaveBack = true
                            giveBack(call, desk, .late, at: now, why)
                            continue
                        }
                        let permit = permit(of: approved)
                        turns.append(Turn(desk: desk, call: call, left: left, permit: permit))
                        continue
                    }
                    guard case .place(let approved) = call.kind else {
                        turns.append(Turn(desk: desk, call: call, left: left, permit: nil))
                        continue
                    }
                    unsent.remove(approved.number)
                    // Its end was asked for while it waited: written now, it could fill before its cancel comes.
                    guard !desks[desk].isEnding(approved.number) else {
                        gaveBack = true
                        giveBack(call, desk, .late, at: now)
                        continue
                    }
                    if approved.opens, let why = desks[desk].lockedDown {
                        gaveBack = true
                        giveBack(call, desk, .closed, at: now, why)
                        continue
                    }
                    guard approved.opens, ledger.isDoubted(approved.order, elsewhereThan: desk)
                    else {
                        let permit = permit(of: approved)
                        turns.append(Turn(desk: desk, call: call, left: left, permit: permit))
                        continue
                    }
                    gaveBack = true
                    giveBack(call, desk, .late, at: now, "an order at another broker is in doubt")
                }
            }
        }
        return turns
    }

    private mutating func turn(
        of desk: Int, at now: Timestamp, _ last: [Price?]
    ) -> RateLimiter.Turn? {
        guard limiters[desk].isChoice else { return limiters[desk].next(at: now) }
        let orders = desks[desk]
        return limiters[desk].next(at: now) { number in
            orders.rank(of: number) { instrument in
                let index = Int(instrument.index)
                return last.indices.contains(index) ? last[index] : nil
            }
        }
    }

    /// Last prices decide which call goes first.
    var isChoice: Bool { limiters.contains { $0.isChoice } }

    /// One without a reading of its own was approved before a kill.
    private func permit(of approved: ApprovedOrder) -> SendPermit {
        let until = approved.validUntil.map { clock.monotonic($0) }
        if let kills = readings[approved.number] {
            return SendPermit(opens: approved.opens, validUntil: until, kills: kills)
        }
        return outdatedPermit(opens: approved.opens, validUntil: until)
    }

    func outdatedPermit(opens: Bool, validUntil until: Int64?) -> SendPermit {
        let outdated = KillCounter()
        let reading = outdated.reading()
        outdated.raise()
        return SendPermit(opens: opens, validUntil: until, kills: [reading])
    }

    /// Nothing was written of a call that waited.
    mutating func giveBack(
        _ call: DeskCall, _ desk: Int, _ why: Withdrawal, at now: Timestamp,
        _ words: String = "withdrawn while it waited for its turn"
    ) {
        let answer: DeskAnswer =
            switch call.kind {
            case .place, .modify: .failed(BrokerError(.notSent(why), words))
            default: .noTurn
            }
        desks[desk].handle(.answer(call.id, answer), at: now)
    }

    func ticketDesk(_ desk: Int) -> AccountID { setup.links[desk].account }

    /// Something that no desk says.
    mutating func say(_ note: DeskNote) { minutes.notes.append(Minute.Note(desk: 0, note)) }

    /// What is to be written down with the facts in hand.
    mutating func takeMinutes() -> DeskMinutes {
        defer { minutes = DeskMinutes() }
        return minutes
    }
    var hasMinutes: Bool { !minutes.isEmpty }
}
