public import CLinux

extension Span {
    /// Asks the processor for the memory of an element that is read soon. Nothing is read: an index beyond the end
    /// is allowed, and nothing comes of it.
    @inlinable @inline(__always)
    public func prefetch(_ index: Int) {
        withUnsafeBufferPointer { elements in
            guard let base = elements.baseAddress else { return }
            host_prefetch(base + index)
        }
    }
}
