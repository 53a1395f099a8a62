import Kernel
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

/// Closed candles as rows: those of the market stage, each with the record of its step, whatever happens.
@Suite struct BarRowsTests {
    private static func keep(_ setup: inout RunSetup) { setup.bars = [.minute] }

    /// What the recording comes to by itself, by symbol and time, each with its step.
    private static func candles(
        _ scenario: Scenario
    ) throws -> [(bar: BarRow, step: UInt64)] {
        let reader = try StepReader(scenario.feed, scenario.market)
        var step = Step()
        var found: [(bar: BarRow, step: UInt64)] = []
        while try reader.read(into: &step) {
            for event in step.events {
                guard case .candle(let candle) = event.kind, candle.isFinal else { continue }
                let symbol = scenario.plan.instruments[Int(candle.instrument.index)].symbol
                found.append((BarRow(candle, record: 0, symbol: symbol), step.number))
            }
        }
        return found.sorted { ($0.bar.symbol, $0.bar.openTime) < ($1.bar.symbol, $1.bar.openTime) }
    }

    private static func plain(_ bars: [BarRow]) -> [BarRow] {
        bars.map { bar in
            var bar = bar
            bar.record = 0
            return bar
        }
    }

    private static func rebuilt(_ scenario: Scenario, _ log: MemoryLog) throws -> [BarRow] {
        var start = Scenario.Start()
        start.log = MemoryLog(log.records)
        var setup = scenario.setup(start, isLockstep: true)
        keep(&setup)
        _ = try TableRebuild(setup)
        return try start.projections.bars()
    }

    @Test(arguments: seeds(0..<6, by: 10), [false, true])
    func everyClosedCandleIsARowOfItsStepsRecord(_ seed: UInt64, isPaced: Bool) throws {
        let scenario = Scenario.random(seed)
        let expected = try Self.candles(scenario)
        let start = Scenario.Start()
        _ =
            isPaced
            ? try scenario.runPaced(start, Self.keep) : try scenario.run(start, Self.keep)
        let bars = try start.projections.bars()
        #expect(bars.count > 20 && Self.plain(bars) == expected.map(\.bar))
        for (bar, candle) in zip(bars, expected) {
            let record = try LogRecord(start.log.records[Int(bar.record) - 1])
            // However quiet the market is: the record ends with the step, and is not waited for.
            #expect(record.lastStep == candle.step, "\(record)")
        }
        #expect(try Self.rebuilt(scenario, start.log) == bars)
    }

    /// Decisions are what they were, and a log with such records comes to them again.
    @Test(arguments: seeds(30..<33, by: 10), [false, true])
    func decisionsDoNotKnowThatBarsAreKept(_ seed: UInt64, isPaced: Bool) throws {
        let scenario = Scenario.random(seed, rows: 300)
        let (without, with) = (Scenario.Start(), Scenario.Start())
        if isPaced {
            _ = try scenario.runPaced(with, Self.keep)
        } else {
            let expected = try Outcome(try scenario.run(without), without.projections)
            #expect(try without.projections.bars().isEmpty)
            #expect(try Outcome(try scenario.run(with, Self.keep), with.projections) == expected)
        }
        DecisionReplayTests.expectSame(
            try DecisionReplayTests.replay(scenario, with.log) {
                $0.speed = isPaced ? 1 : nil
                Self.keep(&$0)
            }, decided: ["signal", "round"])
    }

    /// From whatever record a crash leaves last: with tables that were lost, and with those that were left.
    @Test(arguments: seeds(50..<52, by: 10))
    func aCrashAtAnyRecordLosesNoBarAndDoublesNone(_ seed: UInt64) throws {
        let scenario = Scenario.random(seed, rows: 50)
        let expected = try Self.candles(scenario).map(\.bar)
        let whole = Scenario.Start()
        _ = try scenario.run(whole, Self.keep)
        for count in 0...whole.log.records.count {
            var lost = Scenario.Start()
            lost.log = MemoryLog(whole.log.records.prefix(count))
            _ = try scenario.run(lost, Self.keep)
            #expect(Self.plain(try lost.projections.bars()) == expected, "behind record \(count)")
            // A start that failed there has left what it wrote.
            var short = Scenario.Start()
            short.log = MemoryLog([], failsAfter: count)
            _ = try? scenario.run(short, Self.keep)
            var left = Scenario.Start()
            left.projections = short.projections
            left.log = MemoryLog(short.log.records)
            _ = try scenario.run(left, Self.keep)
            #expect(Self.plain(try left.projections.bars()) == expected, "failed at \(count)")
            #expect(
                try Self.rebuilt(scenario, left.log) == left.projections.bars(),
                "failed at \(count)")
        }
    }
}

extension LogRecord {
    /// `nil` for one that tells of no step.
    fileprivate var lastStep: UInt64? {
        switch self {
        case .quiet(_, let last): last
        case .step(let step, _, _), .noted(let step, _, _, _), .routed(let step, _, _, _, _),
            .changed(let step, _, _, _):
            step
        case .head, .start, .finished, .skipped, .watched, .answered: nil
        }
    }
}
