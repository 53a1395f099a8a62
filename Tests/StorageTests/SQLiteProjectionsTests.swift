import CSQLite
import Foundation
import Ports
import TestKit
import Testing
import TradingModel

@testable import Storage

@Suite struct SQLiteProjectionsTests {
    let folder = TemporaryFolder()

    private func open(
        _ run: String = "run-1", hash: String = "c0ffee", started: Int64 = 100
    ) throws -> SQLiteProjections {
        try SQLiteProjections.open(
            folder.store, run: run, configurationHash: hash,
            started: Timestamp(nanoseconds: started), patience: .milliseconds(20))
    }
    private func text(_ sql: String) throws -> [String] {
        let connection = try SQLiteConnection(
            folder.store, flags: SQLITE_OPEN_READWRITE, patience: 0)
        var found: [String] = []
        try connection.prepare(sql, doing: "test").forEach { (row) throws(StoreError) in
            found.append(row.text())
        }
        return found
    }

    @Test func everyFieldReadsBackExactly() throws {
        let store = try open()
        #expect(try store.appliedNumber() == 0)
        let ledger = [LedgerRow.sample(1, line: 1), .extreme(2, line: 2)]
        let signals = [SignalRow.sample(1, index: 0), .extreme(2)]
        let orders = [OrderRow.sample(1, number: 1), .extreme(2)]
        let risks = [RiskRow.sample(1), .extreme(2)]
        let rounds = [RoundRow.sample(1, number: 1), .extreme(2)]
        let events = [EventRow.sample(1, step: 9), .quote(2, step: 10)]
        try store.apply(
            ledger.map(ProjectionRow.ledger) + signals.map(ProjectionRow.signal)
                + orders.map(ProjectionRow.order) + risks.map(ProjectionRow.risk)
                + rounds.map(ProjectionRow.round) + events.map(ProjectionRow.event), upTo: 7)
        for reader in [store, try open(), try .reading(folder.store)] {
            #expect(try reader.ledger() == ledger)
            #expect(try reader.signals() == signals)
            #expect(try reader.orders() == orders)
            #expect(try reader.riskEvents() == risks)
            #expect(try reader.rounds() == rounds)
            #expect(try reader.events() == events)
            #expect(try reader.appliedNumber() == 7)
        }
    }

    @Test(arguments: 0..<40) func randomRowsReadBackExactly(_ seed: UInt64) throws {
        var random = SeededRandom(seed)
        let store = try open()
        var model: [LedgerRow] = []
        for _ in 0..<5 {
            let rows = (0..<8).map { _ -> LedgerRow in
                let line = Int64(model.count) + 1
                var row = LedgerRow.sample(UInt64(line), line: line)
                row.fee = Money(
                    units: Int128(random.next()) * Int128(Int64(truncatingIfNeeded: random.next())))
                row.cashAfter = Money(units: -row.fee.units)
                row.price = Price(units: Int64(truncatingIfNeeded: random.next()))
                row.quantity = Quantity(units: Int64(truncatingIfNeeded: random.next()))
                row.account = String(decoding: payload(random.next() % 99 + 1), as: UTF8.self)
                row.source =
                    ["", "가격", "a\u{0}b", "'; DROP TABLE ledger; --", "🦊"]
                    .randomElement(using: &random) ?? ""
                row.time = Timestamp(nanoseconds: Int64(truncatingIfNeeded: random.next()))
                model.append(row)
                return row
            }
            try store.apply(rows.map(ProjectionRow.ledger), upTo: UInt64(model.count))
        }
        #expect(try store.ledger() == model)
    }

    @Test func whatIsAppliedIsNotAppliedAgain() throws {
        let store = try open()
        try store.apply([.ledger(.sample(3, line: 1)), .risk(.sample(3))], upTo: 5)
        // The same again, as after a crash; then one that overlaps.
        try store.apply([.ledger(.sample(3, line: 1)), .risk(.sample(3))], upTo: 5)
        try store.apply([.risk(.sample(3)), .risk(.sample(6))], upTo: 6)
        #expect(try store.ledger().count == 1)
        #expect(try store.riskEvents().map(\.record) == [3, 6])
        try store.apply([], upTo: 9)
        #expect(try store.appliedNumber() == 9)
        try store.apply([], upTo: 2)
        #expect(try store.appliedNumber() == 9)
    }

    @Test func signalsAndOrdersAreReplacedInPlace() throws {
        let store = try open()
        var first = SignalRow.sample(1, index: 0)
        first.status = "pending"
        var order = OrderRow.sample(1, number: 4)
        try store.apply(
            [.signal(first), .signal(.sample(1, index: 1)), .order(order)], upTo: 1)
        first.record = 2
        first.status = "used"
        first.detail = "order 4"
        order.record = 2
        order.state = "filled"
        order.filled = order.quantity
        try store.apply([.signal(first), .order(order)], upTo: 2)
        #expect(try store.signals() == [first, .sample(1, index: 1)])
        #expect(try store.orders() == [order])
    }

