import Backtest
import Foundation
import Host
import Kernel
import TradingModel

/// A backtest as one page of HTML: no script, style, font or picture from elsewhere.
struct ReportPage {
    let outcome: BacktestOutcome
    /// Of the configuration, as people name it.
    let title: String
    let time: ZonedTime
    let split: Timestamp?
    /// How orders were filled, a sentence each.
    let terms: [String]
    /// What may be a mistake, and why somebody said nothing.
    var warnings: [String] = []
    private var zone: ZoneOffsets { time.zone }
    private static let mostCharts = 24
    private static let mostTrades = 1_000

    var html: String {
        """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
        <title>\(HTML.text(title)): backtest</title><style>\(ReportStyle.css)</style></head>
        <body><main>
        \(head)\(doubts)\(outcome.accounting.purses.indices.map(purse).joined())
        \(strategies)\(charts)\(trades)\(notes)
        </main><script>\(ReportStyle.script)</script></body></html>

        """
    }

    // MARK: Head

    private var head: String {
        let curve = outcome.accounting.purses.first?.whole
        let period =
            curve?.from.map { "\(day($0)) to \(day(curve?.to ?? $0))" } ?? "nothing was read"
        let symbols = outcome.plan.instruments.count
        let rows = grouped("\(outcome.accounting.events)")
        return """
            <header><p class="brand">madang backtest</p><h1>\(HTML.text(title))</h1>
            <p class="sub">\(period) · \(counted(symbols, "instrument")) · \(rows) rows ·
            \(counted(outcome.summary.sources.count, "strategy", "strategies")) · times in \(HTML.text(time.name))\(outcome.summary.end == "finished" ? "" : " · <b class=\"bad\">stopped before its end</b>")</p></header>
            """
    }

    private var doubts: String {
        guard !warnings.isEmpty else { return "" }
        let lines = warnings.map { "<li>\(HTML.text($0))</li>" }.joined()
        return "<section class=\"doubts\"><h2>Warnings</h2><ul>\(lines)</ul></section>"
    }

    private func day(_ time: Timestamp) -> String {
        String(CivilTime(time.advanced(by: zone.offset(at: time))).text(separator: " ").prefix(10))
    }
    private func minute(_ time: Timestamp) -> String {
        String(CivilTime(time.advanced(by: zone.offset(at: time))).text(separator: " ").dropLast(3))
    }

    // MARK: A currency

    private func purse(_ at: Int) -> String {
        guard let whole = outcome.accounting.statistics(at) else { return "" }
        let purse = outcome.accounting.purses[at]
        let scale = 1 / Double(Money.scale)
        let worth = ReportChart(
            trace: purse.whole.trace, kind: .worth, title: "Equity, \(purse.currency)",
            scale: scale,
            zone: zone, split: split)
        let fall = ReportChart(
            trace: purse.whole.underwater, kind: .fall, title: "Drawdown from the peak",
            scale: 1e-4, zone: zone)
        let name = outcome.accounting.purses.count > 1 ? "<h2>\(purse.currency)</h2>" : ""
        return name + tiles(whole, purse.currency) + "<section>" + worth.svg + fall.svg
            + drawdown(whole) + "</section>" + statistics(at, whole) + months(purse.whole)
    }

    private func tiles(_ of: Statistics, _ currency: String) -> String {
        func tone(_ isGood: Bool?) -> String { isGood.map { $0 ? "good" : "bad" } ?? "" }
        let profit = of.profit == .zero ? nil : of.profit > .zero
        let tiles: [(String, String, String, String)] = [
            ("P&L", StatisticWords.signed(of.profit), currency, tone(profit)),
            (
                "Return", StatisticWords.percent(of.totalReturn, signs: true),
                of.growth.map { "CAGR " + StatisticWords.percent($0, signs: true) }
                    ?? "too short for a yearly figure", tone(profit)
            ),
            (
                "Max drawdown", StatisticWords.percent(-(of.drawdown?.share ?? 0)),
                StatisticWords.amount(-(of.drawdown?.amount ?? .zero)), ""
            ),
            (
                "Sharpe", of.sharpe.map { StatisticWords.ratio($0) } ?? "–",
                "\(counted(of.days, "day")) of returns", ""
            ),
            (
                "Win rate", of.trades.winRate.map(StatisticWords.percent) ?? "–",
                "\(of.trades.won) of \(counted(of.trades.closed, "trade"))", ""
            ),
            (
                "Profit factor", of.trades.profitFactor.map { StatisticWords.ratio($0) } ?? "–",
                of.trades.expectancy.map { "\(StatisticWords.signed($0)) a trade" } ?? "no trade",
                ""
            ),
        ]
        let cells = tiles.map { name, value, note, tone in
            "<div class=\"tile\"><span>\(HTML.text(name))</span><b class=\"\(tone)\">"
                + "\(HTML.text(value))</b><small>\(HTML.text(note))</small></div>"
        }
        return "<div class=\"tiles\">\(cells.joined())</div>"
    }

