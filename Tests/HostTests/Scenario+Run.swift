import Kernel
import PaperExchange
import Platform
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

extension Scenario {
    /// Runs as fast as possible, from where the log ends, to the end of the recording or to the stop.
    func run(
        _ start: Start = Start(), _ change: (inout RunSetup) -> Void = { _ in }
    ) throws -> RunSummary {
        try runWithout(session: nil, start, change)
    }

    /// - Parameter absent: A server that is never heard of.
    func runWithout(
        session absent: Int?, _ start: Start, _ change: (inout RunSetup) -> Void = { _ in }
    ) throws -> RunSummary {
        let journal = AccountJournal()
        var changed = setup(start, isLockstep: true)
        change(&changed)
        let setup = changed
        let run = LockstepRun(setup, journal: journal)
        let guests = Guests()
        defer { guests.stop() }
        let orders = orders(start, setup, guests) { link in
            (nil, ReplayFeed(feed, market, link.subscription, journal))
        }
        let sessions = setup.sessions.enumerated().map { index, link in
            let orderServer = start.orderServer
            let stopAt = start.stopAt.flatMap { $0.server == index ? $0.event : nil }
            let counter = Counter()
            let mood = MoodJudge(
                seed: servers[index].seed ?? UInt64(index), onceIn: servers[index].onceIn
            ) { _ in
                let count = counter.next()
                if count == stopAt { run.stop("test") }
                if index == orderServer { orders[count]?() }
            }
            let replay = ReplayFeed(feed, market, link.subscription, journal)
            return ThreadSession(
                replay, link.lane, servers[index].judge ?? mood, habits(start, index))
        }
        defer { for session in sessions { session.stop() } }
        return try run.run {
            for (index, session) in sessions.enumerated() where index != absent { session.start() }
        }
    }

    /// Makes the tables anew by a log, as `madang store rebuild` does.
    func rebuild(
        _ log: MemoryLog, into tables: MemoryProjections, paced: Bool = true
    ) throws -> TableRebuild {
        var start = Start()
        (start.log, start.projections) = (MemoryLog(log.records), tables)
        return try TableRebuild(setup(start, isLockstep: !paced))
    }

    /// Asked to stop before the log was read.
    func runStopped(_ start: Start, paced: Bool) throws -> RunSummary {
        let setup = setup(start, isLockstep: !paced)
        if paced {
            let run = PacedRun(setup, feeds: [], speed: 1)
            run.stop("test")
            return try run.run {}
        }
        let run = LockstepRun(setup, journal: AccountJournal())
        run.stop("test")
        return try run.run {}
    }

    /// Runs at a pace so fast that no row is waited for; servers are late or not, as it happens.
    func runPaced(
        _ start: Start = Start(), speed: Double = 1e15,
        _ change: (inout RunSetup) -> Void = { _ in }
    ) throws -> RunSummary {
        var changed = setup(start, isLockstep: false)
        change(&changed)
        let setup = changed
        let feeds = setup.sessions.map { link in
            PacedRun.Feed(
                link: link, ring: RingFeed(link.subscription, inputs: link.description.inputs))
        }
        let run = PacedRun(setup, feeds: feeds, speed: speed)
        let orderServer = start.orderServer
        let guests = Guests()
        defer { guests.stop() }
        let orders = orders(start, setup, guests) { link in
            let ring = RingFeed(link.subscription, inputs: link.description.inputs)
            return (ring, ring)
        }
        let sessions = feeds.enumerated().map { index, feed in
            let counter = Counter()
            let mood = MoodJudge(
                seed: servers[index].seed ?? UInt64(index), onceIn: servers[index].onceIn
            ) { _ in
                let count = counter.next()
                if index == orderServer { orders[count]?() }
            }
            return ThreadSession(
                feed.ring, start.inbox(feed.link.lane), servers[index].judge ?? mood,
                habits(start, index))
        }
        defer { for session in sessions { session.stop() } }
        return try run.run { for session in sessions { session.start() } }
    }

    private func habits(_ start: Start, _ index: Int) -> ThreadSession.Habits {
        var habits = ThreadSession.Habits(seed: start.seed &* 31 &+ UInt64(index))
        habits.breaksOnceIn = start.breaksOnceIn
        habits.keepsState = start.keepsState
        habits.batch = start.batch
        habits.tellsBreaks = start.tellsBreaks
        habits.lost = start.lost[index]
        return habits
    }

