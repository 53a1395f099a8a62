import Platform
import StrategyWire

/// What only a server that the checks started can be asked.
enum ProcessChecks {
    private static let service = "Service, health, addresses"

    static let all = [
        launched(
            "restart-instance", "instance_id is new with each start of the process.",
            "Who a server is"
        ) { bench, program in
            let before = try await bench.askDescription()
            try await restart(bench, program, kills: false)
            let after = try await bench.askDescription()
            var faults: [Fault] = []
            if before.instanceID == after.instanceID {
                faults.append(Fault("the same instance_id"))
            }
            var same = after
            same.instanceID = before.instanceID
            if same != before { faults.append(Fault("another description")) }
            return .judged(
                faults, sent: "Describe before and after a restart", good: "another instance alone")
        },
        launched(
            "restart-same-results", "The same events give the same results in another process.",
            "Before you call it done"
        ) { bench, program in
            let plain = try await bench.wholeRun().transcript.results
            try await restart(bench, program, kills: false)
            let other = try await bench.run(cuts: .random(seed: 11)).transcript.results
            return .judged(
                SameResults.faults(plain, other, "in another process"),
                sent: "the same run in another process",
                good: "the same \(counted(plain.count, "result"))")
        },
        launched(
            "restart-fresh",
            "A new process without a snapshot is fresh, and is fed again from the"
                + " first event of a backtest.", "Break and resume"
        ) { bench, program in
            let broken = try await bench.broken()
            try await restart(bench, program, kills: true)
            let trial = try await bench.start(broken.again(from: broken.last))
            let state = trial.transcript.readies[0].state
            guard state == .after(0) || state == .needsWarmUp(true) else {
                return .wrong(
                    sent: "Configure behind \(words(broken.last)) to a new process",
                    came: "Ready \(words(state))")
            }
            try await bench.goOn(trial)
            let plain = try await bench.wholeRun().transcript.results
            return .judged(
                SameResults.faults(plain, trial.transcript.results, "after the process was killed"),
                sent: "a killed process in the middle of a run",
                good: "the same \(counted(plain.count, "result"))")
        },
        launched(
            "ends-with-sigterm", "SIGTERM ends the server within 2 s.", service
        ) { bench, program in
            let trial = try await bench.start(try await bench.setting())
            let start = bench.clock.monotonic()
            let exit = await program.terminate()
            let took = (bench.clock.monotonic() - start) / 1_000_000
            _ = try? await trial.end(sent: "SIGTERM", within: .seconds(1))
            try await restart(bench, program, kills: false)
            let sent = "SIGTERM with a session open"
            guard exit != .signal(9) else { return .wrong(sent: sent, came: "no end in 2 s") }
            return .good(sent: sent, came: "the process ended in \(took) ms")
        },
        launched(
            "stopped-in-warm-up",
            "A server that is told to stop before Ready has closed nothing: it may say Drained,"
                + " and no watermark before it.", "A session from its start"
        ) { bench, program in
            let trial = try await bench.start(try await bench.setting(.replay))
            guard trial.transcript.readies[0].state == .needsWarmUp(true) else {
                throw NotApplicable(
                    "it asked for no history in a fresh session at a pace",
                    next: "give Input.warm_up where the strategy needs history")
            }
            let sent = "SIGTERM where a warm-up is due"
            _ = await program.terminate()
            _ = try? await trial.end(sent: sent, within: .seconds(1))
            try await restart(bench, program, kills: false)
            return .judged(
                lastWordsBeforeReady(trial.transcript), sent: sent,
                good: trial.transcript.drained == nil ? "the end of the call" : "Drained")
        },
        launched(
            "ends-with-its-parent",
            "When a read of MADANG_PARENT_FD returns the end, the host is"
                + " gone, and the server ends itself.", service
        ) { bench, program in
            _ = await program.terminate()
            let sent = "a start with a pipe MADANG_PARENT_FD that has ended"
            do {
                try await program.startOrphaned()
            } catch {
                throw Obstacle(sent: sent, came: "\(error)")
            }
            // It may load for a while before it looks; once it answers it has no excuse.
            try? await bench.reach(within: .seconds(30))
            let ended = await program.ends(within: .seconds(2))
            try await restart(bench, program, kills: true)
            return .judged(
                ended ? [] : [Fault("no end in 2 s")], sent: sent, good: "the process ended")
        },
        launched(
            "stale-socket", "A socket that a crash has left is replaced.", service
        ) { bench, program in
            try await restart(bench, program, kills: true)
            _ = try await bench.askDescription()
            return .good(
                sent: "kill -9, then a start at the same address", came: "Describe answers")
        },
    ]

    /// What may not come behind the first Ready, where no history was sent.
    static func lastWordsBeforeReady(_ transcript: Transcript) -> [Fault] {
        var readies = 0
        return transcript.entries.compactMap { entry in
            switch entry.entry {
            case .heard(.log), .heard(.failure), .heard(.drained): return nil
            case .heard(.ready):
                readies += 1
                return readies > 1 ? Fault("Ready before the history") : nil
            case .heard(let message): return Fault("\(message.noun) before the second Ready")
            case .sent, .damaged, .ended: return nil
            }
        }
    }

    private static func launched(
        _ name: String, _ says: String, _ chapter: String,
        _ ask: @escaping @Sendable (Workbench, ServerProgram) async throws -> Verdict
    ) -> Check {
        Check(name, .process, says, in: chapter) { bench in
            guard let program = bench.program else {
                throw NotApplicable(
                    "the server was started by somebody else",
                    next: "let the checks start it: --launch CMD...")
            }
            return try await ask(bench, program)
        }
    }

    private static func restart(
        _ bench: Workbench, _ program: ServerProgram, kills: Bool
    ) async throws {
        if kills { await program.kill() } else { _ = await program.terminate() }
        do {
            try await program.start()
            try await bench.reach(within: .seconds(30))
        } catch {
            throw Obstacle(sent: "a new start of the server", came: "\(error)")
        }
    }
}
