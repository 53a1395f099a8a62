import Foundation
import Host
import Platform
import Ports
import Storage
import TradingModel

/// `madang ledger`: fills as booked.
enum LedgerCommand {
    static func run(_ command: CommandInvocation) throws {
        let (_, loader, configuration) = try ConfigCommand.load(command)
        do {
            let store = try SQLiteProjections.reading(
                loader.path(configuration.database), run: command.value(of: CommandLineShape.run))
            let rows = try store.ledger()
            if command.has(CommandLineShape.json) {
                rows.forEach(writeJSON)
            } else {
                write(rows, run: store.runID)
            }
        } catch {
            throw RunError(.store, "\(error)")
        }
    }

    private static func write(_ rows: [LedgerRow], run: String) {
        StandardOutput.write(line: "run \(run)   \(rows.count) fills")
        let head = [
            "line", "time (UTC)", "account", "symbol", "side", "quantity", "price", "fee",
            "realised", "position", "source",
        ]
        let cells = rows.map { row in
            [
                "\(row.line)", CivilTime(row.time).text(separator: " "), row.account, row.symbol,
                row.side == .buy ? "BUY" : "SELL", "\(row.quantity)", grouped("\(row.price)"),
                grouped("\(row.fee)"), row.realised == .zero ? "" : grouped("\(row.realised)"),
                "\(row.positionAfter)", row.source,
            ]
        }
        let widths = head.indices.map { column in
            ([head] + cells).map { $0[column].count }.max() ?? 0
        }
        for row in [head] + cells {
            let line = row.enumerated().map { column, cell in
                let gap = String(repeating: " ", count: widths[column] - cell.count)
                return (1...4).contains(column) || column == row.count - 1 ? cell + gap : gap + cell
            }
            StandardOutput.write(line: line.joined(separator: "  "))
        }
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
        ]
        let numbers: [(String, Int64)] = [
            ("line", row.line), ("order", Int64(clamping: row.order.value)),
            ("confidence_millionths", Int64(row.confidence)), ("time_ns", row.time.nanoseconds),
        ]
        let members =
            numbers.map { "\"\($0.0)\":\($0.1)" } + texts.map { "\"\($0.0)\":\(jsonText($0.1))" }
        StandardOutput.write(line: "{" + members.joined(separator: ",") + "}")
    }
}
