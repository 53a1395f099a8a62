package import Ports

import CSQLite
import Glibc

/// What somebody who only looks sees of the tables: nothing is migrated or written. Beside a write-ahead
/// log SQLite's readers share an index (`-shm`), in which they take their locks.
package struct StoreInspection: Hashable, Sendable {
    /// 0 for a file without tables.
    package let version: Int64
    /// What this program writes.
    package static var presentVersion: Int64 { ProjectionSchema.current.version }
    /// What is wrong, in SQLite's words; empty: nothing.
    package let damage: [String]
    /// Empty where the version is another one.
    package let runs: [StoredRun]

    package init(version: Int64, damage: [String], runs: [StoredRun]) {
        self.version = version
        self.damage = damage
        self.runs = runs
    }

    /// Checks every page of the file: seconds for a large one.
    ///
    /// - Throws: `corrupt`, `permission`, `inUse`, `io`.
    package init(of path: String) throws(StoreError) {
        let connection = try Self.connection(path)
        var damage: [String] = []
        try connection.prepare("PRAGMA integrity_check(5)", doing: "check the tables").forEach {
            (row) throws(StoreError) in
            damage.append(row.text())
        }
        self.damage = damage == ["ok"] ? [] : damage
        version = try ProjectionSchema.current.version(of: connection)
        runs =
            version > 0 && version <= Self.presentVersion
            ? try RunTable(connection: connection).all() : []
    }

    static func connection(_ path: String) throws(StoreError) -> SQLiteConnection {
        try SQLiteConnection(
            location(of: path), flags: SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, patience: 1_000,
            named: path)
    }

    /// A file that nobody has open is read as it lies; even a reader would make side files else.
    private static func location(of path: String) -> String {
        var escaped = ""
        for byte in path.utf8 {
            let isPlain =
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                || "/-._~".utf8.contains(byte)
            let digits = String(byte, radix: 16)
            escaped +=
                isPlain ? String(UnicodeScalar(byte)) : "%" + (digits.count < 2 ? "0" : "") + digits
        }
        var status = stat()
        let hasLog = stat(path + "-wal", &status) == 0 && status.st_size > 0
        return "file:\(escaped)" + (hasLog ? "" : "?immutable=1")
    }
}

/// The library in use.
package enum SQLiteLibrary {
    package static var version: String { String(cString: sqlite3_libversion()) }
}
