import Backtest
import Foundation
import Host
import Kernel
import Notifications
import Platform
import Ports
import Storage
import StrategyServers
import TradingModel

/// Drives one run from its parts: describe, open the log, feed, drain, sum up.
final class RunSession: Sendable {
    let assembly: RunAssembly
    let feed: any RecordedFeed
    let observer: any RunObserver
    /// Of notices it reads warnings and words of the kill switch alone.
    private let warnsAlone: Bool
    /// Of a paced run, which waits for nobody: not for who reads what it says either.
    private let aside: AsideObserver?
    let control: RunControl
    private let killWatch = Locked<KillWatch?>(nil)
    /// Of the kill switch, which is to outlive the process.
    /// What is being written of the kill switch: no process ends in the middle of it.
    private let keeping = DispatchGroup()
    private let isKeptInVain = Locked(false)
    /// Servers that are asked who they are; a stop does not wait for them.
    let asked = Locked<[StrategySession]>([])
    /// Of a run that can be changed.
    let changes = Locked<ChangeKeeper?>(nil)
    /// `nil` for a run of its own right.
    let trial: Trial?

    /// A run for its outcome's sake.
    struct Trial: Sendable {
        /// Where its servers' states lie meanwhile.
        var folder: String
        /// Whether log and tables are kept, as of any other run.
        var isKept = false
        /// Takes each fill, on the loop's thread.
        var booked: @Sendable (BookedFill) -> Void
        /// Told when the loop begins, what it runs by.
        var began: @Sendable (KernelPlan, MarketPlan) -> Void
    }

    init(
        _ assembly: RunAssembly, feed: any RecordedFeed, observer: any RunObserver,
        warnsAlone: Bool = false, trial: Trial? = nil
    ) {
        self.trial = trial
        self.warnsAlone = warnsAlone
        self.assembly = assembly
        self.feed = feed
        aside = assembly.speed == nil ? nil : AsideObserver(observer)
        self.observer = aside ?? observer
        control = RunControl(assembly.doorbell)
    }

    /// Ends the run behind the step in hand. Any thread; harmless when repeated.
    func stop(_ reason: String) {
        control.stop(reason)
        for session in asked.withLock({ $0 }) { session.giveUp() }
    }

    /// Throws the kill switch of the folder, as `madang kill` does. Any thread; harmless when repeated.
    func kill(_ reason: String) {
        keeping.enter()
        defer { keeping.leave() }
        if let watch = killWatch.withLock({ $0 }) { return watch.throwSwitch(reason) }
        // Nothing runs yet, or nothing any more: the next start begins with it.
        do {
            _ = try KillSwitch(folder: assembly.root).set(true, reason: reason)
        } catch {
            Self.complain("the kill switch is not on, for it cannot be kept: \(error)")
        }
    }

    /// Blocks until a kill is in the folder: the process may end then.
    ///
    /// - Parameter patience: Waited at most, ms.
    func keepKill(within patience: Int) { keepKill(within: patience) { Self.complain($0) } }

    private func keepKill(within patience: Int, _ tell: (String) -> Void) {
        // Who was waited for in vain is not waited for again.
        guard !isKeptInVain.withLock({ $0 }),
            keeping.wait(timeout: .now() + .milliseconds(patience)) == .timedOut
        else { return }
        isKeptInVain.withLock { $0 = true }
        tell(
            "the kill switch is not in \(assembly.root) yet, for the disk does not answer: the next"
                + " start may begin without it; say it again: madang kill")
    }

    /// Whoever shows the run may be through, or not have begun.
    private static func complain(_ text: String) {
        FileHandle.standardError.write(Data((printable(text) + "\n").utf8))
    }

    /// - Throws: ``RunError``.
    func run(fresh: Bool) async throws -> RunSummary {
        if let trial, !trial.isKept { return try await run(fresh: true, nil) }
        aside?.start()
        defer { aside?.finish() }
        // Two hosts in one folder would share their servers' sockets.
        let lock = try hold(assembly.root)
        defer { withExtendedLifetime(lock) {} }
        let kill = KillWatch(
            KillSwitch(folder: assembly.root), control, observer: observer, keeping: keeping)
        try kill.start()
        killWatch.withLock { $0 = kill }
        defer {
            killWatch.withLock { $0 = nil }
            // Before another host may begin in this folder.
            keepKill(within: 5_000) {
                observer.notice(RunNotice(.warning, time: .zero, text: $0))
            }
        }
        let desks = DeskWatch(
            DeskRequests(folder: assembly.root), control, observer: observer)
        desks.start()
        defer { withExtendedLifetime(desks) {} }
        let exits = ExitWatch(ExitFile(folder: assembly.root), control, observer: observer)
        exits.start()
        defer { withExtendedLifetime(exits) {} }
        try await endLeftovers()
        let messenger = trial == nil ? RunMessenger(assembly, observer: observer) : nil
        do {
            var summary = try await run(fresh: fresh, messenger)
            await messenger?.end()
            summary.channels = messenger?.standings
            return summary
        } catch {
            let reason = String("\(error)".prefix { !$0.isNewline })
            let left = tell(control.leftAtFailure ?? LeftOpen())
            messenger?.stopped(
                reason, isFailure: (error as? RunError)?.code != .stopped, left: left)
            await messenger?.end()
            throw error
        }
    }

