import Indicators
import TestKit
import Testing
import TradingModel

@Suite struct MeanCrossTests {
    /// On both sides of the edge between the window in the struct and the one on the heap.
    static let lengths = [(1, 2), (2, 3), (20, 60), (63, 64), (1, 65), (64, 65), (200, 512)]

    /// What two separate windows and their signs say.
    private struct Reference {
        var fast: RollingSum
        var slow: RollingSum
        var crossing = Crossing()
        init(_ lengths: (Int, Int)) {
            fast = RollingSum(length: lengths.0)
            slow = RollingSum(length: lengths.1)
        }
        mutating func push(_ value: Int64) -> Crossing.Direction? {
            fast.push(value)
            slow.push(value)
            guard slow.isFull else { return nil }
            return crossing.push(RollingSum.compareMeans(fast, slow))
        }
    }

    private static func crossings(
        _ values: [Int64], _ lengths: (Int, Int), _ comment: Comment? = nil
    ) -> Int {
        var (cross, reference) = (
            MeanCross(fast: lengths.0, slow: lengths.1), Reference(lengths)
        )
        var passing = cross
        var (count, passed) = (0, 0)
        for (index, value) in values.enumerated() {
            let (ours, theirs) = (cross.push(Price(units: value)), reference.push(value))
            #expect(ours == theirs, "index \(index)")
            // What crosses nothing may pass; what does not pass has changed nothing.
            let isPassed = passing.pass(Price(units: value))
            #expect(!isPassed || theirs == nil, "index \(index)")
            if !isPassed { #expect(passing.push(Price(units: value)) == theirs, "index \(index)") }
            passed += isPassed ? 1 : 0
            count += ours == nil ? 0 : 1
        }
        #expect(lengths.1 > 64 ? passed == 0 : passed > 0, "windows on the heap are pushed to")
        var (ours, others) = (StateHasher(), StateHasher())
        cross.hash(into: &ours)
        passing.hash(into: &others)
        #expect(ours.value == others.value)
        return count
    }

    @Test(arguments: lengths)
    func crossesWhereTwoWindowsDo(_ lengths: (Int, Int)) {
        var random = SeededRandom(UInt64(lengths.0 * 1_000 + lengths.1))
        let values = (0..<4_000).map { _ in Int64.random(in: 100...104, using: &random) }
        #expect(Self.crossings(values, lengths) > 10)
    }

    /// Sums go from one word to two and back as prices beyond the limit come and leave.
    @Test(arguments: lengths)
    func crossesExactlyAmongExtremes(_ lengths: (Int, Int)) {
        var random = SeededRandom(7 + UInt64(lengths.0 * 1_000 + lengths.1))
        let limit = Int64.max / Int64(lengths.0 * lengths.1)
        let edges: [Int64] = [.max, .min, limit - 1, limit, limit + 1, 0, -1, .max / 2]
        var isRough = false
        let values = (0..<6_000).map { index in
            if index % (2 * lengths.1) == 0 { isRough.toggle() }
            return isRough && Int.random(in: 0..<4, using: &random) == 0
                ? edges.randomElement(using: &random) ?? 0
                : Int64.random(in: limit - 4..<limit, using: &random)
        }
        #expect(Self.crossings(values, lengths) > 10)
    }

    /// The hash is that of a ring of `slow` prices, however they are kept: logs have it.
    @Test(arguments: lengths)
    func theHashIsThatOfARingOfThePrices(_ lengths: (Int, Int)) {
        var random = SeededRandom(11 + UInt64(lengths.0 * 1_000 + lengths.1))
        var (cross, reference) = (
            MeanCross(fast: lengths.0, slow: lengths.1), Reference(lengths)
        )
        var ring = Array(repeating: Int64(0), count: lengths.1)
        for count in 0..<3 * lengths.1 + 7 {
            var (ours, theirs) = (StateHasher(), StateHasher())
            cross.hash(into: &ours)
            theirs.combine(lengths.0)
            theirs.combine(lengths.1)
            theirs.combine(max(0, lengths.1 - count))
            theirs.combine(count % lengths.1)
            ring.forEach { theirs.combine($0) }
            reference.crossing.hash(into: &theirs)
            #expect(ours.value == theirs.value, "behind \(count) prices")
            let value = random.oneIn(20) ? Int64.max : Int64.random(in: 1...9, using: &random)
            ring[count % lengths.1] = value
            #expect(cross.push(Price(units: value)) == reference.push(value))
        }
    }

    /// What went by is in the hash, and nothing else.
    @Test func theHashTellsTwoHistoriesApart() {
        func hash(_ values: [Int64]) -> UInt64 {
            var (cross, hasher) = (MeanCross(fast: 2, slow: 3), StateHasher())
            for value in values { _ = cross.push(Price(units: value)) }
            cross.hash(into: &hasher)
            return hasher.value
        }
        #expect(hash([1, 2, 3]) == hash([1, 2, 3]))
        #expect(hash([1, 2, 3]) != hash([1, 2, 4]))
        #expect(hash([1, 2, 3]) != hash([1, 2, 3, 1]))
        #expect(hash([.max, 1, 2, 3]) == hash([5, 1, 2, 3]), "it has left the window")
    }
}
