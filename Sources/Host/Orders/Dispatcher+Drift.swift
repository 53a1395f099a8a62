import Kernel
import Orders
import Ports
import TradingModel

/// What a broker stated beside its answers about orders: to be held against the books.
struct BrokerStatement {
    var desk: Int
    var holdings: [BrokerPosition]?
    var cash: [BrokerBalance]?
}

/// Books against brokers, and what is to be put right (R8.7).
extension Dispatcher {
    /// Holds what came since the last call against the books, and tells what differs.
    ///
    /// - Parameters:
    ///   - cash: The books' of an account.
    ///   - currency: Of an account.
    /// - Returns: What the configuration lets the host correct by itself.
    mutating func compare(
        cash: (AccountID) -> Money, currency: (AccountID) -> String
    ) -> [CorrectionOrder] {
        var wishes: [CorrectionOrder] = []
        for statement in statements {
            let desk = statement.desk
            let account = setup.links[desk].account
            let books = DeskBooks(
                holdings: instruments.map { ($0.id, ledger.held($0.id, at: desk)) },
                // What an account has at each of two brokers, nobody wrote down.
                cash: setup.links.count { $0.account == account } == 1 ? cash(account) : nil)
            let news = desks[desk].compare(
                books, holdings: statement.holdings, cash: statement.cash,
                currency: currency(account))
            for difference in news { tell(difference, desk) }
            let wanted = desks[desk].differences.filter { corrects($0, desk) && isOfNow($0, desk) }
            guard waiting.isEmpty else {
                if !wanted.isEmpty { desks[desk].lookAgain() }
                continue
            }
            wishes += wanted.map {
                CorrectionOrder(
                    account: account, broker: desk, named: setup.links[desk].name, $0,
                    by: .configuration, reason: "", at: desks[desk].now)
            }
        }
        if !statements.isEmpty { isTouched = true }
        statements.removeAll()
        shareHolds()
        return wishes
    }

    /// By the configuration: at once, or when what waits for the log is written.
    private func corrects(_ difference: Difference, _ desk: Int) -> Bool {
        switch difference {
        case .holding: setup.links[desk].correctsPositions
        case .cash: setup.links[desk].correctsCash
        }
    }

    /// What was stated is held against the books of that moment; a split moves them and nothing else.
    private func isOfNow(_ difference: Difference, _ desk: Int) -> Bool {
        guard case .holding(let instrument, let books, _) = difference else { return true }
        return ledger.held(instrument, at: desk) == books
    }

    private mutating func tell(_ difference: Difference, _ desk: Int) {
        let name = setup.links[desk].name
        var advice =
            corrects(difference, desk)
            ? "it is to be corrected" : "madang positions correct \(word(for: difference.subject))"
        if case .holding(let instrument, _, _) = difference {
            advice += desks[desk].holdWords(instrument)
        }
        let note =
            switch difference {
            case .holding(let instrument, let books, let stated):
                DeskNote(
                    .drift,
                    "\(symbol(instrument)): the books hold \(books), \(name) says \(stated); \(advice)"
                )
            case .cash(let books, let stated):
                DeskNote(
                    // Nothing that cannot wait for the morning, and nothing that ends by itself.
                    .drift, severity: .warning,
                    "cash: the books have \(books), \(name) says \(stated); \(advice)")
            }
        minutes.notes.append(Minute.Note(desk: desk, note))
    }

    private func symbol(_ instrument: InstrumentID) -> String {
        instruments[Int(instrument.index)].symbol
    }
    private func word(for subject: Difference.Subject) -> String {
        switch subject {
        case .holding(let instrument): symbol(instrument)
        case .cash: "--cash"
        }
    }

    /// What a person wants corrected, as its broker stands now.
    ///
    /// - Parameters:
    ///   - subject: What of the account.
    ///   - name: Of the broker; `nil`: the one that has it otherwise.
    /// - Returns: Nothing where both sides agree, or it is not sure yet.
    func difference(
        of subject: Difference.Subject, account: AccountID, at name: String?, reason: String
    ) -> Result<CorrectionOrder, DeskRefusal> {
        let mine = desks.indices.filter {
            setup.links[$0].account == account
                && (name ?? setup.links[$0].name) == setup.links[$0].name
        }
        guard !mine.isEmpty else {
            return .failure(
                DeskRefusal(name.map { "it has no broker '\($0)'" } ?? "it has no broker"))
        }
        let found = mine.compactMap { desk in
            desks[desk].differences.first { $0.subject == subject }.map { (desk, $0) }
        }
        guard let (desk, difference) = found.first else {
            return .failure(
                DeskRefusal(mine.map { desks[$0].words(for: subject) }.joined(separator: "; ")))
        }
        guard found.count == 1 else {
            let names = found.map { setup.links[$0.0].name }.joined(separator: ", ")
            return .failure(DeskRefusal("it differs at \(names): name one with --broker"))
        }
        if case .holding(let instrument, _, _) = difference, !isOfNow(difference, desk) {
            return .failure(
                DeskRefusal("the books hold \(ledger.held(instrument, at: desk)) by now: ask again")
            )
        }
        return .success(
            CorrectionOrder(
                account: account, broker: desk, named: setup.links[desk].name, difference,
                by: .person, reason: reason, at: desks[desk].now))
    }

    /// Somebody wants a difference put right that does not count now: its brokers are asked until it does.
    mutating func askAnew(of account: AccountID, at now: Timestamp) {
        isTouched = true
        for desk in desks.indices where setup.links[desk].account == account {
            desks[desk].handle(.reconcile(reason: "a correction is wanted"), at: now)
        }
    }

    mutating func corrected(_ order: CorrectionOrder) {
        guard desks.indices.contains(order.broker) else { return }
        desks[order.broker].corrected(order.difference.subject)
        isTouched = true
        shareHolds()
    }

    /// What the configuration wants corrected could not be: an order that waits there is refused by then.
    mutating func notCorrected(_ order: CorrectionOrder) {
        guard desks.indices.contains(order.broker), !unsent.isEmpty else { return }
        desks[order.broker].lookAgain()
        isTouched = true
    }

    /// What is held back at one broker of an account is at its others.
    mutating func shareHolds() {
        mayHoldOther = false
        if OrderDesk.shareHolds(&desks) { isTouched = true }
    }
}

/// Why something that a person asked for is not done.
struct DeskRefusal: Error {
    let why: String
    init(_ why: String) { self.why = why }
}
