import Kernel
import Platform
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

/// A paced run decides by the clock, so two differ; but each must keep its own word.
@Suite struct PacedRunTests {
    /// The log alone brings back the state and the ledger that the run ended with.
    @Test(arguments: seeds(0..<4, by: 10))
    func theLogComesToTheStateTheRunEndedWith(_ seed: UInt64) throws {
        let policies = ArbiterPlan.Policy.allCases
        let scenario = Scenario.random(
            seed + 50, policy: policies[Int(seed) % policies.count])
        let start = Scenario.Start()
        let summary = try scenario.runPaced(start)
        #expect(summary.end == "finished")
        checkHistory(try facts(start.log))
        var again = Scenario.Start()
        again.log = MemoryLog(start.log.records)
        again.projections = start.projections
        let told = try scenario.runPaced(again)
        #expect(told.ledgerHash == summary.ledgerHash && told.steps == summary.steps)
        #expect(told.fills == summary.fills && told.orders == summary.orders)
    }

    /// Killed behind any record and started again: no order twice, no fill lost, a state that holds.
    @Test(arguments: seeds(0..<4, by: 10))
    func aCrashKeepsWhatWasDecided(_ seed: UInt64) throws {
        let scenario = Scenario.random(60)
        var random = SeededRandom(seed)
        var records: [[UInt8]] = []
        for _ in 0..<4 {
            var start = Scenario.Start()
            let room = records.count + Int.random(in: 2...25, using: &random)
            start.log = MemoryLog(records, failsAfter: room)
            _ = try? scenario.runPaced(start)
            #expect(Array(start.log.records.prefix(records.count)) == records)
            records = start.log.records
        }
        var last = Scenario.Start()
        last.log = MemoryLog(records)
        let summary = try scenario.runPaced(last)
        #expect(summary.end == "finished")
        let history = try facts(last.log)
        checkHistory(history)
        let fills = history.filter { if case .filled = $0 { true } else { false } }
        #expect(try last.projections.ledger().count == fills.count)
        #expect(summary.fills == fills.count)
        var again = Scenario.Start()
        again.log = MemoryLog(last.log.records)
        #expect(try scenario.runPaced(again).ledgerHash == summary.ledgerHash)
    }

    /// Where nobody is waited for, a round closes in the step that opened it.
    @Test func withoutServersARoundLastsNoLongerThanItsStep() throws {
        let random = Scenario.random(70)
        var plan = random.plan
        plan.attachments.removeAll { $0.strategy == nil }
        let scenario = Scenario(plan: plan, market: random.market, feed: random.feed, servers: [])
        let start = Scenario.Start()
        _ = try scenario.runPaced(start)
        var rounds = 0
        for bytes in start.log.records {
            guard case .step(_, _, let facts) = try LogRecord(bytes) else { continue }
            let opened = facts.parts.count { if case .roundOpened = $0 { true } else { false } }
            let closed = facts.parts.count { if case .roundClosed = $0 { true } else { false } }
            #expect(opened == closed)
            rounds += opened
        }
        #expect(rounds > 5)
    }

    /// A host that is behind its recording still closes rounds when their time has come.
    @Test func aRoundClosesAtItsDeadlineWhileRowsAreDue() throws {
        let plan = KernelPlan.sample(
            sources: [
                SourcePlan(name: "cross", kind: .builtIn), SourcePlan(name: "far", kind: .server),
            ],
            attachments: [
                .sample(0, strategy: TableStrategy([.seconds(1): StrategyResult(.buy)])),
                .sample(1),
            ])
        let rows = 2_000
        let scenario = Scenario(
            plan: plan, market: MarketPlan(zones: plan.zones, intervals: [], timers: []),
            feed: MemoryFeed((1...Int64(rows)).map { .tick(.at($0, 100)) }),
            servers: [
                Scenario.Server(
                    source: SourceID(1),
                    description: Scenario.description("far", [.ticks], readsAccount: false),
                    account: nil, onceIn: 1)
            ])
        let start = Scenario.Start()
        var setup = scenario.setup(start, isLockstep: false)
        setup.clock = RunningClock()
        let link = try #require(setup.sessions.first)
        let ring = RingFeed(link.subscription, inputs: [])
        let run = PacedRun(setup, feeds: [PacedRun.Feed(link: link, ring: ring)], speed: 1e15)
        // It is live, and never answers.
        _ = try run.run { link.lane.report(.state(.live, detail: "")) }
        let facts = try facts(start.log)
        var closings: [EventPosition] = []
        for case .roundClosed(_, let outcome) in facts { closings.append(outcome.position) }
        #expect(closings.count == 1)
        #expect(closings.allSatisfy { $0.step < UInt64(rows) / 2 }, "\(closings)")
        #expect(facts.contains { if case .filled = $0 { true } else { false } })
    }

    /// Moves on by a millisecond with each look at it.
    private final class RunningClock: TimeSource {
        private let now = Locked<Int64>(1_000_000_000)
        func monotonic() -> Int64 {
            now.withLock {
                $0 += 1_000_000
                return $0
            }
        }
        func utc() -> Int64 { 0 }
    }
}
