import TradingModel

extension HistoryText {
    /// `nil`: it is no word about changes.
    func changeWords(_ what: Happening) -> (place: String, intent: OrderNumber?, what: String)? {
        switch what {
        case .changeAsked(let change, let record):
            (
                "people", change.number,
                "is to be \(change.after), it is \(change.before) [record \(record)]"
            )
        case .changeNotApproved(let number, let rule):
            ("host", number, "risk refuses the change: \(rule)")
        case .changeTaken(let number, let change, let id, let record):
            ("host", number, "is \(change) now, as \(id) [record \(record)]")
        case .changeRefused(let number, let change, let reason, let record):
            ("host", number, "does not become \(change): \(reason) [record \(record)]")
        case .changeSent(let call, let broker, let number, let change):
            (
                "host", number,
                "asks \(terms.brokers[broker].name) to make it \(change) [call \(call)]"
            )
        case .changeWithdrawn(let call, let broker, let number, let why):
            (
                "host", number,
                "the change is withdrawn before \(terms.brokers[broker].name): \(why) [call \(call)]"
            )
        case .altered(let broker, let id, let former, let altered):
            (
                terms.brokers[broker].name, altered.number,
                "\(former) is \(order(altered)) now" + (id == former ? "" : ", as \(id)")
            )
        case .free(let free, let number): ("host", number, "free behind it: \(money(free))")
        case .changeMet(let fault): ("fault", nil, "\(fault.rawValue) meets a change")
        default: nil
        }
    }
}
