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
    /// What ``fail`` can do.
    package var faults: [BrokerFault] = []
    /// Makes the next call of its kind meet it.
    package let fail: (@Sendable (BrokerFault) async -> Void)?
    /// Returns when the last fault has struck; only of those that hang.
    package var struck: @Sendable () async -> Void = {}
    /// Takes back what of the last fault has not struck.
    package var calm: @Sendable () async -> Void = {}
    /// The market closes: what is open ends unfilled.
    package var endDay: (@Sendable () async -> Void)?
    /// Until told otherwise, questions are answered from a copy of this moment.
    package var lag: (@Sendable (Bool) async -> Void)?
    /// Cuts the line of reports, which comes back by itself and tells what it missed.
    package var breakLine: (@Sendable () async -> Void)?
    /// Calls in a second, where they are counted: as the scenario wished.
    package var atOnce: Int?
    /// A second passes at the broker and in the adapter: of one that counts calls.
    package var rest: (@Sendable () async -> Void)?

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

/// What a scenario wants of its bench.
package struct BenchWish: Hashable, Sendable {
    /// Its market fills orders in parts.
    package var inParts = false
    /// Calls in a second that the broker takes, or the adapter makes; more are `rateLimited`. `nil`: any number.
    package var atOnce: Int?
    /// The adapter keeps that limit itself, so that the broker never says so.
    package var isKept = false
    package init() {}
}

/// What a broker must never do, by what is broken and not by where it was seen.
package struct BrokerViolation: Hashable, Sendable, CustomStringConvertible {
    package enum Rule: String, Hashable, Sendable, CaseIterable {
        case answersPlacing, reportsInOrder, losesNoNews, fillsAddUp
        case refusesBadOrders, refusesBeyondFunds
        case cancelEnds, cancelIsHonest
        case changesAsAsked, changeIsHonest
        case oneOrderForAClientID, knowsItsOrders, endsUnfilled, keepsTheRate
        case openOrdersAgree, fillsAgree, positionsAgree, cashAgrees
        case withdrawsBeforeTheWrite, tellsFailuresApart, heartbeats, closes, adopts
    }
    package let rule: Rule
    package let what: String
    package var description: String { "\(rule.rawValue): \(what)" }
}
