import Foundation

/// SplitMix64: the same numbers for the same seed, everywhere.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }

    /// Of every magnitude alike, both signs, and now and then the very ends.
    mutating func anyInt64() -> Int64 {
        switch next() % 16 {
        case 0: return [.min, .min + 1, -1, 0, 1, .max - 1, .max].randomElement(using: &self) ?? 0
        default: return Int64(bitPattern: next()) >> Int64(next() % 64)
        }
    }
}

/// How many values a property is tried with; `MADANG_SEEDS=20` makes it twenty times as many.
func trials(_ count: Int) -> Int {
    count * (ProcessInfo.processInfo.environment["MADANG_SEEDS"].flatMap(Int.init) ?? 1)
}
