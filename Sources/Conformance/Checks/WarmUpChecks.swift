import StrategyWire

/// History before the first event, and what was left out.
enum WarmUpChecks {
    private static let start = "A session from its start"

    static let all = [
        wanted(
            "warm-up-answered",
            "The last part of a warm-up is answered with Ready(after = its"
                + " position)."
        ) { bench in
            let (trial, after, _) = try await bench.paced()
            let state = trial.transcript.readies[1].state
            return .judged(
                state == .after(after) ? [] : [Fault("Ready \(words(state))")],
                sent: "a warm-up up to \(words(after))", good: "Ready \(words(state))")
        },
        wanted("warm-up-silent", "Nothing of a warm-up is answered: no results and no watermark.") {
            bench in
            let (trial, after, _) = try await bench.paced()
            return .judged(
                silence(trial.transcript), sent: "a warm-up up to \(words(after))",
                good: "Ready alone")
        },
        wanted("warm-up-parts", "A warm-up comes in parts, and their cut changes nothing.") {
            bench in
            let one = try await paced(bench, partsOf: nil)
            let two = try await paced(bench, partsOf: 7)
            return .judged(
                SameResults.faults(one, two, "with parts of 7"),
                sent: "the same history in parts of 7",
                good: "the same \(counted(one.count, "result")) behind it")
        },
        wanted(
            "warm-up-empty", "A warm-up may be empty: a host that has just begun has no history."
        ) {
            bench in
            let trial = try await bench.start(try await bench.setting(.replay))
            await trial.warmUp([], through: 0, partsOf: 1)
            let sent = "an empty warm-up"
            let ready = try await trial.ready(after: 1, sent: sent)
            return .judged(
                ready.state == .after(0) ? [] : [Fault("Ready \(words(ready.state))")], sent: sent,
                good: "Ready \(words(ready.state))")
        },
        Check(
            "warm-up-unasked", .warmup,
            "A full warm-up that was not asked for: the server drops its"
                + " state, takes this history and answers Ready with the last part's position.",
            in: "Late, slow, hung"
        ) { bench in
            let (trial, _, events) = try await bench.paced()
            let readies = trial.transcript.readies.count
            let cut = History.wholeStep(max(1, events.count / 2), of: events)
            let inputs = try await bench.description().inputs
            let position = events[cut - 1].position
            await trial.warmUp(
                History.asked(of: events[..<cut], inputs), through: position,
                partsOf: try await bench.batch())
            let sent = "a warm-up up to \(words(position)) that was not asked for"
            let ready = try await trial.ready(after: readies, sent: sent)
            guard ready.state == .after(position) else {
                return .wrong(sent: sent, came: "Ready \(words(ready.state))")
            }
            let next = events[cut..<History.wholeStep(cut + 1, of: events)]
            try await bench.feed(next, to: trial, after: position)
            return .good(sent: sent, came: "Ready \(words(ready.state)), and events go on")
        },
        Check(
            "skipped-accepted", .warmup,
            "Skipped is not answered, and Events.previous goes on from"
                + " the last event that was sent.", in: "Late, slow, hung"
        ) { bench in
            let (trial, after, events) = try await bench.paced()
            let first = History.wholeStep(1, of: events)
            let second = History.wholeStep(min(first + 10, events.count - 1), of: events)
            let third = History.wholeStep(min(second + 1, events.count), of: events)
            try await bench.feed(events[..<first], to: trial, after: after)
            let at = events[first - 1].position
            let run = PBSkipped.Run(
                first: events[first].position, last: events[second - 1].position)
            let before = trial.transcript.watermarks
            await trial.send(.skipped(PBSkipped(runs: [run], reason: "the ring was full")))
            try await bench.feed(events[second..<third], to: trial, after: at)
            let sent = "Skipped(\(words(run.first)) to \(words(run.last))), then events"
            let more = trial.transcript.watermarks - before
            return .good(sent: sent, came: "\(counted(more, "watermark")) for the events behind it")
        },
    ]

    /// For servers that ask for history.
    private static func wanted(
        _ name: String, _ says: String,
        _ ask: @escaping @Sendable (Workbench) async throws -> Verdict
    ) -> Check {
        Check(name, .warmup, says, in: start) { bench in
            guard try await bench.description().inputs.contains(where: { $0.warmUp > 0 }) else {
                throw NotApplicable(
                    "no input of it wants a warm-up",
                    next: "give Input.warm_up where the strategy needs history")
            }
            let (trial, _, _) = try await bench.paced()
            guard trial.transcript.readies.count > 1 else {
                throw NotApplicable(
                    "it names a warm-up in Describe and did not ask for it",
                    next: "say Ready.needs_warm_up in a fresh session at a pace")
            }
            return try await ask(bench)
        }
    }

    private static func paced(_ bench: Workbench, partsOf length: Int?) async throws -> [PBResult] {
        let (trial, after, events) = try await bench.paced(partsOf: length)
        try await bench.feed(events, to: trial, after: after)
        try await bench.drain(trial)
        return trial.transcript.results
    }

    private static func silence(_ transcript: Transcript) -> [Fault] {
        transcript.entries.compactMap { entry in
            switch entry.entry {
            case .heard(.results(let results)) where !results.results.isEmpty:
                Fault("\(counted(results.results.count, "result"))")
            case .heard(.results), .heard(.watermark): Fault("a watermark")
            default: nil
            }
        }
    }
}
