import Kernel
import Platform
import TradingModel

/// Facts and notes in a line each.
extension RecordNames {
    func line(of fact: Fact) -> RecordPortrait.Line {
        switch fact {
        case .signal(let signal, let status): line(of: signal, status)
        // Their parts are told; a part of them is none of these.
        case .opened(let signal, _): line(of: signal, .pending)
        case .acted(let action): line(of: .ordered(action.decision))
        case .voteEnded(let key, let status, let detail):
            line(
                "vote", key.desk, source(key.source),
                "\(source(key.source)) of \(key.position): \(status.name)"
                    + tail("\(detail)"))
        case .roundOpened(let desk, let position, _):
            line("round", desk, "", "\(symbol(desk.instrument)) opened at \(position)")
        case .roundClosed(let desk, let outcome):
            line(
                "round", desk, "",
                "\(symbol(desk.instrument)) closed: \(outcome.side.map(words) ?? "nothing")"
                    + (outcome.conflict ? ", GR030 conflict" : "") + tail("\(outcome.detail)"))
        case .risk(let decision):
            line(
                "risk", decision.desk, "",
                "\(symbol(decision.desk.instrument)) "
                    + (decision.approved ? "approved" : "not approved by \(decision.rule)")
                    + tail("\(decision.detail)"))
        case .ordered(let decision): line(of: decision)
        case .submitted(let number, let broker): line("sent", number, "to the broker: \(broker)")
        case .cancelAsked(let number, let reason): line("cancel", number, "asked for: \(reason)")
        case .orderEnded(let number, let state, let reason):
            line("end", number, "\(state): \(reason)")
        case .inDoubt(let number, let reason): line("doubt", number, reason)
        case .contradiction(let number, let what): line("contradiction", number, what)
        case .filled(let fill, let booking):
            line(
                "fill", fill.order,
                "\(fill.quantity) @ \(grouped("\(fill.price)")), fee \(fill.fee)"
                    + (fill.tax.map { $0 == .zero ? "," : " (tax \($0))," } ?? ",")
                    + " position \(booking.positionAfter), cash \(grouped("\(booking.cashAfter)"))"
                    + (booking.realised == .zero ? "" : ", realised \(booking.realised)"))
        case .exit(let fact): line(of: fact)
        case .corrected(let correction):
            RecordPortrait.Line(
                kind: "correction", account: account(correction.order.account),
                symbol: correction.order.instrument.map { symbol($0) } ?? "",
                text: text(of: correction))
        case .change(let fact): line("modify", fact.number, ChangeWords(fact).text)
        case .dayStarted(let account, let day, let equity):
            RecordPortrait.Line(
                kind: "day", account: self.account(account),
                text: "\(self.account(account)) day \(day), equity \(grouped("\(equity)"))")
        case .limitPassed(let passed):
            RecordPortrait.Line(
                kind: "limit", account: account(passed.account),
                symbol: passed.instrument.map { symbol($0) } ?? "",
                text: "\(passed.limit.words) of \(account(passed.account)) is passed"
                    + tail("\(passed.detail)"))
        case .killed(let on, let scope, let reason):
            RecordPortrait.Line(
                kind: "kill", account: account(of: scope), source: source(of: scope),
                text: KillWords.text(on, part(scope), oneLine(reason)))
        }
    }

    private func account(of scope: KillScope) -> String {
        if case .account(let account) = scope { self.account(account) } else { "" }
    }
    private func source(of scope: KillScope) -> String {
        if case .source(let source) = scope { self.source(source) } else { "" }
    }
    private func part(_ scope: KillScope) -> String? {
        switch scope {
        case .all: nil
        case .account(let account): "account \(self.account(account))"
        case .source(let source): "strategy \(self.source(source))"
        }
    }

