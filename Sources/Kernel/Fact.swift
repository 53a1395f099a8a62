public import TradingModel

/// Something decided. Every change of what the kernel decides upon is a fact that was applied.
///
/// The log keeps facts; recovery applies them in order and never decides again, so a fact carries every
/// number that applying it needs.
public enum Fact: Equatable, Sendable {
    /// A result came; `status` says what became of it at once (`pending`: it stands as a vote).
    case signal(Signal, SignalStatus)
    /// A result came and opened its desk's round: `signal`, pending, and `roundOpened` in one.
    case opened(Signal, deadline: Timestamp)
    /// A standing vote ended.
    case voteEnded(VoteKey, SignalStatus, detail: Detail)
    case roundOpened(DeskKey, at: EventPosition, deadline: Timestamp)
    case roundClosed(DeskKey, RoundOutcome)
    case risk(RiskDecision)
    /// An order exists, pending, with its reservation.
    case ordered(OrderDecision)
    /// A round closed on its only vote, risk approved, and an order came of it: as most orders come about.
    /// `roundClosed`, `risk`, `ordered` and `voteEnded` in one.
    case acted(RoundAction)
    case submitted(OrderNumber, BrokerOrderID)
    /// The order ended without (further) fills.
    case orderEnded(OrderNumber, OrderMachine.State, reason: String)
    case filled(Fill, Booking)
    /// A report that contradicts what we know: for people, and for reconciliation.
    case contradiction(OrderNumber, String)
    case dayStarted(AccountID, day: Int64, equity: Money)
    /// A limit is passed by prices: buys that it forbids are ended.
    case limitPassed(LimitPassed)
    /// Kill on or off.
    case killed(Bool, KillScope, reason: String)
    /// Sent, and nobody can say what became of it.
    case inDoubt(OrderNumber, reason: String)
    /// The order's end was asked for.
    case cancelAsked(OrderNumber, reason: String)
    case exit(ExitFact)
    /// The books were put where a broker is.
    case corrected(Correction)
    case change(ChangeFact)
}

/// An account and an instrument.
public struct DeskKey: Hashable, Sendable {
    public let account: AccountID
    public let instrument: InstrumentID
    public init(account: AccountID, instrument: InstrumentID) {
        self.account = account
        self.instrument = instrument
    }
}

/// A result as stored, with whose it is and when.
public struct Signal: Hashable, Sendable {
    public let source: SourceID
    public let account: AccountID
    public let instrument: InstrumentID
    /// The event it was computed from.
    public let position: EventPosition
    /// Within position and instrument.
    public let index: Int
    public let result: StrategyResult
    /// Entry of that event.
    public let entryTime: Timestamp
    /// When the result came, by the same clock.
    public let arrivalTime: Timestamp

    public init(
        source: SourceID, account: AccountID, instrument: InstrumentID, position: EventPosition,
        index: Int, result: StrategyResult, entryTime: Timestamp, arrivalTime: Timestamp
    ) {
        self.source = source
        self.account = account
        self.instrument = instrument
        self.position = position
        self.index = index
        self.result = result
        self.entryTime = entryTime
        self.arrivalTime = arrivalTime
    }
    public var key: VoteKey {
        VoteKey(
            desk: DeskKey(account: account, instrument: instrument), source: source,
            position: position, index: index)
    }
}

public struct VoteKey: Hashable, Sendable {
    public let desk: DeskKey
    public let source: SourceID
    public let position: EventPosition
    public let index: Int
    public init(desk: DeskKey, source: SourceID, position: EventPosition, index: Int) {
        self.desk = desk
        self.source = source
        self.position = position
        self.index = index
    }
}

/// What became of a result.
public enum SignalStatus: UInt8, Hashable, Sendable, CaseIterable {
    case pending = 0
    case used, outvoted, late, expired, replaced, vetoed, alert
    /// The round acted on it but sizing or risk dropped it.
    case notApproved
    /// Its source is stopped by the kill switch.
    case killed

    /// As stored and shown.
    public var name: String {
        switch self {
        case .notApproved: "not_approved"
        default: "\(self)"
        }
    }
}

