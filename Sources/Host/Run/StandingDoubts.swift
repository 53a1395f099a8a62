import Orders
package import Ports
package import TradingModel

/// What risk events say of orders beside their state: those that have ended in the books and not at the broker, and those of
/// which only a person can say what became of them.
package struct StandingDoubts: Hashable, Sendable {
    /// The last word of each that had ended in the books.
    package private(set) var ghosts: [OrderNumber: String] = [:]
    package private(set) var waitForPerson: Set<OrderNumber> = []

    /// - Parameter events: Of one run, in their order.
    package init(_ events: [RiskRow]) {
        for event in events { take(event) }
    }

    private mutating func take(_ event: RiskRow) {
        guard event.code.hasPrefix("FS"), let number = Self.order(of: event) else { return }
        let text = event.detail
        if text.contains(OrderDesk.ghostIsOver) {
            ghosts[number] = nil
            waitForPerson.remove(number)
            return
        }
        if ghosts[number] != nil || text.contains(OrderDesk.ghostListed) { ghosts[number] = text }
        if text.contains(OrderDesk.personMustSay) || text.contains(OrderDesk.resolveCommand) {
            waitForPerson.insert(number)
        } else if text.contains(OrderDesk.knownAgain) || text.contains(OrderDesk.brokerIsAsked)
            || text.hasPrefix(OrderDesk.claimHead)
        {
            waitForPerson.remove(number)
        }
    }

    /// The order that a desk's note is of; `nil`: of none.
    package static func order(of event: RiskRow) -> OrderNumber? {
        let head = "order "
        guard event.rule.hasPrefix(head) else { return nil }
        return UInt64(event.rule.dropFirst(head.count)).map { OrderNumber($0) }
    }

    /// Whether only a person can say what became of it.
    package func waitsForPerson(_ order: OrderRow) -> Bool {
        waitForPerson.contains(order.number)
            && (order.state == "unknown" || ghosts[order.number] != nil)
    }

    /// What it is: `failed in the books, not over at the broker, a person is asked`.
    ///
    /// - Parameter state: Its words for what it is in the books.
    package func words(of order: OrderRow, as state: String) -> String {
        let isGhost = ghosts[order.number] != nil
        return (isGhost ? "\(state) in the books, not over at the broker" : state)
            + (waitsForPerson(order) ? ", a person is asked" : "")
    }
}
