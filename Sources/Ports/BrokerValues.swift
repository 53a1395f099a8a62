package import TradingModel

/// How an order is asked for.
package enum OrderName: Hashable, Sendable {
    /// At a broker without client order ids the adapter translates, as far as it knows the broker's number.
    case client(ClientOrderID)
    case broker(BrokerOrderID)
}

package enum OrderLookup: Hashable, Sendable {
    case found(BrokerOrder)
    /// The broker knows no such order. Of an order in doubt it is conclusive only when it stays so: some
    /// brokers answer from a copy that lags.
    case none
    /// The broker cannot be asked by this name: no client order ids, and no number known. Not "none".
    case cannotTell
}

/// An order as the broker has it, ours or not.
package struct BrokerOrder: Hashable, Sendable {
    package enum State: Hashable, Sendable { case working, filled, cancelled, rejected, expired }
    package var brokerID: BrokerOrderID
    /// `nil`: not ours, or the broker keeps none and the adapter knows none.
    package var clientID: ClientOrderID?
    /// `nil`: a symbol that the host does not trade.
    package var instrument: InstrumentID?
    package var symbol: String
    package var side: Side
    package var quantity: Quantity
    package var limit: Price?
    package var filled: Quantity
    /// Price times quantity over all its fills, without fees.
    package var filledValue: Money
    package var state: State
    /// By the broker's clock.
    package var placedAt: Timestamp?

    package init(
        brokerID: BrokerOrderID, clientID: ClientOrderID?, instrument: InstrumentID?,
        symbol: String, side: Side, quantity: Quantity, limit: Price?, filled: Quantity,
        filledValue: Money, state: State, placedAt: Timestamp?
    ) {
        self.brokerID = brokerID
        self.clientID = clientID
        self.instrument = instrument
        self.symbol = symbol
        self.side = side
        self.quantity = quantity
        self.limit = limit
        self.filled = filled
        self.filledValue = filledValue
        self.state = state
        self.placedAt = placedAt
    }

    /// Rounded toward zero; `nil` before the first fill.
    package var averagePrice: Price? {
        guard filled.isPositive else { return nil }
        return Price(units: Int64(clamping: filledValue.units / Int128(filled.units)))
    }
}

/// A holding as the broker has it.
package struct BrokerPosition: Hashable, Sendable {
    /// `nil`: a symbol that the host does not trade.
    package var instrument: InstrumentID?
    package var symbol: String
    /// Below zero: short.
    package var quantity: Quantity
    /// Less what open sales hold.
    package var available: Quantity
    /// By the broker's own formula; for people, never for books.
    package var averagePrice: Price?
    package init(
        instrument: InstrumentID?, symbol: String, quantity: Quantity, available: Quantity,
        averagePrice: Price?
    ) {
        self.instrument = instrument
        self.symbol = symbol
        self.quantity = quantity
        self.available = available
        self.averagePrice = averagePrice
    }
}

/// Cash as the broker has it.
package struct BrokerBalance: Hashable, Sendable {
    package var currency: String
    /// After every fill so far, whether settled or not.
    package var cash: Money
    /// What a new buy may use: less what open buys hold.
    package var available: Money
    package init(currency: String, cash: Money, available: Money) {
        self.currency = currency
        self.cash = cash
        self.available = available
    }
}

package struct BrokerHeartbeat: Hashable, Sendable {
    /// The broker's clock, where it tells: a signed request fails when ours is off (Binance: one second ahead).
    package var brokerTime: Timestamp?
    package init(brokerTime: Timestamp?) { self.brokerTime = brokerTime }
}

/// What a broker says by itself.
package enum BrokerNews: Hashable, Sendable {
    case report(BrokerReport)
    /// The line was broken: reports may be missing before this one. Reconcile: orders, fills, positions, cash.
    case gap(String)
}

package struct NumberedNews: Hashable, Sendable {
    package let number: UInt64
    package let news: BrokerNews
    package init(number: UInt64, news: BrokerNews) {
        self.number = number
        self.news = news
    }
}
