import Ports

@testable import Storage

/// The writer without its thread: groups are what the test says, so that a seed repeats every byte.
struct SteppedLog: ~Copyable {
    private var layout: SegmentLayout
    private var group = RecordGroup()
    private var writer: SegmentWriter
    private(set) var lastNumber: UInt64
    private(set) var durable: UInt64
    /// How many segments were begun here, and the one it began with.
    private(set) var segment = 1

    init(
        creating folder: String, identity: LogIdentity = .sample, settings: LogSettings,
        calls: any FileCalls = SystemFileCalls()
    ) throws(StoreError) {
        let folder = LogFolder(path: folder, calls: calls)
        try folder.make()
        let head = SegmentHead(
            segment: 1, firstNumber: 1, identity: identity, extra: HeadExtra(bytes: [], number: 1))
        let first = try SegmentWriter.create(head, in: folder, settings: settings)
        try self.init(after: first, identity: identity, folder: folder, settings: settings)
    }

    init(
        opening folder: String, settings: LogSettings, calls: any FileCalls = SystemFileCalls()
    ) throws(StoreError) {
        let folder = LogFolder(path: folder, calls: calls)
        let opening = LogOpening(folder: folder, identity: .sample, settings: settings)
        let last = try opening.open().last
        try self.init(after: last, identity: .sample, folder: folder, settings: settings)
    }

    private init(
        after last: LogOpening.Segment, identity: LogIdentity, folder: LogFolder,
        settings: LogSettings
    ) throws(StoreError) {
        let writer = try SegmentWriter(
            continuing: last, identity: identity, folder: folder, settings: settings)
        layout = SegmentLayout(
            end: last.end, start: last.head.length, limit: settings.segmentSize,
            identity: identity, extra: last.head.extra, mustCut: false)
        lastNumber = last.next - 1
        durable = last.next - 1
        self.writer = writer
    }

    /// Where the newest segment ends with all that was appended.
    var end: Int { layout.end }

    /// Puts the next record into the group.
    mutating func append() { append(payload(lastNumber + 1)) }

    mutating func append(_ bytes: [UInt8]) {
        lastNumber += 1
        if let extra = layout.place(RecordFrame.size(ofPayload: bytes.count)) {
            group.cut(before: lastNumber, extra: extra)
            segment += 1
        }
        let number = lastNumber
        bytes.withUnsafeBytes { group.append($0, number: number) }
    }

    /// Writes the group.
    mutating func flush() throws(StoreError) {
        var reached = durable
        var failure: StoreError?
        do throws(StoreError) {
            try writer.write(group) { number, _ in reached = number }
        } catch { failure = error }
        durable = reached
        group.removeAll()
        if let failure { throw failure }
    }

    mutating func finish() throws(StoreError) { try writer.finish() }
}
