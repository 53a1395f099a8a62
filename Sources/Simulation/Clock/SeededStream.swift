package import TradingModel

/// The same numbers for the same seed, on every machine.
///
/// Each part of a simulation draws from a stream of its own, so that a fault that is left out does not
/// change what the market or the strategies do: only then can a failing run be shrunk.
package struct SeededStream: RandomNumberGenerator, Sendable {
    private var numbers: SplitMix64

    package init(seed: UInt64, _ part: Part) {
        numbers = SplitMix64(
            seed &* 0xD134_2543_DE82_EF95 ^ (part.rawValue &+ 1) &* 0x9E37_79B9_7F4A_7C15)
        for _ in 0..<2 { _ = next() }
    }

    /// Who draws.
    package enum Part: UInt64, Sendable {
        case scenario, market, strategies, operators, broker, faults, crashes, log, ties
        /// Of the second broker.
        case otherBroker, otherFaults
        /// Plans, splits, and who holds the exits.
        case exits
        /// Limits over spans of time.
        case limits
        /// Who trades in the account besides the host, and who corrects its books.
        case strangers
        /// Who changes orders, and what becomes of their numbers.
        case changes
        /// Which strategies are stopped by themselves, and what is sold out.
        case parts
        /// What is split while it is held.
        case splits
        /// Which requests go astray, and what becomes of them.
        case ghosts
        /// Who says what trades, and between which prices.
        case halts
    }

    package mutating func next() -> UInt64 { numbers.next() }

    // Not Int.random(in:using:): how the library draws is no promise between its versions.
    package mutating func number(_ range: ClosedRange<Int64>) -> Int64 {
        let span = UInt64(bitPattern: range.upperBound &- range.lowerBound) &+ 1
        guard span != 0 else { return Int64(bitPattern: next()) }
        return range.lowerBound &+ Int64(bitPattern: next().multipliedFullWidth(by: span).high)
    }
    /// True `millionths` times in a million.
    package mutating func happens(_ millionths: Int64) -> Bool {
        number(1...1_000_000) <= millionths
    }
    package mutating func oneIn(_ count: Int64) -> Bool { number(1...count) == 1 }
    package mutating func pick<T>(_ choices: [T]) -> T {
        choices[Int(number(0...Int64(choices.count - 1)))]
    }
    /// A span between the two, short ones more often: half of all lie in the first quarter.
    package mutating func span(_ range: ClosedRange<Nanoseconds>) -> Nanoseconds {
        let width = range.upperBound.count - range.lowerBound.count
        let first = number(0...width)
        return Nanoseconds(range.lowerBound.count + (oneIn(2) ? first / 4 : first))
    }
}