    private func drawdown(_ of: Statistics) -> String {
        guard let fall = of.drawdown else { return "" }
        let end = fall.recoveredTime.map { "made good \(minute($0))" } ?? "not made good so far"
        return "<p class=\"note\">Deepest fall \(StatisticWords.percent(-fall.share)) "
            + "(\(StatisticWords.amount(-fall.amount))): from \(minute(fall.peakTime)) to"
            + " \(minute(fall.troughTime)), \(end).</p>"
    }

    private func statistics(_ at: Int, _ whole: Statistics) -> String {
        var columns = [("Whole", whole)]
        if let before = outcome.accounting.statistics(at, .before), split != nil {
            columns.append(("Before", before))
        }
        if let after = outcome.accounting.statistics(at, .after) {
            columns.append(("After", after))
        }
        let head =
            columns.count > 1
            ? "<tr><th></th>" + columns.map { "<th>\($0.0)</th>" }.joined() + "</tr>" : ""
        let rows = StatisticWords.rows.map { row in
            let note = row.note.isEmpty ? "" : " <small>\(HTML.text(row.note))</small>"
            return "<tr><td>\(HTML.text(row.name))\(note)</td>"
                + columns.map { "<td class=\"num\">\(HTML.text(row.text($0.1)))</td>" }.joined()
                + "</tr>"
        }
        let half = columns.count > 1 ? rows.count : (rows.count + 1) / 2
        let tables = [rows.prefix(half), rows.dropFirst(half)].filter { !$0.isEmpty }.map {
            "<table>\(head)\($0.joined())</table>"
        }
        return "<section><h2>Statistics</h2><div class=\"two\">\(tables.joined())</div></section>"
    }

    private static let monthNames = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private func months(_ curve: EquityCurve) -> String {
        let table = MonthTable(curve)
        let largest = max(table.months.map { abs($0.yield) }.max() ?? 0, 1e-9)
        let head =
            "<tr><th></th>" + Self.monthNames.map { "<th>\($0)</th>" }.joined()
            + "<th>Year</th></tr>"
        let rows = table.years.reversed().map { year in
            let cells = (1...12).map { month -> String in
                guard
                    let found = table.months.first(where: { ($0.year, $0.month) == (year, month) })
                else { return "<td></td>" }
                let share = Int((abs(found.yield) / largest * 60).rounded())
                let colour = found.yield < 0 ? "bad" : "good"
                return "<td class=\"num\" style=\"background:color-mix(in srgb,var(--\(colour))"
                    + " \(share)%,transparent)\" title=\"\(StatisticWords.signed(found.profit))\">"
                    + "\(Self.short(found.yield))</td>"
            }
            let whole = table.yield(of: year)
            return "<tr><td>\(year)</td>\(cells.joined())<td class=\"num total\">"
                + "\(Self.short(whole))</td></tr>"
        }
        return "<section><h2>Months, %</h2><div class=\"wide\"><table class=\"months\">\(head)"
            + "\(rows.joined())</table></div></section>"
    }

    private static func short(_ share: Double) -> String {
        // One form in a column; a month of nothing is no -0.00.
        abs(share) < 0.000_05 ? "0" : String(format: "%.2f", share * 100)
    }

    // MARK: Strategies

    private var strategies: String {
        let names = [
            "Strategy", "Kind", "Signals", "Used", "Outvoted", "Not approved", "Trades", "Won",
            "P&amp;L",
            "Profit factor", "A trade", "Best", "Worst", "Holding",
        ]
        let head = names.enumerated().map { "<th class=\"\($0 > 1 ? "num" : "word")\">\($1)</th>" }
        let rows = outcome.summary.sources.enumerated().map { index, source in
            let trades = outcome.accounting.trades(of: SourceID(index))
            let cells =
                [
                    "\(source.results)", "\(source.used)", "\(source.outvoted)",
                    "\(source.notApproved)", "\(trades.closed)",
                ].map { grouped($0) } + [
                    trades.winRate.map(StatisticWords.percent) ?? "–",
                    StatisticWords.signed(trades.profit),
                    trades.profitFactor.map { StatisticWords.ratio($0) } ?? "–",
                    trades.expectancy.map { StatisticWords.signed($0) } ?? "–",
                    trades.best.map { StatisticWords.signed($0) } ?? "–",
                    trades.worst.map { StatisticWords.signed($0) } ?? "–",
                    trades.averageHolding.map { StatisticWords.holding($0) } ?? "–",
                ]
            return "<tr><td>\(HTML.text(source.name))</td><td>\(HTML.text(source.kind))</td>"
                + cells.map { "<td class=\"num\">\(HTML.text($0))</td>" }.joined() + "</tr>"
        }
        return "<section><h2>Strategies</h2><div class=\"wide\"><table><tr>\(head.joined())</tr>"
            + "\(rows.joined())</table></div><p class=\"note\">A trade belongs to the strategy that"
            + " opened it, whoever closed it.\(refused)</p></section>"
    }

