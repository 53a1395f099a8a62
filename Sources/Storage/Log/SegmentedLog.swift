package import Ports

import Glibc

/// The log in segment files of a private folder: `NNNNNNNN.log`, written by a thread of its own.
///
/// Safe from any thread, though numbers follow the order of the calls. One process at a time owns a
/// folder. `onDurable`'s closure runs on the writer's thread: there, `flush()` and `close()` would
/// wait for themselves. Dropping the last reference without ``close()`` still writes what waits,
/// unwatched.
package final class SegmentedLog: EventLog {
    /// What was found when it was opened; an empty log for a new one.
    package let recovery: LogRecovery
    private let queue: GroupQueue
    private let segments: [LogOpening.Segment]
    private let folder: LogFolder

    /// Starts a log in a folder that has none; makes the folder.
    ///
    /// - Parameter headExtra: The host's bytes for the first head; see ``setHeadExtra(_:)``.
    /// - Throws: `inUse`; `otherRun` when a log is there already; `full`, `permission`, `io`.
    package static func create(
        in folder: String, identity: LogIdentity, headExtra: [UInt8] = [],
        settings: LogSettings = LogSettings()
    ) throws(StoreError) -> SegmentedLog {
        try create(
            in: folder, identity: identity, headExtra: headExtra, settings: settings,
            calls: SystemFileCalls())
    }

    /// Opens the log in the folder, reads and checks all of it, and goes on after its last record.
    ///
    /// - Throws: `corrupt` naming file and offset; `newerVersion`; `otherRun`; `inUse`; `full`,
    ///   `permission`, `io`. Nothing is changed then.
    package static func open(
        in folder: String, identity: LogIdentity, settings: LogSettings = LogSettings()
    ) throws(StoreError) -> SegmentedLog {
        try open(in: folder, identity: identity, settings: settings, calls: SystemFileCalls())
    }

    /// Whether a log is in the folder; false where there is no folder.
    package static func exists(in folder: String) throws(StoreError) -> Bool {
        guard access(folder, F_OK) == 0 else { return false }
        return try !LogFolder(path: folder, calls: SystemFileCalls()).segments().isEmpty
    }

    /// Whose log is in the folder, by its newest head; reads nothing else and needs no lock.
    ///
    /// - Returns: `nil` where there is none.
    package static func identity(in folder: String) throws(StoreError) -> LogIdentity? {
        let place = LogFolder(path: folder, calls: SystemFileCalls())
        guard try exists(in: folder), let last = try place.segments().last else { return nil }
        let file = try LogFile(
            opening: place.path(ofSegment: last), flags: O_RDONLY, calls: place.calls)
        return try SegmentHead.read(from: file).head.identity
    }

    static func create(
        in path: String, identity: LogIdentity, headExtra: [UInt8] = [], settings: LogSettings,
        calls: any FileCalls
    ) throws(StoreError) -> SegmentedLog {
        let folder = LogFolder(path: path, calls: calls)
        try folder.make()
        let lock = try FolderLock(folder: path)
        guard try folder.segments().isEmpty else {
            throw StoreError(
                .otherRun, "a log is here already", at: path,
                advice: "open it to go on, or choose another folder for a new run")
        }
        try folder.sync()
        let extra = HeadExtra(bytes: headExtra, number: 1)
        let head = SegmentHead(segment: 1, firstNumber: 1, identity: identity, extra: extra)
        let first = try SegmentWriter.create(head, in: folder, settings: settings)
        let recovery = LogRecovery(
            lastNumber: 0, segments: 1, wasClosed: false, tornTail: nil, headExtra: extra,
            kernelVersion: identity.kernelVersion)
        return try SegmentedLog(
            folder, identity, settings, [first], recovery, last: first, lock: lock)
    }

    static func open(
        in path: String, identity: LogIdentity, settings: LogSettings, calls: any FileCalls
    ) throws(StoreError) -> SegmentedLog {
        let folder = LogFolder(path: path, calls: calls)
        let lock = try FolderLock(folder: path)
        let opening = LogOpening(folder: folder, identity: identity, settings: settings)
        let (segments, last, recovery) = try opening.open()
        return try SegmentedLog(
            folder, identity, settings, segments, recovery, last: last, lock: lock)
    }

    private init(
        _ folder: LogFolder, _ identity: LogIdentity, _ settings: LogSettings,
        _ segments: [LogOpening.Segment], _ recovery: LogRecovery, last: LogOpening.Segment,
        lock: consuming FolderLock
    ) throws(StoreError) {
        self.folder = folder
        self.segments = segments
        self.recovery = recovery
        let layout = SegmentLayout(
            end: last.end, start: last.head.length, limit: settings.segmentSize,
            identity: identity, extra: recovery.headExtra,
            mustCut: last.head.identity != identity)
        queue = GroupQueue(
            next: recovery.lastNumber + 1, layout: layout, waitingLimit: settings.waitingLimit)
        let writer = try SegmentWriter(
            continuing: last, identity: identity, folder: folder, settings: settings)
        try LogWriterThread.start(queue, writer: writer, lock: lock, place: folder.path)
    }

    deinit { queue.requestClose() }

    // MARK: EventLog

    package var nextNumber: UInt64 { queue.nextNumber }
    package var durableNumber: UInt64 { queue.durableNumber }

    @discardableResult
    package func append(_ record: [UInt8]) throws(StoreError) -> UInt64 {
        guard record.count <= RecordFrame.payloadLimit else {
            throw StoreError(
                .io,
                "a record of \(record.count) bytes; the limit is \(RecordFrame.payloadLimit)",
                at: folder.path, advice: "one step has caused too much: nothing was written")
        }
        var failure: StoreError?
        let number = record.withUnsafeBytes { bytes -> UInt64 in
            do throws(StoreError) {
                return try queue.append(bytes)
            } catch {
                failure = error
                return 0
            }
        }
        if let failure { throw failure }
        return number
    }

    package func onDurable(_ wake: @escaping @Sendable (Result<UInt64, StoreError>) -> Void) {
        queue.onDurable(wake)
    }

    package func flush() throws(StoreError) { try queue.flush() }
    package func flushWhenAsked() { queue.flushWhenAsked() }

    package func close() throws(StoreError) {
        queue.requestClose()
        try queue.waitForEnd()
    }

    package func forEach(_ body: (UInt64, [UInt8]) throws -> Bool) throws {
        try forEach(from: 1, body)
    }

    // MARK: Beyond the port

    /// Sets the host's bytes for the heads of segments that begin with a later record.
    ///
    /// They describe the state before the next append; the head keeps that number beside them.
    /// Cheap.
    package func setHeadExtra(_ bytes: [UInt8]) { queue.setHeadExtra(bytes) }

    /// As ``forEach(_:)``, beginning with record `first`: segments before it are not read.
    package func forEach(
        from first: UInt64, _ body: (UInt64, [UInt8]) throws -> Bool
    ) throws {
        try LogReading(segments: segments, calls: folder.calls).forEach(from: first, body)
    }
}
