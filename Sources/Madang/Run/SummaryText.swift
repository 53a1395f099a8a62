import Foundation
import Host
import Ports

/// A run's summary for people.
struct SummaryText {
    let summary: RunSummary

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
        for source in summary.sources where source.failures > 0 {
            let times = grouped("\(source.failures)") + (source.failures == 1 ? " time" : " times")
            lines.append("\(source.name) reported failures \(times): see the warnings above")
        }
        lines.append("")
        lines.append(
            "orders \(summary.orders)   fills \(summary.fills)   conflicts \(summary.conflicts)"
                + "   fees \(grouped(summary.fees))")
        for account in summary.pnl.keys.sorted() {
            lines.append(
                "account \(account)   P&L \(signed(summary.pnl[account] ?? "0"))"
                    + "   realised \(signed(summary.realisedPnl[account] ?? "0"))")
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
        lines.append(
            "ledger \(summary.ledgerHash.prefix(16))"
                + (summary.stateHash.isEmpty ? "" : "   state \(summary.stateHash)")
                + "   run \(summary.run)")
        if summary.end == "stopped" {
            lines.append("it goes on from here with the next madang run; --fresh begins anew")
        }
        return lines
    }

    private var table: [String] {
        let numbers = [
            "results", "used", "outvoted", "late", "expired", "replaced", "not approved", "alerts",
        ]
        var table = TextTable(
            [.left("source"), .left("kind")] + numbers.map { .right($0) } + [.left("state")])
        for source in summary.sources {
            let counts = [
                source.results, source.used, source.outvoted, source.late, source.expired,
                source.replaced, source.notApproved, source.alerts,
            ]
            table.add(
                [source.name, source.kind] + counts.map { "\($0)" }
                    + [source.state.isEmpty ? "-" : source.state])
        }
        return table.lines
    }

    private var seconds: String { String(format: "%.1f s", summary.seconds) }
    private func signed(_ text: String) -> String {
        (text.hasPrefix("-") || text == "0" ? "" : "+") + grouped(text)
    }
}
