public import TradingModel

/// What was decided of a change of an open order, and what became of it.
public enum ChangeFact: Equatable, Sendable {
    /// It may go out: the order holds the greater of before and after from here on.
    case asked(ChangeDecision)
    /// The gate refuses it, by the rule in the decision: the order stays what it is.
    case notApproved(ChangeDecision)
    case taken(OrderNumber, OrderChange, BrokerOrderID)
    case refused(OrderNumber, OrderChange, reason: String)

    public var number: OrderNumber {
        switch self {
        case .asked(let decision), .notApproved(let decision): decision.number
        case .taken(let number, _, _), .refused(let number, _, _): number
        }
    }
}

/// What the gate said to a change, with the numbers.
public struct ChangeDecision: Equatable, Sendable {
    public let number: OrderNumber
    public let before: OrderChange
    public let after: OrderChange
    /// It opens or adds exposure: a kill that comes before its write withdraws it.
    public let opens: Bool
    /// Cash for all of the order as it is to be; zero for a sale.
    public let reserved: Money
    public let position: EventPosition
    /// `all`, `lowers` where no rule is asked, else the rule that refuses.
    public let rule: String
    public let detail: Detail
    public init(
        number: OrderNumber, before: OrderChange, after: OrderChange, opens: Bool, reserved: Money,
        position: EventPosition, rule: String, detail: Detail
    ) {
        self.number = number
        self.before = before
        self.after = after
        self.opens = opens
        self.reserved = reserved
        self.position = position
        self.rule = rule
        self.detail = detail
    }
}

/// A change that was let through, for the broker.
public struct ChangeWish: Hashable, Sendable {
    public let number: OrderNumber
    public let change: OrderChange
    public let opens: Bool
    public init(_ number: OrderNumber, _ change: OrderChange, opens: Bool) {
        self.number = number
        self.change = change
        self.opens = opens
    }
}

/// What comes of asking for a change.
public enum ChangeAnswer: Hashable, Sendable {
    case asked(OrderChange)
    /// By a rule of the gate; it stands in the log.
    case notApproved(rule: String, detail: String)
    /// It cannot be asked at all, and what to do instead. Nothing is decided.
    case impossible(String)
}
