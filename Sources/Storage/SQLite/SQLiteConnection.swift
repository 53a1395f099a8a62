import CSQLite
import Ports

/// One SQLite connection, for one thread at a time. Statements hold it, so that it is closed last.
final class SQLiteConnection: TableSource {
    typealias Binder = SQLiteBinder
    typealias Row = SQLiteRow
    let path: String
    var place: String { path }
    private let handle: SQLiteHandle

    /// - Parameters:
    ///   - patience: How long to wait for another program's lock, in milliseconds.
    ///   - name: The path for people, where SQLite is given a URI.
    init(
        _ path: String, flags: Int32, patience: Int32, named name: String? = nil
    ) throws(StoreError) {
        self.path = name ?? path
        handle = try SQLiteHandle(opening: path, flags: flags)
        sqlite3_busy_timeout(handle.raw, patience)
    }

    /// Runs statements that give no rows, or whose rows do not matter.
    func execute(_ sql: String, doing what: String) throws(StoreError) {
        let result = sqlite3_exec(handle.raw, sql, nil, nil, nil)
        guard result == SQLITE_OK else { throw error(result, doing: what) }
    }

    /// A statement that will be used often.
    func prepare(_ sql: String, doing what: String) throws(StoreError) -> SQLiteStatement {
        var raw: OpaquePointer?
        let result = sqlite3_prepare_v3(
            handle.raw, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &raw, nil)
        guard result == SQLITE_OK, let raw else { throw error(result, doing: what) }
        return SQLiteStatement(owning: raw, of: self, doing: what)
    }

    func forEach(
        _ sql: String, doing what: String, _ bind: (inout SQLiteBinder) -> Void,
        _ body: (inout SQLiteRow) throws(StoreError) -> Void
    ) throws(StoreError) {
        try prepare(sql, doing: what).forEach(bind, body)
    }

    /// Runs `body` between `BEGIN` and `COMMIT`; undoes everything when either fails.
    func transaction(doing what: String, _ body: () throws(StoreError) -> Void) throws(StoreError) {
        try execute("BEGIN IMMEDIATE", doing: what)
        do throws(StoreError) {
            try body()
            try execute("COMMIT", doing: what)
        } catch {
            // Some errors have rolled back already; then there is nothing left to undo.
            if sqlite3_get_autocommit(handle.raw) == 0 {
                sqlite3_exec(handle.raw, "ROLLBACK", nil, nil, nil)
            }
            throw error
        }
    }

    /// The first column of the first row; 0 without a row.
    func integer(_ sql: String, doing what: String) throws(StoreError) -> Int64 {
        var value: Int64 = 0
        try prepare(sql, doing: what).forEach { (row) throws(StoreError) in value = row.integer() }
        return value
    }

    func error(_ result: Int32, doing what: String) -> StoreError {
        StoreError(sqlite: result, on: handle.raw, doing: what, at: path)
    }
}
