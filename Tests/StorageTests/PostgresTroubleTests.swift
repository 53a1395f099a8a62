import Ports
import Synchronization
import TestKit
import Platform
import Testing
import TradingModel

@testable import Storage

/// What can be wrong with the server, and what is said of it.
@Suite struct PostgresTroubleTests {
    let server: PostgresServer
    let settings: PostgresSettings

    init() throws {
        server = try PostgresServer.shared.get()
        settings = try .sample()
    }

    private func open(_ settings: PostgresSettings? = nil) throws -> PostgresProjections {
        try PostgresProjections.open(
            settings ?? self.settings, run: "a", configurationHash: "x", started: .zero)
    }
    private func admin(_ sql: String) throws {
        try server.sql("SET search_path = \(settings.schema); " + sql, in: "madang")
    }

    @Test func aWrongPasswordIsNamedAndNotShown() throws {
        var settings = settings
        settings.host = "127.0.0.1"
        settings.password = Secret("wrong-secret")
        let error = storeError { _ = try open(settings) }
        #expect(error?.code == .permission)
        #expect(error?.what.contains("28P01") == true)
        #expect(error?.advice.contains("password") == true)
        #expect(error.map { "\($0)" }?.contains("wrong-secret") == false)
        settings.password = nil
        #expect(storeError { _ = try open(settings) }?.what.contains("wants a password") == true)
        settings.password = Secret(PostgresServer.password)
        try open(settings).apply([], upTo: 1)
    }

    @Test func aDatabaseThatIsNotThereIsNamed() throws {
        var settings = settings
        settings.database = "nowhere"
        let error = storeError { _ = try open(settings) }
        #expect(error?.what.contains("\"nowhere\" does not exist (3D000)") == true)
        #expect(error?.advice.contains("createdb") == true)
    }

    @Test(arguments: ["", "1a", "Madang", "a;DROP SCHEMA x", "a -c fsync=off"])
    func aSchemaIsAPlainName(_ name: String) throws {
        var settings = settings
        settings.schema = name
        #expect(storeError { _ = try open(settings) }?.advice.contains("small letters") == true)
    }

    @Test func aServerThatIsNotThereIsNamed() throws {
        var settings = settings
        settings.host = "127.0.0.1"
        settings.port = 1
        let error = storeError { _ = try open(settings) }
        #expect(error?.code == .io && error?.place == "postgresql://127.0.0.1:1/madang")
        #expect(error?.advice.contains("is the server up") == true)
    }

    @Test func aNewerSchemaIsRefusedAndLeftAlone() throws {
        try open().apply([.risk(.sample(1))], upTo: 1)
        try admin("INSERT INTO schema_versions VALUES (99, 'later')")
        let error = storeError { _ = try open() }
        #expect(error?.code == .newerVersion)
        #expect(error?.what.contains("schema 99") == true)
        #expect(error?.what.contains("up to \(PostgresSchema.current.version)") == true)
    }

    @Test func anotherProgramsTablesAreLeftAlone() throws {
        try server.sql(
            "CREATE SCHEMA \(settings.schema) AUTHORIZATION madang;"
                + " CREATE TABLE \(settings.schema).theirs (a int)", in: "madang")
        let error = storeError { _ = try open() }
        #expect(error?.code == .corrupt)
        #expect(error?.what.contains("another program") == true)
    }

    /// The server itself says what a full disk says; a batch is undone whole.
    @Test func aFullDiskIsReportedAndUndone() throws {
        let store = try open()
        try store.apply([.ledger(.sample(1, line: 1))], upTo: 1)
        try admin(
            """
            CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION
            'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$;
            CREATE TRIGGER fill BEFORE INSERT ON ledger EXECUTE FUNCTION fill()
            """)
        let rows: [ProjectionRow] = [.risk(.sample(2)), .ledger(.sample(2, line: 2))]
        let error = storeError { try store.apply(rows, upTo: 2) }
        #expect(error?.code == .full)
        #expect(error?.advice.contains("free space") == true)
        #expect(try store.riskEvents().isEmpty && store.appliedNumber() == 1)
        try admin("DROP TRIGGER fill ON ledger")
        try store.apply(rows, upTo: 2)
        #expect(try store.ledger().count == 2)
    }

    @Test func aServerThatOnlyReadsIsNamed() throws {
        let store = try open()
        var reader = settings
        reader.user = "reader_\(settings.schema)"
        try server.sql("CREATE ROLE \(reader.user) LOGIN IN ROLE madang")
        try server.sql("ALTER ROLE \(reader.user) SET default_transaction_read_only = on")
        let error = storeError { _ = try open(reader) }
        #expect(error?.code == .permission)
        #expect(error?.advice.contains("primary") == true)
        try store.apply([], upTo: 1)
    }

    @Test func aLineThatIsCutInTheMiddleIsMadeAnew() throws {
        let store = try open()
        try store.apply([.ledger(.sample(1, line: 1))], upTo: 1)
        try server.sql("SELECT pg_terminate_backend(\(try store.serverProcess()), 5000)")
        let rows: [ProjectionRow] = [.ledger(.sample(2, line: 2))]
        #expect(storeError { try store.apply(rows, upTo: 2) }?.code == .io)
        try store.apply(rows, upTo: 2)
        try store.apply(rows, upTo: 2)
        #expect(try store.ledger().map(\.line) == [1, 2])
    }

