package import Ports
package import TradingModel

/// What whole tables and single decisions are read by.
extension PostgresProjections {
    package func ledger() throws(StoreError) -> [LedgerRow] {
        try query { (queries) throws(StoreError) in try queries.ledger() }
    }
    package func signals() throws(StoreError) -> [SignalRow] {
        try query { (queries) throws(StoreError) in try queries.signals() }
    }
    package func orders() throws(StoreError) -> [OrderRow] {
        try query { (queries) throws(StoreError) in try queries.orders() }
    }
    package func riskEvents() throws(StoreError) -> [RiskRow] {
        try query { (queries) throws(StoreError) in try queries.riskEvents() }
    }
    package func rounds() throws(StoreError) -> [RoundRow] {
        try query { (queries) throws(StoreError) in try queries.rounds() }
    }
    package func events() throws(StoreError) -> [EventRow] {
        try query { (queries) throws(StoreError) in try queries.events() }
    }

    package func shadows() throws(StoreError) -> [ShadowRow] {
        try query { (queries) throws(StoreError) in try queries.shadows() }
    }
    package func versions() throws(StoreError) -> [VersionRow] {
        try query { (queries) throws(StoreError) in try queries.versions() }
    }
    package func round(_ number: Int64) throws(StoreError) -> RoundRow? {
        try query { (queries) throws(StoreError) in try queries.round(number) }
    }

    /// The last round on the symbol that closed at or before the time; of any account for `nil`.
    package func lastRound(
        on symbol: String, account: String?, through time: Timestamp
    ) throws(StoreError) -> RoundRow? {
        try query { (queries) throws(StoreError) in
            try queries.lastRound(on: symbol, account: account, through: time)
        }
    }

    /// The round before this one on the same account and symbol.
    package func round(before round: RoundRow) throws(StoreError) -> RoundRow? {
        try query { (queries) throws(StoreError) in try queries.round(before: round) }
    }

    package func event(at position: EventPosition) throws(StoreError) -> EventRow? {
        try query { (queries) throws(StoreError) in try queries.event(at: position) }
    }

    /// Results on an account and symbol that came from events of this range, as first heard of.
    package func signals(
        account: String, symbol: String, positions: ClosedRange<EventPosition>
    ) throws(StoreError) -> [SignalRow] {
        try query { (queries) throws(StoreError) in
            try queries.signals(on: (account, symbol, positions))
        }
    }

    /// The fills of one order, in order.
    package func ledger(of order: OrderNumber) throws(StoreError) -> [LedgerRow] {
        try query { (queries) throws(StoreError) in try queries.ledger(of: order) }
    }
}
