import Foundation
import Ports
import Testing

@testable import Storage

/// Against a simple model: what was appended, and how far it was reported durable.
@Suite struct LogCrashPropertyTests {
    /// Power cuts at random calls, on a disk that keeps or loses each unflushed sector as it likes;
    /// five in a row on one folder. What is read back is a prefix of what was appended, with all
    /// that was durable.
    @Test(arguments: 0..<seeds(60)) func aPowerCutLosesNothingDurable(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let folder = TemporaryFolder()
        var durable: UInt64 = 0
        for round in 0..<5 {
            let call = try #require(
                [FaultyCalls.Call.write, .write, .syncData, .syncAll, .rename, .truncate, .open]
                    .randomElement(using: &random))
            let turn = Int.random(in: 0..<14, using: &random)
            let half = Bool.random(using: &random)
            let calls = FaultyCalls { kind, count in
                guard kind == call else { return nil }
                // A write is cut short and then ends, or ends at once.
                if half, kind == .write, count == turn { return .short(33) }
                return count == turn + (half ? 1 : 0) ? .crash : nil
            }
            var appended = durable
            let error = storeError {
                var log =
                    try SegmentedLog.exists(in: folder.log)
                    ? SteppedLog(opening: folder.log, settings: .small, calls: calls)
                    : SteppedLog(creating: folder.log, settings: .small, calls: calls)
                #expect(log.lastNumber >= durable)
                durable = log.durable
                defer {
                    durable = log.durable
                    appended = log.lastNumber
                }
                for _ in 0..<Int.random(in: 1..<20, using: &random) {
                    for _ in 0..<Int.random(in: 1..<12, using: &random) { log.append() }
                    try log.flush()
                }
                if Bool.random(using: &random) { try log.finish() }
            }
            #expect(
                error == nil || calls.hasCrashed, "seed \(seed) round \(round): \(error as Any)")
            try calls.loseUnflushed(seed: random.next())
            guard try SegmentedLog.exists(in: folder.log) else {
                #expect(durable == 0)
                continue
            }
            let log = try SegmentedLog.open(in: folder.log, identity: .sample, settings: .small)
            let records = try log.records()
            #expect(records.count >= Int(durable), "seed \(seed) round \(round)")
            #expect(records.count <= Int(max(appended, durable)), "seed \(seed) round \(round)")
            #expect(records == (0..<records.count).map { payload(UInt64($0) + 1) })
            durable = UInt64(records.count)
            // Drops the reference: what follows opens the folder when this one has let go of it.
            try log.close()
        }
    }

    /// Damage at rest within a group, in a log that a kill left open: it is refused, or no more
    /// than the last group is lost, and said. Never another record, never in silence.
    @Test(arguments: 0..<seeds(100)) func damageAtRestIsNeverTakenForRecords(_ seed: UInt64) throws
    {
        var random = SeededGenerator(seed: seed)
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
