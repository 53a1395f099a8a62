public enum Side: UInt8, Hashable, Sendable {
    case buy = 1
    case sell = 2
    @inlinable public var sign: Int64 { self == .buy ? 1 : -1 }
    @inlinable public var opposite: Side { self == .buy ? .sell : .buy }
}

/// Intents are numbered from 1 in each host, in the order they were decided; the order keeps its intent's number.
public struct OrderNumber: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let value: UInt64
    @inlinable public init(_ value: UInt64) { self.value = value }
    @inlinable public static func < (a: OrderNumber, b: OrderNumber) -> Bool { a.value < b.value }
    public var description: String { "\(value)" }
}

/// What goes to a broker. `limit` nil: a market order.
public struct Order: Hashable, Sendable {
    public let number: OrderNumber
    public let account: AccountID
    public let instrument: InstrumentID
    public let side: Side
    public let quantity: Quantity
    public let limit: Price?

    public init(
        number: OrderNumber, account: AccountID, instrument: InstrumentID, side: Side,
        quantity: Quantity, limit: Price?
    ) {
        self.number = number
        self.account = account
        self.instrument = instrument
        self.side = side
        self.quantity = quantity
        self.limit = limit
    }
}

/// A part of an order that traded. `id` is unique within the order, so that a fill heard twice counts once.
public struct Fill: Hashable, Sendable {
    public let order: OrderNumber
    public let id: UInt32
    public let price: Price
    public let quantity: Quantity
    /// All that it cost, tax within.
    public let fee: Money
    /// The feed's time of the print that filled it.
    public let time: Timestamp
    /// What of the fee is tax; `nil`: nobody told. Nothing is decided by it.
    public let tax: Money?

    /// - Parameter tax: Not below zero, and not beyond the fee.
    public init(
        order: OrderNumber, id: UInt32, price: Price, quantity: Quantity, fee: Money,
        time: Timestamp, tax: Money? = nil
    ) {
        self.order = order
        self.id = id
        self.price = price
        self.quantity = quantity
        self.fee = fee
        self.time = time
        self.tax = tax
    }

    /// Whether its tax, where somebody told it, can be a part of its fee.
    public var isTaxOfFee: Bool { tax.map { $0 >= .zero && $0 <= fee } ?? true }

    /// The same with another word of its tax; `nil`: with none.
    public func taxed(_ tax: Money?) -> Fill {
        Fill(
            order: order, id: id, price: price, quantity: quantity, fee: fee, time: time, tax: tax)
    }
}

/// How a refusal begins whose reason decides something; the broker's own words follow.
public enum RefusalWords {
    /// Cash or holdings do not cover it.
    public static let notCovered = "not covered"
}

/// What a broker says of an order after it was sent.
public enum BrokerReport: Hashable, Sendable {
    case accepted(OrderNumber, BrokerOrderID)
    /// - Parameter reason: As ``RefusalWords`` has it, where it is one of those.
    case rejected(OrderNumber, reason: String)
    case filled(Fill)
    case cancelled(OrderNumber, reason: String)
    /// Sent, and nobody can say what became of it.
    case unknown(OrderNumber, reason: String)
    /// It was certainly not accepted, and is not tried again.
    case failed(OrderNumber, reason: String)
    /// Its time ended: at the broker, or before it was sent.
    case expired(OrderNumber, reason: String)
    /// Its end was asked for at the broker, and has not come yet.
    case cancelAsked(OrderNumber, reason: String)
    /// The broker has taken a change; the number is the order's from now on, a new one at some brokers.
    case changed(OrderNumber, OrderChange, BrokerOrderID)
    /// A change was certainly not taken: the order is what it was.
    case changeRefused(OrderNumber, OrderChange, reason: String)

    public var order: OrderNumber {
        switch self {
        case .accepted(let number, _), .rejected(let number, _), .cancelled(let number, _),
            .unknown(let number, _), .failed(let number, _), .expired(let number, _),
            .cancelAsked(let number, _), .changed(let number, _, _),
            .changeRefused(let number, _, _):
            number
        case .filled(let fill): fill.order
        }
    }
}
