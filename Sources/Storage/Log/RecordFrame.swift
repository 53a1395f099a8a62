/// What stands before each record in a segment; the payload follows, then zeros to a multiple of 8.
///
/// Little-endian: CRC-32C of all that follows it, seeded with the head's; length of the payload;
/// number; index in the group that was flushed together; kind. A head of zeros is the end of what
/// was written.
struct RecordFrame: Hashable {
    /// Zero is none of them: unwritten bytes never look like a frame.
    enum Kind: UInt32 {
        case record = 1
        /// The log was closed here in order; its number is the next record's.
        case closed = 2
        /// The next segment exists; its number is the first record there.
        case continued = 3
    }

    static let headLength = 24
    /// Larger records are refused when they are appended.
    static let payloadLimit = 1 << 28

    var length: Int
    var number: UInt64
    /// 0 for the first of a group. Since a group is written only after the one before it was
    /// flushed, a whole frame proves that everything before `number - index` was durable.
    var index: UInt32
    var kind: Kind

    /// Bytes in the file.
    var size: Int { Self.size(ofPayload: length) }
    static func size(ofPayload length: Int) -> Int { (headLength + length + 7) & ~7 }

    /// The first number of the group this frame was flushed with.
    var groupStart: UInt64 { number - min(number, UInt64(index)) }

    /// Writes the head without its CRC, which ``seal(_:seed:)`` adds.
    func write(to base: UnsafeMutableRawPointer) {
        base.storeBytes(of: 0, as: UInt32.self)
        base.storeBytes(of: UInt32(length).littleEndian, toByteOffset: 4, as: UInt32.self)
        base.storeBytes(of: number.littleEndian, toByteOffset: 8, as: UInt64.self)
        base.storeBytes(of: index.littleEndian, toByteOffset: 16, as: UInt32.self)
        base.storeBytes(of: kind.rawValue.littleEndian, toByteOffset: 20, as: UInt32.self)
    }

    /// Reads a head; `nil` when no frame can look like this. Says nothing about the CRC.
    init?(head: UnsafeRawBufferPointer) {
        guard head.count >= Self.headLength else { return nil }
        func field<Number: FixedWidthInteger>(_ offset: Int, _: Number.Type) -> Number {
            Number(littleEndian: head.loadUnaligned(fromByteOffset: offset, as: Number.self))
        }
        guard let kind = Kind(rawValue: field(20, UInt32.self)) else { return nil }
        let length = Int(field(4, UInt32.self))
        let number = field(8, UInt64.self)
        let index = field(16, UInt32.self)
        guard length <= Self.payloadLimit, number > 0, UInt64(index) < number else { return nil }
        guard kind == .record || (length == 0 && index == 0) else { return nil }
        self.init(length: length, number: number, index: index, kind: kind)
    }

    init(length: Int, number: UInt64, index: UInt32, kind: Kind) {
        self.length = length
        self.number = number
        self.index = index
        self.kind = kind
    }

    /// Puts the CRC into the frame at `base`, whose head and payload are in place.
    ///
    /// - Returns: The frame's bytes in the file.
    static func seal(_ base: UnsafeMutableRawPointer, seed: UInt32) -> Int {
        let raw = base.loadUnaligned(fromByteOffset: 4, as: UInt32.self)
        let length = Int(UInt32(littleEndian: raw))
        let covered = UnsafeRawBufferPointer(start: base + 4, count: headLength - 4 + length)
        base.storeBytes(of: crc32c(covered, seed: seed).littleEndian, as: UInt32.self)
        return size(ofPayload: length)
    }

    /// Whether the CRC at the front of `frame` (head and payload) is right.
    static func isWhole(_ frame: UnsafeRawBufferPointer, seed: UInt32) -> Bool {
        let stored = UInt32(littleEndian: frame.loadUnaligned(as: UInt32.self))
        return crc32c(UnsafeRawBufferPointer(rebasing: frame[4...]), seed: seed) == stored
    }
}
