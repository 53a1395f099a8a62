import Platform
import Ports
import Synchronization
import TestKit
import Testing
import TradingModel

@testable import Storage

/// Bars in every store: R12.2.
@Suite struct BarTablesTests {
    @Test(arguments: StoreKind.allCases)
    func everyFieldReadsBackExactlyInOrder(_ kind: StoreKind) throws {
        let tables = try StoreUnderTest(kind)
        let store = try tables.open()
        // The ends of time, and texts that a line of COPY has to escape; sorted byte by byte.
        let bars: [BarRow] = [
            .extreme(1, at: .min, of: ""), .extreme(2, at: .max, of: ""),
            .extreme(1, at: -1, of: "\t\\N\n\r\\."), .extreme(1, at: 0, of: "B\u{0}'\""),
            .extreme(3, at: 5, of: "B\u{1A}"), .extreme(2, at: 7, of: "a"),
            .extreme(2, at: 7, of: "가 🦊"),
        ]
        try store.apply(bars.reversed().map(ProjectionRow.bar), upTo: 3)
        for reader in [store, try tables.reading(), try tables.open()] {
            #expect(try reader.bars() == bars)
            #expect(try reader.bars(of: "", interval: "") == Array(bars.prefix(2)))
            #expect(try reader.bars(of: "a", interval: "1m").isEmpty)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func writtenAgainABarIsWhatItWasAndTheLaterOfTwoStands(_ kind: StoreKind) throws {
        let store = try StoreUnderTest(kind).open()
        try store.apply([.bar(.sample(1)), .bar(.sample(1, minute: 1))], upTo: 1)
        // At or below what is applied: ignored.
        try store.apply([.bar(.sample(1, close: 9))], upTo: 1)
        #expect(try store.bars() == [.sample(1), .sample(1, minute: 1)])
        try store.apply(
            [.bar(.sample(2, close: 5)), .bar(.sample(3, close: 6)), .bar(.sample(3, minute: 2))],
            upTo: 3)
        let after = [BarRow.sample(3, close: 6), .sample(1, minute: 1), .sample(3, minute: 2)]
        #expect(try store.bars() == after)
    }

    @Test(arguments: StoreKind.allCases)
    func aRefusedRowUndoesTheBarsOfItsBatch(_ kind: StoreKind) throws {
        let store = try StoreUnderTest(kind).open()
        try store.apply([.ledger(.sample(1, line: 1)), .bar(.sample(1))], upTo: 1)
        let error = storeError {
            try store.apply(
                [.bar(.sample(2, minute: 1)), .ledger(.sample(2, line: 1))], upTo: 2)
        }
        #expect(error?.code == .corrupt)
        #expect(try store.bars() == [.sample(1)] && store.appliedNumber() == 1)
        try store.apply([.bar(.sample(2, minute: 1)), .ledger(.sample(2, line: 2))], upTo: 2)
        #expect(try store.bars() == [.sample(1), .sample(2, minute: 1)])
    }

    /// Batches against a model: months come in any order, bars again and again.
    @Test(arguments: StoreKind.allCases, seeds(0..<8, by: 10))
    func randomBatchesComeToWhatTheModelHas(_ kind: StoreKind, seed: UInt64) throws {
        var random = SeededRandom(seed)
        let tables = try StoreUnderTest(kind)
        var store = try tables.open()
        let model = MemoryProjections()
        for record in 1...20 as ClosedRange<UInt64> {
            let rows = (0..<Int.random(in: 0...30, using: &random)).map { _ in
                // Twelve days apart: a year and a half.
                let minute = Int64.random(in: 0..<40, using: &random) * 60 * 24 * 12
                let symbol = ["A", "B", "a"][Int.random(in: 0..<3, using: &random)]
                return ProjectionRow.bar(
                    .sample(
                        record, minute: minute, of: symbol,
                        close: Int64.random(in: 0..<1_000, using: &random)))
            }
            for target in [store, model] as [any ProjectionStore] {
                try target.apply(rows, upTo: record)
            }
            if random.oneIn(4) { store = try tables.open() }
        }
        #expect(try store.bars() == model.bars())
    }

    /// More than one COPY takes, as when tables are made anew.
    @Test(arguments: StoreKind.allCases)
    func manyBarsComeInOneBatch(_ kind: StoreKind) throws {
        let store = try StoreUnderTest(kind).open()
        let bars = (0..<45_000).map { BarRow.sample(1, minute: Int64($0)) }
        try store.apply(bars.map(ProjectionRow.bar), upTo: 1)
        #expect(try store.bars() == bars)
    }
}

/// Bars on a server: months, COPY, and what can be wrong.
@Suite struct PostgresBarTests {
    let server: PostgresServer
    let settings: PostgresSettings

