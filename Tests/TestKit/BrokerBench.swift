package import Platform
package import Ports
package import TradingModel

/// A fresh broker with its market in hand: what ``BrokerContract`` needs from an adapter's suite.
package struct BrokerBench: Sendable {
    package let broker: any Broker
    /// Of the orders' permits. The contract moves it, and `settle` where the adapter needs time to pass.
    package let clock: ManualClock
    package let account: AccountID
    /// At least two that the account may trade.
    package let instruments: [Instrument]
    /// A price on the steps of each, near which the contract trades.
    package let price: Price
    /// At the start; covers 1,000 lots at `price` and not 100,000. Nothing is held.
    package let cash: Money
    package let currency: String
    /// Makes the market trade there, in any amount.
    package let trade: @Sendable (InstrumentID, Price) async -> Void
    /// Returns when the broker has said everything that it has to say of what was done.
    package let settle: @Sendable () async -> Void
    /// Makes the next `place` meet it; `nil`: this bench cannot.
    package let fail: (@Sendable (BrokerFault) async -> Void)?

    package init(
        broker: any Broker, clock: ManualClock, account: AccountID, instruments: [Instrument],
        price: Price, cash: Money, currency: String,
        trade: @escaping @Sendable (InstrumentID, Price) async -> Void,
        settle: @escaping @Sendable () async -> Void,
        fail: (@Sendable (BrokerFault) async -> Void)?
    ) {
        self.broker = broker
        self.clock = clock
        self.account = account
        self.instruments = instruments
        self.price = price
        self.cash = cash
        self.currency = currency
        self.trade = trade
        self.settle = settle
        self.fail = fail
    }
}

package enum BrokerFault: Hashable, Sendable, CaseIterable {
    /// The order is taken, the answer does not arrive.
    case loseReply
    case rateLimit, offline, maintenance, unauthorized
}

/// What a broker must never do, by what is broken and not by where it was seen.
package struct BrokerViolation: Hashable, Sendable, CustomStringConvertible {
    package enum Rule: String, Hashable, Sendable, CaseIterable {
        case answersPlacing, reportsInOrder, losesNoNews, fillsAddUp
        case refusesBadOrders, refusesBeyondFunds
        case cancelEnds, cancelIsHonest
        case changesAsAsked, changeIsHonest
        case oneOrderForAClientID, knowsItsOrders
        case openOrdersAgree, fillsAgree, positionsAgree, cashAgrees
        case withdrawsBeforeTheWrite, tellsFailuresApart, heartbeats, closes, adopts
    }
    package let rule: Rule
    package let what: String
    package var description: String { "\(rule.rawValue): \(what)" }
}
