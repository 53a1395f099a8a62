import Kernel
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

/// R4.5, R4.7: a version that was not there when the run began.
@Suite struct VersionJoinTests {
    private static let off = VersionPlan(live: .main, other: .none)
    private static let shadow = VersionPlan(live: .main, other: .shadow)
    private static let promoted = VersionPlan(live: .candidate, other: .shadow)

    private static func order(_ number: Int, _ plan: VersionPlan) -> VersionRequest {
        VersionRequest(number: number, strategy: "alpha", plan: plan, reason: "test")
    }

    /// What a version said as somebody's shadow, or was heard with: position, symbol and all that counts.
    private static func said(_ version: String, _ start: Scenario.Start) throws -> Set<String> {
        let rows =
            try start.projections.signals().filter { $0.source == "alpha" }
            + start.projections.shadows().map(\.result)
        return Set(rows.filter { $0.version == version }.map(words))
    }
    private static func words(_ row: SignalRow) -> String {
        "\(row.position) \(row.symbol) \(row.index) \(row.action) \(row.confidence)"
    }
    private static func step(_ words: String) -> UInt64 {
        UInt64(words.prefix { $0.isNumber }) ?? 0
    }

    private static func changes(
        _ start: Scenario.Start
    ) throws -> [(plan: VersionPlan, from: UInt64, order: Int)] {
        try start.projections.versions().compactMap { row in
            guard case .changed(let plan, let from, let order, _) = row.event else { return nil }
            return (plan, from, order)
        }
    }

    /// What a candidate says that was there from the first event.
    private static func whole(
        _ scenario: Scenario, seed: UInt64 = 77
    ) throws -> Set<String> {
        let start = Scenario.Start()
        _ = try scenario.withCandidate(shadow, seed: seed).run(start)
        return try said("2", start)
    }

    @Test(arguments: seeds(80..<86, by: 10))
    func aShadowThatJoinsChangesNothing(_ seed: UInt64) throws {
        let random = Scenario.random(seed)
        let scenario = seed % 2 == 0 ? random : random.withoutReaders
        let alone = Scenario.Start()
        let expected = try Outcome(try scenario.run(alone), alone.projections)
        var start = Scenario.Start()
        start.orders = [8: Self.order(1, Self.shadow)]
        start.joining = [1: Scenario.candidate(order: 1)]
        let summary = try scenario.run(start)
        #expect(try Outcome(summary, start.projections) == expected)
        #expect(start.answers.withLock { $0.map(\.number) } == [1])

        // From its step on it says what it would have said had it been there all the time.
        let from = try #require(try Self.changes(start).last).from
        let whole = try Self.whole(scenario)
        let later = whole.filter { Self.step($0) >= from }
        #expect(try Self.said("2", start) == later)
        // Where nobody reads accounts servers are fed ahead, and it may stand before the first step.
        #expect(seed % 2 == 1 || from > 1 && !later.isEmpty && later.count < whole.count)
        let versions = try #require(summary.sources[1].versions)
        #expect(versions.map(\.role) == ["live", "shadow"])
        #expect(versions[1].notHeard == later.count)
    }

