/// Why bytes could not be read; `at` is the offset where the value begins.
public enum ByteError: Error, Hashable, Sendable {
    /// The bytes end inside a value.
    case truncated(at: Int)
    /// A value that no writer makes: an over-long varint, a Boolean that is neither 0 nor 1, bad
    /// UTF-8.
    case malformed(at: Int, what: String)
    /// A length above the reader's limit.
    case tooLong(at: Int, length: UInt64)
    /// Bytes are left where none should be.
    case trailing(at: Int)
}

/// Reads what ``ByteWriter`` wrote. Never traps, whatever the bytes; after an error it has not
/// moved.
public struct ByteReader: Sendable {
    @usableFromInline let bytes: [UInt8]
    @usableFromInline var position: Int

    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
        position = 0
    }

    /// Of the next byte.
    @inlinable public var offset: Int { position }
    @inlinable public var remaining: Int { bytes.count - offset }
    @inlinable public var isAtEnd: Bool { offset == bytes.count }

    /// A fixed integer, little-endian, of the type's full width.
    @inlinable public mutating func read<T: FixedWidthInteger & BitwiseCopyable>(
        _ type: T.Type = T.self
    ) throws(ByteError) -> T {
        let size = MemoryLayout<T>.size
        guard remaining >= size else { throw .truncated(at: offset) }
        let at = offset
        let value = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: at, as: T.self) }
        position += size
        return T(littleEndian: value)
    }

    @inlinable public mutating func readBool() throws(ByteError) -> Bool {
        guard remaining > 0 else { throw .truncated(at: offset) }
        let byte = bytes[offset]
        guard byte < 2 else { throw .malformed(at: offset, what: "\(byte) is no Boolean") }
        position += 1
        return byte == 1
    }

    /// A varint of at most ten bytes, in its shortest form.
    @inlinable public mutating func readVarint() throws(ByteError) -> UInt64 {
        var value: UInt64 = 0
        var at = offset
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard at < bytes.count else { throw .truncated(at: offset) }
            let byte = bytes[at]
            at += 1
            if shift == 63, byte > 1 { break }
            value |= UInt64(byte & 0x7F) << shift
            guard byte < 0x80 else { continue }
            guard byte != 0 || shift == 0 else { break }
            position += at - offset
            return value
        }
        throw .malformed(at: offset, what: "varint is too long")
    }

    @inlinable public mutating func readZigzag() throws(ByteError) -> Int64 {
        let value = try readVarint()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    /// A blob behind its length.
    ///
    /// - Parameter limit: The longest that is believed.
    public mutating func readBytes(limit: Int = 1 << 30) throws(ByteError) -> [UInt8] {
        let start = offset
        let length = try readVarint()
        guard length <= UInt64(max(limit, 0)) else {
            position = start
            throw .tooLong(at: start, length: length)
        }
        guard length <= UInt64(remaining) else {
            position = start
            throw .truncated(at: start)
        }
        return try readRaw(Int(length))
    }

    /// Text behind its length; must be UTF-8.
    public mutating func readString(limit: Int = 1 << 30) throws(ByteError) -> String {
        let start = offset
        let bytes = try readBytes(limit: limit)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            position = start
            throw .malformed(at: start, what: "text is not UTF-8")
        }
        return text
    }

    /// `count` bytes that carry no length.
    public mutating func readRaw(_ count: Int) throws(ByteError) -> [UInt8] {
        guard count >= 0, count <= remaining else { throw .truncated(at: offset) }
        defer { position += count }
        return Array(bytes[offset..<offset + count])
    }

    /// Throws ``ByteError/trailing(at:)`` unless everything was read.
    public func expectEnd() throws(ByteError) {
        guard isAtEnd else { throw .trailing(at: offset) }
    }
}
