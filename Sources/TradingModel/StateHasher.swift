/// A fingerprint of state: the same on every machine and in every run, unlike `Hasher`.
///
/// FNV-1a over 64-bit words with a final mix: for comparing runs, not against an adversary.
public struct StateHasher: Sendable {
    private var state: UInt64 = 0xcbf2_9ce4_8422_2325
    public init() {}

    public mutating func combine(_ word: UInt64) {
        state = (state ^ word) &* 0x0000_0100_0000_01b3
        state ^= state >> 29
    }
    public mutating func combine(_ value: Int64) { combine(UInt64(bitPattern: value)) }
    public mutating func combine(_ value: Int) { combine(Int64(value)) }
    public mutating func combine(_ value: Bool) { combine(UInt64(value ? 1 : 0)) }
    /// By bit pattern: the kernel's floating point is the same everywhere.
    public mutating func combine(_ value: Double) { combine(value.bitPattern) }
    public mutating func combine(_ value: Int128) {
        combine(UInt64(truncatingIfNeeded: value))
        combine(UInt64(truncatingIfNeeded: value >> 64))
    }
    public mutating func combine(_ text: String) {
        combine(UInt64(text.utf8.count))
        for byte in text.utf8 { combine(UInt64(byte)) }
    }
    /// 64 bits; the hasher may go on after it.
    public var value: UInt64 {
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
