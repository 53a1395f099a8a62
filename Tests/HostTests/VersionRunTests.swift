import Kernel
import Platform
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

/// R4.7: two versions of a strategy over the same events, one of them heard.
@Suite struct VersionRunTests {
    private static let shadow = VersionPlan(live: .main, other: .shadow)
    private static let promoted = VersionPlan(live: .candidate, other: .shadow)
    private static let canary = VersionPlan(live: .main, other: .canary(share: 700_000))

    private static func order(_ number: Int, _ plan: VersionPlan) -> VersionRequest {
        VersionRequest(number: number, strategy: "alpha", plan: plan, reason: "test")
    }

    private static func words(_ row: SignalRow) -> String {
        "\(row.position) \(row.symbol) \(row.index) \(row.action) \(row.confidence)"
    }

    private static func heard(
        of slot: VersionSlot, _ start: Scenario.Start
    ) throws -> [SignalRow] {
        try start.projections.signals().filter {
            $0.source == "alpha" && $0.version == (slot == .main ? "1" : "2")
        }
    }

    /// A version's results, whoever was heard.
    private static func results(
        of slot: VersionSlot, _ start: Scenario.Start
    ) throws -> [SignalRow] {
        let others = try start.projections.shadows().filter { $0.slot == slot }.map(\.result)
        let version = slot == .main ? "1" : "2"
        #expect(others.allSatisfy { $0.version == version && $0.status == "shadow" })
        return try heard(of: slot, start) + others
    }

    private static func said(
        _ slot: VersionSlot, _ start: Scenario.Start
    ) throws -> Set<String> { Set(try results(of: slot, start).map(words)) }