/// How a round ended.
public struct RoundOutcome: Equatable, Sendable {
    /// Where it was closed.
    public let position: EventPosition
    /// `nil`: nothing to do.
    public let side: Side?
    /// Opposed votes stood (GR030).
    public let conflict: Bool
    /// For people: `weighted 0.70 >= 0.60: cross 0.70`.
    public let detail: Detail
    public init(position: EventPosition, side: Side?, conflict: Bool, detail: Detail) {
        self.position = position
        self.side = side
        self.conflict = conflict
        self.detail = detail
    }
}

/// What the risk gate said, with the numbers.
public struct RiskDecision: Equatable, Sendable {
    public let desk: DeskKey
    public let position: EventPosition
    public let approved: Bool
    /// `order_value`, `day_loss`, …; `all` when approved.
    public let rule: String
    public let detail: Detail
    public init(
        desk: DeskKey, position: EventPosition, approved: Bool, rule: String, detail: Detail
    ) {
        self.desk = desk
        self.position = position
        self.approved = approved
        self.rule = rule
        self.detail = detail
    }
}

/// An approved order with what it was decided on.
public struct OrderDecision: Equatable, Sendable {
    public let order: Order
    public let source: SourceID
    public let position: EventPosition
    public let confidence: Confidence
    /// The last price when it was decided: slippage is measured from it.
    public let reference: Price
    /// Cash held until the order ends; zero for a sale.
    public let reserved: Money
    public let detail: Detail
    public init(
        order: Order, source: SourceID, position: EventPosition, confidence: Confidence,
        reference: Price, reserved: Money, detail: Detail
    ) {
        self.order = order
        self.source = source
        self.position = position
        self.confidence = confidence
        self.reference = reference
        self.reserved = reserved
        self.detail = detail
    }
}

/// A round's only vote, the order that was made of it, and what it was approved on.
public struct RoundAction: Equatable, Sendable {
    /// The round closed at its position; its source is the vote's.
    public let decision: OrderDecision
    /// Of the vote.
    public let position: EventPosition
    public let index: Int
    /// Before the order was reserved for.
    public let freeCash: Money
    public init(
        _ decision: OrderDecision, position: EventPosition, index: Int, freeCash: Money
    ) {
        self.decision = decision
        self.position = position
        self.index = index
        self.freeCash = freeCash
    }
    public var vote: VoteKey {
        VoteKey(desk: desk, source: decision.source, position: position, index: index)
    }
    public var desk: DeskKey {
        DeskKey(account: decision.order.account, instrument: decision.order.instrument)
    }
}

/// What a fill did to the books.
public struct Booking: Hashable, Sendable {
    /// Proceeds less cost and fees; zero for a buy.
    public let realised: Money
    public let positionAfter: Quantity
    /// What the position cost, fees of buying included.
    public let costAfter: Money
    public let cashAfter: Money
    public init(realised: Money, positionAfter: Quantity, costAfter: Money, cashAfter: Money) {
        self.realised = realised
        self.positionAfter = positionAfter
        self.costAfter = costAfter
        self.cashAfter = cashAfter
    }
}

/// What the kernel asks of the host, in order. Reused: emptied with its capacity kept.
public struct Effects: Sendable {
    public var facts: [Fact] = []
    /// Approved orders, for the broker.
    public var orders: [Order] = []
    /// Orders whose end is wanted, for the broker.
    public var cancels: [OrderNumber] = []
    /// Orders that are to be others, for the broker.
    public var changes: [ChangeWish] = []
    public init() {}
    /// Hands out a fact that was applied.
    @inline(__always)
    mutating func tell(_ fact: consuming Fact) { facts.append(fact) }

    public mutating func removeAll() {
        if !facts.isEmpty { facts.removeAll(keepingCapacity: true) }
        if !orders.isEmpty { orders.removeAll(keepingCapacity: true) }
        if !cancels.isEmpty { cancels.removeAll(keepingCapacity: true) }
        if !changes.isEmpty { changes.removeAll(keepingCapacity: true) }
    }
    public var isEmpty: Bool {
        facts.isEmpty && orders.isEmpty && cancels.isEmpty && changes.isEmpty
    }
}
