package import Ports

/// A log for runs whose outcome alone counts: it numbers records and keeps none.
package final class UnkeptLog: EventLog {
    private let number = Counter()
    package init() {}
    package var nextNumber: UInt64 { number.value + 1 }
    package var durableNumber: UInt64 { number.value }
    package func append(_ record: [UInt8]) -> UInt64 { number.next() }
    package func flushWhenAsked() {}
    package func onDurable(_ wake: @escaping @Sendable (Result<UInt64, StoreError>) -> Void) {}
    package func flush() {}
    package func forEach(_ body: (UInt64, [UInt8]) throws -> Bool) {}
    package func close() {}
}

/// Tables for runs whose outcome alone counts: they remember how far they are.
package final class UnkeptRows: ProjectionStore {
    private let number = Counter()
    package init() {}
    package func appliedNumber() -> UInt64 { number.value }
    package func apply(_ rows: [ProjectionRow], upTo number: UInt64) { self.number.set(number) }
    package func reset() { number.set(0) }
    package func ledger() -> [LedgerRow] { [] }
    package func signals() -> [SignalRow] { [] }
    package func orders() -> [OrderRow] { [] }
    package func riskEvents() -> [RiskRow] { [] }
    package func rounds() -> [RoundRow] { [] }
    package func events() -> [EventRow] { [] }
    package func shadows() -> [ShadowRow] { [] }
    package func versions() -> [VersionRow] { [] }
    package func bars() -> [BarRow] { [] }
}
