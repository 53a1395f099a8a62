import Kernel
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

/// A paced run decides by the clock, so two differ; but each must keep its own word.
@Suite struct PacedRunTests {
    /// The log alone brings back the state and the ledger that the run ended with.
    @Test(arguments: 0..<4 as Range<UInt64>)
    func theLogComesToTheStateTheRunEndedWith(_ seed: UInt64) throws {
        let scenario = Scenario.random(seed + 50, policy: ArbiterPlan.Policy.allCases[Int(seed)])
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
    @Test(arguments: 0..<4 as Range<UInt64>)
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
            let opened = facts.count { if case .roundOpened = $0 { true } else { false } }
            let closed = facts.count { if case .roundClosed = $0 { true } else { false } }
            #expect(opened == closed)
            rounds += opened
        }
        #expect(rounds > 5)
    }
}
