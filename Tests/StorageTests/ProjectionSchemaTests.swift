import CSQLite
import Ports
import Testing
import TradingModel

@testable import Storage

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
        #expect(try connection.integer(version, doing: what) == Self.next.version)
        #expect(try connection.integer("SELECT count(note) FROM orders", doing: what) == 1)
        #expect(try store.orders().count == 1)
    }

    /// Rows as schema 1 had them read back, with what they cannot tell left empty.
    @Test func aStoreWithoutRoundsReadsBack() throws {
        let first = ProjectionSchema(
            migrations: Array(ProjectionSchema.current.migrations.prefix(1)))
        try connect(first).execute(
            """
            INSERT INTO runs (id, started, configuration_hash, applied) VALUES ('old', 1, 'x', 7);
            INSERT INTO orders VALUES (1, 4, 7, 'id', 'demo', 'A', 'buy', 100000000, NULL, 'filled',
                100000000, 'cross', 'weighted', 5);
            INSERT INTO signals VALUES (1, 1, 7, 9, 0, 'cross', '1', '', 'f00', 'demo', 'A', 'buy',
                700000, '', '[]', 'used', 'order 4', 5);
            """, doing: "test")
        let store = try SQLiteProjections.reading(folder.store)
        let order = try #require(try store.orders().first)
        #expect(order.number == OrderNumber(4) && order.round == 0 && order.sizing == "")
        #expect(order.reason == "weighted" && order.time == Timestamp(nanoseconds: 5))
        let signal = try #require(try store.signals().first)
        #expect(signal.status == "used" && signal.size == "" && signal.limit == nil)
        #expect(try store.appliedNumber() == 7)
        #expect(try store.rounds().isEmpty)
    }

    /// A ledger of before there were corrections: its rows are fills, and their hashes what they were.
    @Test func aLedgerWithoutKindsReadsBack() throws {
        let before = ProjectionSchema(
            migrations: Array(ProjectionSchema.current.migrations.prefix(3)))
        try connect(before).execute(
            """
            INSERT INTO runs (id, started, configuration_hash, applied) VALUES ('old', 1, 'x', 7);
            INSERT INTO ledger VALUES (1, 1, 7, 'demo', 'A', 'buy', 100000000, 100, '1', 'KRW', 4,
                'id', 0, '0', 100000000, '99', 'cross', '', 700000, 5, 'abc');
            """, doing: "test")
        _ = try connect(.current)
        let row = try #require(try SQLiteProjections.reading(folder.store).ledger().first)
        #expect(row.kind == .fill && row.note == "" && row.cashBefore == nil && row.tax == nil)
        #expect(row.hash == "abc" && row.costAfter == nil && row.order == OrderNumber(4))
        #expect(
            try connect(.current).integer(
                "SELECT count(*) FROM ledger_view WHERE kind = 'fill'", doing: "test") == 1)
    }

    @Test func aNewerStoreIsRefusedWithBothVersions() throws {
        _ = try connect(Self.next)
        let error = storeError { _ = try connect(.current) }
        #expect(error?.code == .newerVersion)
        #expect(error?.what.contains("schema \(Self.next.version)") == true)
        #expect(error?.what.contains("up to \(Self.next.version - 1)") == true)
    }

    @Test func aFailedMigrationChangesNothing() throws {
        _ = try connect(.current)
        var broken = Self.next
        broken.migrations[broken.migrations.count - 1].sql += "; CREATE NONSENSE"
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
