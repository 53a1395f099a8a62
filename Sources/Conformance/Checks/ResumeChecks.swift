import StrategyWire

/// Streams that break and come again.
enum ResumeChecks {
    private static let chapter = "Break and resume"

    static let all = [
        Check(
            "resume-ready", .resume,
            "The state of a session is kept when its stream ends: a server"
                + " that stands at s says Ready.after = s.", in: chapter
        ) { bench in
            let broken = try await bench.broken()
            let trial = try await bench.start(broken.again(from: broken.last))
            let state = trial.transcript.readies[0].state
            return .judged(
                state == .after(broken.last) ? [] : [Fault("Ready \(words(state))")],
                sent: "Configure again, behind \(words(broken.last))", good: "Ready \(words(state))"
            )
        },
        Check(
            "resume-results-again", .resume,
            "With s beyond the host's watermark every result behind"
                + " it that was not acknowledged is sent again.", in: chapter
        ) { bench in
            let broken = try await bench.broken(withResults: true)
            let trial = try await bench.start(broken.again(from: broken.before))
            try await resent(trial, through: broken.last)
            let due = broken.results.filter { $0.position > broken.before }
            return .judged(
                SameResults.faults(trial.transcript.results, due, "before the break"),
                sent: "Configure again, behind \(words(broken.before))",
                good: "\(counted(due.count, "result")) again")
        },
        Check(
            "resume-watermark", .resume,
            "Behind the results sent again stands the watermark s,"
                + " before anything else.", in: chapter
        ) { bench in
            let broken = try await bench.broken()
            let trial = try await bench.start(broken.again(from: broken.before))
            try await resent(trial, through: broken.last)
            let at = trial.transcript.watermark ?? 0
            return .judged(
                at == broken.last ? [] : [Fault("the watermark \(words(at))")],
                sent: "Configure again, behind \(words(broken.before))",
                good: "watermark \(words(at))")
        },
        Check(
            "resume-nothing-again", .resume,
            "With s at the host's watermark there is nothing to"
                + " send again.", in: chapter
        ) { bench in
            let broken = try await bench.broken(withResults: true)
            let trial = try await bench.start(broken.again(from: broken.last))
            await trial.send(.beat(PBBeat(number: 1)))
            try await trial.wait(for: "beat 1", sent: "beat 1") { $0.beat == 1 ? true : nil }
            let count = trial.transcript.results.count
            return .judged(
                count == 0 ? [] : [Fault("\(counted(count, "result")) again")],
                sent: "Configure again, behind \(words(broken.last))", good: "no result")
        },
        Check(
            "acknowledged-not-again", .resume,
            "Results up to Acknowledged are safe with the host"
                + " and are not sent again.", in: "Watermarks, beats, what is safe"
        ) { bench in
            let broken = try await bench.broken(withResults: true, acknowledges: true)
            let trial = try await bench.start(broken.again(from: broken.before))
            try await resent(trial, through: broken.last)
            let old = trial.transcript.results.filter { $0.position <= broken.acknowledged }
            return .judged(
                old.isEmpty ? [] : [Fault("\(counted(old.count, "acknowledged result")) again")],
                sent: "Acknowledged(\(words(broken.acknowledged))), then Configure again",
                good: "\(counted(trial.transcript.results.count, "result")), none acknowledged")
        },
        Check(
            "resume-goes-on", .resume,
            "The state of a session goes on where it stood: the run comes"
                + " to the same results.", in: chapter
        ) { bench in
            let broken = try await bench.broken()
            let trial = try await bench.start(broken.again(from: broken.last))
            try await bench.goOn(trial)
            let plain = try await bench.wholeRun().transcript.results
            return .judged(
                SameResults.faults(plain, joined(broken.results, trial), "with a break"),
                sent: "a run with a break at \(words(broken.last))",
                good: "the same \(counted(plain.count, "result"))")
        },
        Check(
            "break-at-work", .resume,
            "A break in the middle of a message loses nothing and doubles"
                + " nothing.", in: chapter
        ) { bench in
            let events = try await bench.material()
            let middle = try await bench.middle()
            let first = try await bench.start(try await bench.setting())
            try await bench.feed(events[..<middle], to: first, after: 0)
            let closed = events[middle - 1].position
            let length =
                try await bench.description().readsAccount ? 1 : min(100, try await bench.batch())
            let next = events[
                middle..<min(History.wholeStep(middle + length, of: events), middle + 256)]
            let sent = try await first.send(next.prefix(try await bench.batch()), after: closed)
            await first.cut()
            let heard = first.transcript
            let trial = try await bench.start(
                first.setting.again(watermark: heard.watermark ?? 0, known: sent))
            try await bench.goOn(trial)
            let plain = try await bench.wholeRun().transcript.results
            return .judged(
                SameResults.faults(plain, joined(heard.results, trial), "with a break at work"),
                sent: "a break while a message was in work",
                good: "the same \(counted(plain.count, "result"))")
        },
        fresh(
            "known-respected",
            "Ready.after beyond Configure.known is refused for good: a server"
                + " that has seen more begins afresh.", "known before where it stands"
        ) { setting, at in
            setting.known = at - 1
        },
        fresh(
            "other-parameters-fresh", "With another parameter_hash the state is forgotten.",
            "another parameter hash"
        ) { setting, _ in setting.parameterHash = "0123456789abcdef" },
        fresh("other-mode-fresh", "With another mode the state is forgotten.", "the mode PAPER") {
            setting, _ in setting.mode = .paper
        },
        Check(
            "previous-resumes", .resume,
            "After a mismatch of Events.previous the host connects again,"
                + " and Ready.after tells it where to go on.", in: "Events"
        ) { bench in
            let events = try await bench.material()
            let first = History.wholeStep(1, of: events)
            let one = try await bench.start(try await bench.setting())
            try await bench.feed(events[..<first], to: one, after: 0)
            let at = events[first - 1].position
            try await one.send(events[first..<first + 1], after: at + 3)
            _ = try await one.end(sent: "events that follow \(words(at + 3))")
            let two = try await bench.start(one.setting.again(watermark: at, known: at + 100))
            let state = two.transcript.readies[0].state
            return .judged(
                state == .after(at) ? [] : [Fault("Ready \(words(state))")],
                sent: "Configure behind a mismatch", good: "Ready \(words(state))")
        },
        Check(
            "higher-epoch-takes-over", .resume,
            "Of two open streams of a session the older is ended"
                + " with ABORTED.", in: chapter
        ) { bench in
            let one = try await bench.start(try await bench.setting())
            let two = try await bench.start(one.setting.again(watermark: 0, known: 0))
            let end = try await one.end(sent: "Configure of a higher epoch")
            try await bench.answers(two)
            return .judged(
                end.code == "aborted" ? [] : [Fault("the older ended with \(words(end))")],
                sent: "Configure of a higher epoch beside an open stream", good: words(end))
        },
        lowerEpoch("equal-epoch-refused", by: 0), lowerEpoch("lower-epoch-refused", by: 3),
    ]

