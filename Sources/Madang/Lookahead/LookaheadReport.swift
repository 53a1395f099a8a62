import Conformance
import Foundation
import Glibc
import Platform
import Ports

/// What a server's results were found to depend on, for people, or one JSON object a line.
struct LookaheadReport {
    let terminal: Terminal
    let isJSON: Bool
    /// Causes that are on purpose.
    let allowed: Set<LookaheadCause>
    private static let wordWidth = 7
    private static let nameWidth = 15

    func head(
        _ server: ServerDescription, _ data: RecordedData, _ count: Int, isWhole: Bool
    ) -> [String] {
        guard !isJSON else { return [] }
        let share = isWhole ? "" : ", the first ones; --events N for more"
        var lines = [
            "\(oneLine(server.name)) \(oneLine(server.version)), \(counted(count, "event")) of"
                + " \(oneLine(data.feed.name))\(share)"
        ]
        if let remark = data.remark { lines.append("  \(remark)") }
        if server.readsAccount {
            lines.append("  it reads account state, and hears of no fill: a recording has none")
        }
        return lines + [""]
    }

    /// What is not looked at for want of a library.
    var unmoved: [String] {
        isJSON
            ? []
            : [
                "without libfaketime the clock of its process is not moved, its time zone alone:"
                    + " apt-get install libfaketime", "",
            ]
    }

    // MARK: Answers

    func lines(_ answer: LookaheadAnswer) -> [String] {
        guard !isJSON else { return [(try? json(answer)) ?? ""] }
        let question = answer.question
        let name = padded(question.rawValue, to: Self.nameWidth)
        let gap = String(repeating: " ", count: Self.wordWidth + Self.nameWidth)
        switch answer.verdict {
        case .good(let came):
            return ["\(word("good", .green))\(name)sent \(question.sent); came \(came)"]
        case .notAsked(let why, let next):
            return ["\(word("-", .dim))\(name)not asked: \(oneLine(why))", "\(gap)-> \(next)"]
        case .found(let finding):
            let isAllowed = allowed.contains(finding.cause)
            let mark = isAllowed ? word("allowed", .yellow) + " " : word("FOUND", .red)
            return [
                "\(mark)\(name)\(finding.cause.words), first at \(Self.place(finding))",
                "\(gap)\(finding.with.how): \(oneLine(finding.with.said))",
                "\(gap)\(finding.without.how): \(oneLine(finding.without.said))",
                "\(gap)-> \(finding.cause.next)",
            ]
        }
    }

    /// `3121.0, 2024-01-05T09:31:00Z, KR0001, event 812`
    private static func place(_ finding: LookaheadFinding) -> String {
        "\(finding.position), \(timeText(utc: finding.time)), \(oneLine(finding.symbol)),"
            + " event \(finding.event)"
    }

    private func word(_ text: String, _ style: Terminal.Style) -> String {
        terminal.styled(padded(text, to: Self.wordWidth), style)
    }

    /// Whether something was found that is not on purpose.
    func counts(_ answers: [LookaheadAnswer]) -> Bool { !causes(answers).isEmpty }

    private func causes(_ answers: [LookaheadAnswer]) -> [LookaheadCause] {
        let found = answers.compactMap { answer -> LookaheadCause? in
            guard case .found(let finding) = answer.verdict else { return nil }
            return allowed.contains(finding.cause) ? nil : finding.cause
        }
        return LookaheadCause.allCases.filter(found.contains)
    }

    /// The last lines; nothing for programs, who count themselves.
    func verdict(_ answers: [LookaheadAnswer], results: Int) -> [String] {
        guard !isJSON else { return [] }
        let causes = causes(answers)
        let good = answers.count { if case .good = $0.verdict { true } else { false } }
        let took = answers.reduce(0) { $0 + $1.took } / 100_000_000
        let counts =
            "\(answers.count) questions: \(good) good, in \(took / 10).\(took % 10) s"
        if !causes.isEmpty {
            let words = causes.map(\.words).joined(separator: "; ")
            return ["", counts, terminal.styled("it \(words)", .red)]
        }
        guard results > 0 else {
            return [
                "", counts, terminal.styled("it said nothing, so nothing was compared", .yellow),
            ]
        }
        return [
            "", counts,
            terminal.styled(
                "its \(counted(results, "result")) depend on nothing but the events before them",
                .green),
        ]
    }

    // MARK: For programs

    private struct Line: Encodable {
        var question, verdict, sent, came, why, next: String
        var cause, position, time, symbol: String?
        var event: Int?
        var with, withSaid, without, withoutSaid: String?
        var tookNs: Int64
    }

    private func json(_ answer: LookaheadAnswer) throws -> String {
        var line = Line(
            question: answer.question.rawValue, verdict: "good", sent: answer.question.sent,
            came: "", why: "", next: "", tookNs: answer.took)
        switch answer.verdict {
        case .good(let came): line.came = came
        case .notAsked(let why, let next):
            (line.verdict, line.why, line.next) = ("not_asked", why, next)
        case .found(let finding):
            line.verdict = allowed.contains(finding.cause) ? "allowed" : "found"
            line.came = finding.cause.words
            line.next = finding.cause.next
            line.cause = finding.cause.rawValue
            line.position = finding.position
            line.time = timeText(utc: finding.time)
            line.symbol = finding.symbol
            line.event = finding.event
            (line.with, line.withSaid) = (finding.with.how, finding.with.said)
            (line.without, line.withoutSaid) = (finding.without.how, finding.without.said)
        }
        return try JSONEncoder.line(line)
    }
}

/// A line on the terminal of standard error that says which question is at work, and how far it is;
/// nothing in a pipe.
final class LookaheadProgress: Sendable {
    private let shown = Locked("")
    private let isShown = isatty(STDERR_FILENO) == 1 && isatty(STDOUT_FILENO) == 1

    func show(_ question: LookaheadQuestion, _ fraction: Double) {
        guard isShown else { return }
        let all = LookaheadQuestion.allCases
        let number = (all.firstIndex(of: question) ?? 0) + 1
        let text =
            "asking \(number) of \(all.count): \(question.rawValue),"
            + " \(Int((fraction * 100).rounded(.down))) %"
        let isNew = shown.withLock { shown in
            defer { shown = text }
            return shown != text
        }
        if isNew { write("\r\u{1B}[2K\(text)") }
    }

    func clear() { if isShown { write("\r\u{1B}[2K") } }

    private func write(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}
