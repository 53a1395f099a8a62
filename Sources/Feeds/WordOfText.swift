/// Eight bytes of text, looked at together; the first is the lowest.
struct WordOfText {
    static let bytes = 8
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let tops: UInt64 = 0x8080_8080_8080_8080
    private static let zeros: UInt64 = 0x3030_3030_3030_3030

    let value: UInt64

    @inline(__always)
    init(_ value: UInt64) { self.value = value }

    /// - Parameter bytes: Eight of them are read.
    @inline(__always)
    init(_ bytes: UnsafePointer<UInt8>) {
        value = UInt64(littleEndian: UnsafeRawPointer(bytes).loadUnaligned(as: UInt64.self))
    }

    @inline(__always)
    init(repeating byte: UInt8) { value = UInt64(byte) &* Self.ones }

    /// The top bit of each byte that is the same in both, and no other.
    @inline(__always)
    func marks(of other: WordOfText) -> UInt64 {
        let difference = value ^ other.value
        // A byte of 7 bits and 0x7F more reaches the top bit unless it is zero.
        let low = (difference & ~Self.tops) &+ ~Self.tops
        return ~(low | difference) & Self.tops
    }

    /// What the first `count` bytes say, 1 to 8, where all of them are digits.
    @inline(__always)
    func number(_ count: Int) -> UInt64? {
        let shift = UInt64(8 &- count) &* 8
        let missing: UInt64 = (1 &<< shift) &- 1
        return WordOfText((value &<< shift) | (Self.zeros & missing)).number
    }

    /// What all eight bytes say, where all of them are digits.
    @inline(__always)
    var number: UInt64? {
        // A digit is 0x30 to 0x39: its upper half is 3, and with 6 more it still is.
        let upper: UInt64 = 0xF0F0_F0F0_F0F0_F0F0
        guard value & upper == Self.zeros, (value &+ 0x0606_0606_0606_0606) & upper == Self.zeros
        else { return nil }
        // Neighbours are put together: digits to pairs, pairs to fours, fours to all.
        let digits = value & 0x0F0F_0F0F_0F0F_0F0F
        let pairs = (digits &* 10 &+ (digits >> 8)) & 0x00FF_00FF_00FF_00FF
        let fours = (pairs &* 100 &+ (pairs >> 16)) & 0x0000_FFFF_0000_FFFF
        return (fours &* 10_000 &+ (fours >> 32)) & 0xFFFF_FFFF
    }

    /// The same without the byte at `place`, 0 to 7; the last is zero.
    @inline(__always)
    func without(_ place: Int) -> WordOfText {
        let before: UInt64 = (1 &<< (UInt64(place) &* 8)) &- 1
        return WordOfText((value & before) | ((value &>> 8) & ~before))
    }
}