    /// The results of two streams, each once.
    private static func joined(_ before: [PBResult], _ trial: Trial) -> [PBResult] {
        let after = trial.transcript.results
        guard trial.transcript.readies[0].state != .after(0) else { return after }
        let known = Set(before)
        return before + after.filter { !known.contains($0) }
    }

    private static func resent(_ trial: Trial, through position: UInt64) async throws {
        try await trial.closed(position, sent: "Configure behind an older watermark")
    }

    /// A Configure after which the state must not go on.
    private static func fresh(
        _ name: String, _ says: String, _ what: String,
        _ change: @escaping @Sendable (inout SessionSetting, UInt64) -> Void
    ) -> Check {
        Check(name, .resume, says, in: chapter) { bench in
            let broken = try await bench.broken()
            var setting = broken.again(from: 0)
            change(&setting, broken.last)
            let state = try await bench.start(setting).transcript.readies[0].state
            let isFresh = state == .after(0) || state == .needsWarmUp(true)
            return .judged(
                isFresh ? [] : [Fault("Ready \(words(state))")],
                sent: "Configure again with \(what), where it stood at \(words(broken.last))",
                good: "Ready \(words(state))")
        }
    }

    private static func lowerEpoch(_ name: String, by less: UInt64) -> Check {
        Check(
            name, .resume,
            "An epoch that is not higher than that of a stream still open is refused"
                + " with ABORTED.", in: chapter
        ) { bench in
            var setting = try await bench.setting()
            setting.epoch = 10
            let one = try await bench.start(setting)
            setting.epoch -= less
            let two = try bench.open(setting)
            await two.configure()
            let sent = "Configure of epoch \(setting.epoch) beside an open stream of epoch 10"
            let came = try await two.wait(for: "ABORTED", sent: sent) { transcript in
                transcript.end.map { [$0.code, words($0)] }
                    ?? (transcript.readies.isEmpty ? nil : ["", "Ready"])
            }
            guard came[0] == "aborted" else { return .wrong(sent: sent, came: came[1]) }
            try await bench.answers(one)
            return .good(sent: sent, came: came[1])
        }
    }
}
