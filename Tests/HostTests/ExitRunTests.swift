import Kernel
import PaperExchange
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

/// R9, R12.3: exits in whole runs over files.
@Suite struct ExitRunTests {
    private static func scenario(_ seed: UInt64, rows: Int) throws -> Scenario {
        try DecisionReplayTests.withExits(.random(seed, rows: rows))
    }

    /// R9.2: whatever record a crash leaves last, exits go on as if nothing had happened.
    @Test(arguments: [31, 33, 56] as [UInt64])
    func aCrashAtAnyRecordChangesNoExit(_ seed: UInt64) throws {
        let scenario = try Self.scenario(seed, rows: 90)
        let whole = Scenario.Start()
        let expected = try Outcome(try scenario.run(whole), whole.projections)
        let exits = expected.orders.map(\.sizing).filter { $0.hasPrefix("exit ") }
        #expect(exits.count > 20)
        for tier in ["-4% all", "+3% half", "+6% rest", "trail 3% all"] {
            #expect(exits.contains { $0.hasPrefix("exit \(tier)") }, "\(tier)")
        }
        let records = whole.log.records
        for count in 0...records.count {
            var start = Scenario.Start()
            start.log = MemoryLog(records.prefix(count))
            let summary = try scenario.run(start)
            #expect(
                try Outcome(summary, start.projections) == expected, "cut behind record \(count)")
        }
    }

    /// Guards and exchange that answer each other for ever, as they seem to where one answer is one too many.
    @Test func aStepThatDoesNotEndHaltsTheRun() throws {
        let scenario = try Self.scenario(31, rows: 90)
        let start = Scenario.Start()
        let summary = try scenario.run(start) { $0.mostTurns = 0 }
        #expect(summary.end == "finished", "no standstill")
        let kills = try history(start.log.records).facts.compactMap { fact -> String? in
            if case .killed(true, .all, let why) = fact { why } else { nil }
        }
        #expect(kills.count == 1)
        #expect(
            kills.first?.hasPrefix(
                "a step did not end by itself, and the host halts: exits and their orders answered")
                == true, "\(kills)")
    }

    /// R13.1: the stated rule between candles.
    @Test func theStopGoesBeforeTheTargetInACandle() throws {
        let rows: [(Int64, (Int64, Int64, Int64, Int64))] = [
            (0, (1_000, 1_000, 1_000, 1_000)), (60, (1_000, 1_100, 900, 1_000)),
            (120, (1_000, 1_020, 980, 1_010)), (180, (1_010, 1_100, 940, 1_050)),
            (240, (1_050, 1_050, 1_050, 1_050)),
        ]
        let orders = try Self.orders(rows)
        // The candle of the entry, 900 to 1,100, fires nothing; in the one that reaches both the stop sells at its own price.
        #expect(orders.map(\.side) == [.buy, .sell])
        #expect(orders.last?.reason == "exit -5% all: bought for 1000, the price is 950")
        #expect(orders.last?.state == "filled")
    }

    /// R9.3: a gap at the open is left at the open.
    @Test func aGapIsLeftWhereItOpens() throws {
        let rows: [(Int64, (Int64, Int64, Int64, Int64))] = [
            (0, (1_000, 1_000, 1_000, 1_000)), (60, (1_000, 1_000, 1_000, 1_000)),
            (120, (800, 810, 790, 800)), (180, (795, 800, 780, 790)),
        ]
        let orders = try Self.orders(rows)
        #expect(orders.map(\.side) == [.buy, .sell])
        #expect(orders.last?.limit == .won(792))
        #expect(orders.last?.state == "filled")
    }

    /// A target that waits for its price gives way to the stop: that is no trouble, and an end nobody wished for is.
    @Test func whatAGuardTakesBackIsNoWarning() throws {
        let rows: [(Int64, (Int64, Int64, Int64, Int64))] = [
            (0, (1_000, 1_000, 1_000, 1_000)), (60, (1_000, 1_000, 1_000, 1_000)),
            (120, (1_000, 1_060, 1_000, 1_040)), (180, (1_040, 1_045, 940, 940)),
            (240, (940, 940, 940, 940)),
        ]
        let start = try Self.run(rows, .atClose)
        let told = start.observer.all.filter { $0.text.hasPrefix("order 2 ") }
        #expect(
            told.map(\.text) == [
                "order 2 is being cancelled: the stop fired", "order 2 cancelled: as asked",
            ])
        #expect(told.allSatisfy { $0.kind == .order })

        var narrator = Narrator(.sample())
        let ends: [Fact] = [
            .cancelAsked(OrderNumber(1), reason: "by hand"),
            .orderEnded(OrderNumber(1), .cancelled, reason: "as asked"),
            .cancelAsked(OrderNumber(2), reason: "the stop fired"),
            .orderEnded(OrderNumber(2), .rejected, reason: "too late"),
        ]
        let kinds = ends.map { narrator.notice(of: $0, time: .zero, orders: [:])?.kind }
        #expect(kinds == [.warning, .warning, .order, .warning])
    }

    /// With more volume than any order wants: these tests ask for prices, and no fill is of a part.
    private static func deep(_ seconds: Int64, _ prices: (Int64, Int64, Int64, Int64)) -> Candle {
        Candle(
            instrument: InstrumentID(0), interval: .minute, openTime: .seconds(seconds),
            open: .won(prices.0), high: .won(prices.1), low: .won(prices.2), close: .won(prices.3),
            volume: Volume(.shares(1_000_000)))
    }

    private static func orders(_ rows: [(Int64, (Int64, Int64, Int64, Int64))]) throws
        -> [OrderRow]
    {
        try run(rows, .lowFirst).projections.orders()
    }

    private static func run(
        _ rows: [(Int64, (Int64, Int64, Int64, Int64))], _ path: CandlePath
    ) throws -> Scenario.Start {
        let buy = StrategyResult(.buy, confidence: .full, validity: .untilNextCandle)
        var plan = KernelPlan.sample(
            sources: [SourcePlan(name: "x", kind: .builtIn)],
            attachments: [
                .sample(
                    0, input: .candles(.minute), strategy: TableStrategy([.seconds(60): buy]))
            ])
        plan.exits.plans = [try ExitPlan(reading: ["-5% all", "+5% rest"])]
        plan.exits.general = .plan(0)
        let scenario = Scenario(
            plan: plan, market: MarketPlan(zones: plan.zones, intervals: [.minute]),
            feed: MemoryFeed(rows.map { .candle(Self.deep($0.0, $0.1)) }), servers: [])
        let start = Scenario.Start()
        // Fills are whole: their parts are no matter here.
        _ = try scenario.run(start) {
            $0.paper = .init(feeMicroBasisPoints: 5_000_000)
            $0.paper.candlePath = path
        }
        return start
    }
}
