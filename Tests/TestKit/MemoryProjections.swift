package import Ports
import Platform
import TradingModel

/// The tables in memory.
package final class MemoryProjections: ProjectionStore {
    private struct State {
        var applied: UInt64 = 0
        var ledger: [LedgerRow] = []
        var signals: [String: SignalRow] = [:]
        var orders: [UInt64: OrderRow] = [:]
        var risk: [RiskRow] = []
        var rounds: [RoundRow] = []
        var events: [EventPosition: EventRow] = [:]
        var shadows: [ShadowRow] = []
        var versions: [VersionRow] = []
        var bars: [[String]: BarRow] = [:]
    }
    private let state = Locked(State())
    package init() {}

    package func appliedNumber() throws(StoreError) -> UInt64 { state.withLock { $0.applied } }

    package func apply(_ rows: [ProjectionRow], upTo number: UInt64) throws(StoreError) {
        state.withLock { state in
            for row in rows {
                switch row {
                case .ledger(let row) where row.record > state.applied: state.ledger.append(row)
                case .signal(let row) where row.record > state.applied: state.signals[row.key] = row
                case .order(let row) where row.record > state.applied:
                    state.orders[row.number.value] = row
                case .risk(let row) where row.record > state.applied: state.risk.append(row)
                case .round(let row) where row.record > state.applied: state.rounds.append(row)
                case .event(let row) where row.record > state.applied:
                    if state.events[row.position] == nil { state.events[row.position] = row }
                case .shadow(let row) where row.result.record > state.applied:
                    state.shadows.append(row)
                case .version(let row) where row.record > state.applied:
                    state.versions.append(row)
                case .bar(let row) where row.record > state.applied:
                    state.bars[row.key] = row
                default: break
                }
            }
            state.applied = max(state.applied, number)
        }
    }

    package func reset() throws(StoreError) { state.withLock { $0 = State() } }
    package func ledger() throws(StoreError) -> [LedgerRow] { state.withLock { $0.ledger } }
    package func signals() throws(StoreError) -> [SignalRow] {
        state.withLock { state in state.signals.values.sorted { $0.key < $1.key } }
    }
    package func orders() throws(StoreError) -> [OrderRow] {
        state.withLock { state in state.orders.values.sorted { $0.number < $1.number } }
    }
    package func riskEvents() throws(StoreError) -> [RiskRow] { state.withLock { $0.risk } }
    package func rounds() throws(StoreError) -> [RoundRow] {
        state.withLock { state in state.rounds.sorted { $0.number < $1.number } }
    }
    package func events() throws(StoreError) -> [EventRow] {
        state.withLock { state in state.events.values.sorted { $0.position < $1.position } }
    }
    package func shadows() throws(StoreError) -> [ShadowRow] { state.withLock { $0.shadows } }
    package func versions() throws(StoreError) -> [VersionRow] { state.withLock { $0.versions } }
    package func bars() throws(StoreError) -> [BarRow] {
        state.withLock { state in
            state.bars.values.sorted {
                ($0.symbol, $0.interval, $0.openTime) < ($1.symbol, $1.interval, $1.openTime)
            }
        }
    }
}

extension BarRow {
    fileprivate var key: [String] { [symbol, interval, "\(openTime.nanoseconds)"] }
}
