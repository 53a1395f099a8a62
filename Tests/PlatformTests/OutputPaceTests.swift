import TestKit
import Testing

@testable import Platform

@Suite struct OutputPaceTests {
    private static let second: Int64 = 1_000_000_000
    private let limits = OutputPace.Limits(linesPerSecond: 10, bytesPerSecond: 1_000, burst: 2)

    @Test func aBurstPassesAndThenTheRate() {
        var pace = OutputPace(limits)
        let taken = (0..<50).filter { _ in pace.takes(1, of: 1, at: 5) }.count
        #expect(taken == 20)
        let later = (0..<10).filter { _ in pace.takes(1, of: 1, at: 5 + Self.second / 2) }.count
        #expect(later == 5)
        let muchLater = pace.takes(1, of: 1, at: 5 + Self.second * 1_000_000_000)
        #expect(muchLater)
    }

    @Test func longLinesCostTheirBytes() {
        var pace = OutputPace(limits)
        let taken = (0..<5).filter { _ in pace.takes(900, of: 900, at: 0) }.count
        #expect(taken == 2)
        let fits = pace.takes(100, of: 100, at: 0)
        #expect(fits, "a short one still fits")
    }

    @Test func theCountIsToldOnceASecondAndNothingIsForgotten() {
        var pace = OutputPace(limits)
        var told: [OutputPace.LeftOut] = []
        var taken: Int64 = 0
        // 100 lines a second for ten seconds.
        for step in 0..<1_000 {
            let now = Int64(step) * Self.second / 100
            if pace.takes(4, of: 5, at: now) { taken += 1 }
            if let count = pace.leftOut(at: now) { told.append(count) }
        }
        #expect((8...10).contains(told.count))
        let early = pace.leftOut(at: 0)
        #expect(early == nil)
        let rest = pace.finish()
        let left = told.reduce(rest?.lines ?? 0) { $0 + $1.lines }
        #expect(taken + left == 1_000)
        let again = pace.finish()
        #expect(again == nil && pace.dueAt == nil)
    }

    @Test func theCountIsDueThoughNothingFollows() {
        var pace = OutputPace(limits)
        for _ in 0..<30 { _ = pace.takes(1, of: 1_234, at: 7) }
        #expect(pace.dueAt == 7 + Self.second)
        let early = pace.leftOut(at: 6 + Self.second)
        let due = pace.leftOut(at: 7 + Self.second)
        #expect(early == nil && due?.description == "left out 10 lines (12.1 KiB)")
    }

    /// Whatever comes when: no window of a second hands on more than burst and rate, in either coin.
    @Test(arguments: seeds(0..<20))
    func noWindowIsExceeded(_ seed: UInt64) {
        var random = SeededRandom(seed)
        var pace = OutputPace(limits)
        var now: Int64 = 0
        var taken: [(time: Int64, bytes: Int)] = []
        var offered: Int64 = 0
        for _ in 0..<2_000 {
            now += Int64(random.next() % 60_000_000)
            let size = Int(random.next() % 300)
            offered += 1
            if pace.takes(size, of: size, at: now) { taken.append((now, size)) }
        }
        for (index, first) in taken.enumerated() {
            let window = taken[index...].prefix { $0.time - first.time < Self.second }
            #expect(window.count <= 30)
            #expect(window.map(\.bytes).reduce(0, +) <= 3_000)
        }
        let left = pace.finish()?.lines ?? 0
        #expect(Int64(taken.count) + left == offered)
    }

    @Test(
        arguments: [
            (0, "0 B"), (999, "999 B"), (1_000, "1 KiB"), (1_536, "1.5 KiB"), (2 << 30, "2 GiB"),
            (2_469_606_195, "2.3 GiB"), (1_000 << 20, "1 GiB"), (999 << 20, "999 MiB"),
            (Int64.max, "8388608 TiB"),
        ] as [(Int64, String)])
    func sizesReadAsPeopleWriteThem(_ bytes: Int64, _ text: String) {
        #expect(sizeText(bytes) == text)
    }

    @Test func digitsAreGrouped() {
        #expect(
            [0, 999, 12_345, 1_234_567].map { grouped($0) } == ["0", "999", "12,345", "1,234,567"])
    }
}
