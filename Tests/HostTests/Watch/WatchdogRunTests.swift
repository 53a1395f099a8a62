import Kernel
import Platform
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

/// R11.4 in whole runs: what is missing is told, stands in the log and the tables, and decides nothing.
@Suite struct WatchdogRunTests {
    /// Buys of an instrument each second, of which the second falls silent for two and a half minutes.
    private static func gap() -> Scenario {
        let table = TableStrategy([.seconds(3): StrategyResult(.buy)])
        let plan = KernelPlan.sample(
            instruments: 2, sources: [SourcePlan(name: "table", kind: .builtIn)],
            attachments: [.sample(0, strategy: table)])
        var rows: [MarketInput] = []
        for second in 1...300 as ClosedRange<Int64> {
            rows.append(.tick(.at(second, 100)))
            if second <= 50 || second >= 200 { rows.append(.tick(.at(second, 50, of: 1))) }
        }
        return Scenario(
            plan: plan, market: MarketPlan(zones: plan.zones, intervals: [], timers: []),
            feed: MemoryFeed(rows), servers: [])
    }
    private static let minute = WatchSettings.data([.seconds(60), .seconds(60)])

    private static func notes(_ log: MemoryLog) throws -> [WatchNote] {
        try log.records.flatMap { bytes -> [WatchNote] in
            if case .watched(let notes) = try LogRecord(bytes) { notes } else { [] }
        }
    }

    // MARK: No data

