import Kernel
import Orders
import Platform
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

/// What is stopped and was not let go, as tables and a start tell it.
@Suite struct StandingStopsTests {
    private static func projector() -> Projector {
        var plan = KernelPlan.sample(
            sources: [SourcePlan(name: "x", kind: .builtIn)], attachments: [.sample(0)])
        plan.exits.plans = [.threeTier]
        return Projector(
            plan, versions: [.init()],
            ledger: Ledger(plan, hostID: "h", models: [""], digest: PlainSHA256()))
    }
    private static func events(_ projector: inout Projector) -> [RiskRow] {
        projector.takeRows().compactMap { if case .risk(let row) = $0 { row } else { nil } }
    }

    @Test func aLockdownStandsUntilItIsReleased() {
        var projector = Self.projector()
        projector.take(
            lockdown: "3 failures in a row, the last: order 4: no", of: AccountID(0), at: "sim",
            position: .start, time: .seconds(60), record: 3)
        var events = Self.events(&projector)
        let line =
            "account 'a0' is locked down at sim, nothing opens: 3 failures in a row, the last: order 4: no"
            + " (since T60); madang account release a0 ends it"
        let show: (Timestamp) -> String = { "T\($0.nanoseconds / 1_000_000_000)" }
        #expect(StandingStops(events).all.map { $0.line(show) } == [line])
        #expect(projector.stops == StandingStops(events), "a start tells what the tables say")
        projector.take(
            lockdown: nil, of: AccountID(0), at: "sim", position: .start, time: .seconds(70),
            record: 4)
        events += Self.events(&projector)
        #expect(StandingStops(events).all == [] && projector.stops.all == [])
    }

    /// With its symbol, which its row names.
    @Test func aHaltStandsUntilItTradesAgain() {
        var projector = Self.projector()
        func halt(_ on: Bool) -> [RiskRow] {
            projector.take(
                .exit(.halted(InstrumentID(0), on)), at: .start, time: .seconds(5), record: 1)
            return Self.events(&projector)
        }
        var events = halt(true)
        let line =
            "S0 is halted: its exits wait, and nothing new is bought (since T5); madang exits resume S0 ends it"
        let show: (Timestamp) -> String = { "T\($0.nanoseconds / 1_000_000_000)" }
        #expect(StandingStops(events).all.map { $0.line(show) } == [line])
        #expect(projector.stops == StandingStops(events))
        projector.take(
            .exit(.split(InstrumentID(0), new: 2, old: 1)), at: .start, time: .seconds(6),
            record: 2)
        #expect(Self.events(&projector).map(\.symbol) == ["S0"])
        events += halt(false)
        #expect(StandingStops(events).all == [] && projector.stops.all == [])
    }

    /// In their words, and a stop that fires meanwhile says that it waits.
    @Test func whyAHaltWasToldIsKept() {
        var projector = Self.projector()
        func take(_ fact: ExitFact, _ record: UInt64) -> [RiskRow] {
            projector.take(.exit(fact), at: .start, time: .seconds(5), record: record)
            return Self.events(&projector)
        }
        let desk = DeskKey(account: AccountID(0), instrument: InstrumentID(0))
        let fired = ExitFact.fired(desk, plan: 0, tier: 0, price: .won(900))
        let book = VersionBook(projector.plan, [:])
        projector.take(.asked(reason: "a bid"), book, time: .zero, record: 1)
        let stops = StandingStops(take(.halted(InstrumentID(0), true), 1))
        #expect(
            stops.all.map(\.reason) == ["its exits wait, and nothing new is bought (a bid)"])
        #expect(
            take(fired, 2).map(\.detail) == [
                "exit -5% all fired at 900, and waits until it trades again: madang exits resume S0"
            ])
        // It was no word about what the next record says.
        #expect(
            take(.halted(InstrumentID(0), false), 3).map(\.detail) == [
                "trades again: exits go on"
            ])
        #expect(take(fired, 4).map(\.detail) == ["exit -5% all fired at 900"])
    }

    /// Of all, of an account and of a strategy; each is ended by itself, and none by what another's reason says.
    @Test func killsStandEachByThemselves() {
        var projector = Self.projector()
        func kill(_ on: Bool, _ scope: KillScope, _ reason: String, at second: Int64) {
            projector.take(
                .killed(on, scope, reason: reason), at: .start, time: .seconds(second), record: 1)
        }
        kill(true, .all, "strategy x: gone mad", at: 0)
        kill(true, .account(AccountID(0)), "news: at noon", at: 2)
        kill(true, .source(SourceID(0)), "all: odd", at: 3)
        var events = Self.events(&projector)
        let lines = { (events: [RiskRow]) in
            StandingStops(events).all.map { $0.line { "T\($0.nanoseconds / 1_000_000_000)" } }
        }
        let all = [
            "kill switch on: strategy x: gone mad (since the run's start); madang kill --off ends it",
            "kill switch on for account a0: news: at noon (since T2); madang kill --off --account a0"
                + " ends it",
            "kill switch on for strategy x: all: odd (since T3); madang kill --off --strategy x ends it",
        ]
        #expect(lines(events) == all)
        kill(false, .source(SourceID(0)), "over", at: 4)
        events += Self.events(&projector)
        #expect(lines(events) == Array(all.prefix(2)))
        kill(false, .all, "strategy x: mended", at: 5)
        events += Self.events(&projector)
        #expect(lines(events) == [all[1]])
    }
}

