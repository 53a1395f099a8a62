import Foundation
import Host
import Orders
import Platform
import Ports
import Storage
import TradingModel

/// `madang order` and `madang account`: what a person says to the desks of a running host.
enum OrderCommand {
    private static let ended = ["filled", "cancelled", "rejected", "expired", "failed"]

    /// Orders without a final answer, and those that their broker has not ended with the books; those in doubt first.
    static func list(_ command: CommandInvocation) throws {
        let reading = try StoreReading(command)
        let (all, events) = try reading.read { (store) throws(StoreError) in
            (try store.orders(), try store.riskEvents())
        }
        let doubts = StandingDoubts(events)
        let orders = all.filter {
            !ended.contains($0.state) || doubts.ghosts[$0.number] != nil
        }
        .sorted { Self.rank($0) < Self.rank($1) }
        if command.has(CommandLineShape.json) {
            for order in orders {
                var answer = OrderAnswer(order)
                if doubts.ghosts[order.number] != nil { answer.endedInBooksOnly = true }
                if doubts.waitsForPerson(order) { answer.waitsForPerson = true }
                StandardOutput.write(line: try JSONEncoder.line(answer))
            }
            return
        }
        let claims = claims(events)
        let doubtful = orders.count { $0.state == "unknown" }
        let ghosts = orders.count { doubts.ghosts[$0.number] != nil }
        StandardOutput.write(
            line: "run \(reading.store.runID)   \(counted(orders.count, "order")) open,"
                + " \(doubtful) of them in doubt"
                + (ghosts > 0 ? ", \(ghosts) in the books no more" : "")
                + "   times in \(reading.time.name)")
        // What keeps others from being sent, at the foot: it is asked for with "why does nothing open".
        defer {
            for stop in StandingStops(events).all {
                StandardOutput.write(line: stop.line(reading.time.text))
            }
        }
        guard !orders.isEmpty else { return }
        var table = TextTable([
            .right("order"), .left("time"), .left("account"), .left("symbol"), .left("side"),
            .right("quantity"), .right("filled"), .right("limit"), .left("state"), .left("why"),
        ])
        for order in orders {
            table.add([
                "\(order.number)", reading.time.text(order.time), order.account, order.symbol,
                order.side.shown, grouped("\(order.quantity)"), grouped("\(order.filled)"),
                order.limit.map { grouped("\($0)") } ?? "market",
                doubts.words(of: order, as: order.stateWords),
                doubts.ghosts[order.number]
                    ?? (order.state == "unknown"
                        ? claims[order.number.value].map { "\(order.reason); \($0)" }
                            ?? order.reason
                        : order.reason),
            ])
        }
        table.lines.forEach { StandardOutput.write(line: $0) }
    }

    /// Of orders in doubt, that the broker is being asked for a number which a person named: nothing was said of it since.
    private static func claims(_ events: [RiskRow]) -> [UInt64: String] {
        var last: [UInt64: String] = [:]
        for event in events where event.code.hasPrefix("FS") {
            if let number = StandingDoubts.order(of: event) { last[number.value] = event.detail }
        }
        return last.filter { $0.value.hasPrefix(OrderDesk.claimHead) }
    }

    private static func rank(_ order: OrderRow) -> (Int, UInt64) {
        (order.state == "unknown" ? 0 : ended.contains(order.state) ? 1 : 2, order.number.value)
    }

    static func resolve(_ command: CommandInvocation) throws -> ExitCode {
        let found = try found(command.value(of: CommandLineShape.found))
        let number = try number(command)
        return try ask(command, .resolve(order: number, as: found == "none" ? nil : found))
    }

    /// What a person found, without what stands around it.
    static func found(_ text: String?) throws(RunError) -> String {
        let advice =
            "\n  --as none: it never was accepted; --as NUMBER: the broker's own number of it"
        guard let text else { throw RunError(.usage, "what did you find at the broker?\(advice)") }
        let found = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !found.isEmpty else {
            throw RunError(.usage, "--as '\(text)' names no order of the broker\(advice)")
        }
        return found.lowercased() == "none" ? "none" : found
    }

    static func cancel(_ command: CommandInvocation) throws -> ExitCode {
        try ask(command, .cancel(order: try number(command)))
    }

