import Foundation
import Glibc
import Host
import Platform
import Ports
import Storage
import TradingModel

/// `madang why`: one decision, from its event to its fills.
enum WhyCommand {
    static func run(_ command: CommandInvocation) throws {
        let asked = command.arguments.first ?? ""
        let reading = try StoreReading(command)
        let isRunNamed = command.value(of: CommandLineShape.run) != nil
        var told =
            if let at = asked.lastIndex(of: "@") {
                try explain(
                    symbol: String(asked[..<at]), at: String(asked[asked.index(after: at)...]),
                    account: command.value(of: CommandLineShape.account), reading,
                    isRunNamed: isRunNamed)
            } else {
                try explain(order: asked, reading, isRunNamed: isRunNamed)
            }
        told.name(try RunFolder.shards(of: reading.store.runID, in: reading.root))
        if command.has(CommandLineShape.json) {
            StandardOutput.write(line: try JSONEncoder.line(WhyAnswer(told)))
        } else {
            let terminal = Terminal(
                descriptor: STDOUT_FILENO, environment: Environment.variables())
            let text = WhyText(told: told, time: reading.time, terminal: terminal)
            text.lines.forEach { StandardOutput.write(line: $0) }
        }
    }

    // MARK: An order

    private static func explain(
        order text: String, _ reading: StoreReading, isRunNamed: Bool
    ) throws -> Explanation {
        let orders = try reading.read { (store) throws(StoreError) in try store.orders() }
        let found = OrderSearch(text).matches(orders)
        guard found.count < 2 else { throw several(text, found) }
        guard let order = found.first else {
            throw unknown(text, orders, reading, isRunNamed: isRunNamed)
        }
        return try reading.read { (store) throws(StoreError) in
            try Explainer(store: store, runs: reading.runs).explain(order)
        }
    }

    private static func several(_ text: String, _ found: [OrderRow]) -> RunError {
        let names = found.prefix(5).map { "order \($0.number) is \($0.clientOrderID)" }
        let more = found.count > 5 ? "\n  and \(found.count - 5) more" : ""
        return RunError(
            .refused,
            "'\(text)' begins \(found.count) client order ids: write more of it, or the order's number\n  "
                + names.joined(separator: "\n  ") + more)
    }

    private static func unknown(
        _ text: String, _ orders: [OrderRow], _ reading: StoreReading, isRunNamed: Bool
    ) -> RunError {
        let here =
            switch orders.count {
            case 0: "it made no order"
            case 1: "its one order is \(orders[0].number)"
            case let count:
                "its \(count) orders are \(orders[0].number) to \(orders[count - 1].number)"
            }
        var advice = "see them with: madang orders"
        if orders.isEmpty { advice = "ask why not: madang why SYMBOL@TIME" }
        let others =
            isRunNamed
            ? []
            : runs(of: reading) { (store) throws(StoreError) in
                !OrderSearch(text).matches(try store.orders()).isEmpty
            }
        if !others.isEmpty {
            advice =
                "there is such an order in \(others.joined(separator: ", ")): name the run with --run ID"
        }
        if !text.isEmpty, !OrderSearch(text).isPlausible {
            advice =
                "an order is its number or its client order id; a moment is SYMBOL@TIME, such as A@10:31:06"
        }
        return RunError(
            .refused,
            "there is no order '\(text)' in run \(reading.store.runID): \(here)\n  \(advice)")
    }

    /// Other runs of the store that have it, latest first; looked for in the last twenty.
    private static func runs(
        of reading: StoreReading, where hasIt: (any DecisionStore) throws(StoreError) -> Bool
    ) -> [String] {
        reading.runs.reversed().prefix(20).filter { run in
            guard run != reading.store.runID,
                let store = try? reading.address.reading(run: run)
            else { return false }
            return (try? hasIt(store)) ?? false
        }
    }

    // MARK: A moment

