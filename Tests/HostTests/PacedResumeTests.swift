import Kernel
import Platform
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

/// Where sessions go on behind a killed host at a pace.
@Suite struct PacedResumeTests {
    /// Keeps what was delivered, and passes it on.
    private final class KeepingInbox: SessionInbox {
        let lane: SessionLane
        private let kept = Locked<[SessionLane.Identity]>([])
        init(_ lane: SessionLane) { self.lane = lane }
        var delivered: [SessionLane.Identity] { kept.withLock { $0 } }

        func resumePoint() -> (watermark: EventPosition, known: EventPosition) {
            lane.resumePoint()
        }
        func deliver(_ results: [ReceivedResult]) -> Bool {
            kept.withLock { $0 += results.map(SessionLane.Identity.init) }
            return lane.deliver(results)
        }
        func onRoom(_ wake: @escaping @Sendable () -> Void) { lane.onRoom(wake) }
        func watermark(_ position: EventPosition) { lane.watermark(position) }
        var acknowledged: EventPosition { lane.acknowledged }
        func report(_ report: SessionReport) { lane.report(report) }
    }

    /// What a start finds, before any session is connected.
    private struct Found {
        var points: [(watermark: EventPosition, known: EventPosition)] = []
        /// By session: what it is sent from the start of the run on, as far as the log reaches.
        var events: [[SessionEvent]] = []
        var end = EventPosition.start
    }

    private static func start(_ scenario: Scenario, _ records: some Collection<[UInt8]>) throws
        -> Found
    {
        var start = Scenario.Start()
        start.log = MemoryLog(records)
        let setup = scenario.setup(start, isLockstep: false)
        let feeds = setup.sessions.map {
            PacedRun.Feed(
                link: $0, ring: RingFeed($0.subscription, inputs: $0.description.inputs))
        }
        let run = PacedRun(setup, feeds: feeds, speed: 1)
        let found = Locked(Found())
        _ = try run.run {
            found.withLock { found in
                for feed in feeds {
                    found.points.append(feed.link.lane.resumePoint())
                    var events: [SessionEvent] = []
                    _ = feed.ring.pull(after: .start, limit: 1_000_000, into: &events)
                    found.events.append(events)
                }
            }
            run.stop("test")
        }
        return found.withLock { $0 }
    }

    private static func scenario(_ seed: UInt64) -> Scenario {
        let random = Scenario.random(seed + 300, rows: 200)
        return switch seed % 3 {
        case 0: random
        case 1: random.withShards(2)
        default: random.withStandbys()
        }
    }

    /// Behind whatever record the log breaks off: what a server had said and the log does not hold lies behind
    /// where it goes on, and every event from there is at hand.
    @Test(arguments: seeds(0..<6, by: 10))
    func nothingThatTheLogLostIsPassedOver(_ seed: UInt64) throws {
        let scenario = Self.scenario(seed)
        let inboxes = Locked<[KeepingInbox]>([])
        var whole = Scenario.Start()
        whole.seed = seed
        whole.inbox = { lane in
            let inbox = KeepingInbox(lane)
            inboxes.withLock { $0.append(inbox) }
            return inbox
        }
        _ = try scenario.runPaced(whole)
        let records = whole.log.records
        let delivered = inboxes.withLock { $0.map(\.delivered) }
        var lost = 0
        var gone = 0
        for count in stride(from: 2, to: records.count, by: 5) {
            var held = [Set<SessionLane.Identity>](repeating: [], count: 3)
            for case .signal(let signal, _) in try facts(MemoryLog(records.prefix(count))) {
                held[Int(signal.source.index)].insert(
                    SessionLane.Identity(
                        position: signal.position, instrument: signal.instrument,
                        index: signal.index))
            }
            let found = try Self.start(scenario, records.prefix(count))
            for (index, server) in scenario.servers.enumerated() {
                let point = found.points[index].watermark
                #expect(point <= found.points[index].known)
                let missing = delivered[index].filter {
                    !held[Int(server.source.index)].contains($0)
                        && $0.position <= found.points[index].known
                }
                #expect(missing.allSatisfy { $0.position > point }, "cut behind \(count)")
                let positions = Set(found.events[index].map(\.position))
                #expect(missing.allSatisfy { positions.contains($0.position) })
                lost += missing.count
                gone += point > .start ? 1 : 0
            }
        }
        #expect(lost > 0 && gone > 0, "there is something to be passed over")
    }

    /// Its fills are at hand again, at their positions: who reads them needs no new history.
    @Test(arguments: seeds(0..<3, by: 10))
    func fillsAreRecalledWhereTheyWere(_ seed: UInt64) throws {
        let scenario = Scenario.random(seed + 310, rows: 200)
        let start = Scenario.Start()
        let heard = Locked<[SessionEvent]>([])
        let setup = scenario.setup(start, isLockstep: false)
        let feeds = setup.sessions.map {
            PacedRun.Feed(
                link: $0, ring: RingFeed($0.subscription, inputs: $0.description.inputs))
        }
        let reader = feeds[1].ring
        reader.onMore {
            heard.withLock { heard in
                _ = reader.pull(
                    after: heard.last?.position ?? .start, limit: 1_000_000, into: &heard)
            }
        }
        _ = try PacedRun(setup, feeds: feeds, speed: 1e15).run {}
        let before = heard.withLock { $0 }
        let fills = before.count { if case .account = $0.kind { true } else { false } }
        #expect(fills > 3)
        // Without its last record the run is not over.
        let found = try Self.start(scenario, start.log.records.dropLast())
        #expect(found.events[1].map(\.position) == before.map(\.position))
        #expect(found.events[1].map(\.kind) == before.map(\.kind))
        let first = try #require(before.first).position
        #expect(found.points[1].watermark < first, "it has answered nothing")
    }