    @Test func aRefusedRowUndoesItsWholeBatch() throws {
        let store = try open()
        try store.apply([.ledger(.sample(1, line: 1))], upTo: 1)
        let error = storeError {
            try store.apply(
                [.risk(.sample(2)), .ledger(.sample(2, line: 1))], upTo: 2)
        }
        #expect(error?.code == .corrupt)
        #expect(try store.appliedNumber() == 1)
        #expect(try store.riskEvents().isEmpty)
        try store.apply([.ledger(.sample(2, line: 2))], upTo: 2)
        #expect(try store.ledger().count == 2)
    }

    @Test func resetEmptiesThisRunOnly() throws {
        let other = try open("run-0")
        try other.apply([.ledger(.sample(1, line: 1))], upTo: 1)
        let store = try open()
        try store.apply(
            [
                .ledger(.sample(1, line: 1)), .signal(.sample(1, index: 0)),
                .order(.sample(1, number: 1)), .risk(.sample(1)),
                .round(.sample(1, number: 1)), .event(.sample(1, step: 9)),
            ], upTo: 4)
        try store.reset()
        #expect(try store.appliedNumber() == 0)
        #expect(try store.ledger().isEmpty && store.signals().isEmpty)
        #expect(try store.orders().isEmpty && store.riskEvents().isEmpty)
        #expect(try store.rounds().isEmpty && store.events().isEmpty)
        #expect(try other.ledger().count == 1)
        try store.apply([.ledger(.sample(1, line: 1))], upTo: 1)
        #expect(try store.ledger().count == 1)
    }

    @Test func runsAreListedAndReadByName() throws {
        let first = try open("a", started: 10)
        try first.apply([.ledger(.sample(1, line: 1))], upTo: 8)
        try first.finish(at: Timestamp(nanoseconds: 20), summary: #"{"fills":1}"#)
        _ = try open("b", started: 30)
        // Continuing keeps the beginning.
        _ = try open("a", started: 99)
        #expect(
            try SQLiteProjections.runs(in: folder.store) == [
                StoredRun(
                    id: "a", started: Timestamp(nanoseconds: 10),
                    finished: Timestamp(nanoseconds: 20), configurationHash: "c0ffee",
                    summary: #"{"fills":1}"#, applied: 8),
                StoredRun(
                    id: "b", started: Timestamp(nanoseconds: 30), finished: nil,
                    configurationHash: "c0ffee", summary: nil, applied: 0),
            ])
        let latest = try SQLiteProjections.reading(folder.store)
        #expect(latest.runID == "b")
        #expect(try SQLiteProjections.reading(folder.store, run: "a").ledger().count == 1)
        let error = storeError { _ = try SQLiteProjections.reading(folder.store, run: "zz") }
        #expect(error?.code == .otherRun)
        #expect(error?.advice.contains("a, b") == true)
    }

    @Test func aRunKeepsItsConfiguration() throws {
        _ = try open()
        let error = storeError { _ = try open(hash: "beef") }
        #expect(error?.code == .otherRun)
        #expect(try SQLiteProjections.runs(in: folder.store).count == 1)
    }

    @Test func aReaderCannotWrite() throws {
        _ = try open()
        let reader = try SQLiteProjections.reading(folder.store)
        #expect(storeError { try reader.apply([], upTo: 1) }?.code == .permission)
    }

    @Test func viewsShowWhatPeopleWrite() throws {
        let store = try open()
        var order = OrderRow.sample(1, number: 1)
        order.limit = Price("-0.5")
        order.quantity = try #require(Quantity("1200"))
        order.time = Timestamp(nanoseconds: -1)
        var market = OrderRow.sample(1, number: 2)
        market.limit = nil
        try store.apply([.order(order), .order(market), .ledger(.sample(1, line: 1))], upTo: 1)
        let parts =
            "run || ' ' || time || ' ' || quantity || ' ' || coalesce(price_limit, 'market')"
        #expect(
            try text("SELECT \(parts) FROM orders_view") == [
                "run-1 1969-12-31T23:59:59.999999999Z 1200 -0.5",
                "run-1 2026-11-20T00:00:00.000000001Z 10 market",
            ])
        #expect(
            try text("SELECT price || ' ' || fee || ' ' || confidence FROM ledger_view")
                == ["70100.25 350.5 0.7"])
        #expect(try text("SELECT code FROM risk_events_view").isEmpty)
        #expect(try text("SELECT status FROM signals_view").isEmpty)
    }

    @Test func filesAreForTheirOwnerOnly() throws {
        let store = try open()
        try store.apply([.ledger(.sample(1, line: 1))], upTo: 1)
        func mode(_ path: String) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        }
        #expect(try mode(folder.path + "/store") == 0o700)
        for suffix in ["", "-wal", "-shm"] { #expect(try mode(folder.store + suffix) == 0o600) }
    }

    @Test func readersSeeWholeBatchesWhileAWriterWrites() async throws {
        let store = try open()
        let path = folder.store
        async let seen: [Int] = {
            let reader = try SQLiteProjections.reading(path)
            var counts: [Int] = []
            while (counts.last ?? 0) < 400 { counts.append(try reader.ledger().count) }
            return counts
        }()
        for batch in 0..<40 {
            let rows = (1...10).map { line in
                ProjectionRow.ledger(.sample(UInt64(batch) + 1, line: Int64(batch * 10 + line)))
            }
            try store.apply(rows, upTo: UInt64(batch) + 1)
        }
        #expect(try await seen.allSatisfy { $0 % 10 == 0 })
    }
}
