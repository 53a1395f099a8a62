import Kernel
import Platform
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

/// The tables that a log makes anew are those of its run, row by row: what a row tells is in the log, or is no part of it.
@Suite struct RebuiltTablesTests {
    private static func scenario(_ kind: UInt64, _ seed: UInt64) -> Scenario {
        let random = Scenario.random(seed + 600, rows: 250)
        return switch kind {
        case 0: random
        case 1: random.withoutReaders
        case 2: random.withShards(2)
        case 3: random.withStandbys()
        case 4: random.withCandidate(VersionPlan(live: .main, other: .canary(share: 400_000)))
        default: random.withCandidate(VersionPlan(live: .candidate, other: .shadow))
        }
    }

    /// At a pace, with breaks and with hosts that end behind any record.
    @Test(arguments: 0..<6 as Range<UInt64>)
    func thoseOfAPacedRun(_ kind: UInt64) throws {
        for seed in seeds(0..<4, by: 10) {
            let scenario = Self.scenario(kind, seed)
            let tables = MemoryProjections()
            var random = SeededRandom(seed)
            var records: [[UInt8]] = []
            for life in 0..<3 {
                var start = Scenario.Start()
                start.seed = random.next()
                start.breaksOnceIn = seed % 2 == 0 ? 0 : 30
                start.projections = tables
                let room = records.count + Int.random(in: 2...40, using: &random)
                start.log = MemoryLog(records, failsAfter: life == 2 ? nil : room)
                _ = try? scenario.runPaced(start)
                records = start.log.records
            }
            let rebuilt = MemoryProjections()
            _ = try scenario.rebuild(MemoryLog(records), into: rebuilt)
            try expectSameTables(rebuilt, tables)
            #expect(try tables.signals().count > 20 && tables.rounds().count > 5)
            #expect(try kind < 4 || !tables.versions().isEmpty && !tables.shadows().isEmpty)
        }
    }

    /// As fast as possible.
    @Test(arguments: 0..<6 as Range<UInt64>)
    func thoseOfAFastRun(_ kind: UInt64) throws {
        for seed in seeds(0..<2, by: 10) {
            let scenario = Self.scenario(kind, seed)
            let start = Scenario.Start()
            _ = try scenario.run(start)
            let rebuilt = MemoryProjections()
            _ = try scenario.rebuild(start.log, into: rebuilt, paced: false)
            try expectSameTables(rebuilt, start.projections)
        }
    }
}