    /// Deployed, promoted, rolled back: then the log is cut anywhere, and the next start has it from the start.
    @Test(arguments: seeds(90..<93, by: 10))
    func whatJoinedIsTheSameFromTheLog(_ seed: UInt64) throws {
        let scenario = Scenario.random(seed, rows: 80)
        var start = Scenario.Start()
        start.orders = [
            6: Self.order(1, Self.shadow), 20: Self.order(2, Self.promoted),
            35: Self.order(3, Self.shadow),
        ]
        start.joining = [1: Scenario.candidate(order: 1)]
        let expected = try Outcome(try scenario.run(start), start.projections)
        let changes = try Self.changes(start)
        #expect(changes.map(\.order).filter { $0 > 0 } == [1, 2, 3])
        #expect(changes.map(\.plan).contains(Self.off))
        let shadows = try start.projections.shadows().map(\.key).sorted()

        let again = scenario.withCandidate(Self.off, order: 1)
        let last = try #require(start.log.records.lastIndex(where: Self.isChange))
        for count in stride(from: last + 1, through: start.log.records.count, by: 3) {
            var next = Scenario.Start()
            next.log = MemoryLog(start.log.records.prefix(count))
            let summary = try again.run(next)
            #expect(try Outcome(summary, next.projections) == expected, "cut behind \(count)")
            #expect(try next.projections.shadows().map(\.key).sorted() == shadows)
        }
        // The log does not know it yet: it joins where the run goes on.
        let first = try #require(start.log.records.firstIndex(where: Self.isChange))
        var next = Scenario.Start()
        next.log = MemoryLog(start.log.records.prefix(first))
        next.firstOrder = Self.order(1, Self.shadow)
        let alone = Scenario.Start()
        let summary = try again.run(next)
        #expect(
            try Outcome(summary, next.projections)
                == Outcome(try scenario.run(alone), alone.projections))
        let from = try #require(try Self.changes(next).last).from
        let whole = try Self.whole(scenario)
        #expect(try Self.said("2", next) == whole.filter { Self.step($0) >= from })
    }

    /// Another one takes its place: neither is heard for the other's events.
    @Test(arguments: seeds(100..<103, by: 10))
    func aCandidateTakesTheOthersPlace(_ seed: UInt64) throws {
        let scenario = Scenario.random(seed).withCandidate(Self.shadow, version: "1.5")
        var start = Scenario.Start()
        start.orders = [10: Self.order(1, Self.shadow), 25: Self.order(2, Self.promoted)]
        start.joining = [1: Scenario.candidate(seed: 5, order: 1)]
        let summary = try scenario.run(start)
        #expect(summary.end == "finished")
        let from = try #require(try Self.changes(start).first { $0.order == 1 }).from
        let before = try Self.said("1.5", start)
        #expect(before.allSatisfy { Self.step($0) < from })
        let whole = try Self.whole(Scenario.random(seed), seed: 5)
        #expect(try Self.said("2", start) == whole.filter { Self.step($0) >= from })
        let expected = try Outcome(summary, start.projections)

        // The log alone: a host that is started again begins with the second.
        let again = Scenario.random(seed).withCandidate(Self.shadow, seed: 5, order: 1)
        let record = try #require(start.log.records.lastIndex(where: Self.isChange))
        var next = Scenario.Start()
        next.log = MemoryLog(start.log.records.prefix(record + 1))
        #expect(try Outcome(try again.run(next), next.projections) == expected)
        // Without it the live version is missing: nobody guesses.
        var lone = Scenario.Start()
        lone.log = MemoryLog(start.log.records.prefix(record + 1))
        let error = #expect(throws: RunFailure.self) { try Scenario.random(seed).run(lone) }
        #expect("\(try #require(error))".contains("the candidate of 'alpha' was live"))
    }

    /// At a pace it begins behind what it is told as history, and no result of before is heard.
    @Test(arguments: seeds(110..<114, by: 10))
    func atAPaceItBeginsWhereTheRunIs(_ seed: UInt64) throws {
        let scenario = Scenario.random(seed)
        var start = Scenario.Start()
        start.orders = [5: Self.order(1, Self.shadow), 12: Self.order(2, Self.promoted)]
        start.joining = [1: Scenario.candidate(order: 1)]
        start.batch = 2
        let summary = try scenario.runPaced(start)
        #expect(summary.end == "finished")
        let changes = try Self.changes(start)
        let from = try #require(changes.first { $0.order > 0 }).from
        let candidates = try Self.said("2", start)
        #expect(candidates.allSatisfy { Self.step($0) >= from })
        for row in try start.projections.signals() where row.source == "alpha" {
            let plan = changes.last { $0.from <= row.position.step }?.plan ?? Self.off
            let slot: VersionSlot = row.version == "1" ? .main : .candidate
            #expect(plan.hears(slot, lot: VersionPlan.lot(of: row.symbol, in: "alpha")))
        }
        var again = Scenario.Start()
        again.log = MemoryLog(start.log.records)
        let shadows = try start.projections.shadows().map(\.key)
        #expect(
            try scenario.withCandidate(Self.off, order: 1).runPaced(again).end == "finished")
        #expect(try again.projections.shadows().map(\.key) == shadows)
    }

    private static func isChange(_ bytes: [UInt8]) -> Bool {
        guard case .noted(_, _, _, let notes)? = try? LogRecord(bytes) else { return false }
        return notes.contains { note in
            if case .changed(_, _, _, let order, _) = note { order > 0 } else { false }
        }
    }
}
