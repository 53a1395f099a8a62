import Platform
package import Ports
package import TradingModel

/// Keeps snapshots in a folder on a thread of its own, so that no disk holds up a session.
///
/// Closed by ``close()``: what waits is written, then the thread ends.
package final class SnapshotKeeper: SnapshotStore {
    private enum Work {
        case keep(ServerSnapshot, SnapshotOwner)
        case find(SnapshotOwner, EventPosition, CheckedContinuation<ServerSnapshot?, Never>)
    }
    private struct State {
        /// At most one to keep for each owner: the newest.
        var waiting: [SnapshotOwner: ServerSnapshot] = [:]
        var questions: [Work] = []
        var troubles: [SnapshotOwner: [String]] = [:]
        var isClosed = false
        var hasEnded = false
        var closers: [CheckedContinuation<Void, Never>] = []

        /// Answers first: a server waits for them.
        mutating func next() -> Work? {
            if !questions.isEmpty { return questions.removeFirst() }
            guard let (owner, snapshot) = waiting.first else { return nil }
            waiting[owner] = nil
            return .keep(snapshot, owner)
        }
    }
    private let folder: SnapshotFolder
    private let state = Locked(State())
    private let doorbell = Doorbell()

    /// - Parameter path: Made with the first snapshot.
    package convenience init(in path: String) {
        self.init(SnapshotFolder(path: path, calls: SystemFileCalls()))
    }

    init(_ folder: SnapshotFolder) {
        self.folder = folder
        HostThread.start(named: "snapshots") { [state, doorbell] in
            while Self.work(state, folder) { _ = doorbell.wait() }
            let closers = state.withLock { state in
                state.hasEnded = true
                return state.closers
            }
            for closer in closers { closer.resume() }
        }
    }

    package func keep(_ snapshot: ServerSnapshot, of owner: SnapshotOwner) {
        state.withLock { state in
            guard !state.isClosed else { return }
            state.waiting[owner] = snapshot
        }
        doorbell.ring()
    }

    package nonisolated(nonsending) func newest(
        of owner: SnapshotOwner, through position: EventPosition
    ) async -> ServerSnapshot? {
        await withCheckedContinuation { continuation in
            let isClosed = state.withLock { state in
                if !state.isClosed { state.questions.append(.find(owner, position, continuation)) }
                return state.isClosed
            }
            if isClosed { return continuation.resume(returning: nil) }
            doorbell.ring()
        }
    }

    package func takeTroubles(of owner: SnapshotOwner) -> [String] {
        state.withLock { $0.troubles.removeValue(forKey: owner) ?? [] }
    }

    /// Writes what waits, and ends the thread.
    package nonisolated(nonsending) func close() async {
        await withCheckedContinuation { continuation in
            let hasEnded = state.withLock { state in
                state.isClosed = true
                if !state.hasEnded { state.closers.append(continuation) }
                return state.hasEnded
            }
            if hasEnded { return continuation.resume() }
            doorbell.ring()
        }
    }

    /// Does all that waits.
    ///
    /// - Returns: False at the end.
    private static func work(_ state: Locked<State>, _ folder: SnapshotFolder) -> Bool {
        while true {
            let (work, isClosed) = state.withLock { state in (state.next(), state.isClosed) }
            switch work {
            case .keep(let snapshot, let owner):
                do {
                    try folder.write(snapshot, of: owner)
                } catch {
                    tell("a snapshot was not kept: \(error)", owner, state)
                }
            case .find(let owner, let position, let continuation):
                var found: ServerSnapshot?
                do {
                    found = try folder.newest(of: owner, through: position) {
                        tell($0, owner, state)
                    }
                } catch {
                    tell("no snapshot could be read: \(error)", owner, state)
                }
                continuation.resume(returning: found)
            case nil: return !isClosed
            }
        }
    }

    private static let mostTroubles = 8

    private static func tell(_ words: String, _ owner: SnapshotOwner, _ state: Locked<State>) {
        state.withLock { state in
            if state.troubles[owner, default: []].count < mostTroubles {
                state.troubles[owner, default: []].append(words)
            }
        }
    }
}
