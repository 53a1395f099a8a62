package import TradingModel

/// What a broker can do and say; the host asks this and never the broker's name.
package struct BrokerCapabilities: Hashable, Sendable {
    /// What the broker itself does with our order ids. The adapter adds what is missing to ``Broker/place(_:within:)``.
    package enum ClientOrderIDs: Hashable, Sendable {
        /// None are kept: KIS, Kiwoom. An order in doubt is found by what it looks like.
        case none
        /// Unique among open orders only: Binance.
        case whileOpen
        /// Unique for the account's life: Alpaca, paper.
        case always
    }
    package enum OrderType: Hashable, Sendable { case market, limit }
    /// In what steps quantities come.
    package enum Units: Hashable, Sendable {
        /// Multiples of ``Instrument/lot``.
        case lots
        /// Multiples of this, whatever the instrument's lot: fractions of shares.
        case fractions(of: Quantity)
    }
    package enum FillHistory: Hashable, Sendable {
        /// The broker keeps every fill.
        case each
        /// The broker keeps an order's total only (KIS): fills that happened while nobody listened are
        /// in ``BrokerOrder/filled`` and missing in ``Broker/fills(since:within:)``; the host books the difference.
        case totals
    }
    /// What becomes of an open order that is changed.
    package enum Changes: Hashable, Sendable {
        /// It cannot be changed: whoever wants another cancels it.
        case none
        /// Binance, paper.
        case keepNumber
        /// The order goes on under a new number of the broker's: KIS, Kiwoom, Alpaca.
        case makeNumber
    }

    /// For people and the log: `paper`, `kis (mock)`.
    package var name: String
    package var clientOrderIDs: ClientOrderIDs
    package var orderTypes: Set<OrderType>
    package var units: Units
    package var hours: TradingHours
    package var fillHistory: FillHistory
    /// Whether it refuses at once what cash or holdings do not cover.
    package var checksFunds: Bool
    package var changes: Changes

    package init(
        name: String, clientOrderIDs: ClientOrderIDs, orderTypes: Set<OrderType>, units: Units,
        hours: TradingHours, fillHistory: FillHistory, checksFunds: Bool,
        changes: Changes = .none
    ) {
        self.name = name
        self.clientOrderIDs = clientOrderIDs
        self.orderTypes = orderTypes
        self.units = units
        self.hours = hours
        self.fillHistory = fillHistory
        self.checksFunds = checksFunds
        self.changes = changes
    }
}

/// When a broker takes orders. Holidays are the market's, not the broker's: they stand in its calendar.
package enum TradingHours: Hashable, Sendable {
    case always
    case windows([Window], timeZone: String)

    package struct Window: Hashable, Sendable {
        /// 1 Monday … 7 Sunday, of the opening.
        package var weekdays: Set<Int>
        /// Since midnight in the zone. `closes` passes 24 h where the session ends on the next day.
        package var opens: Nanoseconds
        package var closes: Nanoseconds
        /// Taken in this window: the after-market of KRX takes no market orders.
        package var orderTypes: Set<BrokerCapabilities.OrderType>
        package init(
            weekdays: Set<Int>, opens: Nanoseconds, closes: Nanoseconds,
            orderTypes: Set<BrokerCapabilities.OrderType>
        ) {
            self.weekdays = weekdays
            self.opens = opens
            self.closes = closes
            self.orderTypes = orderTypes
        }
    }
}
