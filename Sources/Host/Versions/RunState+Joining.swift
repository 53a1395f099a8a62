import Kernel
import Platform
import Ports
import TradingModel

/// Versions that were not there when the run began, or when it was begun again.
extension RunState {
    /// Takes a session in between two steps, instead of the candidate that was there, or as the first one.
    ///
    /// - Parameter step: The first that it is asked about.
    mutating func take(in joining: JoiningVersion, from step: UInt64) throws(RunFailure) {
        do {
            try joining.catchUp(through: lastStep, setup.recording, setup.market)
        } catch { throw .feed(error) }
        let link = joining.link
        let index = seat(link)
        if let ring = joining.ring {
            let feed = PacedRun.Feed(link: link, ring: ring)
            if index < feeds.count { feeds[index] = feed } else { feeds.append(feed) }
        }
        noteArrival(of: link, from: step)
        joining.join(at: lastStep)
    }

    /// Who it is, and that nobody was there in its place before.
    mutating func noteArrival(of link: SessionLink, from step: UInt64) {
        let alone = VersionPlan(live: .main, other: .none)
        if versions.plan(of: link.source) == nil { noteMain(of: link.source, alone) }
        versions.change(link.source, to: alone, from: step, order: 0)
        notes.append(
            .changed(link.source, alone, from: step, order: 0, reason: "another candidate"))
        notes.append(.described(link.source, link.slot, link.version))
    }

    /// A strategy had one version so far: the tables do not know which.
    private mutating func noteMain(of source: SourceID, _ plan: VersionPlan) {
        let key = SessionKey(source: source, slot: .main)
        guard projector.described[key] == nil,
            let main = sessions.first(where: { $0.key == key })
        else { return }
        notes.append(.changed(source, plan, from: 0, order: 0, reason: "as configured"))
        notes.append(.described(source, .main, main.version))
    }

    /// Whether a session of this start was brought by an order that the log does not know yet.
    func isNew(_ link: SessionLink) -> Bool { link.order > versions.order(of: link.source) }

    /// What the log ended with is not there any more: a live version must be, any other is off from now on.
    mutating func leaveOutAbsent() throws(RunFailure) {
        for index in setup.plan.sources.indices {
            let source = SourceID(index)
            guard let plan = versions.plan(of: source),
                let absent = VersionSlot.allCases.first(where: { slot in
                    plan.isActive(slot)
                        && !sessions.contains { $0.source == source && $0.slot == slot }
                })
            else { continue }
            guard plan.live != absent else {
                throw RunFailure.log(
                    what:
                        "\(setup.folder): the \(absent.name) of '\(setup.plan.sources[index].name)'"
                        + " was live when the run ended, and is not there now",
                    advice: "deploy it again to go on, or begin again with --fresh")
            }
            let alone = VersionPlan(live: plan.live, other: .none)
            let step = lastStep + 1
            let order = versions.order(of: source)
            versions.change(source, to: alone, from: step, order: order)
            notes.append(
                .changed(source, alone, from: step, order: order, reason: "its candidate is gone"))
        }
    }
}

/// The lanes of a run's sessions, as the log's writer reaches them.
final class Lanes: Sendable {
    private let lanes: Locked<[SessionLane]>
    init(_ lanes: [SessionLane]) { self.lanes = Locked(lanes) }

    func set(_ lanes: [SessionLane]) { self.lanes.withLock { $0 = lanes } }

    /// A mark of before a lane was replaced says nothing new to the next one: that begins behind it.
    func acknowledge(_ marks: [EventPosition]) {
        for (lane, mark) in zip(lanes.withLock { $0 }, marks) { lane.acknowledge(mark) }
    }
}
