import Kernel
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

/// The promise of the log: whatever record a crash leaves last, the run ends as if nothing had happened.
@Suite struct CrashTests {
    @Test(
        arguments: [(11, .confidenceWeighted), (12, .priority), (13, .veto), (14, .first)]
            as [(UInt64, ArbiterPlan.Policy)])
    func aCrashAtAnyRecordChangesNothing(_ seed: UInt64, _ policy: ArbiterPlan.Policy) throws {
        let scenario = Scenario.random(seed, rows: 50, policy: policy)
        let whole = Scenario.Start()
        let expected = try Outcome(try scenario.run(whole), whole.projections)
        let records = whole.log.records
        #expect(records.count > 20)
        #expect(expected.rows.count > 2)
        for count in 0...records.count {
            var start = Scenario.Start()
            start.log = MemoryLog(records.prefix(count))
            start.seed = UInt64(count)
            let summary = try scenario.run(start)
            #expect(
                try Outcome(summary, start.projections) == expected, "cut behind record \(count)")
            checkHistory(try facts(start.log))
        }
    }

    /// The tables may be behind the log, or ahead of one that was set back.
    @Test(arguments: [0, 5, 15, 1_000])
    func theTablesFollowTheLogWhereverTheyStood(_ applied: Int) throws {
        let scenario = Scenario.random(15)
        let whole = Scenario.Start()
        let expected = try Outcome(try scenario.run(whole), whole.projections)
        let records = whole.log.records
        var start = Scenario.Start()
        if applied > records.count {
            start.projections = whole.projections
            start.log = MemoryLog(records.prefix(10))
        } else {
            // A start that was cut short has left its rows.
            var short = Scenario.Start()
            short.log = MemoryLog([], failsAfter: applied + 2)
            _ = try? scenario.run(short)
            start.projections = short.projections
            start.log = MemoryLog(short.log.records)
        }
        #expect(try Outcome(try scenario.run(start), start.projections) == expected)
    }

    /// Stopped in the middle of a step, again and again, until it is through.
    @Test(arguments: seeds(0..<8, by: 10))
    func stopsInTheMiddleOfStepsChangeNothing(_ seed: UInt64) throws {
        let scenario = Scenario.random(seed % 2 + 20)
        let whole = Scenario.Start()
        let expected = try Outcome(try scenario.run(whole), whole.projections)
        var random = SeededRandom(seed)
        var records: [[UInt8]] = []
        let projections = MemoryProjections()
        var starts = 0
        while true {
            var start = Scenario.Start()
            start.log = MemoryLog(records)
            start.projections = projections
            start.seed = random.next()
            // Event numbers count from the session's first event, which is fed again at each start.
            let server = Int.random(in: 0..<2, using: &random)
            start.stopAt = (server, starts * 12 + Int.random(in: 1...20, using: &random))
            let summary = try scenario.run(start)
            records = start.log.records
            starts += 1
            guard summary.end == "stopped" else {
                #expect(try Outcome(summary, projections) == expected)
                break
            }
            try #require(starts < 200)
        }
        #expect(starts > 2)
        checkHistory(try facts(MemoryLog(records)))
    }

    /// Stopped while the server that reads accounts judges its n-th event: always within a step.
    @Test func aStopAtAnyEventChangesNothing() throws {
        let scenario = Scenario.random(40, rows: 60)
        let whole = Scenario.Start()
        let expected = try Outcome(try scenario.run(whole), whole.projections)
        var stopped = 0
        for event in 1...40 {
            var first = Scenario.Start()
            first.stopAt = (1, event)
            let summary = try scenario.run(first)
            guard summary.end == "stopped" else { break }
            stopped += 1
            var second = Scenario.Start()
            second.log = MemoryLog(first.log.records)
            second.projections = first.projections
            let outcome = try Outcome(try scenario.run(second), second.projections)
            #expect(outcome == expected, "stopped at event \(event)")
        }
        #expect(stopped > 20)
    }

    /// Reading a long log can be given up, and costs nothing.
    @Test(arguments: [true, false])
    func aStopWhileTheLogIsReadChangesNothing(_ paced: Bool) throws {
        let scenario = Scenario.random(20)
        let whole = Scenario.Start()
        _ = try paced ? scenario.runPaced(whole) : scenario.run(whole)
        var again = Scenario.Start()
        again.log = MemoryLog(whole.log.records)
        let error = #expect(throws: RunFailure.self) {
            try scenario.runStopped(again, paced: paced)
        }
        guard case .stopped("test") = error else { return _ = Issue.record("\(error as Any)") }
        #expect(again.log.records == whole.log.records)
        #expect(try again.projections.ledger().isEmpty)
    }

    /// Kills of the host, broken connections, other batches, all at once.
    @Test(arguments: seeds(0..<6, by: 10))
    func anythingAtOnceChangesNothing(_ seed: UInt64) throws {
        let scenario = Scenario.random(30)
        let whole = Scenario.Start()
        let expected = try Outcome(try scenario.run(whole), whole.projections)
        var random = SeededRandom(seed)
        var records: [[UInt8]] = []
        for _ in 0..<5 {
            var start = Scenario.Start()
            start.log = MemoryLog(
                records, failsAfter: records.count + Int.random(in: 3...25, using: &random))
            start.seed = random.next()
            start.breaksOnceIn = 250
            start.keepsState = random.oneIn(2)
            _ = try? scenario.run(start)
            // What was not flushed is gone.
            records = Array(
                start.log.records.prefix(
                    Int.random(in: records.count...start.log.records.count, using: &random)))
        }
        var last = Scenario.Start()
        last.log = MemoryLog(records)
        #expect(try Outcome(try scenario.run(last), last.projections) == expected)
        checkHistory(try facts(last.log))
    }
}