    /// Servers of a host that was killed, should one have outlived it, before new ones meet theirs.
    private func endLeftovers() async throws(RunError) {
        let launches = assembly.configuration.strategies.contains { setting in
            setting.servers.contains { !$0.launch.isEmpty }
        }
        if launches, assembly.keepsRecords, !RunFolder.makeFolder(assembly.records) {
            throw RunError.noFolder(assembly.records)
        }
        for found in await Leftovers(folder: assembly.records).end() {
            observer.notice(RunNotice(.warning, time: .zero, text: "\(found)"))
        }
    }

    private func run(fresh: Bool, _ messenger: RunMessenger?) async throws -> RunSummary {
        let keeper = QuarantineKeeper(
            QuarantineFile(folder: trial?.folder ?? assembly.root), observer: observer)
        let versions = VersionKeeper(
            VersionFile(folder: assembly.root), assembly.configuration, hears: trial == nil,
            control, observer: observer)
        let parts = try assembly.serverParts(keeper, candidates: try versions.candidates())
        keeper.start(
            Dictionary(
                parts.map { ($0.name, $0.session) }, uniquingKeysWith: { first, _ in first }
            ))
        defer { keeper.stop() }
        tellQuarantined(parts)
        do {
            let descriptions = try await describe(parts)
            try versions.start(parts, descriptions)
            defer { versions.stop() }
            let summary = try await run(parts, descriptions, versions, fresh: fresh, messenger)
            await end(parts, reason: "the run is over")
            return summary
        } catch {
            await end(parts, reason: "the host stops")
            throw error
        }
    }

    private func hold(_ folder: String) throws(RunError) -> FolderLock {
        guard RunFolder.makeFolder(folder) else {
            throw RunError(
                .store,
                "\(folder): the folder cannot be made or entered: \(systemMessage(errno))"
                    + "\n  make it yours to write, or give another store: folder")
        }
        do { return try FolderLock(folder: folder) } catch { throw RunError(.store, "\(error)") }
    }

    func stop(_ parts: [RunAssembly.ServerPart], reason: String) async {
        await withTaskGroup(of: Void.self) { group in
            for part in parts {
                group.addTask { await part.session.stop(within: .seconds(2), reason: reason) }
            }
        }
    }

    private func end(_ parts: [RunAssembly.ServerPart], reason: String) async {
        await stop(parts, reason: reason)
        await assembly.queue.shutdown()
        assembly.nursery.shutDown()
    }

    // MARK: Run

