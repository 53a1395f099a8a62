import Glibc
import Ports

/// Walks the frames of one segment and finds where what was written ends.
///
/// Reads through a window of a mebibyte or the largest frame, whichever is more.
struct SegmentScanner: ~Copyable {
    /// How the walk ended.
    enum End: Hashable {
        /// Only zeros, or nothing, follow.
        case clean
        case closed
        case continued
        /// Something follows that is no whole record: a group that the crash cut short.
        case torn(nonZeroEnd: Int)
        /// Something that was durable is no longer whole: proved at `proof`.
        case damaged(proof: Int)
    }

    let file: LogFile
    let size: Int
    private let seed: UInt32
    private var window: [UInt8] = []
    private var windowStart = 0
    /// Where the next frame begins.
    private(set) var offset: Int
    /// The number it must have.
    private(set) var number: UInt64
    private var lastMark: RecordFrame.Kind?

    private static let windowLength = 1 << 20

    init(_ file: consuming LogFile, head: SegmentHead, seed: UInt32) throws(StoreError) {
        size = try file.size()
        self.file = file
        self.seed = seed
        offset = head.length
        number = head.firstNumber
    }

    /// Reads on to the next record.
    ///
    /// - Returns: Its payload, or `nil` at the end: then ``classifyEnd()`` says which.
    mutating func next() throws(StoreError) -> ArraySlice<UInt8>? {
        while let frame = try frame(at: offset), frame.number == number {
            let start = offset - windowStart + RecordFrame.headLength
            offset += frame.size
            guard frame.kind == .record else {
                lastMark = frame.kind
                continue
            }
            lastMark = nil
            number += 1
            return window[start..<start + frame.length]
        }
        return nil
    }

    /// What follows ``offset``, after ``next()`` has returned `nil`.
    mutating func classifyEnd() throws(StoreError) -> End {
        let nonZeroEnd = try lastNonZero(from: offset)
        guard nonZeroEnd > offset else {
            return switch lastMark {
            case .closed: .closed
            case .continued: .continued
            default: .clean
            }
        }
        // After a mark everything before it was durable, and the next group begins at its end. A
        // whole frame of a later group proves that the bad one was durable.
        var place = offset + 8
        while place + RecordFrame.headLength <= nonZeroEnd + 7 {
            if let later = try frame(at: place), later.groupStart > number {
                return .damaged(proof: place)
            }
            place += 8
        }
        return .torn(nonZeroEnd: nonZeroEnd)
    }

    /// The bytes of the file in `range`, as far as they exist.
    mutating func bytes(_ range: Range<Int>) throws(StoreError) -> ArraySlice<UInt8> {
        let count = try load(at: range.lowerBound, count: range.count)
        let start = range.lowerBound - windowStart
        return window[start..<start + min(count, range.count)]
    }

    /// The whole frame at `place`, or `nil` where there is none.
    private mutating func frame(at place: Int) throws(StoreError) -> RecordFrame? {
        guard try load(at: place, count: RecordFrame.headLength) >= RecordFrame.headLength else {
            return nil
        }
        let head = place - windowStart
        let found = window.withUnsafeBytes {
            RecordFrame(head: UnsafeRawBufferPointer(rebasing: $0[head...]))
        }
        guard let frame = found, frame.number >= number else { return nil }
        let length = RecordFrame.headLength + frame.length
        guard length <= size - place, try load(at: place, count: length) >= length else {
            return nil
        }
        let start = place - windowStart
        let whole = window.withUnsafeBytes {
            RecordFrame.isWhole(
                UnsafeRawBufferPointer(rebasing: $0[start..<start + length]), seed: seed)
        }
        return whole ? frame : nil
    }

    /// - Returns: Past the last byte that is not zero; `from` when there is none.
    private mutating func lastNonZero(from: Int) throws(StoreError) -> Int {
        var last = from
        var place = from
        while place < size {
            let count = try load(at: place, count: 1)
            guard count > 0 else { break }
            let start = place - windowStart
            let hit = window.withUnsafeBytes { bytes in
                Self.lastNonZero(UnsafeRawBufferPointer(rebasing: bytes[start..<start + count]))
            }
            if let hit { last = place + hit + 1 }
            place += count
        }
        return last
    }

    private static func lastNonZero(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard let base = bytes.baseAddress, let first = bytes.first else { return nil }
        // All zero if the first is and each equals the next.
        if first == 0, memcmp(base, base + 1, bytes.count - 1) == 0 { return nil }
        return bytes.lastIndex { $0 != 0 }
    }

    /// Makes the window cover `count` bytes at `place`.
    ///
    /// - Returns: Bytes of the window from `place` on: fewer than `count` only at the end of the
    ///   file.
    private mutating func load(at place: Int, count: Int) throws(StoreError) -> Int {
        let held = windowStart + window.count - place
        if place >= windowStart, held >= count { return held }
        let wanted = max(0, min(max(count, Self.windowLength), size - place))
        if window.count < wanted { window = [UInt8](repeating: 0, count: wanted) }
        var read = 0
        var failure: StoreError?
        window.withUnsafeMutableBytes { buffer in
            do throws(StoreError) {
                read = try file.read(into: .init(rebasing: buffer[..<wanted]), at: place)
            } catch { failure = error }
        }
        if let failure { throw failure }
        window.removeLast(window.count - read)
        windowStart = place
        return read
    }
}
