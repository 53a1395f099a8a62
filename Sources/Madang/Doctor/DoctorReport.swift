import Foundation
import Platform
import TradingModel

/// The doctor's findings for people, or one JSON object a line for programs.
struct DoctorReport {
    let terminal: Terminal
    private static let levelWidth = 9
    private static let nameWidth = 15

    /// One line for each finding, and what to do under it.
    func lines(_ result: Doctor.Result) -> [String] {
        result.findings.enumerated().flatMap { index, finding in
            let level = terminal.styled(padded(word(finding), to: Self.levelWidth), style(finding))
            let name = padded(index == 0 ? result.check : "", to: Self.nameWidth)
            let gap = String(repeating: " ", count: Self.levelWidth + Self.nameWidth)
            let next = finding.next.isEmpty ? [] : ["\(gap)-> \(finding.next)"]
            return ["\(level)\(name)\(finding.what)"] + next
        }
    }

    /// The last line.
    func verdict(_ results: [Doctor.Result]) -> String {
        let findings = results.flatMap(\.findings)
        let wrong = findings.count { $0.level == .wrong }
        let warnings = findings.count { $0.level == .warning }
        let warned = warnings == 0 ? "" : ", \(counted(warnings, "warning"))"
        guard wrong > 0 else {
            return terminal.styled("nothing is wrong", .green) + warned
        }
        let things = wrong == 1 ? "1 thing is wrong" : "\(wrong) things are wrong"
        return terminal.styled(things, .red) + warned
    }

    private func word(_ finding: Finding) -> String {
        finding.level == .skipped ? "-" : finding.level == .wrong ? "WRONG" : finding.level.rawValue
    }
    private func style(_ finding: Finding) -> Terminal.Style {
        switch finding.level {
        case .good: .green
        case .warning: .yellow
        case .wrong: .red
        case .skipped: .dim
        }
    }

    // MARK: JSON

    private struct Line: Encodable {
        var check, level, what, next: String
        var exitCode: Int32
        var tookNs: Int64
    }

    static func json(_ result: Doctor.Result) throws -> [String] {
        try result.findings.map { finding in
            try JSONEncoder.line(
                Line(
                    check: result.check, level: finding.level.rawValue, what: finding.what,
                    next: finding.next, exitCode: finding.code.rawValue, tookNs: result.took))
        }
    }
}
