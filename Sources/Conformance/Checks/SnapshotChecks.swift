import StrategyWire

/// State that a server gives the host to keep. For servers that do.
enum SnapshotChecks {
    private static let chapter = "Snapshots"

    static let all = [
        judging(
            "snapshot-parts",
            "The parts of a snapshot come one behind the other, from 0 without"
                + " gaps, with the same position and format."
        ) { $0.partsFollow() },
        judging(
            "snapshot-size", "A part has at most 1 MiB, and all together Limits.snapshot_bytes."
        ) { $0.partsAreSmall(whole: 67_108_864) },
        judging("snapshot-format", "A snapshot names its format in 1 to 64 bytes.") {
            $0.formatsAreNamed()
        },
        judging(
            "snapshot-position",
            "A snapshot stands at or before the last watermark: watermark"
                + " first, snapshot behind it."
        ) { $0.positionsAreClosed() },
        Check(
            "snapshot-restored", .snapshots,
            "A fresh server that can take a snapshot says"
                + " Ready.after = its position.", in: chapter
        ) { bench in
            let (parts, trial) = try await restored(bench) { $0 }
            let state = trial.transcript.readies[0].state
            return .judged(
                state == .after(parts[0].position) ? [] : [Fault("Ready \(words(state))")],
                sent: "a new session with the snapshot at \(words(parts[0].position))",
                good: "Ready \(words(state))")
        },
        Check(
            "snapshot-same-results", .snapshots,
            "Restored, it says what one that never stopped"
                + " says: results behind the snapshot must be what they were.", in: chapter
        ) { bench in
            let plain = try await bench.resultsOfWholeRun()
            let (parts, trial) = try await restored(bench) { $0 }
            try await bench.goOn(trial)
            let due = plain.filter { $0.position > parts[0].position }
            return .judged(
                SameResults.faults(due, trial.transcript.results, "behind the snapshot"),
                sent: "the events behind the snapshot at \(words(parts[0].position))",
                good: "the same \(counted(due.count, "result"))")
        },
        refused("snapshot-of-another-format", "another format") { parts in
            parts.map { part in
                var part = part
                part.format = "none/0"
                return part
            }
        },
        refused("snapshot-damaged", "damaged bytes") { parts in
            parts.map { part in
                var part = part
                part.data = part.data.map { ~$0 }
                return part
            }
        },
        Check(
            "snapshot-left-aside", .snapshots,
            "A server that lived on reads an offered snapshot"
                + " away and goes on from its state.", in: chapter
        ) { bench in
            let parts = try await snapshot(bench)
            let broken = try await bench.broken()
            var setting = broken.again(from: broken.last)
            setting.snapshot = parts
            let state = try await bench.start(setting).transcript.readies[0].state
            return .judged(
                state == .after(broken.last) ? [] : [Fault("Ready \(words(state))")],
                sent: "a snapshot at \(words(parts[0].position)) to a session that stands at"
                    + " \(words(broken.last))", good: "Ready \(words(state))")
        },
    ]

    /// The one behind which a result comes soonest: that one depends on what the snapshot holds.
    private static func snapshot(_ bench: Workbench) async throws -> [PBSnapshotPart] {
        let run = try await bench.once("snapshots") { try await bench.run(cuts: .of(17)) }
        let results = run.transcript.results.map(\.position)
        let wholes = SnapshotRules(transcript: run.transcript).wholes
        func gap(_ parts: [PBSnapshotPart]) -> UInt64 {
            let position = parts[0].position
            return (results.first { $0 > position } ?? .max) - position
        }
        guard let best = wholes.min(by: { gap($0) < gap($1) }) else {
            throw NotApplicable(
                "it sent no snapshot in \(counted(try await bench.material().count, "event"))",
                next: "nothing to do: snapshots are optional")
        }
        return best
    }

    private static func judging(
        _ name: String, _ says: String, _ rule: @escaping @Sendable (SnapshotRules) -> [Fault]
    ) -> Check {
        Check(name, .snapshots, says, in: chapter) { bench in
            let runs = try await bench.standingRuns()
            let count = runs.reduce(0) { $0 + $1.parts.count }
            if count == 0 { _ = try await snapshot(bench) }
            return .judged(
                runs.flatMap { rule(SnapshotRules(transcript: $0)) },
                sent: "a whole run in BACKTEST and one in REPLAY",
                good: "\(counted(count, "part")), all so")
        }
    }

    private static func restored(
        _ bench: Workbench, _ change: ([PBSnapshotPart]) -> [PBSnapshotPart]
    ) async throws -> ([PBSnapshotPart], Trial) {
        let parts = try await snapshot(bench)
        var setting = try await bench.setting()
        setting.snapshot = change(parts)
        setting.watermark = parts[0].position
        setting.known = try await bench.material().last?.position ?? 0
        return (parts, try await bench.start(setting, sent: "Configure with a snapshot"))
    }

    /// A snapshot that cannot be taken: told, and left aside.
    private static func refused(
        _ name: String, _ what: String,
        _ change: @escaping @Sendable ([PBSnapshotPart]) -> [PBSnapshotPart]
    ) -> Check {
        Check(
            name, .snapshots,
            "A server that cannot take a snapshot tells why with Log or Failure,"
                + " answers as a fresh one, and does not end the call.", in: chapter
        ) { bench in
            let (_, trial) = try await restored(bench, change)
            let run = trial.transcript
            let told = run.entries.contains { entry in
                switch entry.entry {
                case .heard(.log), .heard(.failure): true
                default: false
                }
            }
            var faults: [Fault] = []
            let state = run.readies[0].state
            if state != .after(0), state != .needsWarmUp(true) {
                faults.append(Fault("Ready \(words(state))"))
            }
            if !told { faults.append(Fault("neither Log nor Failure before Ready")) }
            return .judged(
                faults, sent: "a snapshot with \(what)", good: "words, and Ready \(words(state))")
        }
    }
}
