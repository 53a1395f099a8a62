import Foundation
import Glibc
import Host
import Platform
import Ports
import Storage
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
    func openLog(identity: String) throws(StoreError) -> SegmentedLog {
        let owner = LogIdentity(
            kernelVersion: KernelVersion.number, configurationHash: identity, runID: run)
        return continues
            ? try SegmentedLog.open(in: path + "/log", identity: owner)
            : try SegmentedLog.create(in: path + "/log", identity: owner)
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
        guard makeFolder(root),
            FileManager.default.createFile(
                atPath: path, contents: Data((id + "\n").utf8),
                attributes: [.posixPermissions: 0o600])
        else {
            throw StoreError(
                .permission, "the file cannot be written", at: path,
                advice: "check the folder's owner and mode")
        }
        return id
    }

    /// Makes a folder that only this user can enter.
    static func makeFolder(_ path: String) -> Bool {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
            return true
        } catch {
            return false
        }
    }
}

/// Raised when the same inputs may be decided otherwise.
enum KernelVersion { static let number: UInt32 = 4 }
