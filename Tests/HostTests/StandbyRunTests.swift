import Kernel
import Platform
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

/// R4.9: a strategy with a standby comes to what it comes to without, whoever is lost and whenever.
@Suite struct StandbyRunTests {
    private static func random(_ seed: UInt64, rows: Int = 150) -> Scenario {
        let random = Scenario.random(seed, rows: rows)
        return seed % 2 == 0 ? random : random.withoutReaders
    }

    private static func seats(_ log: MemoryLog) throws -> [(record: Int, seat: ServerSeat)] {
        try log.records.enumerated().flatMap { number, bytes -> [(Int, ServerSeat)] in
            guard case .noted(_, _, _, let notes) = try LogRecord(bytes) else { return [] }
            return notes.compactMap { note in
                guard case .seated(_, _, let seat, _, _) = note else { return nil }
                return (number, seat)
            }
        }
    }

    // MARK: As fast as possible

    @Test(arguments: seeds(300..<304, by: 10))
    func aStandbyChangesNothing(_ seed: UInt64) throws {
        let scenario = Self.random(seed)
        let alone = Scenario.Start()
        let expected = try Outcome(try scenario.run(alone), alone.projections)
        let start = Scenario.Start()
        let summary = try scenario.withStandbys().run(start)
        #expect(try Outcome(summary, start.projections) == expected)
        #expect(try Self.seats(start.log).isEmpty)
        let pair = try #require(summary.sources[1].standbys?.first)
        #expect(pair.servers.map(\.name) == ["alpha", "alpha standby"])
        #expect(pair.servers.map(\.isHeard) == [true, false])
        #expect(pair.differing == 0 && pair.switches == 0)
        #expect(summary.sources[0].standbys == nil)
    }

