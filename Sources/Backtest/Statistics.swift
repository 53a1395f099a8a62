package import TradingModel

/// What a backtest came to, for accounts of one currency. Amounts are exact; ratios are not money.
///
/// A ratio that the data do not carry is `nil`, never a zero: see each.
package struct Statistics: Hashable, Sendable {
    package var start = Money.zero
    package var end = Money.zero
    package var profit: Money { end - start }
    /// Of the start.
    package var totalReturn = 0.0
    /// A year's growth; from ``shortestYear`` days on.
    package var growth: Double?
    /// A year's, from daily returns, without interest; from ``fewestReturns`` on, and where they differ.
    package var sharpe: Double?
    /// The same against the days of loss alone; where there is one.
    package var sortino: Double?
    /// A year's standard deviation of daily returns.
    package var volatility: Double?
    package var drawdown: EquityCurve.Drawdown?
    /// Growth of a year by the deepest drawdown.
    package var calmar: Double?
    package var days = 0
    /// Trading days that make a year here: 252, or 365 where Saturdays and Sundays trade.
    package var yearDays = 252
    /// Share of the time with something held, nights included.
    package var exposure = 0.0
    /// Value bought and sold.
    package var traded = Money.zero
    /// ``traded`` by the start.
    package var turnover = 0.0
    package var fees = Money.zero
    /// The part of ``fees`` that is tax on sales.
    package var tax = Money.zero
    /// Paid beyond the price at the decision; negative: gained.
    package var slippage = Money.zero
    package var trades = TradeStatistics()
    /// Whether anything was bought, sold or held.
    package var hasTraded: Bool { traded > .zero || trades.closed + trades.open > 0 }

    /// Days below which a year's growth would be guesswork.
    package static let shortestYear = 30.0
    /// Daily returns below which a year's ratios would be guesswork: a few days make them hundreds.
    package static let fewestReturns = 10
    package init() {}

    package init(_ curve: EquityCurve) {
        start = curve.start
        end = curve.equity
        days = curve.days.count
        drawdown = curve.deepest
        yearDays = Self.tradesOnWeekends(curve.days.map(\.day)) ? 365 : 252
        if start.units > 0 { totalReturn = Double(profit.units) / Double(start.units) }
        if let from = curve.from {
            let span = curve.to.since(from)
            exposure = span.count > 0 ? Double(curve.exposed) / Double(span.count) : 0
            growth = Self.growth(totalReturn, over: span)
        }
        if let growth, let share = drawdown?.share, share > 0 { calmar = growth / share }
        take(curve.dailyReturns)
    }

    /// Whether most of the Saturdays and most of the Sundays of a span had a row. One row on one of them, such as an
    /// exchange's test, makes no year longer; nor do the Saturdays on which another zone's Friday ends.
    ///
    /// - Parameter days: Since 1970, in rising order.
    private static func tradesOnWeekends(_ days: [Int64]) -> Bool {
        guard let first = days.first, let last = days.last else { return false }
        func isMostlyTraded(_ weekday: Int64) -> Bool {
            func weeks(before day: Int64) -> Int64 { floorDivide(day + 6 - weekday, 7) }
            let there = weeks(before: last + 1) - weeks(before: first)
            let traded = days.count { ($0 - weekday) % 7 == 0 }
            return there > 0 && Int64(traded) * 2 > there
        }
        // Day 0 was a Thursday: 2 a Saturday, 3 a Sunday.
        return isMostlyTraded(2) && isMostlyTraded(3)
    }

    private static func growth(_ gain: Double, over span: Nanoseconds) -> Double? {
        let days = span.seconds / 86_400
        guard days >= shortestYear, gain > -1 else { return nil }
        return power(1 + gain, 365.25 / days) - 1
    }

    private mutating func take(_ returns: [Double]) {
        guard returns.count >= Self.fewestReturns else { return }
        let count = Double(returns.count)
        let mean = returns.reduce(0, +) / count
        let variance = returns.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
        let year = Double(yearDays).squareRoot()
        volatility = variance.squareRoot() * year
        if variance > 0 { sharpe = mean / variance.squareRoot() * year }
        let losses = returns.reduce(0) { $0 + ($1 < 0 ? $1 * $1 : 0) } / count
        if losses > 0 { sortino = mean / losses.squareRoot() * year }
    }
}

/// What round trips came to. Closed ones count; open ones are counted apart.
package struct TradeStatistics: Hashable, Sendable {
    package var closed = 0
    package var open = 0
    package var won = 0
    package var lost = 0
    package var profit = Money.zero
    package var fees = Money.zero
    package var grossProfit = Money.zero
    /// Positive.
    package var grossLoss = Money.zero
    package var best: Money?
    package var worst: Money?
    package var longestLosingStreak = 0
    private var held: Int128 = 0
    package init() {}

    package init(_ trips: some Sequence<RoundTrip>) {
        var streak = 0
        for trip in trips.sorted(by: Self.precedes) {
            guard let holding = trip.holding else {
                open += 1
                continue
            }
            closed += 1
            held += Int128(holding.count)
            fees += trip.fees
            profit += trip.profit
            best = max(best ?? trip.profit, trip.profit)
            worst = min(worst ?? trip.profit, trip.profit)
            if trip.profit > .zero {
                won += 1
                grossProfit += trip.profit
                streak = 0
            } else if trip.profit < .zero {
                lost += 1
                grossLoss -= trip.profit
                streak += 1
                longestLosingStreak = max(longestLosingStreak, streak)
            }
        }
    }

    /// In the order of their exits.
    private static func precedes(_ a: RoundTrip, _ b: RoundTrip) -> Bool {
        let far = Timestamp.distantFuture
        return (a.exit?.time ?? far, a.instrument, a.entryIndex)
            < (b.exit?.time ?? far, b.instrument, b.entryIndex)
    }

    /// Of closed trades; `nil` where there is none, as the rest.
    package var winRate: Double? { closed == 0 ? nil : Double(won) / Double(closed) }
    /// Gross profit by gross loss; `nil` without a loss.
    package var profitFactor: Double? {
        grossLoss == .zero ? nil : Double(grossProfit.units) / Double(grossLoss.units)
    }
    /// Of a trade, toward zero.
    package var expectancy: Money? {
        closed == 0 ? nil : Money(units: profit.units / Int128(closed))
    }
    package var averageWin: Money? {
        won == 0 ? nil : Money(units: grossProfit.units / Int128(won))
    }
    package var averageLoss: Money? {
        lost == 0 ? nil : Money(units: grossLoss.units / Int128(lost))
    }
    package var averageHolding: Nanoseconds? {
        closed == 0 ? nil : Nanoseconds(Int64(clamping: held / Int128(closed)))
    }
}
