/// Reads protobuf's wire format from memory it borrows, with the limits and leniencies of
/// libprotobuf.
///
/// Lives only inside the call that lends the bytes. Everything is bounds-checked: damaged bytes
/// throw. Numbers may be encoded longer than needed, as every protobuf parser accepts.
package struct WireReader {
    /// How deep messages and groups may be nested; libprotobuf's own limit.
    package static let depthLimit = 100

    /// What a nested message must give back when it ends; see ``enter()``.
    struct Frame { fileprivate let end: UnsafeRawPointer }

    private let start: UnsafeRawPointer
    private var position: UnsafeRawPointer
    private var end: UnsafeRawPointer
    private var fieldStart: UnsafeRawPointer
    private var depthLeft = depthLimit

    /// - Parameter bytes: Must outlive the reader; not empty.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return nil }
        start = base
        position = base
        fieldStart = base
        end = base + bytes.count
    }

    private var remaining: Int { end - position }
    var isAtEnd: Bool { position == end }

    func error(_ reason: WireError.Reason) -> WireError {
        WireError(reason, offset: position - start)
    }

    /// The next field's number and wire type as one number, or `nil` at the end of the message.
    package mutating func nextTag() throws(WireError) -> UInt32? {
        guard position < end else { return nil }
        fieldStart = position
        return try tag()
    }

    private mutating func tag() throws(WireError) -> UInt32 {
        // At most five bytes; bits past the 32nd are dropped, as in libprotobuf.
        let tag = UInt32(truncatingIfNeeded: try varint(longest: 5))
        guard tag >> 3 != 0 else { throw error(.zeroFieldNumber) }
        return tag
    }

    mutating func varint() throws(WireError) -> UInt64 { try varint(longest: 10) }

    private mutating func varint(longest: Int) throws(WireError) -> UInt64 {
        guard position < end else { throw error(.truncated) }
        let first = position.load(as: UInt8.self)
        position += 1
        if first < 0x80 { return UInt64(first) }
        var value = UInt64(first & 0x7F)
        for index in 1..<longest {
            guard position < end else { throw error(.truncated) }
            let byte = position.load(as: UInt8.self)
            position += 1
            value |= UInt64(byte & 0x7F) << UInt64(7 * index)
            if byte < 0x80 { return value }
        }
        throw error(.malformedVarint)
    }

    private mutating func length() throws(WireError) -> Int {
        let length = try varint(longest: 5)
        guard length <= UInt64(Int32.max) else { throw error(.lengthTooLarge) }
        guard length <= UInt64(remaining) else { throw error(.truncated) }
        return Int(length)
    }

    /// A little-endian value of fixed width.
    mutating func fixed<Value: BitwiseCopyable>(_: Value.Type) throws(WireError) -> Value {
        let from = try advance(MemoryLayout<Value>.size)
        return from.loadUnaligned(as: Value.self)
    }

    /// What a length-delimited field holds. Valid as long as the bytes the reader was given.
    mutating func delimited() throws(WireError) -> UnsafeRawBufferPointer {
        let count = try length()
        return UnsafeRawBufferPointer(start: try advance(count), count: count)
    }

    private mutating func advance(_ count: Int) throws(WireError) -> UnsafeRawPointer {
        guard count <= remaining else { throw error(.truncated) }
        defer { position += count }
        return position
    }

    // MARK: Nesting

    /// Steps into a length-delimited field: until ``leave(_:)`` the reader ends where the field
    /// does.
    mutating func enter() throws(WireError) -> Frame {
        let count = try length()
        try descend()
        let frame = Frame(end: end)
        end = position + count
        return frame
    }

    /// Steps out. The field must have been read to its end.
    mutating func leave(_ frame: Frame) {
        end = frame.end
        depthLeft += 1
    }

    private mutating func descend() throws(WireError) {
        guard depthLeft > 0 else { throw error(.tooDeep) }
        depthLeft -= 1
    }

    // MARK: Unknown fields

    /// Steps over the field that `tag` began and keeps its bytes, tag included.
    package mutating func keep(
        _ tag: UInt32, in unknown: inout WireUnknownFields
    ) throws(WireError) {
        let from = fieldStart
        try skip(tag)
        unknown.append(UnsafeRawBufferPointer(start: from, count: position - from))
    }

    mutating func skip(_ tag: UInt32) throws(WireError) {
        switch tag & 7 {
        case 0: _ = try varint()
        case 1: _ = try advance(8)
        case 2: _ = try delimited()
        case 3: try skipGroup(tag >> 3)
        case 4: throw error(.unmatchedEndGroup)
        case 5: _ = try advance(4)
        default: throw error(.unknownWireType)
        }
    }

    private mutating func skipGroup(_ number: UInt32) throws(WireError) {
        try descend()
        while true {
            let tag = try tag()
            if tag & 7 == 4 {
                guard tag >> 3 == number else { throw error(.unmatchedEndGroup) }
                depthLeft += 1
                return
            }
            try skip(tag)
        }
    }
}