    private func run(
        _ parts: [RunAssembly.ServerPart], _ all: [ServerDescription], _ versions: VersionKeeper,
        fresh: Bool, _ messenger: RunMessenger?
    ) async throws -> RunSummary {
        tellUnheard(parts, all)
        // A standby is its main server's equal, or refused.
        let mains = zip(parts, all).filter { $0.0.slot == .main && $0.0.seat == .main }
        try refuseUnequalServers(parts, all)
        let descriptions = Dictionary(
            mains.map { ($0.0.index, $0.1) }, uniquingKeysWith: { first, _ in first })
        let market = assembly.marketPlan(descriptions)
        try refuseTooMany(market)
        try refuseUnanchored(market)
        try refuseStrangeInputs(parts, all, market)
        let plan = assembly.kernelPlan(descriptions, market)
        let stores = try openStores(fresh: fresh)
        if trial?.isKept != false {
            try RunFolder.keep(descriptions, in: stores.folder)
            try RunFolder.keep(shards: assembly.shards, in: stores.folder)
        }
        let head = RunHead(
            run: stores.run, identity: assembly.identity, market: words(market),
            servers: mains.map { words($0.0, $0.1) }, host: stores.host)
        let links = zip(parts, all).map { part, description in
            link(part, description, instruments: plan.instruments.count)
        }
        var setup = RunSetup(
            head: head, folder: stores.folder, plan: plan, market: market, recording: feed,
            paper: assembly.paper, log: stores.log,
            projections: stores.projections, digest: assembly.digest, clock: assembly.clock,
            doorbell: assembly.doorbell, sessions: links, observer: observer,
            control: control)
        for (index, setting) in assembly.configuration.strategies.enumerated() {
            // One that was deployed is off until its order is heard.
            let isDeployed = parts.contains { $0.index == index && $0.slot == .candidate }
            guard
                let plan = setting.candidate?.plan
                    ?? (isDeployed ? VersionPlan(live: .main, other: .none) : nil)
            else { continue }
            setup.versions[SourceID(index)] = plan
        }
        setup.speed = assembly.speed
        setup.warnsAlone = warnsAlone
        setup.lend = { [queue = assembly.queue] body in queue.lend(body) }
        setup.patience = assembly.configuration.patience
        if assembly.speed != nil { setup.watch = assembly.configuration.watchSettings }
        if trial?.isKept != false { setup.bars = assembly.configuration.bars }
        setup.news = messenger?.desk(of: stores.run, nextRecord: stores.log.nextNumber)
        setup.booked = trial?.booked
        if trial == nil, let brokers = assembly.brokerSetup() {
            setup.brokers = BrokerLines(
                brokers, log: stores.log, doorbell: assembly.doorbell, clock: assembly.clock)
        }
        let lineUp = LineUp(assembly, market, plan, descriptions)
        let changes = trial == nil ? changeKeeper(setup, lineUp, messenger) : nil
        if let changes { setup.replan = { try changes.replan($0) } }
        let last = try schedule(lineUp)
        var known = plan
        known.sources += last.plan.sources.dropFirst(plan.sources.count)
        trial?.began(known, market)
        self.changes.withLock { $0 = changes }
        defer { changes?.stop() }
        let summary: RunSummary
        do {
            summary = try await drive(setup, parts, versions)
        } catch {
            stores.settle()
            throw error
        }
        stores.settle()
        tellOddities()
        tellSlow(parts)
        if summary.end == "finished" {
            if assembly.isOutside, let held = summary.held, held > 0 {
                let line = Texts(.en).leftBehind(held)
                observer.notice(RunNotice(.warning, time: .zero, text: line))
            }
            // A run that counts as over is not read again: its messages must be in the outbox by then.
            await messenger?.end()
            let text = try String(decoding: JSONEncoder.stable.encode(summary), as: UTF8.self)
            do {
                try stores.finish(Timestamp(nanoseconds: assembly.clock.utc()), text)
            } catch let error as StoreError {
                throw RunError(.store, "\(error)")
            }
        } else {
            let left = tell(
                LeftOpen(positions: summary.held ?? 0, orders: summary.resting ?? 0))
            messenger?.stopped(
                control.stopReason ?? summary.end, isFailure: false, left: left)
        }
        return summary
    }

    /// - Returns: What is told: as fast as possible nothing is left to anybody.
    private func tell(_ left: LeftOpen) -> LeftOpen {
        guard assembly.speed != nil, !left.isEmpty else { return LeftOpen() }
        for line in Texts(.en).leftOpen(left) {
            observer.notice(RunNotice(.warning, time: .zero, text: line))
        }
        return left
    }

    private func changeKeeper(
        _ setup: RunSetup, _ lineUp: LineUp, _ messenger: RunMessenger?
    ) -> ChangeKeeper {
        ChangeKeeper(
            ChangeFile(folder: assembly.root), run: setup.head.run, lineUp, feed: feed, control,
            observer: observer
        ) { messenger?.follow($0) }
    }

    /// Asks for the changes that the configuration has; those that the log knows are not taken again.
    ///
    /// - Returns: The line-up behind the last.
    private func schedule(_ first: LineUp) throws -> LineUp {
        var lineUp = first
        for scheduled in assembly.configuration.changes {
            let next: LineUp
            do { next = try lineUp.behind(scheduled.text.text, of: scheduled.path) } catch {
                throw RunError(.configuration, "\(scheduled.path): \(error)")
            }
            if let change = next.changes.last {
                control.change(
                    PlanRequest(
                        change, next.plan, instead: lineUp.plan, behind: scheduled.behind,
                        inputs: lineUp.inputs))
            }
            lineUp = next
        }
        return lineUp
    }

    func link(
        _ part: RunAssembly.ServerPart, _ description: ServerDescription, instruments: Int
    ) -> SessionLink {
        let account = AccountID(
            assembly.configuration.accounts.firstIndex { $0.name == part.setting.account } ?? 0)
        let mayChange =
            assembly.speed != nil && part.setting.standby == nil && part.setting.shardPlan == nil
            && description.independentInstruments && description.followsInstruments
            && !description.readsAccount
        let subscription = Subscription(
            description, instruments: part.setting.symbols, of: instruments, account: account,
            roster: mayChange
                ? SessionRoster(part.session.plan.instruments, of: instruments) : nil)
        let lane = SessionLane(
            SourceID(part.index), clock: assembly.clock, doorbell: assembly.doorbell,
            isLockstep: assembly.speed == nil)
        return SessionLink(
            name: part.name, place: part.session.plan.place, source: SourceID(part.index),
            slot: part.slot, shard: part.shard, seat: part.seat, order: part.order,
            description: description,
            subscription: subscription, lane: lane)
    }
}
