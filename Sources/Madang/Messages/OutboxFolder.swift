import Foundation
import Glibc
import Notifications
import Ports
import Storage

/// The outbox's log in `FOLDER/outbox/N`; N counts how often it was written anew.
///
/// A new log is made under another name and renamed when it is whole: the highest number is the log,
/// whatever is besides is left of a crash and goes.
final class OutboxFolder: OutboxStore {
    private let folder: String
    private static let identity = LogIdentity(
        kernelVersion: 1, configurationHash: "outbox", runID: "outbox")
    /// Small, for the outbox is: a segment of one is written ahead of its records.
    private static let settings = LogSettings(segmentSize: 4 << 20, step: 64 << 10)
    private static let unfinished = ".new"

    init(_ folder: String) { self.folder = folder }

    func open() throws(StoreError) -> any EventLog {
        guard RunFolder.makeFolder(folder) else {
            throw failed("the folder cannot be made: \(PrivateFileError(code: errno))", folder)
        }
        let numbers = numbers
        for name in names where name.hasSuffix(Self.unfinished) { try remove(name) }
        for old in numbers.dropLast() { try remove("\(old)") }
        guard let last = numbers.last else { return try create("1") }
        // A crash may come between the folder and its first segment.
        guard try SegmentedLog.exists(in: path("\(last)")) else { return try create("\(last)") }
        return try SegmentedLog.open(
            in: path("\(last)"), identity: Self.identity, settings: Self.settings)
    }

    func replace(with records: [[UInt8]]) throws(StoreError) -> any EventLog {
        let old = numbers.last ?? 0
        let name = "\(old + 1)"
        let unfinished = name + Self.unfinished
        if names.contains(unfinished) { try remove(unfinished) }
        let log = try create(unfinished)
        for record in records { try log.append(record) }
        try log.close()
        guard rename(path(unfinished), path(name)) == 0 else {
            throw failed("the folder cannot be renamed", path(unfinished))
        }
        try sync()
        if old > 0 { try remove("\(old)") }
        return try SegmentedLog.open(
            in: path(name), identity: Self.identity, settings: Self.settings)
    }

    /// The log as a host left it, or has it now; nothing is changed.
    ///
    /// - Returns: `nil` where there is none.
    static func view(_ folder: String) throws(StoreError) -> LogView? {
        guard let last = OutboxFolder(folder).numbers.last,
            try SegmentedLog.exists(in: folder + "/\(last)")
        else { return nil }
        do throws(StoreError) {
            return try LogView(folder + "/\(last)")
        } catch {
            // A host at work may have put another in its place.
            guard let next = OutboxFolder(folder).numbers.last, next != last else { throw error }
            return try LogView(folder + "/\(next)")
        }
    }

    private func create(_ name: String) throws(StoreError) -> SegmentedLog {
        try SegmentedLog.create(in: path(name), identity: Self.identity, settings: Self.settings)
    }

    private func path(_ name: String) -> String { folder + "/" + name }
    private var names: [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    }
    private var numbers: [Int] { names.compactMap { Int($0) }.sorted() }

    private func remove(_ name: String) throws(StoreError) {
        do { try FileManager.default.removeItem(atPath: path(name)) } catch {
            throw failed("it is of no use any more and cannot be removed", path(name))
        }
    }

    /// A new name survives a crash of the machine from here on.
    private func sync() throws(StoreError) {
        let descriptor = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { close(descriptor) }
        guard descriptor >= 0, fsync(descriptor) == 0 else {
            throw failed("the folder cannot be flushed", folder)
        }
    }

    private func failed(_ what: String, _ path: String) -> StoreError {
        StoreError(
            .io, what, at: path, advice: "check the folder's owner and mode, and the disk")
    }
}
