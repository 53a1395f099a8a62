package import Ports
package import TradingModel

/// What the books have of the desk's broker.
package struct DeskBooks: Sendable {
    /// Of every instrument that is traded there.
    package var holdings: [(instrument: InstrumentID, quantity: Quantity)]
    /// `nil`: of the broker alone nobody knows it.
    package var cash: Money?
    package init(holdings: [(instrument: InstrumentID, quantity: Quantity)], cash: Money?) {
        self.holdings = holdings
        self.cash = cash
    }
}

/// Books and broker, statement by statement.
extension OrderDesk {
    /// Holds what the broker stated last against the books; called for each statement in the outbox.
    ///
    /// - Parameter currency: Of the account.
    /// - Returns: Differences that people are to be told of.
    package mutating func compare(
        _ books: DeskBooks, holdings: [BrokerPosition]?, cash: [BrokerBalance]?, currency: String
    ) -> [Difference] {
        if let holdings { take(holdings, books) }
        if let cash, let ours = books.cash,
            let there = cash.first(where: { $0.currency == currency })?.cash
        {
            let (apart, isOut) = there.units.subtractingReportingOverflow(ours.units)
            drift.take(
                .cash(books: ours, stated: there),
                differs: isOut || apart.magnitude > settings.cashTolerance.units.magnitude,
                asked: balancesStated, at: now, polls: settings.polls, over: settings.pollsOver)
        }
        if drift.isUndecided || isUnsure { lookAgain() }
        return drift.takeNews()
    }

    private mutating func take(_ holdings: [BrokerPosition], _ books: DeskBooks) {
        for (instrument, held) in books.holdings {
            let there = holdings.first { $0.instrument == instrument }?.quantity ?? .zero
            drift.take(
                .holding(instrument, books: held, stated: there), differs: held != there,
                asked: positionsStated, at: now, polls: settings.polls, over: settings.pollsOver)
            guard hold.isStated else { continue }
            hold.take(
                instrument, books: held, stated: there,
                counts: drift.counts(.holding(instrument), asked: positionsStated), at: now,
                polls: settings.polls, over: settings.pollsOver)
        }
        if hold.isStated { hold.tookHoldings() }
    }

    /// Something is held back since the start, and the next statement may free or settle it. Where an order of ours is
    /// open there, its end asks for that.
    private var isUnsure: Bool {
        guard !hold.isOver else { return false }
        return hold.isAgreeing
            || hold.differing.contains { instrument in
                firstTried(of: instrument) == nil
                    && !differences.contains { $0.subject == .holding(instrument) }
            }
    }

    /// An open order that was sent.
    private func firstTried(of instrument: InstrumentID? = nil) -> OrderNumber? {
        active.first { number in
            guard let index = index(of: number), !entries[index].isUntried else { return false }
            return instrument.map { $0 == entries[index].order.instrument } ?? true
        }
    }

    /// So that the last of the statements comes when the span is over.
    var lookWait: Nanoseconds {
        Nanoseconds(settings.pollsOver.count / Int64(max(1, settings.polls - 1)))
    }

    /// Both are stated once more soon, where what was stated last could not be settled.
    package mutating func lookAgain() {
        positions.want(at: now.advanced(by: lookWait))
        balances.want(at: now.advanced(by: lookWait))
    }

    /// The next statements, where nobody asks before.
    mutating func planStatements() {
        guard let every = settings.reconcileEvery else { return }
        if positions.call == nil { positions.want(at: now.advanced(by: every)) }
        if balances.call == nil { balances.want(at: now.advanced(by: every)) }
    }

    /// Whatever is at work may move what is held.
    mutating func noteDealings() {
        var place = 0
        for number in active {
            // What was never sent has moved nothing.
            if let index = index(of: number, behind: &place), !entries[index].isUntried {
                drift.touch(entries[index].approved.order.instrument)
            }
        }
    }

    /// Differences that count, as the broker stands now: they may be corrected.
    package var differences: [Difference] { drift.settled }

    /// A difference was put right in the books.
    package mutating func corrected(_ subject: Difference.Subject) {
        drift.forget(subject)
        // A list that came behind the statement may have made it unsure again.
        if case .holding(let instrument) = subject, hold.isStated { hold.free(instrument) }
    }

    /// Why there is nothing to correct, for who asked.
    package func words(for subject: Difference.Subject) -> String {
        if case .holding(let instrument) = subject, let open = firstTried(of: instrument) {
            return "order \(open) is not over: what is held is compared when it is"
        }
        if subject == .cash, let open = firstTried() {
            return "order \(open) is not over: cash is compared when nothing is at work"
        }
        guard let count = drift.seen(subject) else {
            return "\(capabilities.name) and the books say the same, or it was not asked yet"
        }
        let again = "ask again in \(settings.pollsOver.count / 1_000_000_000 + 1) s"
        guard count > 0 else {
            return "an order of ours came or went there since \(capabilities.name) was asked: it is"
                + " asked anew, \(again); where an exit is tried again and again, madang exits hold first"
        }
        return "\(capabilities.name) has said so \(min(count, settings.polls)) of"
            + " \(settings.polls) times: \(again)"
    }
}