    /// Lost behind any event, by any kind of loss: the other one goes on, and nothing is missing.
    @Test(arguments: seeds(310..<318, by: 10))
    func whoIsLostIsReplaced(_ seed: UInt64) throws {
        let scenario = Self.random(seed)
        let alone = Scenario.Start()
        let expected = try Outcome(try scenario.run(alone), alone.projections)
        var start = Scenario.Start()
        start.seed = seed
        start.batch = 3
        start.lost = [
            0: (Int(seed % 8) * 9, [SessionState.down, .hung, .open, .refused][Int(seed % 4)]),
            1: (5, .down),
        ]
        let notebook = NewsNotebook(start.log)
        start.news = notebook
        let summary = try scenario.withStandbys().run(start)
        #expect(summary.end == "finished")
        // Who takes news takes none that stands before what it has.
        let places = notebook.news.compactMap(\.place)
        #expect(places == places.sorted() && Set(places).count == places.count)
        var again = Scenario.Start()
        again.log = MemoryLog(start.log.records)
        let restored = NewsNotebook(again.log)
        again.news = restored
        _ = try scenario.withStandbys().run(again)
        #expect(restored.told == notebook.told)
        #expect(try Outcome(summary, start.projections) == expected)
        let pairs = summary.sources.compactMap(\.standbys).flatMap(\.self)
        #expect(pairs.map(\.switches) == [1, 1])
        #expect(
            pairs.allSatisfy { $0.differing == 0 && $0.servers.map(\.isHeard) == [false, true] })
        #expect(try Self.seats(start.log).map(\.seat) == [.standby, .standby])
        #expect(
            start.observer.all.contains { $0.text.contains("alpha standby is heard behind event") })
        DecisionReplayTests.expectSame(try DecisionReplayTests.replay(scenario, start.log))
    }

    /// Both break again and again, and are fed again; then a log that is cut anywhere is gone on with.
    @Test(arguments: seeds(320..<324, by: 10))
    func breaksAndRestartsChangeNothing(_ seed: UInt64) throws {
        let plain = Self.random(seed, rows: 80)
        let alone = Scenario.Start()
        let expected = try Outcome(try plain.run(alone), alone.projections)
        let scenario = plain.withStandbys()
        var start = Scenario.Start()
        start.breaksOnceIn = 25
        start.keepsState = true
        start.tellsBreaks = true
        start.batch = 4
        let summary = try scenario.run(start)
        #expect(try Outcome(summary, start.projections) == expected)
        let seats = try Self.seats(start.log)
        for count in stride(from: 3, through: start.log.records.count, by: 7) {
            var again = Scenario.Start()
            again.log = MemoryLog(start.log.records.prefix(count))
            again.seed = UInt64(count)
            let summary = try scenario.run(again)
            #expect(try Outcome(summary, again.projections) == expected, "cut behind \(count)")
            let known = seats.count { $0.record < count }
            let pairs = summary.sources.compactMap(\.standbys).flatMap(\.self)
            #expect(pairs.reduce(0) { $0 + $1.switches } >= known)
            #expect(pairs.allSatisfy { $0.differing == 0 })
            let contradictions = again.observer.all.filter { $0.text.contains("not deterministic") }
            #expect(contradictions.isEmpty)
            DecisionReplayTests.expectSame(try DecisionReplayTests.replay(scenario, again.log))
        }
    }

    /// The host is gone behind the switch: whoever was heard then is heard again.
    @Test func aStartGoesOnWithWhoWasHeard() throws {
        let scenario = Self.random(330).withStandbys()
        var start = Scenario.Start()
        start.lost = [0: (20, .down)]
        start.batch = 3
        let whole = try scenario.run(start)
        let record = try #require(try Self.seats(start.log).first?.record)
        var again = Scenario.Start()
        again.log = MemoryLog(start.log.records.prefix(record + 1))
        // The first server is back, and not heard.
        let summary = try scenario.run(again)
        #expect(summary.ledgerHash == whole.ledgerHash && summary.stateHash == whole.stateHash)
        let pair = try #require(summary.sources[1].standbys?.first)
        #expect(pair.servers.map(\.isHeard) == [false, true] && pair.switches == 1)
        // Nor where the standby is configured no more.
        var alone = Scenario.Start()
        alone.log = MemoryLog(start.log.records.prefix(record + 1))
        let single = try Self.random(330).run(alone)
        #expect(single.ledgerHash == whole.ledgerHash && single.sources[1].standbys == nil)
        #expect(single.sources[1].state == "live")
    }

    @Test func twoThatDoNotSayTheSameAreTold() throws {
        let scenario = Self.random(341)
        let alone = Scenario.Start()
        let expected = try Outcome(try scenario.run(alone), alone.projections)
        let start = Scenario.Start()
        let summary = try scenario.withStandbys(seed: 999).run(start)
        #expect(try Outcome(summary, start.projections) == expected, "whoever is heard counts")
        let told = start.observer.all.filter {
            $0.text.contains("alpha and alpha standby do not say the same")
        }
        #expect(!told.isEmpty && told.count < 5)
        #expect(try #require(summary.sources[1].standbys?.first).differing > 10)
    }

    /// A run that waits for both in vain ends, and can be gone on with.
    @Test func whereBothAreGoneTheRunEnds() throws {
        let scenario = Self.random(350).withStandbys()
        var start = Scenario.Start()
        start.batch = 3
        start.lost = [0: (20, .refused), 2: (30, .refused)]
        #expect(throws: RunFailure.self) { try scenario.run(start) }
        var again = Scenario.Start()
        again.log = MemoryLog(start.log.records)
        let whole = Scenario.Start()
        let expected = try Self.random(350).run(whole)
        #expect(try scenario.run(again).ledgerHash == expected.ledgerHash)
    }

    @Test(arguments: seeds(360..<362, by: 10))
    func eachShardMayHaveOne(_ seed: UInt64) throws {
        let plain = Scenario.random(seed, rows: 80).withShards(2)
        let alone = Scenario.Start()
        let expected = try Outcome(try plain.run(alone), alone.projections)
        var start = Scenario.Start()
        start.batch = 3
        start.lost = [1: (8, .down)]
        let summary = try plain.withStandbys().run(start)
        #expect(try Outcome(summary, start.projections) == expected)
        let pairs = try #require(summary.sources[1].standbys)
        #expect(pairs.map(\.shard) == [0, 1] && pairs.map(\.switches) == [0, 1])
        #expect(
            start.observer.all.contains { $0.text.hasPrefix("alpha shard 1 standby is heard") })
        let shards = try #require(summary.sources[1].shards)
        #expect(shards.count == 2)
        #expect(shards.reduce(0) { $0 + $1.results } == summary.sources[1].results)
    }

    // MARK: At a pace

    /// Hands on what servers say, and keeps it.
    private final class Recorder: SessionInbox {
        private let lane: SessionLane
        private let kept: Locked<[SourceID: Set<String>]>

        init(_ lane: SessionLane, _ kept: Locked<[SourceID: Set<String>]>) {
            self.lane = lane
            self.kept = kept
        }
        func resumePoint() -> (watermark: EventPosition, known: EventPosition) {
            lane.resumePoint()
        }
        func deliver(_ results: [ReceivedResult]) -> Bool {
            kept.withLock { kept in
                for result in results {
                    kept[lane.source, default: []].insert(
                        "\(result.position) \(result.instrument.index) \(result.index)"
                            + " \(result.result.action)")
                }
            }
            return lane.deliver(results)
        }
        func onRoom(_ wake: @escaping @Sendable () -> Void) { lane.onRoom(wake) }
        func watermark(_ position: EventPosition) { lane.watermark(position) }
        var acknowledged: EventPosition { lane.acknowledged }
        func report(_ report: SessionReport) { lane.report(report) }
    }

    /// What either server said of each event is there once, for each account that has the instrument.
    private static func expectWhole(
        _ scenario: Scenario, _ log: MemoryLog, _ said: Locked<[SourceID: Set<String>]>
    ) throws {
        for source in [SourceID(1), SourceID(2)] {
            var heard: [String] = []
            for case .signal(let signal, _) in try facts(log).parts where signal.source == source {
                let words =
                    "\(signal.position) \(signal.instrument.index) \(signal.index)"
                    + " \(signal.result.action)"
                heard.append("\(signal.account.index) \(words)")
            }
            #expect(Set(heard).count == heard.count, "none twice")
            let each = Set(heard.map { String($0.drop { $0 != " " }.dropFirst()) })
            let expected = said.withLock { $0[source] ?? [] }
            #expect(each == expected && !each.isEmpty, "none lost")
        }
    }

    /// Each result is there once, whoever is lost, and the log comes again.
    @Test(arguments: seeds(370..<378, by: 10))
    func atAPaceNoneIsLostAndNoneIsTwice(_ seed: UInt64) throws {
        let scenario = Scenario.random(seed, rows: 300).withoutReaders.withStandbys()
        let kept = Locked<[SourceID: Set<String>]>([:])
        var start = Scenario.Start()
        start.inbox = { Recorder($0, kept) }
        start.seed = seed
        start.batch = 3
        start.lost = [0: (40, seed % 2 == 0 ? .down : .hung)]
        let summary = try scenario.runPaced(start)
        #expect(summary.end == "finished")
        try Self.expectWhole(scenario, start.log, kept)
        let pair = try #require(summary.sources[1].standbys?.first)
        #expect(pair.switches == 1 && pair.differing == 0)
        #expect(try Self.seats(start.log).map(\.seat) == [.standby])
        DecisionReplayTests.expectSame(
            try DecisionReplayTests.replay(scenario, start.log), decided: ["signal"])
        // Cut behind the switch, the next start hears who was heard.
        let record = try #require(try Self.seats(start.log).first?.record)
        var again = Scenario.Start()
        again.log = MemoryLog(start.log.records.prefix(record + 1))
        let next = try scenario.runPaced(again)
        #expect(next.sources[1].standbys?.first?.servers.map(\.isHeard) == [false, true])
        DecisionReplayTests.expectSame(
            try DecisionReplayTests.replay(scenario, again.log), decided: ["signal"])
    }

    @Test(arguments: seeds(380..<384, by: 10))
    func atAPaceBreaksOfBothLoseNothing(_ seed: UInt64) throws {
        let scenario = Scenario.random(seed, rows: 300).withoutReaders.withStandbys()
        let kept = Locked<[SourceID: Set<String>]>([:])
        var start = Scenario.Start()
        start.inbox = { Recorder($0, kept) }
        start.seed = seed
        start.batch = 3
        start.breaksOnceIn = 60
        start.tellsBreaks = true
        start.keepsState = true
        _ = try scenario.runPaced(start)
        try Self.expectWhole(scenario, start.log, kept)
    }

    /// What was held is judged by when it is heard: behind its deadline it is late.
    @Test func whatWaitedTooLongIsLate() throws {
        var plan = KernelPlan.sample(
            sources: [SourcePlan(name: "far", kind: .server)], attachments: [.sample(0)])
        plan.sources[0].deadline = Nanoseconds(1)
        let feed = MemoryFeed([.tick(.at(1, 100)), .tick(.at(2, 100))])
        let server = Scenario.Server(
            source: SourceID(0),
            description: Scenario.description("far", [.ticks], readsAccount: false), account: nil,
            onceIn: 1)
        let scenario = Scenario(
            plan: plan, market: MarketPlan(zones: plan.zones, intervals: [], timers: []),
            feed: feed, servers: [server]
        ).withStandbys()
        let start = Scenario.Start()
        var setup = scenario.setup(start, isLockstep: false)
        // By their lanes' clock results come before their events, so never late.
        setup.sessions = setup.sessions.map { link in
            SessionLink(
                name: link.name, source: link.source, seat: link.seat,
                description: link.description, subscription: link.subscription,
                lane: SessionLane(
                    link.source, clock: ManualClock(monotonic: 0), doorbell: setup.doorbell,
                    isLockstep: false))
        }
        let feeds = setup.sessions.map {
            PacedRun.Feed(link: $0, ring: RingFeed($0.subscription, inputs: []))
        }
        let (main, standby) = (setup.sessions[0].lane, setup.sessions[1].lane)
        let position = EventPosition(step: 1, index: 0)
        let calls = Counter()
        feeds[1].ring.onMore {
            guard calls.next() == 1 else { return }
            _ = standby.deliver([
                ReceivedResult(
                    position: position, instrument: InstrumentID(0), index: 0,
                    result: StrategyResult(.buy))
            ])
            standby.watermark(position)
            main.report(.state(.hung, detail: "no answer"))
        }
        _ = try PacedRun(setup, feeds: feeds, speed: 1e15).run {
            for lane in [main, standby] { lane.report(.state(.live, detail: "")) }
        }
        let facts = try facts(start.log)
        let heard = facts.compactMap { fact -> SignalStatus? in
            if case .signal(_, let status) = fact { status } else { nil }
        }
        #expect(heard == [.late])
    }
}
