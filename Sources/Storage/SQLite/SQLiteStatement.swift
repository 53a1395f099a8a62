import CSQLite
import Ports

/// Owns a prepared statement and frees it once. Ready for the next use after each one.
struct SQLiteStatement: ~Copyable {
    private let raw: OpaquePointer
    private let connection: SQLiteConnection
    private let what: String

    /// - Parameter what: For errors, after "cannot": `write the ledger`.
    init(owning raw: OpaquePointer, of connection: SQLiteConnection, doing what: String) {
        self.raw = raw
        self.connection = connection
        self.what = what
    }

    deinit { sqlite3_finalize(raw) }

    /// Binds, and runs to the end.
    func run(_ bind: (inout SQLiteBinder) -> Void = { _ in }) throws(StoreError) {
        try forEach(bind) { (_) throws(StoreError) in }
    }

    /// Binds, runs, and lends each row.
    func forEach(
        _ bind: (inout SQLiteBinder) -> Void = { _ in },
        _ body: (inout SQLiteRow) throws(StoreError) -> Void
    ) throws(StoreError) {
        defer { sqlite3_reset(raw) }
        var binder = SQLiteBinder(raw: raw)
        bind(&binder)
        guard binder.result == SQLITE_OK else { throw connection.error(binder.result, doing: what) }
        while true {
            let result = sqlite3_step(raw)
            if result == SQLITE_DONE { return }
            guard result == SQLITE_ROW else { throw connection.error(result, doing: what) }
            var row = SQLiteRow(raw: raw)
            try body(&row)
            if let bad = row.bad {
                throw StoreError(
                    .corrupt, "cannot \(what): column \(bad) holds no value of its kind",
                    at: connection.path,
                    advice: "move the file away: the tables are rebuilt from the log")
            }
        }
    }
}

/// Fills parameters from the first on. Text is copied; the first error stays.
struct SQLiteBinder: RowBinder {
    fileprivate let raw: OpaquePointer
    private var index: Int32 = 0
    fileprivate private(set) var result = SQLITE_OK

    fileprivate init(raw: OpaquePointer) { self.raw = raw }

    mutating func put(_ value: Int64) {
        index += 1
        note(sqlite3_bind_int64(raw, index, value))
    }
    mutating func putNull() {
        index += 1
        note(sqlite3_bind_null(raw, index))
    }
    mutating func put(_ value: String) {
        index += 1
        var text = value
        note(
            text.withUTF8 { bytes in
                let start = UnsafeRawPointer(bytes.baseAddress ?? Self.empty)
                return sqlite3_bind_text64(
                    raw, index, start.assumingMemoryBound(to: CChar.self), UInt64(bytes.count),
                    host_sqlite_transient(), UInt8(SQLITE_UTF8))
            })
    }
    private mutating func note(_ code: Int32) { if result == SQLITE_OK { result = code } }

    /// A null pointer would bind NULL where an empty text is meant.
    // Safe because it is never written, and freed never.
    nonisolated(unsafe) private static let empty: UnsafePointer<UInt8> = {
        let byte = UnsafeMutablePointer<UInt8>.allocate(capacity: 1)
        byte.initialize(to: 0)
        return UnsafePointer(byte)
    }()
}

/// Takes a row's columns from the first on. What is not of its kind is noted, and the read fails.
struct SQLiteRow: RowReader {
    private let raw: OpaquePointer
    private var index: Int32 = -1
    /// The name of the first column that could not be read.
    fileprivate private(set) var bad: String?

    fileprivate init(raw: OpaquePointer) { self.raw = raw }

    mutating func integer() -> Int64 {
        index += 1
        return sqlite3_column_int64(raw, index)
    }
    mutating func optionalInteger() -> Int64? {
        index += 1
        guard sqlite3_column_type(raw, index) != SQLITE_NULL else { return nil }
        return sqlite3_column_int64(raw, index)
    }
    mutating func optionalText() -> String? {
        index += 1
        guard let bytes = sqlite3_column_text(raw, index) else { return nil }
        let count = Int(sqlite3_column_bytes(raw, index))
        return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }

    /// `value`, or `fallback` with a note that the column just read is bad.
    mutating func known<Value>(_ value: Value?, else fallback: Value) -> Value {
        if value == nil, bad == nil {
            bad = sqlite3_column_name(raw, index).map { String(cString: $0) } ?? "\(index)"
        }
        return value ?? fallback
    }
}
