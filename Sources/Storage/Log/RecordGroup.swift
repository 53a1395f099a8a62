/// Frames that wait to be written together: one run of memory with one owner.
struct RecordGroup: ~Copyable {
    /// A place where a new segment begins.
    struct Cut {
        /// Bytes of the group that belong to the segments before.
        var offset: Int
        var firstNumber: UInt64
        var extra: HeadExtra
    }

    private(set) var base: UnsafeMutableRawPointer
    private var capacity: Int
    private(set) var count = 0
    private(set) var cuts: [Cut] = []
    private(set) var lastNumber: UInt64 = 0
    private var nextIndex: UInt32 = 0

    /// Memory kept when the group is emptied; a burst's excess is given back.
    private static let keptCapacity = 1 << 20

    init() {
        capacity = 1 << 16
        base = .allocate(byteCount: capacity, alignment: 16)
    }

    deinit { base.deallocate() }

    var isEmpty: Bool { count == 0 }

    /// The records that follow belong to a new segment.
    mutating func cut(before number: UInt64, extra: HeadExtra) {
        cuts.append(Cut(offset: count, firstNumber: number, extra: extra))
        nextIndex = 0
    }

    mutating func append(_ payload: UnsafeRawBufferPointer, number: UInt64) {
        let frame = RecordFrame(
            length: payload.count, number: number, index: nextIndex, kind: .record)
        reserve(frame.size)
        let place = base + count
        // Zeros to the next multiple of 8: the last word first, the payload over it.
        (place + frame.size - 8).storeBytes(of: 0, as: UInt64.self)
        frame.write(to: place)
        if let bytes = payload.baseAddress {
            (place + RecordFrame.headLength).copyMemory(from: bytes, byteCount: payload.count)
        }
        count += frame.size
        lastNumber = number
        nextIndex += 1
    }

    mutating func removeAll() {
        count = 0
        cuts.removeAll(keepingCapacity: true)
        nextIndex = 0
        guard capacity > Self.keptCapacity else { return }
        base.deallocate()
        capacity = Self.keptCapacity
        base = .allocate(byteCount: capacity, alignment: 16)
    }

    private mutating func reserve(_ size: Int) {
        guard count + size > capacity else { return }
        capacity = max(capacity * 2, count + size)
        let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
        larger.copyMemory(from: base, byteCount: count)
        base.deallocate()
        base = larger
    }
}
