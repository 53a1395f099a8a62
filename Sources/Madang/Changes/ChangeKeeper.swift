import Glibc
import Host
import Kernel
import Platform
import Ports
import TradingModel

/// Knows what votes in the run in hand, answers who asks for something else, and brings it to the loop.
final class ChangeKeeper: Sendable {
    private struct State {
        var lineUp: LineUp?
        /// On its way to the loop, with the request that it answers.
        var coming: (lineUp: LineUp, request: ChangeFile.Request)?
        var seen = 0
        var watch: FolderWatch?
    }
    private let file: ChangeFile
    private let run: String
    private let control: RunControl
    private let observer: any RunObserver
    private let feed: any RecordedFeed
    /// Told of the rules that are there now, before their first word.
    private let follow: @Sendable (HostConfiguration) -> Void
    private let state: Locked<State>
    private let market: MarketPlan

    init(
        _ file: ChangeFile, run: String, _ lineUp: LineUp, feed: any RecordedFeed,
        _ control: RunControl, observer: any RunObserver,
        follow: @escaping @Sendable (HostConfiguration) -> Void
    ) {
        self.file = file
        self.run = run
        self.control = control
        self.observer = observer
        self.feed = feed
        self.follow = follow
        market = lineUp.market
        state = Locked(State(lineUp: lineUp))
        control.onChanged { [weak self] change, answer in self?.taken(change, answer) }
    }

    /// In recovery: the kernel's plan behind the changes of the log.
    func replan(_ changes: [PlanChange]) throws -> KernelPlan {
        guard var lineUp = state.withLock({ $0.lineUp }) else { throw Self.over }
        for change in changes.dropFirst(lineUp.changes.count) {
            lineUp = try lineUp.behind(change)
        }
        let last = lineUp
        state.withLock { $0.lineUp = last }
        follow(last.configuration)
        return last.plan
    }

    /// Listens from now on; what was asked before was asked of another.
    func start() {
        let last = (try? file.request())?.number ?? 0
        state.withLock { $0.seen = last }
        let watch = FolderWatch(file.folder) { [weak self] in self?.look() }
        if watch == nil {
            tell(
                "the system has no file watch left: 'madang strategy load' is not heard;"
                    + " see fs.inotify.max_user_instances")
        }
        state.withLock { $0.watch = watch }
    }

    func stop() {
        // Let go outside the lock: it waits for its thread, which may wait for the lock.
        let watch = state.withLock { state in
            defer { state.watch = nil }
            return state.watch
        }
        withExtendedLifetime(watch) {}
        // What the loop did not come to.
        let (coming, now) = state.withLock { state in
            defer { (state.coming, state.lineUp) = (nil, nil) }
            return (state.coming?.request, state.lineUp)
        }
        guard let coming, let now else { return }
        var answer = answer(to: coming, now)
        answer.refused = "the run ended before it was taken"
        answer.code = ExitCode.stopped.rawValue
        do { try file.write(answer) } catch { tell("\(error)") }
    }

    // MARK: Requests

    /// On the watching thread.
    private func look() {
        do {
            guard let request = try file.request(), request.process == getpid() else { return }
            let isNew = state.withLock { state in
                defer { state.seen = max(state.seen, request.number) }
                return request.number > state.seen
            }
            if isNew { try hear(request) }
        } catch {
            tell("\(error)")
        }
    }

    private func hear(_ request: ChangeFile.Request) throws(RunError) {
        guard let now = state.withLock({ $0.lineUp }) else { return }
        var answer = answer(to: request, now)
        do {
            guard let next = try next(request, now) else {
                answer.entries = request.wish == .showLimits ? now.limits : now.entries
                return try file.write(answer)
            }
            answer.words = next.changes.last?.words ?? []
            guard let basis = request.basis else { return try file.write(answer) }
            try bring(next, request, now, basis)
        } catch {
            answer.refused = "\(error)"
            answer.code =
                (error as? RunError)?.code.rawValue ?? ExitCode.configuration.rawValue
            try file.write(answer)
        }
    }

