import Foundation
import Glibc
import Host
import Platform
import Ports
import Storage
import StrategyServers
import TradingModel

/// Where a run keeps its log: `FOLDER/runs/ID-N/`, N counting the runs of one configuration and recording.
struct RunFolder {
    let root: String
    /// 12 hex digits of the run's identity.
    let identity: String
    private(set) var run: String
    private(set) var continues: Bool

    var path: String { "\(root)/runs/\(run)" }

    /// Finds the unfinished run of this identity, or names a new one.
    ///
    /// - Parameters:
    ///   - finished: Runs that are known to have ended.
    ///   - fresh: Begin anew in any case.
    init(root: String, identity: String, finished: Set<String>, fresh: Bool) throws(StoreError) {
        self.root = root
        self.identity = String(identity.prefix(12))
        let numbers = Self.numbers(of: self.identity, in: root)
        let last = numbers.max()
        if let last, !fresh, !finished.contains("\(self.identity)-\(last)") {
            run = "\(self.identity)-\(last)"
            continues = try SegmentedLog.exists(in: "\(root)/runs/\(run)/log")
        } else {
            run = "\(self.identity)-\((last ?? 0) + 1)"
            continues = false
        }
    }

    private static func numbers(of identity: String, in root: String) -> [Int] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(root)/runs")) ?? []
        return names.compactMap { name in
            name.hasPrefix(identity + "-") ? Int(name.dropFirst(identity.count + 1)) : nil
        }
    }

    /// The log, opened to go on or made.
    ///
    /// - Parameter segment: Bytes after which it begins another file.
    func openLog(identity: String, segment: Int64) throws(StoreError) -> SegmentedLog {
        let settings = LogSettings(segmentSize: Int(segment))
        let owner = LogIdentity(
            kernelVersion: KernelVersion.number, configurationHash: identity, runID: run)
        return continues
            ? try SegmentedLog.open(in: path + "/log", identity: owner, settings: settings)
            : try SegmentedLog.create(in: path + "/log", identity: owner, settings: settings)
    }

    /// Keeps what a new run is begun with, for people and for commands that look for its runs.
    ///
    /// - Parameter begun: Orders the runs of a folder: times of files do not outlive a copy.
    func keep(
        configuration text: String, of file: String, begun: Timestamp
    ) throws(StoreError) {
        guard Self.makeFolder(path) else {
            let trouble = PrivateFileError(code: errno)
            throw StoreError(
                .io, "the folder cannot be made: \(trouble)", at: path, advice: trouble.advice)
        }
        do {
            let time = timeText(utc: begun.nanoseconds, digits: 9)
            let data = Data("# \(file)\n\(Self.begun)\(time)\n\(text)\n".utf8)
            try writePrivateFile(data, to: "\(path)/\(Self.configuration)")
        } catch {
            throw StoreError(
                .io, "the file cannot be written: \(error)",
                at: "\(path)/\(Self.configuration)", advice: error.advice)
        }
    }
    private static let configuration = "configuration.yaml"
    private static let begun = "# begun "

    /// Notes that a host goes on with it: people who ask for the latest run mean that one. A run without the note is as
    /// late as its beginning, so nothing hangs on a disk that does not take it.
    func noteGoingOn(at now: Timestamp) {
        let time = timeText(utc: now.nanoseconds, digits: 9)
        try? writePrivateFile(Data(time.utf8), to: "\(path)/\(Self.goneOn)")
    }
    private static let goneOn = "gone-on"

    /// Of these runs the one that a host was at work on last, of those that were begun with a file.
    static func latest(of file: String, among runs: [String], in root: String) -> String? {
        var best: (run: String, at: String)?
        for run in runs where self.file(of: run, in: root) == file {
            let path = "\(root)/runs/\(run)/\(goneOn)"
            let note = try? String(contentsOfFile: path, encoding: .utf8)
            let at = max(begun(run, in: root), note ?? "")
            // Of equals the last, as they were begun.
            if best.map({ $0.at <= at }) ?? true { best = (run, at) }
        }
        return best?.run
    }

    /// Whether nothing was read in the run: it has its head and its start at most, as where a file or a server
    /// was wrong from the first.
    static func isBare(_ run: String, in root: String) -> Bool {
        (try? LogView("\(root)/runs/\(run)/log", through: 4).last).map { $0 <= 2 } ?? false
    }

    /// Whether the run was begun with exactly this, so far as it is shown.
    static func keeps(configuration text: String, of run: String, in root: String) -> Bool {
        let path = configuration(of: run, in: root)
        guard let kept = try? String(contentsOfFile: path, encoding: .utf8) else { return false }
        let parts = kept.split(separator: "\n", maxSplits: 2, omittingEmptySubsequences: false)
        return parts.count == 3 && parts[1].hasPrefix(begun) && parts[2] == text + "\n"
    }

    /// Those with a log, in the order of their beginning.
    static func runs(in root: String) throws(StoreError) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(root)/runs")) ?? []
        var found: [(name: String, begun: String)] = []
        for name in names where try SegmentedLog.exists(in: "\(root)/runs/\(name)/log") {
            found.append((name, begun(name, in: root)))
        }
        return found.sorted {
            $0.begun == $1.begun
                ? $0.name.compare($1.name, options: .numeric) == .orderedAscending
                : $0.begun < $1.begun
        }.map(\.name)
    }

    /// As text that sorts; empty where nobody knows.
    private static func begun(_ run: String, in root: String) -> String {
        let path = "\(root)/runs/\(run)/\(configuration)"
        if let line = head(of: path).dropFirst().first, line.hasPrefix(begun) {
            return String(line.dropFirst(begun.count))
        }
        // Written once, by a host that did not note the time.
        let state = try? FileManager.default.attributesOfItem(atPath: path)
        guard let written = state?[.modificationDate] as? Date else { return "" }
        return timeText(utc: Int64(written.timeIntervalSince1970 * 1e9), digits: 9)
    }

    /// The two lines that the host puts before a configuration.
    private static func head(of path: String) -> [Substring] {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return [] }
        return text.split(separator: "\n", maxSplits: 2).prefix(2).map { $0 }
    }

    /// Keeps who the servers are, so that the log can be read without them; by strategy's number.
    static func keep(_ servers: [Int: ServerDescription], in run: String) throws(RunError) {
        guard !servers.isEmpty else { return }
        try record(of: run).write(servers.mapValues(ServerPortrait.init))
    }

    /// Those that the run was begun with; empty where it had none.
    ///
    /// - Throws: ``RunError`` where a server is none that this host knows.
    static func servers(of run: String) throws(RunError) -> [Int: ServerDescription] {
        let known: [Int: ServerPortrait] = try record(of: run).read() ?? [:]
        return known.compactMapValues(\.description)
    }

    /// Keeps which server of which strategy answered for which symbol, where there are several.
    static func keep(shards: Shards, in run: String) throws(RunError) {
        guard !shards.isEmpty else { return }
        try shardRecord(of: run).write(shards)
    }

    /// Empty for a run whose strategies have one server each, or where nobody knows any more.
    static func shards(of run: String, in root: String) throws(RunError) -> Shards {
        try shardRecord(of: "\(root)/runs/\(run)").read() ?? [:]
    }
    /// By strategy and symbol.
    typealias Shards = [String: [String: Int]]

    private static func shardRecord(of run: String) -> FolderRecord {
        FolderRecord(
            path: run + "/shards.json", limit: 4_194_304, writer: "the host",
            advice: "remove it: then it is not told which server a result came from")
    }

    private static func record(of run: String) -> FolderRecord {
        FolderRecord(
            path: run + "/servers.json", limit: 4_194_304, writer: "the host",
            advice: "put back what it held; madang run, with its servers up, needs it not")
    }

    /// Where a run keeps what it was begun with: all that was in force, with secrets masked.
    static func configuration(of run: String, in root: String) -> String {
        "\(root)/runs/\(run)/\(configuration)"
    }

    /// The file that a run was begun with; `nil` where nobody knows.
    static func file(of run: String, in root: String) -> String? {
        let path = "\(root)/runs/\(run)/\(configuration)"
        guard let first = head(of: path).first, first.hasPrefix("# ") else { return nil }
        return String(first.dropFirst(2))
    }

    /// Where a run keeps the states of its strategy servers.
    static func snapshots(of run: String) -> String { run + "/snapshots" }

    /// What cannot be removed is only room on the disk.
    static func removeSnapshots(of run: String) {
        try? FileManager.default.removeItem(atPath: snapshots(of: run))
    }

    /// This host's name in client order ids: made once, kept.
    static func hostID(in root: String) throws(StoreError) -> String {
        let path = "\(root)/host-id"
        if let text = try? String(contentsOfFile: path, encoding: .utf8) {
            let id = text.trimmingCharacters(in: .whitespacesAndNewlines)
            if UUID(uuidString: id) != nil { return id }
            throw StoreError(
                .corrupt, "this file should hold a UUID", at: path,
                advice: "put back the one it held, or delete it if no order was ever sent")
        }
        let id = UUID().uuidString.lowercased()
        guard makeFolder(root) else {
            let trouble = PrivateFileError(code: errno)
            throw StoreError(
                .permission, "the folder cannot be made: \(trouble)", at: root,
                advice: trouble.advice)
        }
        do throws(PrivateFileError) {
            try writePrivateFile(Data((id + "\n").utf8), to: path)
        } catch {
            throw StoreError(
                .io, "the file cannot be written: \(error)", at: path, advice: error.advice)
        }
        return id
    }

    /// Makes a folder, and those above it, that only this user can enter: from their first moment, so
    /// that a crash leaves none that is open.
    ///
    /// - Returns: False, with `errno`, where it is not there afterwards; one that is there stays as it is.
    static func makeFolder(_ path: String) -> Bool {
        if mkdir(path, 0o700) == 0 { return true }
        switch errno {
        case EEXIST:
            var status = stat()
            guard stat(path, &status) == 0 else { return false }
            errno = ENOTDIR
            return status.st_mode & S_IFMT == S_IFDIR
        case ENOENT:
            let above = URL(fileURLWithPath: path).deletingLastPathComponent().path
            return above != path && makeFolder(above)
                && (mkdir(path, 0o700) == 0 || errno == EEXIST)
        default: return false
        }
    }
}

extension RunError {
    /// Why ``RunFolder/makeFolder(_:)`` could not, just now, and what to do.
    static func noFolder(_ path: String) -> RunError {
        let trouble = PrivateFileError(code: errno)
        return RunError(
            .store, "\(path): the folder cannot be made or entered: \(trouble)\n  \(trouble.advice)"
        )
    }
}

/// With its folder, whatever it is counted from, so that one file has one name.
func wholePath(_ path: String) -> String {
    URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path
}

/// Raised when the same inputs may be decided otherwise.
enum KernelVersion { static let number: UInt32 = 17 }
