import Glibc
import Host
import Platform
import Ports
import StrategyServers
import TradingModel

/// Brings what people ask about versions of strategies to the run in hand, at its start and whenever it
/// changes, answers them, and ends the session of a version that is switched off.
final class VersionKeeper: Sendable {
    struct State {
        /// By strategy: those that run, or are to.
        var candidates: [String: CandidateSetting]
        /// By strategy and slot.
        var parts: [String: [VersionSlot: RunAssembly.ServerPart]] = [:]
        /// By strategy: the number of the order whose candidate is on its way.
        var coming: [String: Int] = [:]
        /// Candidates that another took the place of.
        var replaced: [String: [StrategySession]] = [:]
        var bring: Bring?
        /// By strategy: the candidate as it described itself.
        var described: [String: String] = [:]
        /// By strategy: the last number that was passed on or set aside.
        var seen: [String: Int] = [:]
        /// Names of sessions that do not run, from the start or since.
        var off: Set<String> = []
        var watch: FolderWatch?
    }
    /// Starts a candidate that the run did not begin with, as far as it can go without the loop.
    typealias Bring =
        @Sendable (_ index: Int, CandidateSetting) async throws -> (
            RunAssembly.ServerPart, JoiningVersion
        )
    let file: VersionFile
    let strategies: [StrategySetting]
    let folder: String
    /// False for a run that hears nobody: its versions stay as configured.
    private let hears: Bool
    let control: RunControl
    private let observer: any RunObserver
    let state: Locked<State>

    init(
        _ file: VersionFile, _ configuration: HostConfiguration, hears: Bool,
        _ control: RunControl, observer: any RunObserver
    ) {
        self.file = file
        self.hears = hears && configuration.strategies.contains { !$0.servers.isEmpty }
        self.control = control
        self.observer = observer
        strategies = configuration.strategies
        folder = configuration.folder
        state = Locked(
            State(
                candidates: Dictionary(
                    strategies.compactMap { setting in
                        setting.candidate.map { (setting.name, $0) }
                    }, uniquingKeysWith: { first, _ in first })))
        control.onVersion { [weak self] order in self?.heard(order) }
    }

    /// Candidates that the run begins with: those that were deployed since they were configured, and none
    /// that was dropped.
    func candidates() throws(RunError) -> [String: CandidateSetting] {
        guard hears else { return state.withLock { $0.candidates } }
        for entry in try file.entries() {
            guard let deployed = entry.deployed,
                let setting = strategies.first(where: { $0.name == entry.strategy }),
                let candidate = setting.candidate(deployed, folder: folder)
            else { continue }
            state.withLock { $0.candidates[entry.strategy] = candidate }
        }
        var candidates = state.withLock { $0.candidates }
        for entry in try file.entries() where isMeant(entry) {
            guard let plan = VersionPlan(entry.plan), !plan.isActive(.candidate) else { continue }
            candidates[entry.strategy] = nil
        }
        return candidates
    }

    /// Names of sessions that are not to run.
    var off: Set<String> { state.withLock { $0.off } }

    /// - Throws: When the file cannot be read: a run must not begin in doubt about it.
    func start(
        _ parts: [RunAssembly.ServerPart], _ descriptions: [ServerDescription]
    ) throws(RunError) {
        guard hears else { return }
        state.withLock { state in
            for (part, description) in zip(parts, descriptions) where part.seat == .main {
                state.parts[part.setting.name, default: [:]][part.slot] = part
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
                    state.off.insert(state.name(entry.strategy, slot))
                }
            }
        }
    }

    /// From now on candidates can be brought into the run.
    func serve(_ bring: @escaping Bring) {
        guard hears else { return }
        state.withLock { $0.bring = bring }
        look()
    }

    func stop() {
        state.withLock { $0.bring = nil }
        // Let go outside the lock: it waits for its thread, which may wait for the lock.
        let watch = state.withLock { state in
            defer { state.watch = nil }
            return state.watch
        }
        withExtendedLifetime(watch) {}
    }

    // MARK: Orders

    /// On the watching thread.
    func look() {
        do {
            for entry in try file.entries() { take(entry) }
        } catch {
            tell("\(error)")
        }
    }

    /// Whether it is about the candidate that is configured, and described so, where that is known.
    private func isMeant(_ entry: VersionFile.Entry, _ described: String? = nil) -> Bool {
        guard let candidate = state.withLock({ $0.candidates[entry.strategy] }),
            VersionFile.candidate(candidate) == entry.candidate
        else { return false }
        return entry.described == nil || described == nil || entry.described == described
    }

    private func take(_ entry: VersionFile.Entry) {
        guard let plan = VersionPlan(entry.plan) else { return }
        if let index = indexToDeploy(entry) { return deploy(entry, index) }
        guard state.withLock({ $0.candidates[entry.strategy] }) != nil else { return }
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
        state.withLock { $0.off.contains($0.name(entry.strategy, slot)) }
    }

    /// On the loop's thread: it stands in the durable log, or is refused.
    private func heard(_ order: VersionRequest) {
        if let refused = order.refused {
            tell("the version that was deployed for \(order.strategy) did not come: \(refused)")
            answer(order.number) { $0.refused = "it did not come: \(refused)" }
            return end(.candidate, of: order.strategy)
        }
        let described = state.withLock { $0.described[order.strategy] }
        answer(order.number) {
            $0.process = getpid()
            $0.refused = nil
            if let described { $0.described = described }
        }
        if order.joining != nil {
            let replaced = state.withLock { $0.replaced.removeValue(forKey: order.strategy) }
            for session in replaced ?? [] { end(session, "another version took its place") }
        }
        for slot in VersionSlot.allCases where !order.plan.isActive(slot) {
            end(slot, of: order.strategy)
        }
    }

    /// A version that is switched off gets no more events: its process ends.
    private func end(_ slot: VersionSlot, of strategy: String) {
        let session: StrategySession? = state.withLock { state in
            let isNew = state.off.insert(state.name(strategy, slot)).inserted
            return isNew ? state.parts[strategy]?[slot]?.session : nil
        }
        end(session, "its version is switched off")
    }

    func end(_ session: StrategySession?, _ reason: String) {
        guard let session else { return }
        Task { await session.stop(within: .seconds(2), reason: reason) }
    }

    func answer(_ number: Int, _ body: (inout VersionFile.Entry) -> Void) {
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

    func tell(_ text: String) {
        observer.notice(RunNotice(.warning, time: .zero, text: text))
    }
}
