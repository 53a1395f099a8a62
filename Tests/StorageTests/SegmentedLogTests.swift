import Foundation
import Platform
import Ports
import Synchronization
import Testing

@testable import Storage

@Suite struct SegmentedLogTests {
    let folder = TemporaryFolder()

    private func create(_ settings: LogSettings = .small) throws -> SegmentedLog {
        try SegmentedLog.create(in: folder.log, identity: .sample, settings: settings)
    }
    private func open(_ identity: LogIdentity = .sample) throws -> SegmentedLog {
        try SegmentedLog.open(in: folder.log, identity: identity, settings: .small)
    }

    @Test func recordsReadBackInOrderOverManySegments() throws {
        let log = try create()
        #expect(log.nextNumber == 1)
        try log.append(upTo: 500)
        try log.flush()
        #expect(log.durableNumber == 500)
        try log.close()

        let again = try open()
        #expect(try again.records() == (1...500).map(payload))
        #expect(again.nextNumber == 501)
        #expect(again.durableNumber == 500)
        #expect(again.recovery.wasClosed)
        #expect(again.recovery.tornTail == nil)
        #expect(again.recovery.segments > 5)
    }

    /// Who asks in time by himself is flushed for then, and not before; much is written all the same.
    @Test(.timeLimit(.minutes(1))) func aPatientLogIsFlushedWhenAsked() throws {
        let log = try create()
        log.flushWhenAsked()
        let told = Told()
        log.onDurable { told.note($0) }
        try log.append(upTo: 40)
        #expect(log.durableNumber == 0)
        try log.flush()
        #expect(log.durableNumber == 40)
        told.wait(for: 40)
        try log.append(upTo: 60)
        #expect(log.durableNumber == 40)
        try log.close()
        #expect(try open().records() == (1...60).map(payload))
    }

    /// The limit's worth of bytes is reached below what is much: who waits for room asks.
    @Test(.timeLimit(.minutes(1))) func aFullPatientLogIsWritten() throws {
        let log = try create()
        log.flushWhenAsked()
        for _ in 0..<200 { try log.append([UInt8](repeating: 7, count: 60_000)) }
        #expect(log.durableNumber > 0)
        try log.close()
        #expect(try open().records().count == 200)
    }

    @Test func aLogGoesOnAfterEachOpening() throws {
        try create().close()
        for round in UInt64(1)...6 {
            let log = try open()
            #expect(log.nextNumber == (round - 1) * 40 + 1)
            try log.append(upTo: round * 40)
            try log.close()
        }
        #expect(try open().records() == (1...240).map(payload))
    }

    @Test func droppingTheLastReferenceStillWrites() throws {
        let told = Told()
        do {
            let log = try create()
            log.onDurable { told.note($0) }
            try log.append(upTo: 100)
        }
        told.wait(for: 100)
        #expect(try openWhenReleased(folder.log).records().count == 100)
    }

    @Test func durableNumbersRiseAndReachTheLast() throws {
        let log = try create()
        let told = Told()
        log.onDurable { told.note($0) }
        try log.append(upTo: 300)
        try log.flush()
        told.wait(for: 300)
        #expect(told.numbers == told.numbers.sorted())
        #expect(told.errors.isEmpty)
    }

    @Test func anEmptyRecordAndOneLargerThanASegmentAreKept() throws {
        let log = try create()
        let large = [UInt8](repeating: 7, count: 50_000)
        for record in [[], large, [1], large] { try log.append(record) }
        try log.close()
        #expect(try open().records() == [[], large, [1], large])
    }

    @Test func aRecordPastTheLimitIsRefusedAndTheLogGoesOn() throws {
        let log = try create()
        let error = storeError {
            try log.append([UInt8](repeating: 0, count: RecordFrame.payloadLimit + 1))
        }
        #expect(error?.code == .io)
        #expect(try log.append([1]) == 1)
        try log.flush()
    }

    @Test func readingCanBeginLaterAndStopEarly() throws {
        let log = try create()
        try log.append(upTo: 200)
        try log.close()
        var seen: [UInt64] = []
        try open().forEach(from: 150) { number, record in
            #expect(record == payload(number))
            seen.append(number)
            return number < 160
        }
        #expect(seen == Array(150...160))
    }

