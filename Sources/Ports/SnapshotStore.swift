package import TradingModel

/// A strategy server's own state behind a position, opaque to the host.
package struct ServerSnapshot: Hashable, Sendable {
    package var position: EventPosition
    /// The server's name for the encoding.
    package var format: String
    package var bytes: [UInt8]
    package init(position: EventPosition, format: String, bytes: [UInt8]) {
        self.position = position
        self.format = format
        self.bytes = bytes
    }
}

/// Whose snapshot it is: only the very same build with the same parameters may have it again.
package struct SnapshotOwner: Hashable, Sendable {
    package var session: String
    package var version: String
    package var modelHash: String
    package var parameterHash: String
    /// Empty for a server that does not read account state.
    package var account: String
    package init(
        session: String, version: String, modelHash: String, parameterHash: String, account: String
    ) {
        self.session = session
        self.version = version
        self.modelHash = modelHash
        self.parameterHash = parameterHash
        self.account = account
    }
    /// A line for each part: a name for the whole.
    package var text: String {
        [session, version, modelHash, parameterHash, account].joined(separator: "\n")
    }
}

/// Where the snapshots of one run are kept. Any thread.
package protocol SnapshotStore: AnyObject, Sendable {
    /// Takes it over and returns at once. It is at hand when it is durable; of two that wait the newer one is
    /// kept. A failure costs a longer way back after a break, and nothing else.
    func keep(_ snapshot: ServerSnapshot, of owner: SnapshotOwner)

    /// The newest at or before `position` that is whole; `nil` where there is none.
    nonisolated(nonsending) func newest(
        of owner: SnapshotOwner, through position: EventPosition
    ) async -> ServerSnapshot?

    /// What could not be kept or read since the last call, in words for people.
    func takeTroubles(of owner: SnapshotOwner) -> [String]
}
