import Conformance
import Foundation
import Glibc
import Platform

/// Checks and what they came to, for people, or one JSON object a line for programs.
struct CheckReport {
    let terminal: Terminal
    let isJSON: Bool
    private static let wordWidth = 7
    private static let nameWidth = 35

    // MARK: The list

    private struct Listed: Encodable {
        var name, group, asks, chapter: String
    }

    func listed(_ check: Check) throws -> [String] {
        guard !isJSON else {
            return [
                try JSONEncoder.line(
                    Listed(
                        name: check.name, group: check.group.rawValue, asks: check.says,
                        chapter: check.chapter))
            ]
        }
        let name = terminal.styled(padded(check.name, to: Self.nameWidth), .bold)
        return ["\(name)\(padded(check.group.rawValue, to: 12))\(check.says)"]
    }

    // MARK: Outcomes

    /// One line for what was sent and what came; under it the contract, or what would make it
    /// apply.
    func lines(_ outcome: Outcome) -> [String] {
        guard !isJSON else { return [(try? json(outcome)) ?? ""] }
        let name = padded(outcome.check.name, to: Self.nameWidth)
        let gap = String(repeating: " ", count: Self.wordWidth + Self.nameWidth)
        switch outcome.verdict {
        case .good(let sent, let came):
            return ["\(word("good", .green))\(name)sent \(oneLine(sent)); came \(oneLine(came))"]
        case .wrong(let sent, let came):
            return [
                "\(word("WRONG", .red))\(name)sent \(oneLine(sent)); came \(printable(came))",
                "\(gap)the contract: \(outcome.check.says)",
                "\(gap)-> docs/PROTOCOL.md, \"\(outcome.check.chapter)\"",
            ]
        case .notApplicable(let why, let next):
            return ["\(word("-", .dim))\(name)not applicable: \(why)", "\(gap)-> \(next)"]
        }
    }

    private func word(_ text: String, _ style: Terminal.Style) -> String {
        terminal.styled(padded(text, to: Self.wordWidth), style)
    }

    /// The last lines; nothing for programs, who count themselves.
    func verdict(_ outcomes: [Outcome]) -> [String] {
        guard !isJSON else { return [] }
        let wrong = outcomes.filter(\.isWrong).map(\.check.name)
        let good = outcomes.count { if case .good = $0.verdict { true } else { false } }
        let took = outcomes.reduce(0) { $0 + $1.took } / 100_000_000
        let counts =
            "\(outcomes.count) checks: \(good) good, \(wrong.count) wrong,"
            + " \(outcomes.count - good - wrong.count) not applicable,"
            + " in \(took / 10).\(took % 10) s"
        guard !wrong.isEmpty else {
            return ["", counts, terminal.styled("nothing is wrong", .green)]
        }
        let things = wrong.count == 1 ? "1 thing is wrong" : "\(wrong.count) things are wrong"
        return ["", counts, terminal.styled(things, .red) + ": " + wrong.joined(separator: ", ")]
    }

    private struct Line: Encodable {
        var check, group, verdict, sent, came, why, next, contract, chapter: String
        var tookNs: Int64
    }

    private func json(_ outcome: Outcome) throws -> String {
        let check = outcome.check
        var line = Line(
            check: check.name, group: check.group.rawValue, verdict: "good", sent: "", came: "",
            why: "", next: "", contract: check.says, chapter: check.chapter, tookNs: outcome.took)
        switch outcome.verdict {
        case .good(let sent, let came): (line.sent, line.came) = (sent, came)
        case .wrong(let sent, let came):
            (line.verdict, line.sent, line.came) = ("wrong", sent, came)
        case .notApplicable(let why, let next):
            (line.verdict, line.why, line.next) = ("not_applicable", why, next)
        }
        return try JSONEncoder.line(line)
    }
}

/// A line on the terminal of standard error that says which check is at work; nothing in a pipe.
final class CheckProgress: Sendable {
    private let count: Int
    private let at = Locked(0)
    private let isShown: Bool

    init(count: Int) {
        self.count = count
        isShown = isatty(STDERR_FILENO) == 1 && isatty(STDOUT_FILENO) == 1
    }

    func show(_ check: Check) {
        let number = at.withLock { at in
            at += 1
            return at
        }
        write("\r\u{1B}[2Kasking \(number) of \(count): \(check.name)")
    }

    func clear() { write("\r\u{1B}[2K") }

    private func write(_ text: String) {
        guard isShown else { return }
        FileHandle.standardError.write(Data(text.utf8))
    }
}
