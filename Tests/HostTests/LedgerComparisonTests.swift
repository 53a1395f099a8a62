import Kernel
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

/// A ledger held against its own chain, and against what its log comes to.
@Suite struct LedgerComparisonTests {
    static let digest = PlainSHA256()

    static func rows(_ count: Int = 4, price: Int64 = 101) -> [LedgerRow] {
        var ledger = LedgerTests.ledger()
        return (0..<count).map { index in
            ledger.book(
                LedgerTests.fill(price + Int64(index)), LedgerTests.booking,
                of: LedgerTests.decision(), record: UInt64(index) + 7)
        }
    }

    static func compare(_ here: [LedgerRow], _ there: [LedgerRow]) -> LedgerComparison {
        LedgerComparison(here, there, digest: digest)
    }

    /// Every hash made anew, as somebody does who knows how they are made.
    static func chained(_ rows: [LedgerRow]) -> [LedgerRow] {
        var before = Ledger.begin
        return rows.map { row in
            var row = row
            row.hash = Ledger.hash(of: row, behind: before, digest)
            before = row.hash
            return row
        }
    }

    @Test func whatIsAlikeIsWhole() {
        let found = Self.compare(Self.rows(), Self.rows())
        #expect(found.difference == nil && found.brokenAt == nil)
        #expect(Self.compare([], []).difference == nil)
    }

    static let changes: [(column: String, change: @Sendable (inout LedgerRow) -> Void)] = [
        ("account", { $0.account = "other" }), ("symbol", { $0.symbol = "S1" }),
        ("side", { $0.side = .sell }), ("quantity", { $0.quantity = .shares(11) }),
        ("price", { $0.price = .won(1) }), ("fee", { $0.fee = .won(2) }),
        ("currency", { $0.currency = "USD" }), ("order_number", { $0.order = OrderNumber(9) }),
        ("slippage", { $0.slippage = .won(-7) }), ("realised", { $0.realised = .won(4) }),
        ("position_after", { $0.positionAfter = .shares(11) }),
        ("cash_after", { $0.cashAfter = .won(1) }), ("source", { $0.source = "other" }),
        ("model_version", { $0.modelVersion = "m@2" }), ("confidence", { $0.confidence = 1 }),
        ("time", { $0.time = .seconds(6) }),
    ]

    /// Each column of a row, changed by itself.
    @Test(arguments: changes.indices)
    func aChangedColumnIsNamedAndBreaksTheChain(_ index: Int) {
        let (column, change) = Self.changes[index]
        var here = Self.rows()
        change(&here[2])
        let found = Self.compare(here, Self.rows())
        #expect(found.difference?.line == 3 && found.difference?.column == column)
        #expect(found.difference?.here != found.difference?.there)
        #expect(found.brokenAt == 3)
        // Hashes made anew hide it from the chain, not from the log.
        let again = Self.compare(Self.chained(here), Self.rows())
        #expect(again.brokenAt == nil && again.difference?.column == column)
    }

    /// What the hash leaves out is held against the log nevertheless.
    @Test func aRecordOrAnIDThatDiffersIsNamed() {
        var here = Self.rows()
        here[1].clientOrderID = "0"
        #expect(Self.compare(here, Self.rows()).difference?.column == "client_order_id")
        #expect(Self.compare(here, Self.rows()).brokenAt == nil)
        here[1] = Self.rows()[1]
        here[1].record = 99
        #expect(Self.compare(here, Self.rows()).difference?.column == "record")
    }

    @Test func aRowThatIsMissingOrTooMuchIsNamed() {
        var here = Self.rows()
        here.remove(at: 1)
        let missing = Self.compare(here, Self.rows())
        #expect(missing.difference?.line == 2 && missing.difference?.here == nil)
        #expect(missing.brokenAt == 3)
        // Hashes made anew do not hide the gap in the lines.
        #expect(Self.compare(Self.chained(here), Self.rows()).brokenAt == 3)
        let cut = Self.compare(Self.rows(3), Self.rows())
        #expect(cut.difference?.line == 4 && cut.difference?.here == nil)
        #expect(cut.brokenAt == nil)
        let more = Self.compare(Self.rows(5), Self.rows())
        #expect(more.difference?.line == 5 && more.difference?.there == nil)
    }

    @Test func aHashAloneThatDiffersIsNamed() {
        var here = Self.rows()
        here[3].hash = Ledger.begin
        let found = Self.compare(here, Self.rows())
        #expect(found.difference?.column == "hash" && found.brokenAt == 4)
    }
}
