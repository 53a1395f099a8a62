import CSQLite
import Glibc
import Ports

extension SQLiteProjections {
    /// Makes the folder and an empty file that only its owner may read; SQLite's side files follow
    /// it.
    static func makePrivate(_ path: String) throws(StoreError) {
        try makePrivateFolder(parent(of: path))
        let file = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw StoreError(Errno(errno), doing: "make the store", at: path) }
        close(file)
    }

    /// A connection to a file that exists, at the present schema.
    static func connect(
        _ path: String, patience: Duration, schema: ProjectionSchema = .current
    ) throws(StoreError) -> SQLiteConnection {
        let (seconds, attoseconds) = patience.components
        let milliseconds = Int32(
            clamping: min(seconds, 86_400) * 1_000 + attoseconds / 1_000_000_000_000_000)
        let connection = try SQLiteConnection(
            path, flags: SQLITE_OPEN_READWRITE, patience: milliseconds)
        try connection.execute(
            """
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = NORMAL;
            PRAGMA foreign_keys = ON;
            """, doing: "set the store up")
        try schema.migrate(connection)
        return connection
    }

    static func connectForReading(
        _ path: String, patience: Duration
    ) throws(StoreError) -> SQLiteConnection {
        guard access(path, F_OK) == 0 else {
            throw StoreError(
                Errno(errno), doing: "read the store", at: path,
                advice: "nothing was stored there yet: start with madang run, keep a backtest with"
                    + " madang backtest --keep, or check the path")
        }
        let connection = try connect(path, patience: patience)
        try connection.execute("PRAGMA query_only = ON", doing: "set the store up")
        return connection
    }
}
