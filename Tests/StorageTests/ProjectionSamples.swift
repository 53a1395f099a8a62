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

    static func correction(_ record: UInt64, line: Int64) -> LedgerRow {
        var row = sample(record, line: line)
        row.kind = .correction
        row.order = OrderNumber(0)
        row.cashBefore = Money(units: .max)
        row.costAfter = Money(units: -1)
        row.note = "the books held 10, 증권사 says 7; person: 'by phone'"
        return row
    }

    /// A sale whose tax was told.
    static func taxed(_ record: UInt64, line: Int64, _ tax: Money = .zero) -> LedgerRow {
        var row = sample(record, line: line)
        row.side = .sell
        row.tax = tax
        return row
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
            reasons: ["golden_cross", "volume>1.5"], status: "used", detail: "", time: .sample,
            size: "10, as configured", limit: Price(units: 7), delay: 312_000_000)
    }
    static func extreme(_ record: UInt64) -> SignalRow {
        SignalRow(
            record: record, position: EventPosition(.max), index: .max, source: "", version: "",
            model: "", parameterHash: "", account: "", symbol: "", action: .alert, confidence: 0,
            message: "\u{0}", reasons: ["\"\\", "", "\u{1}"], status: "", detail: "가",
            time: .distantFuture, size: "\u{0}'", limit: nil, delay: .min)
    }
}

extension OrderRow {
    static func sample(_ record: UInt64, number: UInt64) -> OrderRow {
        OrderRow(
            record: record, number: OrderNumber(number), clientOrderID: "id", account: "demo",
            symbol: "005930", side: .sell, quantity: Quantity(units: 10 * fixedPointScale),
            limit: Price(units: 7), state: "submitted", filled: .zero, source: "cross", reason: "",
            time: .sample, round: 3, confidence: 700_000, sizing: "cross wanted 10",
            reference: Price(units: 8), reserved: Money(units: 9))
    }
    static func extreme(_ record: UInt64) -> OrderRow {
        OrderRow(
            record: record, number: OrderNumber(1 << 62), clientOrderID: "", account: "",
            symbol: "", side: .buy, quantity: Quantity(units: .max), limit: nil, state: "",
            filled: Quantity(units: .min), source: "", reason: "\n", time: .zero, round: .max,
            confidence: .min, sizing: "가", reference: Price(units: .min),
            reserved: Money(units: .max))
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

extension RoundRow {
    static func sample(_ record: UInt64, number: Int64) -> RoundRow {
        RoundRow(
            record: record, number: number, account: "demo", symbol: "005930",
            opened: EventPosition(step: 9, index: 2), closed: EventPosition(step: 9, index: 3),
            policy: "confidence_weighted", threshold: 600_000, side: .buy, conflict: true,
            detail: "weighted 0.70 >= 0.60", leader: "cross", approved: true, rule: "all",
            ruleDetail: "value 1", order: OrderNumber(4), silent: ["rsi", "a\"b"], time: .sample,
            votes: [
                RoundVote(
                    source: "cross", position: EventPosition(step: 9, index: 2), index: 0,
                    action: .buy, confidence: 700_000, weight: 1_000_000, priority: 100,
                    status: "used"),
                RoundVote(
                    source: "model", position: EventPosition(step: 8, index: 0), index: 3,
                    action: .sell, confidence: 350_000, weight: 0, priority: 1, status: "outvoted"),
            ])
    }
    static func extreme(_ record: UInt64) -> RoundRow {
        RoundRow(
            record: record, number: .max, account: "", symbol: "", opened: .start,
            closed: EventPosition(.max), policy: "", threshold: .min, side: nil, conflict: false,
            detail: "\u{0}", approved: false, order: OrderNumber(.max), silent: [], time: .zero,
            votes: [
                RoundVote(
                    source: "'", position: EventPosition(.max), index: .max, action: .sell,
                    confidence: .min, weight: .max, priority: .min, status: "")
            ])
    }
}

extension EventRow {
    static func sample(_ record: UInt64, step: UInt64) -> EventRow {
        var row = EventRow(
            record: record, position: EventPosition(step: step, index: 2), kind: "candles:1m",
            symbol: "005930", time: .sample)
        row.price = Price(units: 1)
        row.open = Price(units: -2)
        row.high = Price(units: .max)
        row.low = Price(units: .min)
        row.volume = Volume(units: .max)
        return row
    }
    static func quote(_ record: UInt64, step: UInt64) -> EventRow {
        var row = EventRow(
            record: record, position: EventPosition(step: step, index: 0), kind: "quote",
            symbol: "", time: .zero)
        row.bid = Price(units: 3)
        row.ask = .zero
        return row
    }
}

extension BarRow {
    /// - Parameter minute: Behind the sample's time.
    static func sample(
        _ record: UInt64, minute: Int64 = 0, of symbol: String = "005930", close: Int64 = 2
    ) -> BarRow {
        BarRow(
            record: record, symbol: symbol, interval: "1m",
            openTime: Timestamp(
                nanoseconds: Timestamp.sample.nanoseconds + minute * 60_000_000_000),
            open: Price(units: 1), high: Price(units: 7_010_025_000_000), low: Price(units: -3),
            close: Price(units: close), volume: Volume(units: 123_456_789_012_345_678_901))
    }
    static func extreme(_ record: UInt64, at time: Int64, of symbol: String) -> BarRow {
        BarRow(
            record: record, symbol: symbol, interval: "", openTime: Timestamp(nanoseconds: time),
            open: Price(units: .max), high: Price(units: .min), low: .zero,
            close: Price(units: -1), volume: Volume(units: time < 0 ? .min + 1 : .max))
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
