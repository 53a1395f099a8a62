import Host
import Platform
import Ports
import Storage
import StrategyServers
import TradingModel

/// Versions that come into a run in hand: started and described here, taken in by the loop, fed until its end.
final class Newcomers: Sendable {
    private struct Guest: Sendable {
        let part: RunAssembly.ServerPart
        let feed: any SessionFeed
        let lane: SessionLane
    }
    private struct State {
        var parts: [RunAssembly.ServerPart] = []
        var isOver = false
    }
    private let session: RunSession
    private let setup: RunSetup
    private let journal: AccountJournal
    private let guests = AsyncStream.makeStream(of: Guest.self)
    private let state = Locked(State())
    /// Steps read in one go: they run on a thread that other tasks want too.
    private static let stepsAtOnce = 16_384
    /// What the loop may read itself, between two steps.
    private static let left: UInt64 = 1_024

    init(_ session: RunSession, _ setup: RunSetup, _ journal: AccountJournal) {
        self.session = session
        self.setup = setup
        self.journal = journal
    }

    /// - Parameter index: Of the strategy.
    /// - Throws: Where it does not start, is no server, or wants to hear what the run does not have.
    func bring(
        _ index: Int, _ candidate: CandidateSetting
    ) async throws -> (RunAssembly.ServerPart, JoiningVersion) {
        try refuseOtherSymbols(index)
        let part = try session.assembly.part(index, candidate, [:], nil)
        let isLate = state.withLock { state in
            if !state.isOver { state.parts.append(part) }
            return state.isOver
        }
        guard !isLate else { throw RunError(.refused, "the run is over") }
        do {
            let description = try await part.session.describe(
                within: .nanoseconds(part.server.startWithin))
            try session.refuseStrangeInputs([part], [description], setup.market)
            try refuseAccount(description)
            let joining = try await join(part, description)
            // Somebody may have changed them while it started.
            try refuseOtherSymbols(index)
            return (part, joining)
        } catch {
            await part.session.stop(within: .seconds(2), reason: "it does not join the run")
            throw error
        }
    }

    /// A version that comes later would have those that the run began with.
    private func refuseOtherSymbols(_ index: Int) throws(RunError) {
        guard
            setup.sessions.contains(where: {
                $0.source == SourceID(index) && $0.subscription.roster?.hasChanged == true
            })
        else { return }
        throw RunError(
            .refused,
            "its symbols were changed in this run\n  write them into the configuration, and begin a run"
                + " with it")
    }

    /// Fills of before are kept only where somebody reads them.
    private func refuseAccount(_ description: ServerDescription) throws(RunError) {
        guard setup.speed == nil, description.readsAccount,
            !setup.sessions.contains(where: { $0.subscription.readsAccount })
        else { return }
        throw RunError(
            .refused,
            "it reads its account, whose fills this run has not kept for anybody"
                + "\n  configure it as the strategy's candidate, and start the run anew")
    }

    private func join(
        _ part: RunAssembly.ServerPart, _ description: ServerDescription
    ) async throws -> JoiningVersion {
        let link = session.link(part, description, instruments: setup.plan.instruments.count)
        let ring =
            setup.speed == nil
            ? nil
            : RingFeed(
                link.subscription, inputs: description.inputs, overflow: part.server.overflow,
                capacity: part.server.queue)
        let feed: any SessionFeed =
            ring ?? ReplayFeed(setup.recording, setup.market, link.subscription, journal)
        let joining = JoiningVersion(link, ring: ring) { [guests] in
            guests.continuation.yield(Guest(part: part, feed: feed, lane: link.lane))
        }
        var last = reached
        while try joining.catchUp(
            through: last, limit: Self.stepsAtOnce, setup.recording, setup.market)
            + Self.left < reached
        {
            await Task.yield()
            last = reached
        }
        return joining
    }

    /// As far as the loop was heard to be; it is a little further.
    private var reached: UInt64 { setup.sessions.map { $0.lane.closed.step }.max() ?? 0 }

    /// Feeds who has joined, until ``close()``.
    nonisolated(nonsending) func run(_ snapshots: SnapshotKeeper) async {
        await withDiscardingTaskGroup { group in
            for await guest in guests.stream {
                group.addTask(executorPreference: session.assembly.queue) {
                    await guest.part.session.run(
                        feed: guest.feed, inbox: guest.lane, snapshots: snapshots)
                }
            }
        }
    }

    /// Nobody joins any more.
    ///
    /// - Returns: Everyone who came, for their ends.
    @discardableResult
    func close() -> [RunAssembly.ServerPart] {
        guests.continuation.finish()
        return state.withLock { state in
            state.isOver = true
            return state.parts
        }
    }
}
