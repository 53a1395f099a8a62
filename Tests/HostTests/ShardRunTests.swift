import Kernel
import Platform
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

/// R4.9: a strategy parted among several servers is one source, whatever server said it.
@Suite struct ShardRunTests {
    /// Servers that break come to the same, and so does a log that is cut anywhere and gone on with.
    @Test(arguments: seeds(80..<84, by: 10))
    func breaksAndRestartsChangeNothing(_ seed: UInt64) throws {
        let random = Scenario.random(seed, rows: 80)
        let plain = seed % 2 == 0 ? random : random.withoutReaders
        let scenario = plain.withShards(2 + Int(seed % 2))
        let whole = Scenario.Start()
        let summary = try scenario.run(whole)
        let expected = try Outcome(summary, whole.projections)
        #expect(summary.end == "finished")
        try expectShards(summary, whole, scenario)

        var start = Scenario.Start()
        start.breaksOnceIn = 40
        start.keepsState = true  // one that began afresh each time would never get through
        #expect(try Outcome(try scenario.run(start), start.projections) == expected)

        for count in stride(from: 3, through: whole.log.records.count, by: 5) {
            var again = Scenario.Start()
            again.log = MemoryLog(whole.log.records.prefix(count))
            again.seed = UInt64(count)
            let summary = try scenario.run(again)
            #expect(try Outcome(summary, again.projections) == expected, "cut behind \(count)")
            try expectShards(summary, again, scenario)
            let contradictions = again.observer.all.filter { $0.text.contains("not deterministic") }
            #expect(contradictions.isEmpty, "each is held to its own word")
            DecisionReplayTests.expectSame(try DecisionReplayTests.replay(scenario, again.log))
        }
    }

    private func expectShards(
        _ summary: RunSummary, _ start: Scenario.Start, _ scenario: Scenario
    ) throws {
        let shards = try #require(summary.sources[1].shards)
        let plan = try #require(scenario.plan.sources[1].shards)
        #expect(shards.map(\.shard) == Array(0..<plan.count))
        let signals = try start.projections.signals().filter { $0.source == "alpha" }
        for shard in shards {
            let own = scenario.plan.instruments.filter { plan.shard(of: $0.id) == shard.shard }
            #expect(shard.symbols == own.map(\.symbol))
            let said = signals.filter { shard.symbols.contains($0.symbol) }
            #expect(shard.results == said.count && !said.isEmpty)
        }
        #expect(shards.reduce(0) { $0 + $1.results } == summary.sources[1].results)
        #expect(summary.sources[2].shards == nil)
    }
}
