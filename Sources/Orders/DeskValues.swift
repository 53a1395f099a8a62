package import Ports
package import TradingModel

/// An order that may go out: approved, and durable in the log with its client order id.
package struct ApprovedOrder: Hashable, Sendable {
    package let order: Order
    package let client: ClientOrderID
    /// Opens or adds exposure: a kill, a lockdown and an outage stop it. What only reduces passes.
    package let opens: Bool
    /// At that instant of desk time it may no longer be written; `nil`: whenever.
    package let validUntil: Timestamp?
    /// Desk time.
    package let approvedAt: Timestamp

    package init(
        _ order: Order, as client: ClientOrderID, opens: Bool, validUntil: Timestamp? = nil,
        approvedAt: Timestamp
    ) {
        self.order = order
        self.client = client
        self.opens = opens
        self.validUntil = validUntil
        self.approvedAt = approvedAt
    }
    package var number: OrderNumber { order.number }
}

/// How an order ended.
package enum OrderEnd: Hashable, Sendable { case filled, cancelled, rejected, expired, failed }

/// An order as the log's facts tell it, for the desk of a new start.
package struct LoggedOrder: Hashable, Sendable {
    package var approved: ApprovedOrder
    package var broker: BrokerOrderID?
    /// Booked ones, those that were booked from totals too.
    package var fills: [Fill]
    /// Somebody wanted its end.
    package var cancelReason: String?
    /// A kill that came while it was open wants its end, and may be over by now.
    package var killReason: String?
    /// `nil`: no final answer, so it is in doubt.
    package var end: OrderEnd?
    /// Numbers that the broker had for it before a change.
    package var formerNumbers: [BrokerOrderID] = []
    /// A change without an answer: it may have been taken.
    package var change: ApprovedChange?
    /// What desks wrote down of it.
    package var memo = OrderMemo()

    package init(
        _ approved: ApprovedOrder, broker: BrokerOrderID? = nil, fills: [Fill] = [],
        cancelReason: String? = nil, end: OrderEnd? = nil
    ) {
        self.approved = approved
        self.broker = broker
        self.fills = fills
        self.cancelReason = cancelReason
        self.end = end
    }
}

/// What a desk begins with. A first start has none of it.
package struct DeskRestart: Hashable, Sendable {
    /// By number; ended ones too, as far as the broker may still speak of them.
    package var orders: [LoggedOrder]
    /// Why it is killed, if it is.
    package var kill: String?
    /// Why it is locked down, if it is.
    package var lockdown: String?
    /// Up to this number orders that ended with something open are known no more; `nil`: all of them are.
    package var lost: OrderNumber?
    /// When the run began, in desk time; `nil`: with this start.
    package var began: Timestamp?
    /// Other desks have numbers of the same row.
    package var sharesNumbers = false
    package init(orders: [LoggedOrder] = [], kill: String? = nil, lockdown: String? = nil) {
        self.orders = orders
        self.kill = kill
        self.lockdown = lockdown
    }
}

/// What comes to a desk. Everything that happens to it is one of these, with its time.
package enum DeskInput: Hashable, Sendable {
    case order(ApprovedOrder)
    /// Durable in the log. One at a time for an order: a second one before the first's answer is refused.
    case change(ApprovedChange)
    /// Somebody wants the order's end. Remembered until the order has ended.
    case cancel(OrderNumber, reason: String)
    /// What a call came to. Heard once for each; also when the desk has given the call up.
    case answer(CallID, DeskAnswer)
    /// In the order of their numbers; heard again they change nothing.
    case news(NumberedNews)
    /// On: opening orders are withdrawn, and working ones cancelled. Off: nothing comes back.
    case kill(Bool, reason: String)
    /// A person says what became of an order in doubt.
    case resolve(OrderNumber, Resolution)
    /// A person ends a lockdown.
    case release
    /// Ask the broker for everything: an operator wants it, or a schedule.
    case reconcile(reason: String)
    /// Only time has passed.
    case wake
}

/// What a person found at the broker.
package enum Resolution: Hashable, Sendable {
    case accepted(BrokerOrderID)
    case notAccepted
}

