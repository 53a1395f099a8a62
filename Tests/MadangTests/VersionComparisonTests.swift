import Ports
import TestKit
import Testing
import TradingModel

@testable import Madang

/// R4.7: the report of differences, from rows alone.
@Suite struct VersionComparisonTests {
    private static func signal(
        _ step: UInt64, _ symbol: String = "A", action: Action = .buy, confidence: Int32 = 500_000,
        size: String = "10", limit: Price? = nil, index: Int = 0, delay: Int64 = 0,
        source: String = "model", account: String = "demo"
    ) -> SignalRow {
        SignalRow(
            record: 1, position: EventPosition(step: step, index: 0), index: index,
            source: source, version: "1", model: "", parameterHash: "", account: account,
            symbol: symbol, action: action, confidence: confidence, message: "", reasons: [],
            status: "used", detail: "", time: Timestamp(nanoseconds: Int64(step)), size: size,
            limit: limit, delay: delay)
    }
    private static func shadow(_ row: SignalRow, _ slot: VersionSlot = .candidate) -> ShadowRow {
        ShadowRow(slot: slot, result: row)
    }
    private static func rows(
        _ plan: String = "main live, candidate shadow", through: UInt64 = 1_000,
        _ more: [VersionRow.Event] = []
    ) throws -> [VersionRow] {
        let plan = try #require(VersionPlan(plan))
        let events: [VersionRow.Event] =
            [
                .described(.main, version: "1", model: "m@1", parameterHash: "p"),
                .described(.candidate, version: "2", model: "m@2", parameterHash: "p"),
                .changed(plan, from: 0, order: 0, reason: "as configured"),
            ] + more + VersionSlot.allCases.map { .covered($0, .endOfStep(through)) }
        return events.map { VersionRow(record: 1, source: "model", event: $0, time: .zero) }
    }
    private static func compare(
        _ signals: [SignalRow], _ shadows: [ShadowRow], _ rows: [VersionRow]
    ) throws -> VersionComparison {
        try #require(
            VersionComparison(of: "model", signals: signals, shadows: shadows, rows: rows))
    }

    @Test func aStrategyWithOneVersionHasNone() {
        #expect(
            VersionComparison(of: "model", signals: [Self.signal(1)], shadows: [], rows: []) == nil)
    }

    @Test func eachKindOfDifferenceIsCounted() throws {
        let signals = [
            Self.signal(1), Self.signal(2), Self.signal(3, "B"), Self.signal(4), Self.signal(5),
            Self.signal(6), Self.signal(9, source: "other"),
        ]
        let shadows = [
            Self.shadow(Self.signal(1)), Self.shadow(Self.signal(2, confidence: 600_000)),
            Self.shadow(Self.signal(4, action: .sell, size: "20")),
            Self.shadow(Self.signal(5, limit: .won(70))),
            Self.shadow(Self.signal(6, index: 1)), Self.shadow(Self.signal(7)),
        ]
        let report = try Self.compare(signals, shadows, try Self.rows())
        #expect(report.total == .init(equal: 1, differing: 3, onlyMain: 2, onlyCandidate: 2))
        #expect(report.byField == ["action": 1, "size": 1, "confidence": 1, "limit": 1])
        #expect(report.bySymbol["B"] == .init(equal: 0, onlyMain: 1))
        #expect(report.bySymbol.values.map(\.equal).reduce(0, +) == 1)
        let first = try #require(report.first)
        #expect(first.position.step == 2 && first.fields == ["confidence"])
        #expect(first.main?.confidence == 500_000 && first.candidate?.confidence == 600_000)
        #expect(report.versions[.main]?.results == 6 && report.versions[.candidate]?.results == 6)
        #expect(report.versions[.candidate]?.model == "m@2")
    }

    /// Which version said what was heard follows from the plan of its step.
    @Test func heardResultsAreOfTheVersionThatWasLiveThen() throws {
        let promoted = VersionPlan(live: .candidate, other: .shadow)
        let rows = try Self.rows(
            through: 100, [.changed(promoted, from: 10, order: 1, reason: "")])
        let signals = [Self.signal(9), Self.signal(10, confidence: 1)]
        let shadows = [
            Self.shadow(Self.signal(9, confidence: 2)),
            Self.shadow(Self.signal(10, confidence: 3), .main),
        ]
        let report = try Self.compare(signals, shadows, rows)
        #expect(report.total == .init(differing: 2))
        #expect(report.first?.main?.confidence == 500_000)
        #expect(report.first?.candidate?.confidence == 2)
        #expect(report.plan == promoted)
    }

    @Test func aCanaryIsReadByItsLots() throws {
        let symbols = (0..<40).map { "S\($0)" }
        let share: Int64 = 300_000
        let inside = symbols.filter { VersionPlan.lot(of: $0, in: "model") < share }
        #expect(!inside.isEmpty && inside.count < 40)
        let signals = symbols.enumerated().map { Self.signal(UInt64($0 + 1), $1) }
        let shadows = symbols.enumerated().map { index, symbol in
            Self.shadow(
                Self.signal(UInt64(index + 1), symbol),
                inside.contains(symbol) ? .main : .candidate)
        }
        let rows = try Self.rows("main live, candidate canary 30%")
        #expect(try Self.compare(signals, shadows, rows).total == .init(equal: 40))
    }

    /// What one of them was not asked, or has not answered yet, is no difference.
    @Test func whatWasSkippedOrWaitsIsLeftOut() throws {
        let off = VersionPlan(live: .main, other: .none)
        let rows = try Self.rows(
            through: 50,
            [
                .skipped(.candidate, EventPosition(step: 10, index: 0), .endOfStep(12)),
                .skipped(.main, EventPosition(step: 20, index: 0), .endOfStep(20)),
                .changed(off, from: 60, order: 1, reason: ""),
            ])
        let signals = [9, 10, 12, 13, 20, 50, 51, 60].map { Self.signal($0) }
        let report = try Self.compare(signals, [], rows)
        #expect(report.total == .init(onlyMain: 3))
        #expect(report.skipped == 4 && report.waiting == 1)
    }

    /// What a candidate of before said is nobody's to compare with.
    @Test func oneThatTookTheOthersPlaceIsComparedFromThereOn() throws {
        let off = VersionPlan(live: .main, other: .none)
        let shadow = VersionPlan(live: .main, other: .shadow)
        let rows = try Self.rows(
            through: 50,
            [
                .changed(off, from: 20, order: 0, reason: "another candidate"),
                .described(.candidate, version: "3", model: "", parameterHash: ""),
                .changed(shadow, from: 20, order: 1, reason: "slower"),
            ])
        let signals = [10, 20, 30].map { Self.signal($0) }
        let shadows = [
            Self.shadow(Self.signal(9)), Self.shadow(Self.signal(19)),
            Self.shadow(Self.signal(20)), Self.shadow(Self.signal(31)),
        ]
        let report = try Self.compare(signals, shadows, rows)
        #expect(report.total == .init(equal: 1, onlyMain: 1, onlyCandidate: 1))
        #expect(report.since == 20 && report.skipped == 0)
        #expect(report.versions[.candidate]?.version == "3")
        #expect(report.versions.values.allSatisfy { $0.results == 2 })
        #expect(report.changes.map(\.from) == [0, 20])
        #expect(report.changes.map(\.reason) == ["as configured", "slower"])
    }

    @Test func oneThatNeverAnsweredIsCompareWithNothing() throws {
        let rows = try Self.rows().filter {
            if case .covered(.candidate, _) = $0.event { false } else { true }
        }
        let report = try Self.compare([Self.signal(1)], [], rows)
        #expect(report.total == .init() && report.waiting == 1 && report.first == nil)
    }

    @Test func aResultForSeveralAccountsCountsOnce() throws {
        let signals = [Self.signal(1), Self.signal(1, account: "other")]
        let report = try Self.compare(
            signals, [Self.shadow(Self.signal(1))], try Self.rows())
        #expect(report.total == .init(equal: 1))
    }

    @Test func latenciesAreExact() throws {
        let signals = (1...200).map { Self.signal(UInt64($0), delay: Int64($0) * 1_000) }
        let report = try Self.compare(signals, [], try Self.rows())
        let latency = try #require(report.versions[.main]?.latency)
        #expect(
            latency == Latency(count: 200, p50: 100_000, p90: 180_000, p99: 198_000, max: 200_000))
        #expect(report.versions[.candidate]?.latency == nil)
    }

    @Test func sharesWithoutAnInstrumentAreTold() throws {
        let symbols = ["A", "B", "C", "D"]
        let lots = symbols.map { VersionPlan.lot(of: $0, in: "model") }
        let least = try #require(lots.min())
        let empty = VersionPlan(live: .main, other: .canary(share: max(1, least)))
        #expect(CanaryShare.emptiness(empty, of: "model", symbols) != nil)
        let one = VersionPlan(live: .main, other: .canary(share: least + 1))
        #expect(CanaryShare.emptiness(one, of: "model", symbols) == nil)
        #expect(CanaryShare.inside(least + 1, of: "model", symbols).count == 1)
    }
}
