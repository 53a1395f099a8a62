import Kernel
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

/// R7.4: limits that prices pass, in whole runs over files.
@Suite struct WatchRunTests {
    private static func scenario(_ seed: UInt64) -> Scenario {
        let plain = Scenario.random(seed, rows: 120)
        var plan = plain.plan
        // Of one account alone: the other goes on.
        plan.accounts[1].risk.dayLoss = 500
        plan.accounts[1].risk.drawdown = 600
        return Scenario(
            plan: plan, market: plain.market, feed: plain.feed, servers: plain.servers)
    }

    private static func passed(_ log: MemoryLog) throws -> [LimitPassed] {
        try facts(log).compactMap { fact in
            if case .limitPassed(let passed) = fact { passed } else { nil }
        }
    }

    /// Whatever record a crash leaves last, the same limits are passed at the same places, and a replay says so.
    @Test(arguments: [31, 33, 56] as [UInt64])
    func aCrashAtAnyRecordChangesNoWatch(_ seed: UInt64) throws {
        let scenario = Self.scenario(seed)
        let whole = Scenario.Start()
        let expected = try Outcome(try scenario.run(whole), whole.projections)
        let passed = try Self.passed(whole.log)
        #expect(!passed.isEmpty && passed.allSatisfy { $0.account == AccountID(1) })
        #expect(try whole.projections.riskEvents().count { $0.code == "GR031" } >= passed.count)
        try Self.cutEverywhere(scenario, whole, expected, Self.passed, is: passed, decided: "limit")
    }

    /// The same of orders that are too old: whose end is asked for, and where.
    @Test(arguments: [31, 33, 56] as [UInt64])
    func aCrashAtAnyRecordChangesNoAge(_ seed: UInt64) throws {
        let plain = Scenario.random(seed, rows: 120)
        var plan = plain.plan
        plan.risk.orderAge = .seconds(20)
        let scenario = Scenario(
            plan: plan, market: plain.market, feed: plain.feed, servers: plain.servers)
        let whole = Scenario.Start()
        let expected = try Outcome(try scenario.run(whole), whole.projections)
        let aged = try Self.aged(whole.log)
        #expect(aged.count > 2)
        try Self.cutEverywhere(scenario, whole, expected, Self.aged, is: aged, decided: "cancel")
    }

    /// Whatever record a crash leaves last, the run comes to the same, and a replay says so.
    private static func cutEverywhere<Found: Equatable>(
        _ scenario: Scenario, _ whole: Scenario.Start, _ expected: Outcome,
        _ find: (MemoryLog) throws -> Found, is found: Found, decided: String
    ) throws {
        for count in 0..<whole.log.records.count {
            var start = Scenario.Start()
            start.log = MemoryLog(whole.log.records.prefix(count))
            let summary = try scenario.run(start)
            #expect(
                try Outcome(summary, start.projections) == expected, "cut behind record \(count)")
            #expect(try find(start.log) == found, "cut behind record \(count)")
            if count.isMultiple(of: 16) {
                DecisionReplayTests.expectSame(
                    try DecisionReplayTests.replay(scenario, start.log), decided: [decided])
            }
        }
    }

    private static func aged(_ log: MemoryLog) throws -> [OrderNumber] {
        try facts(log).compactMap { fact in
            if case .cancelAsked(let number, let reason) = fact, OrderAge.says(reason) {
                number
            } else {
                nil
            }
        }
    }

    private struct Told {
        let orders: [OrderRow]
        let passed: [WatchedLimit]
        let words: [String]
    }

    /// Ten bought at the first price, ten more for 900 while the second one stands, ten at 40 s.
    private static func told(_ limits: RiskLimits, _ prices: [Int64]) throws -> Told {
        let buy = StrategyResult(
            .buy, limit: .won(900), confidence: .full, validity: .untilNextCandle)
        let more = StrategyResult(.buy, confidence: .full, validity: .untilNextCandle)
        var plan = KernelPlan.sample(
            cash: .won(40_000), sources: [SourcePlan(name: "x", kind: .builtIn)],
            attachments: [
                .sample(
                    0, adds: true,
                    strategy: TableStrategy([
                        .seconds(0): more, .seconds(10): buy, .seconds(40): more,
                    ]))
            ])
        plan.risk = limits
        let ticks = prices.enumerated().map { MarketInput.tick(.at(Int64($0) * 10, $1)) }
        let scenario = Scenario(
            plan: plan, market: MarketPlan(zones: plan.zones, intervals: []),
            feed: MemoryFeed(ticks), servers: [])
        let start = Scenario.Start()
        _ = try scenario.run(start)
        return Told(
            orders: try start.projections.orders(), passed: try passed(start.log).map(\.limit),
            words: start.observer.all.map(\.text))
    }

    /// Buys that work end with it, and nothing is bought in the rest of the day.
    @Test func aPassedLossEndsWorkingBuys() throws {
        let told = try Self.told(
            RiskLimits(dayLoss: 5_000), [1_000, 1_000, 990, 970, 1_000, 1_000])
        #expect(told.orders.map(\.state) == ["filled", "cancelled"])
        #expect(told.orders.map(\.limit) == [nil, .won(900)])
        #expect(told.passed == [.dayLoss])
        let words = try #require(
            told.words.first { $0.hasPrefix("GR031 a0 is past day_loss: lost ") })
        #expect(words.hasSuffix("no more buys of it today"), "\(words)")
        #expect(told.words.contains { $0.contains("not approved: day_loss, it was passed today") })
    }

    /// A position that grows past its limit ends its buys; when it has shrunk again it may be bought.
    @Test func aPassedValueEndsWorkingBuys() throws {
        let told = try Self.told(
            RiskLimits(symbolValue: .won(20_500)), [1_000, 1_000, 1_020, 1_030, 1_000, 1_000])
        #expect(told.orders.map(\.state).prefix(2) == ["filled", "cancelled"])
        #expect(told.orders.map(\.limit) == [nil, .won(900), nil])
        #expect(told.passed == [.symbolValue])
        let words = try #require(
            told.words.first { $0.hasPrefix("GR031 S0 is past symbol_value: ") })
        // It was bought again, at 40 s.
        #expect(words.hasSuffix("its buys are ended, and no more until it is not"), "\(words)")
    }
}