    @Test func aLockedTableIsWaitedForNoLongerThanAllowed() throws {
        var settings = settings
        settings.patience = .milliseconds(200)
        let store = try open(settings)
        let other = try PostgresConnection(self.settings)
        try other.execute("BEGIN; LOCK TABLE ledger", doing: "test")
        let error = storeError { try store.apply([.ledger(.sample(1, line: 1))], upTo: 1) }
        #expect(error?.code == .inUse || error?.code == .io)
        try other.execute("ROLLBACK", doing: "test")
        try store.apply([.ledger(.sample(1, line: 1))], upTo: 1)
        #expect(try store.ledger().count == 1)
    }

    @Test func theLastHostThatOpenedARunWritesItAlone() throws {
        let first = try open()
        try first.apply([.risk(.sample(1))], upTo: 1)
        let second = try open()
        let error = storeError { try first.apply([.risk(.sample(2))], upTo: 2) }
        #expect(error?.code == .otherRun)
        #expect(error?.what.contains("another host") == true)
        try second.apply([.risk(.sample(2))], upTo: 2)
        #expect(try second.riskEvents().count == 2)
    }

    @Test func tablesThatWentBackAreNotGoneOnWith() throws {
        let store = try open()
        try store.apply([.risk(.sample(1))], upTo: 5)
        try admin("UPDATE runs SET applied = 3")
        let error = storeError { try store.apply([.risk(.sample(6))], upTo: 6) }
        #expect(error?.code == .corrupt)
        #expect(error?.advice.contains("madang store rebuild") == true)
    }

    /// `kill -9` in the middle of a stream of batches; everything handed over is there in the end.
    @Test func aKilledServerLosesNothingAndDelaysNobody() throws {
        let server = try PostgresServer()
        var settings = settings
        settings.host = server.folder
        settings.port = server.port
        let news = Mutex<[String]>([])
        let store = TrailingProjections(
            try open(settings), pauses: 20_000_000...100_000_000,
            told: { piece in
                news.withLock {
                    switch piece {
                    case .behind: $0.append("behind")
                    case .level: $0.append("level")
                    case .abandoned(let error): $0.append("\(error)")
                    }
                }
            })
        func hand(_ numbers: ClosedRange<Int64>) {
            for number in numbers {
                store.apply(
                    [.ledger(.sample(UInt64(number), line: number))], upTo: UInt64(number))
            }
        }
        hand(1...300)
        try server.kill()
        hand(301...600)  // Returns at once: the server is dead.
        try server.start()
        hand(601...700)
        #expect(try store.ledger().map(\.line) == Array(1...700))
        #expect(try store.appliedNumber() == 700)
        #expect(news.withLock { $0 } == ["behind", "level"])
        store.close()
    }

    @Test func aStoreTooFarBehindIsLeftToTheLogAndToldOnce() throws {
        let other = try PostgresConnection(settings)
        let told = Mutex(0)
        let store = TrailingProjections(
            try open(), capacity: 10, patience: 1_000_000,
            told: { if case .abandoned = $0 { told.withLock { $0 += 1 } } })
        try other.execute("BEGIN; LOCK TABLE ledger", doing: "test")
        for number in 1...40 as ClosedRange<Int64> {
            store.apply([.ledger(.sample(UInt64(number), line: number))], upTo: UInt64(number))
        }
        #expect(storeError { try store.drain() }?.what.contains("behind") == true)
        #expect(told.withLock { $0 } == 1)
        try other.execute("ROLLBACK", doing: "test")
        store.close()
    }

    @Test func bothStoresHaveTheSameColumns() throws {
        _ = try open()
        let folder = TemporaryFolder()
        let file = try SQLiteProjections.open(
            folder.store, run: "a", configurationHash: "x", started: .zero)
        let theirs = try PostgresConnection(settings)
        for table in SQLiteProjections.tables + ["runs"] {
            var (here, there): (Set<String>, Set<String>) = ([], [])
            try file.withConnection { (connection) throws(StoreError) in
                try connection.forEach(
                    "SELECT name FROM pragma_table_info('\(table)')", doing: "test", { _ in }
                ) { (row) throws(StoreError) in here.insert(row.text()) }
            }
            try theirs.forEach(
                "SELECT column_name FROM information_schema.columns"
                    + " WHERE table_name = '\(table)' AND table_schema = '\(settings.schema)'",
                doing: "test", { _ in }
            ) { (row) throws(StoreError) in there.insert(row.text()) }
            there.remove("writer")
            #expect(here == there, "\(table)")
        }
    }

    @Test func viewsShowWhatPeopleWrite() throws {
        let store = try open()
        var order = OrderRow.sample(1, number: 1)
        order.limit = Price("-0.5")
        order.quantity = try #require(Quantity("1200"))
        order.time = Timestamp(nanoseconds: -1)
        try store.apply([.order(order), .ledger(.sample(1, line: 1))], upTo: 1)
        let schema = settings.schema
        #expect(
            try server.sql(
                "SELECT run, time, quantity, price_limit FROM \(schema).orders_view", in: "madang")
                == ["a|1969-12-31T23:59:59.999999999Z|1200|-0.5"])
        #expect(
            try server.sql(
                "SELECT price, fee, confidence FROM \(schema).ledger_view", in: "madang")
                == ["70100.25|350.5|0.7"])
    }
}
