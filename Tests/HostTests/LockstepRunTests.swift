import Kernel
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

/// What two runs of one recording must agree upon.
struct Outcome: Equatable {
    let ledger: String
    let state: String
    let rows: [LedgerRow]
    let orders: [OrderRow]
    let signals: [SignalRow]
    let risk: Int

    init(_ summary: RunSummary, _ projections: MemoryProjections) throws {
        ledger = summary.ledgerHash
        state = summary.stateHash
        // Record numbers count the starts too.
        rows = try projections.ledger().map { row in
            var row = row
            row.record = 0
            return row
        }
        orders = try projections.orders().map { row in
            var row = row
            row.record = 0
            return row
        }
        signals = try projections.signals().map { row in
            var row = row
            row.record = 0
            return row
        }
        risk = try projections.riskEvents().count
    }
}

/// The parts of a log's facts, in order.
func facts(_ log: MemoryLog) throws -> [Fact] {
    try log.records.flatMap { bytes -> [Fact] in
        switch try LogRecord(bytes) {
        case .step(_, _, let facts), .noted(_, _, let facts, _), .changed(_, _, let facts, _):
            facts.parts
        default: []
        }
    }
}

/// No order twice, none without approval, no fill twice, none for an unknown order.
func checkHistory(_ facts: [Fact]) {
    var approvals = 0
    var numbers: [OrderNumber] = []
    var fills: Set<[UInt64]> = []
    for fact in facts.parts {
        switch fact {
        case .risk(let decision): approvals += decision.approved ? 1 : 0
        case .ordered(let decision):
            numbers.append(decision.order.number)
            #expect(numbers.count <= approvals)
        case .filled(let fill, _):
            #expect(fills.insert([fill.order.value, UInt64(fill.id)]).inserted)
            #expect(numbers.contains(fill.order))
        case .contradiction(_, let what): Issue.record("contradiction: \(what)")
        default: break
        }
    }
    #expect(
        numbers.map(\.value)
            == Array(1...UInt64(max(1, numbers.count))).prefix(numbers.count).map { $0 })
}

@Suite struct LockstepRunTests {
    @Test(arguments: ArbiterPlan.Policy.allCases)
    func theOutcomeIsTheSameEachTime(_ policy: ArbiterPlan.Policy) throws {
        let scenario = Scenario.random(5, policy: policy)
        var outcomes: [Outcome] = []
        for seed in seeds(0..<4, by: 10) {
            var start = Scenario.Start()
            start.seed = seed
            start.batch = [1, 7, 64, 256][Int(seed % 4)]
            let summary = try scenario.run(start)
            #expect(summary.end == "finished")
            checkHistory(try facts(start.log))
            outcomes.append(try Outcome(summary, start.projections))
        }
        #expect(outcomes[0].rows.count > 5)
        #expect(outcomes.allSatisfy { $0 == outcomes[0] })
    }

