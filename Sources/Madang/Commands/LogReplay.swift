import Foundation
import Host
import Platform
import Ports
import TradingModel

/// `madang log replay`: a run decided again, beside its log.
enum LogReplay {
    private struct Answer: Encodable {
        struct Line: Encodable {
            var kind: String
            var order: UInt64?
            var text: String

            init(_ line: RecordPortrait.Line) {
                kind = line.kind
                order = line.order?.value
                text = line.text
            }
        }
        struct First: Encodable {
            var record: UInt64
            var step: UInt64
            /// Of the recording.
            var timeNs: Int64
            /// Left out where it says nothing.
            var log, replay: Line?
        }
        var run: String
        var records: UInt64
        var steps: UInt64
        var starts: Int
        var paced: Bool
        var finished: Bool
        /// Whether configuration, recordings and kernel are the run's.
        var sameConfiguration: Bool
        var changed: [String]
        var decided: [String: Int]
        var fromOutside: [String: Int]
        /// Records that differ.
        var differences: Int
        var logAlone, replayAlone: [String: Int]
        var first: First?

        init(_ place: ReplayPlace, _ replay: DecisionReplay) {
            func byKind(_ counts: [DecisionReplay.Count]) -> [String: Int] {
                Dictionary(uniqueKeysWithValues: counts.map { ($0.kind, $0.count) })
            }
            run = place.run
            records = replay.records
            steps = replay.steps
            starts = replay.starts
            paced = replay.isPaced
            finished = replay.isFinished
            sameConfiguration = place.isSame
            changed = place.changes
            decided = byKind(replay.compared)
            fromOutside = byKind(replay.inputs)
            differences = replay.differing
            logAlone = byKind(replay.logAlone)
            replayAlone = byKind(replay.replayAlone)
            first = replay.first.map { first in
                First(
                    record: first.record, step: first.step, timeNs: first.time.nanoseconds,
                    log: first.log.map(Line.init), replay: first.replay.map(Line.init))
            }
        }
    }

    /// - Returns: `refused` where something differs.
    static func run(_ command: CommandInvocation) throws -> ExitCode {
        let place = try ReplayPlace(command)
        let replay = try place.replay()
        if command.has(CommandLineShape.json) {
            StandardOutput.write(line: try JSONEncoder.line(Answer(place, replay)))
        } else {
            lines(of: place.run, isSame: place.isSame, place.changes, replay).forEach {
                StandardOutput.write(line: $0)
            }
        }
        return replay.first == nil ? .good : .refused
    }

    // MARK: Words

    /// Keys of a configuration that are told one by one.
    private static let mostChanges = 5

    static func lines(
        of run: String, isSame: Bool, _ changes: [String], _ replay: DecisionReplay
    ) -> [String] {
        var lines = [
            "run \(run)   \(counted(Int(clamping: replay.records), "record")),"
                + " \(counted(Int(clamping: replay.steps), "step")),"
                + " \(counted(replay.starts, "start")), \(replay.isPaced ? "at a pace" : "as fast as possible")"
                + (replay.isFinished ? "" : ", not finished")
        ]
        if !isSame {
            lines.append(
                changes.isEmpty
                    ? "other recordings, or another version of the host, than the run's"
                    : "another configuration than the run's:")
            lines += changes.prefix(mostChanges).map { "    \($0)" }
            if changes.count > mostChanges {
                lines.append("    and \(changes.count - mostChanges) more")
            }
        }
        lines.append(line("decided again", replay.compared, nouns: [:]))
        lines.append(line("from outside", replay.inputs, nouns: inputs))
        guard let first = replay.first else { return lines + ["0 differences"] }
        let time = CivilTime(first.time).text(separator: " ")
        lines.append(
            "\(counted(replay.differing, "record")) \(replay.differing == 1 ? "differs" : "differ");"
                + " the first is record \(first.record), step \(first.step), \(time):")
        lines.append("    the log      \(words(first.log))")
        lines.append("    the replay   \(words(first.replay))")
        lines.append(line("log alone", replay.logAlone, nouns: [:]))
        lines.append(line("replay alone", replay.replayAlone, nouns: [:]))
        return lines
    }

    private static func line(
        _ head: String, _ counts: [DecisionReplay.Count], nouns: [String: String]
    ) -> String {
        let words = counts.map { "\(nouns[$0.kind] ?? $0.kind) \(grouped("\($0.count)"))" }
        let total = counts.reduce(0) { $0 + $1.count }
        return head + String(repeating: " ", count: max(1, 15 - head.count))
            + grouped("\(total)") + (words.isEmpty ? "" : ": \(words.joined(separator: ", "))")
    }

    /// What is no decision.
    private static let inputs = [
        "result": "results of servers", "closing": "ends of rounds", "kill": "kill switch",
        "exits": "words about exits", "correction": "corrections of drift",
        "report": "words of brokers",
        "change": "changes of attachments", "note": "notes of versions", "start": "restarts",
    ]

    private static func words(_ line: RecordPortrait.Line?) -> String {
        guard let line else { return "nothing" }
        return line.kind + (line.order.map { " \($0)" } ?? "") + "  \(line.text)"
    }
}
