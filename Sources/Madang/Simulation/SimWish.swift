import Platform
import Simulation

/// What `madang sim` was asked for.
struct SimWish {
    static let name = "madang sim"
    /// A standard run: what `make test` asks for.
    static let standard: UInt64 = 10_000
    var seeds: Range<UInt64> = 1..<standard + 1
    /// One seed alone, with what is left out of it.
    var single: Simulation.Case?
    let isJSON: Bool
    let history: Bool
    let prints: Bool
    let shrinks: Bool

    init(_ command: CommandInvocation) throws {
        isJSON = command.has(CommandLineShape.json)
        history = command.has(CommandLineShape.history)
        prints = command.has(CommandLineShape.prints)
        shrinks = !command.has(CommandLineShape.whole)
        if let text = command.value(of: CommandLineShape.seeds) {
            guard let range = Self.range(text) else {
                throw CheckCommand.usage(
                    "'\(text)' is neither a number of seeds nor FIRST..<LAST", nil,
                    for: Self.name)
            }
            seeds = range
        }
        if let text = command.value(of: CommandLineShape.seed) {
            single = Simulation.Case(
                seed: try Self.number(text, of: "--seed"),
                leavingOut: try Self.omissions(command),
                until: try command.value(of: CommandLineShape.until)
                    .map { try Self.number($0, of: "--until") } ?? .max)
        } else {
            try Self.refuseWithoutSeed(command)
        }
    }

    private static func refuseWithoutSeed(_ command: CommandInvocation) throws {
        let asked: [(String, Bool)] = [
            ("--history", command.has(CommandLineShape.history)),
            ("--until", command.value(of: CommandLineShape.until) != nil),
            ("--without", !command.values(of: CommandLineShape.without).isEmpty),
            ("--skip", command.value(of: CommandLineShape.skip) != nil),
        ]
        guard let first = asked.first(where: \.1) else { return }
        throw CheckCommand.usage("\(first.0) belongs to one --seed", nil, for: name)
    }

    private static func omissions(_ command: CommandInvocation) throws -> FaultPlan.Omissions {
        var omissions = FaultPlan.Omissions()
        for text in command.values(of: CommandLineShape.without).flatMap({
            $0.split(separator: ",")
        }) {
            guard let fault = Fault(name: String(text)) else {
                throw CheckCommand.usage(
                    "there is no fault '\(text)'",
                    nearest(to: String(text), in: Fault.allCases.map(\.name)), for: name)
            }
            omissions.kinds.insert(fault)
        }
        for part in (command.value(of: CommandLineShape.skip) ?? "").split(separator: ",") {
            let ends = part.split(separator: "-", maxSplits: 1).map(String.init)
            let first = try number(ends[0], of: "--skip")
            let last = ends.count > 1 ? try number(ends[1], of: "--skip") : first
            guard first <= last, last - first < 1_000_000 else {
                throw CheckCommand.usage("'\(part)' is no range", nil, for: name)
            }
            omissions.numbers.formUnion(first...last)
        }
        return omissions
    }

    private static func number(_ text: String, of option: String) throws -> UInt64 {
        guard let number = UInt64(text) else {
            throw CheckCommand.usage("\(option) '\(text)' is no whole number", nil, for: name)
        }
        return number
    }

    private static func range(_ text: String) -> Range<UInt64>? {
        if let count = UInt64(text) { return count > 0 ? 1..<count + 1 : nil }
        for separator in ["..<", "..."] {
            guard let at = text.range(of: separator), let first = UInt64(text[..<at.lowerBound]),
                let last = UInt64(text[at.upperBound...])
            else { continue }
            let end = separator == "..." ? last + 1 : last
            return first < end ? first..<end : nil
        }
        return nil
    }

    /// The command that runs a case again and shows all of it.
    static func command(for what: Simulation.Case) -> String {
        var words = "madang sim --seed \(what.seed)"
        if what.until != .max { words += " --until \(what.until)" }
        let kinds = Fault.allCases.filter(what.omissions.kinds.contains).map(\.name)
        if !kinds.isEmpty { words += " --without " + kinds.joined(separator: ",") }
        if !what.omissions.numbers.isEmpty {
            words += " --skip " + spans(what.omissions.numbers.sorted()).joined(separator: ",")
        }
        return words + " --history"
    }

    /// `3,5-9`.
    private static func spans(_ numbers: [UInt64]) -> [String] {
        var spans: [(first: UInt64, last: UInt64)] = []
        for number in numbers {
            if let last = spans.last, last.last + 1 == number {
                spans[spans.count - 1].last = number
            } else {
                spans.append((number, number))
            }
        }
        return spans.map { $0.first == $0.last ? "\($0.first)" : "\($0.first)-\($0.last)" }
    }
}
