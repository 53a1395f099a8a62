package import Ports

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
        owner = FolderLock.holder(of: folder)
        let opening = LogOpening(
            folder: LogFolder(path: folder, calls: SystemFileCalls()), identity: identity,
            settings: LogSettings(), isReading: true)
        recovery = try opening.open().recovery
    }
}
