package import Ports
package import TradingModel

import CSQLite
import Glibc
import Synchronization

/// Ledger, signals, orders and risk events of one run in an SQLite file; other runs lie beside it.
///
/// Write-ahead mode, so that other programs read while a host writes. `synchronous` is NORMAL: a
/// power cut may undo the last transactions but never tears one, and since the applied number is
/// undone with its rows, the host applies the same records of the log again; a flush for each batch
/// would buy nothing. Safe from any thread; calls wait for each other. File 0600, new folders 0700.
/// Closes when released.
package final class SQLiteProjections: DecisionStore {
    private struct State: ~Copyable {
        let connection: SQLiteConnection
        let run: Int64
        let tables: ProjectionTables
        let applied: SQLiteStatement
        let advance: SQLiteStatement

        init(_ connection: SQLiteConnection, run: Int64) throws(StoreError) {
            let tables = try ProjectionTables(connection, run: run)
            let applied = try connection.prepare(
                "SELECT applied FROM runs WHERE number = ?", doing: "read the applied number")
            let advance = try connection.prepare(
                "UPDATE runs SET applied = ? WHERE number = ?", doing: "write the applied number")
            self.connection = connection
            self.run = run
            self.tables = tables
            self.applied = applied
            self.advance = advance
        }
    }

    /// The id of the run that this store is bound to.
    package let runID: String
    private let state: Mutex<State>

    /// Opens or makes the file, and begins or continues the run.
    ///
    /// - Parameters:
    ///   - started: Kept when the run begins here; ignored when it continues.
    ///   - patience: How long to wait for another program's lock.
    /// - Throws: `newerVersion`, `otherRun`, `corrupt`, `inUse`, `permission`, `full`, `io`.
    package static func open(
        _ path: String, run id: String, configurationHash: String, started: Timestamp,
        patience: Duration = .seconds(5)
    ) throws(StoreError) -> SQLiteProjections {
        try makePrivate(path)
        let connection = try connect(path, patience: patience)
        var run: Int64 = 0
        try connection.transaction(doing: "begin a run") { () throws(StoreError) in
            run = try RunTable(connection: connection).begin(
                id, configurationHash: configurationHash, started: started)
        }
        return SQLiteProjections(id, try State(connection, run: run))
    }

    /// Opens a file that exists, for reading one run while a host may be writing.
    ///
    /// - Parameter id: `nil` for the latest run.
    /// - Throws: As ``open(_:run:configurationHash:started:patience:)``; `otherRun` when there is
    ///   none.
    package static func reading(
        _ path: String, run id: String? = nil, patience: Duration = .seconds(5)
    ) throws(StoreError) -> SQLiteProjections {
        let connection = try connectForReading(path, patience: patience)
        let table = RunTable(connection: connection)
        let (number, runID) = try table.known(id)
        return SQLiteProjections(runID, try State(connection, run: number))
    }

    /// Reads the latest run for somebody who only looks: nothing is migrated, and no file beside it is made.
    ///
    /// - Returns: `nil` where the tables are of another version.
    package static func looking(at path: String) throws(StoreError) -> SQLiteProjections? {
        let connection = try StoreInspection.connection(path)
        let schema = ProjectionSchema.current
        guard try schema.version(of: connection) == schema.version else { return nil }
        let (number, runID) = try RunTable(connection: connection).known(nil)
        return SQLiteProjections(runID, try State(connection, run: number))
    }

    /// The latest run, for somebody who only looks, as ``looking(at:)``.
    package static func lookingForLatest(at path: String) throws(StoreError) -> StoredRun? {
        try RunTable(connection: StoreInspection.connection(path)).all().last
    }

    /// Every run in the file, in the order of their beginning.
    package static func runs(
        in path: String, patience: Duration = .seconds(5)
    ) throws(StoreError) -> [StoredRun] {
        try RunTable(connection: connectForReading(path, patience: patience)).all()
    }

    private init(_ id: String, _ state: consuming sending State) {
        runID = id
        self.state = Mutex(state)
    }

    // MARK: ProjectionStore

    package func appliedNumber() throws(StoreError) -> UInt64 {
        try state.withLock { (state) throws(StoreError) in try Self.applied(state) }
    }

    /// Rows may not come from records above `number`. Signals and orders replace the row with their
    /// key.
    package func apply(
        _ rows: [ProjectionRow], upTo number: UInt64
    ) throws(StoreError) {
        try state.withLock { (state) throws(StoreError) in
            let connection = state.connection
            try connection.transaction(doing: "apply records") { () throws(StoreError) in
                let applied = try Self.applied(state)
                guard number > applied else { return }
                for index in NewestRows.indices(of: rows, behind: applied) {
                    precondition(
                        rows[index].record <= number, "a row from a record not yet applied")
                    try state.tables.write(rows[index])
                }
                try state.advance.run {
                    $0.put(number)
                    $0.put(state.run)
                }
            }
        }
    }

    package func reset() throws(StoreError) {
        try state.withLock { (state) throws(StoreError) in
            let (connection, run) = (state.connection, state.run)
            try connection.transaction(doing: "reset the run") { () throws(StoreError) in
                for table in Self.tables {
                    try connection.execute(
                        "DELETE FROM \(table) WHERE run = \(run)", doing: "reset the run")
                }
                try connection.execute(
                    """
                    UPDATE runs SET applied = 0, finished = NULL, summary = NULL
                    WHERE number = \(run)
                    """, doing: "reset the run")
            }
        }
    }

    /// Those with rows of runs; what refers to another stands before it.
    static let tables = [
        "shadow_results", "version_events", "round_votes", "rounds", "events", "ledger", "signals",
        "orders", "risk_events", "market_bars",
    ]

    package func ledger() throws(StoreError) -> [LedgerRow] {
        try query { (queries) throws(StoreError) in try queries.ledger() }
    }
    package func signals() throws(StoreError) -> [SignalRow] {
        try query { (queries) throws(StoreError) in try queries.signals() }
    }
    package func orders() throws(StoreError) -> [OrderRow] {
        try query { (queries) throws(StoreError) in try queries.orders() }
    }
    package func riskEvents() throws(StoreError) -> [RiskRow] {
        try query { (queries) throws(StoreError) in try queries.riskEvents() }
    }
    package func rounds() throws(StoreError) -> [RoundRow] {
        try query { (queries) throws(StoreError) in try queries.rounds() }
    }
    package func events() throws(StoreError) -> [EventRow] {
        try query { (queries) throws(StoreError) in try queries.events() }
    }

    // MARK: Beyond the port

    /// Notes that the run has ended.
    ///
    /// - Parameter summary: As JSON, for whoever lists the runs.
    package func finish(at time: Timestamp, summary: String) throws(StoreError) {
        try state.withLock { (state) throws(StoreError) in
            let statement = try state.connection.prepare(
                "UPDATE runs SET finished = ?, summary = ? WHERE number = ?",
                doing: "finish the run")
            try statement.run {
                $0.put(time)
                $0.put(summary)
                $0.put(state.run)
            }
        }
    }

    /// Lends the connection, for what no call above does.
    func withConnection(
        _ body: (SQLiteConnection) throws(StoreError) -> Void
    ) throws(StoreError) {
        try state.withLock { (state) throws(StoreError) in try body(state.connection) }
    }

    private static func applied(_ state: borrowing State) throws(StoreError) -> UInt64 {
        var number: UInt64 = 0
        let run = state.run
        try state.applied.forEach {
            $0.put(run)
        } _: { (row) throws(StoreError) in
            number = row.unsigned()
        }
        return number
    }

    func query<Answer>(
        _ body: (ProjectionQueries<SQLiteConnection>) throws(StoreError) -> sending Answer
    ) throws(StoreError) -> sending Answer {
        try state.withLock { (state) throws(StoreError) in
            try body(ProjectionQueries(connection: state.connection, run: state.run))
        }
    }
}
