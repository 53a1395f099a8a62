import Foundation
import Ports
import TradingModel

/// A comparison for people, and for programs.
struct VersionReport {
    let strategy: String
    let run: String
    let comparison: VersionComparison
    let time: ZonedTime

    var lines: [String] {
        let total = comparison.total
        let compared = total.equal + total.differences
        var lines = [
            "\(strategy)  \(comparison.plan.text)  run \(run)",
            "",
        ]
        lines += versions
        lines.append("")
        if comparison.since > 0 {
            lines.append("compared from step \(comparison.since) on, when this candidate came")
        }
        if compared == 0 {
            lines.append("nothing to compare yet: no event was answered by both with a result")
        } else {
            let fields = ["action", "size", "confidence", "limit"].filter {
                comparison.byField[$0, default: 0] > 0
            }.map { "\($0) \(comparison.byField[$0, default: 0])" }
            lines.append(
                "\(total.equal) of \(counted(compared, "result")) equal,"
                    + " \(total.differing) differ"
                    + (fields.isEmpty ? "" : " (\(fields.joined(separator: ", ")))")
                    + ", \(total.onlyMain) only from main, \(total.onlyCandidate) only from candidate"
            )
        }
        if comparison.skipped + comparison.waiting > 0 {
            lines.append(
                "left out: \(comparison.skipped) of events that one of them was not asked about,"
                    + " \(comparison.waiting) that the other has not answered yet")
        }
        if let first = comparison.first {
            lines.append(
                "first difference: \(first.symbol) at \(time.text(first.time)), event \(first.position):"
                    + " main \(first.main?.words ?? "nothing"),"
                    + " candidate \(first.candidate?.words ?? "nothing")")
        }
        if compared > 0 { lines += [""] + symbols }
        if comparison.changes.count > 1 { lines += [""] + changes }
        return lines
    }

    private var changes: [String] {
        var table = TextTable([.right("from step"), .left("at"), .left("heard"), .left("why")])
        for change in comparison.changes {
            table.add([
                "\(change.from)", change.time == .zero ? "-" : time.text(change.time),
                change.plan.text, change.reason,
            ])
        }
        return table.lines
    }

    private var versions: [String] {
        var table = TextTable([
            .left("version"), .left("role"), .left("build"), .left("model"), .right("results"),
            .right("p50"), .right("p99"),
        ])
        for slot in VersionSlot.allCases {
            let version = comparison.versions[slot] ?? .init()
            table.add([
                slot.name, comparison.plan.role(of: slot), version.version,
                version.model.isEmpty ? "-" : version.model, "\(version.results)",
                version.latency.map { Figures.span($0.p50) } ?? "-",
                version.latency.map { Figures.span($0.p99) } ?? "-",
            ])
        }
        return table.lines
    }

    private var symbols: [String] {
        var table = TextTable([
            .left("symbol"), .right("equal"), .right("differ"), .right("only main"),
            .right("only candidate"),
        ])
        for (symbol, counts) in comparison.bySymbol.sorted(by: { $0.key < $1.key }) {
            table.add([
                symbol, "\(counts.equal)", "\(counts.differing)", "\(counts.onlyMain)",
                "\(counts.onlyCandidate)",
            ])
        }
        return table.lines
    }

    /// One object.
    var json: String {
        get throws {
            func counts(_ counts: VersionComparison.Counts) -> CountsForm {
                CountsForm(
                    equal: counts.equal, differing: counts.differing,
                    onlyMain: counts.onlyMain, onlyCandidate: counts.onlyCandidate)
            }
            func said(_ said: VersionComparison.Said?) -> SaidForm? {
                said.map {
                    SaidForm(
                        action: "\($0.action)", size: $0.size, confidence: $0.confidence,
                        limit: $0.limit.map { "\($0)" })
                }
            }
            let form = Form(
                strategy: strategy, run: run, plan: comparison.plan.text,
                since: comparison.since,
                versions: VersionSlot.allCases.map { slot in
                    let version = comparison.versions[slot] ?? .init()
                    return VersionForm(
                        slot: slot.name, role: comparison.plan.role(of: slot),
                        version: version.version, model: version.model,
                        parameterHash: version.parameterHash, results: version.results,
                        latency: version.latency)
                }, total: counts(comparison.total), differing: comparison.byField,
                symbols: comparison.bySymbol.mapValues(counts),
                changes: comparison.changes.map {
                    ChangeForm(
                        from: $0.from, time: $0.time == .zero ? nil : ZonedTime.utc($0.time),
                        plan: $0.plan.text, reason: $0.reason)
                }, skipped: comparison.skipped, waiting: comparison.waiting,
                first: comparison.first.map {
                    DifferenceForm(
                        event: $0.position.value, position: "\($0.position)",
                        time: ZonedTime.utc($0.time), symbol: $0.symbol,
                        fields: $0.fields, main: said($0.main), candidate: said($0.candidate))
                })
            return try String(decoding: JSONEncoder.stable.encode(form), as: UTF8.self)
        }
    }

    private struct Form: Encodable {
        var strategy: String
        var run: String
        var plan: String
        var since: UInt64
        var versions: [VersionForm]
        var total: CountsForm
        var differing: [String: Int]
        var symbols: [String: CountsForm]
        var changes: [ChangeForm]
        var skipped: Int
        var waiting: Int
        var first: DifferenceForm?
        enum CodingKeys: String, CodingKey {
            case strategy, run, plan, since, versions, total, symbols, changes
            case differing = "differing_in"
            case skipped = "left_out_skipped"
            case waiting = "left_out_waiting"
            case first = "first_difference"
        }
    }
    private struct ChangeForm: Encodable {
        var from: UInt64
        var time: String?
        var plan: String
        var reason: String
    }
    private struct VersionForm: Encodable {
        var slot: String
        var role: String
        var version: String
        var model: String
        var parameterHash: String
        var results: Int
        var latency: Latency?
        enum CodingKeys: String, CodingKey {
            case slot, role, version, model, results
            case parameterHash = "parameter_hash"
            case latency = "latency_ns"
        }
    }
    private struct CountsForm: Encodable {
        var equal: Int
        var differing: Int
        var onlyMain: Int
        var onlyCandidate: Int
        enum CodingKeys: String, CodingKey {
            case equal, differing
            case onlyMain = "only_main"
            case onlyCandidate = "only_candidate"
        }
    }
    private struct SaidForm: Encodable {
        var action: String
        var size: String
        var confidence: Int32
        var limit: String?
        enum CodingKeys: String, CodingKey {
            case action, size, limit
            case confidence = "confidence_millionths"
        }
    }
    private struct DifferenceForm: Encodable {
        var event: UInt64
        var position: String
        var time: String
        var symbol: String
        var fields: [String]
        var main: SaidForm?
        var candidate: SaidForm?
    }
}
