import Backtest
import Foundation
import Kernel
import TradingModel

/// What a backtest answers to programs: one object, its names stable. Money is text, exact.
struct BacktestAnswer: Encodable {
    struct Figures: Encodable {
        var start: String
        var end: String
        var profit: String
        var totalReturn: Double
        var cagr: Double?
        var sharpe: Double?
        var sortino: Double?
        var volatility: Double?
        var calmar: Double?
        var maxDrawdown: Double
        var maxDrawdownAmount: String
        var drawdownFrom: String?
        var drawdownTo: String?
        var drawdownRecovered: String?
        var days: Int
        var yearDays: Int
        var exposure: Double
        var traded: String
        var turnover: Double
        var fees: String
        var tax: String
        var slippage: String
        var trades: Trades
    }
    struct Trades: Encodable {
        var closed: Int
        var open: Int
        var won: Int
        var lost: Int
        var winRate: Double?
        var profit: String
        var fees: String
        var profitFactor: Double?
        var expectancy: String?
        var averageWin: String?
        var averageLoss: String?
        var best: String?
        var worst: String?
        var longestLosingStreak: Int
        var averageHoldingS: Double?
    }
    struct Strategy: Encodable {
        var name: String
        var kind: String
        var results: Int
        var used: Int
        var outvoted: Int
        var notApproved: Int
        var trades: Trades
    }
    struct Purse: Encodable {
        var currency: String
        var whole: Figures
        var before: Figures?
        var after: Figures?
    }
    struct Month: Encodable {
        var month: String
        var profit: String
        var `return`: Double
    }
    var end: String
    var events: Int
    var ticks: Int
    var quotes: Int
    var candles: Int
    var orders: Int
    var rejected: Int
    var conflicts: Int
    var fills: Int
    var closedTrades: Int
    var openTrades: Int
    /// `nil` where accounts have several currencies: their amounts do not add up.
    var fees: String?
    var realisedPnl: String?
    var totalPnl: String?
    var currencies: [Purse]
    var strategies: [Strategy]
    var months: [Month]
    /// Why rounds that were decided came to no order, and how often.
    var refusals: [String: Int]
    /// What may be a mistake, and why somebody said nothing, in words.
    var warnings: [String]
    var skippedRows: Int
    var lateTicks: Int
    /// Trades that are in no candle.
    var outsideHours: Int
    var fillsOutsideHours: Int
    var ledgerHash: String
    var stateHash: String
    var loadS: Double
    var runS: Double
    var runCpuS: Double
    var countS: Double
    var eventsPerS: Double
    var maxrssMb: Double

    init(_ outcome: BacktestOutcome, warnings: [String] = []) {
        self.warnings = warnings
        refusals = outcome.summary.refusals ?? [:]
        let (summary, accounting) = (outcome.summary, outcome.accounting)
        let trades = TradeStatistics(accounting.trips.all)
        end = summary.end
        events = accounting.events
        ticks = summary.ticks
        quotes = summary.quotes
        candles = summary.candles
        orders = summary.orders
        rejected = summary.rejected
        conflicts = summary.conflicts
        fills = summary.fills
        closedTrades = trades.closed
        openTrades = trades.open
        fees = outcome.statistics.map { Self.amount($0.fees) }
        realisedPnl = outcome.sum(summary.realisedPnl).map(Self.amount)
        totalPnl = outcome.sum(summary.pnl).map(Self.amount)
        currencies = accounting.purses.indices.compactMap { at in
            guard let whole = accounting.statistics(at) else { return nil }
            return Purse(
                currency: accounting.purses[at].currency, whole: Self.figures(whole),
                before: accounting.purses[at].before == nil
                    ? nil : accounting.statistics(at, .before).map(Self.figures),
                after: accounting.statistics(at, .after).map(Self.figures))
        }
        strategies = summary.sources.enumerated().map { index, source in
            Strategy(
                name: source.name, kind: source.kind, results: source.results, used: source.used,
                outvoted: source.outvoted, notApproved: source.notApproved,
                trades: Self.trades(accounting.trades(of: SourceID(index))))
        }
        months =
            outcome.purse.map { purse in
                MonthTable(accounting.purses[purse].whole).months.map { month in
                    Month(
                        month: String(format: "%04d-%02d", month.year, month.month),
                        profit: Self.amount(month.profit), return: month.yield)
                }
            } ?? []
        skippedRows = summary.skippedRows
        lateTicks = summary.lateTicks
        outsideHours = summary.outsideHours ?? 0
        fillsOutsideHours = accounting.outsideHours.fills
        ledgerHash = summary.ledgerHash
        stateHash = summary.stateHash
        loadS = outcome.times.load
        runS = outcome.times.run
        runCpuS = outcome.times.cpu
        countS = outcome.times.count
        eventsPerS = outcome.times.run > 0 ? Double(accounting.events) / outcome.times.run : 0
        maxrssMb = Double(outcome.peakMemory) / 1_048_576
    }

    var json: String {
        let encoder = JSONEncoder.stable
        encoder.keyEncodingStrategy = .convertToSnakeCase
        guard let data = try? encoder.encode(self) else { return "{}" }
        return String(decoding: data, as: UTF8.self)
    }

    /// With four decimals at least, as the desks of won write them, and more where there are more.
    static func amount(_ money: Money) -> String {
        let text = "\(money)"
        let decimals = text.firstIndex(of: ".").map { text[$0...].count - 1 } ?? 0
        guard decimals < 4 else { return text }
        return text + (decimals == 0 ? "." : "") + String(repeating: "0", count: 4 - decimals)
    }

    static func figures(_ of: Statistics) -> Figures {
        func iso(_ time: Timestamp?) -> String? {
            time.map { CivilTime($0).text(separator: "T") + "Z" }
        }
        return Figures(
            start: amount(of.start), end: amount(of.end), profit: amount(of.profit),
            totalReturn: of.totalReturn, cagr: of.growth, sharpe: of.sharpe, sortino: of.sortino,
            volatility: of.volatility, calmar: of.calmar, maxDrawdown: of.drawdown?.share ?? 0,
            maxDrawdownAmount: amount(of.drawdown?.amount ?? .zero),
            drawdownFrom: iso(of.drawdown?.peakTime), drawdownTo: iso(of.drawdown?.troughTime),
            drawdownRecovered: iso(of.drawdown?.recoveredTime), days: of.days,
            yearDays: of.yearDays, exposure: of.exposure, traded: amount(of.traded),
            turnover: of.turnover, fees: amount(of.fees), tax: amount(of.tax),
            slippage: amount(of.slippage), trades: trades(of.trades))
    }

    static func trades(_ of: TradeStatistics) -> Trades {
        Trades(
            closed: of.closed, open: of.open, won: of.won, lost: of.lost, winRate: of.winRate,
            profit: amount(of.profit), fees: amount(of.fees), profitFactor: of.profitFactor,
            expectancy: of.expectancy.map(amount), averageWin: of.averageWin.map(amount),
            averageLoss: of.averageLoss.map(amount), best: of.best.map(amount),
            worst: of.worst.map(amount), longestLosingStreak: of.longestLosingStreak,
            averageHoldingS: of.averageHolding?.seconds)
    }
}
