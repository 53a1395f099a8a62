import CSQLite
import Ports
import TradingModel

@testable import Storage

extension LedgerRow {
    static func sample(_ record: UInt64, line: Int64) -> LedgerRow {
        LedgerRow(
            record: record, line: line, account: "demo", symbol: "005930", side: .buy,
            quantity: Quantity(units: 10 * fixedPointScale),
            price: Price(units: 7_010_025_000_000), fee: Money(units: 3_505_000_000_000_000_000),
            currency: "KRW", order: OrderNumber(4), clientOrderID: "id-4",
            slippage: Price(units: -25), realised: .zero, positionAfter: Quantity(units: 1),
            cashAfter: Money(units: 1), source: "cross", modelVersion: "gbm@3f2a",
            confidence: 700_000, time: .sample, hash: String(repeating: "a", count: 64))
    }

    /// The ends of every range, and texts that break careless code.
    static func extreme(_ record: UInt64, line: Int64) -> LedgerRow {
        LedgerRow(
            record: record, line: line, account: "", symbol: "a\u{0}b", side: .sell,
            quantity: Quantity(units: .max), price: Price(units: .min + 1),
            fee: Money(units: .max), currency: "'", order: OrderNumber(.max), clientOrderID: "\"",
            slippage: Price(units: .min), realised: Money(units: .min + 1),
            positionAfter: Quantity(units: .min), cashAfter: Money(units: -1), source: "가격 🦊",
            modelVersion: "", confidence: .min, time: Timestamp(nanoseconds: .min), hash: "")
    }
}

extension SignalRow {
    static func sample(_ record: UInt64, index: Int) -> SignalRow {
        SignalRow(
            record: record, position: EventPosition(step: 9, index: 2), index: index,
            source: "cross", version: "1", model: "", parameterHash: "f00", account: "demo",
            symbol: "005930", action: .buy, confidence: 700_000, message: "fast over slow",
            reasons: ["golden_cross", "volume>1.5"], status: "used", detail: "", time: .sample)
    }
    static func extreme(_ record: UInt64) -> SignalRow {
        SignalRow(
            record: record, position: EventPosition(.max), index: .max, source: "", version: "",
            model: "", parameterHash: "", account: "", symbol: "", action: .alert, confidence: 0,
            message: "\u{0}", reasons: ["\"\\", "", "\u{1}"], status: "", detail: "가",
            time: .distantFuture)
    }
}

extension OrderRow {
    static func sample(_ record: UInt64, number: UInt64) -> OrderRow {
        OrderRow(
            record: record, number: OrderNumber(number), clientOrderID: "id", account: "demo",
            symbol: "005930", side: .sell, quantity: Quantity(units: 10 * fixedPointScale),
            limit: Price(units: 7), state: "submitted", filled: .zero, source: "cross", reason: "",
            time: .sample)
    }
    static func extreme(_ record: UInt64) -> OrderRow {
        OrderRow(
            record: record, number: OrderNumber(1 << 62), clientOrderID: "", account: "",
            symbol: "", side: .buy, quantity: Quantity(units: .max), limit: nil, state: "",
            filled: Quantity(units: .min), source: "", reason: "\n", time: .zero)
    }
}

extension RiskRow {
    static func sample(_ record: UInt64) -> RiskRow {
        RiskRow(
            record: record, position: EventPosition(step: 9, index: 2), code: "GR031",
            account: "demo", symbol: "005930", rule: "order_value",
            detail: "order value 1200000 > 1000000", time: .sample)
    }
    static func extreme(_ record: UInt64) -> RiskRow {
        RiskRow(
            record: record, position: EventPosition(.max), code: "", account: "", symbol: "",
            rule: "", detail: String(repeating: "x", count: 100_000), time: .zero)
    }
}

extension Timestamp {
    /// 2026-11-20T00:00:00.000000001Z
    static let sample = Timestamp(nanoseconds: 1_795_132_800_000_000_001)
}

extension SQLiteProjections {
    /// Lets the file grow by so many pages only, as on a disk that is nearly full.
    func limitPages(toMore pages: Int) throws(StoreError) {
        try withConnection { (connection) throws(StoreError) in
            let now = try connection.integer("PRAGMA page_count", doing: "test")
            let sql = "PRAGMA max_page_count = \(now + Int64(pages))"
            try connection.execute(sql, doing: "test")
        }
    }
}
