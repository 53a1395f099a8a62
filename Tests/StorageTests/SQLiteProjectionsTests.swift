import CSQLite
import Foundation
import Ports
import Synchronization
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
    private func raw(_ sql: String) throws {
        let connection = try SQLiteConnection(
            folder.store, flags: SQLITE_OPEN_READWRITE, patience: 0)
        try connection.execute(sql, doing: "test")
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
        try store.apply(
            ledger.map(ProjectionRow.ledger) + signals.map(ProjectionRow.signal)
                + orders.map(ProjectionRow.order) + risks.map(ProjectionRow.risk), upTo: 7)
        for reader in [store, try open(), try .reading(folder.store)] {
            #expect(try reader.ledger() == ledger)
            #expect(try reader.signals() == signals)
            #expect(try reader.orders() == orders)
            #expect(try reader.riskEvents() == risks)
            #expect(try reader.appliedNumber() == 7)
        }
    }

    @Test(arguments: 0..<40) func randomRowsReadBackExactly(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
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
            ], upTo: 4)
        try store.reset()
        #expect(try store.appliedNumber() == 0)
        #expect(try store.ledger().isEmpty && store.signals().isEmpty)
        #expect(try store.orders().isEmpty && store.riskEvents().isEmpty)
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

    // MARK: Trouble

    @Test func anotherWriterIsReported() throws {
        let store = try open()
        let other = try SQLiteConnection(
            folder.store, flags: SQLITE_OPEN_READWRITE, patience: 0)
        try other.execute("BEGIN IMMEDIATE", doing: "test")
        let error = storeError { try store.apply([], upTo: 1) }
        #expect(error?.code == .inUse)
        #expect(error?.place == folder.store)
        try other.execute("ROLLBACK", doing: "test")
        try store.apply([], upTo: 1)
    }

    @Test func aFullDiskIsReportedAndUndone() throws {
        let store = try open()
        try store.apply([.ledger(.sample(1, line: 1))], upTo: 1)
        try store.limitPages(toMore: 4)
        let rows = (2...2_000).map { ProjectionRow.ledger(.sample(2, line: $0)) }
        let error = storeError { try store.apply(rows, upTo: 2) }
        #expect(error?.code == .full)
        #expect(error?.advice.contains("free space") == true)
        #expect(try store.ledger().count == 1)
        #expect(try store.appliedNumber() == 1)
        try store.limitPages(toMore: 100_000)
        try store.apply(rows, upTo: 2)
        #expect(try store.ledger().count == 2_000)
    }

    @Test func aFileThatIsNoDatabaseIsReported() throws {
        mkdir(folder.path + "/store", 0o700)
        try Data(repeating: 65, count: 4_096).write(to: URL(fileURLWithPath: folder.store))
        let error = storeError { _ = try open() }
        #expect(error?.code == .corrupt)
        #expect(error?.advice.contains("rebuilt from the log") == true)
    }

    @Test func damageIsReported() throws {
        do {
            let store = try open()
            let rows = (1...3_000).map { ProjectionRow.ledger(.sample(1, line: $0)) }
            try store.apply(rows, upTo: 1)
        }
        try edit(folder.store) { bytes in
            for at in 12_288..<bytes.count { bytes[at] = 0xA5 }
        }
        let error = storeError { _ = try open().ledger() }
        #expect(error?.code == .corrupt)
    }

    @Test func anotherProgramsDatabaseIsLeftAlone() throws {
        mkdir(folder.path + "/store", 0o700)
        let other = try SQLiteConnection(
            folder.store, flags: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, patience: 0)
        try other.execute("CREATE TABLE theirs (a)", doing: "test")
        let error = storeError { _ = try open() }
        #expect(error?.code == .corrupt)
        #expect(error?.what.contains("another program") == true)
        #expect(try text("SELECT name FROM sqlite_master") == ["theirs"])
    }

    @Test func aBadValueNamesItsColumn() throws {
        try open().apply([.ledger(.sample(1, line: 1))], upTo: 1)
        try raw("UPDATE ledger SET fee = 'much'")
        let error = storeError { _ = try open().ledger() }
        #expect(error?.code == .corrupt)
        #expect(error?.what.contains("fee") == true)
    }

    @Test func readingWhatIsNotThereSaysWhatToDo() throws {
        let error = storeError { _ = try SQLiteProjections.reading(folder.store) }
        #expect(error?.code == .io)
        #expect(error?.advice.contains("madang run") == true)
        #expect(!FileManager.default.fileExists(atPath: folder.store))
    }

    @Test func aFolderInTheWayIsReported() throws {
        mkdir(folder.path + "/store", 0o700)
        mkdir(folder.store, 0o700)
        let error = storeError { _ = try open() }
        #expect(error?.code == .io)
        #expect(error?.place == folder.store)
    }
}

