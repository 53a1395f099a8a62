import Glibc
import Ports

/// Writes groups into segment files. Belongs to the writer's thread.
///
/// After the first error nothing more may be written: the caller stops.
struct SegmentWriter: ~Copyable {
    private let folder: LogFolder
    private let identity: LogIdentity
    private let settings: LogSettings
    private var file: LogFile
    private var segment: UInt64
    private var seed: UInt32
    /// Where the next frame goes.
    private var end: Int
    /// Up to here the file holds bytes on the disk: records, then zeros.
    private var extent: Int
    private var nextNumber: UInt64

    /// Continues a segment after its last whole frame.
    init(
        continuing last: LogOpening.Segment, identity: LogIdentity, folder: LogFolder,
        settings: LogSettings
    ) throws(StoreError) {
        let file = try LogFile(opening: last.path, flags: O_RDWR, calls: folder.calls)
        extent = try file.size()
        self.file = file
        segment = last.head.segment
        seed = last.seed
        end = last.end
        nextNumber = last.next
        self.identity = identity
        self.folder = folder
        self.settings = settings
    }

    /// Writes the group: one write and one flush for each segment it touches.
    ///
    /// - Parameter wrote: Called after each flush with the last number and the bytes it made
    ///   durable.
    mutating func write(
        _ group: borrowing RecordGroup, wrote: (UInt64, Int) -> Void
    ) throws(StoreError) {
        var offset = 0
        for cut in group.cuts {
            if cut.offset > offset {
                try write(group, from: offset, to: cut.offset, last: cut.firstNumber - 1)
                wrote(cut.firstNumber - 1, cut.offset - offset)
            }
            try startSegment(firstNumber: cut.firstNumber, extra: cut.extra)
            offset = cut.offset
        }
        guard group.count > offset else { return }
        try write(group, from: offset, to: group.count, last: group.lastNumber)
        wrote(group.lastNumber, group.count - offset)
    }

    /// Marks the end, gives back the zeros, and makes both durable.
    mutating func finish() throws(StoreError) { try mark(.closed) }

    private mutating func write(
        _ group: borrowing RecordGroup, from: Int, to: Int, last: UInt64
    ) throws(StoreError) {
        var at = from
        while at < to { at += RecordFrame.seal(group.base + at, seed: seed) }
        let records = "records \(nextNumber) to \(last)"
        try file.write(
            UnsafeRawBufferPointer(start: group.base + from, count: to - from), at: end,
            doing: "write \(records)")
        end += to - from
        if end > extent { try extend() }
        try file.syncData(doing: "make \(records) durable")
        nextNumber = last + 1
    }

    /// Writes zeros one step ahead; the flush that follows covers them too.
    private mutating func extend() throws(StoreError) {
        let target = max(end, min(end + settings.step, settings.segmentSize))
        try Self.zero(file, from: end, to: target)
        extent = target
    }

    private static func zero(
        _ file: borrowing LogFile, from: Int, to: Int
    ) throws(StoreError) {
        let zeros = [UInt8](repeating: 0, count: min(1 << 18, max(0, to - from)))
        var failure: StoreError?
        var at = from
        while at < to, failure == nil {
            zeros.withUnsafeBytes { bytes in
                let part = UnsafeRawBufferPointer(rebasing: bytes[..<min(bytes.count, to - at)])
                do throws(StoreError) {
                    try file.write(part, at: at, doing: "extend the segment")
                    at += part.count
                } catch { failure = error }
            }
        }
        if let failure { throw failure }
    }

    private mutating func startSegment(
        firstNumber: UInt64, extra: HeadExtra
    ) throws(StoreError) {
        let head = SegmentHead(
            segment: segment + 1, firstNumber: firstNumber, identity: identity, extra: extra)
        let next = try Self.create(head, in: folder, settings: settings)
        // Only now: the mark says that the next segment exists.
        try mark(.continued)
        self = try SegmentWriter(
            continuing: next, identity: identity, folder: folder, settings: settings)
    }

    private mutating func mark(_ kind: RecordFrame.Kind) throws(StoreError) {
        let frame = RecordFrame(length: 0, number: nextNumber, index: 0, kind: kind)
        var failure: StoreError?
        withUnsafeTemporaryAllocation(byteCount: RecordFrame.headLength, alignment: 8) { bytes in
            guard let base = bytes.baseAddress else { return }
            frame.write(to: base)
            _ = RecordFrame.seal(base, seed: seed)
            do throws(StoreError) {
                try file.write(UnsafeRawBufferPointer(bytes), at: end, doing: "end the segment")
            } catch { failure = error }
        }
        if let failure { throw failure }
        end += RecordFrame.headLength
        try file.truncate(to: end)
        extent = end
        try file.syncAll()
    }

    /// Makes a segment file with its head and the first zeros: whole under its name, or not there.
    static func create(
        _ head: SegmentHead, in folder: LogFolder, settings: LogSettings
    ) throws(StoreError) -> LogOpening.Segment {
        let path = folder.path(ofSegment: head.segment)
        let fresh = path + ".new"
        let (bytes, seed) = head.encoded()
        do throws(StoreError) {
            try fill(fresh, named: path, head: bytes, in: folder, settings: settings)
            try folder.rename(fresh, to: path)
        } catch {
            // It holds no record; on a full disk its space is needed.
            try? folder.calls.remove(fresh)
            throw error
        }
        return LogOpening.Segment(
            path: path, head: head, seed: seed, next: head.firstNumber, end: bytes.count)
    }

    private static func fill(
        _ fresh: String, named path: String, head: [UInt8], in folder: LogFolder,
        settings: LogSettings
    ) throws(StoreError) {
        let file = try LogFile(
            opening: fresh, flags: O_RDWR | O_CREAT | O_TRUNC, calls: folder.calls, named: path)
        var failure: StoreError?
        head.withUnsafeBytes { buffer in
            do throws(StoreError) {
                try file.write(buffer, at: 0, doing: "write the head of a segment")
            } catch { failure = error }
        }
        if let failure { throw failure }
        let target = max(head.count, min(head.count + settings.step, settings.segmentSize))
        try zero(file, from: head.count, to: target)
        try file.syncAll()
    }
}
