import Kernel
import Platform
import Ports
import TradingModel

/// Chooses which facts people are told of, on their phones as it were. The same live and in recovery.
struct NewsWriter {
    /// Follows attachments that change.
    var plan: KernelPlan
    /// What was refused last, by symbol: the same again is not told.
    private var refused: [String: String] = [:]
    /// Why the end of an order was asked for, until it comes.
    private var asked: [OrderNumber: String] = [:]
    init(_ plan: KernelPlan) { self.plan = plan }

    /// - Parameter last: The last price of what an alert is about.
    mutating func news(
        of fact: Fact, at place: RunNews.Place, time: Timestamp, orders: [OrderNumber: OrderRow],
        last: Price? = nil
    ) -> RunNews? {
        func news(_ account: AccountID?, _ event: RunNews.Event) -> RunNews {
            RunNews(place: place, time: time, account: account, event: event)
        }
        switch fact {
        case .signal(let signal, .alert):
            return news(signal.account, .alert(told(signal, last)))
        case .filled(let fill, let booking):
            guard let row = orders[fill.order] else { return nil }
            if row.filled >= row.quantity { asked[fill.order] = nil }
            return RunNews(
                place: place, time: fill.time, account: account(of: row),
                event: told(fill, booking, row))
        case .risk(let decision):
            // Sizing drops what is held already with each repeated signal: that is no refusal.
            guard !decision.approved, decision.rule != "sizing" else { return nil }
            let symbol = symbol(decision.desk.instrument)
            let key = "\(decision.desk.account.index) \(symbol)"
            let text = "\(decision.rule) \(decision.detail)"
            guard refused.updateValue(text, forKey: key) != text else { return nil }
            return news(
                decision.desk.account,
                .notApproved(symbol: symbol, rule: decision.rule, detail: decision.detail.text))
        case .cancelAsked(let number, let reason):
            asked[number] = reason
            return nil
        case .orderEnded(let number, let state, let reason):
            let why = asked.removeValue(forKey: number).flatMap { state == .cancelled ? $0 : nil }
            // A guard that takes back a sale of its own places another: there is nothing to look at.
            let row = orders[number]
            if let why, row?.isOfExit == true, PositionGuard.says(why) { return nil }
            return news(
                account(of: row),
                .orderEnded(
                    symbol: row?.symbol ?? "", order: "\(number)",
                    part: row.flatMap { $0.filled == .zero ? nil : "\($0.filled)/\($0.quantity)" },
                    reason: "\(state): \(why ?? reason)"))
        case .limitPassed(let passed):
            return news(
                passed.account,
                .limitPassed(
                    account: plan.accounts[Int(passed.account.index)].name,
                    symbol: passed.instrument.map { symbol($0) }, rule: passed.limit.words,
                    detail: passed.detail.text))
        case .corrected(let correction):
            let order = correction.order
            return news(
                order.account,
                .corrected(
                    CorrectionNews(
                        account: plan.accounts[Int(order.account.index)].name,
                        symbol: order.instrument.map { symbol($0) },
                        difference: order.difference,
                        byPerson: order.author == .person, reason: oneLine(order.reason))))
        case .killed(let isOn, let scope, let reason):
            var account: AccountID?
            if case .account(let own) = scope { account = own }
            return news(
                account,
                .killed(isOn: isOn, part: KillWords.part(scope, plan), reason: reason))
        case .signal, .voteEnded, .roundOpened, .roundClosed, .ordered, .submitted,
            .contradiction, .dayStarted, .inDoubt, .exit, .change:
            return nil
        case .opened, .acted: return nil  // their parts are told
        }
    }

    private func told(_ signal: Signal, _ last: Price?) -> AlertNews {
        let result = signal.result
        let words =
            result.message.isEmpty ? result.reasons.joined(separator: ", ") : result.message
        let instrument = plan.instruments[Int(signal.instrument.index)]
        return AlertNews(
            source: plan.sources[Int(signal.source.index)].name, symbol: instrument.symbol,
            price: last, currency: instrument.currency, words: oneLine(words))
    }

    private func told(_ fill: Fill, _ booking: Booking, _ row: OrderRow) -> RunNews.Event {
        let account = account(of: row)
        // `weighted 0.70 >= 0.60: cross BUY 0.70`: the numbers of the sum are for the ledger.
        let votes = row.reason.split(separator: ": ", maxSplits: 1).last.map(String.init)
        return .filled(
            FillNews(
                side: row.side, symbol: row.symbol, quantity: fill.quantity, price: fill.price,
                currency: account.map { plan.accounts[Int($0.index)].currency } ?? "",
                votes: votes ?? "", realised: row.side == .sell ? booking.realised : nil))
    }

    private func account(of row: OrderRow?) -> AccountID? {
        plan.accounts.firstIndex { $0.name == row?.account }.map { AccountID($0) }
    }
    private func symbol(_ id: InstrumentID) -> String { plan.instruments[Int(id.index)].symbol }
}
