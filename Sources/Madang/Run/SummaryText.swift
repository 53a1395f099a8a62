import Foundation
import Host
import Platform
import Ports

/// A run's summary for people.
struct SummaryText {
    let summary: RunSummary
    /// Columns of text that a reader sees at once.
    var width = 80

    var lines: [String] {
        var lines: [String] = []
        let pace =
            summary.seconds > 0
            ? Int(Double(summary.events - (summary.resumedEvents ?? 0)) / summary.seconds) : 0
        lines.append("")
        lines.append(
            "\(summary.end)  \(counted(summary.ticks, "tick")), \(counted(summary.quotes, "quote")),"
                + " \(counted(summary.candles, "candle")) in \(seconds)  (\(grouped("\(pace)")) events/s)"
        )
        lines.append("")
        lines += table
        for source in summary.sources {
            guard let versions = source.versions else { continue }
            let words = versions.map { version in
                "\(version.slot) \(version.role), \(counted(version.results, "result")),"
                    + " \(grouped("\(version.notHeard)")) of them not heard"
            }
            lines.append("\(source.name): \(words.joined(separator: "; "))")
        }
        for source in summary.sources {
            for shard in source.shards ?? [] {
                lines.append(
                    "\(source.name) shard \(shard.shard): \(shard.symbols.joined(separator: " ")),"
                        + " \(counted(shard.results, "result")), \(shard.state)")
            }
        }
        for source in summary.sources {
            for standby in source.standbys ?? [] {
                let heard = standby.servers.first(where: \.isHeard)?.name ?? source.name
                let other = standby.servers.first { !$0.isHeard }
                var words = "\(heard) is heard"
                if let other { words += ", \(other.name) stands by (\(other.state))" }
                if standby.switches > 0 {
                    words += "; \(counted(standby.switches, "switch", "switches"))"
                }
                words += "; \(counted(standby.same, "result")) alike"
                if standby.differing > 0 {
                    words += ", \(grouped("\(standby.differing)")) not"
                }
                lines.append(words)
            }
        }
        for source in summary.sources where source.failures > 0 {
            let times = grouped("\(source.failures)") + (source.failures == 1 ? " time" : " times")
            lines.append("\(source.name) reported failures \(times): see the warnings above")
        }
        for source in summary.sources {
            guard let count = source.leftOut else { continue }
            lines.append(
                "\(source.name) was too slow for \(counted(count, "event")): they were left out")
        }
        for source in summary.sources {
            for server in (source.standbys ?? []).flatMap(\.servers)
            where !server.isHeard && server.state == SessionState.quarantined.rawValue {
                lines.append(
                    "\(server.name) is in quarantine: mend it, then"
                        + " \(ServerQuarantine.release(server.name))")
            }
        }
        for source in summary.sources where source.state == SessionState.quarantined.rawValue {
            lines.append(
                "\(source.name) is in quarantine: mend it, then \(ServerQuarantine.release(source.name))"
            )
        }
        lines.append("")
        lines.append(
            "orders \(summary.orders)   fills \(summary.fills)   conflicts \(summary.conflicts)"
                + "   fees \(grouped(summary.fees))"
                + (summary.tax.map { $0 == "0" ? "" : " (tax \(grouped($0)))" } ?? ""))
        for account in summary.pnl.keys.sorted() {
            lines.append(
                "account \(account)   P&L \(signed(summary.pnl[account] ?? "0"))"
                    + "   realised \(signed(summary.realisedPnl[account] ?? "0"))"
                    + (summary.corrected?[account].map { "   corrected by \(signed($0))" } ?? ""))
        }
        for channel in summary.channels ?? [] {
            var line =
                "channel \(channel.name)   \(grouped("\(channel.sent)")) sent"
                + "   \(grouped("\(channel.waiting)")) waiting"
            if channel.state != .alive {
                line += "   \(channel.state)" + (channel.since.map { " since \($0)" } ?? "")
            }
            lines.append(line)
        }
        if summary.skippedRows > 0 || summary.lateTicks > 0 {
            if summary.events == 0 {
                lines.append(
                    "no row of the feeds was used: do 'instruments' list the symbols as the file writes them?"
                )
            }
            lines.append(
                "rows skipped \(grouped("\(summary.skippedRows)"))   late ticks \(grouped("\(summary.lateTicks)"))"
            )
        }
        if let outside = summary.outsideHours {
            lines.append("outside of hours \(grouped("\(outside)"))")
        }
        lines.append(
            "ledger \(summary.ledgerHash.prefix(16))"
                + (summary.stateHash.isEmpty ? "" : "   state \(summary.stateHash)")
                + "   run \(summary.run)")
        if summary.end == "stopped" {
            lines.append("it goes on from here with the next madang run; --fresh begins anew")
        }
        return lines
    }

    /// A column in which nothing stands is left out; then, while it is too wide, what matters least.
    private var table: [String] {
        var columns = columns.filter { column in
            column.isKept || column.cells.contains { !["0", "-", "live"].contains($0) }
        }
        for name in ["kind", "replaced", "expired", "alerts", "p50", "outvoted"] {
            guard table(columns).contains(where: { displayWidth(of: $0) > width }) else { break }
            columns.removeAll { $0.head.name == name }
        }
        return table(columns)
    }

    private func table(_ columns: [Column]) -> [String] {
        var table = TextTable(columns.map(\.head))
        for row in summary.sources.indices { table.add(columns.map { $0.cells[row] }) }
        return table.lines
    }

    private struct Column {
        let head: TextTable.Column
        let cells: [String]
        var isKept = false
    }
    private var columns: [Column] {
        let sources = summary.sources
        func number(
            _ name: String, isKept: Bool = false, _ count: (RunSummary.Source) -> Int
        ) -> Column {
            Column(
                head: .right(name), cells: sources.map { grouped("\(count($0))") }, isKept: isKept)
        }
        func latency(_ name: String, _ figure: (Latency) -> Int64) -> Column {
            Column(
                head: .right(name),
                cells: sources.map { $0.latency.map { Figures.span(figure($0)) } ?? "-" })
        }
        return [
            Column(head: .left("source"), cells: sources.map(\.name), isKept: true),
            Column(head: .left("kind"), cells: sources.map(\.kind), isKept: true),
            number("results", isKept: true) { $0.results },
            number("used", isKept: true) { $0.used },
            number("outvoted") { $0.outvoted }, number("late", isKept: true) { $0.late },
            number("expired") { $0.expired }, number("replaced") { $0.replaced },
            number("not approved") { $0.notApproved }, number("alerts") { $0.alerts },
            number("invalid") { $0.server?.invalid ?? 0 },
            number("restarts") { $0.server?.restarts ?? 0 },
            latency("p50") { $0.p50 }, latency("p99") { $0.p99 },
            Column(
                head: .left("state"), cells: sources.map { $0.state.isEmpty ? "-" : $0.state }),
        ]
    }

    private var seconds: String { String(format: "%.1f s", summary.seconds) }
    private func signed(_ text: String) -> String {
        (text.hasPrefix("-") || text == "0" ? "" : "+") + grouped(text)
    }
}