    /// Absolute: price and all of the order, so that asking twice asks for the same.
    static func modify(_ command: CommandInvocation) throws -> ExitCode {
        let limit = try command.value(of: CommandLineShape.price).map { text in
            guard let price = Price(ungrouped(text)), price.units > 0 else {
                throw RunError(
                    .usage, "--price '\(text)' is no price\n  say a number above zero: 70100")
            }
            return price.units
        }
        let quantity = try command.value(of: CommandLineShape.quantity).map { text in
            guard let quantity = Quantity(ungrouped(text)), quantity.isPositive else {
                throw RunError(
                    .usage,
                    "--quantity '\(text)' is no quantity\n  say all of the order, what is filled included: 12"
                )
            }
            return quantity.units
        }
        guard limit != nil || quantity != nil else {
            throw RunError(
                .usage,
                "what is to change?\n  --price P: its limit price; --quantity N: all of it, what is filled included"
            )
        }
        return try ask(
            command, .modify(order: try number(command), limit: limit, quantity: quantity))
    }

    static func release(_ command: CommandInvocation) throws -> ExitCode {
        try ask(command, .release(account: command.arguments.first ?? ""))
    }

    /// `madang positions correct`: the books are put where the broker is.
    static func correct(_ command: CommandInvocation) throws -> ExitCode {
        let symbol = command.arguments.first
        guard (symbol == nil) == command.has(CommandLineShape.cashOnly) else {
            throw RunError(
                .usage,
                symbol == nil
                    ? "what is to be corrected?\n  give a symbol, or --cash for the account's cash"
                    : "one thing at a time\n  give a symbol, or --cash, not both")
        }
        return try ask(
            command,
            .correct(
                CorrectionRequest(
                    account: command.value(of: CommandLineShape.accountOfBooks), symbol: symbol,
                    broker: command.value(of: CommandLineShape.atBroker),
                    reason: command.value(of: CommandLineShape.reason) ?? "")))
    }

    /// By its number, or by the beginning of its client order id.
    private static func number(_ command: CommandInvocation) throws -> UInt64 {
        let name = command.arguments.first ?? ""
        if let number = UInt64(name), number > 0, name.count < 8 { return number }
        let reading = try StoreReading(command)
        let orders = try reading.read { (store) throws(StoreError) in try store.orders() }
            .filter { $0.clientOrderID.hasPrefix(name.lowercased()) || "\($0.number)" == name }
        guard name.count >= 4, let order = orders.first, orders.count == 1 else {
            throw RunError(
                .refused,
                orders.isEmpty
                    ? "there is no order '\(name)'\n  madang order list shows those that are open"
                    : "'\(name)' may be \(orders.count) orders\n  give more of it, or the number")
        }
        return order.number.value
    }

    private static func ask(_ command: CommandInvocation, _ what: DeskRequest.What) throws
        -> ExitCode
    {
        let (_, loader, configuration) = try ConfigCommand.load(command)
        let requests = DeskRequests(folder: loader.path(configuration.folder))
        guard let host = FolderLock.holder(of: requests.folder) else {
            throw RunError(
                .refused,
                "no host runs in \(requests.folder)\n  start it first: only a host at work asks its broker"
            )
        }
        let wait = AnswerWait(requests.folder)
        let request = try requests.ask(what)
        if let answer = try wait.first({ requests.takeAnswer(to: request) }) {
            return try tell(command, answer)
        }
        let isWithdrawn = requests.withdraw(request)
        throw RunError(
            .refused,
            "process \(host) has not answered within 5 s: it may hang, or have no broker outside\n  "
                + (isWithdrawn
                    ? "the request is withdrawn; ask again"
                    : "it has heard the request: madang order list shows what became of it"))
    }

    private static func tell(_ command: CommandInvocation, _ answer: DeskRequests.Answer) throws
        -> ExitCode
    {
        guard answer.isDone else { throw RunError(.refused, answer.words) }
        guard command.has(CommandLineShape.json) else {
            StandardOutput.write(line: "\(answer.words)   process \(answer.process)")
            return .good
        }
        StandardOutput.write(
            line:
                "{\"done\":true,\"process\":\(answer.process),\"words\":\(jsonText(answer.words))}"
        )
        return .good
    }
}