    func setup(_ start: Start, isLockstep: Bool) -> RunSetup {
        let doorbell = Doorbell()
        let clock = HostClock()
        let links = servers.map { link($0, clock, doorbell, isLockstep: isLockstep) }
        let head = RunHead(
            run: "r1", identity: identity, market: "m", servers: ["alpha 1", "beta 1"], host: "h1")
        var setup = RunSetup(
            head: head, folder: "memory", plan: plan, market: market, recording: feed,
            paper: .init(feeMicroBasisPoints: 5_000_000, partialFills: true, seed: 3),
            log: start.log, projections: start.projections, digest: PlainSHA256(), clock: clock,
            doorbell: doorbell, sessions: links, observer: start.observer)
        setup.patience = 30_000_000_000
        setup.news = start.news
        setup.versions = versions
        let answers = start.answers
        setup.control.onVersion { order in answers.withLock { $0.append(order) } }
        if let order = start.firstOrder { setup.control.change(order) }
        if !isLockstep { setup.speed = 1 }
        return setup
    }

    private func link(
        _ server: Server, _ clock: HostClock, _ doorbell: Doorbell, isLockstep: Bool
    ) -> SessionLink {
        SessionLink(
            name: server.description.name + (server.slot == .main ? "" : " candidate")
                + (server.seat == .main ? "" : " standby"),
            source: server.source, slot: server.slot, shard: server.shard, seat: server.seat,
            order: server.order,
            description: server.description,
            subscription: Subscription(
                server.description,
                instruments: plan.instruments.map(\.id).filter {
                    plan.sources[Int(server.source.index)].shard(of: $0) == server.shard
                },
                of: plan.instruments.count, account: server.account),
            lane: SessionLane(
                server.source, clock: clock, doorbell: doorbell, isLockstep: isLockstep))
    }

    /// What is asked for, by the event at which it is, with who joins by it.
    private func orders(
        _ start: Start, _ setup: RunSetup, _ guests: Guests,
        feed make: @escaping @Sendable (SessionLink) -> (RingFeed?, any SessionFeed)
    ) -> [Int: @Sendable () -> Void] {
        start.orders.mapValues { order in
            guard let server = start.joining[order.number] else {
                return { setup.control.change(order) }
            }
            let link = link(
                server, HostClock(), setup.doorbell, isLockstep: setup.speed == nil)
            let (ring, feed) = make(link)
            let judge = MoodJudge(seed: server.seed ?? 0, onceIn: server.onceIn)
            let session = ThreadSession(feed, link.lane, judge, habits(start, 9))
            return {
                var order = order
                let joining = JoiningVersion(link, ring: ring) { guests.start(session) }
                // As far as somebody else has read; the loop reads the rest.
                _ = try? joining.catchUp(
                    through: setup.sessions[0].lane.closed.step, limit: 5, self.feed, market)
                order.joining = joining
                setup.control.change(order)
            }
        }
    }
}

/// Sessions that began in the middle of a run.
private final class Guests: Sendable {
    private let sessions = Locked<[ThreadSession]>([])

    func start(_ session: ThreadSession) {
        sessions.withLock { $0.append(session) }
        session.start()
    }

    func stop() { for session in sessions.withLock({ $0 }) { session.stop() } }
}

/// Row by row, table by table, each row with the number of its record.
func expectSameTables(
    _ tables: MemoryProjections, _ others: MemoryProjections,
    at place: SourceLocation = #_sourceLocation
) throws {
    func compare<Row: Equatable>(_ name: String, _ some: [Row], _ other: [Row]) {
        for (one, another) in zip(some, other) where one != another {
            Issue.record("\(name): \(one), and \(another)", sourceLocation: place)
            break
        }
        #expect(some.count == other.count, "\(name)", sourceLocation: place)
    }
    compare("ledger", try tables.ledger(), try others.ledger())
    compare("signals", try tables.signals(), try others.signals())
    compare("orders", try tables.orders(), try others.orders())
    compare("risk", try tables.riskEvents(), try others.riskEvents())
    compare("rounds", try tables.rounds(), try others.rounds())
    compare("events", try tables.events(), try others.events())
    compare("shadows", try tables.shadows(), try others.shadows())
    compare("versions", try tables.versions(), try others.versions())
    compare("bars", try tables.bars(), try others.bars())
}
