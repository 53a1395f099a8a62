import Foundation
import TradingModel

/// The same numbers for the same seed, everywhere.
package struct SeededRandom: RandomNumberGenerator, Sendable {
    private var numbers: SplitMix64
    package init(_ seed: UInt64) { numbers = SplitMix64(seed) }
    package mutating func next() -> UInt64 { numbers.next() }
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

/// The seeds of a property: as many of them behind the first as ``trials(_:)`` says.
///
/// - Parameter share: 10 for whole runs and stores, which take a hundred times as long as a value's property: a tenth as
///   many times more.
package func seeds(_ some: Range<UInt64>, by share: UInt64 = 1) -> Range<UInt64> {
    let factor = max(1, trials(1) / share)
    return some.lowerBound..<some.lowerBound + UInt64(some.count) * factor
}