    /// In every process, whatever seed its hash tables have: a change here is a change of decisions.
    @Test func theLedgerHashIsTheSameInEveryProcess() throws {
        let summary = try Scenario.random(5).run()
        #expect(
            summary.ledgerHash
                == "12f9a8eb3800fdbb92ea2fbc857277dc4eb301119ce5ada1ecc0422fecce8055")
    }

    /// Connections break at random and servers begin afresh, or go on from what they kept.
    @Test(arguments: [false, true], seeds(0..<4, by: 10))
    func brokenConnectionsChangeNothing(_ keepsState: Bool, _ seed: UInt64) throws {
        let scenario = Scenario.random(6)
        let whole = Scenario.Start()
        let expected = try Outcome(try scenario.run(whole), whole.projections)
        var start = Scenario.Start()
        start.seed = seed
        start.breaksOnceIn = 300
        start.keepsState = keepsState
        let summary = try scenario.run(start)
        #expect(try Outcome(summary, start.projections) == expected)
        #expect(start.observer.all.allSatisfy { !$0.text.contains("not deterministic") })
        checkHistory(try facts(start.log))
    }

    @Test func aFinishedRunIsToldAgainAndDecidesNothing() throws {
        let scenario = Scenario.random(7)
        let first = Scenario.Start()
        let expected = try scenario.run(first)
        let records = first.log.records.count
        var again = Scenario.Start()
        again.log = MemoryLog(first.log.records)
        again.projections = first.projections
        let summary = try scenario.run(again)
        #expect(
            summary.ledgerHash == expected.ledgerHash && summary.stateHash == expected.stateHash)
        #expect(summary.end == "finished" && summary.steps == expected.steps)
        #expect(summary.sources.map(\.used) == expected.sources.map(\.used))
        #expect(summary.sources.map(\.results) == expected.sources.map(\.results))
        #expect(summary.fees == expected.fees && summary.fills == expected.fills)
        #expect(again.log.records.count == records + 1, "a start and nothing else")
        #expect(try again.projections.ledger().count == first.projections.ledger().count)
    }

    @Test func anotherConfigurationIsRefused() throws {
        var scenario = Scenario.random(7, rows: 20)
        let first = Scenario.Start()
        _ = try scenario.run(first)
        scenario.identity = "another"
        var again = Scenario.Start()
        again.log = MemoryLog(first.log.records)
        #expect(throws: RunFailure.self) { try scenario.run(again) }
    }

    @Test func aDamagedOrForeignRecordIsNamed() throws {
        let scenario = Scenario.random(7, rows: 40)
        let first = Scenario.Start()
        _ = try scenario.run(first)
        let stranger = Fact.dayStarted(AccountID(9), day: 1, equity: .zero)
        let foreign = LogRecord.step(3, entry: .zero, facts: [stranger]).bytes
        for bad in [[UInt8](), [99], foreign, LogRecord.quiet(first: 1, last: 1 << 40).bytes] {
            var again = Scenario.Start()
            again.log = MemoryLog(first.log.records.prefix(4) + [bad])
            #expect {
                try scenario.run(again)
            } throws: { error in
                guard case .log(let what, _)? = error as? RunFailure else { return false }
                return what.contains("record 5") || what.contains("ends at step")
            }
        }
    }

    /// Facts meant something else then, or will: one clear word, and the log stays as it is.
    @Test(arguments: [-1, 1])
    func aLogOfAnotherVersionIsLeftToItsHost(_ distance: Int) throws {
        let scenario = Scenario.random(7, rows: 40)
        let first = Scenario.Start()
        _ = try scenario.run(first)
        var records = first.log.records
        let version = Int(LogRecord.version) + distance
        records[0][1] = UInt8(version)
        var again = Scenario.Start()
        again.log = MemoryLog(records)
        #expect {
            try scenario.run(again)
        } throws: { error in
            guard case .log(let what, let advice)? = error as? RunFailure else { return false }
            return what.contains("records of version \(version), this host reads")
                && advice == "go on with the host that wrote it, or begin again with --fresh"
        }
        #expect(again.log.records == records)
    }

    /// The disk fills up: the run fails with the store's words, and goes on when there is room.
    @Test(arguments: [3, 20, 45])
    func aFullDiskLosesNothing(_ room: Int) throws {
        let scenario = Scenario.random(8)
        let whole = Scenario.Start()
        let expected = try Outcome(try scenario.run(whole), whole.projections)
        var full = Scenario.Start()
        full.log = MemoryLog([], failsAfter: room)
        #expect {
            _ = try scenario.run(full)
        } throws: { error in
            guard case .store(let store)? = error as? RunFailure else { return false }
            return store.code == .full
        }
        var again = Scenario.Start()
        again.log = MemoryLog(full.log.records)
        again.projections = full.projections
        #expect(try Outcome(try scenario.run(again), again.projections) == expected)
    }

    /// Sessions come to it before the loop does: it is no fault of their servers.
    @Test(arguments: [false, true])
    func aBadRowEndsTheRunWithItsPlace(_ hasServers: Bool) {
        let rows = Scenario.random(9, rows: 30)
        let scenario = Scenario(
            plan: rows.plan, market: rows.market, feed: MemoryFeed(rows.feed.rows, badRow: 12),
            servers: hasServers ? rows.servers : [])
        #expect {
            _ = try scenario.run()
        } throws: { error in
            guard case .feed(let feed)? = error as? RunFailure else { return false }
            return feed.place == "memory:13"
        }
    }
}
