import Indicators
import TestKit
import Testing
import TradingModel

@Suite struct RollingSumTests {
    /// Lengths on both sides of the edge between the window in the struct and the one on the heap.
    static let lengths = [1, 2, 20, 63, 64, 65, 66, 200, 512]

    static func naive(_ values: [Int64], upTo index: Int, _ length: Int) -> Int128 {
        values[max(0, index - length + 1)...index].reduce(0) { $0 + Int128($1) }
    }

    @Test(arguments: lengths)
    func sumIsThatOfTheLastValues(_ length: Int) {
        var random = SeededRandom(UInt64(length))
        let values = (0..<1_500).map { _ in Int64.random(in: -1_000...1_000, using: &random) }
        var sum = RollingSum(length: length)
        for index in values.indices {
            sum.push(values[index])
            #expect(sum.sum == Self.naive(values, upTo: index, length))
            #expect(sum.isFull == (index >= length - 1))
        }
    }

    @Test(arguments: lengths)
    func extremesNeitherTrapNorRound(_ length: Int) {
        var random = SeededRandom(99 + UInt64(length))
        let extremes: [Int64] = [.max, .min, .max / 2, .min / 2, .max - 1, .min + 1, 0, 1, -1]
        let values = (0..<1_200).map { _ in extremes.randomElement(using: &random) ?? 0 }
        var sum = RollingSum(length: length)
        for index in values.indices {
            sum.push(values[index])
            #expect(sum.sum == Self.naive(values, upTo: index, length))
        }
    }

    @Test(arguments: [Int64.max, .max / 2, .min, .min / 2])
    func aWindowFullOfOneExtremeIsExact(_ value: Int64) {
        var sum = RollingSum(length: 512)
        for _ in 0..<1_024 { sum.push(value) }
        #expect(sum.sum == Int128(value) * 512)
    }

    /// The sign of the difference of means against a reference with one common denominator.
    @Test(
        arguments: [(3, 7), (20, 60), (60, 128), (511, 512)],
        [Int64(3), 1_000, 1 << 50, 1 << 54, 1 << 58, .max])
    func meansCompareExactly(_ lengths: (Int, Int), _ span: Int64) {
        var random = SeededRandom(UInt64(lengths.0))
        var (a, b) = (RollingSum(length: lengths.0), RollingSum(length: lengths.1))
        var signs: Set<Int> = []
        for index in 0..<2_000 {
            let value = Int64.random(in: -span...span, using: &random)
            a.push(value)
            b.push(value)
            guard index >= lengths.1 else { continue }
            let difference = a.sum * Int128(lengths.1) - b.sum * Int128(lengths.0)
            #expect(RollingSum.compareMeans(a, b) == difference.signum())
            #expect(RollingSum.compareMeans(b, a) == -difference.signum())
            signs.insert(Int(difference.signum()))
        }
        #expect(signs.isSuperset(of: [1, -1]))
    }

    @Test func equalMeansOfDifferentLengthsTie() {
        var (a, b) = (RollingSum(length: 2), RollingSum(length: 3))
        for value in [5, 1, 9] as [Int64] {
            a.push(value)
            b.push(value)
        }
        #expect(RollingSum.compareMeans(a, b) == 0)  // 10 / 2 and 15 / 3
    }

    @Test(arguments: [20, 100])
    func hashTellsStatesApart(_ length: Int) {
        func hash(_ values: [Int64]) -> UInt64 {
            var sum = RollingSum(length: length)
            for value in values { sum.push(value) }
            return StateHasher.of { sum.hash(into: &$0) }
        }
        #expect(hash([1, 2, 3]) == hash([1, 2, 3]))
        #expect(hash([1, 2, 3]) != hash([3, 2, 1]))
        #expect(hash([1, 2]) != hash([1, 2, 0]))
    }
}

@Suite struct RollingVolumeTests {
    @Test func sumIsThatOfTheLastVolumes() {
        var random = SeededRandom(5)
        let values = (0..<500).map { _ in
            Int128(Int64.random(in: 0...Int64.max, using: &random)) * 1_000
        }
        var sum = RollingVolume(length: 20)
        for index in values.indices {
            sum.push(Volume(units: values[index]))
            #expect(sum.sum == values[max(0, index - 19)...index].reduce(0, +))
            #expect(sum.isFull == (index >= 19))
        }
    }

    /// A stock index's daily turnover in won passes `Int64` within a month (R2.1).
    @Test func volumesBeyondInt64AreExact() throws {
        let turnover = try #require(Volume("12233283807500"))
        var sum = RollingVolume(length: 20)
        for _ in 0..<40 { sum.push(turnover) }
        #expect(sum.sum == turnover.units * 20)
        #expect(sum.sum > Int128(Int64.max))
    }

    @Test(arguments: [Int128.max, .min])
    func whatNoMarketTradesCountsAsTheLimit(_ units: Int128) {
        var sum = RollingVolume(length: 512)
        for _ in 0..<1_000 { sum.push(Volume(units: units)) }
        #expect(sum.sum == RollingVolume.limit * 512 * Int128(units.signum()))
    }
}
