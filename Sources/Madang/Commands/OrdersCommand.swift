import Foundation
import Host
import Platform
import Ports
import TradingModel

/// `madang orders`.
enum OrdersCommand {
    static func run(_ command: CommandInvocation) throws {
        let reading = try StoreReading(command)
        let (orders, ledger) = try reading.read { (store) throws(StoreError) in
            (try store.orders(), try store.ledger())
        }
        let corrections = ledger.filter { $0.kind == .correction }
        if command.has(CommandLineShape.json) {
            for order in orders {
                StandardOutput.write(line: try JSONEncoder.line(OrderAnswer(order)))
            }
            return
        }
        StandardOutput.write(
            line:
                "run \(reading.store.runID)   \(counted(orders.count, "order"))   times in \(reading.time.name)"
        )
        guard !orders.isEmpty || !corrections.isEmpty else { return }
        var table = TextTable([
            .right("order"), .left("time"), .left("account"), .left("symbol"), .left("side"),
            .right("quantity"), .right("filled"), .right("limit"), .left("state"), .left("source"),
            .left("why"),
        ])
        // What no order did: behind the others, for orders have their time from the data.
        defer {
            for row in corrections { table.add(cells(of: row, reading.time)) }
            table.lines.forEach { StandardOutput.write(line: $0) }
        }
        for order in orders {
            table.add([
                "\(order.number)", reading.time.text(order.time), order.account, order.symbol,
                order.side.shown, grouped("\(order.quantity)"), grouped("\(order.filled)"),
                order.limit.map { grouped("\($0)") } ?? "market", order.stateWords, order.source,
                order.reason,
            ])
        }
    }

    private static func cells(of row: LedgerRow, _ time: ZonedTime) -> [String] {
        let isCash = row.symbol.isEmpty
        return [
            "-", time.text(row.time), row.account, isCash ? "cash" : row.symbol, "",
            isCash ? "" : grouped("\(row.quantity)"), "", "", "corrected", row.source, row.note,
        ]
    }
}

/// `madang positions`.
enum PositionsCommand {
    private struct Answer: Encodable {
        var account, symbol, currency, quantity, cost, realised, fees, lastFillPrice,
            lastFillTime: String
        var average: String?
        var fills: Int
        /// Tiers of its plan that are still to come, and those that fired; null where no plan guards it.
        var exits: [String]?
        var exitsFired: [String]?
        var corrections: Int

        init(_ holding: Holding, _ plan: ExitStanding.Plan?) {
            account = holding.account
            symbol = holding.symbol
            currency = holding.currency
            quantity = "\(holding.held)"
            average = holding.average.map { "\($0)" }
            cost = "\(holding.cost)"
            realised = "\(holding.realised)"
            fees = "\(holding.fees)"
            fills = holding.fills
            corrections = holding.corrections.count
            lastFillPrice = "\(holding.price)"
            lastFillTime = ZonedTime.utc(holding.time)
            exits = plan?.left
            exitsFired = plan?.fired
        }
    }

    static func run(_ command: CommandInvocation) throws {
        let reading = try StoreReading(command)
        let (ledger, events) = try reading.read { (store) throws(StoreError) in
            (try store.ledger(), try store.riskEvents())
        }
        let standing = ExitStanding(events)
        func plan(_ holding: Holding) -> ExitStanding.Plan? {
            holding.held == .zero ? nil : standing.plan(holding.account, holding.symbol)
        }
        let holdings = Holding.all(in: ledger).sorted {
            ($0.account, $0.symbol) < ($1.account, $1.symbol)
        }
        if command.has(CommandLineShape.json) {
            for holding in holdings {
                StandardOutput.write(line: try JSONEncoder.line(Answer(holding, plan(holding))))
            }
            return
        }
        let held = holdings.count { $0.held != .zero }
        StandardOutput.write(
            line:
                "run \(reading.store.runID)   \(counted(held, "position")) open   times in \(reading.time.name)"
                + (standing.isHeld ? "   exits are held: nothing fires" : "")
        )
        guard !holdings.isEmpty else { return }
        var table = TextTable([
            .left("account"), .left("symbol"), .right("quantity"), .right("average"),
            .right("cost"),
            .right("realised"), .right("fees"), .right("fills"), .right("last fill"), .left("at"),
            .left("exits to come"),
            .right("corrected"),
        ])
        for holding in holdings {
            table.add([
                holding.account, holding.symbol, grouped("\(holding.held)"),
                holding.average.map { grouped("\($0)") } ?? "", NumberWords.money(holding.cost),
                NumberWords.signed(holding.realised), NumberWords.money(holding.fees),
                "\(holding.fills)", grouped("\(holding.price)"), reading.time.text(holding.time),
                plan(holding).map { words(of: $0) } ?? "",
                holding.corrections.isEmpty ? "" : "\(holding.corrections.count)",
            ])
        }
        table.lines.forEach { StandardOutput.write(line: $0) }
    }
}

extension OrderRow {
    /// Its state for people; programs get the name.
    var stateWords: String {
        switch state {
        case "unknown": "in doubt"
        case "cancelPending": "cancelling"
        case "changePending": "changing"
        case "partlyFilled": "partly filled"
        default: state
        }
    }
}

extension PositionsCommand {
    /// `-5% all, +8% rest; fired: +4% half`.
    private static func words(of plan: ExitStanding.Plan) -> String {
        let left = plan.left.joined(separator: ", ")
        let fired = plan.fired.isEmpty ? "" : "fired: \(plan.fired.joined(separator: ", "))"
        return [left, fired].filter { !$0.isEmpty }.joined(separator: "; ")
    }
}

/// `1 order`, `2 orders`.
func counted(_ number: Int, _ noun: String, _ plural: String? = nil) -> String {
    "\(grouped("\(number)")) \(number == 1 ? noun : plural ?? noun + "s")"
}
