import StrategyWire

/// The end of a session in order.
enum DrainChecks {
    private static let chapter = "Draining, failing, talking"

    static let all = [
        drained(
            "drain-answered",
            "Drain is answered with Drained as the last message, within the"
                + " time given; the call ends with OK."
        ) { run in
            var faults: [Fault] = []
            if run.drained == nil { faults.append(Fault("no Drained")) }
            if run.end?.code != "ok" { faults.append(Fault("the call ended with \(run.endWords)")) }
            return faults
        },
        drained("drain-last-message", "Nothing comes behind Drained.") {
            SessionRules($0).nothingBehindDrained()
        },
        drained("drain-position", "Drained names the last position processed.") { run in
            let last = run.lastSent
            guard let drained = run.drained, drained.position != last else { return [] }
            return [Fault("Drained(\(words(drained.position))), where \(words(last)) was the last")]
        },
        Check(
            "drain-finishes", .drain,
            "What was sent before Drain is finished: results and watermark"
                + " come before Drained.", in: chapter
        ) { bench in
            let events = try await bench.material()
            let trial = try await bench.start(try await bench.setting())
            let most = try await bench.description().readsAccount ? 1 : try await bench.batch()
            let last = try await trial.send(
                events.prefix(History.wholeStep(1, of: events) == 1 ? most : 1), after: 0)
            await trial.send(.drain(PBDrain(withinNs: 2_000_000_000, reason: "checked")))
            let sent = "events up to \(words(last)), then Drain at once"
            _ = try await trial.end(sent: sent)
            let at = trial.transcript.watermark ?? 0
            return .judged(
                at == last ? [] : [Fault("the last watermark was \(words(at))")], sent: sent,
                good: "watermark \(words(at)), then Drained")
        },
        Check(
            "drain-fresh", .drain, "A session may be drained before its first event.", in: chapter
        ) { bench in
            let trial = try await bench.start(try await bench.setting())
            try await bench.drain(trial)
            let run = trial.transcript
            return .judged(
                run.drained != nil && run.end?.code == "ok"
                    ? [] : [Fault("the call ended with \(run.endWords)")],
                sent: "Drain before any event", good: "Drained and OK")
        },
        Check(
            "drain-in-time", .drain, "Drained comes within Drain.within_ns.", in: chapter
        ) { bench in
            let trial = try await bench.wholeRun()
            var asked: Int64?
            for (entry, at) in trial.transcript.entries {
                if case .sent(.drain) = entry { asked = at }
                if case .heard(.drained) = entry, let asked {
                    let took = at - asked
                    return .judged(
                        took <= 2_000_000_000
                            ? [] : [Fault("Drained after \(took / 1_000_000) ms")],
                        sent: "Drain within 2 s", good: "Drained after \(took / 1_000_000) ms")
                }
            }
            return .wrong(sent: "Drain within 2 s", came: "no Drained")
        },
        Check("drain-forgets", .drain, "Behind Drained the session is forgotten.", in: chapter) {
            bench in
            let events = try await bench.material()
            let first = History.wholeStep(1, of: events)
            let one = try await bench.start(try await bench.setting())
            try await bench.feed(events[..<first], to: one, after: 0)
            try await bench.drain(one)
            let known = events[events.count - 1].position
            let two = try await bench.start(one.setting.again(watermark: 0, known: known))
            let state = two.transcript.readies[0].state
            let isFresh = state == .after(0) || state == .needsWarmUp(true)
            return .judged(
                isFresh ? [] : [Fault("Ready \(words(state))")],
                sent: "the same session after Drained", good: "Ready \(words(state))")
        },
        Check(
            "half-close", .drain,
            "A stream that the host ends without Drain has broken: the call"
                + " ends, and the state is kept.", in: "Break and resume"
        ) { bench in
            let events = try await bench.material()
            let first = History.wholeStep(1, of: events)
            let one = try await bench.start(try await bench.setting())
            try await bench.feed(events[..<first], to: one, after: 0)
            one.finishSending()
            let sent = "the end of the host's side, without Drain"
            let end = try await one.end(sent: sent)
            let at = events[first - 1].position
            let two = try await bench.start(one.setting.again(watermark: at, known: at))
            let state = two.transcript.readies[0].state
            return .judged(
                state == .after(at) ? [] : [Fault("Ready \(words(state))")],
                sent: sent, good: "\(words(end)); then Ready \(words(state))")
        },
    ]

    /// A rule over the end of the runs that all checks share.
    private static func drained(
        _ name: String, _ says: String, _ rule: @escaping @Sendable (Transcript) -> [Fault]
    ) -> Check {
        Check(name, .drain, says, in: chapter) { bench in
            let runs = try await bench.standingRuns()
            return .judged(
                runs.flatMap(rule), sent: "Drain behind a whole run", good: "Drained, and so it is")
        }
    }
}

extension Transcript {
    var endWords: String { end.map { words($0) } ?? "nothing" }
    var lastSent: UInt64 {
        var last: UInt64 = 0
        for case .sent(.events(let events)) in entries.map(\.entry) {
            last = max(last, events.positions.last ?? 0)
        }
        return last
    }
}
