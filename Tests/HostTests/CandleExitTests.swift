import Kernel
import PaperExchange
import TestKit
import Testing
import TradingModel

@testable import Host

/// R13.1: what exits do inside of a candle, by the rule that is stated.
@Suite struct CandleExitTests {
    typealias Sale = CandleExitDesk.Sale

    /// Ten bought at 1,000 with `-5% all, +10% all`, then the candle.
    static func sales(
        _ path: CandlePath,
        entry: (Int64, Int64, Int64, Int64) = (1_000, 1_000, 1_000, 1_000),
        _ candles: (Int64, Int64, Int64, Int64)...,
        change: (inout PaperExchange.Settings) -> Void = { _ in }
    ) -> [Sale] {
        var settings = PaperExchange.Settings(feeMicroBasisPoints: 0)
        settings.candlePath = path
        change(&settings)
        let desk = CandleExitDesk(.simple, settings)
        desk.candle((1_000, 1_000, 1_000, 1_000))
        desk.candle(entry)
        for candle in candles { desk.candle(candle) }
        return desk.sales
    }

    @Test(
        arguments: zip(
            CandlePath.allCases,
            [
                [Sale(at: 2, shares: 10, won: 950)], [Sale(at: 2, shares: 10, won: 1_100)],
                [Sale(at: 2, shares: 10, won: 950)], [Sale(at: 3, shares: 10, won: 1_040)],
            ]))
    func aCandleThatReachesBoth(_ path: CandlePath, sells sales: [Sale]) {
        #expect(
            Self.sales(path, (1_000, 1_100, 940, 1_050), (1_040, 1_040, 1_040, 1_040)) == sales)
    }

    /// 1,080 is nearer to the high than to the low.
    @Test func theNearerEndComesFirst() {
        #expect(
            Self.sales(.nearerFirst, (1_080, 1_110, 940, 1_050))
                == [Sale(at: 2, shares: 10, won: 1_100)])
    }

    @Test(arguments: [CandlePath.lowFirst, .highFirst, .nearerFirst])
    func anOpenBeyondAnExitIsItsPrice(_ path: CandlePath) {
        #expect(
            Self.sales(path, (900, 1_200, 890, 1_000)) == [Sale(at: 2, shares: 10, won: 900)])
        #expect(
            Self.sales(path, (1_150, 1_200, 890, 1_000)) == [Sale(at: 2, shares: 10, won: 1_150)])
    }

    @Test func anEntryAtTheOpenIsGuardedInItsCandle() {
        #expect(
            Self.sales(.lowFirst, entry: (1_000, 1_010, 940, 1_000))
                == [Sale(at: 1, shares: 10, won: 950)])
        #expect(
            Self.sales(.lowFirst, entry: (1_000, 1_120, 990, 1_000))
                == [Sale(at: 1, shares: 10, won: 1_100)])
    }

    /// A limit at 980 below an open of 1,000: the high may have been before, a low at the stop was behind.
    @Test(arguments: [(1_200, 979, 0), (1_010, 930, 931)] as [(Int64, Int64, Int64)])
    func anEntryInsideOfACandleHasItsStopAlone(_ high: Int64, _ low: Int64, _ won: Int64) {
        let settings = PaperExchange.Settings(feeMicroBasisPoints: 0)
        let desk = CandleExitDesk(.simple, settings, limit: .won(980))
        desk.candle((1_000, 1_000, 1_000, 1_000))
        desk.candle((1_000, high, low, 1_000))
        #expect(desk.sales == (won == 0 ? [] : [Sale(at: 1, shares: 10, won: won)]))
    }

    /// Ten more at 920 below an open of 1,000: the high came before them, and the target of the cheaper average was not
    /// theirs then. The stop, and the next candle, have all of them.
    @Test(
        arguments: zip(
            [915, 910],
            [[Sale(at: 3, shares: 20, won: 1_056)], [Sale(at: 2, shares: 20, won: 912)]]))
    func whatGrowsInsideOfACandleHasItsStopAlone(_ low: Int64, sells sales: [Sale]) {
        for path in [CandlePath.highFirst, .lowFirst] {
            var settings = PaperExchange.Settings(feeMicroBasisPoints: 0)
            settings.candlePath = path
            let desk = CandleExitDesk(
                .simple, settings, others: [1: StrategyResult(.buy, limit: .won(920))], adds: true)
            desk.candle((1_000, 1_000, 1_000, 1_000))
            desk.candle((1_000, 1_000, 1_000, 1_000))
            desk.candle((1_000, 1_090, low, 1_000))
            desk.candle((1_000, 1_060, 1_000, 1_000))
            #expect(desk.sales == sales, "\(path)")
        }
    }

    @Test func slippageIsAStopsAlone() {
        func slip(_ settings: inout PaperExchange.Settings) { settings.slippage = .steps(3) }
        // The buy slips to 1,003: the stop stands at 952.85, the target at 1,103.3.
        #expect(
            Self.sales(.lowFirst, (1_000, 1_000, 940, 1_000), change: slip)
                == [Sale(at: 2, shares: 10, won: 949)])
        #expect(
            Self.sales(.lowFirst, (1_000, 1_150, 990, 1_000), change: slip)
                == [Sale(at: 2, shares: 10, won: 1_104)])
    }

    /// A candle of ten shares of which orders take three tenths.
    @Test func whatTheCandleDoesNotTakeWaits() {
        let sales = Self.sales(
            .lowFirst, entry: (1_000, 1_000, 1_000, 1_000), (1_000, 1_000, 940, 945),
            (945, 945, 945, 945), (945, 945, 945, 945)
        ) { $0.participation = 300_000 }
        // Three bought in each of the first two candles behind the order; the stop ends the rest of it, and the second
        // candle has nothing left for it.
        #expect(sales.map(\.shares).reduce(0, +) == 6)
        #expect(sales.first == Sale(at: 3, shares: 3, won: 945))
    }

    /// A split that nobody told, in daily candles: half the price at the open, and nothing is sold inside.
    @Test func anOpenThatNobodyBelievesSellsNothing() {
        #expect(
            Self.sales(.lowFirst, (500, 510, 470, 505), (505, 520, 490, 500)) == [])
        // A wrong print ends by itself.
        #expect(
            Self.sales(.lowFirst, (500, 1_005, 500, 1_000), (1_000, 1_000, 940, 990))
                == [Sale(at: 3, shares: 10, won: 950)])
    }

    /// The strategy sells at the close of a candle in which the stop had sold: there is nothing left to sell.
    @Test func exitsComeBeforeStrategies() {
        let desk = CandleExitDesk(
            .simple, PaperExchange.Settings(feeMicroBasisPoints: 0),
            others: [2: StrategyResult(.sell)])
        desk.candle((1_000, 1_000, 1_000, 1_000))
        desk.candle((1_000, 1_000, 1_000, 1_000))
        desk.candle((1_000, 1_000, 940, 1_000))
        desk.candle((1_000, 1_000, 1_000, 1_000))
        #expect(desk.sales == [Sale(at: 2, shares: 10, won: 950)])
        #expect(desk.held == .zero)
    }

    /// A sale of a strategy that rests for more stands in the stop's way: it ends, and the stop sells at once.
    @Test func aRestingSaleGivesWay() {
        let desk = CandleExitDesk(
            .simple, PaperExchange.Settings(feeMicroBasisPoints: 0),
            others: [1: StrategyResult(.sell, limit: .won(1_090))])
        desk.candle((1_000, 1_000, 1_000, 1_000))
        desk.candle((1_000, 1_000, 1_000, 1_000))
        desk.candle((1_000, 1_020, 940, 1_000))
        #expect(desk.sales == [Sale(at: 2, shares: 10, won: 950)])
    }
}
