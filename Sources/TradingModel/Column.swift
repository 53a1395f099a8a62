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
