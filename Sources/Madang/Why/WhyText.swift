import Host
import Platform
import Ports
import TradingModel

/// One decision for people: what happened first, then each step that led to it.
struct WhyText {
    let told: Explanation
    let time: ZonedTime
    let terminal: Terminal
    private static let label = 10

    var lines: [String] {
        var lines = [terminal.styled(headline, .bold)]
        lines += section("run", runWords)
        lines += section("event", [eventWords])
        lines += section("votes", votes)
        lines += section("weighed", weighing)
        lines += section("risk", [riskWords].compactMap { $0 })
        lines += section("order", orderWords)
        lines += section(
            "told", told.told.map { "\(shortTime($0.time))   \($0.code) \($0.detail)" })
        lines += section("fills", fills)
        lines += section(told.order == nil ? "holding" : "after", holdingWords)
        return lines
    }

    private func section(_ name: String, _ body: [String]) -> [String] {
        body.enumerated().map { index, line in
            let label = padded(index == 0 ? name : "", to: Self.label)
            return (index == 0 ? terminal.styled(label, .dim) : label) + line
        }
    }

    // MARK: What happened

    private var headline: String {
        if let order = told.order {
            let price = order.limit.map { "limit \(amount($0))" } ?? "at market"
            return "order \(order.number)  \(order.side.shown) \(amount(order.quantity))"
                + " \(order.symbol) \(price), \(state(of: order))"
        }
        guard let round = told.round else { return "nothing is known of it" }
        return "no order  \(round.symbol) at \(time.text(round.time)): \(WhyNot(round).words)"
    }

    private func state(of order: OrderRow) -> String {
        switch order.state {
        case "filled": "filled"
        case "partlyFilled":
            "filled \(amount(order.filled)) of \(amount(order.quantity)) so far"
        case "pending": "not sent yet"
        case "submitted": "sent, not filled yet"
        default:
            order.filled == .zero
                ? order.stateWords : "\(order.stateWords) with \(amount(order.filled)) filled"
        }
    }

    private var runWords: [String] {
        let which = told.runs < 2 ? "" : told.isLastRun ? ", the last of \(told.runs)" : ""
        let account = told.order?.account ?? told.round?.account ?? ""
        var words = ["\(told.run)\(which)   account \(account)   times in \(time.name)"]
        // Seconds are what is asked for: within the one that was named it is no earlier.
        if let asked = told.asked, let time = told.round?.time ?? told.order?.time,
            case let gap = asked.since(time), gap.count >= 1_000_000_000
        {
            let symbol = told.round?.symbol ?? told.order?.symbol ?? ""
            words.append(
                "the last decision on \(symbol) before the time asked for: \(span(gap)) earlier"
            )
        }
        return words
    }

    private var eventWords: String {
        guard let round = told.round else {
            if let exit { return "\(exit)  (no vote: the position's plan)" }
            return
                "not known: this run was written before rounds were kept; runs from now on tell it"
        }
        guard let event = told.event else {
            return
                "\(round.opened), no longer known what it was; decided at \(time.text(round.time))"
        }
        return "\(time.text(event.time))  \(EventWords(event).text)"
    }

    /// What fired, of an order that no round asked for.
    private var exit: String? {
        guard told.round == nil, let order = told.order, order.sizing.hasPrefix("exit ") else {
            return nil
        }
        return order.sizing
    }

    // MARK: Votes

    private var votes: [String] {
        guard let round = told.round else { return [] }
        var table = TextTable([
            .left("source"), .left("says"), .right("conf"), .right("weight"), .left("of"),
            .right("took"), .left("version"), .left("came of it"), .left("why"),
        ])
        for heard in told.heard {
            let signal = heard.signal
            table.add([
                heard.shard.map { StrategySetting.name(of: signal.source, shard: $0) }
                    ?? signal.source,
                signal.action.shown, Millionths(Int64(signal.confidence)).hundredths,
                heard.vote.map { Millionths($0.weight).text } ?? "-",
                heard.event.map { shortTime($0.time) } ?? "-",
                signal.delay > 0 ? span(Nanoseconds(signal.delay)) : "-", version(signal),
                fate(heard),
                signal.message.isEmpty
                    ? signal.reasons.joined(separator: ", ") : signal.message,
            ])
        }
        let silent =
            round.silent.isEmpty ? [] : ["no vote from \(round.silent.joined(separator: ", "))"]
        return (told.heard.isEmpty ? ["none stood"] : table.lines) + silent
    }

