import Glibc
import Host
import Platform
import Ports
import StrategyServers
import TradingModel

/// Brings what people ask about versions of strategies to the run in hand, at its start and whenever it
/// changes, answers them, and ends the session of a version that is switched off.
final class VersionKeeper: Sendable {
    private struct State {
        /// By strategy and slot.
        var sessions: [String: [VersionSlot: StrategySession]] = [:]
        /// By strategy: the candidate as it described itself.
        var described: [String: String] = [:]
        /// By strategy: the last number that was passed on or set aside.
        var seen: [String: Int] = [:]
        /// Names of sessions that do not run, from the start or since.
        var off: Set<String> = []
        var watch: FolderWatch?
    }
    private let file: VersionFile
    private let candidates: [String: CandidateSetting]
    private let control: RunControl
    private let observer: any RunObserver
    private let state = Locked(State())

    /// - Parameter configuration: `nil` for a run that hears nobody: its versions stay as configured.
    init(
        _ file: VersionFile, _ configuration: HostConfiguration?, _ control: RunControl,
        observer: any RunObserver
    ) {
        self.file = file
        self.control = control
        self.observer = observer
        candidates = Dictionary(
            (configuration?.strategies ?? []).compactMap { setting in
                setting.candidate.map { (setting.name, $0) }
            }, uniquingKeysWith: { first, _ in first })
        control.onVersion { [weak self] order in self?.heard(order) }
    }

    /// Strategies whose candidate was dropped: it is not even started.
    func withoutCandidate() throws(RunError) -> Set<String> {
        guard !candidates.isEmpty else { return [] }
        var names: Set<String> = []
        for entry in try file.entries() where isMeant(entry) {
            guard let plan = VersionPlan(entry.plan), !plan.isActive(.candidate) else { continue }
            names.insert(entry.strategy)
        }
        return names
    }

    /// Names of sessions that are not to run.
    var off: Set<String> { state.withLock { $0.off } }

    /// - Throws: When the file cannot be read: a run must not begin in doubt about it.
    func start(
        _ parts: [RunAssembly.ServerPart], _ descriptions: [ServerDescription]
    ) throws(RunError) {
        guard !candidates.isEmpty else { return }
        state.withLock { state in
            for (part, description) in zip(parts, descriptions) {
                state.sessions[part.setting.name, default: [:]][part.slot] = part.session
                guard part.slot == .candidate else { continue }
                state.described[part.setting.name] = Self.words(description)
            }
        }
        let watch = FolderWatch(file.folder) { [weak self] in self?.look() }
        if watch == nil {
            tell(
                "the system has no file watch left: 'madang strategy promote' is heard at the next"
                    + " start only; see fs.inotify.max_user_instances")
        }
        state.withLock { $0.watch = watch }
        for entry in try file.entries() {
            take(entry)
            let described = state.withLock { $0.described[entry.strategy] }
            guard isMeant(entry, described), let plan = VersionPlan(entry.plan) else { continue }
            state.withLock { state in
                for slot in VersionSlot.allCases where !plan.isActive(slot) {
                    state.off.insert(Self.name(entry.strategy, slot))
                }
            }
        }
    }

    func stop() {
        // Let go outside the lock: it waits for its thread, which may wait for the lock.
        let watch = state.withLock { state in
            defer { state.watch = nil }
            return state.watch
        }
        withExtendedLifetime(watch) {}
    }

    // MARK: Orders

    /// On the watching thread.
    private func look() {
        do {
            for entry in try file.entries() { take(entry) }
        } catch {
            tell("\(error)")
        }
    }

    /// Whether it is about the candidate that is configured, and described so, where that is known.
    private func isMeant(_ entry: VersionFile.Entry, _ described: String? = nil) -> Bool {
        guard let candidate = candidates[entry.strategy],
            VersionFile.candidate(candidate) == entry.candidate
        else { return false }
        return entry.described == nil || described == nil || entry.described == described
    }

    private func take(_ entry: VersionFile.Entry) {
        guard let plan = VersionPlan(entry.plan), candidates[entry.strategy] != nil else { return }
        let (isNew, described) = state.withLock { state in
            defer { state.seen[entry.strategy] = entry.number }
            return (state.seen[entry.strategy] != entry.number, state.described[entry.strategy])
        }
        guard isNew else { return }
        guard isMeant(entry, described) else {
            return tell(
                "'\(entry.plan)' was asked for another candidate of \(entry.strategy)"
                    + (entry.described.map { " (\($0))" } ?? "")
                    + ": it does not count for this one, which begins as configured")
        }
        if let gone = VersionSlot.allCases.first(where: { plan.isActive($0) && isOff($0, entry) }) {
            return answer(entry.number) {
                $0.refused =
                    "the \(gone.name) version was ended in this run; it is there again after a restart"
            }
        }
        control.change(
            VersionRequest(
                number: entry.number, strategy: entry.strategy, plan: plan, reason: entry.reason))
    }

    private func isOff(_ slot: VersionSlot, _ entry: VersionFile.Entry) -> Bool {
        state.withLock { $0.off.contains(Self.name(entry.strategy, slot)) }
    }

    private static func name(_ strategy: String, _ slot: VersionSlot) -> String {
        slot == .main ? strategy : strategy + " candidate"
    }

    /// On the loop's thread: it stands in the durable log.
    private func heard(_ order: VersionRequest) {
        let described = state.withLock { $0.described[order.strategy] }
        answer(order.number) {
            $0.process = getpid()
            $0.refused = nil
            if let described { $0.described = described }
        }
        for slot in VersionSlot.allCases where !order.plan.isActive(slot) {
            end(slot, of: order.strategy)
        }
    }

    /// A version that is switched off gets no more events: its process ends.
    private func end(_ slot: VersionSlot, of strategy: String) {
        let session: StrategySession? = state.withLock { state in
            let isNew = state.off.insert(Self.name(strategy, slot)).inserted
            return isNew ? state.sessions[strategy]?[slot] : nil
        }
        guard let session else { return }
        Task { await session.stop(within: .seconds(2), reason: "its version is switched off") }
    }

    private func answer(_ number: Int, _ body: (inout VersionFile.Entry) -> Void) {
        do { try file.answer(number, body) } catch { tell("\(error)") }
    }

    /// Who a build is, for people and for comparison.
    static func words(_ description: ServerDescription) -> String {
        let model = [description.modelName, description.modelVersion, description.modelHash]
            .filter { !$0.isEmpty }.joined(separator: "@")
        return "\(description.name) version \(description.version)"
            + (model.isEmpty ? "" : ", model \(model)")
            + ", parameters \(description.parameterHash)"
    }

    private func tell(_ text: String) {
        observer.notice(RunNotice(.warning, time: .zero, text: text))
    }
}
