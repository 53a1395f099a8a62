package import TradingModel

/// The tables that people and programs read. They hold nothing that the log could not give again.
///
/// Called from one thread. Every row carries the number of the log record it came from.
package protocol ProjectionStore: Sendable {
    /// The record number up to which rows are applied; 0 when empty.
    func appliedNumber() throws(StoreError) -> UInt64

    /// Applies rows and the number in one transaction. Rows at or below the applied number are ignored.
    func apply(_ rows: [ProjectionRow], upTo number: UInt64) throws(StoreError)

    /// Deletes all rows of the run.
    func reset() throws(StoreError)

    /// Ledger rows in order.
    func ledger() throws(StoreError) -> [LedgerRow]
    func signals() throws(StoreError) -> [SignalRow]
    func orders() throws(StoreError) -> [OrderRow]
    func riskEvents() throws(StoreError) -> [RiskRow]
    /// In the order in which they closed.
    func rounds() throws(StoreError) -> [RoundRow]
    /// Those that results were computed from, by position.
    func events() throws(StoreError) -> [EventRow]
    /// Results that were recorded and not heard, in the order in which they came.
    func shadows() throws(StoreError) -> [ShadowRow]
    /// What happened to versions of strategies, in order.
    func versions() throws(StoreError) -> [VersionRow]
    /// By symbol, interval and open time.
    func bars() throws(StoreError) -> [BarRow]
}

package enum ProjectionRow: Hashable, Sendable {
    case ledger(LedgerRow)
    case signal(SignalRow)
    case order(OrderRow)
    case risk(RiskRow)
    case round(RoundRow)
    case event(EventRow)
    case shadow(ShadowRow)
    case version(VersionRow)
    case bar(BarRow)
}

/// One fill, one correction or one split, as booked. Append-only; `hash` chains it to the row before.
///
/// A split has the shares that came (buy) or went (sell), and neither order nor price: cost and cash stay.
/// A correction has no order: its side and quantity are what came (buy) or went (sell), with the price that the
/// cost moved by; of cash the quantity is zero and the symbol empty. Its source is who corrected.
package struct LedgerRow: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable { case fill, correction, split }
    package var record: UInt64
    /// 1, 2, 3, … within the run.
    package var line: Int64
    package var account: String
    package var symbol: String
    package var side: Side
    package var quantity: Quantity
    package var price: Price
    /// All that the fill cost, tax within.
    package var fee: Money
    package var currency: String
    package var order: OrderNumber
    package var clientOrderID: String
    /// Reference price at the decision less the fill's, signed so that positive is worse for us.
    package var slippage: Price
    package var realised: Money
    package var positionAfter: Quantity
    package var cashAfter: Money
    package var source: String
    package var modelVersion: String
    package var confidence: Int32
    /// The feed's time of the fill.
    package var time: Timestamp
    /// 64 hex digits.
    package var hash: String
    package var kind = Kind.fill
    /// Of a correction and a split.
    package var cashBefore: Money?
    /// Of a correction and a split: what the position costs behind it.
    package var costAfter: Money?
    /// Of a correction: both sides' numbers, who and why. Of a split: `2 for 1`.
    package var note = ""
    /// Of a fill: what of the fee is tax; `nil`: nobody told.
    package var tax: Money?

    package init(
        record: UInt64, line: Int64, account: String, symbol: String, side: Side,
        quantity: Quantity,
        price: Price, fee: Money, currency: String, order: OrderNumber, clientOrderID: String,
        slippage: Price, realised: Money, positionAfter: Quantity, cashAfter: Money, source: String,
        modelVersion: String, confidence: Int32, time: Timestamp, hash: String
    ) {
        self.record = record
        self.line = line
        self.account = account
        self.symbol = symbol
        self.side = side
        self.quantity = quantity
        self.price = price
        self.fee = fee
        self.currency = currency
        self.order = order
        self.clientOrderID = clientOrderID
        self.slippage = slippage
        self.realised = realised
        self.positionAfter = positionAfter
        self.cashAfter = cashAfter
        self.source = source
        self.modelVersion = modelVersion
        self.confidence = confidence
        self.time = time
        self.hash = hash
    }
}

