import Foundation
import Platform
import Simulation

/// What a number of seeds came to, for people or for programs.
struct SimReport {
    let terminal: Terminal
    let isJSON: Bool

    // MARK: Coverage

    /// Three columns of name and count, group by group.
    func lines(_ coverage: Coverage) -> [String] {
        if isJSON { return [] }
        var lines: [String] = []
        for group in Coverage.Group.allCases {
            let rows = coverage.rows.filter { $0.group == group }
            let cells = rows.map { cell($0) }
            for start in stride(from: 0, to: cells.count, by: 3) {
                let head = start == 0 ? group.rawValue : ""
                let row = cells[start..<min(start + 3, cells.count)].joined(separator: "   ")
                lines.append(padded(head, to: 8) + row)
            }
        }
        return lines
    }

    private func cell(_ row: Coverage.Row) -> String {
        let text = padded(row.name, to: 30) + padded("\(row.count)", to: 10, alignedRight: true)
        return row.count == 0 ? terminal.styled(text, .red) : text
    }

    // MARK: Violations

    private struct Failure: Encodable {
        var seed: UInt64
        var rule, what, repeatWith: String
    }

    func lines(_ violation: Violation, of what: Simulation.Case) -> [String] {
        let command = SimWish.command(for: what)
        if isJSON {
            let failure = Failure(
                seed: what.seed, rule: violation.rule.rawValue, what: violation.what,
                repeatWith: command)
            return [(try? JSONEncoder.line(failure)) ?? ""]
        }
        return [
            terminal.styled("VIOLATED", .red) + "  seed \(what.seed): \(violation.rule.rawValue)",
            "  \(violation.what)",
            "  repeat with: \(command)",
        ]
    }

    // MARK: The end

    private struct Summary: Encodable {
        var seeds, happenings: UInt64
        var violations: Int
        var seconds: Double
        var missing: [String]
        var coverage: [String: [String: UInt64]]
    }

    func verdict(_ total: SeedFleet.Total, elapsed: Int64, isStandard: Bool) -> [String] {
        let coverage = total.coverage
        let missing = isStandard ? coverage.missing.map { "\($0.group.rawValue) \($0.name)" } : []
        if isJSON {
            var counts: [String: [String: UInt64]] = [:]
            for row in coverage.rows {
                counts[row.group.rawValue, default: [:]][row.name] = row.count
            }
            let summary = Summary(
                seeds: coverage.seeds, happenings: coverage.happenings,
                violations: total.failures, seconds: Double(elapsed / 1_000_000) / 1_000,
                missing: missing, coverage: counts)
            return [(try? JSONEncoder.line(summary)) ?? ""]
        }
        let tenths = elapsed / 100_000_000
        let rate = elapsed > 0 ? Double(coverage.seeds) * 1e9 / Double(elapsed) : 0
        var lines = [
            "",
            "\(coverage.seeds) seeds, \(coverage.happenings) happenings, in "
                + "\(tenths / 10).\(tenths % 10) s (\(Int(rate)) seeds/s)",
        ]
        if !missing.isEmpty {
            lines.append(
                terminal.styled("never seen", .red) + ": " + missing.joined(separator: ", "))
        }
        lines.append(
            total.failures == 0
                ? terminal.styled("0 violations", .green)
                : terminal.styled("\(total.failures) seeds with violations", .red))
        return lines
    }
}
