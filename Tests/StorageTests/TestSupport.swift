import Foundation
import Ports
import Synchronization
import TestKit

@testable import Storage

/// A folder of its own for one test, gone with it.
final class TemporaryFolder: Sendable {
    let path: String

    init() {
        path =
            FileManager.default.temporaryDirectory
            .appendingPathComponent("madang-storage-\(UUID().uuidString)").path
        mkdir(path, 0o700)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var log: String { path + "/log" }
    var store: String { path + "/store/madang.db" }
    func segment(_ number: Int) -> String { String(format: "%@/%08d.log", log, number) }
}

extension LogIdentity {
    static let sample = LogIdentity(
        kernelVersion: 3, configurationHash: "c0ffee", runID: "run-1")
}

extension LogSettings {
    /// Segments of 8 KiB, so that a few records fill one.
    static let small = LogSettings(segmentSize: 8_192, step: 4_096, waitingLimit: 1 << 20)
}

/// What record `number` holds in these tests: 0 to 311 bytes that depend on it alone.
func payload(_ number: UInt64) -> [UInt8] {
    var generator = SeededRandom(number)
    let count = Int(generator.next() % 312)
    return (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
}

extension SegmentedLog {
    /// Every record, checked to be numbered 1, 2, 3, …
    func records() throws -> [[UInt8]] {
        var records: [[UInt8]] = []
        try forEach { number, record in
            guard number == UInt64(records.count) + 1 else { throw Gap(number: number) }
            records.append(record)
            return true
        }
        return records
    }

    func append(upTo number: UInt64) throws {
        while nextNumber <= number { try append(payload(nextNumber)) }
    }
}

struct Gap: Error { let number: UInt64 }

/// Bytes of a file, changed in place.
func edit(_ path: String, _ change: (inout [UInt8]) -> Void) throws {
    var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    change(&bytes)
    try Data(bytes).write(to: URL(fileURLWithPath: path))
}

/// What `body` threw, when it is a ``StoreError``.
func storeError(_ body: () throws -> Void) -> StoreError? {
    do {
        try body()
        return nil
    } catch {
        return error as? StoreError
    }
}

/// Opens a log whose thread was not waited for: it lets go of the folder a moment after its last
/// word.
func openWhenReleased(
    _ path: String, identity: LogIdentity = .sample
) throws(StoreError) -> SegmentedLog {
    while true {
        do throws(StoreError) {
            return try SegmentedLog.open(in: path, identity: identity)
        } catch {
            guard error.code == .inUse else { throw error }
            sched_yield()
        }
    }
}
