/// A column of fixed width while its message is gathered: one owner, so that a row costs one
/// comparison and one store. Emptied, it keeps its memory.
///
/// An array would ask with each row, and for each column anew, whether it is shared.
struct WireColumn<Value: BitwiseCopyable & Sendable>: ~Copyable {
    private var base: UnsafeMutablePointer<Value>
    private var capacity = 64
    private(set) var count = 0

    init() { base = .allocate(capacity: capacity) }

    deinit { base.deallocate() }

    var isEmpty: Bool { count == 0 }

    @inline(__always)
    mutating func append(_ value: Value) {
        if count == capacity { grow() }
        base[count] = value
        count += 1
    }

    mutating func append(repeating value: Value, count rows: Int) {
        for _ in 0..<rows { append(value) }
    }

    mutating func removeAll() { count = 0 }

    /// Lends the rows. The pointer is valid inside `body` only.
    borrowing func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        body(UnsafeRawBufferPointer(UnsafeBufferPointer(start: base, count: count)))
    }

    /// A copy of the rows.
    var values: [Value] { Array(UnsafeBufferPointer(start: base, count: count)) }

    @inline(never)
    private mutating func grow() {
        let larger = UnsafeMutablePointer<Value>.allocate(capacity: capacity * 2)
        larger.update(from: base, count: count)
        base.deallocate()
        base = larger
        capacity *= 2
    }
}

// Safe because the memory is owned, and goes wherever its one owner goes.
extension WireColumn: @unchecked Sendable {}

extension WireWriter {
    /// A packed column, as generated code writes an array of the same values.
    mutating func packed<Value>(_ column: borrowing WireColumn<Value>, tag: UInt32) {
        guard !column.isEmpty else { return }
        let size = column.withBytes { bytes in
            raw(bytes)
            return bytes.count
        }
        varint(UInt64(size))
        varint(UInt64(tag))
    }

    /// A nested message that `write` writes field by field, the last first.
    mutating func nested(tag: UInt32, _ write: (inout WireWriter) -> Void) {
        let end = count
        write(&self)
        varint(UInt64(count - end))
        varint(UInt64(tag))
    }
}
