/// Text, which must be UTF-8.
package enum WireString: WireCodec {
    package static var wireType: UInt32 { 2 }
    package static var initial: String { "" }
    package static func isInitial(_ value: String) -> Bool { value.isEmpty }

    package static func merge(
        _ value: inout String, from reader: inout WireReader
    ) throws(WireError) {
        let bytes = try reader.delimited()
        let text = UnsafeBufferPointer<UInt8>(
            start: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), count: bytes.count)
        do {
            // Three times as fast as `String(validating:as:)`, and rejects instead of repairing.
            value = String(copying: try UTF8Span(validating: text.span))
        } catch {
            throw reader.error(.invalidUTF8)
        }
    }

    package static func write(_ value: String, to writer: inout WireWriter) {
        let text = value.utf8
        let size = text.count
        if size > 0 {
            let to = UnsafeMutableRawBufferPointer(start: writer.take(size), count: size)
            to.copyBytes(from: text)
        }
        writer.varint(UInt64(size))
    }
}

package enum WireBytes: WireCodec {
    package static var wireType: UInt32 { 2 }
    package static var initial: [UInt8] { [] }
    package static func isInitial(_ value: [UInt8]) -> Bool { value.isEmpty }
    package static func merge(
        _ value: inout [UInt8], from reader: inout WireReader
    ) throws(WireError) { value = Array(try reader.delimited()) }

    package static func write(_ value: [UInt8], to writer: inout WireWriter) {
        value.withUnsafeBytes { writer.raw($0) }
        writer.varint(UInt64(value.count))
    }
}

/// A message inside another one.
package enum WireNested<M: WireMessage>: WireCodec {
    package static var wireType: UInt32 { 2 }
    package static var initial: M { M() }
    /// A message is present or absent; an empty one that is present is written.
    package static func isInitial(_ value: M) -> Bool { false }
    package static func merge(_ value: inout M, from reader: inout WireReader) throws(WireError) {
        try reader.merge(into: &value)
    }

    package static func write(_ value: M, to writer: inout WireWriter) {
        let end = writer.count
        value.write(to: &writer)
        writer.varint(UInt64(writer.count - end))
    }
}
