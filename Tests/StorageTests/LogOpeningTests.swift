import Foundation
import Ports
import Testing

@testable import Storage

/// Damage that is told apart: what a crash leaves, and what it cannot leave.
@Suite struct LogOpeningTests {
    let folder = TemporaryFolder()

    private func open() throws -> SegmentedLog {
        try SegmentedLog.open(in: folder.log, identity: .sample, settings: .small)
    }
    /// One segment with groups of these sizes, not closed: as after a kill.
    private func write(groups: [Int]) throws {
        var log = try SteppedLog(
            creating: folder.log, settings: LogSettings(segmentSize: 1 << 20, step: 8_192))
        for count in groups {
            for _ in 0..<count { log.append() }
            try log.flush()
        }
    }
    private func offset(of number: UInt64) -> Int {
        512 + (1..<number).reduce(0) { $0 + RecordFrame.size(ofPayload: payload($1).count) }
    }
    private func records() throws -> [[UInt8]] { try open().records() }
    private func firstPayload(_ lengths: ClosedRange<Int>, from: UInt64) -> UInt64 {
        (from...).first { lengths.contains(payload($0).count) } ?? 0
    }

    @Test func aCleanEndIsNoTear() throws {
        try write(groups: [5, 5])
        let log = try open()
        #expect(log.recovery.tornTail == nil)
        #expect(!log.recovery.wasClosed)
        #expect(log.recovery.lastNumber == 10)
    }

    @Test(arguments: [0, 7, 20, 24, 40])
    func aFileCutInTheLastGroupLosesOnlyItsEnd(_ into: Int) throws {
        try write(groups: [5, 5])
        let cut = offset(of: 8) + into
        try edit(folder.segment(1)) { $0.removeLast($0.count - cut) }
        let log = try open()
        #expect(try log.records() == (1...7).map(payload))
        #expect(log.nextNumber == 8)
        if into == 0 {
            #expect(log.recovery.tornTail == nil)
        } else {
            let torn = try #require(log.recovery.tornTail)
            #expect(torn.firstLost == 8)
            #expect(torn.offset == offset(of: 8))
            #expect(torn.bytes <= into)
            #expect(torn.file == folder.segment(1))
        }
    }

    @Test func aTornGroupIsSetAsideWholeThoughLaterRecordsOfItAreGood() throws {
        try write(groups: [5, 10])
        let place = offset(of: 9)
        try edit(folder.segment(1)) { $0[place + 9] ^= 0x10 }
        let before = try Data(contentsOf: URL(fileURLWithPath: folder.segment(1)))
        let log = try open()
        let torn = try #require(log.recovery.tornTail)
        #expect(torn.firstLost == 9)
        let kept = try Data(contentsOf: URL(fileURLWithPath: torn.keptIn))
        #expect(kept == before[place..<place + torn.bytes])
        #expect(torn.keptIn == folder.log + "/00000001.torn")
        // The log goes on in its place, and opens clean.
        try log.append(upTo: 20)
        try log.close()
        let again = try open()
        #expect(again.recovery.tornTail == nil)
        #expect(try again.records() == (1...20).map(payload))
    }

    /// Whole records of the torn group lie just where those after the new one would.
    @Test func whatWasTornNeverFollowsWhatIsWrittenAnew() throws {
        try write(groups: [5, 10])
        let place = offset(of: 9)
        try edit(folder.segment(1)) { $0[place + 9] ^= 0x10 }
        var log = try SteppedLog(opening: folder.log, settings: .small)
        log.append(payload(9).map { ~$0 })
        try log.flush()
        #expect(try open().recovery.lastNumber == 9)
    }

