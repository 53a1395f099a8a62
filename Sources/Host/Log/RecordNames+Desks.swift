import Kernel
import Orders
import Platform
import TradingModel

/// Exits and brokers outside in a line each.
extension RecordNames {
    func line(of fact: ExitFact) -> RecordPortrait.Line {
        var line = RecordPortrait.Line(kind: "exit", text: "")
        if let desk = ExitWords.desk(fact) {
            line.account = account(desk.account)
            line.symbol = symbol(desk.instrument)
        }
        switch fact {
        case .armed(_, let plan, let source, let price, let quantity):
            line.source = self.source(source)
            line.text =
                "\(line.symbol) guarded by plan \(plan): \(quantity) from \(grouped("\(price)"))"
        case .fired(_, let plan, let tier, let price):
            line.text =
                "\(line.symbol) tier \(tier) of plan \(plan) fired at \(grouped("\(price)"))"
        case .assigned(_, let order, let tier, _):
            line.order = order
            line.text = "order of tier \(tier)"
        case .doubted(_, let price, let since):
            line.text =
                "\(line.symbol) went from \(grouped("\(since)")) to \(grouped("\(price)")): its"
                + " exits wait"
        case .believed: line.text = "\(line.symbol) is guarded again"
        case .held(let on, let reason):
            line.text = "exits are \(on ? "held" : "free again"): \(oneLine(reason))"
        case .halted(let instrument, let on):
            line.symbol = symbol(instrument)
            line.text = "\(line.symbol) \(on ? "is halted" : "trades again")"
        case .dayLimits(let instrument, let limits):
            line.symbol = symbol(instrument)
            line.text = "\(line.symbol) \(ExitWords.words(of: limits))"
        case .split(let instrument, let new, let old):
            line.symbol = symbol(instrument)
            line.text = "\(line.symbol) split, \(new) for \(old)"
        case .flattening(let account, let on, let reason):
            line.account = self.account(account)
            line.text =
                "\(line.account) \(on ? "is sold out" : "is sold out no more"):"
                + " \(oneLine(reason))"
        }
        return line
    }

    func line(of note: WatchNote) -> RecordPortrait.Line {
        RecordPortrait.Line(
            kind: "note", order: note.order, account: note.account.map { account($0) } ?? "",
            symbol: note.instrument.map { symbol($0) } ?? "", source: note.source,
            text: "\(note.kind.name): \(note.code.rawValue) \(note.severity.rawValue),"
                + " \(oneLine(note.text))")
    }

    func lines(of minutes: DeskMinutes) -> [RecordPortrait.Line] {
        minutes.routes.map { route in
            RecordPortrait.Line(
                kind: "route", order: route.order, text: "to broker \(route.desk) of the run")
        }
            + minutes.lockdowns.map { lockdown in
                RecordPortrait.Line(
                    kind: "lockdown",
                    text: "broker \(lockdown.desk): "
                        + (lockdown.reason.map { "locked down, \(oneLine($0))" } ?? "released"))
            }
            + minutes.notes.map { minute in
                RecordPortrait.Line(
                    kind: "note", order: minute.note.order,
                    text: "broker \(minute.desk): \(minute.note.code.rawValue)"
                        + " \(minute.note.severity.rawValue), \(oneLine(minute.note.text))")
            }
            + minutes.memos.map { minute in
                RecordPortrait.Line(
                    kind: "memo", order: minute.order,
                    text: "broker \(minute.desk): " + Self.words(of: minute.memo))
            }
    }

    private static func words(of memo: OrderMemo) -> String {
        var words: [String] = []
        if memo.isGhost {
            words.append("it had ended in the books and is at the broker")
            words.append(memo.broker.map { "its number is \($0)" } ?? "its number is not known")
        } else if let broker = memo.broker {
            words.append("it is over at the broker, where it was \(broker)")
        }
        if memo.cancelTaken { words.append("a cancel of it was taken") }
        return words.isEmpty ? "nothing is left to be remembered" : words.joined(separator: ", ")
    }
}
