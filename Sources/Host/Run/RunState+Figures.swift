import Kernel
import Platform
import Ports
import TradingModel

/// What is told of a run while it goes on, and at its end.
extension RunState {
    /// When the observer is to be told next, monotonic ns; `nil`: never.
    var progressDue: Int64? { setup.observer.progressEvery == nil ? nil : nextProgress }

    /// Tells the observer how far the run is, if it is time to.
    mutating func tellProgress(_ reader: StepReader, now: Int64, lag: Int64? = nil) {
        guard let every = setup.observer.progressEvery, now >= nextProgress else { return }
        nextProgress = now + every
        outside = reader.outside
        let positions = engine.kernel.positions().map { view in
            RunProgress.Position(
                account: setup.plan.accounts[Int(view.key.account.index)].name,
                symbol: setup.plan.instruments[Int(view.key.instrument.index)].symbol,
                held: view.held, average: view.averagePrice, last: view.last,
                realised: view.realised, exits: exits(of: view))
        }
        var progress = RunProgress(
            summary: figures(late: reader.late), time: time, lag: lag,
            fraction: reader.fraction, events: setup.given(), positions: positions)
        progress.isKilled = engine.kernel.isKilled
        progress.killedParts = engine.kernel.killedParts.compactMap {
            KillWords.part($0, engine.kernel.plan)
        }
        progress.channels = setup.news?.channels ?? []
        setup.observer.progress(progress)
    }

    private func exits(of view: PositionView) -> RunProgress.Exits? {
        guard view.held.isPositive, let guarded = engine.kernel.positionGuard(of: view.key) else {
            return nil
        }
        let tiers = zip(guarded.plan.tiers, guarded.isFired)
        // A stop of all that is held withdraws the others.
        let isLast = tiers.contains { $1 && $0.trigger.isStop && $0.share == .rest }
        let left = isLast ? [] : tiers.filter { !$1 }.map { "\($0.0)" }
        let wait: RunProgress.Exits.Wait? =
            if engine.kernel.areExitsHeld, guarded.plan != .everything {
                .held
            } else if engine.kernel.isHalted(view.key.instrument) {
                .halted
            } else { guarded.doubtedSince == nil ? nil : .doubted }
        // One of a plan that guarded it before has a tier of that plan.
        let own = guarded.exits.filter { $0.open.isPositive && !$0.isStale }
        let selling = Set(own.map(\.tier)).sorted()
        return RunProgress.Exits(
            left: left, selling: selling.map { "\(guarded.plan.tiers[$0])" }, wait: wait)
    }

    func summary(end: String, late: Int, seconds: Double) -> RunSummary {
        var summary = figures(late: late)
        summary.end = end
        summary.ledgerHash = projector.ledgerHash
        // With a step in hand there is no state that another run could come to.
        summary.stateHash = lastStep == decidedStep ? hex(engine.stateHash()) : ""
        summary.seconds = seconds
        summary.resumedEvents = resumedEvents > 0 ? resumedEvents : nil
        return summary
    }

    /// Of brokers outside: a paper broker's rest with its host.
    var left: LeftOpen {
        LeftOpen(
            positions: engine.kernel.positions().count { $0.held != .zero },
            orders: dispatcher.map { open in open.unended.count { !open.unsent.contains($0) } } ?? 0
        )
    }

    /// What can be told at any time.
    private func figures(late: Int) -> RunSummary {
        var summary = projector.counts
        summary.run = setup.head.run
        summary.steps = decidedStep
        summary.lateTicks = late
        summary.outsideHours = outside > 0 ? outside : nil
        summary.skippedRows = setup.recording.counts.skipped
        summary.fees = "\(projector.fees)"
        summary.tax = projector.tax.map { "\($0)" }
        let servers = setup.servers()
        for (index, figures) in servers.enumerated()
        where index < sessions.count && !isSpare(index) {
            guard let figures else { continue }
            let source = Int(sessions[index].source.index)
            summary.sources[source].server =
                summary.sources[source].server?.adding(figures) ?? figures
        }
        for duty in standbys { add(standby: duty, servers, to: &summary) }
        for (index, link) in sessions.enumerated() where !isSpare(index) {
            let source = Int(link.source.index)
            let latency = latencies[index].latency
            let counts = projector.sessions[link.key] ?? .init()
            if link.slot == versions.plan(of: link.source)?.live ?? .main {
                summary.sources[source].latency = latency
                summary.sources[source].leftOut = counts.leftOut
            }
            add(shard: index, index < servers.count ? servers[index] : nil, to: &summary)
            guard let plan = versions.plan(of: link.source) else { continue }
            summary.sources[source].versions =
                (summary.sources[source].versions ?? []) + [
                    RunSummary.Version(
                        slot: link.slot.name, version: link.version.version,
                        model: link.version.model, role: plan.role(of: link.slot),
                        results: counts.results, notHeard: counts.shadows,
                        failures: counts.failures, state: counts.state, leftOut: counts.leftOut,
                        latency: latency)
                ]
        }
        let left = left
        summary.held = left.positions
        summary.resting = left.orders > 0 ? left.orders : nil
        for (index, account) in setup.plan.accounts.enumerated() {
            let id = AccountID(index)
            var realised = Money.zero
            for position in engine.kernel.positions() where position.key.account == id {
                realised += position.realised
            }
            summary.realisedPnl[account.name] = "\(realised)"
            let corrected = projector.corrected[id]
            if let corrected {
                summary.corrected = summary.corrected ?? [:]
                summary.corrected?[account.name] = "\(corrected)"
            }
            if let equity = engine.kernel.equity(of: id) {
                summary.pnl[account.name] = "\(equity - account.cash - (corrected ?? .zero))"
            }
        }
        return summary
    }
}
