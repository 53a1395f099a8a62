import Kernel
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

/// A ledger that is booked a second time, from the log alone.
@Suite struct LedgerReadingTests {
    @Test(arguments: [5, 6, 7] as [UInt64])
    func itIsTheOneThatTheRunBooked(_ seed: UInt64) throws {
        let scenario = Scenario.random(seed)
        let start = Scenario.Start()
        let summary = try scenario.run(start)
        let reading = try LedgerReading(scenario.setup(start, isLockstep: true))
        let rows = try start.projections.ledger()
        #expect(rows.count > 5 && reading.rows == rows)
        #expect(reading.hash == summary.ledgerHash && reading.end == summary.ledgerHash)
        #expect(reading.records == UInt64(start.log.records.count))
        #expect(start.log.isPatient, "as fast as possible nobody waits for a record by itself")
        let found = LedgerComparison(rows, reading.rows, digest: PlainSHA256())
        #expect(found.difference == nil && found.brokenAt == nil)
    }

    /// What a stop left is read as far as it goes.
    @Test func aRunThatWasStoppedHasNoEnd() throws {
        let scenario = Scenario.random(5)
        var start = Scenario.Start()
        start.stopAt = (server: 0, event: 60)
        #expect(try scenario.run(start).end == "stopped")
        let reading = try LedgerReading(scenario.setup(start, isLockstep: true))
        #expect(reading.end == nil)
        #expect(try reading.rows == start.projections.ledger())
    }

    /// The model of the version that was heard, which a change in the middle makes another one.
    @Test func theModelIsThatOfTheVersionThatWasHeard() throws {
        let scenario = Scenario.random(6).withCandidate(VersionPlan(live: .main, other: .shadow))
        var start = Scenario.Start()
        start.orders = [
            60: VersionRequest(
                number: 1, strategy: "alpha", plan: VersionPlan(live: .candidate, other: .shadow),
                reason: "better")
        ]
        _ = try scenario.run(start)
        let rows = try start.projections.ledger()
        let reading = try LedgerReading(scenario.setup(start, isLockstep: true))
        #expect(Set(rows.map(\.modelVersion)).count > 1, "both versions have fills")
        #expect(reading.rows == rows)
    }

    @Test func anotherRunsLogIsRefused() throws {
        let scenario = Scenario.random(5)
        let start = Scenario.Start()
        _ = try scenario.run(start)
        var other = scenario
        other.identity = "other"
        let error = #expect(throws: RunFailure.self) {
            try LedgerReading(other.setup(start, isLockstep: true))
        }
        #expect("\(try #require(error))".contains("was begun with another configuration"))
    }
}
