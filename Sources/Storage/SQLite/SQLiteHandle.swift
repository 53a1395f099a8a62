import CSQLite
import Ports

/// Owns the C object and closes it once.
///
/// Opened without SQLite's own mutex: its owner sees to it that one thread at a time is inside.
struct SQLiteHandle: ~Copyable {
    let raw: OpaquePointer

    /// - Parameter flags: `SQLITE_OPEN_READWRITE` and the like.
    init(opening path: String, flags: Int32) throws(StoreError) {
        raw = try Self.open(path, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE)
    }

    deinit { sqlite3_close_v2(raw) }

    /// Whether it counts none; done once.
    private static let countsNoMemory = host_sqlite_count_no_memory() == SQLITE_OK

    private static func open(_ path: String, _ flags: Int32) throws(StoreError) -> OpaquePointer {
        _ = countsNoMemory
        var opened: OpaquePointer?
        let result = sqlite3_open_v2(path, &opened, flags, nil)
        guard result == SQLITE_OK, let opened else {
            defer { sqlite3_close_v2(opened) }  // a failed open still hands back a handle
            throw StoreError(sqlite: result, on: opened, doing: "open", at: path)
        }
        return opened
    }
}