    init() throws {
        server = try PostgresServer.shared.get()
        settings = try .sample()
    }

    private func open(_ run: String = "a") throws -> PostgresProjections {
        try PostgresProjections.open(settings, run: run, configurationHash: "x", started: .zero)
    }
    private func bar(_ record: UInt64, at time: Int64, _ symbol: String = "A") -> BarRow {
        .extreme(record, at: time, of: symbol)
    }

    /// Each month has a part of its own, from its first nanosecond to the last before the next.
    @Test func barsLieInTheirMonths() throws {
        let store = try open()
        let november: Int64 = 1_793_491_200_000_000_000  // 2026-11-01T00:00:00Z
        let march: Int64 = 951_868_800_000_000_000  // 2000-03-01T00:00:00Z, behind a leap day
        let rows = [november, november - 1, march, march - 1, 0, -1, .min, .max].map {
            ProjectionRow.bar(bar(1, at: $0))
        }
        try store.apply(rows, upTo: 1)
        let found = try server.sql(
            "SELECT open_time, tableoid::regclass FROM \(settings.schema).market_bars ORDER BY 1",
            in: "madang")
        let parts = found.map { $0.split(separator: ".").last.map(String.init) ?? $0 }
        #expect(
            parts == [
                "market_bars_1677_09", "market_bars_1969_12", "market_bars_1970_01",
                "market_bars_2000_02", "market_bars_2000_03", "market_bars_2026_10",
                "market_bars_2026_11", "market_bars_2262_04",
            ])
        // One that is dropped is gone with its rows, and made again when such rows come.
        _ = try server.sql(
            "DROP TABLE \(settings.schema).market_bars_2000_02", in: "madang")
        #expect(try store.bars().count == rows.count - 1)
        let again = try open()
        try again.apply([.bar(bar(2, at: march - 1))], upTo: 2)
        #expect(try again.bars().count == rows.count)
    }