    /// The log stands at the recording's end, and a server owes answers: they are waited for.
    @Test func aStartAtTheEndWaitsForWhatIsOwed() throws {
        let scenario = Scenario.random(320, rows: 60).withoutReaders
        let silent = Scenario.Start()
        let setup = scenario.setup(silent, isLockstep: false)
        let feeds = setup.sessions.map {
            PacedRun.Feed(
                link: $0, ring: RingFeed($0.subscription, inputs: $0.description.inputs))
        }
        _ = try PacedRun(setup, feeds: feeds, speed: 1e15).run {}
        func said(_ log: MemoryLog) throws -> Set<EventPosition> {
            var positions: Set<EventPosition> = []
            for case .signal(let signal, _) in try facts(log) where signal.source == SourceID(1) {
                positions.insert(signal.position)
            }
            return positions
        }
        #expect(try said(silent.log).isEmpty)
        var again = Scenario.Start()
        again.log = MemoryLog(silent.log.records.dropLast())
        let inboxes = Locked<[KeepingInbox]>([])
        again.inbox = { lane in
            let inbox = KeepingInbox(lane)
            inboxes.withLock { $0.append(inbox) }
            return inbox
        }
        #expect(try scenario.runPaced(again).end == "finished")
        let delivered = Set(inboxes.withLock { $0 }[0].delivered.map(\.position))
        #expect(try said(again.log) == delivered && delivered.count > 5)
    }

    /// One that hangs may come to itself: it is waited for as one that answers is.
    @Test func aStartAtTheEndWaitsForWhoHangsAndOwes() throws {
        var random = Scenario.random(320, rows: 60).withoutReaders
        random.servers.removeLast()
        let scenario = random
        func feed(_ setup: RunSetup) throws -> PacedRun.Feed {
            let link = try #require(setup.sessions.first)
            return PacedRun.Feed(
                link: link, ring: RingFeed(link.subscription, inputs: link.description.inputs))
        }
        let silent = Scenario.Start()
        let first = scenario.setup(silent, isLockstep: false)
        _ = try PacedRun(first, feeds: [try feed(first)], speed: 1e15).run {}
        var again = Scenario.Start()
        again.log = MemoryLog(silent.log.records.dropLast())
        var setup = scenario.setup(again, isLockstep: false)
        let clock = CountingClock()
        setup.clock = clock
        let server = try feed(setup)
        let lane = server.link.lane
        let said = Locked<Set<EventPosition>>([])
        // By then the loop has heard that it hangs, and has looked many times whether this is the end.
        clock.onLook(5_000) {
            var events: [SessionEvent] = []
            _ = server.ring.pull(
                after: lane.resumePoint().watermark, limit: 1_000, into: &events)
            let results = events.map { event in
                ReceivedResult(
                    position: event.position, instrument: InstrumentID(0), index: 0,
                    result: StrategyResult(.alert))
            }
            said.withLock { $0 = Set(results.map(\.position)) }
            _ = lane.deliver(results)
            if let last = events.last { lane.watermark(last.position) }
        }
        let summary = try PacedRun(setup, feeds: [server], speed: 1e15).run {
            lane.report(.state(.live, detail: ""))
            lane.report(.state(.hung, detail: "no answer"))
        }
        #expect(summary.end == "finished")
        var heard: Set<EventPosition> = []
        for case .signal(let signal, _) in try facts(again.log) where signal.source == SourceID(1) {
            heard.insert(signal.position)
        }
        #expect(heard == said.withLock { $0 } && heard.count > 5)
        #expect(clock.looks < 20_000, "who has answered is waited for no more")
    }

    /// Moves on by a millisecond with each look at it.
    private final class CountingClock: TimeSource {
        private let state = Locked<(looks: Int64, hook: (at: Int64, body: @Sendable () -> Void)?)>(
            (0, nil))
        var looks: Int64 { state.withLock { $0.looks } }
        func onLook(_ count: Int64, _ body: @escaping @Sendable () -> Void) {
            state.withLock { $0.hook = (count, body) }
        }
        func monotonic() -> Int64 {
            let (looks, body) = state.withLock { state in
                state.looks += 1
                let due = state.hook.flatMap { state.looks >= $0.at ? $0.body : nil }
                if due != nil { state.hook = nil }
                return (state.looks, due)
            }
            body?()
            return 1_000_000_000 + looks * 1_000_000
        }
        func utc() -> Int64 { 1_800_000_000_000_000_000 }
    }
}
