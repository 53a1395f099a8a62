/// How one kind of field stands on the wire. Never instantiated: a name for generated code to pass.
package protocol WireCodec {
    associatedtype Value: Hashable & Sendable
    /// 0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes.
    static var wireType: UInt32 { get }
    /// The value of a field that is absent.
    static var initial: Value { get }
    static func isInitial(_ value: Value) -> Bool
    /// Reads a value over the present one: replaces it, or for messages merges.
    static func merge(_ value: inout Value, from reader: inout WireReader) throws(WireError)
    /// Writes the value without its tag.
    static func write(_ value: Value, to writer: inout WireWriter)
}

extension WireCodec {
    package static func isInitial(_ value: Value) -> Bool { value == initial }
}

/// A number as a varint: what differs is how it becomes 64 bits.
package protocol WireVarintCodec: WireCodec {
    static func value(of bits: UInt64) -> Value
    static func bits(of value: Value) -> UInt64
}

extension WireVarintCodec {
    package static var wireType: UInt32 { 0 }
    package static var initial: Value { value(of: 0) }
    package static func merge(
        _ value: inout Value, from reader: inout WireReader
    ) throws(WireError) { value = Self.value(of: try reader.varint()) }
    package static func write(_ value: Value, to writer: inout WireWriter) {
        writer.varint(bits(of: value))
    }
}

package enum WireInt32: WireVarintCodec {
    package typealias Value = Int32
    package static func value(of bits: UInt64) -> Int32 { Int32(truncatingIfNeeded: bits) }
    /// Negative numbers take ten bytes: the sign is extended to 64 bits.
    package static func bits(of value: Int32) -> UInt64 { UInt64(bitPattern: Int64(value)) }
}

package enum WireInt64: WireVarintCodec {
    package typealias Value = Int64
    package static func value(of bits: UInt64) -> Int64 { Int64(bitPattern: bits) }
    package static func bits(of value: Int64) -> UInt64 { UInt64(bitPattern: value) }
}

package enum WireUInt32: WireVarintCodec {
    package typealias Value = UInt32
    package static func value(of bits: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: bits) }
    package static func bits(of value: UInt32) -> UInt64 { UInt64(value) }
}

package enum WireUInt64: WireVarintCodec {
    package typealias Value = UInt64
    package static func value(of bits: UInt64) -> UInt64 { bits }
    package static func bits(of value: UInt64) -> UInt64 { value }
}

/// Zigzag: 0, -1, 1, -2 become 0, 1, 2, 3.
package enum WireSInt32: WireVarintCodec {
    package typealias Value = Int32
    package static func value(of bits: UInt64) -> Int32 {
        let half = UInt32(truncatingIfNeeded: bits)
        return Int32(bitPattern: half >> 1) ^ -Int32(half & 1)
    }
    package static func bits(of value: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: value << 1 ^ value >> 31))
    }
}

package enum WireSInt64: WireVarintCodec {
    package typealias Value = Int64
    package static func value(of bits: UInt64) -> Int64 {
        Int64(bitPattern: bits >> 1) ^ -Int64(bits & 1)
    }
    package static func bits(of value: Int64) -> UInt64 {
        UInt64(bitPattern: value << 1 ^ value >> 63)
    }
}

/// Every number but 0 is true.
package enum WireBool: WireVarintCodec {
    package typealias Value = Bool
    package static func value(of bits: UInt64) -> Bool { bits != 0 }
    package static func bits(of value: Bool) -> UInt64 { value ? 1 : 0 }
}

/// An enum of the .proto files; a number without a name is kept.
package enum WireOpenEnum<E: WireEnum>: WireVarintCodec {
    package typealias Value = E
    package static func value(of bits: UInt64) -> E {
        E(rawValue: Int32(truncatingIfNeeded: bits))
    }
    package static func bits(of value: E) -> UInt64 { WireInt32.bits(of: value.rawValue) }
}
