import Foundation
import Host
import Platform
import Ports
import TradingModel

/// `madang ledger`: fills and corrections as booked.
enum LedgerCommand {
    static func run(_ command: CommandInvocation) throws {
        let reading = try StoreReading(command)
        let rows = try reading.read { (store) throws(StoreError) in try store.ledger() }
        if command.has(CommandLineShape.json) {
            rows.forEach(writeJSON)
        } else {
            write(rows, run: reading.store.runID)
        }
    }

    private static func write(_ rows: [LedgerRow], run: String) {
        StandardOutput.write(line: head(rows, run: run))
        var table = TextTable([
            .right("line"), .left("time (UTC)"), .left("account"), .left("symbol"), .left("side"),
            .right("quantity"), .right("price"), .right("fee"), .right("realised"),
            .right("position"), .left("source"),
        ])
        for row in rows {
            // Of cash the note has the numbers; a split has no price.
            let isCash = row.symbol.isEmpty
            table.add([
                "\(row.line)", CivilTime(row.time).text(separator: " "), row.account,
                isCash ? "cash" : row.symbol, isCash ? "" : row.side.shown,
                isCash ? "" : "\(row.quantity)",
                isCash || row.kind == .split ? "" : grouped("\(row.price)"),
                NumberWords.fee(row.fee, tax: row.tax) { grouped("\($0)") },
                row.realised == .zero ? "" : grouped("\(row.realised)"),
                isCash ? "" : "\(row.positionAfter)",
                row.kind == .fill ? row.source : "\(row.kind.rawValue): \(row.note)",
            ])
        }
        table.lines.forEach { StandardOutput.write(line: $0) }
    }

    private static func head(_ rows: [LedgerRow], run: String) -> String {
        let others = [(LedgerRow.Kind.correction, "correction"), (.split, "split")]
            .map { kind, noun in (rows.count { $0.kind == kind }, noun) }
            .filter { $0.0 > 0 }
        let fills = rows.count { $0.kind == .fill }
        return "run \(run)   "
            + ([(fills, "fill")] + others).map { counted($0.0, $0.1) }.joined(separator: ", ")
    }

    private static func writeJSON(_ row: LedgerRow) {
        let texts: [(String, String)] = [
            ("account", row.account), ("symbol", row.symbol),
            ("side", row.side == .buy ? "buy" : "sell"),
            ("quantity", "\(row.quantity)"), ("price", "\(row.price)"), ("fee", "\(row.fee)"),
            ("currency", row.currency), ("client_order_id", row.clientOrderID),
            ("slippage", "\(row.slippage)"), ("realised", "\(row.realised)"),
            ("position_after", "\(row.positionAfter)"), ("cash_after", "\(row.cashAfter)"),
            ("source", row.source), ("model_version", row.modelVersion),
            ("time", CivilTime(row.time).text(separator: "T") + "Z"), ("hash", row.hash),
            ("kind", row.kind.rawValue), ("note", row.note),
        ]
        let numbers: [(String, Int64)] = [
            ("line", row.line), ("order", Int64(clamping: row.order.value)),
            ("confidence_millionths", Int64(row.confidence)), ("time_ns", row.time.nanoseconds),
        ]
        let members =
            numbers.map { "\"\($0.0)\":\($0.1)" } + texts.map { "\"\($0.0)\":\(jsonText($0.1))" }
            + ["\"tax\":" + (row.tax.map { jsonText("\($0)") } ?? "null")]
        StandardOutput.write(line: "{" + members.joined(separator: ",") + "}")
    }
}
