import Host
import Platform
import Ports
import StrategyServers
import TradingModel

/// Keeps the quarantines of a run in the folder's file, and brings it what people release.
final class QuarantineKeeper: Sendable {
    private struct State {
        var sessions: [String: StrategySession] = [:]
        var watch: FolderWatch?
    }
    private let file: QuarantineFile
    private let observer: any RunObserver
    private let state = Locked(State())

    init(_ file: QuarantineFile, observer: any RunObserver) {
        self.file = file
        self.observer = observer
    }

    /// What stands from an earlier start, by name; what was released since is taken out.
    ///
    /// - Throws: When the file cannot be read: a run must not begin in doubt about it.
    func standing() throws(RunError) -> [String: QuarantineFile.Entry] {
        var standing: [String: QuarantineFile.Entry] = [:]
        for entry in try file.entries() {
            if entry.isReleased {
                try file.remove(entry.number)
            } else {
                standing[entry.name] = entry
            }
        }
        return standing
    }

    /// Listens for releases until it is let go.
    func start(_ sessions: [String: StrategySession]) {
        let watch = FolderWatch(file.folder) { [weak self] in self?.look() }
        if watch == nil {
            tell(
                "the system has no file watch left: 'madang strategy release' is heard at the next"
                    + " start only; see fs.inotify.max_user_instances")
        }
        state.withLock { state in
            state.sessions = sessions
            state.watch = watch
        }
        look()
    }

    func stop() {
        // Let go outside the lock: it waits for its thread, which may wait for the lock.
        let watch = state.withLock { state in
            defer { state = State() }
            return state.watch
        }
        withExtendedLifetime(watch) {}
    }

    /// Returns when it is in the file: only then are people told how to end it.
    func keep(
        _ name: String, _ quarantine: ServerQuarantine, parameters: [String: String],
        _ description: ServerDescription
    ) async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            // Away from the sessions' thread, which serves the others.
            HostThread.start(named: "quarantine") { [self] in
                do {
                    try file.add(name, quarantine, parameters: parameters, description)
                } catch {
                    tell("\(error)\n  \(name) stays in quarantine until this run ends only")
                }
                continuation.resume()
            }
        }
    }

    /// On the watching thread.
    private func look() {
        do {
            for entry in try file.entries() where entry.isReleased {
                // Out of the file first: one that breaks again at once must find its place free.
                try file.remove(entry.number)
                state.withLock { $0.sessions[entry.name] }?.release()
            }
        } catch {
            tell("\(error)")
        }
    }

    private func tell(_ text: String) {
        observer.notice(RunNotice(.warning, time: .zero, text: text))
    }
}
