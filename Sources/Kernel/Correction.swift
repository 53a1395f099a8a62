public import TradingModel

/// A difference between the books and a broker that is to be put right, with who wants it and why.
public struct CorrectionOrder: Hashable, Sendable {
    /// Who says that the broker is right.
    public enum Author: UInt8, Hashable, Sendable, CaseIterable {
        case person = 1
        /// The configuration lets the host correct by itself.
        case configuration = 2

        /// As stored and shown.
        public var name: String { "\(self)" }
    }
    public let account: AccountID
    /// Which of the run's brokers: its place among them.
    public let broker: Int
    public let brokerName: String
    public let difference: Difference
    public let author: Author
    /// For people; in one line.
    public let reason: String
    /// When it was wanted, by the clock of orders.
    public let time: Timestamp

    public init(
        account: AccountID, broker: Int, named brokerName: String, _ difference: Difference,
        by author: Author, reason: String, at time: Timestamp
    ) {
        self.account = account
        self.broker = broker
        self.brokerName = brokerName
        self.difference = difference
        self.author = author
        self.reason = reason
        self.time = time
    }
    public var instrument: InstrumentID? {
        if case .holding(let instrument, _, _) = difference { instrument } else { nil }
    }
    /// How many of the instrument more than before; zero of cash.
    public var change: Int128 {
        guard case .holding(_, let books, let stated) = difference else { return 0 }
        return Int128(stated.units) - Int128(books.units)
    }
}

/// What a correction did to the books: no trade, so nothing is realised by it.
///
/// Shares that are gone take their part of the cost with them; those that came cost what one of those held
/// costs, and the last price where none was held. Cash moves alone. What a day and a peak are measured from moves with
/// what the account is worth, so that a correction is neither profit nor loss to a limit.
public struct Correction: Hashable, Sendable {
    public let order: CorrectionOrder
    /// Of the account, at all its brokers; zero where cash is corrected.
    public let positionBefore: Quantity
    public let positionAfter: Quantity
    public let costBefore: Money
    public let costAfter: Money
    public let cashBefore: Money
    public let cashAfter: Money
    /// What the account is worth more, at the last price.
    public let worth: Money

    public init(
        _ order: CorrectionOrder, positionBefore: Quantity, positionAfter: Quantity,
        costBefore: Money, costAfter: Money, cashBefore: Money, cashAfter: Money, worth: Money
    ) {
        self.order = order
        self.positionBefore = positionBefore
        self.positionAfter = positionAfter
        self.costBefore = costBefore
        self.costAfter = costAfter
        self.cashBefore = cashBefore
        self.cashAfter = cashAfter
        self.worth = worth
    }

    /// For one of what was added or taken away, rounded toward zero; zero where cash is corrected.
    public var price: Price {
        let units = order.change
        guard units != 0 else { return .zero }
        return Price(units: Int64(clamping: (costAfter.units - costBefore.units) / units))
    }
}
