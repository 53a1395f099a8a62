package import TradingModel

/// A round of the arbiter, with all that it takes to tell why it ended so.
package struct RoundRow: Hashable, Sendable {
    package var record: UInt64
    /// 1, 2, 3, … within the run, in the order in which they closed.
    package var number: Int64
    package var account: String
    package var symbol: String
    /// The event of the vote that opened it; see ``EventRow``.
    package var opened: EventPosition
    package var closed: EventPosition
    /// As the configuration writes it: `confidence_weighted`, `majority`, …
    package var policy: String
    /// At 10⁻⁶ of the summed weights.
    package var threshold: Int64
    /// `nil`: nothing to do.
    package var side: Side?
    /// Opposed votes stood (GR030).
    package var conflict: Bool
    /// `weighted 0.70 >= 0.60: cross BUY 0.70`
    package var detail: String
    /// Whose size and price were taken; empty where nothing was to be done.
    package var leader: String
    /// Sized and allowed by every limit; `nil` where it did not come to that.
    package var approved: Bool?
    /// The rule that refused, `sizing` among them; `all` when approved.
    package var rule: String
    /// The numbers: `order value 1200000 > 1000000`.
    package var ruleDetail: String
    package var order: OrderNumber?
    /// At work on the symbol without a standing vote at the close.
    package var silent: [String]
    /// Of the data, when it closed.
    package var time: Timestamp
    /// Those that stood at the close, by source.
    package var votes: [RoundVote]

    package init(
        record: UInt64, number: Int64, account: String, symbol: String, opened: EventPosition,
        closed: EventPosition, policy: String, threshold: Int64, side: Side?, conflict: Bool,
        detail: String, leader: String = "", approved: Bool? = nil, rule: String = "",
        ruleDetail: String = "", order: OrderNumber? = nil, silent: [String], time: Timestamp,
        votes: [RoundVote]
    ) {
        self.record = record
        self.number = number
        self.account = account
        self.symbol = symbol
        self.opened = opened
        self.closed = closed
        self.policy = policy
        self.threshold = threshold
        self.side = side
        self.conflict = conflict
        self.detail = detail
        self.leader = leader
        self.approved = approved
        self.rule = rule
        self.ruleDetail = ruleDetail
        self.order = order
        self.silent = silent
        self.time = time
        self.votes = votes
    }
}

/// How a standing vote counted in a round. With the round's account and symbol it names a ``SignalRow``.
package struct RoundVote: Hashable, Sendable {
    package var source: String
    package var position: EventPosition
    package var index: Int
    package var action: Action
    package var confidence: Int32
    /// At 10⁻⁶.
    package var weight: Int64
    package var priority: Int
    /// What the round made of it: `used`, `outvoted`, `vetoed`, `not_approved`; `stands` where it goes on.
    package var status: String

    package init(
        source: String, position: EventPosition, index: Int, action: Action, confidence: Int32,
        weight: Int64, priority: Int, status: String
    ) {
        self.source = source
        self.position = position
        self.index = index
        self.action = action
        self.confidence = confidence
        self.weight = weight
        self.priority = priority
        self.status = status
    }
}

/// An event that a result was computed from.
package struct EventRow: Hashable, Sendable {
    package var record: UInt64
    package var position: EventPosition
    /// `tick`, `quote`, `candles:1m`, `timers:1m`; `fill` of an own order.
    package var kind: String
    /// Empty for timers.
    package var symbol: String
    /// A tick's or quote's own time, a candle's close, a timer's instant.
    package var time: Timestamp
    /// Of a tick or fill; a candle's close.
    package var price: Price?
    package var open: Price?
    package var high: Price?
    package var low: Price?
    package var bid: Price?
    package var ask: Price?
    /// Of a tick, fill or candle.
    package var volume: Volume?

    package init(
        record: UInt64, position: EventPosition, kind: String, symbol: String, time: Timestamp
    ) {
        self.record = record
        self.position = position
        self.kind = kind
        self.symbol = symbol
        self.time = time
    }
}
