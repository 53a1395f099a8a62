import CSQLite
import Foundation
import Ports
import Testing
import TradingModel

@testable import Storage

/// What can be wrong with the file, the disk or another program, and what is said of it.
@Suite struct SQLiteTroubleTests {
    let folder = TemporaryFolder()

    private func open(
        _ run: String = "run-1", hash: String = "c0ffee", started: Int64 = 100
    ) throws -> SQLiteProjections {
        try SQLiteProjections.open(
            folder.store, run: run, configurationHash: hash,
            started: Timestamp(nanoseconds: started), patience: .milliseconds(20))
    }
    private func raw(_ sql: String) throws {
        let connection = try SQLiteConnection(
            folder.store, flags: SQLITE_OPEN_READWRITE, patience: 0)
        try connection.execute(sql, doing: "test")
    }
    private func text(_ sql: String) throws -> [String] {
        let connection = try SQLiteConnection(
            folder.store, flags: SQLITE_OPEN_READWRITE, patience: 0)
        var found: [String] = []
        try connection.prepare(sql, doing: "test").forEach { (row) throws(StoreError) in
            found.append(row.text())
        }
        return found
    }

    @Test func anotherWriterIsReported() throws {
        let store = try open()
        let other = try SQLiteConnection(
            folder.store, flags: SQLITE_OPEN_READWRITE, patience: 0)
        try other.execute("BEGIN IMMEDIATE", doing: "test")
        let error = storeError { try store.apply([], upTo: 1) }
        #expect(error?.code == .inUse)
        #expect(error?.place == folder.store)
        try other.execute("ROLLBACK", doing: "test")
        try store.apply([], upTo: 1)
    }

    @Test func aFullDiskIsReportedAndUndone() throws {
        let store = try open()
        try store.apply([.ledger(.sample(1, line: 1))], upTo: 1)
        try store.limitPages(toMore: 4)
        let rows = (2...2_000).map { ProjectionRow.ledger(.sample(2, line: $0)) }
        let error = storeError { try store.apply(rows, upTo: 2) }
        #expect(error?.code == .full)
        #expect(error?.advice.contains("free space") == true)
        #expect(try store.ledger().count == 1)
        #expect(try store.appliedNumber() == 1)
        try store.limitPages(toMore: 100_000)
        try store.apply(rows, upTo: 2)
        #expect(try store.ledger().count == 2_000)
    }

    @Test func aFileThatIsNoDatabaseIsReported() throws {
        mkdir(folder.path + "/store", 0o700)
        try Data(repeating: 65, count: 4_096).write(to: URL(fileURLWithPath: folder.store))
        let error = storeError { _ = try open() }
        #expect(error?.code == .corrupt)
        #expect(error?.advice.contains("rebuilt from the log") == true)
    }

    @Test func damageIsReported() throws {
        do {
            let store = try open()
            let rows = (1...3_000).map { ProjectionRow.ledger(.sample(1, line: $0)) }
            try store.apply(rows, upTo: 1)
        }
        try edit(folder.store) { bytes in
            for at in 12_288..<bytes.count { bytes[at] = 0xA5 }
        }
        let error = storeError { _ = try open().ledger() }
        #expect(error?.code == .corrupt)
    }

    @Test func anotherProgramsDatabaseIsLeftAlone() throws {
        mkdir(folder.path + "/store", 0o700)
        let other = try SQLiteConnection(
            folder.store, flags: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, patience: 0)
        try other.execute("CREATE TABLE theirs (a)", doing: "test")
        let error = storeError { _ = try open() }
        #expect(error?.code == .corrupt)
        #expect(error?.what.contains("another program") == true)
        #expect(try text("SELECT name FROM sqlite_master") == ["theirs"])
    }

    @Test func aBadValueNamesItsColumn() throws {
        try open().apply([.ledger(.sample(1, line: 1))], upTo: 1)
        try raw("UPDATE ledger SET fee = 'much'")
        let error = storeError { _ = try open().ledger() }
        #expect(error?.code == .corrupt)
        #expect(error?.what.contains("fee") == true)
    }

    @Test func readingWhatIsNotThereSaysWhatToDo() throws {
        let error = storeError { _ = try SQLiteProjections.reading(folder.store) }
        #expect(error?.code == .io)
        #expect(error?.advice.contains("madang run") == true)
        #expect(!FileManager.default.fileExists(atPath: folder.store))
    }

    @Test func aFolderInTheWayIsReported() throws {
        mkdir(folder.path + "/store", 0o700)
        mkdir(folder.store, 0o700)
        let error = storeError { _ = try open() }
        #expect(error?.code == .io)
        #expect(error?.place == folder.store)
    }
}
