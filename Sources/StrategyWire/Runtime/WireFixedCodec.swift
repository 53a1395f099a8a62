#if _endian(big)
    #error("Columns are copied as they lie in memory, which must be little-endian.")
#endif

/// A number of four or eight bytes, on the wire as in memory, so that a column is one copy.
package protocol WireFixedCodec: WireCodec where Value: BitwiseCopyable {}

extension WireFixedCodec {
    package static var wireType: UInt32 { MemoryLayout<Value>.size == 8 ? 1 : 5 }
    package static func merge(
        _ value: inout Value, from reader: inout WireReader
    ) throws(WireError) { value = try reader.fixed(Value.self) }
    package static func write(_ value: Value, to writer: inout WireWriter) { writer.fixed(value) }
}

package enum WireFixed32: WireFixedCodec { package static var initial: UInt32 { 0 } }
package enum WireFixed64: WireFixedCodec { package static var initial: UInt64 { 0 } }
package enum WireSFixed32: WireFixedCodec { package static var initial: Int32 { 0 } }
package enum WireSFixed64: WireFixedCodec { package static var initial: Int64 { 0 } }

/// Absent only when all bits are zero: -0.0 is written.
package enum WireFloat: WireFixedCodec {
    package static var initial: Float { 0 }
    package static func isInitial(_ value: Float) -> Bool { value.bitPattern == 0 }
}

/// Absent only when all bits are zero: -0.0 is written.
package enum WireDouble: WireFixedCodec {
    package static var initial: Double { 0 }
    package static func isInitial(_ value: Double) -> Bool { value.bitPattern == 0 }
}
