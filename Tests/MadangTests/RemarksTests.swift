import Host
import TestKit
import Testing
import TradingModel

@testable import Backtest
@testable import Madang

/// What is said of a file, a rule and a sweep before anybody is misled by it.
@Suite struct RemarksTests {
    // MARK: Candles where the exchange has none

    private static let us = MarketHours(
        MarketHours.Session(open: 34_200_000_000_000, close: 57_600_000_000_000))
    private static let hour = Interval(seconds: 3_600)

    private static func words(
        _ candles: [(day: Int64, minute: Int64, interval: Interval?)]
    ) throws -> String {
        let rows = try candles.map { candle in
            MarketInput.candle(
                .at(
                    candle.day * 86_400 + candle.minute * 60, 100,
                    interval: try #require(candle.interval)))
        }
        let found = RecordingLook(feed: MemoryFeed(rows)).unanchored([us], [.utc])
        return try #require(found).words("feed", "A")
    }

    /// Hours by the clock, of which the first is short: who takes half an hour for all sees half an hour ahead.
    @Test func aShortFirstCandleIsNoInterval() throws {
        let words = try Self.words(
            (0..<5).flatMap { day in
                ([570] + (10...15).map { $0 * 60 }).map { (Int64(day), Int64($0), Self.hour) }
            })
        #expect(!words.contains("30m"), "\(words)")
        #expect(words.contains("its hours count candles from the opening"), "\(words)")
    }

    @Test func candlesOfAnotherLengthSayNothing() throws {
        let minute = Interval(seconds: 60)
        let words = try Self.words(
            (0..<5).flatMap { day -> [(day: Int64, minute: Int64, interval: Interval?)] in
                [(day, 571, minute), (day, 572, minute), (day, 573, minute)]
                    + (10...15).map { (Int64(day), Int64($0 * 60), Self.hour) }
            })
        #expect(!words.contains("apart"), "\(words)")
    }

    @Test func aFileOfShorterCandlesIsNamed() throws {
        let words = try Self.words(
            (571..<600).map { (0, Int64($0), Self.hour) }
                + (571..<600).map { (1, Int64($0), Self.hour) })
        #expect(words.contains("its candles begin 1m apart: is interval: 1h"), "\(words)")
    }

    // MARK: Rules

    private static func remarks(_ rule: String, _ instrument: String) throws -> [String] {
        let configuration = try HostConfiguration.reading(
            instruments: [instrument], more: ["rules:", "  - { name: r, then: alert, \(rule) }"])
        return RuleRemarks(configuration: configuration).lines
    }

    /// Only whole days begin at midnight alone.
    @Test func anIntervalOfADayAndAHalfOpensAtNoon() throws {
        let noon = "when: \"time in 11:00-13:00\""
        #expect(try Self.remarks(noon + ", on: \"candles:36h\"", "{ symbols: [A] }") == [])
        for interval in ["1d", "2d"] {
            let lines = try Self.remarks(noon + ", on: \"candles:\(interval)\"", "{ symbols: [A] }")
            #expect(lines.count == 1 && lines[0].hasSuffix("open at 00:00: it is never true"))
        }
    }

    @Test func aLongerDayIsAskedToo() throws {
        let late = "when: \"time in 15:45-16:20\", on: \"candles:5m\""
        let odd = ", odd_days: { 2026-11-19: \"10:00-16:30\" }"
        #expect(try Self.remarks(late, "{ symbols: [A], hours: krx\(odd) }") == [])
        #expect(try Self.remarks(late, "{ symbols: [A], hours: krx }").count == 1)
    }

    // MARK: Sweeps

    /// - Parameter after: A Sharpe ratio each; `nil`: too few days.
    private static func line(_ before: [Double?], _ after: [Double?]) -> String? {
        let trials = zip(before, after).map { before, after in
            var (one, other) = (Statistics(), Statistics())
            (one.sharpe, other.sharpe) = (before, after)
            return Sweep.Trial(values: [], statistics: one, after: other, ledgerHash: "")
        }
        return SweepLuck(trials, by: .sharpe).lines.first { $0.contains("before and after") }
    }

    private static func trial(
        _ name: String, gains: Int128 = 0, losses: Int128 = 0, change: (inout Statistics) -> Void
    ) -> Sweep.Trial {
        var statistics = Statistics()
        statistics.end = Money(units: (gains - losses) * Money.scale)
        statistics.trades.closed = (gains > 0 ? 1 : 0) + (losses > 0 ? 1 : 0)
        statistics.trades.grossProfit = Money(units: gains * Money.scale)
        statistics.trades.grossLoss = Money(units: losses * Money.scale)
        change(&statistics)
        return Sweep.Trial(values: [name], statistics: statistics, after: nil, ledgerHash: "")
    }
    private static func ranks(_ trials: [Sweep.Trial], by rank: SweepRank) -> [String] {
        rank.sorted(trials).flatMap(\.values)
    }

    /// Who never trades has no drawdown, and is the best of nothing.
    @Test func whoNeverTradedRanksLast() {
        func drawdown(_ share: Double) -> (inout Statistics) -> Void {
            { statistics in
                statistics.drawdown = EquityCurve.Drawdown(
                    amount: .zero, share: share, peakTime: .zero, troughTime: .zero)
            }
        }
        let idle = Self.trial("idle") { _ in }
        let trials = [
            idle, Self.trial("deep", gains: 9, losses: 5, change: drawdown(0.3)),
            Self.trial("steady", gains: 4) { _ in },
            Self.trial("holds", change: { $0.trades.open = 1 }),
            Self.trial("flat", gains: 9, losses: 1, change: drawdown(0.1)),
        ]
        #expect(
            Self.ranks(trials, by: .drawdown) == ["steady", "holds", "flat", "deep", "idle"])
        #expect(
            SweepRank.drawdown.usable(trials).remark
                == "1 combination has no drawdown, which needs a trade, and stands last")
        #expect(SweepRank.drawdown.usable(Array(trials.dropFirst())).remark == nil)
        let none = SweepRank.drawdown.usable([idle, idle])
        #expect(none.rank == .profit)
        #expect(
            none.remark
                == "no combination has a drawdown, which needs a trade: compared by profit")
    }

    /// A ratio to no loss at all is none, and better than any.
    @Test func gainsWithoutALossRankFirst() {
        let trials = [
            Self.trial("idle") { _ in }, Self.trial("mixed", gains: 90, losses: 10) { _ in },
            Self.trial("lucky", gains: 1) { _ in }, Self.trial("loser", losses: 4) { _ in },
            Self.trial("clean", gains: 40) { _ in },
        ]
        #expect(
            Self.ranks(trials, by: .profitFactor) == ["clean", "lucky", "mixed", "loser", "idle"])
        #expect(
            SweepRank.profitFactor.usable(trials).remark
                == "1 combination has no profit factor, which needs a closed trade with a gain or a"
                + " loss, and stands last")
        func days(_ count: Int, _ sortino: Double? = nil) -> (inout Statistics) -> Void {
            { ($0.days, $0.sortino) = (count, sortino) }
        }
        let rising = [
            Self.trial("idle", change: days(50)), Self.trial("short", gains: 9, change: days(5)),
            Self.trial("mixed", gains: 9, change: days(50, 3)),
            Self.trial("rising", gains: 2, change: days(50)),
        ]
        #expect(Self.ranks(rising, by: .sortino) == ["rising", "mixed", "idle", "short"])
        #expect(
            SweepRank.sortino.usable(rising).remark?.hasPrefix("2 combinations have no Sortino")
                == true)
    }

    @Test func whyASplitComparesNothingIsTold() {
        let cannot = "  places before and after the split cannot be compared: "
        let cases: [([Double?], [Double?], String)] = [
            (
                [1, 2, 3, 4], [nil, nil, nil, nil],
                "none of the combinations has a figure after it (Sharpe), which needs 10 daily"
                    + " returns that differ"
            ),
            (
                [1, 2, 3, 4], [nil, 1, 2, nil],
                "fewer than three of the combinations have a figure after it (Sharpe), which needs"
                    + " 10 daily returns that differ"
            ),
            (
                [1, 2, 3], [5, 5, 5],
                "all combinations are alike after it in what they are ranked by (Sharpe)"
            ),
            (
                [2, 2, 2], [1, 2, 3],
                "all combinations are alike before it in what they are ranked by (Sharpe)"
            ),
            ([1, 2], [1, 2], "there are fewer than three combinations"),
        ]
        for (before, after, words) in cases {
            #expect(Self.line(before, after) == cannot + words)
        }
        #expect(Self.line([1, 2, 3], [1, 2, 3])?.contains("agree to") == true)
    }
}