/// A result as stored, with its fate.
package struct SignalRow: Hashable, Sendable {
    package var record: UInt64
    package var position: EventPosition
    package var index: Int
    package var source: String
    package var version: String
    package var model: String
    package var parameterHash: String
    package var account: String
    package var symbol: String
    package var action: Action
    package var confidence: Int32
    package var message: String
    package var reasons: [String]
    /// In words, what it wanted: `10 as configured`, `half of what is held`.
    package var size: String
    package var limit: Price?
    /// From the entry of its event to its arrival, ns.
    package var delay: Int64
    /// `pending`, `used`, `outvoted`, `late`, `expired`, `replaced`, `vetoed`, `not_approved`, `alert`, `removed`, …
    package var status: String
    /// Why, with the numbers.
    package var detail: String
    /// Of the data: its event's where it is known, else when it came.
    package var time: Timestamp

    package init(
        record: UInt64, position: EventPosition, index: Int, source: String, version: String,
        model: String, parameterHash: String, account: String, symbol: String, action: Action,
        confidence: Int32, message: String, reasons: [String], status: String, detail: String,
        time: Timestamp, size: String = "", limit: Price? = nil, delay: Int64 = 0
    ) {
        self.record = record
        self.position = position
        self.index = index
        self.source = source
        self.version = version
        self.model = model
        self.parameterHash = parameterHash
        self.account = account
        self.symbol = symbol
        self.action = action
        self.confidence = confidence
        self.message = message
        self.reasons = reasons
        self.size = size
        self.limit = limit
        self.delay = delay
        self.status = status
        self.detail = detail
        self.time = time
    }
    /// Rows with the same key replace each other: a status moves from `pending` to its end.
    package var key: String { "\(position.value)/\(source)/\(account)/\(symbol)/\(index)" }
}

package struct OrderRow: Hashable, Sendable {
    package var record: UInt64
    package var number: OrderNumber
    package var clientOrderID: String
    package var account: String
    package var symbol: String
    package var side: Side
    package var quantity: Quantity
    package var limit: Price?
    /// The state's name in style.md: `pending`, `submitted`, `partlyFilled`, `filled`, …
    package var state: String
    package var filled: Quantity
    package var source: String
    package var reason: String
    /// The round that it came from; 0 where none is known.
    package var round: Int64
    package var confidence: Int32
    /// In words, why this size.
    package var sizing: String
    /// The last price when it was decided.
    package var reference: Price
    package var reserved: Money
    package var time: Timestamp

    package init(
        record: UInt64, number: OrderNumber, clientOrderID: String, account: String, symbol: String,
        side: Side, quantity: Quantity, limit: Price?, state: String, filled: Quantity,
        source: String, reason: String, time: Timestamp, round: Int64 = 0, confidence: Int32 = 0,
        sizing: String = "", reference: Price = .zero, reserved: Money = .zero
    ) {
        self.record = record
        self.number = number
        self.clientOrderID = clientOrderID
        self.account = account
        self.symbol = symbol
        self.side = side
        self.quantity = quantity
        self.limit = limit
        self.state = state
        self.filled = filled
        self.source = source
        self.reason = reason
        self.round = round
        self.confidence = confidence
        self.sizing = sizing
        self.reference = reference
        self.reserved = reserved
        self.time = time
    }
}

/// A decision of the risk gate or a guardrail.
package struct RiskRow: Hashable, Sendable {
    package var record: UInt64
    package var position: EventPosition
    /// `approved`, or GR030, GR031, …
    package var code: String
    package var account: String
    package var symbol: String
    package var rule: String
    /// The numbers: `order value 1200000 > 1000000`.
    package var detail: String
    package var time: Timestamp

    package init(
        record: UInt64, position: EventPosition, code: String, account: String, symbol: String,
        rule: String, detail: String, time: Timestamp
    ) {
        self.record = record
        self.position = position
        self.code = code
        self.account = account
        self.symbol = symbol
        self.rule = rule
        self.detail = detail
        self.time = time
    }
}
