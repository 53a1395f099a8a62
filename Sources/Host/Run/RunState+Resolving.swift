import Orders
import Ports
import TradingModel

/// What a person says of an order in doubt.
extension RunState {
    /// - Parameter broker: The broker's number of it; `nil`: it never was accepted.
    mutating func resolve(
        _ order: OrderNumber, as broker: String?, at now: Timestamp
    ) -> (String, isDone: Bool) {
        if let broker, broker.allSatisfy(\.isWhitespace) {
            return ("no number is named: say none, or the broker's own number of it", false)
        }
        let resolution = broker.map { Resolution.accepted(BrokerOrderID($0)) } ?? .notAccepted
        let former = dispatcher?.claim(of: order)?.id
        guard dispatcher?.resolve(order, resolution, at: now) == true else {
            guard dispatcher?.isGhost(order) != true else {
                return (
                    "order \(order) had ended in the books, and the broker has it: it is being cancelled"
                        + " there, and nobody need say what it is", false
                )
            }
            let state = engine.kernel.order(order).map { "it is \($0.state)" }
            return ("order \(order) is not in doubt: \(state ?? "there is no such order")", false)
        }
        guard let broker else { return ("order \(order) is not accepted", true) }
        guard let claim = dispatcher?.claim(of: order), claim.id == BrokerOrderID(broker) else {
            return ("order \(order) stays in doubt: FS049 says why", false)
        }
        let instead =
            former.map { $0 == claim.id ? ", still" : ", and no longer whether it is \($0)" } ?? ""
        let patience = claim.patience.count / 1_000_000
        let span = patience < 1_000 ? "\(patience) ms" : "\(patience / 1_000) s"
        return (
            "the broker is being asked whether order \(order) is \(broker)\(instead): a yes counts at once,"
                + " a no when it stays for \(span); until then madang order list shows it in doubt, and"
                + " FS042 says what came of it", true
        )
    }
}
