import Foundation
import Glibc
import Host
import Platform
import Ports
import Storage
import StrategyServers
import Vault

/// A copy of a host's folder, with the hash of every file: made beside a host at work, and put back whole.
///
/// Tables come first and logs last. So a log is never behind what was told, sent or written from it, and
/// the next start brings the tables up. Tables on a server are no part of it: they are made from the log.
struct StoreBackup {
    struct Manifest: Codable {
        struct File: Codable {
            var path: String
            var bytes: Int
            var sha256: String
        }
        var format = 1
        var program: String
        var files: [File]
    }
    /// The host's folder.
    let root: String
    /// Of the tables in SQLite; `nil`: they are on a server.
    let database: String?
    private static let manifest = "backup.json"
    private static let tables = "tables.db"

    // MARK: Making

    /// - Throws: ``RunError``; what was begun is left under another name then, and is begun anew.
    func make(in destination: String) throws -> Manifest {
        guard !FileManager.default.fileExists(atPath: destination) else {
            throw RunError(
                .refused, "\(destination) is there already\n  name a place that is not there yet")
        }
        guard FileManager.default.fileExists(atPath: root) else {
            throw RunError(.refused, "\(root) is not there: there is nothing to back up yet")
        }
        let begun = destination + ".new"
        try? FileManager.default.removeItem(atPath: begun)
        guard RunFolder.makeFolder(begun) else { throw RunError.noFolder(begun) }
        do {
            if let database, FileManager.default.fileExists(atPath: database) {
                try SQLiteProjections.copy(database, to: "\(begun)/\(Self.tables)")
            }
            for path in try files() { try copy(path, to: "\(begun)/folder/\(path)") }
            let manifest = try Manifest(program: Version.text, files: Self.describe(begun))
            try writePrivateFile(
                JSONEncoder.stable.encode(manifest) + Data("\n".utf8),
                to: "\(begun)/\(Self.manifest)")
            guard rename(begun, destination) == 0 else {
                throw RunError(
                    .store, "\(destination): the folder cannot be named: \(systemMessage(errno))")
            }
            return manifest
        } catch let error as RunError {
            throw error
        } catch {
            throw RunError(.store, "\(begun): the backup cannot be written: \(error)")
        }
    }

    /// Logs last, segment by segment.
    private func files() throws -> [String] {
        let all = FileManager.default.enumerator(atPath: root)?.allObjects ?? []
        let paths = all.compactMap { $0 as? String }.filter(isKept).sorted()
        let isLog = { (path: String) in path.contains("/log/") }
        return paths.filter { !isLog($0) } + paths.filter(isLog)
    }

    /// What only a host at work has any use for, and states that the log makes anew, are left out.
    private func isKept(_ path: String) -> Bool {
        var state = stat()
        guard lstat("\(root)/\(path)", &state) == 0, state.st_mode & S_IFMT == S_IFREG else {
            return false
        }
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return name != "lock" && !name.hasSuffix(".lock") && !name.hasSuffix(".new")
            && !path.hasPrefix("servers/") && !path.hasPrefix("rebuilt-")
            && !path.contains("/snapshots/")
            && !["", "-wal", "-shm"].contains { "\(root)/\(path)" == (database ?? "") + $0 }
    }

    private func copy(_ path: String, to copy: String) throws {
        let folder = URL(fileURLWithPath: copy).deletingLastPathComponent().path
        guard RunFolder.makeFolder(folder) else { throw RunError.noFolder(folder) }
        // A message that was sent meanwhile is gone, and need not be kept.
        guard FileManager.default.fileExists(atPath: "\(root)/\(path)") else { return }
        try FileManager.default.copyItem(atPath: "\(root)/\(path)", toPath: copy)
    }

    private static func describe(_ folder: String) throws -> [Manifest.File] {
        let all = FileManager.default.enumerator(atPath: folder)?.allObjects ?? []
        return try all.compactMap { $0 as? String }.sorted().compactMap { path -> Manifest.File? in
            var state = stat()
            guard stat("\(folder)/\(path)", &state) == 0, state.st_mode & S_IFMT == S_IFREG else {
                return nil
            }
            let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(path)"))
            return Manifest.File(
                path: path, bytes: bytes.count, sha256: hex(OpenSSLDigest().sha256(Array(bytes))))
        }
    }

    // MARK: Bringing back

    /// - Throws: ``RunError``: something is there already, or a file is not as it was written.
    func restore(from source: String) throws -> Manifest {
        let manifest = try Self.read(source)
        let there = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        let isTaken = database.map { FileManager.default.fileExists(atPath: $0) } ?? false
        guard there.isEmpty, !isTaken else {
            throw RunError(
                .refused,
                "\(there.isEmpty ? database ?? root : root) is there already"
                    + "\n  move it away first: a backup is put where nothing is")
        }
        do {
            let begun = root + ".new"
            try? FileManager.default.removeItem(atPath: begun)
            try FileManager.default.copyItem(atPath: source + "/folder", toPath: begun)
            if let database, manifest.files.contains(where: { $0.path == Self.tables }) {
                let folder = URL(fileURLWithPath: database).deletingLastPathComponent().path
                let isInside = folder == root || folder.hasPrefix(root + "/")
                let place = isInside ? begun + database.dropFirst(root.count) : database
                _ = RunFolder.makeFolder(
                    URL(fileURLWithPath: place).deletingLastPathComponent().path)
                try FileManager.default.copyItem(
                    atPath: "\(source)/\(Self.tables)", toPath: place)
            }
            guard rename(begun, root) == 0 else {
                throw RunError(
                    .store, "\(root): the folder cannot be named: \(systemMessage(errno))")
            }
            return manifest
        } catch let error as RunError {
            throw error
        } catch {
            throw RunError(.store, "\(root): the backup cannot be put back: \(error)")
        }
    }

    /// - Throws: ``RunError`` naming the first file that is not as it was written.
    private static func read(_ source: String) throws -> Manifest {
        let record = FolderRecord(
            path: "\(source)/\(manifest)", limit: 64 << 20, writer: "madang store backup",
            advice: "take another backup")
        guard let known: Manifest = try record.read() else {
            throw RunError(
                .refused,
                "\(source) is no backup: it has no \(manifest)"
                    + "\n  name a folder that madang store backup made")
        }
        var left = Dictionary(known.files.map { ($0.path, $0) }, uniquingKeysWith: { $1 })
        for file in try describe(source) where file.path != manifest {
            guard let wanted = left.removeValue(forKey: file.path) else {
                throw damaged(source, file.path, "was not there when the backup was made")
            }
            guard wanted.sha256 == file.sha256 else {
                throw damaged(source, file.path, "is not as it was written")
            }
        }
        if let missing = left.keys.min() { throw damaged(source, missing, "is missing") }
        return known
    }

    private static func damaged(_ source: String, _ path: String, _ what: String) -> RunError {
        RunError(
            .store,
            "\(source)/\(path): the file \(what)\n  nothing was changed; take another backup"
        )
    }
}
