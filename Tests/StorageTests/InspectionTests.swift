import Foundation
import Glibc
import Ports
import Testing
import TradingModel

@testable import Storage

/// Looking changes nothing, and sees what an opening would.
@Suite struct InspectionTests {
    let folder = TemporaryFolder()

    /// Every file below the folder with its bytes and its times.
    private func everything() throws -> [String: [UInt8]] {
        var found: [String: [UInt8]] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder.path) {
            var status = stat()
            stat(folder.path + "/" + name, &status)
            // Foundation leaks a page for each empty file that it reads.
            let isFile = status.st_mode & S_IFMT == S_IFREG && status.st_size > 0
            let bytes =
                isFile ? FileManager.default.contents(atPath: folder.path + "/" + name) : nil
            found["\(name) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"] = [UInt8](
                bytes ?? Data())
        }
        return found
    }

    @Test func aLogIsSeenAsItLies() throws {
        #expect(try LogInspection(of: folder.log) == nil)
        let log = try SegmentedLog.create(in: folder.log, identity: .sample, settings: .small)
        for number in 1...200 as ClosedRange<UInt64> { try log.append(payload(number)) }
        try log.flush()
        let open = try #require(try LogInspection(of: folder.log))
        #expect(open.owner == getpid())
        #expect(open.identity == .sample && open.recovery.lastNumber == 200)
        #expect(open.recovery.segments > 2 && !open.recovery.wasClosed)
        try log.close()
        let before = try everything()
        let closed = try #require(try LogInspection(of: folder.log))
        #expect(closed.recovery.wasClosed && closed.recovery.lastNumber == 200)
        #expect(try everything() == before)
    }

    @Test func aTornEndIsSeenAndLeft() throws {
        let log = try SegmentedLog.create(in: folder.log, identity: .sample)
        for number in 1...9 as ClosedRange<UInt64> { try log.append(payload(number)) }
        try log.flush()
        let bytes = try #require(FileManager.default.contents(atPath: folder.segment(1)))
        try log.close()
        let end = try #require(bytes.lastIndex { $0 != 0 })
        try bytes.prefix(end - 3).write(to: URL(fileURLWithPath: folder.segment(1)))
        let before = try everything()
        let seen = try #require(try LogInspection(of: folder.log))
        #expect(seen.recovery.tornTail?.firstLost == 9 && seen.recovery.lastNumber == 8)
        #expect(try everything() == before)
        let opened = try SegmentedLog.open(in: folder.log, identity: .sample)
        #expect(opened.recovery.lastNumber == 8)
        try opened.close()
    }

    @Test func tablesAreSeenAsTheyLie() throws {
        do {
            let store = try SQLiteProjections.open(
                folder.store, run: "a", configurationHash: "x", started: .zero)
            try store.apply(
                [
                    .order(.sample(1, number: 1)), .ledger(.sample(1, line: 1)), .risk(.sample(1)),
                    .signal(.sample(1, index: 0)), .round(.sample(1, number: 1)),
                    .event(.sample(1, step: 9)), .event(.quote(1, step: 10)),
                ], upTo: 7)
            let open = try StoreInspection(of: folder.store)
            #expect(open.runs.map(\.applied) == [7], "with a host that has it open")
            #expect(try SQLiteProjections.looking(at: folder.store)?.ledger().count == 1)
        }
        let before = try everything()
        let seen = try StoreInspection(of: folder.store)
        #expect(seen.version == StoreInspection.presentVersion && seen.damage == [])
        #expect(seen.runs.map(\.id) == ["a"])
        do {
            let rows = try #require(try SQLiteProjections.looking(at: folder.store))
            #expect(rows.runID == "a")
            #expect(try rows.ledger() == [.sample(1, line: 1)])
            #expect(try rows.orders().map(\.number) == [OrderNumber(1)])
        }
        #expect(try everything() == before)
    }

    @Test func anotherVersionIsSeenAndLeft() throws {
        try SQLiteProjections.makePrivate(folder.store)
        let first = ProjectionSchema(
            migrations: Array(ProjectionSchema.current.migrations.prefix(1)))
        do { _ = try SQLiteProjections.connect(folder.store, patience: .zero, schema: first) }
        let before = try everything()
        #expect(try StoreInspection(of: folder.store).version == 1)
        let rows = try SQLiteProjections.looking(at: folder.store)
        #expect(rows.map(\.runID) == nil)
        #expect(try everything() == before)
    }

    @Test func damageIsTold() throws {
        do {
            let store = try SQLiteProjections.open(
                folder.store, run: "a", configurationHash: "x", started: .zero)
            for line in 1...400 as ClosedRange<Int64> {
                try store.apply([.ledger(.sample(UInt64(line), line: line))], upTo: UInt64(line))
            }
        }
        var bytes = try #require(FileManager.default.contents(atPath: folder.store))
        for at in stride(from: 4_096 * 30, to: bytes.count, by: 4_096) { bytes[at] ^= 0xFF }
        try bytes.write(to: URL(fileURLWithPath: folder.store))
        var isTold = false
        do { isTold = try !StoreInspection(of: folder.store).damage.isEmpty } catch {
            isTold = error.code == .corrupt
        }
        #expect(isTold)
        try Data("no tables at all, but more than nothing".utf8).write(
            to: URL(fileURLWithPath: folder.store))
        #expect(storeError { _ = try StoreInspection(of: folder.store) }?.code == .corrupt)
        #expect(storeError { _ = try StoreInspection(of: folder.path + "/none") } != nil)
    }
}
