package import Ports

import Glibc

/// What somebody who only looks sees of a log: nothing is changed, locked or waited for.
package struct LogInspection: Hashable, Sendable {
    package let identity: LogIdentity
    /// As an opening would find it; a torn end is where it was.
    package let recovery: LogRecovery
    /// The process that has the log now.
    package let owner: Int32?

    package init(identity: LogIdentity, recovery: LogRecovery, owner: Int32?) {
        self.identity = identity
        self.recovery = recovery
        self.owner = owner
    }

    /// Reads and checks every segment. While a host writes, its last group may look torn.
    ///
    /// - Returns: `nil` where there is no log.
    /// - Throws: `corrupt`, `newerVersion`, `permission`, `io`, as an opening would.
    package init?(of folder: String) throws(StoreError) {
        guard let identity = try SegmentedLog.identity(in: folder) else { return nil }
        self.identity = identity
        owner = Self.owner(of: folder)
        let opening = LogOpening(
            folder: LogFolder(path: folder, calls: SystemFileCalls()), identity: identity,
            settings: LogSettings(), isReading: true)
        recovery = try opening.open().recovery
    }

    /// The process that holds the folder's lock, by the system's own list: to ask the lock itself would
    /// be to hold it for a moment, and a host that starts in that moment would be refused.
    package static func owner(of folder: String) -> Int32? {
        var status = stat()
        guard stat(folder + "/lock", &status) == 0, let list = fopen("/proc/locks", "re") else {
            return nil
        }
        defer { fclose(list) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, Int32(line.count), list) != nil {
            let text = String(
                decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            if let owner = owner(in: text, inode: UInt64(status.st_ino)) { return owner }
        }
        return nil
    }

    /// `1: FLOCK  ADVISORY  WRITE 1234 08:01:5678 0 EOF`. The device is left out: file systems in layers
    /// name another one here than in `stat`.
    static func owner(in line: String, inode: UInt64) -> Int32? {
        let words = line.split(whereSeparator: \.isWhitespace)
        guard words.count >= 6, words[1] == "FLOCK", words[3] == "WRITE",
            words[5].split(separator: ":").last.flatMap({ UInt64($0) }) == inode
        else { return nil }
        return Int32(words[4])
    }
}
