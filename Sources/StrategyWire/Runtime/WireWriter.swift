/// Writes protobuf's wire format in one pass, from the last byte to the first: a nested message's
/// length is known when it is written, so nothing is measured before or moved after.
///
/// One owner, reused for message after message: ``reset(keeping:)`` empties it and keeps the
/// memory.
package struct WireWriter: ~Copyable {
    private var base: UnsafeMutableRawPointer
    private var capacity: Int
    /// Index of the first byte written so far.
    private var head: Int

    /// - Parameter capacity: Bytes to begin with; it grows by doubling.
    package init(capacity: Int = 1_024) {
        self.capacity = max(capacity, 64)
        base = .allocate(byteCount: self.capacity, alignment: 16)
        head = self.capacity
    }

    deinit { base.deallocate() }

    /// Bytes written.
    package var count: Int { capacity - head }

    /// Forgets what was written.
    ///
    /// - Parameter limit: Bytes of memory kept at most: one huge message is not paid for ever.
    package mutating func reset(keeping limit: Int = 1 << 20) {
        if capacity > max(limit, 64) {
            base.deallocate()
            capacity = max(limit, 64)
            base = .allocate(byteCount: capacity, alignment: 16)
        }
        head = capacity
    }

    /// Lends what was written. The pointer is valid inside `body` only.
    package borrowing func withBytes<Result: ~Copyable, Failure>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(start: base + head, count: count))
    }

    /// A copy of what was written.
    package var bytes: [UInt8] { withBytes { Array($0) } }

    /// Room for `size` bytes in front of what stands there.
    mutating func take(_ size: Int) -> UnsafeMutableRawPointer {
        if size > head { grow(by: size) }
        head -= size
        return base + head
    }

    private mutating func grow(by size: Int) {
        let used = count
        let larger = max(capacity * 2, used + size)
        let fresh = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
        (fresh + (larger - used)).copyMemory(from: base + head, byteCount: used)
        base.deallocate()
        base = fresh
        capacity = larger
        head = larger - used
    }

    mutating func varint(_ value: UInt64) {
        if value < 0x80 {
            take(1).storeBytes(of: UInt8(truncatingIfNeeded: value), as: UInt8.self)
            return
        }
        let size = (70 - value.leadingZeroBitCount) / 7
        var to = take(size)
        var rest = value
        while rest >= 0x80 {
            to.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, as: UInt8.self)
            to += 1
            rest >>= 7
        }
        to.storeBytes(of: UInt8(truncatingIfNeeded: rest), as: UInt8.self)
    }

    mutating func fixed<Value: BitwiseCopyable>(_ value: Value) {
        take(MemoryLayout<Value>.size).storeBytes(of: value, as: Value.self)
    }

    mutating func raw(_ bytes: UnsafeRawBufferPointer) {
        guard let from = bytes.baseAddress else { return }
        take(bytes.count).copyMemory(from: from, byteCount: bytes.count)
    }
}

// Safe because the memory is owned, and goes wherever its one owner goes.
extension WireWriter: @unchecked Sendable {}
