import Foundation

/// SplitMix64: the same numbers for the same seed, everywhere.
package struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64
    package init(_ seed: UInt64) { state = seed }
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
    /// True once in `n`.
    package mutating func oneIn(_ n: Int) -> Bool { Int.random(in: 0..<n, using: &self) == 0 }
    package mutating func pick<T>(_ choices: [T]) -> T {
        choices[Int.random(in: 0..<choices.count, using: &self)]
    }
    /// Of every magnitude alike, both signs, and now and then the very ends.
    package mutating func anyInt64() -> Int64 {
        if oneIn(16) { return pick([.min, .min + 1, -1, 0, 1, .max - 1, .max]) }
        return Int64(bitPattern: next()) >> Int64(next() % 64)
    }
}

/// How often a property is tried, or with how many seeds; `MADANG_SEEDS=20` makes it twenty times as many.
package func trials<Count: FixedWidthInteger>(_ count: Count) -> Count {
    let factor = ProcessInfo.processInfo.environment["MADANG_SEEDS"].flatMap { Count($0) } ?? 1
    return count * max(1, factor)
}
