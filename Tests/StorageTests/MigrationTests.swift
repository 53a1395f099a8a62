import Host
import Ports
import TestKit
import Testing
import TradingModel

@testable import Storage

/// Tables of every older shape, with rows in them: forwards all of them are kept, and there is no way back.
@Suite struct MigrationTests {
    /// A store and a version that its tables were once at.
    struct Step: Sendable, CustomTestStringConvertible {
        var kind: StoreKind
        var version: Int
        var testDescription: String { "\(kind) \(version)" }

        static let all = StoreKind.allCases.flatMap { kind in
            (1..<kind.version).map { Step(kind: kind, version: $0) }
        }
    }

    @Test(arguments: Step.all) func everyRowIsKeptAndTheRunGoesOn(_ step: Step) throws {
        let place = try MigratedStore(step.kind)
        let columns = try place.columns(at: step.version)
        #expect(try place.version() == step.version)
        let old = OldTables(columns)
        try place.execute(old.statements(columns), at: step.version)

        let store = try place.address.open(
            run: "old", configurationHash: "c0ffee", started: .zero)
        #expect(try place.version() == step.kind.version)
        #expect(try store.rows() == old.present(columns))
        #expect(try store.appliedNumber() == OldTables.applied)
        #expect(try place.address.runs().map(\.started) == [Timestamp(nanoseconds: 100)])

        // Fills and corrections of later are chained to what was there.
        let last = try #require(old.ledger.last)
        let more = OldTables.chained(
            [
                .sample(8, line: last.line + 1), .correction(8, line: last.line + 2),
                .taxed(8, line: last.line + 3, .won(1)),
            ], behind: last.hash)
        let bar = BarRow.sample(8)
        try store.apply(more.map(ProjectionRow.ledger) + [.bar(bar)], upTo: 8)
        let reader = try place.address.reading()
        let compared = LedgerComparison(
            try reader.ledger(), old.ledger + more, digest: PlainSHA256())
        #expect(compared.difference == nil && compared.brokenAt == nil)
        #expect(try reader.bars() == [bar])
        #expect(
            try place.integer("SELECT count(*) FROM ledger_view WHERE tax IS NOT NULL") == 1)
        let rows = try reader.rows().count
        try store.reset()
        #expect(try store.rows().isEmpty && rows == old.present(columns).count + 4)
    }

    /// A program of before, at tables of now: it names both versions and touches nothing.
    @Test(arguments: Step.all) func thereIsNoWayBack(_ step: Step) throws {
        let place = try MigratedStore(step.kind)
        let store = try place.address.open(
            run: "new", configurationHash: "c0ffee", started: .zero)
        try store.apply([.ledger(.sample(1, line: 1)), .bar(.sample(1))], upTo: 1)
        let before = try store.rows()
        let error = storeError { try place.connect(at: step.version) }
        #expect(error?.code == .newerVersion)
        #expect(
            error?.what == "the store has schema \(step.kind.version),"
                + " this program knows schemas up to \(step.version)")
        #expect(error?.advice.contains("use the program that wrote it") == true)
        #expect(try place.version() == step.kind.version)
        #expect(try store.rows() == before && before.count == 2)
    }
}

extension StoreKind {
    /// Of its tables now.
    var version: Int {
        switch self {
        case .sqlite: Int(ProjectionSchema.current.version)
        case .postgres: Int(PostgresSchema.current.version)
        }
    }
}

/// A store that programs of several versions open.
struct MigratedStore {
    private let tables: StoreUnderTest
    var address: StoreAddress { tables.address }

    init(_ kind: StoreKind) throws { tables = try StoreUnderTest(kind) }

    /// As a program of that version opens it: it makes tables, or brings them to its own version.
    func connect(at version: Int) throws(StoreError) {
        try with(version) { (_, _) throws(StoreError) in }
    }

    /// Of each table, behind an opening by a program of that version.
    func columns(at version: Int) throws(StoreError) -> [String: Set<String>] {
        var columns: [String: Set<String>] = [:]
        try with(version) { (_, each) throws(StoreError) in
            try each(columnQuery) { columns[$0, default: []].insert($1) }
        }
        return columns
    }

    func execute(_ statements: [String], at version: Int) throws(StoreError) {
        try with(version) { (execute, _) throws(StoreError) in
            for statement in statements { try execute(statement) }
        }
    }

    /// As the tables say.
    func version() throws(StoreError) -> Int {
        try integer("SELECT max(version) FROM schema_versions")
    }

    func integer(_ sql: String) throws(StoreError) -> Int {
        switch address {
        case .sqlite(let path):
            Int(
                try SQLiteConnection(path, flags: Self.reading, patience: 0)
                    .integer(sql, doing: "test"))
        case .postgres(let settings):
            Int(
                try PostgresConnection(settings, readsOnly: true)
                    .integer(sql, doing: "test"))
        }
    }

    /// Of `SQLITE_OPEN_READONLY`.
    private static let reading: Int32 = 1

    private var columnQuery: String {
        switch address {
        case .sqlite:
            """
            SELECT tables.name, columns.name FROM sqlite_master AS tables
            JOIN pragma_table_info(tables.name) AS columns WHERE tables.type = 'table'
            """
        case .postgres(let settings):
            """
            SELECT table_name, column_name FROM information_schema.columns
            WHERE table_schema = '\(settings.schema)'
            """
        }
    }

    private typealias Execute = (String) throws(StoreError) -> Void
    private typealias Each = (String, (String, String) -> Void) throws(StoreError) -> Void

    private func with(
        _ version: Int, _ body: (Execute, Each) throws(StoreError) -> Void
    ) throws(StoreError) {
        switch address {
        case .sqlite(let path):
            let schema = ProjectionSchema(
                migrations: Array(ProjectionSchema.current.migrations.prefix(version)))
            try SQLiteProjections.makePrivate(path)
            let connection = try SQLiteProjections.connect(path, patience: .zero, schema: schema)
            try body({ (sql) throws(StoreError) in try connection.execute(sql, doing: "test") }) {
                (sql, take) throws(StoreError) in
                try connection.forEach(sql, doing: "test", { _ in }) { (row) throws(StoreError) in
                    take(row.text(), row.text())
                }
            }
        case .postgres(let settings):
            let schema = PostgresSchema(
                migrations: Array(PostgresSchema.current.migrations.prefix(version)))
            let connection = try PostgresProjections.connect(settings, schema: schema)
            try body({ (sql) throws(StoreError) in try connection.execute(sql, doing: "test") }) {
                (sql, take) throws(StoreError) in
                try connection.forEach(sql, doing: "test", { _ in }) { (row) throws(StoreError) in
                    take(row.text(), row.text())
                }
            }
        }
    }
}
