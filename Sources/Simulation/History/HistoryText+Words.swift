import Kernel
import Ports
import TradingModel

/// Where a happening belongs, and what is said of it.
extension HistoryText {
    typealias Words = (place: String, intent: OrderNumber?, what: String)

    func words(_ what: Happening) -> Words {
        switch what {
        case .printed(let instrument, let price, let quantity):
            ("market", nil, "\(symbol(instrument)) \(grouped(price.description)) x \(quantity)")
        case .said(let source, let instrument, let action, let status):
            (
                "host", nil,
                "\(terms.sources[Int(source.index)]) says \(action) \(symbol(instrument)): \(status.name)"
            )
        case .started(let life): ("host", nil, "starts, life \(life)")
        case .recovered(let same, let orders, let doubtful):
            (
                "host", nil,
                "recovered \(orders) orders, \(doubtful) without an end"
                    + (same ? "" : ", TO ANOTHER STATE")
            )
        case .crashed(let kept, let lost, let seam):
            ("host", nil, "CRASHES \(seam.rawValue); record \(kept) is the last, \(lost) are lost")
        case .durable(let record): ("log", nil, "on the disk through record \(record)")
        case .resolved(let order, let what): ("people", order, "looked it up: \(what)")
        case .assigned(let order): ("host", order, "leaves a position as its plan says")
        case .wished(let order, let reason, _): ("host", order, "its end is wanted: \(reason)")
        case .ghost(let order, let on, let record):
            ("host", order, "\(on ? "haunts" : "haunts no more") [record \(record)]")
        case .ghostWaits(let order, let on):
            ("host", order, on ? "what became of it is not known" : "what became of it is known")
        case .ghostRecalled(let order, let waits):
            ("host", order, "haunts still" + (waits ? ", and is waited for" : ""))
        case .ghostKnown(let order, let on, let record):
            ("host", order, "is a ghost to its desk\(on ? "" : " no more") [record \(record)]")
        case .ghostsRestored(let orders):
            (
                "host", nil,
                "begins with \(orders.isEmpty ? "no ghost" : "ghosts ")"
                    + orders.map { "\($0)" }.joined(separator: ", ")
            )
        case .ghostLost(let order): ("host", order, "is a ghost that the log does not have yet")
        case .struck(let fault, let what): ("fault", nil, "\(fault.rawValue) \(what)")
        case .calm: ("fault", nil, "calm: nothing goes wrong from here on")
        case .rested(let rest): ("CHECK", nil, words(rest))
        case .hung(let what): ("CHECK", nil, "no rest: \(what)")
        default:
            decisionWords(what) ?? exitWords(what) ?? changeWords(what) ?? callWords(what)
        }
    }

    private func decisionWords(_ what: Happening) -> Words? {
        switch what {
        case .approved(let approval, let record):
            (
                "host", approval.order.number,
                "approved \(order(approval.order)), holds \(money(approval.reserved)) [record \(record)]"
            )
        case .refused(let instrument, let rule):
            ("host", nil, "risk refuses \(symbol(instrument)): \(rule)")
        case .acknowledged(let number, let id, let record):
            ("host", number, "is \(id) [record \(record)]")
        case .booked(let booked, let record):
            (
                "host", booked.fill.order,
                "books \(fill(booked.fill)); holds \(booked.positionAfter), cash "
                    + "\(money(booked.cashAfter)) [record \(record)]"
            )
        case .doubted(let number, let reason, _): ("host", number, "in doubt: \(reason)")
        case .ended(let number, let state, let reason, let record):
            ("host", number, "\(state): \(reason) [record \(record)]")
        case .contradicted(let number, let what): ("host", number, "contradiction: \(what)")
        case .killed(let on, let record):
            ("people", nil, (on ? "KILL" : "kill lifted") + " [record \(record)]")
        case .partKilled(let source, let on, let record):
            (
                "people", nil,
                (on ? "KILL" : "kill lifted") + " of source \(source.index) [record \(record)]"
            )
        case .priced(let instrument, let price, _):
            ("host", nil, "sees \(symbol(instrument)) at \(price)")
        case .limitPassed(let limit, _, let record):
            ("host", nil, "\(limit.name) IS PASSED [record \(record)]")
        case .lockedDown(let on, let broker, let reason, _):
            ("host", nil, (on ? "LOCKED DOWN at " : "released at ") + name(broker) + " " + reason)
        case .noted(let broker, let code, let severity, let number, let text):
            ("host", number, "\(severity) \(code) \(name(broker)): \(text)")
        default: nil
        }
    }