    private func answer(to request: ChangeFile.Request, _ now: LineUp) -> ChangeFile.Answer {
        ChangeFile.Answer(number: request.number, process: getpid(), run: run, basis: now.hash)
    }

    /// - Returns: What is asked for; `nil` where nothing is to change.
    private func next(_ request: ChangeFile.Request, _ now: LineUp) throws -> LineUp? {
        switch request.wish {
        case .show, .showLimits: return nil
        case .put(let text, let file): return try now.behind(text, of: file)
        case .replaceRules(let text, let file):
            let other = try ConfigurationLoader.pieces(
                text, of: file, in: now.assembly.configuration)
            var wish = PieceText(pieces: other.configuration.pieces)
            let names = wish.pieces.map(\.name)
            wish.removed = now.pieces.filter { $0.kind == .rule && !names.contains($0.name) }
                .map(\.name)
            return try now.behind(wish.text, of: file)
        case .set(let name, let values):
            guard var piece = (now.pieces + now.servers).first(where: { $0.name == name }) else {
                throw now.unknown(name)
            }
            for value in values { try piece.set(value.key, value.value) }
            return try now.behind(PieceText(pieces: [piece]).text, of: "set \(name)")
        case .limit(let account, let values):
            let known = now.assembly.configuration.accounts.map(\.name)
            if let account, !known.contains(account) {
                let near = nearestName(to: account, in: known)
                throw RunError(
                    .usage,
                    "there is no account '\(account)'\n  there are: "
                        + known.joined(separator: ", ")
                        + (near.map { "   did you mean '\($0)'?" } ?? ""))
            }
            var risk = now.configuration.risk.written
            try risk.set(values, of: account)
            return try now.behind(PieceText(risk: risk).text, of: "risk set")
        case .remove(let names):
            return try now.behind(PieceText(removed: names).text, of: "unload")
        }
    }

    private func bring(
        _ next: LineUp, _ request: ChangeFile.Request, _ now: LineUp, _ basis: String
    ) throws {
        guard basis == now.hash else {
            throw RunError(
                .refused,
                "the run was changed since you were shown this\n  look again, and ask again")
        }
        guard now.changes.count >= now.assembly.configuration.changes.count else {
            throw RunError(
                .refused,
                "changes that the configuration has are still to come\n  ask again behind the last")
        }
        let isFree = state.withLock { state in
            guard state.coming == nil else { return false }
            state.coming = (next, request)
            return true
        }
        guard isFree, let newest = next.changes.last else {
            throw RunError(.refused, "another change is on its way\n  ask again when it is there")
        }
        let change = PlanRequest(newest, next.plan, instead: now.plan, inputs: next.inputs)
        do {
            // The loop reads what is left: the first reading may be long, the second is not.
            for _ in 0..<2 { try change.entrance.catchUp(through: control.reached, feed, market) }
        } catch {
            state.withLock { $0.coming = nil }
            throw error
        }
        control.change(change)
    }

    /// On the loop's thread: it stands in the durable log, or is refused.
    private func taken(_ change: PlanChange, _ taken: PlanAnswer) {
        let (request, lineUp) = state.withLock { state in
            let request = state.coming?.request
            if taken.refused != nil {
                // The line-up stays as it is.
            } else if let coming = state.coming {
                state.lineUp = coming.lineUp
            } else if let now = state.lineUp {
                // Of the configuration's: it was tried before the run began.
                state.lineUp = (try? now.behind(change)) ?? now
            }
            state.coming = nil
            return (request, state.lineUp)
        }
        guard let lineUp else { return }
        if taken.refused == nil { follow(lineUp.configuration) }
        guard let request else { return }
        var answer = answer(to: request, lineUp)
        if let refused = taken.refused {
            answer.refused = refused
            answer.code = ExitCode.refused.rawValue
            do { try file.write(answer) } catch { tell("\(error)") }
            return
        }
        answer.words = change.words
        answer.change = change.number
        answer.step = taken.step
        answer.left = taken.left
        do { try file.write(answer) } catch { tell("\(error)") }
    }

    private static let over = RunError(.stopped, "the run is over")

    private func tell(_ text: String) {
        observer.notice(RunNotice(.warning, time: .zero, text: text))
    }
}
