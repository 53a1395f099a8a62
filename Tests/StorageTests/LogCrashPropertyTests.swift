import Foundation
import Ports
import TestKit
import Testing

@testable import Storage

/// Against a simple model: what was appended, and how far it was reported durable.
@Suite struct LogCrashPropertyTests {
    /// Kills and power cuts at random calls, ten in a row on one folder, on a disk that keeps or
    /// loses each unflushed sector as it likes. What is read back is a prefix of what was appended,
    /// with all that was durable; records that were cut off and written anew never come back as
    /// they were.
    @Test(arguments: 0..<trials(60 as UInt64)) func crashesLoseNothingDurable(_ seed: UInt64) throws
    {
        var random = SeededRandom(seed)
        let folder = TemporaryFolder()
        var model: [[UInt8]] = []
        var durable: UInt64 = 0
        var disk = FaultyCalls()
        for round in 0..<10 {
            disk = FaultyCalls(after: disk, crashPlan(&random))
            let error = storeError {
                var log =
                    try SegmentedLog.exists(in: folder.log)
                    ? SteppedLog(opening: folder.log, settings: .small, calls: disk)
                    : SteppedLog(creating: folder.log, settings: .small, calls: disk)
                #expect(log.lastNumber >= durable)
                #expect(log.lastNumber <= UInt64(model.count))
                model.removeLast(model.count - min(model.count, Int(log.lastNumber)))
                durable = log.durable
                defer { durable = log.durable }
                for _ in 0..<Int.random(in: 1..<20, using: &random) {
                    for _ in 0..<Int.random(in: 1..<12, using: &random) {
                        // As long as before, so that old frames would fit behind new ones.
                        model.append(payload(UInt64(model.count) + 1).map { $0 ^ UInt8(round) })
                        if let record = model.last { log.append(record) }
                    }
                    try log.flush()
                }
                if Bool.random(using: &random) { try log.finish() }
            }
            #expect(error == nil || disk.hasCrashed, "seed \(seed) round \(round): \(error as Any)")
            // A kill: what was written stays in the system's memory, for the next start to read.
            if round < 9, Bool.random(using: &random) { continue }
            try disk.loseUnflushed(seed: random.next())
            let records = try recordsAfterACrash(folder)
            #expect(records.count >= Int(durable), "seed \(seed) round \(round)")
            #expect(records == Array(model.prefix(records.count)), "seed \(seed) round \(round)")
            model = records
            durable = UInt64(records.count)
        }
    }

    /// Written, killed before the flush, read again and reported durable: then the power may go.
    @Test(arguments: seeds(0..<8)) func whatIsReadAtTheStartIsDurable(_ seed: UInt64) throws {
        let folder = TemporaryFolder()
        let killed = FaultyCalls { call, _ in call == .syncData ? .crash : nil }
        let error = storeError {
            var log = try SteppedLog(creating: folder.log, settings: .small, calls: killed)
            for _ in 0..<10 { log.append() }
            try log.flush()
        }
        #expect(error != nil)
        let disk = FaultyCalls(after: killed)
        let log = try SteppedLog(opening: folder.log, settings: .small, calls: disk)
        #expect(log.durable == 10)
        try disk.loseUnflushed(seed: seed)
        #expect(try recordsAfterACrash(folder) == (1...10).map(payload))
    }

