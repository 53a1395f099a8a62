import Glibc
import TestKit
import Testing

@testable import Platform

@Suite struct ProcessEntryTests {
    private let line =
        "1300 (py) x) (3) S 1200 1299 1100 0 -1 4194560 1 0 0 0 5 3 0 0 20 0 2 0 88900 12345 777 18446744073709551615 1\n"

    @Test func aNameMayHoldAnything() {
        let entry = ProcessEntry(Array(line.utf8))
        #expect(
            entry
                == ProcessEntry(id: 1300, parent: 1200, group: 1299, start: 88900, pages: 777))
    }

    @Test func whoHasEndedHasNoMemory() {
        let entry = ProcessEntry(Array(line.replacing(") S", with: ") Z").utf8))
        #expect(entry?.hasEnded == true && entry?.pages == 0)
    }

    /// A line that was cut anywhere before its last field of interest is no line.
    @Test func partsAreRefused() {
        let end = line.utf8.count - " 18446744073709551615 1\n".utf8.count - 3
        for count in 0..<end { #expect(ProcessEntry(Array(line.utf8.prefix(count))) == nil) }
    }

    @Test(arguments: seeds(0..<50))
    func damageNeverTraps(_ seed: UInt64) {
        var random = SeededRandom(seed)
        for _ in 0..<200 {
            var bytes = Array(line.utf8)
            for _ in 0..<1 + random.next() % 4 {
                bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(
                    truncatingIfNeeded: random.next())
            }
            _ = ProcessEntry(bytes)
        }
    }

    @Test func theSharesAreReadFromTheRollup() {
        let text =
            "559c-7ffe ---p 00000000 00:00 0    [rollup]\nRss:    1808 kB\nPss:     425 kB\nPss_Dirty: 3 kB\n"
        #expect(ProcessTable.proportional(Array(text.utf8)) == Int64(435_200))
        #expect(ProcessTable.proportional(Array("Rss: 3 kB".utf8)) == nil)
    }

    @Test func theTableShowsThisProcess() throws {
        let table = ProcessTable()
        let own = try #require(table.entry(of: getpid()))
        #expect(own.parent == getppid() && own.group == getpgid(0) && own.pages > 100)
        #expect(table.entries().contains { $0.identity == own.identity })
        #expect(table.entry(of: Int32.max) == nil)
        #expect(try #require(table.bootID()).count == 36)
        #expect(table.memoryKills() != nil)
    }
}

@Suite struct ProcessFamilyTests {
    private func entry(_ id: Int32, of parent: Int32, in group: Int32, at start: UInt64 = 1)
        -> ProcessEntry
    {
        ProcessEntry(id: id, parent: parent, group: group, start: start)
    }
    private let root = ProcessIdentity(id: 20, start: 1)

    @Test func groupAndDescendantsBelongToIt() {
        var family = ProcessFamily([root], groups: [19])
        family.see(
            [
                entry(19, of: 2, in: 19), entry(20, of: 2, in: 19), entry(21, of: 20, in: 19),
                // Left the group; a lower number than its parent's.
                entry(5, of: 30, in: 5), entry(30, of: 21, in: 30),
                entry(40, of: 2, in: 40), entry(2, of: 1, in: 2),
            ], except: 19)
        #expect(family.identities.map(\.id) == [5, 20, 21, 30])
    }

    @Test func oneWhoseParentEndedStaysKnownUntilItsNumberIsAnothers() {
        var family = ProcessFamily([root], groups: [19])
        family.see([entry(20, of: 2, in: 19), entry(30, of: 20, in: 30, at: 7)])
        family.see([entry(30, of: 1, in: 30, at: 7)])
        #expect(family.identities == [ProcessIdentity(id: 30, start: 7)])
        family.see([entry(30, of: 1, in: 30, at: 9)])
        #expect(family.members.isEmpty)
    }

    @Test func aNumberGivenAgainIsNobodyOfOurs() {
        var family = ProcessFamily([root], groups: [])
        family.see([entry(20, of: 1, in: 20, at: 2), entry(21, of: 20, in: 20, at: 3)])
        #expect(family.members.isEmpty)
    }
}

@Suite struct MemoryWatchTests {
    private let second: Int64 = 1_000_000_000

    @Test func underTheLimitNothingIsWeighed() {
        let watch = MemoryWatch(limit: 100)
        #expect(watch.sampled(100, at: 0) == .fine)
        #expect(watch.sampled(101, at: 0) == .weigh)
    }

    @Test func theExactSharesDecide() {
        var watch = MemoryWatch(limit: 100)
        #expect(watch.weighed(100, of: 300, for: 5, at: 0) == .fine)
        #expect(
            watch.weighed(101, of: 300, for: 5, at: 9)
                == .end(MemoryExcess(resident: 101, limit: 100)))
    }

    /// Sharing can hide growth only for as long as the weighing is cheap to repeat.
    @Test func dearWeighingIsRepeatedSeldomUnlessItGrows() {
        var watch = MemoryWatch(limit: 100)
        _ = watch.weighed(60, of: 200, for: second / 10, at: 0)
        #expect(watch.sampled(240, at: second) == .fine, "all that is new fits")
        #expect(watch.sampled(241, at: second) == .weigh)
        #expect(watch.sampled(240, at: 2 * second) == .weigh)
    }
}

@Suite struct CPUSetTests {
    @Test(
        arguments: zip(
            ["0", "0-1", "3,0-1", "1 , 2", "1023"], ["0", "0-1", "0-1,3", "1-2", "1023"]))
    func setsAreReadAndShown(_ text: String, _ shown: String) throws {
        let set = try #require(CPUSet(text))
        #expect("\(set)" == shown)
        #expect(CPUSet(mask: set.mask) == set)
    }

    @Test(arguments: ["", "-", "1-", "-1", "2-1", "a", "1,,2", "1024", "0-1-2", "+1", "٣", "0x1"])
    func otherTextIsRefused(_ text: String) { #expect(CPUSet(text) == nil) }

    @Test func theMachinesAreKnown() {
        #expect(!CPUSet.allowed().numbers.isEmpty)
        #expect("\(CPUSet([0, 1, 5]).subtracting(CPUSet([0, 1])))" == "5")
    }
}
