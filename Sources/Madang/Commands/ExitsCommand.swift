import Foundation
import Host
import Platform
import Storage
import TradingModel

/// `madang exits hold|release|halt|resume|limits|split|believe`: what people know of exits and the host does not.
enum ExitsCommand {
    static func run(_ command: CommandInvocation) throws -> ExitCode {
        let (_, loader, configuration) = try ConfigCommand.load(command)
        let file = ExitFile(folder: loader.path(configuration.folder))
        let wish = try wish(command)
        guard let host = FolderLock.holder(of: file.folder) else {
            throw RunError(
                .refused,
                "no host runs in \(file.folder), so nothing fires and nothing is bought\n  say it"
                    + " again once one runs: a price that jumped meanwhile is doubted until then")
        }
        if case .hold(false) = wish, let answer = try letGo(of: file.folder, host, command) {
            tell(answer, command)
            return .good
        }
        let answer = try ask(
            file,
            ExitFile.Request(
                process: host, wish: wish,
                reason: command.value(of: CommandLineShape.reason) ?? ExitOrder.noReason))
        guard answer.isTaken else { throw RunError(.refused, answer.words) }
        tell(answer, command)
        return .good
    }

    private static func tell(_ answer: ExitFile.Answer, _ command: CommandInvocation) {
        let json = command.has(CommandLineShape.json) ? try? JSONEncoder.stable.encode(answer) : nil
        StandardOutput.write(line: json.map { String(decoding: $0, as: UTF8.self) } ?? answer.words)
    }

    /// Where the kill switch holds the exits, its file says so, and would again at the next start.
    ///
    /// - Returns: What was done; `nil`: the switch holds none, or somebody else holds them too.
    private static func letGo(
        of folder: String, _ host: Int32, _ command: CommandInvocation
    ) throws -> ExitFile.Answer? {
        let killSwitch = KillSwitch(folder: folder)
        guard let known = try? killSwitch.order(), known.on, known.holdsExits else { return nil }
        let wait = AnswerWait(folder)
        let reason = command.value(of: CommandLineShape.reason) ?? ExitOrder.noReason
        let order = try killSwitch.set(reason: reason) { $0.holdsExits = false }
        let answer = try wait.first {
            try killSwitch.answer().flatMap { $0.order.number >= order.number ? $0 : nil }
        }
        guard let answer else {
            throw RunError(
                .refused,
                "the host has not answered within 5 s: it lets the exits go as soon as it goes on")
        }
        guard !answer.order.holdsExits else {
            throw RunError(.refused, "a later order holds the exits: \(answer.order.said)")
        }
        // Whatever else of the order could not be done is not asked here.
        guard answer.did.holdsExits.map({ !$0 }) ?? answer.did.refusals.isEmpty else { return nil }
        return ExitFile.Answer(
            number: order.number, process: host, isTaken: true,
            words: "exits are free again, and the kill switch stays on: what was reached meanwhile"
                + " fires at the next price")
    }

    private static func wish(_ command: CommandInvocation) throws(RunError) -> ExitOrder.Wish {
        let symbol = command.arguments.first ?? ""
        switch command.path.last {
        case "hold": return .hold(true)
        case "release": return .hold(false)
        case "halt": return .halt(symbol: symbol, true)
        case "resume": return .halt(symbol: symbol, false)
        case "believe": return .believe(symbol: symbol)
        case "limits": return try limits(of: symbol, command.arguments.dropFirst().first ?? "")
        default:
            let word = command.arguments.dropFirst().first ?? ""
            let parts = word.split(separator: ":").map { Int64($0) ?? 0 }
            guard parts.count == 2, parts.allSatisfy({ (1...100_000).contains($0) }),
                parts[0] != parts[1]
            else {
                throw RunError(
                    .usage,
                    "'\(word)' is no split\n  write NEW:OLD, such as 2:1 for two shares for one")
            }
            return .split(symbol: symbol, new: parts[0], old: parts[1])
        }
    }

    private static func limits(
        of symbol: String, _ word: String
    ) throws(RunError) -> ExitOrder.Wish {
        if word == "off" { return .limits(symbol: symbol, lower: nil, upper: nil) }
        let prices = word.split(separator: ":", omittingEmptySubsequences: false).map(price)
        guard prices.count == 2, let lower = prices[0], let upper = prices[1], lower.units > 0,
            lower <= upper
        else {
            throw RunError(
                .usage,
                "'\(word)' are no price limits\n  write LOWER:UPPER, such as 49000:91000, or off")
        }
        return .limits(symbol: symbol, lower: lower.units, upper: upper.units)
    }

    /// As answers write it, `49,000`, or without commas: one that stands elsewhere is a slip.
    static func price(_ text: Substring) -> Price? {
        let plain = text.filter { $0 != "," }
        guard let price = Price(plain), plain == text || grouped("\(price)") == text else {
            return nil
        }
        return price
    }

    private static func ask(_ file: ExitFile, _ wish: ExitFile.Request) throws
        -> ExitFile.Answer
    {
        let wait = AnswerWait(file.folder)
        let request = try file.ask(wish)
        let isThere = { FolderLock.holder(of: file.folder) == request.process }
        let answer = try wait.first(while: isThere) {
            try file.answer().flatMap { $0.number >= request.number ? $0 : nil }
        }
        if let answer {
            guard answer.number == request.number else {
                throw RunError(
                    .refused,
                    "somebody else asked at the same time\n  see what the run says of exits, and"
                        + " ask again if yours is not there")
            }
            return answer
        }
        throw RunError(
            .refused,
            "process \(request.process) did not answer: it may have ended, wait for a strategy"
                + " server, or hang\n  see what the run says of exits before you ask again: a split"
                + " that is told twice counts twice")
    }
}
