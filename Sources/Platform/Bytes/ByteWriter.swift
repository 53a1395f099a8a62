/// Builds a record of bytes: fixed integers little-endian, varints, texts and blobs behind their
/// length.
///
/// What it writes ``ByteReader`` reads back in the same order; nothing marks the types.
public struct ByteWriter: Sendable {
    @usableFromInline var storage: [UInt8] = []

    public init() {}
    @inlinable public var bytes: [UInt8] { storage }
    @inlinable public var count: Int { storage.count }
    public mutating func reserve(_ capacity: Int) { storage.reserveCapacity(capacity) }
    /// Forgets what was written and keeps the memory.
    public mutating func removeAll() { storage.removeAll(keepingCapacity: true) }

    /// Two's complement, little-endian, in the type's full width; `Int128` takes 16 bytes.
    @inlinable public mutating func write<T: FixedWidthInteger & BitwiseCopyable>(_ value: T) {
        withUnsafeBytes(of: value.littleEndian) { storage.append(contentsOf: $0) }
    }

    /// One byte, 0 or 1.
    @inlinable public mutating func write(_ value: Bool) { write(value ? 1 as UInt8 : 0) }

    /// 1 to 10 bytes, seven bits each, low ones first.
    @inlinable public mutating func write(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            write(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        write(UInt8(truncatingIfNeeded: rest))
    }

    /// A varint in which small negative numbers are short too.
    @inlinable public mutating func write(zigzag value: Int64) {
        write(varint: UInt64(bitPattern: value << 1 ^ value >> 63))
    }

    /// The length as a varint, then the bytes.
    @inlinable public mutating func write(bytes value: some Collection<UInt8>) {
        write(varint: UInt64(value.count))
        write(raw: value)
    }

    /// UTF-8 behind its length.
    @inlinable public mutating func write(_ text: String) { write(bytes: text.utf8) }

    /// The bytes alone: the reader must know how many.
    @inlinable public mutating func write(raw value: some Sequence<UInt8>) {
        storage.append(contentsOf: value)
    }
}
