import Backtest
import Foundation
import Host
import Kernel
import TradingModel

/// A backtest's outcome for people, short: the report has it all.
struct BacktestText {
    let outcome: BacktestOutcome
    /// What is told below: why somebody said nothing, what filled out of hours.
    var remarks: [String] = []

    var lines: [String] {
        let (summary, times) = (outcome.summary, outcome.times)
        let pace = times.run > 0 ? Double(outcome.accounting.events) / times.run : 0
        var lines = [
            "\(summary.end)  \(counted(summary.ticks, "tick")), \(counted(summary.quotes, "quote")),"
                + " \(counted(summary.candles, "candle")) in \(Figures.span(Int64(times.run * 1e9)))"
                + "  (\(Figures.rate(pace)) rows/s)", "",
        ]
        for at in outcome.accounting.purses.indices {
            guard let whole = outcome.accounting.statistics(at) else { continue }
            let purse = outcome.accounting.purses[at]
            var columns = [("", whole)]
            if purse.before != nil {
                columns = [("whole", whole)]
                if let before = outcome.accounting.statistics(at, .before) {
                    columns.append(("before", before))
                }
                if let after = outcome.accounting.statistics(at, .after) {
                    columns.append(("after", after))
                }
            }
            lines += table(columns, purse.currency)
        }
        lines.append("")
        lines += strategies
        if let refused { lines.append("not approved: " + refused) }
        lines += remarks
        if summary.skippedRows > 0 || summary.lateTicks > 0 {
            lines.append(
                "rows skipped \(grouped("\(summary.skippedRows)"))   late ticks"
                    + " \(grouped("\(summary.lateTicks)"))")
        }
        if let outside = summary.outsideHours {
            lines.append("outside of hours \(grouped("\(outside)"))")
        }
        lines.append("ledger \(summary.ledgerHash.prefix(16))   state \(summary.stateHash)")
        return lines
    }

    private var refused: String? { RefusalWords.text(outcome.summary.refusals) }

    private func table(_ columns: [(String, Statistics)], _ currency: String) -> [String] {
        var table = TextTable(
            [.left(currency)] + columns.map { TextTable.Column.right($0.0) })
        for row in StatisticWords.rows {
            table.add([row.name] + columns.map { row.text($0.1) })
        }
        return table.lines
    }

    private var strategies: [String] {
        var table = TextTable([
            .left("strategy"), .left("kind"), .right("signals"), .right("used"),
            .right("not approved"), .right("trades"),
            .right("won"), .right("P&L"), .right("profit factor"),
        ])
        for (index, source) in outcome.summary.sources.enumerated() {
            let trades = outcome.accounting.trades(of: SourceID(index))
            table.add([
                source.name, source.kind, grouped("\(source.results)"), grouped("\(source.used)"),
                grouped("\(source.notApproved)"), grouped("\(trades.closed)"),
                trades.winRate.map(StatisticWords.percent) ?? "-",
                StatisticWords.signed(trades.profit),
                trades.profitFactor.map { StatisticWords.ratio($0) } ?? "-",
            ])
        }
        return table.lines
    }
}

/// Why rounds came to no order, most often first: `nothing held 43, order_value 2`.
enum RefusalWords {
    static func text(_ counts: [String: Int]?) -> String? {
        guard let counts, !counts.isEmpty else { return nil }
        return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .map { "\($0.key) \(grouped("\($0.value)"))" }.joined(separator: ", ")
    }
}

/// The names and forms of statistics, for terminal and report alike.
enum StatisticWords {
    struct Row: Sendable {
        let name: String
        let text: @Sendable (Statistics) -> String
        /// What it is, where its name does not say it.
        var note = ""
    }
    static let rows: [Row] = [
        Row(name: "P&L", text: { signed($0.profit) }),
        Row(name: "return", text: { percent($0.totalReturn, signs: true) }),
        Row(
            name: "CAGR", text: { $0.growth.map { percent($0, signs: true) } ?? "-" },
            note: "a year's growth; from 30 days on"),
        Row(
            name: "Sharpe", text: { $0.sharpe.map { ratio($0) } ?? "-" },
            note: "daily returns, a year's, without interest"),
        Row(name: "Sortino", text: { $0.sortino.map { ratio($0) } ?? "-" }),
        Row(name: "volatility", text: { $0.volatility.map { percent($0) } ?? "-" }),
        Row(
            name: "max drawdown",
            text: { percent(-($0.drawdown?.share ?? 0)) }, note: "at every event"),
        Row(name: "exposure", text: { percent($0.exposure) }, note: "time with something held"),
        Row(name: "turnover", text: { ratio($0.turnover) + "x" }, note: "of the starting cash"),
        Row(name: "trades", text: { grouped("\($0.trades.closed)") }),
        Row(name: "open trades", text: { grouped("\($0.trades.open)") }),
        Row(name: "win rate", text: { $0.trades.winRate.map { percent($0) } ?? "-" }),
        Row(name: "profit factor", text: { $0.trades.profitFactor.map { ratio($0) } ?? "-" }),
        Row(name: "expectancy", text: { $0.trades.expectancy.map { signed($0) } ?? "-" }),
        Row(
            name: "average holding",
            text: { $0.trades.averageHolding.map { holding($0) } ?? "-" }),
        Row(name: "fees", text: { amount($0.fees - $0.tax) }),
        Row(name: "tax", text: { amount($0.tax) }),
        Row(
            name: "slippage", text: { amount($0.slippage) },
            note: "against the price at the decision"),
    ]

    static func percent(_ share: Double) -> String { percent(share, signs: false) }
    static func percent(_ share: Double, signs: Bool) -> String {
        // Small returns keep two digits that tell them apart.
        let digits = abs(share) < 0.01 ? 3 : abs(share) < 0.1 ? 2 : 1
        let text = share == 0 ? "0 %" : String(format: "%.\(digits)f %%", share * 100)
        return signs && share > 0 ? "+" + text : text
    }
    static func ratio(_ value: Double) -> String { String(format: "%.2f", value) }
    static func amount(_ money: Money) -> String { grouped("\(rounded(money))") }
    static func signed(_ money: Money) -> String {
        (money > .zero ? "+" : "") + amount(money)
    }
    /// To two decimals for the eye, toward zero.
    private static func rounded(_ money: Money) -> Money {
        let cent = Money.scale / 100
        return Money(units: money.units / cent * cent)
    }
    static func holding(_ span: Nanoseconds) -> String {
        let minutes = span.count / 60_000_000_000
        if minutes < 60 { return Figures.span(span.count) }
        if minutes < 2_880 { return "\(minutes / 60) h \(minutes % 60) min" }
        return String(format: "%.1f days", span.seconds / 86_400)
    }
}
