package import Ports
package import TradingModel

/// The tables of one run, with what tells one decision read by its keys instead of whole tables.
package protocol DecisionStore: ProjectionStore {
    /// The id of the run that this store is bound to.
    var runID: String { get }

    func round(_ number: Int64) throws(StoreError) -> RoundRow?
    /// The last round on the symbol that closed at or before the time; of any account for `nil`.
    func lastRound(
        on symbol: String, account: String?, through time: Timestamp
    ) throws(StoreError) -> RoundRow?
    /// The round before this one on the same account and symbol.
    func round(before round: RoundRow) throws(StoreError) -> RoundRow?
    func event(at position: EventPosition) throws(StoreError) -> EventRow?
    /// Results on an account and symbol that came from events of this range, as first heard of.
    func signals(
        account: String, symbol: String, positions: ClosedRange<EventPosition>
    ) throws(StoreError) -> [SignalRow]
    /// The fills of one order, in order.
    func ledger(of order: OrderNumber) throws(StoreError) -> [LedgerRow]

    /// The bars of one symbol and interval, by open time. `interval` as stored: `1m`.
    func bars(of symbol: String, interval: String) throws(StoreError) -> [BarRow]

    /// Notes that the run has ended.
    ///
    /// - Parameter summary: As JSON, for whoever lists the runs.
    func finish(at time: Timestamp, summary: String) throws(StoreError)
}