    @Test func everyTearKeepsItsOwnFile() throws {
        try write(groups: [5, 10])
        var kept: Set<String> = []
        for number in [UInt64(14), 12, 8] {
            let place = offset(of: number)
            try edit(folder.segment(1)) { $0[place + 9] ^= 0x10 }
            // Not ``SegmentedLog``: closing it would prove that all before was durable.
            let opening = LogOpening(
                folder: LogFolder(path: folder.log, calls: SystemFileCalls()), identity: .sample,
                settings: .small)
            kept.insert(try #require(try opening.open().recovery.tornTail).keptIn)
        }
        #expect(kept.count == 3)
        #expect(kept.allSatisfy { FileManager.default.fileExists(atPath: $0) })
    }

    @Test func damageBeforeALaterGroupIsCorruptAndChangesNothing() throws {
        try write(groups: [5, 5, 5])
        let place = offset(of: 8)
        try edit(folder.segment(1)) { $0[place + 26] ^= 0x10 }
        let before = try Data(contentsOf: URL(fileURLWithPath: folder.segment(1)))
        let error = try #require(storeError { _ = try open() })
        #expect(error.code == .corrupt)
        #expect(error.place == "\(folder.segment(1)):\(place)")
        #expect(error.what.contains("record 8"))
        #expect(!error.advice.isEmpty)
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.segment(1))) == before)
    }

    @Test func damageBeforeTheMarkOfAClosedLogIsCorrupt() throws {
        let log = try SegmentedLog.create(in: folder.log, identity: .sample)
        try log.append(upTo: 5)
        try log.close()
        let place = offset(of: 5)
        try edit(folder.segment(1)) { $0[place] ^= 1 }
        #expect(storeError { _ = try open() }?.code == .corrupt)
    }

    @Test func damageInAnEarlierSegmentIsCorrupt() throws {
        let log = try SegmentedLog.create(in: folder.log, identity: .sample, settings: .small)
        try log.append(upTo: 300)
        try log.flush()
        try log.close()
        try edit(folder.segment(2)) { $0[$0.count - 60] ^= 1 }
        let error = storeError { _ = try open() }
        #expect(error?.code == .corrupt)
        #expect(error?.place.hasPrefix(folder.segment(2)) == true)
    }

    @Test(arguments: [1, 3]) func aMissingSegmentIsNamed(_ number: Int) throws {
        let log = try SegmentedLog.create(in: folder.log, identity: .sample, settings: .small)
        try log.append(upTo: 300)
        try log.close()
        try FileManager.default.removeItem(atPath: folder.segment(number))
        let error = storeError { _ = try open() }
        #expect(error?.code == .corrupt)
        #expect(error?.place == folder.segment(number))
    }

    @Test func aMissingLastSegmentIsNoticed() throws {
        let log = try SegmentedLog.create(in: folder.log, identity: .sample, settings: .small)
        try log.append(upTo: 300)
        try log.close()
        let last = log.recoveredSegmentCount(in: folder)
        try FileManager.default.removeItem(atPath: folder.segment(last))
        let error = storeError { _ = try open() }
        #expect(error?.code == .corrupt)
        #expect(error?.what.contains("missing") == true)
    }

    @Test func aTornEndMarkBeforeALaterSegmentIsNoDamage() throws {
        var log = try SteppedLog(creating: folder.log, settings: .small)
        while log.segment < 2 {
            log.append()
            try log.flush()
        }
        try edit(folder.segment(1)) { $0[$0.count - 3] ^= 1 }
        #expect(try records().count == Int(log.lastNumber))
    }

    @Test func swappedSegmentsAreRefused() throws {
        let log = try SegmentedLog.create(in: folder.log, identity: .sample, settings: .small)
        try log.append(upTo: 300)
        try log.close()
        let files = FileManager.default
        try files.moveItem(atPath: folder.segment(2), toPath: folder.log + "/aside")
        try files.moveItem(atPath: folder.segment(3), toPath: folder.segment(2))
        try files.moveItem(atPath: folder.log + "/aside", toPath: folder.segment(3))
        #expect(storeError { _ = try open() }?.code == .corrupt)
    }

    @Test func aNewerFormatIsNamedWithOurs() throws {
        try write(groups: [1])
        try edit(folder.segment(1)) {
            $0.replaceSubrange(8..<16, with: [9, 0, 0, 0, 246, 255, 255, 255])
        }
        let error = storeError { _ = try open() }
        #expect(error?.code == .newerVersion)
        #expect(error?.what.contains("9") == true && error?.what.contains("1") == true)
    }

    @Test(arguments: 0..<512) func anyBitOfTheHeadIsGuarded(_ byte: Int) throws {
        try write(groups: [1])
        try edit(folder.segment(1)) { $0[byte] ^= 0x40 }
        let error = storeError { _ = try open() }
        #expect(error?.code == .corrupt)
    }

    @Test func aFileThatIsNoLogIsRefused() throws {
        mkdir(folder.log, 0o700)
        try Data("hello".utf8).write(to: URL(fileURLWithPath: folder.segment(1)))
        #expect(storeError { _ = try open() }?.code == .corrupt)
    }

    @Test func anEmptyFolderHasNoLog() throws {
        mkdir(folder.log, 0o700)
        let error = storeError { _ = try open() }
        #expect(error?.code == .io)
        #expect(error?.advice.contains("new run") == true)
    }

    /// Bytes that look like a later group's record, inside a torn record, are of another segment.
    @Test func framesOfAnotherSegmentNeverCount() throws {
        try write(groups: [5, 5, 5])
        let frames = try Data(contentsOf: URL(fileURLWithPath: folder.segment(1)))[
            offset(of: 11)..<offset(of: 16)]
        let other = TemporaryFolder()
        var identity = LogIdentity.sample
        identity.runID = "another"
        var log = try SteppedLog(
            creating: other.log, identity: identity,
            settings: LogSettings(segmentSize: 1 << 20, step: 8_192))
        for _ in 0..<5 { log.append() }
        try log.flush()
        try edit(other.segment(1)) { bytes in
            let place =
                512
                + (1..<UInt64(6)).reduce(0) { $0 + RecordFrame.size(ofPayload: payload($1).count) }
            bytes.replaceSubrange(place + 64..<place + 64 + frames.count, with: frames)
        }
        let opened = try SegmentedLog.open(in: other.log, identity: identity, settings: .small)
        #expect(opened.recovery.lastNumber == 5)
        #expect(opened.recovery.tornTail != nil)
    }
}

extension SegmentedLog {
    fileprivate func recoveredSegmentCount(in folder: TemporaryFolder) -> Int {
        (1...).first { !FileManager.default.fileExists(atPath: folder.segment($0 + 1)) } ?? 0
    }
}