    @Test func filesAndFolderArePrivate() throws {
        let log = try create()
        try log.append([1])
        try log.close()
        func mode(_ path: String) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        }
        #expect(try mode(folder.log) == 0o700)
        #expect(try mode(folder.segment(1)) == 0o600)
        #expect(try mode(folder.log + "/lock") == 0o600)
    }

    @Test func aSegmentIsWrittenAheadWithZerosAndCutWhenClosed() throws {
        let log = try create(LogSettings(segmentSize: 1 << 20, step: 1 << 16))
        try log.append([1])
        try log.flush()
        func size() throws -> Int {
            try Data(contentsOf: URL(fileURLWithPath: folder.segment(1))).count
        }
        #expect(try size() >= 1 << 16)
        try log.close()
        #expect(try size() == 512 + 32 + 24)
    }

    @Test func headsCarryTheHostsBytesOfTheirMoment() throws {
        let log = try SegmentedLog.create(
            in: folder.log, identity: .sample, headExtra: [9, 9], settings: .small)
        #expect(log.recovery.headExtra == HeadExtra(bytes: [9, 9], number: 1))
        for number in UInt64(1)...400 {
            log.setHeadExtra(Array("before \(number)".utf8))
            try log.append(payload(number))
        }
        try log.close()
        let extra = try open().recovery.headExtra
        #expect(extra.number > 300)
        #expect(extra.bytes == Array("before \(extra.number)".utf8))
        let last = try #require(
            try LogFolder(path: folder.log, calls: SystemFileCalls()).segments().last)
        let file = try LogFile(
            opening: folder.segment(Int(last)), flags: O_RDONLY, calls: SystemFileCalls())
        #expect(try SegmentHead.read(from: file).head.firstNumber == extra.number)
    }

    @Test func anUpgradedKernelBeginsASegment() throws {
        let log = try create()
        try log.append(upTo: 3)
        try log.close()
        var newer = LogIdentity.sample
        newer.kernelVersion += 1
        let upgraded = try open(newer)
        #expect(upgraded.recovery.kernelVersion == LogIdentity.sample.kernelVersion)
        try upgraded.append(upTo: 6)
        try upgraded.close()
        #expect(try SegmentedLog.identity(in: folder.log) == newer)
        let error = storeError { _ = try open(.sample) }
        #expect(error?.code == .newerVersion)
        #expect(error?.what.contains("4") == true && error?.what.contains("3") == true)
        #expect(try open(newer).records() == (1...6).map(payload))
    }

    @Test func anotherConfigurationOrRunIsRefused() throws {
        try create().close()
        var other = LogIdentity.sample
        other.configurationHash = "beef"
        #expect(storeError { _ = try open(other) }?.code == .otherRun)
        other = .sample
        other.runID = "run-2"
        #expect(storeError { _ = try open(other) }?.code == .otherRun)
        #expect(storeError { _ = try create() }?.code == .otherRun)
    }

    @Test func aFolderIsOpenedOnce() throws {
        let log = try create()
        let error = storeError { _ = try open() }
        #expect(error?.code == .inUse)
        #expect(error?.what.contains("\(getpid())") == true)
        try log.close()
        _ = try open()
    }

    @Test func existsAndIdentitySayWhatIsThere() throws {
        #expect(try !SegmentedLog.exists(in: folder.log))
        #expect(try SegmentedLog.identity(in: folder.log) == nil)
        let log = try create()
        #expect(try SegmentedLog.exists(in: folder.log))
        #expect(try SegmentedLog.identity(in: folder.log) == .sample)
        try log.close()
    }

    @Test func nothingIsTakenAfterClosing() throws {
        let log = try create()
        try log.append([1])
        try log.close()
        try log.close()
        #expect(storeError { try log.append([2]) } != nil)
        #expect(log.durableNumber == 1)
    }

    /// What waits never passes the limit, however fast the records come.
    @Test func appendingBlocksAtTheLimit() throws {
        let size = RecordFrame.size(ofPayload: 1_000)
        let limit = size * 4
        let box = Locked<SegmentedLog?>(nil)
        let most = Atomic<Int>(0)
        let calls = FaultyCalls { call, _ in
            guard call == .syncData, let log = box.withLock({ $0 }) else { return nil }
            // Give the other thread every chance to run ahead.
            var turns = 0
            while log.nextNumber - 1 - log.durableNumber < 4, turns < 2_000 {
                sched_yield()
                turns += 1
            }
            for _ in 0..<50 { sched_yield() }
            let waiting = Int(log.nextNumber - 1 - log.durableNumber)
            if waiting > most.load(ordering: .relaxed) { most.store(waiting, ordering: .relaxed) }
            return nil
        }
        let log = try SegmentedLog.create(
            in: folder.log, identity: .sample,
            settings: LogSettings(segmentSize: 1 << 20, step: 1 << 16, waitingLimit: limit),
            calls: calls)
        box.withLock { $0 = log }
        for _ in 0..<300 { try log.append([UInt8](repeating: 1, count: 1_000)) }
        try log.flush()
        #expect(most.load(ordering: .relaxed) == 4)
        box.withLock { $0 = nil }
        try log.close()
    }

    @Test func manyThreadsMayAppend() throws {
        let log = try create()
        let numbers = Locked<Set<UInt64>>([])
        DispatchQueue.concurrentPerform(iterations: 8) { thread in
            for index in 0..<50 {
                guard let number = try? log.append([UInt8(thread), UInt8(index)]) else { return }
                numbers.withLock { _ = $0.insert(number) }
            }
        }
        try log.close()
        #expect(numbers.withLock { $0 } == Set(1...400))
        // Each thread's records are in its own order.
        var last = [Int](repeating: -1, count: 8)
        for record in try open().records() {
            #expect(Int(record[1]) == last[Int(record[0])] + 1)
            last[Int(record[0])] = Int(record[1])
        }
    }
}
