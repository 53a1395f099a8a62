import Backtest
import Host
import Platform
import Ports
import Storage
import StrategyServers

extension RunSession {
    /// The parts of a run whose log is only read: as it was begun, with servers that are not asked.
    ///
    /// - Parameter folder: The run's.
    /// - Throws: ``RunError`` where who its servers were is not known.
    func setup(
        reading log: LogView, folder: String, into projections: any ProjectionStore
    ) throws -> RunSetup {
        try setup(reading: log, folder: folder, projections)
    }

    /// The parts of a run whose ledger alone is read from its log.
    ///
    /// - Throws: ``RunError`` where who its servers were is not known.
    func setup(booking log: LogView, folder: String) throws -> RunSetup {
        try setup(reading: log, folder: folder, UnkeptRows())
    }

    /// The parts of a run that is decided again: by this configuration, be it the run's or another.
    ///
    /// - Parameter isOther: It is another: what changes of the run come to is not held against what they came to.
    /// - Throws: ``RunError`` where who its servers were is not known.
    func setup(deciding log: LogView, folder: String, isOther: Bool) throws -> RunSetup {
        try setup(reading: log, folder: folder, UnkeptRows(), isDecidedBy: isOther)
    }

    /// - Parameter isDecidedBy: Whether by another configuration; `nil`: nothing is decided.
    private func setup(
        reading log: LogView, folder: String, _ projections: any ProjectionStore,
        isDecidedBy isOther: Bool? = nil
    ) throws -> RunSetup {
        // What a candidate said is in the log, and so is who of a strategy's versions was heard.
        let parts = try assembly.serverParts(candidates: isOther == nil ? nil : [:])
        let known = try RunFolder.servers(of: folder)
        let links = try parts.map { part in
            guard part.slot == .main, let description = known[part.index] else {
                throw RunError(
                    .refused,
                    "who '\(part.name)' was is not kept with this run"
                        + (isOther == nil
                            ? "\n  madang run writes its tables from the log, with its servers up"
                            : ""))
            }
            return (part, description)
        }
        let market = assembly.marketPlan(known)
        let plan = assembly.kernelPlan(known, market)
        let head = RunHead(
            run: log.identity.runID, identity: assembly.identity, market: words(market),
            servers: links.filter { $0.0.seat == .main }.map { words($0.0, $0.1) },
            host: try RunFolder.hostID(in: assembly.root))
        var setup = RunSetup(
            head: head, folder: folder, plan: plan, market: market, recording: feed,
            paper: assembly.paper, log: log, projections: projections, digest: assembly.digest,
            clock: assembly.clock, doorbell: assembly.doorbell,
            sessions: links.map { link($0.0, $0.1, instruments: plan.instruments.count) },
            observer: observer)
        setup.speed = assembly.speed
        setup.bars = assembly.configuration.bars
        setup.readBrokers = assembly.brokerPlaces
        let lineUp = LineUp(assembly, market, plan, known)
        setup.replan = { changes in
            var last = lineUp
            for change in changes {
                last =
                    isOther == true
                    ? try last.behind(change.text, of: "change \(change.number)")
                    : try last.behind(change)
            }
            return last.plan
        }
        return setup
    }
}
