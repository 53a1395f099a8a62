import Foundation
import Ports
import Testing

@testable import Storage

/// Every system call fails once in its turn: the error is told and stays, and what was durable is
/// there.
@Suite struct LogFaultTests {
    /// Creates a log over three segments and closes it; notes what was promised.
    private func scenario(_ folder: TemporaryFolder, _ calls: FaultyCalls, _ told: Told)
        -> StoreError?
    {
        storeError {
            let log = try SegmentedLog.create(
                in: folder.log, identity: .sample, settings: .small, calls: calls)
            log.onDurable { told.note($0) }
            defer { check(log, told) }
            for number in UInt64(1)...12 {
                try log.append(upTo: number * 10)
                try log.flush()
            }
            try log.close()
        }
    }

    /// After an error everything says the same, and only one thing was told.
    private func check(_ log: SegmentedLog, _ told: Told) {
        guard let error = told.errors.first else { return }
        #expect(told.errors.count == 1)
        if !error.place.hasSuffix("closed") {
            #expect(storeError { try log.append([1]) } == error)
            #expect(storeError { try log.close() } == error)
        }
        #expect(log.durableNumber == told.numbers.last ?? 0)
    }

    private func promised(_ told: Told, isIn folder: TemporaryFolder) throws {
        guard let durable = told.numbers.last else { return }
        let log = try openWhenReleased(folder.log)
        let records = try log.records()
        #expect(records.count >= Int(durable))
        #expect(records == (0..<records.count).map { payload(UInt64($0) + 1) })
        try log.append(upTo: UInt64(records.count) + 5)
        try log.close()
    }

    @Test(arguments: [
        (FaultyCalls.Call.write, ENOSPC, StoreError.Code.full), (.write, EDQUOT, .full),
        (.write, EFBIG, .full), (.write, EIO, .io), (.syncData, EIO, .io),
        (.syncData, ENOSPC, .full), (.syncAll, EIO, .io), (.open, EACCES, .permission),
        (.open, EMFILE, .io), (.open, EROFS, .permission), (.rename, EIO, .io),
        (.truncate, EIO, .io), (.size, EIO, .io),
    ])
    func everyCallMayFail(
        _ call: FaultyCalls.Call, _ errno: Int32, _ code: StoreError.Code
    ) throws {
        let clean = FaultyCalls()
        #expect(scenario(TemporaryFolder(), clean, Told()) == nil)
        let count = clean.count(call)
        #expect(count > 0)
        for turn in 0..<count {
            let folder = TemporaryFolder()
            let told = Told()
            let calls = FaultyCalls { $0 == call && $1 == turn ? .fail(errno) : nil }
            let error = scenario(folder, calls, told)
            // Groups differ from run to run, so the last turns may not come.
            guard calls.count(call) > turn else { continue }
            #expect(error?.code == code, "turn \(turn)")
            #expect(error?.advice.isEmpty == false)
            try promised(told, isIn: folder)
        }
    }

    /// A failed flush may have thrown pages away: a second one would lie.
    @Test func nothingIsRetriedAfterAFailedFlush() throws {
        for turn in 0..<8 {
            let calls = FaultyCalls { $0 == .syncData && $1 == turn ? .fail(EIO) : nil }
            let told = Told()
            #expect(scenario(TemporaryFolder(), calls, told) != nil)
            told.wait(for: .max)
            #expect(calls.count(.syncData) == turn + 1)
            #expect(told.errors.count == 1)
        }
    }

    @Test func interruptedCallsAreRepeated() throws {
        let folder = TemporaryFolder()
        let told = Told()
        let calls = FaultyCalls { _, turn in turn % 3 != 2 ? .fail(EINTR) : nil }
        #expect(scenario(folder, calls, told) == nil)
        #expect(told.numbers.last == 120)
        try promised(told, isIn: folder)
    }

    @Test(arguments: [1, 7, 100, 511]) func shortWritesAndReadsAreContinued(_ bytes: Int) throws {
        let folder = TemporaryFolder()
        let told = Told()
        let calls = FaultyCalls { call, _ in call == .write ? .short(max(bytes, 50)) : nil }
        #expect(scenario(folder, calls, told) == nil)
        let reading = FaultyCalls { call, _ in call == .read ? .short(bytes) : nil }
        let log = try SegmentedLog.open(
            in: folder.log, identity: .sample, settings: .small, calls: reading)
        #expect(try log.records() == (1...120).map(payload))
    }

    @Test func openingMayFailAtEveryCallAndSucceedAfterwards() throws {
        for call in FaultyCalls.Call.allCases {
            for turn in 0..<40 {
                let folder = TemporaryFolder()
                var log = try SteppedLog(creating: folder.log, settings: .small)
                for _ in 0..<60 { log.append() }
                try log.flush()
                let segment = folder.segment(log.segment)
                try edit(segment) { bytes in
                    if let last = bytes.lastIndex(where: { $0 != 0 }) { bytes[last] ^= 1 }
                }
                let calls = FaultyCalls { $0 == call && $1 == turn ? .fail(EIO) : nil }
                let error = storeError {
                    let log = try SegmentedLog.open(
                        in: folder.log, identity: .sample, settings: .small, calls: calls)
                    #expect(try log.records().count >= 58)
                }
                if calls.count(call) <= turn { break }
                #expect(call == .size || error?.code == .io || error == nil)
                let again = try openWhenReleased(folder.log)
                #expect(try again.records().count >= 58)
            }
        }
    }
}
