import Foundation
import Host
import Platform
import Ports
import Storage
import TradingModel

/// `madang ledger export`: every row with every column, for books that are kept elsewhere.
enum LedgerExport {
    /// A cell: what CSV leaves empty is null in JSON.
    private enum Value {
        case text(String)
        case number(Int64)
        case absent
    }
    private typealias Cells = [(name: String, value: Value)]

    static func run(_ command: CommandInvocation) throws {
        let reading = try StoreReading(command)
        let (rows, orders) = try reading.read { (store) throws(StoreError) in
            (try store.ledger(), try store.orders())
        }
        // An exit's terms stand with its order, whatever became of it.
        let exits = Dictionary(
            orders.filter { $0.sizing.hasPrefix("exit ") }.map { ($0.number, $0.sizing) },
            uniquingKeysWith: { first, _ in first })
        let run = reading.store.runID
        let isJSON = command.has(CommandLineShape.json)
        let head = isJSON ? [] : [names.joined(separator: ",")]
        let lines = rows.lazy.map { row in
            let all = cells(of: row, run: run, exit: exits[row.order])
            return isJSON ? json(all) : all.map(field).joined(separator: ",")
        }
        guard let path = command.value(of: CommandLineShape.exportFile) else {
            for line in head { StandardOutput.write(line: line) }
            for line in lines {
                if StandardOutput.isGone { return }
                StandardOutput.write(line: line)
            }
            return
        }
        let text = (head + lines).map { $0 + "\n" }.joined()
        try BacktestCommand.write(text, to: path, "the ledger")
        StandardOutput.write(line: "\(path): \(counted(rows.count, "row")) of run \(run)")
    }

    private static let names = cells(
        of: LedgerRow(
            record: 0, line: 0, account: "", symbol: "", side: .buy, quantity: .zero, price: .zero,
            fee: .zero, currency: "", order: OrderNumber(0), clientOrderID: "", slippage: .zero,
            realised: .zero, positionAfter: .zero, cashAfter: .zero, source: "", modelVersion: "",
            confidence: 0, time: .zero, hash: ""), run: "", exit: nil
    ).map(\.name)

    /// In the order of the columns.
    private static func cells(of row: LedgerRow, run: String, exit: String?) -> Cells {
        [
            ("run", .text(run)), ("line", .number(row.line)), ("time", .text(instant(row.time))),
            ("time_ns", .number(row.time.nanoseconds)),
            // There are no users yet.
            ("user", .absent), ("account", .text(row.account)), ("symbol", .text(row.symbol)),
            ("side", .text(row.side == .buy ? "buy" : "sell")),
            ("quantity", .text("\(row.quantity)")), ("price", .text("\(row.price)")),
            ("fee", .text("\(row.fee)")), ("tax", row.tax.map { .text("\($0)") } ?? .absent),
            ("currency", .text(row.currency)),
            ("order", .number(Int64(clamping: row.order.value))),
            ("client_order_id", .text(row.clientOrderID)),
            ("exit_reason", exit.map(Value.text) ?? .absent),
            ("slippage", .text("\(row.slippage)")),
            ("slippage_absolute", .text("\(magnitude(row.slippage))")),
            ("realised", .text("\(row.realised)")),
            ("position_after", .text("\(row.positionAfter)")),
            ("cash_after", .text("\(row.cashAfter)")), ("source", .text(row.source)),
            ("model_version", row.modelVersion.isEmpty ? .absent : .text(row.modelVersion)),
            ("confidence_millionths", .number(Int64(row.confidence))),
            ("record", .number(Int64(clamping: row.record))), ("hash", .text(row.hash)),
            ("kind", .text(row.kind.rawValue)),
            ("cash_before", row.cashBefore.map { .text("\($0)") } ?? .absent),
            ("cost_after", row.costAfter.map { .text("\($0)") } ?? .absent),
            ("note", row.note.isEmpty ? .absent : .text(row.note)),
        ]
    }

    private static func magnitude(_ price: Price) -> Price {
        Price(units: Int64(clamping: price.units.magnitude))
    }

    /// UTC to the nanosecond.
    static func instant(_ time: Timestamp) -> String {
        let fraction = "\(floorRemainder(time.nanoseconds, 1_000_000_000))"
        let zeros = String(repeating: "0", count: 9 - fraction.count)
        return CivilTime(time).text(separator: "T") + ".\(zeros)\(fraction)Z"
    }

    private static func floorRemainder(_ value: Int64, _ by: Int64) -> Int64 {
        let rest = value % by
        return rest < 0 ? rest + by : rest
    }

    private static func field(_ cell: (name: String, value: Value)) -> String {
        switch cell.value {
        case .text(let text): TradesFile.field(text)
        case .number(let number): "\(number)"
        case .absent: ""
        }
    }

    private static func json(_ cells: Cells) -> String {
        let members = cells.map { cell in
            switch cell.value {
            case .text(let text): "\"\(cell.name)\":\(jsonText(text))"
            case .number(let number): "\"\(cell.name)\":\(number)"
            case .absent: "\"\(cell.name)\":null"
            }
        }
        return "{" + members.joined(separator: ",") + "}"
    }
}
