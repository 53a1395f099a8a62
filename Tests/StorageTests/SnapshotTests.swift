import Foundation
import Glibc
import Platform
import Ports
import TestKit
import Testing
import TradingModel

@testable import Storage

@Suite struct SnapshotFolderTests {
    private let place = TemporaryFolder()
    private let owner = SnapshotOwner(
        session: "house/momentum", version: "1", modelHash: "ab", parameterHash: "cd",
        account: "")

    private func at(_ step: UInt64) -> EventPosition { EventPosition(step: step, index: 3) }
    private func folder(_ calls: any FileCalls = SystemFileCalls()) -> SnapshotFolder {
        SnapshotFolder(path: place.path + "/snapshots", calls: calls)
    }
    private func sample(_ step: UInt64, _ size: Int = 100) -> ServerSnapshot {
        ServerSnapshot(
            position: at(step), format: "x/1",
            bytes: (0..<size).map { UInt8(truncatingIfNeeded: $0 ^ Int(step)) })
    }
    private func newest(_ step: UInt64) throws -> ServerSnapshot? {
        try folder().newest(of: owner, through: at(step)) { Issue.record("\($0)") }
    }
    private var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: place.path + "/snapshots")) ?? [])
            .sorted()
    }

    @Test func theNewestAtOrBeforeAPositionIsGiven() throws {
        #expect(try newest(9) == nil, "the folder is not there yet")
        for step: UInt64 in [2, 4, 6] { try folder().write(sample(step), of: owner) }
        #expect(try newest(1) == nil)
        #expect(try newest(4) == sample(4))
        #expect(try newest(5) == sample(4))
        #expect(try newest(100) == sample(6))
        try folder().write(sample(6, 0), of: owner)
        #expect(try newest(6) == sample(6, 0), "the same position again replaces")
    }

    @Test func threeStayAndOthersOwnersAreLeftAlone() throws {
        var other = owner
        other.parameterHash = "ce"
        try folder().write(sample(1), of: other)
        for step: UInt64 in 1...20 { try folder().write(sample(step), of: owner) }
        #expect(names.count == 4)
        #expect(try newest(17) == nil && newest(18) == sample(18))
        #expect(try folder().newest(of: other, through: at(50)) { _ in } == sample(1))
        let mode = try FileManager.default.attributesOfItem(
            atPath: place.path + "/snapshots/" + names[0])[.posixPermissions]
        #expect(mode as? Int == 0o600)
    }

    /// Each byte changed, each length cut: what is read is what was written, or nothing with a reason.
    @Test func damageIsNeverLoaded() throws {
        let whole = SnapshotFolder.encoded(sample(7, 20), owner)
        #expect(try SnapshotFolder.decoded(whole, owner) == sample(7, 20))
        for index in whole.indices {
            for bit in 0..<8 {
                var bytes = whole
                bytes[index] ^= 1 << UInt8(bit)
                #expect(throws: (any Error).self) { try SnapshotFolder.decoded(bytes, owner) }
            }
            #expect(throws: (any Error).self) {
                try SnapshotFolder.decoded(Array(whole.prefix(index)), owner)
            }
        }
        #expect(throws: (any Error).self) { try SnapshotFolder.decoded(whole + [0], owner) }
    }

    /// A damaged one is told by its name and the one before it is taken.
    @Test func theOneBeforeADamagedOneIsTaken() throws {
        for step: UInt64 in [2, 4] { try folder().write(sample(step), of: owner) }
        let path = place.path + "/snapshots/" + (try #require(names.last))
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: URL(fileURLWithPath: path))
        var told: [String] = []
        #expect(try folder().newest(of: owner, through: at(9)) { told.append($0) } == sample(2))
        #expect(told.count == 1 && told[0].hasPrefix(path + " is damaged and not used:"))
        #expect(try newest(9) == sample(2), "it is gone, and not told again")
    }

    /// Whatever call fails, what was there before stays and is whole.
    @Test(arguments: [FaultyCalls.Call.open, .write, .syncAll, .rename], [EIO, ENOSPC])
    func aFailedWriteLeavesTheOneBefore(_ call: FaultyCalls.Call, _ code: Int32) throws {
        try folder().write(sample(2), of: owner)
        let faulty = FaultyCalls { called, _ in called == call ? .fail(code) : nil }
        let error = #expect(throws: StoreError.self) {
            try folder(faulty).write(sample(4), of: owner)
        }
        #expect(
            error?.code == (code == ENOSPC ? .full : .io),
            "\(error.map(String.init(describing:)) ?? "")")
        // A rename that went through without its flush may be there, whole.
        #expect([sample(2), sample(4)].contains(try newest(9)))
        #expect(try newest(3) == sample(2))
    }

    /// A kill at any call leaves what was there before, and at most a part that nobody reads.
    @Test(arguments: seeds(0..<8)) func aCrashLeavesOldOrNew(_ seed: UInt64) throws {
        for stop in 0..<12 {
            try folder().write(sample(2), of: owner)
            let count = Locked(0)
            let crashing = FaultyCalls { _, _ in
                count.withLock { count in
                    count += 1
                    return count == stop + 1 ? .crash : nil
                }
            }
            _ = try? folder(crashing).write(sample(4), of: owner)
            try crashing.loseUnflushed(seed: seed)
            let found = try folder().newest(of: owner, through: at(9)) { _ in }
            #expect(found == sample(2) || found == sample(4), "stop \(stop)")
        }
    }
}

@Suite struct SnapshotKeeperTests {
    private let owner = SnapshotOwner(
        session: "s", version: "1", modelHash: "", parameterHash: "", account: "")

    private func sample(_ step: UInt64) -> ServerSnapshot {
        ServerSnapshot(
            position: EventPosition(step: step, index: 0), format: "x", bytes: [UInt8(step)])
    }

    @Test func whatWaitsAtTheEndIsWritten() async throws {
        let place = TemporaryFolder()
        let keeper = SnapshotKeeper(in: place.path + "/s")
        for step: UInt64 in 1...50 { keeper.keep(sample(step), of: owner) }
        await keeper.close()
        keeper.keep(sample(51), of: owner)
        await keeper.close()
        let again = SnapshotKeeper(in: place.path + "/s")
        let found = await again.newest(of: owner, through: EventPosition(step: 99, index: 0))
        #expect(found == sample(50), "older ones that waited were replaced")
        #expect(again.takeTroubles(of: owner).isEmpty)
        await again.close()
        let none = await again.newest(of: owner, through: EventPosition(step: 99, index: 0))
        #expect(none == nil, "behind its end it answers at once")
    }

    @Test func aDiskThatIsFullIsToldAndHoldsNobodyUp() async throws {
        let place = TemporaryFolder()
        let faulty = FaultyCalls { call, _ in call == .write ? .fail(ENOSPC) : nil }
        let keeper = SnapshotKeeper(SnapshotFolder(path: place.path + "/s", calls: faulty))
        keeper.keep(sample(1), of: owner)
        let found = await keeper.newest(of: owner, through: EventPosition(step: 9, index: 0))
        #expect(found == nil)
        await keeper.close()
        let troubles = keeper.takeTroubles(of: owner)
        #expect(troubles.count == 1 && troubles[0].contains("No space left on device"))
        #expect(keeper.takeTroubles(of: owner).isEmpty, "told once")
    }
}