@Suite struct ProjectionSchemaTests {
    let folder = TemporaryFolder()

    private func connect(_ schema: ProjectionSchema) throws -> SQLiteConnection {
        try SQLiteProjections.makePrivate(folder.store)
        return try SQLiteProjections.connect(folder.store, patience: .zero, schema: schema)
    }
    private static let next = ProjectionSchema(
        migrations: ProjectionSchema.current.migrations + [
            .init(name: "notes", sql: "ALTER TABLE orders ADD COLUMN note TEXT NOT NULL DEFAULT ''")
        ])

    @Test func anOlderStoreIsBroughtForwardWithItsRows() throws {
        let store = try SQLiteProjections.open(
            folder.store, run: "a", configurationHash: "x", started: .zero)
        try store.apply([.order(.sample(1, number: 1))], upTo: 1)
        let connection = try connect(Self.next)
        let what = "test"
        let version = "SELECT max(version) FROM schema_versions"
        #expect(try connection.integer(version, doing: what) == 2)
        #expect(try connection.integer("SELECT count(note) FROM orders", doing: what) == 1)
        #expect(try store.orders().count == 1)
    }

    @Test func aNewerStoreIsRefusedWithBothVersions() throws {
        _ = try connect(Self.next)
        let error = storeError { _ = try connect(.current) }
        #expect(error?.code == .newerVersion)
        #expect(error?.what.contains("2") == true && error?.what.contains("1") == true)
    }

    @Test func aFailedMigrationChangesNothing() throws {
        _ = try connect(.current)
        var broken = Self.next
        broken.migrations[1].sql += "; CREATE NONSENSE"
        #expect(storeError { _ = try connect(broken) } != nil)
        let connection = try connect(.current)
        let column = "SELECT count(*) FROM pragma_table_info('orders') WHERE name = 'note'"
        #expect(try connection.integer(column, doing: "test") == 0)
    }

    @Test func theAskedIndexesAreThere() throws {
        let connection = try connect(.current)
        for (index, columns) in [
            ("ledger_symbol_time", "symbol,time"), ("signals_symbol_time", "symbol,time"),
            ("orders_symbol_time", "symbol,time"), ("orders_account_state", "account,state"),
            ("risk_events_symbol_time", "symbol,time"),
        ] {
            var found = ""
            try connection.prepare(
                "SELECT group_concat(name) FROM pragma_index_info('\(index)')", doing: "test"
            ).forEach { (row) throws(StoreError) in found = row.text() }
            #expect(found == columns)
        }
    }
}

@Suite struct JSONWordsTests {
    @Test(arguments: [
        [], [""], ["golden_cross", "rsi<30"], ["\"", "\\", "\n\t\u{1}\u{0}", "가 🦊", "/"],
    ])
    func wordsRoundTrip(_ words: [String]) {
        #expect(JSONWords.decode(JSONWords.encode(words)) == words)
    }

    @Test(arguments: ["", "{}", "[1]", "[\"a\"", "null"]) func otherTextIsRefused(_ text: String) {
        #expect(JSONWords.decode(text) == nil)
    }
}
