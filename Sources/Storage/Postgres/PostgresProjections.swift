package import Ports
package import TradingModel

import CPQ
import Synchronization

/// The tables of one run in a PostgreSQL database; other runs lie beside it.
///
/// Safe from any thread; calls wait for each other, each at most as long as the settings' patience
/// for connecting and as long again for the server. A batch is one transaction, sent in pipeline
/// mode. After a broken line the next call connects again; whether the last batch had been
/// committed is told by the applied number, so a batch may be given again at any time. One host
/// alone may write a run: the last that opened it. Closes when released.
package final class PostgresProjections: DecisionStore {
    private struct State: ~Copyable {
        var connection: PostgresConnection
        /// As the server last said; the rows up to it are durable there.
        var applied: UInt64
        /// Known to have a partition.
        var months: Set<BarMonth> = []

        init(_ connection: PostgresConnection, run: Int64) throws(StoreError) {
            let applied = try PostgresProjections.applied(connection, run)
            self.connection = connection
            self.applied = applied
        }
    }

    package let runID: String
    private let settings: PostgresSettings
    private let run: Int64
    /// `nil`: only reads.
    private let writer: Int64?
    private let state: Mutex<State>

    private init(
        _ id: String, _ settings: PostgresSettings, run: Int64, writer: Int64?,
        _ state: consuming sending State
    ) {
        runID = id
        self.settings = settings
        self.run = run
        self.writer = writer
        self.state = Mutex(state)
    }

    /// Connects, makes or migrates the tables, and begins or continues the run as its one writer.
    ///
    /// - Parameter started: Kept when the run begins here; ignored when it continues.
    /// - Throws: `permission`, `io`, `newerVersion`, `otherRun`, `corrupt`, `full`, `inUse`.
    package static func open(
        _ settings: PostgresSettings, run id: String, configurationHash: String, started: Timestamp
    ) throws(StoreError) -> PostgresProjections {
        let connection = try connect(settings)
        var (run, writer): (Int64, Int64) = (0, 0)
        try connection.transaction(doing: "begin a run") { () throws(StoreError) in
            run = try RunTable(connection: connection).begin(
                id, configurationHash: configurationHash, started: started)
            writer = try connection.integer(
                "UPDATE runs SET writer = writer + 1 WHERE number = \(run) RETURNING writer",
                doing: "begin a run")
        }
        try prepare(connection)
        return PostgresProjections(
            id, settings, run: run, writer: writer, try State(connection, run: run))
    }

    /// Connects for reading one run while a host may be writing.
    ///
    /// - Parameter id: `nil` for the latest run.
    /// - Throws: As `open`; `otherRun` when there is none.
    package static func reading(
        _ settings: PostgresSettings, run id: String? = nil
    ) throws(StoreError) -> PostgresProjections {
        let connection = try connect(settings)
        try connection.execute("SET default_transaction_read_only = on", doing: "connect")
        let table = RunTable(connection: connection)
        let (number, runID) = try table.known(id)
        return PostgresProjections(
            runID, settings, run: number, writer: nil, try State(connection, run: number))
    }

    /// In the order of their beginning. Makes the tables where there are none.
    package static func runs(in settings: PostgresSettings) throws(StoreError) -> [StoredRun] {
        try RunTable(connection: connect(settings)).all()
    }

    static func connect(
        _ settings: PostgresSettings, schema: PostgresSchema = .current
    ) throws(StoreError) -> PostgresConnection {
        guard settings.hasPlainSchema else {
            throw StoreError(
                .io, "'\(settings.schema)' is no schema's name here", at: settings.place,
                advice: "write store: postgres: schema in small letters, digits and _")
        }
        let connection = try PostgresConnection(settings)
        try schema.migrate(connection, in: settings.schema)
        return connection
    }

    private static func prepare(_ connection: PostgresConnection) throws(StoreError) {
        // Bars come by COPY.
        for statement in RowStatement.allCases where statement != .bar {
            try connection.prepare(statement.rawValue, statement.sql, doing: statement.purpose)
        }
        try connection.prepare("advance", "SELECT advance(?, ?, ?, ?)", doing: "apply records")
    }

    private static func applied(
        _ connection: PostgresConnection, _ run: Int64
    ) throws(StoreError) -> UInt64 {
        UInt64(
            bitPattern: try connection.integer(
                "SELECT applied FROM runs WHERE number = \(run)", doing: "read the applied number"))
    }

    // MARK: ProjectionStore

    package func appliedNumber() throws(StoreError) -> UInt64 {
        try withState { (state) throws(StoreError) in
            state.applied = try Self.applied(state.connection, run)
            return state.applied
        }
    }

    package func apply(
        _ rows: [ProjectionRow], upTo number: UInt64
    ) throws(StoreError) {
        try withState { (state) throws(StoreError) in
            let applied = state.applied
            guard number > applied else { return }
            guard let writer else {
                throw StoreError(
                    .permission, "cannot apply records: opened for reading", at: settings.place)
            }
            let what = "apply records"
            let newest = NewestRows.indices(of: rows, behind: applied)
            func sendAll() throws(StoreError) {
                try state.connection.pipeline(doing: what) { (pipeline) throws(StoreError) in
                    try pipeline.send("advance") {
                        $0.put(run)
                        $0.put(writer)
                        $0.put(applied)
                        $0.put(number)
                    }
                    for index in newest {
                        precondition(
                            rows[index].record <= number, "a row from a record not yet applied")
                        try pipeline.send(rows[index], run: run)
                    }
                }
            }
            let bars = rows.compactMap { row -> BarRow? in
                guard case .bar(let bar) = row, bar.record > applied else { return nil }
                return bar
            }
            if bars.isEmpty {
                try sendAll()
            } else {
                try makePartitions(for: bars, &state)
                // A pipeline knows no COPY: both stand in one transaction.
                try state.connection.transaction(doing: what) { () throws(StoreError) in
                    try sendAll()
                    try state.connection.write(bars, run: run, doing: what)
                }
            }
            state.applied = number
        }
    }

    private func makePartitions(
        for bars: [BarRow], _ state: inout State
    ) throws(StoreError) {
        let months = Set(bars.map { BarMonth(holding: $0.openTime) })
        for month in months.sorted() where !state.months.contains(month) {
            try state.connection.makePartition(month)
            state.months.insert(month)
        }
    }

    package func reset() throws(StoreError) {
        try withState { (state) throws(StoreError) in
            let connection = state.connection
            try connection.transaction(doing: "reset the run") { () throws(StoreError) in
                try connection.execute(
                    "SELECT advance(\(run), \(writer ?? -1), applied, 0) FROM runs WHERE number = \(run)",
                    doing: "reset the run")
                for table in SQLiteProjections.tables {
                    try connection.execute(
                        "DELETE FROM \(table) WHERE run = \(run)", doing: "reset the run")
                }
                try connection.execute(
                    "UPDATE runs SET finished = NULL, summary = NULL WHERE number = \(run)",
                    doing: "reset the run")
            }
            state.applied = 0
        }
    }

    package func finish(at time: Timestamp, summary: String) throws(StoreError) {
        try withState { (state) throws(StoreError) in
            try state.connection.forEach(
                "UPDATE runs SET finished = ?, summary = ? WHERE number = ? AND writer = ?",
                doing: "finish the run"
            ) {
                $0.put(time)
                $0.put(summary)
                $0.put(run)
                $0.put(writer)
            } _: { (_) throws(StoreError) in
            }
        }
    }

    // MARK: The connection

    func query<Answer>(
        _ body: (ProjectionQueries<PostgresConnection>) throws(StoreError) -> sending Answer
    ) throws(StoreError) -> sending Answer {
        try withState { (state) throws(StoreError) in
            try body(ProjectionQueries(connection: state.connection, run: run))
        }
    }

    /// The server's process behind the connection.
    func serverProcess() throws(StoreError) -> Int32 {
        try withState { (state) throws(StoreError) in PQbackendPID(state.connection.raw) }
    }

    /// Lends the connection, made anew where it had broken.
    private func withState<Answer>(
        _ body: (inout State) throws(StoreError) -> sending Answer
    ) throws(StoreError) -> sending Answer {
        try state.withLock { (state) throws(StoreError) in
            if state.connection.isBroken { try connectAgain(&state) }
            return try body(&state)
        }
    }

    /// - Throws: `corrupt` when the server has forgotten what it had called durable: rows behind
    ///   such a gap would hide it.
    private func connectAgain(_ state: inout State) throws(StoreError) {
        let connection = try Self.connect(settings)
        if writer == nil {
            try connection.execute("SET default_transaction_read_only = on", doing: "connect")
        } else {
            try Self.prepare(connection)
        }
        let next = try State(connection, run: run)
        guard next.applied >= state.applied else {
            throw StoreError(
                .corrupt,
                "the server is at record \(next.applied), and had taken \(state.applied):"
                    + " it lost what it had called durable",
                at: settings.place,
                advice: "turn fsync on there, and rebuild the tables: madang store rebuild")
        }
        state = next
    }
}