    @Test func aSilentInstrumentIsToldAndComesBack() throws {
        let scenario = Self.gap()
        var start = Scenario.Start()
        let news = NewsNotebook(start.log)
        start.news = news
        let summary = try scenario.runPaced(start) { $0.watch = Self.minute }
        #expect(summary.end == "finished" && summary.fills == 1)
        let told = start.observer.all.filter { $0.text.hasPrefix("GR032") }
        #expect(
            told.map(\.text) == [
                "GR032: no data of S1 for 1m 4s, the last came at 09:00:50",
                "GR032 INFO: data of S1 again, after 2m 30s",
            ])
        #expect(told.allSatisfy { $0.kind == .warning && $0.symbol == "S1" })
        #expect(told.map(\.time) == [.seconds(114), .seconds(200)])
        let rows = try start.projections.riskEvents().filter { $0.code == "GR032" }
        #expect(
            rows.map(\.rule) == ["no data", "no data"] && rows.allSatisfy { $0.symbol == "S1" })
        #expect(news.early == 0)
        let severities = news.news.compactMap { one -> FailSafeCode.Severity? in
            if case .failSafe(.staleData, let severity, _) = one.event { severity } else { nil }
        }
        #expect(severities == [.warning, .info])

        // Decided again it is the same, for nothing of it decides.
        let plain = Scenario.Start()
        #expect(try scenario.runPaced(plain).ledgerHash == summary.ledgerHash)
        #expect(try Self.notes(plain.log).isEmpty)
        DecisionReplayTests.expectSame(
            try DecisionReplayTests.replay(scenario, start.log), decided: ["order", "fill"])
    }

    /// The pace decides nothing: a tenth of a second for a minute, or none.
    @Test func itIsTheSameAtAnotherPace() throws {
        let (fast, slow) = (Scenario.Start(), Scenario.Start())
        _ = try Self.gap().runPaced(fast) { $0.watch = Self.minute }
        _ = try Self.gap().runPaced(slow, speed: 600) { $0.watch = Self.minute }
        #expect(try Self.notes(fast.log).count == 2)
        #expect(try Self.notes(fast.log) == (try Self.notes(slow.log)))
    }

    /// Nobody rings and no row comes: the loop looks all the same.
    @Test func aMarketThatIsSilentIsLookedAt() throws {
        let plan = KernelPlan.sample()
        let rows = (1...10).map { MarketInput.tick(.at($0, 100)) } + [.tick(.at(1_000_000, 100))]
        let scenario = Scenario(
            plan: plan, market: MarketPlan(zones: plan.zones, intervals: [], timers: []),
            feed: MemoryFeed(rows), servers: [])
        let summary = try scenario.runPaced(speed: 600) { setup in
            setup.watch = .data([.seconds(60)])
            setup.longestPause = .max
            let control = setup.control
            setup.observer = Listener { notice in
                if notice.text.hasPrefix("GR032: no data of S0 for 1m") { control.stop("told") }
            }
        }
        #expect(summary.end == "stopped" && summary.steps == 10)
    }

    /// Behind a crash at any record the tables say what the log says, and what was found is not found twice.
    @Test func aCrashKeepsWhatWasFound() throws {
        let scenario = Scenario.random(83)
        let watch = WatchSettings.data([.seconds(200), .seconds(200), .seconds(200)])
        let whole = Scenario.Start()
        _ = try scenario.runPaced(whole) { $0.watch = watch }
        #expect(try Self.notes(whole.log).count > 4)
        for count in stride(from: 3, to: whole.log.records.count, by: 7) {
            var again = Scenario.Start()
            again.log = MemoryLog(Array(whole.log.records.prefix(count)))
            let news = NewsNotebook(again.log)
            again.news = news
            #expect(try scenario.runPaced(again) { $0.watch = watch }.end == "finished")
            let notes = try Self.notes(again.log)
            let rows = try again.projections.riskEvents().filter { $0.rule == "no data" }
            #expect(
                rows.map(\.detail) == notes.map(\.text) && rows.map(\.time) == notes.map(\.time))
            let told = news.news.compactMap { one -> String? in
                if case .failSafe(.staleData, _, let text) = one.event { text } else { nil }
            }
            #expect(told == notes.map(\.text))
            // The tables made afresh from the log alone are the same.
            var third = Scenario.Start()
            third.log = MemoryLog(again.log.records)
            _ = try scenario.runPaced(third) { $0.watch = watch }
            #expect(
                try third.projections.riskEvents() == (try again.projections.riskEvents()))
        }
    }

    @Test func aRunAsFastAsPossibleIsNotWatched() throws {
        let scenario = Scenario.random(83)
        let start = Scenario.Start()
        _ = try scenario.run(start) { setup in
            setup.watch = .data([.seconds(1), .seconds(1), .seconds(1)])
            setup.watch.noResults = [SourceID(1): .seconds(1), SourceID(2): .seconds(1)]
            setup.watch.clockJump = Nanoseconds(1)
            setup.watch.lookEvery = 1
        }
        #expect(try Self.notes(start.log).isEmpty)
        #expect(!start.observer.all.contains { $0.text.hasPrefix("GR032") })
    }

    // MARK: No results

    /// Says nothing until it may.
    private struct Shy: Judge {
        let mayspeak: Locked<Bool>
        func judge(_ event: SessionEvent) -> [ReceivedResult] {
            guard mayspeak.withLock({ $0 }), case .tick(let tick) = event.kind else { return [] }
            return [
                ReceivedResult(
                    position: event.position, instrument: tick.instrument, index: 0,
                    result: StrategyResult(.alert))
            ]
        }
    }

    @Test func aServerThatSaysNothingIsToldUntilItSpeaks() throws {
        let plan = KernelPlan.sample(
            sources: [SourcePlan(name: "far", kind: .server)], attachments: [.sample(0)])
        let server = Scenario.Server(
            source: SourceID(0),
            description: Scenario.description("far", [.ticks], readsAccount: false),
            account: nil, onceIn: 1)
        // Longer than anybody waits: it is stopped when all is told.
        let scenario = Scenario(
            plan: plan, market: MarketPlan(zones: plan.zones, intervals: [], timers: []),
            feed: MemoryFeed((1...200_000).map { .tick(.at($0, 100)) }), servers: [server])
        let start = Scenario.Start()
        var setup = scenario.setup(start, isLockstep: false)
        setup.watch.noResults = [SourceID(0): .seconds(60)]
        let (control, speaks) = (setup.control, Locked(false))
        let told = Locked<[RunNotice]>([])
        setup.observer = Listener { notice in
            guard notice.text.hasPrefix("GR032") else { return }
            told.withLock { $0.append(notice) }
            speaks.withLock { $0 = true }
            if notice.text.hasPrefix("GR032 INFO") { control.stop("told") }
        }
        let link = try #require(setup.sessions.first)
        let ring = RingFeed(link.subscription, inputs: link.description.inputs)
        let session = ThreadSession(
            ring, link.lane, Shy(mayspeak: speaks), ThreadSession.Habits(seed: 1))
        defer { session.stop() }
        let run = PacedRun(setup, feeds: [PacedRun.Feed(link: link, ring: ring)], speed: 2_000)
        #expect(try run.run { session.start() }.end == "stopped")
        let notices = told.withLock { $0 }
        #expect(notices.first?.text.hasPrefix("GR032: far has said nothing for 1m, and ") == true)
        #expect(notices.first?.source == "far")
        #expect(notices.dropFirst().first?.text.hasPrefix("GR032 INFO: far speaks again") == true)
        let rows = try start.projections.riskEvents().filter { $0.rule == "no results" }
        #expect(rows.count >= 2)
    }

    // MARK: The clock

    /// The host's, and a wall's clock that somebody sets once it was asked so often.
    private final class SetClock: TimeSource {
        private let clock = HostClock()
        private let asked = Locked(0)
        let step: Int64
        init(_ step: Int64) { self.step = step }
        func monotonic() -> Int64 { clock.monotonic() }
        func utc() -> Int64 {
            clock.utc()
                + asked.withLock { asked in
                    asked += 1
                    return asked > 200 ? step : 0
                }
        }
    }

    @Test(arguments: [
        (3_600_000_000_000, "GR032: the wall's clock went 1h ahead: it moved by 1h"),
        (-90_000_000_000, "GR032: the wall's clock went 1m 30s back: it moved by -1m "),
    ])
    func aClockThatJumpsIsTold(_ step: Int64, _ words: String) throws {
        let plan = KernelPlan.sample()
        let scenario = Scenario(
            plan: plan, market: MarketPlan(zones: plan.zones, intervals: [], timers: []),
            feed: MemoryFeed((1...200_000).map { .tick(.at($0, 100)) }), servers: [])
        let told = Locked<[String]>([])
        let start = Scenario.Start()
        let summary = try scenario.runPaced(start, speed: 2_000) { setup in
            setup.clock = SetClock(step)
            setup.watch.clockJump = .seconds(2)
            setup.watch.lookEvery = 5_000_000
            let control = setup.control
            setup.observer = Listener { notice in
                told.withLock { $0.append(notice.text) }
                control.stop("told")
            }
        }
        #expect(summary.end == "stopped")
        let texts = told.withLock { $0 }
        #expect(texts.count == 1 && texts.first?.hasPrefix(words) == true, "\(texts)")
        #expect(texts.first?.contains("while the monotonic clock moved by ") == true)
        #expect(try start.projections.riskEvents().map(\.rule) == ["clock jump"])
    }
}

extension WatchSettings {
    static func data(_ spans: [Nanoseconds?]) -> WatchSettings {
        var settings = WatchSettings()
        settings.noData = spans
        return settings
    }
}