/// A call's number: from 1 in a desk's life.
package struct CallID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let value: UInt64
    package init(_ value: UInt64) { self.value = value }
    package static func < (a: CallID, b: CallID) -> Bool { a.value < b.value }
    package var description: String { "call \(value)" }
}

/// A call of the port `Broker` that is to be made once.
package struct DeskCall: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case place(ApprovedOrder)
        case cancel(OrderName, of: OrderNumber)
        case modify(OrderName, ApprovedChange)
        case order(OrderName, of: OrderNumber)
        case orders(since: Timestamp)
        case openOrders
        case fills(since: Timestamp)
        case positions
        case balances
        case heartbeat
        case adopt(Order, as: ClientOrderID, at: BrokerOrderID)
    }
    /// Who goes first where calls wait for their turn.
    package enum Urgency: Int, Hashable, Comparable, Sendable, CaseIterable {
        case exit = 0
        case cancel, order, question
        package static func < (a: Urgency, b: Urgency) -> Bool { a.rawValue < b.rawValue }
    }
    package let id: CallID
    package let kind: Kind
    /// From when it was made; waiting for a turn counts.
    package let limit: Nanoseconds
    package init(id: CallID, kind: Kind, limit: Nanoseconds) {
        self.id = id
        self.kind = kind
        self.limit = limit
    }
    /// Which order's, of one that ends or changes an order.
    var order: OrderNumber? {
        switch kind {
        case .cancel(_, let number): number
        case .modify(_, let approved): approved.number
        default: nil
        }
    }
    package var urgency: Urgency {
        switch kind {
        case .place(let approved): approved.opens ? .order : .exit
        case .cancel: .cancel
        case .modify(_, let approved): approved.opens ? .order : .cancel
        default: .question
        }
    }
}

/// What became of a call.
package enum DeskAnswer: Hashable, Sendable {
    /// Of `place` and `modify`.
    case placed(BrokerOrderID)
    /// Of `cancel` and `adopt`.
    case done
    case order(OrderLookup)
    /// Of `orders` and `openOrders`.
    case orders([BrokerOrder])
    case fills([Fill])
    case positions([BrokerPosition])
    case balances([BrokerBalance])
    case heartbeat(BrokerHeartbeat)
    case failed(BrokerError)
    /// Its limit passed while it waited for its turn: nothing was written, nobody was asked, and nothing is known of the
    /// broker. Of `place` and `modify` that is `notSent(.late)`, for who wants them still decides anew.
    case noTurn
    /// Whoever made it cannot tell: a write may have happened, a question has no answer.
    case lost
}

/// Something that people are told.
package struct DeskNote: Hashable, Sendable {
    package let code: FailSafeCode
    package let severity: FailSafeCode.Severity
    package let order: OrderNumber?
    /// With the numbers.
    package let text: String
    package init(
        _ code: FailSafeCode, severity: FailSafeCode.Severity? = nil, order: OrderNumber? = nil,
        _ text: String
    ) {
        self.code = code
        self.severity = severity ?? code.entry.severity
        self.order = order
        self.text = text
    }
}

/// What a desk asks for, in order. Emptied by who carries it out.
package struct DeskOutbox: Hashable, Sendable {
    /// Make them, in this order where one line has room for one.
    package var calls: [DeskCall] = []
    /// For the kernel.
    package var reports: [BrokerReport] = []
    package var notes: [DeskNote] = []
    /// Of `positions` and `balances`, for who knows the books.
    package var holdings: [BrokerPosition]?
    package var cash: [BrokerBalance]?
    /// Locked down (with the reason) or released since: the log keeps it.
    package var lockdown: LockdownChange?
    /// What the log keeps of orders beside facts. Of a ghost: no cancel of it goes out before this is durable.
    package var memos: [NotedMemo] = []
    /// Fills that a list has and that are no news here, or another desk's; only where desks share their numbers.
    package var strays: [Fill] = []
    package init() {}

    package enum LockdownChange: Hashable, Sendable {
        case began(reason: String)
        case released
    }
    package var isEmpty: Bool {
        calls.isEmpty && reports.isEmpty && notes.isEmpty && holdings == nil && cash == nil
            && lockdown == nil && memos.isEmpty && strays.isEmpty
    }
}