    /// As above, for a segment whose name was not durable yet.
    @Test(arguments: seeds(0..<8)) func aSegmentFoundAtTheStartStays(_ seed: UInt64) throws {
        let folder = TemporaryFolder()
        // The second flush of all: the first segment's file, then the folder with its name.
        let killed = FaultyCalls { call, turn in call == .syncAll && turn == 1 ? .crash : nil }
        #expect(
            storeError { _ = try SteppedLog(creating: folder.log, settings: .small, calls: killed) }
                != nil)
        let disk = FaultyCalls(after: killed)
        var log = try SteppedLog(opening: folder.log, settings: .small, calls: disk)
        log.append()
        try log.flush()
        try disk.loseUnflushed(seed: seed)
        #expect(try recordsAfterACrash(folder) == [payload(1)])
    }

    /// Some call, early or late, is the last one; a write may be cut short before.
    private func crashPlan(
        _ random: inout SeededRandom
    ) -> @Sendable (FaultyCalls.Call, Int) -> FaultyCalls.Fault? {
        let calls: [FaultyCalls.Call] = [
            .write, .write, .syncData, .syncAll, .rename, .truncate, .open,
        ]
        let call = calls.randomElement(using: &random) ?? .write
        let turn = Int.random(in: 0..<(Bool.random(using: &random) ? 4 : 14), using: &random)
        let isShort = Bool.random(using: &random)
        return { kind, count in
            guard kind == call else { return nil }
            if isShort, kind == .write, count == turn { return .short(33) }
            return count == turn + (isShort ? 1 : 0) ? .crash : nil
        }
    }

    private func recordsAfterACrash(_ folder: TemporaryFolder) throws -> [[UInt8]] {
        guard try SegmentedLog.exists(in: folder.log) else { return [] }
        // Not ``SegmentedLog``: closing it would cut off whatever opening it left behind.
        let calls = SystemFileCalls()
        let opening = LogOpening(
            folder: LogFolder(path: folder.log, calls: calls), identity: .sample, settings: .small)
        var records: [[UInt8]] = []
        try LogReading(segments: opening.open().segments, calls: calls).forEach(from: 1) {
            number, record in
            guard number == UInt64(records.count) + 1 else { throw Gap(number: number) }
            records.append(record)
            return true
        }
        return records
    }

    /// Damage at rest within a group, in a log that a kill left open: it is refused, or no more
    /// than the last group is lost, and said. Never another record, never in silence.
    @Test(arguments: 0..<trials(100 as UInt64)) func damageAtRestIsNeverTakenForRecords(
        _ seed: UInt64
    ) throws {
        var random = SeededRandom(seed)
        let folder = TemporaryFolder()
        var log = try SteppedLog(creating: folder.log, settings: .small)
        var lastGroup: UInt64 = 0
        var lastPlace = (segment: 1, offset: 512)
        for _ in 0..<Int.random(in: 1..<25, using: &random) {
            lastGroup = log.durable
            lastPlace = (log.segment, log.end)
            for _ in 0..<Int.random(in: 1..<6, using: &random) { log.append() }
            try log.flush()
        }
        let number = Int.random(in: 1...log.segment, using: &random)
        if lastPlace.segment < log.segment { lastPlace = (log.segment, 512) }
        let kind = Int.random(in: 0..<3, using: &random)
        try edit(folder.segment(number)) { bytes in
            let end = (bytes.lastIndex { $0 != 0 } ?? 512) + 1
            let place = Int.random(in: 512..<max(end, 513), using: &random)
            var stop = min(bytes.count, place + Int.random(in: 1..<600, using: &random))
            // Not over the border: whoever loses the last group whole has nothing that proves more.
            if number == lastPlace.segment, place < lastPlace.offset {
                stop = min(stop, lastPlace.offset)
            }
            switch kind {
            case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1:
                for at in place..<stop { bytes[at] = 0 }
            default:
                for at in place..<stop {
                    bytes[at] = UInt8.random(in: 0...255, using: &random)
                }
            }
        }
        do {
            let opened = try SegmentedLog.open(in: folder.log, identity: .sample, settings: .small)
            let records = try opened.records()
            #expect(records == (0..<records.count).map { payload(UInt64($0) + 1) })
            #expect(UInt64(records.count) >= lastGroup, "seed \(seed)")
            let isWhole = records.count == Int(log.lastNumber)
            #expect(isWhole || kind == 1 || opened.recovery.tornTail != nil, "seed \(seed)")
        } catch let error as StoreError {
            #expect(error.code == .corrupt, "seed \(seed)")
        }
    }
}