    private static func explain(
        symbol: String, at text: String, account: String?, _ reading: StoreReading,
        isRunNamed: Bool
    ) throws -> Explanation {
        func last(through time: Timestamp) throws -> RoundRow? {
            try reading.read { (store) throws(StoreError) in
                try store.lastRound(on: symbol, account: account, through: time)
            }
        }
        // What no round asked for was decided all the same: exits, and what is sold out.
        let own = try reading.read { (store) throws(StoreError) in
            try store.orders().filter {
                $0.round == 0 && $0.symbol == symbol && (account ?? $0.account) == $0.account
            }
        }
        let times = [try last(through: .distantFuture)?.time, own.map(\.time).max()]
        guard let latest = times.compactMap({ $0 }).max() else {
            throw undecided(symbol, account, reading, isRunNamed: isRunNamed)
        }
        guard let moment = reading.time.moment(text, day: latest) else {
            throw RunError(
                .usage,
                "'\(text)' is not a time: write 10:31:06, 2026-11-20, or 2026-11-20T10:31:06"
                    + "\n  times are of \(reading.time.name); with Z behind them of UTC")
        }
        let round = try last(through: moment)
        if let order = own.last(where: { $0.time <= moment }),
            round.map({ order.time > $0.time || order.time == $0.time && $0.order == nil }) ?? true
        {
            return try reading.read { (store) throws(StoreError) in
                var told = try Explainer(store: store, runs: reading.runs).explain(order)
                told.asked = moment
                return told
            }
        }
        guard let round else {
            throw RunError(
                .refused,
                "nothing was decided on \(symbol) up to \(reading.time.text(moment)) (\(reading.time.name))"
                    + "\n  its last decision was at \(reading.time.text(latest)): "
                    + "madang why '\(symbol)@\(reading.time.date(latest))'")
        }
        return try reading.read { (store) throws(StoreError) in
            try Explainer(store: store, runs: reading.runs).explain(round, asked: moment)
        }
    }

    private static func undecided(
        _ symbol: String, _ account: String?, _ reading: StoreReading, isRunNamed: Bool
    ) -> RunError {
        let known = reading.configuration.instruments.map(\.symbol)
        let accounts = reading.configuration.accounts.map(\.name)
        let what = "nothing was decided on '\(symbol)' in run \(reading.store.runID)"
        let others =
            isRunNamed
            ? []
            : runs(of: reading) { (store) throws(StoreError) in
                try store.lastRound(on: symbol, account: account, through: .distantFuture) != nil
            }
        guard others.isEmpty else {
            return RunError(
                .refused,
                "\(what)\n  there are decisions on it in \(others.joined(separator: ", ")): name the run with --run ID"
            )
        }
        if let account, !accounts.contains(account) {
            return RunError(
                .refused,
                "\(what) for '\(account)'\n  accounts are \(accounts.joined(separator: ", "))")
        }
        guard !known.contains(symbol) else {
            return RunError(
                .refused,
                "\(what): no strategy or rule gave a buy or sell on it, or the run is from an older program"
                    + "\n  see what was heard with: madang run --json, events 'signal'; or name another run with --run ID"
            )
        }
        let near = nearest(to: symbol, in: known).map { "   did you mean '\($0)'?" } ?? ""
        let shown = known.prefix(8).joined(separator: ", ") + (known.count > 8 ? ", …" : "")
        return RunError(.refused, "\(what)\(near)\n  symbols are \(shown)")
    }
}

/// An order as it is typed: its number, or the beginning of its client order id.
struct OrderSearch {
    private let text: String
    init(_ text: String) { self.text = text.lowercased() }

    /// Whether an order can be called so.
    var isPlausible: Bool { number != nil || isIDPrefix }

    /// The order of that number, else those whose client order id begins so.
    func matches(_ orders: [OrderRow]) -> [OrderRow] {
        if let number {
            let found = orders.filter { $0.number == number }
            if !found.isEmpty { return found }
        }
        return isIDPrefix ? orders.filter { $0.clientOrderID.hasPrefix(text) } : []
    }

    private var number: OrderNumber? { UInt64(text).map(OrderNumber.init) }
    private var isIDPrefix: Bool {
        text.utf8.count >= 4 && text.allSatisfy { $0 == "-" || $0.isHexDigit }
    }
}