    private func callWords(_ what: Happening) -> Words {
        switch what {
        case .sent(let call, let broker, let sent, _):
            ("host", sent.number, "sends \(order(sent)) to \(name(broker)) [call \(call)]")
        case .handed(let call, let broker, let number):
            ("host", number, "waits for its turn at \(name(broker)) [call \(call)]")
        case .withdrawn(let call, let broker, let number, let why):
            ("host", number, "withdrawn before \(name(broker)): \(why) [call \(call)]")
        case .asked(let call, let broker, let question):
            ("host", number(question), "asks \(name(broker)) \(verb(question)) [call \(call)]")
        case .answered(let call, let broker, let outcome):
            (
                "host", number(outcome), "\(name(broker)) answered \(said(outcome)) [call \(call)]"
            )
        case .heard(let broker, let news):
            ("host", number(news), "hears \(name(broker)) \(news.number): \(said(news.news))")
        case .accepted(let broker, let id, let placed):
            (name(broker), placed.number, "takes \(order(placed)) as \(id)")
        case .turnedDown(let broker, let number, let error):
            (name(broker), number, "turns it down: \(error)")
        case .filled(let broker, let id, _, let filled):
            (name(broker), filled.order, "\(id) \(fill(filled))")
        case .cancelled(let broker, let id, let placed, let reason):
            (name(broker), placed.number, "\(id) ends: \(reason)")
        default: ("?", nil, "\(what)")
        }
    }

    private func name(_ broker: Int) -> String {
        terms.brokers.indices.contains(broker) ? terms.brokers[broker].name : "broker \(broker)"
    }

    private func number(_ question: Happening.Question) -> OrderNumber? {
        switch question {
        case .cancel(let number), .order(let number), .adopt(let number): number
        default: nil
        }
    }
    private func number(_ outcome: Happening.Outcome) -> OrderNumber? {
        switch outcome {
        case .placed(let number, _), .notPlaced(let number, _): number
        default: nil
        }
    }
    private func number(_ news: NumberedNews) -> OrderNumber? {
        if case .report(let report) = news.news { report.order } else { nil }
    }

    private func verb(_ question: Happening.Question) -> String {
        switch question {
        case .cancel: "to cancel it"
        case .order: "what became of it"
        case .adopt: "to call it ours"
        case .orders: "for the orders since"
        case .openOrders: "for open orders"
        default: "for \(question)"
        }
    }

    private func said(_ outcome: Happening.Outcome) -> String {
        switch outcome {
        case .placed(_, let id): "taken as \(id)"
        case .notPlaced(_, let error): "no: \(error)"
        case .said(let what): what.isEmpty ? "nothing" : what
        case .failed(let error): "\(error)"
        case .lost: "nothing that can be told"
        }
    }

    private func said(_ news: BrokerNews) -> String {
        switch news {
        case .gap(let why): "GAP, \(why)"
        case .report(.filled(let filled)): fill(filled)
        case .report(.accepted(_, let id)): "accepted as \(id)"
        case .report(.cancelled(_, let reason)): "cancelled, \(reason)"
        case .report(let report): "\(report)"
        }
    }

    private func words(_ rest: Happening.Rest) -> String {
        func held(_ side: Happening.Rest.Side) -> String {
            let parts = zip(terms.instruments, side.positions).map { "\($0.symbol) \($1)" }
            return parts.joined(separator: ", ") + ", " + money(side.cash)
        }
        return "at rest: host \(held(rest.host)); brokers \(held(rest.brokers)); "
            + "free \(money(rest.freeCash)); working \(rest.working.count)"
            + (rest.isKilled ? "; killed" : "")
    }
}
