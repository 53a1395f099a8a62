import TestKit
import Testing
import TradingModel

@testable import Backtest

/// Against examples worked out by hand, and against formulas written down once more, without care for speed.
@Suite struct StatisticsTests {
    /// Ten shares at 100, day by day 100, 110, 99, 121: sold at 120 with a fee of 5 each way.
    @Test func handWorkedTrade() throws {
        var accounting = Accounting(Sample.plan())
        accounting.take(Sample.tick(0, 100, hour: 0), at: Sample.time(hour: 0))
        accounting.book(
            Sample.fill(.buy, 5, at: 100, fee: 5, hour: 1, after: 5, reference: 99))
        accounting.take(Sample.tick(0, 100, hour: 1), at: Sample.time(hour: 1))
        accounting.take(Sample.tick(0, 110, hour: 24), at: Sample.time(hour: 24))
        accounting.take(Sample.tick(0, 99, hour: 48), at: Sample.time(hour: 48))
        accounting.take(Sample.tick(0, 121, hour: 72), at: Sample.time(hour: 72))
        accounting.book(
            Sample.fill(.sell, 5, at: 120, fee: 5, tax: 3, hour: 73, after: 0, reference: 121))
        accounting.take(Sample.tick(0, 120, hour: 73), at: Sample.time(hour: 73))
        let statistics = try #require(accounting.statistics(0))
        #expect(statistics.profit == .whole(90))  // 5 x 20 less 10
        #expect(statistics.totalReturn == 0.09)
        #expect(statistics.fees == .whole(10))
        #expect(statistics.tax == .whole(3), "as the fills told it")
        #expect(statistics.slippage == .whole(10))  // 5 x 1 twice
        #expect(statistics.traded == .whole(1_100))
        #expect(statistics.turnover == 1.1)
        #expect(statistics.days == 4)
        // Held from hour 1 to 73 of 0 to 73.
        #expect(abs(statistics.exposure - 72.0 / 73) < 1e-12)
        // 1045 on day 1, 990 on day 2.
        #expect(statistics.drawdown?.amount == .whole(55))
        #expect(abs((statistics.drawdown?.share ?? 0) - 55.0 / 1_045) < 1e-12)
        #expect(statistics.drawdown?.peakTime == Sample.time(hour: 24))
        #expect(statistics.drawdown?.troughTime == Sample.time(hour: 48))
        #expect(statistics.drawdown?.recoveredTime == Sample.time(hour: 72))
        #expect(
            accounting.purses[0].whole.days.map(\.equity)
                == [995, 1_045, 990, 1_090].map { .whole($0) })
        #expect(statistics.trades.closed == 1)
        #expect(statistics.trades.winRate == 1)
        #expect(statistics.trades.expectancy == .whole(90))
        #expect(statistics.trades.profitFactor == nil)
        #expect(statistics.trades.averageHolding == .seconds(72 * 3_600))
        #expect(statistics.growth == nil)  // three days
    }

    /// 250 days of the same two returns, up 2 % and down 1 %: by hand with mean 0.5 % and spread 1.5 %.
    @Test func ratiosOfAPattern() throws {
        var curve = EquityCurve(start: .whole(1_000_000), zone: .utc)
        var worth = Double(1_000_000)
        for day in 0..<250 {
            worth *= day % 2 == 0 ? 1.02 : 0.99
            // From Monday, 5 January 1970, without weekends.
            let at = Int64(4 + day / 5 * 7 + day % 5) * 24
            curve.add(
                Money(units: Int128(worth * 1e8) * 100_000_000), at: Sample.time(hour: at),
                isHolding: true)
        }
        let statistics = Statistics(curve)
        let spread = 0.015 * (250.0 / 249).squareRoot()
        let sharpe = try #require(statistics.sharpe)
        #expect(abs(sharpe - 0.005 / spread * 252.0.squareRoot()) < 1e-6)
        let sortino = try #require(statistics.sortino)
        #expect(abs(sortino - 0.005 / (0.01 * 0.5.squareRoot()) * 252.0.squareRoot()) < 1e-6)
        #expect(abs((statistics.drawdown?.share ?? 0) - 0.01) < 1e-8)
        let growth = try #require(statistics.growth)
        let gain = worth / 1_000_000
        #expect(abs(growth - (power(gain, 365.25 / 347) - 1)) < 1e-6)
        #expect(statistics.yearDays == 252)
    }

    // MARK: Days

    /// Days since 1970 of so many weeks, from Monday, 5 January 1970, on: those of a week that trade.
    private static func yearDays(_ weekdays: [Int64], weeks: Int64 = 50, and more: [Int64] = [])
        -> Int
    {
        var curve = EquityCurve(start: .whole(1_000), zone: .utc)
        let days = (0..<weeks).flatMap { week in weekdays.map { 4 + week * 7 + $0 } } + more
        for day in days.sorted() {
            curve.add(.whole(1_000), at: Sample.time(hour: day * 24), isHolding: false)
        }
        return Statistics(curve).yearDays
    }

    /// One row on a Saturday once made the year longer by half, and each ratio by a fifth.
    @Test func aYearHas365DaysWhereWeekendsTrade() {
        #expect(Self.yearDays(Array(0..<5)) == 252)
        #expect(Self.yearDays(Array(0..<7)) == 365)
        #expect(Self.yearDays(Array(0..<7), weeks: 2) == 365)
        // A Saturday's test of an exchange, a Sunday's stamp in UTC, and both in one weekend.
        #expect(Self.yearDays(Array(0..<5), and: [9]) == 252)
        #expect(Self.yearDays(Array(0..<5), and: [17]) == 252)
        #expect(Self.yearDays(Array(0..<5), and: [9, 10]) == 252)
        // Fridays that end on Saturday by another clock.
        #expect(Self.yearDays(Array(1..<6)) == 252)
        #expect(Self.yearDays(Array(0..<6)) == 252)
        // Before 1970 the days of the week are the same.
        #expect(Self.yearDays([], and: (-700..<0).map { $0 }) == 365)
    }

    /// A session of New York seen from Seoul: 23:30 to 06:00, of which a day's return is one.
    @Test func daysAreThoseOfTheExchange() throws {
        let (newYork, seoul) = (
            ZoneOffsets(fixed: .seconds(-5 * 3_600)), ZoneOffsets(fixed: .seconds(9 * 3_600))
        )
        let hours: [Int64] = [14, 17, 20]  // by UTC; Seoul's midnight is at 15
        func days(_ zones: [ZoneOffsets]) -> [Int64] {
            var accounting = Accounting(
                Sample.plan(zones: zones, home: seoul), split: Sample.time(hour: 33))
            for day in Int64(4)..<9 {
                for hour in hours {
                    let at = day * 24 + hour
                    accounting.take(Sample.tick(0, 100, hour: at), at: Sample.time(hour: at))
                }
            }
            let after = accounting.purses[0].after?.days.map(\.day)
            let whole = accounting.purses[0].whole.days.map(\.day)
            #expect(after == whole, "the split lies before all of it")
            return whole
        }
        #expect(days([newYork, newYork]) == [4, 5, 6, 7, 8])
        // Of two exchanges neither has the days: they are the account's.
        #expect(days([newYork, seoul]) == [4, 5, 6, 7, 8, 9])
    }

    /// Random fills and prices: worth, drawdown, exposure and trades as slow formulas have them.
    @Test(arguments: seeds(0..<40))
    func likeThePlainModel(_ seed: UInt64) throws {
        var random = SeededRandom(seed + 1)
        let plan = Sample.plan(accounts: 2, instruments: 3, cash: 100_000)
        var accounting = Accounting(plan, split: Sample.time(hour: 150))
        var cash: [Int128] = [100_000, 100_000]
        var held = Array(repeating: Array(repeating: Int64(0), count: 3), count: 2)
        var last: [Int64?] = [nil, nil, nil]
        var worths: [Int128] = []
        var traded: Int128 = 0
        var exposed = 0
        var wasHolding = false
        for hour in Int64(0)..<300 {
            let instrument = Int.random(in: 0..<3, using: &random)
            let price = Int64.random(in: 50...150, using: &random)
            for account in 0..<2 where last[instrument] != nil {
                guard Int.random(in: 0..<4, using: &random) == 0 else { continue }
                let has = held[account][instrument]
                let isBuy = has == 0 || Bool.random(using: &random)
                let quantity =
                    isBuy
                    ? Int64.random(in: 1...9, using: &random)
                    : Int64.random(in: 1...has, using: &random)
                held[account][instrument] += isBuy ? quantity : -quantity
                cash[account] -= Int128(isBuy ? quantity : -quantity) * Int128(price) + 1
                traded += Int128(quantity * price)
                accounting.book(
                    Sample.fill(
                        isBuy ? .buy : .sell, quantity, at: price, fee: 1, account: account,
                        instrument: instrument, hour: hour, after: held[account][instrument]))
            }
            last[instrument] = price
            if wasHolding { exposed += 1 }
            wasHolding = held.contains { $0.contains { $0 > 0 } }
            accounting.take(Sample.tick(instrument, price, hour: hour), at: Sample.time(hour: hour))
            var worth = cash[0] + cash[1]
            for account in 0..<2 {
                for index in 0..<3 {
                    worth += Int128(held[account][index]) * Int128(last[index] ?? 0)
                }
            }
            worths.append(worth)
            #expect(accounting.purses[0].whole.equity == .whole(worth))
        }
        let statistics = try #require(accounting.statistics(0))
        #expect(statistics.profit == .whole((worths.last ?? 0) - 200_000))
        #expect(statistics.traded == .whole(traded))
        #expect(abs(statistics.exposure - Double(exposed) / 299) < 1e-12)
        var deepest = 0.0
        for (at, worth) in worths.enumerated() {
            let peak = max(200_000, worths[...at].max() ?? 0)
            deepest = max(deepest, Double(peak - worth) / Double(peak))
        }
        #expect(abs((statistics.drawdown?.share ?? 0) - deepest) < 1e-12)
        // The parts make the whole.
        let before = try #require(accounting.statistics(0, .before))
        let after = try #require(accounting.statistics(0, .after))
        #expect(before.profit + after.profit == statistics.profit)
        #expect(before.fees + after.fees == statistics.fees)
        #expect(before.trades.closed + after.trades.closed == statistics.trades.closed)
        #expect(before.end == after.start)
        #expect(before.end == .whole(worths[149]))
        // Every won of every fill is in a round trip, closed or open.
        let trips = accounting.trips.all
        let moved = trips.reduce(Money.zero) { $0 + $1.bought + $1.sold }
        #expect(moved == .whole(traded))
        #expect(trips.reduce(Money.zero) { $0 + $1.fees } == statistics.fees)
        #expect(trips.allSatisfy { !$0.isClosed || $0.soldQuantity == $0.quantity })
    }

    @Test func tradesInTheOrderOfTheirEnds() {
        var trips = RoundTrips()
        for (at, change) in [10, -20, 5, -1, -2, -3, 40].enumerated() {
            let hour = Int64(at * 2)
            trips.book(Sample.fill(.buy, 1, at: 100, hour: hour, after: 1), index: at)
            trips.book(
                Sample.fill(.sell, 1, at: 100 + Int64(change), hour: hour + 1, after: 0), index: at)
        }
        let trades = TradeStatistics(trips.all)
        #expect(trades.closed == 7)
        #expect(trades.won == 3)
        #expect(trades.lost == 4)
        #expect(trades.longestLosingStreak == 3)
        #expect(trades.grossProfit == .whole(55))
        #expect(trades.grossLoss == .whole(26))
        #expect(trades.profitFactor == 55.0 / 26)
        #expect(trades.best == .whole(40))
        #expect(trades.worst == .whole(-20))
        #expect(trades.expectancy == Money(units: 29 * Money.scale / 7))
    }

    /// A few days would make a year's ratio of hundreds.
    @Test(arguments: [(9, false), (10, true), (11, true)])
    func aFewDaysHaveNoRatios(_ days: Int, _ isTold: Bool) {
        var curve = EquityCurve(start: .whole(1_000), zone: .utc)
        for day in 0..<days {
            curve.add(
                .whole(Int128(1_000 + day % 2)), at: Sample.time(hour: Int64(24 * day + 12)),
                isHolding: true)
        }
        let statistics = Statistics(curve)
        #expect(statistics.days == days)
        #expect((statistics.sharpe != nil) == isTold, "\(curve.dailyReturns.count) returns")
        #expect((statistics.volatility != nil) == isTold)
    }

    /// Nothing traded is no perfect record.
    @Test func nothingIsNothing() throws {
        var accounting = Accounting(Sample.plan())
        accounting.take(Sample.tick(0, 100, hour: 0), at: Sample.time(hour: 0))
        let statistics = try #require(accounting.statistics(0))
        #expect(statistics.profit == .zero)
        #expect(statistics.sharpe == nil)
        #expect(statistics.drawdown == nil)
        #expect(statistics.trades.winRate == nil)
        #expect(statistics.trades.profitFactor == nil)
        #expect(statistics.trades.expectancy == nil)
    }

    @Test func monthsMultiplyToTheYear() {
        var curve = EquityCurve(start: .whole(100), zone: .utc)
        for (day, worth) in [(30, 110), (40, 100), (58, 121), (400, 242)] {
            curve.add(
                .whole(Int128(worth)), at: Sample.time(hour: Int64(day) * 24), isHolding: true)
        }
        let table = MonthTable(curve)
        #expect(table.months.map(\.month) == [1, 2, 2])
        #expect(table.months.map(\.profit) == [.whole(10), .whole(11), .whole(121)])
        #expect(table.years == [1970, 1971])
        #expect(abs(table.yield(of: 1970) - 0.21) < 1e-12)
        #expect(MonthTable.date(of: 19_782) == (2024, 2, 29))
    }
}
