import TradingModel

/// A promise that a history breaks.
package struct Violation: Hashable, Sendable {
    package enum Rule: String, Hashable, Sendable, CaseIterable {
        case approval = "no order without approval"
        case durable = "no order before its record is durable"
        case oneOrder = "at most one broker order for each intent"
        case noLostFill = "every fill is booked"
        case ledger = "a booked row that is on the disk stays"
        case stranger = "no order of somebody else is taken for ours"
        case noDoubledFill = "no fill is booked twice"
        case position = "position = sum of fills and corrections"
        case correction = "nothing is corrected while an order there is open"
        case changes = "an order is what was approved, and what the broker has"
        case money = "cash, fees and tax add up"
        case holdings = "no sale beyond holdings"
        case limits = "limits are never passed"
        case watch = "a limit that prices pass is told"
        case age = "no order works for longer than it may"
        case reservations = "what orders hold is what they reserved"
        case kill = "after a kill nothing opens or adds exposure"
        case start = "nothing opens before the books were compared"
        case doubt = "an unknown order blocks or is resolved"
        case ghosts = "what is not over at a broker is known again"
        case guarded = "a position with a plan is guarded"
        case exits = "an exit fires at its price"
        case books = "the books agree with the brokers"
        case recovery = "recovery comes to the same state"
        case rest = "everything comes to rest"
    }
    package let rule: Rule
    /// With the numbers.
    package let what: String
    /// Index in the history.
    package let at: Int
    package init(_ rule: Rule, _ what: String, at: Int) {
        self.rule = rule
        self.what = what
        self.at = at
    }
}