    @Test(arguments: seeds(30..<36, by: 10)) func aShadowChangesNothing(_ seed: UInt64) throws {
        let random = Scenario.random(seed)
        let scenario = seed % 3 == 0 ? random : random.withoutReaders
        let alone = Scenario.Start()
        let expected = try Outcome(try scenario.run(alone), alone.projections)
        var start = Scenario.Start()
        start.breaksOnceIn = seed % 2 == 0 ? 40 : 0
        start.keepsState = true  // one that began afresh each time would never get through
        let both = scenario.withCandidate(Self.shadow)
        let summary = try both.run(start)
        #expect(try Outcome(summary, start.projections) == expected)
        let shadows = try start.projections.shadows()
        #expect(shadows.count > 10)
        #expect(shadows.allSatisfy { $0.slot == .candidate })

        // What it says alone is what it said as a shadow.
        let live = Scenario.Start()
        _ = try scenario.withCandidate(VersionPlan(live: .candidate, other: .none)).run(live)
        #expect(try Self.said(.candidate, live) == Self.said(.candidate, start))
        #expect(
            try Outcome(summary, start.projections).ledger
                != (try live.projections.ledger().last?.hash))
        let versions = try #require(summary.sources[1].versions)
        #expect(versions.map(\.role) == ["live", "shadow"])
        #expect(versions[1].notHeard == shadows.count && versions[0].notHeard == 0)
    }

    @Test(arguments: seeds(40..<44, by: 10))
    func aCanaryIsHeardOnItsShareAlone(_ seed: UInt64) throws {
        let random = Scenario.random(seed)
        let scenario = seed % 2 == 0 ? random : random.withoutReaders
        let start = Scenario.Start()
        let summary = try scenario.withCandidate(Self.canary).run(start)
        let inside = Set(
            scenario.plan.instruments.map(\.symbol).filter {
                VersionPlan.lot(of: $0, in: "alpha") < 700_000
            })
        #expect(!inside.isEmpty && inside.count < scenario.plan.instruments.count)
        let heard = try start.projections.signals().filter { $0.source == "alpha" }
        #expect(heard.contains { $0.version == "2" } && heard.contains { $0.version == "1" })
        for row in heard { #expect(row.version == (inside.contains(row.symbol) ? "2" : "1")) }
        for row in try start.projections.shadows() {
            #expect(row.slot == (inside.contains(row.result.symbol) ? .main : .candidate))
        }
        for row in try start.projections.ledger() where row.source == "alpha" {
            #expect(row.modelVersion == "alpha@1@h")
        }
        #expect(summary.sources[1].versions?.map(\.role) == ["live", "canary 70%"])

        // Both say together what they say alone.
        let shadow = Scenario.Start()
        _ = try scenario.withCandidate(Self.shadow).run(shadow)
        for slot in VersionSlot.allCases {
            #expect(try Self.said(slot, start) == Self.said(slot, shadow))
        }
    }

    /// Promoted and rolled back in the middle; then the log is cut anywhere behind the changes.
    @Test(arguments: seeds(50..<54, by: 10))
    func aPromotionIsTheSameFromTheLog(_ seed: UInt64) throws {
        let scenario = Scenario.random(seed, rows: 80).withCandidate(Self.shadow)
        var start = Scenario.Start()
        start.orders = [
            5: Self.order(1, Self.promoted), 25: Self.order(2, Self.canary),
            40: Self.order(3, Self.shadow),
        ]
        let summary = try scenario.run(start)
        let expected = try Outcome(summary, start.projections)
        let changes = try Self.changes(start.projections)
        #expect(changes.map(\.order) == [1, 2, 3])
        #expect(start.answers.withLock { $0.map(\.number) } == [1, 2, 3])
        #expect(changes.map(\.from) == Set(changes.map(\.from)).sorted())
        // Each result is heard by the plan of its own step, and by no other: who is heard changes nothing
        // of what either says, so what both say as shadow and main is what there is to hear.
        let apart = Scenario.Start()
        _ = try scenario.run(apart)
        var heardOfCandidate = 0
        for slot in VersionSlot.allCases {
            let all = try Self.results(of: slot, apart)
            let toHear = all.filter { row in
                let plan = changes.last { $0.from <= row.position.step }?.plan ?? Self.shadow
                return plan.hears(slot, lot: VersionPlan.lot(of: row.symbol, in: "alpha"))
            }
            let heard = try Self.heard(of: slot, start)
            #expect(Set(heard.map(Self.words)) == Set(toHear.map(Self.words)))
            #expect(
                Set(try Self.results(of: slot, start).map(Self.words)) == Set(all.map(Self.words)))
            if slot == .candidate { heardOfCandidate = toHear.count }
        }
        // In the pause of seed 50 the clock strikes a hundred times: all changes fall between two ticks.
        #expect(heardOfCandidate > 0 || seed == 50)
        let shadows = try start.projections.shadows().map(\.key)
        #expect(Set(shadows).count == shadows.count, "none twice")

        let last = try #require(
            start.log.records.lastIndex(where: Self.isChange))
        for count in stride(from: last + 1, through: start.log.records.count, by: 3) {
            var again = Scenario.Start()
            again.log = MemoryLog(start.log.records.prefix(count))
            again.seed = UInt64(count)
            let summary = try scenario.run(again)
            #expect(try Outcome(summary, again.projections) == expected, "cut behind \(count)")
            #expect(try again.projections.shadows().map(\.key).sorted() == shadows.sorted())
            #expect(try Self.changes(again.projections).map(\.plan) == changes.map(\.plan))
        }
    }

    /// An order of a number that the log knows is not obeyed again.
    @Test func anOldOrderIsAnsweredAndChangesNothing() throws {
        let scenario = Scenario.random(60).withCandidate(Self.shadow)
        var start = Scenario.Start()
        start.orders = [6: Self.order(4, Self.promoted)]
        let expected = try Outcome(try scenario.run(start), start.projections)
        let record = try #require(start.log.records.firstIndex(where: Self.isChange))
        var again = Scenario.Start()
        again.log = MemoryLog(start.log.records.prefix(record + 1))
        again.orders = [1: Self.order(3, Self.shadow), 20: Self.order(4, Self.shadow)]
        let summary = try scenario.run(again)
        #expect(try Outcome(summary, again.projections) == expected)
        #expect(try Self.changes(again.projections).map(\.plan) == [Self.promoted])
        #expect(again.answers.withLock { $0.map(\.number) } == [3, 4])
    }

    /// It is asked about nothing any more, so the run goes on without it, be it hung.
    @Test func aVersionThatIsOffIsNotWaitedFor() throws {
        let scenario = Scenario.random(61)
        let both = scenario.withCandidate(VersionPlan(live: .main, other: .none))
        let alone = Scenario.Start()
        let expected = try Outcome(try scenario.run(alone), alone.projections)
        let start = Scenario.Start()
        let summary = try both.runWithout(session: 2, start)
        #expect(try Outcome(summary, start.projections) == expected)
        #expect(try start.projections.shadows().isEmpty)
    }

    /// A shadow that does not answer holds the run, until somebody switches it off: in the same step.
    @Test func aHungShadowIsSwitchedOffInTheMiddleOfAStep() throws {
        let scenario = Scenario.random(62)
        let alone = Scenario.Start()
        let expected = try Outcome(try scenario.run(alone), alone.projections)
        var start = Scenario.Start()
        start.orders = [5: Self.order(1, VersionPlan(live: .main, other: .none))]
        start.orderServer = 0
        let summary = try scenario.withCandidate(Self.shadow).runWithout(session: 2, start)
        #expect(summary.end == "finished")
        #expect(try Outcome(summary, start.projections) == expected)
        #expect(start.answers.withLock { $0.count } == 1)
    }

    @Test func anotherBuildOfTheCandidateIsRefused() throws {
        let scenario = Scenario.random(63).withCandidate(Self.shadow)
        var start = Scenario.Start()
        start.stopAt = (0, 20)
        _ = try scenario.run(start)
        var other = scenario
        other.servers[2].description.version = "3"
        start.stopAt = nil
        let error = #expect(throws: RunFailure.self) { try other.run(start) }
        #expect("\(try #require(error))".contains("another candidate of 'alpha': version 2"))
        // One that is off may be anything.
        var again = Scenario.Start()
        again.orders = [5: Self.order(1, VersionPlan(live: .main, other: .none))]
        _ = try scenario.run(again)
        let record = try #require(again.log.records.firstIndex(where: Self.isChange))
        again.log = MemoryLog(again.log.records.prefix(record + 1))
        again.projections = MemoryProjections()
        #expect(try other.run(again).end == "finished")
    }

    /// At a pace: what is heard is decided by the step that a result is of, whenever it comes.
    @Test(arguments: seeds(70..<74, by: 10))
    func atAPaceNoPositionIsHeardFromTwo(_ seed: UInt64) throws {
        let scenario = Scenario.random(seed).withCandidate(Self.shadow)
        var start = Scenario.Start()
        start.orders = [5: Self.order(1, Self.canary), 30: Self.order(2, Self.promoted)]
        start.batch = 2
        let summary = try scenario.runPaced(start)
        #expect(summary.end == "finished")
        let changes = try Self.changes(start.projections)
        let heard = try start.projections.signals().filter { $0.source == "alpha" }
        #expect(!heard.isEmpty)
        for row in heard {
            let plan = changes.last { $0.from <= row.position.step }?.plan ?? Self.shadow
            let slot: VersionSlot = row.version == "1" ? .main : .candidate
            #expect(plan.hears(slot, lot: VersionPlan.lot(of: row.symbol, in: "alpha")))
        }
        for row in try start.projections.shadows() {
            let plan = changes.last { $0.from <= row.result.position.step }?.plan ?? Self.shadow
            #expect(!plan.hears(row.slot, lot: VersionPlan.lot(of: row.result.symbol, in: "alpha")))
        }
        // From the log alone: the same rows.
        var again = Scenario.Start()
        again.log = MemoryLog(start.log.records)
        #expect(try scenario.runPaced(again).end == "finished")
        #expect(
            try again.projections.shadows().map(\.key) == start.projections.shadows().map(\.key))
        #expect(try Self.changes(again.projections).map(\.plan) == changes.map(\.plan))
    }

    /// A history stands in for events: no version was asked about them, and none is held to them.
    @Test func whatAHistoryStandsInForIsNoDifference() throws {
        let scenario = Scenario.random(70, rows: 60).withCandidate(Self.shadow)
        var start = Scenario.Start()
        let end = EventPosition(step: 3, index: 0)
        start.inbox = { lane in
            lane.begins(behind: end)
            return lane
        }
        #expect(try scenario.runPaced(start).end == "finished")
        func skipped(_ start: Scenario.Start) throws -> [VersionSlot] {
            try start.projections.versions().compactMap { row in
                guard case .skipped(let slot, EventPosition(1), end) = row.event else { return nil }
                #expect(row.source == "alpha")
                return slot
            }
        }
        #expect(try skipped(start) == [.main, .candidate])
        let told = start.observer.all.filter { $0.text.contains("begins with a history up to 3.0") }
        #expect(told.count == scenario.servers.count)
        // From the log alone: the same rows, and nothing of it is left out for a server.
        var again = Scenario.Start()
        again.log = MemoryLog(start.log.records)
        let summary = try scenario.runPaced(again)
        #expect(try skipped(again) == [.main, .candidate])
        #expect(
            summary.sources.allSatisfy { $0.versions?.allSatisfy { $0.leftOut == nil } ?? true })
    }

    private static func isChange(_ bytes: [UInt8]) -> Bool {
        guard case .noted(_, _, _, let notes)? = try? LogRecord(bytes) else { return false }
        return notes.contains { note in
            if case .changed(_, _, _, let order, _) = note { order > 0 } else { false }
        }
    }

    private static func changes(
        _ projections: MemoryProjections
    ) throws -> [(plan: VersionPlan, from: UInt64, order: Int)] {
        try projections.versions().compactMap { row in
            guard case .changed(let plan, let from, let order, _) = row.event, order > 0 else {
                return nil
            }
            return (plan, from, order)
        }
    }
}