extension PacedTests {
    /// A start says what starts before it stopped.
    @Suite struct StopsAtAStartTests {
        /// A log of a few records, with what is put behind them.
        private static func log(
            _ facts: [Fact], _ minutes: DeskMinutes, _ plan: KernelPlan, _ feed: MemoryFeed
        ) async throws -> MemoryLog {
            var run = RoutedRun(StubBroker(StubVenue()))
            let log = MemoryLog()
            run.log = log
            run.speed = 200
            let control = run.control
            run.observer = Listener { notice in
                if notice.text.contains("filled BUY") { control.stop("enough") }
            }
            _ = try await run.run(plan, feed)
            let steps = try log.records.map { bytes -> UInt64 in
                switch try LogRecord(bytes) {
                case .step(let step, _, _), .routed(let step, _, _, _, _): return step
                case .quiet(_, let last): return last
                default: return 0
                }
            }
            let step = steps.max() ?? 0
            var pen = ByteWriter()
            let record = LogRecord.routed(
                step, entry: Timestamp(nanoseconds: HostClock().monotonic()), facts: facts, minutes,
                notes: [])
            try log.append(record.encoded(with: &pen))
            return MemoryLog(log.records)
        }

        @Test(.timeLimit(.minutes(1)))
        func aLockdownAndAKillThatNobodyAskedForAreTold() async throws {
            let (plan, feed) = RoutedRun.plan(4_000) { _ in
                StrategyResult(.buy, size: .quantity(.shares(1)))
            }
            var minutes = DeskMinutes()
            minutes.lockdowns = [Minute.Lockdown(desk: 0, reason: "three failures")]
            let log = try await Self.log(
                [.killed(true, .all, reason: "the host halts")], minutes, plan, feed)
            var run = RoutedRun(StubBroker(StubVenue()))
            run.log = log
            let control = run.control
            let told = Locked<[RunNotice]>([])
            run.observer = Listener { notice in
                guard notice.text.contains("before this start") else { return }
                let count = told.withLock { told in
                    told.append(notice)
                    return told.count
                }
                if count == 2 { control.stop("seen enough") }
            }
            #expect(try await run.run(plan, feed).end == "stopped")
            let notices = told.withLock { $0 }
            #expect(notices.map(\.kind) == [.kill, .warning])
            let texts = notices.map(\.text)
            #expect(texts.first?.hasPrefix("kill switch on: the host halts (since ") == true)
            #expect(texts.first?.hasSuffix("; madang kill --off ends it") == true, "\(texts)")
            let locked =
                "account 'a0' is locked down at stub, nothing opens: three failures (since "
            #expect(texts.last?.hasPrefix(locked) == true, "\(texts)")
            #expect(texts.last?.hasSuffix("; madang account release a0 ends it") == true)
        }
    }
}
