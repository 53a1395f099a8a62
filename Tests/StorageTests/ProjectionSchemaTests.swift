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
