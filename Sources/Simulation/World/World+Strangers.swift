import Kernel
import Orders
import Ports
import TradingModel

/// Somebody else in the account, and what the host and its people make of it (R8.7).
extension World {
    // MARK: Strangers

    /// Buys or sells, pays in or out, or is paid a dividend; nobody tells the host.
    mutating func strangerActs() {
        guard let strangers = scenario.strangers, !isCalm else { return }
        agenda.add(.stranger, after: strangerTalk.span(strangers.every))
        let broker = Int(strangerTalk.number(0...Int64(lines.count - 1)))
        let index = Int(strangerTalk.number(0...Int64(scenario.instruments.count - 1)))
        let lots = strangerTalk.number(1...6)
        let isCash = strangerTalk.oneIn(3)
        let sells = strangerTalk.oneIn(2)
        if isCash {
            guard strangers.hasCash else { return }
            // Never what is there: orders of ours that were let pass must not be refused for it.
            let most = lines[broker].floor.cash.units / Money.scale / 50
            let amount = Money(units: Int128(max(1, most)) * Int128(lots) * Money.scale / 10)
            return deal(nil, 0, sells ? -amount : amount, broker)
        }
        // Between a split and the word of it both sides count in another scale.
        guard !isSplitUntold(index) else { return }
        var units = lots * fixedPointScale
        if sells { units = -min(units, max(0, lines[broker].floor.free(index).units)) }
        guard units != 0 else { return }
        let value = Money(market.price(of: index), times: Quantity(units: units))
        guard !strangers.hasCash || value < lines[broker].floor.cash else { return }
        deal(index, units, strangers.hasCash ? -value : .zero, broker)
    }

    /// What a run before this one bought, or somebody else.
    mutating func leaveHoldings() {
        guard scenario.strangers != nil, strangerTalk.oneIn(2) else { return }
        let broker = Int(strangerTalk.number(0...Int64(lines.count - 1)))
        let index = Int(strangerTalk.number(0...Int64(scenario.instruments.count - 1)))
        deal(index, strangerTalk.number(1...20) * fixedPointScale, .zero, broker)
    }

    private mutating func deal(_ index: Int?, _ units: Int64, _ money: Money, _ broker: Int) {
        lines[broker].floor.deal(index, units, money)
        note(
            .dealt(
                broker: broker, index.map { InstrumentID($0) }, Quantity(units: units), money))
    }

    // MARK: Books against brokers

    mutating func compare(_ outbox: DeskOutbox, _ broker: Int) {
        guard outbox.holdings != nil || outbox.cash != nil else { return }
        let account = AccountID(0)
        let books = DeskBooks(
            holdings: scenario.instruments.map {
                ($0.id, Quantity(units: holdings[broker][Int($0.id.index)]))
            }, cash: lines.count == 1 ? kernel.cash(of: account) : nil)
        noteComparison(outbox.holdings, books, broker)
        let news = desks[broker].compare(
            books, holdings: outbox.holdings, cash: outbox.cash, currency: "KRW")
        for difference in news {
            let code = FailSafeCode.drift
            note(
                .noted(
                    broker: broker, code: code.rawValue, severity: code.entry.severity.rawValue,
                    nil, words(difference)))
        }
        guard scenario.strangers?.correctsItself == true, outgoing.isEmpty else { return }
        for difference in desks[broker].differences {
            correct(difference, broker, by: .configuration)
        }
    }

    private mutating func noteComparison(
        _ holdings: [BrokerPosition]?, _ books: DeskBooks, _ broker: Int
    ) {
        guard let holdings, !isAgreed[broker] else { return }
        let differing = books.holdings.filter { instrument, held in
            let there = holdings.first { $0.instrument == instrument }?.quantity ?? .zero
            return there != held
        }
        isAgreed[broker] = differing.isEmpty
        note(.compared(broker: broker, differing: differing.map(\.instrument)))
    }

    private func words(_ difference: Difference) -> String {
        switch difference {
        case .holding(let instrument, let books, let stated):
            "\(scenario.instruments[Int(instrument.index)].symbol): the books hold \(books), the broker says \(stated)"
        case .cash(let books, let stated):
            "cash: the books have \(books), the broker says \(stated)"
        }
    }

    private mutating func correct(
        _ difference: Difference, _ broker: Int, by author: CorrectionOrder.Author
    ) {
        if case .holding(let instrument, let books, _) = difference,
            holdings[broker][Int(instrument.index)] != books.units
        {
            return
        }
        let order = CorrectionOrder(
            account: AccountID(0), broker: broker, named: history.terms.brokers[broker].name,
            difference, by: author, reason: "", at: now)
        guard kernel.correct(order, into: &effects) == nil else {
            return desks[broker].lookAgain()
        }
        desks[broker].corrected(difference.subject)
    }

    /// Somebody reads FS049, looks at the broker's own page, and says that it is right.
    mutating func correct() {
        guard scenario.strangers != nil, isUp else { return }
        for broker in desks.indices {
            for difference in desks[broker].differences where isCalm || strangerTalk.oneIn(3) {
                guard isUp else { return }
                begin()
                correct(difference, broker, by: .person)
                finish()
            }
        }
    }

    mutating func hold(_ correction: Correction) {
        guard case .holding(let instrument, _, let stated) = correction.order.difference else {
            return
        }
        holdings[correction.order.broker][Int(instrument.index)] = stated.units
    }

    /// What differs still; `nil`: nothing, or nobody trades but the host.
    var drift: String? {
        guard let strangers = scenario.strangers else { return nil }
        for broker in lines.indices {
            for instrument in scenario.instruments {
                let index = Int(instrument.id.index)
                let (ours, theirs) = (
                    holdings[broker][index], lines[broker].floor.held[index].units
                )
                guard ours == theirs else {
                    return
                        "\(instrument.symbol): the books hold \(Quantity(units: ours)), the broker \(Quantity(units: theirs))"
                }
            }
        }
        let cash = kernel.cash(of: AccountID(0))
        guard strangers.hasCash, cash != lines[0].floor.cash else { return nil }
        return "the books have \(cash), the broker \(lines[0].floor.cash)"
    }
}