    func line(of note: VersionNote) -> RecordPortrait.Line {
        let name = note.source.map(source) ?? ""
        return switch note {
        case .asked(let reason):
            RecordPortrait.Line(kind: "note", text: "asked for, why: \(oneLine(reason))")
        case .shadow(let slot, let result):
            RecordPortrait.Line(
                kind: "shadow", symbol: symbol(result.instrument), source: name,
                text: "\(name) (\(slot.name)) \(words(result.result)) "
                    + "\(symbol(result.instrument)), of \(result.position): not heard")
        case .removed(_, let result):
            RecordPortrait.Line(
                kind: "removed", symbol: symbol(result.instrument), source: name,
                text: "\(name) \(words(result.result)) \(symbol(result.instrument)), of"
                    + " \(result.position): not heard, for it has left the session")
        case .changed(_, let plan, let from, let order, let reason):
            RecordPortrait.Line(
                kind: "version", source: name,
                text: "\(name) order \(order), from step \(from): \(plan.text)"
                    + tail(oneLine(reason)))
        case .described(_, let slot, let version):
            RecordPortrait.Line(
                kind: "version", source: name,
                text: "\(name) (\(slot.name)) is \(version.words)")
        case .covered(_, let slot, let through):
            RecordPortrait.Line(
                kind: "version", source: name,
                text: "\(name) (\(slot.name)) answered through \(through)")
        case .seated(_, let shard, let seat, let behind, let reason):
            RecordPortrait.Line(
                kind: "note", source: name,
                text:
                    "\(StandbyDuty.words(seat, of: name, shard: shard > 0 ? shard : nil)) is heard"
                    + " behind \(behind)\(tail(oneLine(reason)))")
        }
    }

    private func line(of signal: Signal, _ status: SignalStatus) -> RecordPortrait.Line {
        let why =
            signal.result.message.isEmpty
            ? signal.result.reasons.joined(separator: ", ") : signal.result.message
        return line(
            "signal", signal.key.desk, source(signal.source),
            "\(source(signal.source)) \(words(signal.result)) \(symbol(signal.instrument)),"
                + " of \(signal.position): \(status.name)" + tail(oneLine(why)))
    }

    private func line(of decision: OrderDecision) -> RecordPortrait.Line {
        let order = decision.order
        var line = line(
            "order", DeskKey(account: order.account, instrument: order.instrument),
            source(decision.source),
            "\(words(order.side)) \(order.quantity) \(symbol(order.instrument)) "
                + (order.limit.map { "limit \(grouped("\($0)"))" } ?? "at market")
                + tail("\(decision.detail)"))
        line.order = order.number
        return line
    }

    private func line(
        _ kind: String, _ desk: DeskKey, _ source: String, _ text: String
    ) -> RecordPortrait.Line {
        RecordPortrait.Line(
            kind: kind, account: account(desk.account), symbol: symbol(desk.instrument),
            source: source, text: text)
    }

    private func line(
        _ kind: String, _ order: OrderNumber, _ text: String
    ) -> RecordPortrait.Line {
        RecordPortrait.Line(kind: kind, order: order, text: oneLine(text))
    }

    private func text(of correction: Correction) -> String {
        let order = correction.order
        let what =
            order.instrument.map {
                "\(symbol($0)) \(correction.positionBefore) -> \(correction.positionAfter)"
            }
            ?? "cash \(grouped("\(correction.cashBefore)")) ->"
            + " \(grouped("\(correction.cashAfter)"))"
        return "\(what), \(CorrectionWords.note(order))"
    }

    private func words(_ side: Side) -> String { side == .buy ? "BUY" : "SELL" }
    private func words(_ result: StrategyResult) -> String {
        "\(result.action)".uppercased() + " \(result.confidence.shown)"
    }
    private func tail(_ text: String) -> String { text.isEmpty ? "" : "  \(text)" }
}

extension Fact {
    /// The kind of its line; of those that say several things, of the first.
    var kind: String {
        switch self {
        case .signal, .opened: "signal"
        case .voteEnded: "vote"
        case .roundOpened, .roundClosed, .acted: "round"
        case .risk: "risk"
        case .ordered: "order"
        case .submitted: "sent"
        case .orderEnded: "end"
        case .filled: "fill"
        case .contradiction: "contradiction"
        case .dayStarted: "day"
        case .limitPassed: "limit"
        case .killed: "kill"
        case .inDoubt: "doubt"
        case .cancelAsked: "cancel"
        case .exit: "exit"
        case .corrected: "correction"
        case .change: "modify"
        }
    }
}

extension Confidence {
    /// 0.00 to 1.00.
    fileprivate var shown: String {
        let hundredths = (Int(millionths) + 5_000) / 10_000
        return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
    }
}
