import StrategyWire

/// Watermarks, beats, and the order of what a server says.
enum WatermarkChecks {
    private static let marks = "Watermarks, beats, what is safe"

    static let all = [
        judging(
            "watermark-each-message",
            "At least one watermark for each message of events, of its"
                + " last position.", marks
        ) { $0.everyMessageIsAnswered() },
        judging("watermark-never-back", "A watermark never goes back.", marks) {
            $0.watermarksNeverGoBack()
        },
        judging(
            "watermark-not-beyond", "A watermark is never beyond the last event sent.", marks
        ) { $0.watermarksStayBehindWhatWasSent() },
        judging(
            "results-before-watermark", "Every result up to a watermark was sent before it.", marks
        ) { $0.resultsComeBeforeTheirWatermark() },
        judging(
            "nothing-before-ready", "Only Failure and Log may come before Ready.",
            "A session from its start"
        ) { $0.onlyFailureAndLogBeforeReady() },
        judging(
            "one-ready", "One Ready for Configure, and one for the last part of a warm-up.",
            "A session from its start"
        ) { $0.noReadyUnasked() },
        judging(
            "known-messages",
            "A message of a kind that the host does not know is refused for good.",
            "How a call may end, and what the host does"
        ) { $0.everyMessageIsKnown() },
        Check(
            "failures-told-well", .watermarks,
            "A Failure names the position of a callback that"
                + " raised, with a text.", in: "Draining, failing, talking"
        ) { bench in
            let runs = try await bench.standingRuns()
            let count = runs.reduce(0) { $0 + $1.failures.count }
            guard count > 0 else {
                throw NotApplicable("no callback of it failed", next: "nothing to do")
            }
            let first = runs.lazy.compactMap(\.failures.first?.message).first ?? ""
            return .judged(
                runs.flatMap { SessionRules($0).failuresAreToldWell() },
                sent: "a whole run in BACKTEST and one in REPLAY",
                good: "\(counted(count, "failure")), all so; the first: '\(first)'")
        },
        beat(
            "beat-echoed",
            "A beat is answered at once with a watermark of where the server stands"
                + " and the highest beat received.", eventsBefore: true),
        beat("beat-when-fresh", "A beat is answered also before any event.", eventsBefore: false),
        Check(
            "beat-in-order", .watermarks,
            "A beat travels in order behind the events: its watermark"
                + " covers what was sent before it.", in: marks
        ) { bench in
            let events = try await bench.material()
            let trial = try await bench.start(try await bench.setting())
            let end = try await bench.description().readsAccount ? 1 : min(100, events.count)
            let count = History.wholeStep(end, of: events)
            let last = try await trial.send(
                events[..<min(count, try await bench.batch())], after: 0)
            await trial.send(.beat(PBBeat(number: 3)))
            let sent = "events up to \(words(last)), then beat 3"
            let at = try await trial.wait(for: "beat 3", sent: sent) { transcript in
                transcript.beat >= 3 ? transcript.watermark : nil
            }
            return .judged(
                at >= last ? [] : [Fault("beat 3 with the watermark \(words(at))")], sent: sent,
                good: "beat 3 with the watermark \(words(at))")
        },
    ]

    /// A rule over the runs that every check shares.
    static func judging(
        _ name: String, _ says: String, _ chapter: String, group: Check.Group = .watermarks,
        _ rule: @escaping @Sendable (SessionRules) -> [Fault]
    ) -> Check {
        Check(name, group, says, in: chapter) { bench in
            let runs = try await bench.standingRuns()
            return .judged(
                runs.flatMap { rule(SessionRules($0)) },
                sent: "a whole run in BACKTEST and one in REPLAY",
                good: "\(counted(runs.reduce(0) { $0 + $1.watermarks }, "watermark")),"
                    + " \(counted(runs.reduce(0) { $0 + $1.results.count }, "result")), all so")
        }
    }

    private static func beat(_ name: String, _ says: String, eventsBefore: Bool) -> Check {
        Check(name, .watermarks, says, in: marks) { bench in
            let trial = try await bench.start(try await bench.setting())
            var last: UInt64 = 0
            if eventsBefore {
                let events = try await bench.material()
                let some = events[..<History.wholeStep(1, of: events)]
                try await bench.feed(some, to: trial, after: 0)
                last = some[some.count - 1].position
            }
            for number in [UInt64(1), 9] {
                await trial.send(.beat(PBBeat(number: number)))
                try await trial.wait(for: "beat \(number)", sent: "beat \(number)") { transcript in
                    transcript.beat >= number ? true : nil
                }
            }
            let (at, beat) = (trial.transcript.watermark ?? 0, trial.transcript.beat)
            let isSo = at == last && beat == 9
            return .judged(
                isSo ? [] : [Fault("beat \(beat) with the watermark \(words(at))")],
                sent: "beats 1 and 9 where the server stands at \(words(last))",
                good: "both, with the watermark \(words(at))")
        }
    }
}

extension Workbench {
    /// A run in each mode, from the first event to Drained.
    func standingRuns() async throws -> [Transcript] {
        let whole = try await wholeRun().transcript
        let other = try await once("paced") {
            let (trial, after, events) = try await paced()
            try await feed(events, to: trial, after: after, cuts: .random(seed: 3))
            try await drain(trial)
            return trial
        }
        return [whole, other.transcript]
    }
}
