/// A fixed number of elements in one run of memory with one owner: bounds-checked, no reference counting.
///
/// `_read`/`_modify` crash the 6.3 compiler under the thread sanitizer; the address accessors do not.
public struct Column<Element>: ~Copyable {
    @usableFromInline let base: UnsafeMutableBufferPointer<Element>
    public init(_ elements: [Element]) {
        base = .allocate(capacity: elements.count)
        _ = base.initialize(from: elements)
    }
    deinit { base.deinitialize().deallocate() }
    @inlinable public var count: Int { base.count }
    @inlinable public subscript(index: Int) -> Element {
        unsafeAddress {
            precondition(UInt(bitPattern: index) < UInt(bitPattern: base.count))
            return UnsafePointer(base.baseAddress.unsafelyUnwrapped + index)
        }
        unsafeMutableAddress {
            precondition(UInt(bitPattern: index) < UInt(bitPattern: base.count))
            return base.baseAddress.unsafelyUnwrapped + index
        }
    }
}

// Safe because the memory is owned, and goes wherever its one owner goes.
extension Column: @unchecked Sendable where Element: Sendable {}

/// A column of rows of one length: bounds-checked once for a row.
public struct Rows<Element>: ~Copyable {
    /// Row by row.
    public var all: Column<Element>
    public let length: Int
    public let count: Int

    /// - Parameter length: Of each row, not below zero.
    public init(_ count: Int, of length: Int, _ element: (_ row: Int, _ place: Int) -> Element) {
        precondition(count >= 0 && length >= 0)
        all = Column(
            (0..<count).flatMap { row in (0..<length).map { element(row, $0) } })
        self.length = length
        self.count = count
    }

    @inlinable @inline(__always)
    public mutating func update(_ row: Int, _ body: (inout Element) -> Void) {
        precondition(UInt(bitPattern: row) < UInt(bitPattern: count))
        guard length > 0 else { return }
        // So many elements there are: they are allocated here, and their number does not change.
        var element = all.base.baseAddress.unsafelyUnwrapped + row &* length
        let end = element + length
        repeat {
            body(&element.pointee)
            element += 1
        } while element < end
    }
}

extension Rows: Sendable where Element: Sendable {}