    private var refused: String {
        RefusalWords.text(outcome.summary.refusals).map { " Not approved: \(HTML.text($0))." } ?? ""
    }

    // MARK: Trades

    private var charts: String {
        let marks = Dictionary(grouping: outcome.accounting.marks, by: \.instrument)
        let most = outcome.plan.instruments.filter { marks[$0.id] != nil }
            .sorted {
                let (a, b) = (marks[$0.id]?.count ?? 0, marks[$1.id]?.count ?? 0)
                return a != b ? a > b : $0.id < $1.id
            }
        guard !most.isEmpty else { return "" }
        let shown = most.prefix(Self.mostCharts).sorted { $0.id < $1.id }
        let figures = shown.map { instrument in
            let markers = (marks[instrument.id] ?? []).prefix(2_000).map { mark in
                ReportChart.Marker(
                    index: mark.index, units: mark.price.units, side: mark.side,
                    text: "\(mark.side == .buy ? "bought" : "sold") at \(grouped("\(mark.price)")),"
                        + " \(minute(mark.time))")
            }
            return ReportChart(
                trace: outcome.accounting.prices[Int(instrument.id.index)], kind: .price,
                title: "\(instrument.symbol)  ·  \(counted(markers.count, "fill"))",
                scale: 1 / Double(fixedPointScale), zone: zone, markers: markers, split: split
            ).svg
        }
        let rest =
            most.count > shown.count
            ? "<p class=\"note\">\(most.count - shown.count) more instruments traded less.</p>" : ""
        return "<section><h2>Trades on the chart</h2>\(figures.joined())\(rest)</section>"
    }

    private var trades: String {
        let all = outcome.accounting.trips.all.sorted { $0.entryTime < $1.entryTime }
        guard !all.isEmpty else {
            return "<section><h2>Trades</h2><p>No order was filled.</p></section>"
        }
        let head = [
            "Symbol", "Strategy", "Entry", "Price", "Exit", "Price", "Quantity", "Fees",
            "P&amp;L", "Return", "Held", "Orders",
        ].enumerated().map {
            "<th\([3, 5, 6, 7, 8, 9, 10, 11].contains($0) ? " class=\"num\"" : "")>\($1)</th>"
        }
        let rows = all.prefix(Self.mostTrades).map { trip -> String in
            let tone = trip.isClosed ? (trip.profit < .zero ? "bad" : "good") : ""
            func num(_ text: String, _ tone: String = "") -> String {
                "<td class=\"num \(tone)\">\(HTML.text(text))</td>"
            }
            let held =
                num(trip.holding.map { StatisticWords.holding($0) } ?? "") + num(Self.orders(trip))
            return
                "<tr><td>\(HTML.text(outcome.plan.instruments[Int(trip.instrument.index)].symbol))"
                + "</td><td>\(HTML.text(outcome.plan.sources[Int(trip.source.index)].name))</td>"
                + "<td>\(minute(trip.entryTime))</td>" + num(grouped("\(trip.entryPrice)"))
                + "<td>\(trip.exit.map { minute($0.time) } ?? "open")</td>"
                + num(trip.isClosed ? grouped("\(trip.exitPrice)") : "")
                + num(grouped("\(trip.quantity)")) + num(StatisticWords.amount(trip.fees))
                + num(trip.isClosed ? StatisticWords.signed(trip.profit) : "", tone)
                + num(trip.isClosed ? StatisticWords.percent(trip.yield, signs: true) : "", tone)
                + held + "</tr>"
        }
        let rest =
            all.count > Self.mostTrades
            ? "<p class=\"note\">The first \(Self.mostTrades) of \(grouped("\(all.count)"));"
                + " --trades writes them all.</p>" : ""
        return
            "<section><h2>Trades</h2><p class=\"note\">Orders: the one that opened it, and the one"
            + " that left nothing. Of a backtest that was kept (--keep), madang why NUMBER tells"
            + " why each was made.</p><div class=\"wide tall\"><table class=\"trades\"><thead><tr>"
            + "\(head.joined())</tr></thead><tbody>\(rows.joined())</tbody></table></div>\(rest)"
            + "</section>"
    }

    private static func orders(_ trip: RoundTrip) -> String {
        "\(trip.entryOrder)" + (trip.exit.map { ", \($0.order)" } ?? "")
    }

    private var notes: String {
        let lines = terms.map { "<li>\(HTML.text($0))</li>" }.joined()
        return """
            <section><h2>How it was filled</h2><ul>\(lines)</ul>
            <p class="note">ledger <code>\(outcome.summary.ledgerHash.prefix(16))</code> · state
            <code>\(outcome.summary.stateHash)</code>. The same configuration and recording give the
            same two again.</p><p class="note">What was is no promise of what will be: this page says
            what these rules would have done with this recording, and nothing more.</p></section>
            """
    }
}