    private func version(_ signal: SignalRow) -> String {
        let words = [signal.version, NumberWords.model(signal.model)].filter { !$0.isEmpty }.joined(
            separator: " ")
        return words.isEmpty ? "-" : words
    }

    private func fate(_ heard: Explanation.Heard) -> String {
        let signal = heard.signal
        switch heard.vote?.status ?? signal.status {
        case "used": return "used"
        case "outvoted": return "outvoted"
        case "vetoed": return "vetoed"
        case "not_approved": return "won, not approved"
        case "killed": return "not heard: its kill switch is on"
        case "stands":
            return signal.status == "pending"
                ? "still stands" : "stood on, \(signal.status.replacing("_", with: " ")) later"
        case "late":
            return signal.detail.isEmpty ? "late, not heard" : "late, not heard: \(signal.detail)"
        case "expired":
            return signal.detail.isEmpty ? "expired before" : "expired: \(signal.detail)"
        case "replaced": return "replaced by its next"
        case "removed": return "not heard: the symbol has left its server"
        case let other: return other
        }
    }

    // MARK: Weighing, risk, order

    private var weighing: [String] {
        guard let round = told.round else {
            return exit == nil ? told.order.map { [$0.reason] } ?? [] : []
        }
        return Weighing(round).lines
    }

    private var riskWords: String? {
        guard let round = told.round, let approved = round.approved else { return nil }
        let detail = NumberWords.separated(round.ruleDetail)
        if approved { return "approved: \(detail)" }
        return round.rule == "sizing"
            ? "not sized: \(detail)" : "refused by \(round.rule): \(detail)"
    }

    private var orderWords: [String] {
        guard let order = told.order else { return [] }
        var words = ["client order id \(order.clientOrderID)   decided \(time.text(order.time))"]
        if !order.sizing.isEmpty, exit == nil { words.append("size: \(order.sizing)") }
        if order.reference != .zero {
            let reserved =
                order.reserved == .zero
                ? "" : "   cash reserved \(NumberWords.money(order.reserved))"
            words.append("reference price \(amount(order.reference))\(reserved)")
        }
        for change in told.changes {
            words.append("\(shortTime(change.time))   the order \(change.detail)")
        }
        // The reason of an order that did not simply fill is its end's.
        if told.round.map({ $0.detail != order.reason })
            ?? (exit.map { $0 != order.reason } ?? false)
        {
            words.append("\(order.stateWords): \(order.reason)")
        }
        return words
    }

    private var fills: [String] {
        guard told.order != nil else { return [] }
        guard !told.fills.isEmpty else { return ["none"] }
        var table = TextTable([
            .left("time"), .right("quantity"), .right("price"), .right("fee"), .right("slippage"),
            .right("realised"), .right("position"), .right("cash"),
        ])
        for fill in told.fills {
            table.add([
                time.text(fill.time), amount(fill.quantity), amount(fill.price),
                NumberWords.fee(fill.fee, tax: fill.tax), signed(fill.slippage),
                fill.realised == .zero ? "" : NumberWords.signed(fill.realised),
                amount(fill.positionAfter), NumberWords.money(fill.cashAfter),
            ])
        }
        return table.lines
    }

    private var holdingWords: [String] {
        guard let holding = told.holding else { return told.order == nil ? ["none"] : [] }
        let average = holding.average.map { " at \(amount($0)) on average, fees included" } ?? ""
        let corrected = holding.corrections.map {
            "corrected \(time.text($0.time)) to \(amount($0.positionAfter)): \($0.note)"
        }
        let held =
            "\(amount(holding.held)) \(holding.symbol)\(average)"
            + "   realised so far \(NumberWords.signed(holding.realised)) \(holding.currency)"
        return [held] + corrected
    }

    // MARK: Words

    /// Without the date where it is the round's.
    private func shortTime(_ instant: Timestamp) -> String {
        guard let round = told.round else { return time.text(instant) }
        return time.date(instant) == time.date(round.time)
            ? time.clock(instant) : time.text(instant)
    }
    private func amount(_ value: some FixedPoint) -> String { grouped("\(value)") }
    private func signed(_ value: Price) -> String { (value.units > 0 ? "+" : "") + amount(value) }
    private func span(_ span: Nanoseconds) -> String { NumberWords.span(span) }
}