    @Test func hostsThatMakeOneMonthAtOnceBothWrite() async throws {
        _ = try open("r0")
        let settings = settings
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...6 {
                group.addTask {
                    let store = try PostgresProjections.open(
                        settings, run: "r\(number)", configurationHash: "x", started: .zero)
                    for month in 0..<6 as Range<Int64> {
                        let bar = BarRow.sample(UInt64(month) + 1, minute: month * 44_640)
                        try store.apply([.bar(bar)], upTo: UInt64(month) + 1)
                    }
                    #expect(try store.bars().count == 6)
                }
            }
            try await group.waitForAll()
        }
    }

    /// Another host is in the middle of it: the month is there when it is through, and made once.
    @Test func aMonthThatAnotherHostMakesIsWaitedFor() throws {
        // The lock is the database's: other tests do not wait here.
        var settings = settings
        settings.database = "months_\(settings.schema)"
        try server.sql("CREATE DATABASE \(settings.database) OWNER madang")
        let store = try PostgresProjections.open(
            settings, run: "a", configurationHash: "x", started: .zero)
        let process = try store.serverProcess()
        let other = try PostgresConnection(settings)
        try other.execute(
            """
            BEGIN; SELECT pg_advisory_xact_lock(5569042116);
            CREATE TABLE market_bars_2026_11 (LIKE market_bars INCLUDING ALL)
            """, doing: "test")
        let outcome = Mutex<Result<Void, StoreError>?>(nil)
        let thread = HostThread.start(named: "writer") {
            let result = Result { () throws(StoreError) in
                try store.apply([.bar(.sample(1))], upTo: 1)
            }
            outcome.withLock { $0 = result }
        }
        let waiting = "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = \(process)"
        while outcome.withLock({ $0 == nil }), try server.sql(waiting) != ["t"] {}
        try other.execute(
            """
            ALTER TABLE market_bars ATTACH PARTITION market_bars_2026_11
                FOR VALUES FROM (1793491200000000000) TO (1796083200000000000);
            COMMIT
            """, doing: "test")
        thread.join()
        try outcome.withLock { $0 }?.get()
        #expect(try store.bars() == [.sample(1)])
    }

    /// Whoever reads bars in a long transaction keeps nobody from a new month.
    @Test func aReaderDoesNotHoldUpANewMonth() throws {
        let store = try open()
        try store.apply([.bar(.sample(1))], upTo: 1)
        let reader = try PostgresConnection(settings, readsOnly: true)
        try reader.execute("BEGIN; SELECT count(*) FROM market_bars", doing: "test")
        try store.apply([.bar(.sample(2, minute: 100_000))], upTo: 2)
        #expect(try store.bars().count == 2)
        try reader.execute("ROLLBACK", doing: "test")
    }

    @Test func aCopyThatIsRefusedOrCutIsUndoneAndCanBeGivenAgain() throws {
        let store = try open()
        try store.apply([.bar(.sample(1))], upTo: 1)
        let schema = settings.schema
        _ = try server.sql(
            """
            SET search_path = \(schema);
            CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION
            'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$;
            CREATE TRIGGER fill BEFORE INSERT ON market_bars_2026_11 FOR EACH ROW
            EXECUTE FUNCTION fill()
            """, in: "madang")
        let rows: [ProjectionRow] = [.risk(.sample(2)), .bar(.sample(2, minute: 1))]
        #expect(storeError { try store.apply(rows, upTo: 2) }?.code == .full)
        #expect(try store.riskEvents().isEmpty && store.appliedNumber() == 1)
        _ = try server.sql("DROP TRIGGER fill ON \(schema).market_bars_2026_11", in: "madang")
        try server.sql("SELECT pg_terminate_backend(\(try store.serverProcess()), 5000)")
        #expect(storeError { try store.apply(rows, upTo: 2) }?.code == .io)
        try store.apply(rows, upTo: 2)
        try store.apply(rows, upTo: 2)
        #expect(try store.bars() == [.sample(1), .sample(2, minute: 1)])
        #expect(try store.riskEvents().count == 1)
    }

    /// `kill -9` in the middle of a stream of bars: nobody waits, and all of them are there in the end.
    @Test func aKilledServerLosesNoBarAndDelaysNobody() throws {
        let server = try PostgresServer()
        var settings = settings
        settings.host = server.folder
        settings.port = server.port
        let store = TrailingProjections(
            try PostgresProjections.open(
                settings, run: "a", configurationHash: "x", started: .zero),
            pauses: 20_000_000...100_000_000, told: { _ in })
        func hand(_ numbers: ClosedRange<Int64>) {
            for number in numbers {
                store.apply(
                    [.bar(.sample(UInt64(number), minute: number * 500))], upTo: UInt64(number))
            }
        }
        hand(1...300)
        try server.kill()
        hand(301...600)  // Returns at once: the server is dead.
        try server.start()
        hand(601...700)
        let expected = (1...700 as ClosedRange<Int64>).map {
            BarRow.sample(UInt64($0), minute: $0 * 500)
        }
        #expect(try store.bars() == expected)
        store.close()
    }

    @Test func theViewShowsWhatPeopleWrite() throws {
        try open().apply([.bar(.sample(1))], upTo: 1)
        #expect(
            try server.sql(
                "SELECT run, symbol, interval, time, high, low, volume"
                    + " FROM \(settings.schema).market_bars_view WHERE interval = '1m'",
                in: "madang")
                == [
                    "a|005930|1m|2026-11-20T00:00:00.000000001Z|70100.25|-0.00000003"
                        + "|1234567890123.45678901"
                ])
    }
}
