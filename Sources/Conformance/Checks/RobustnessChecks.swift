import StrategyWire

/// Hosts that crash, hang and come back.
enum RobustnessChecks {
    private static let service = "Service, health, addresses"
    private static let resume = "Break and resume"

    static let all = [
        Check(
            "cancelled-call", .robustness,
            "A cancelled call leaves the server free: the next session"
                + " is served at once.", in: resume
        ) { bench in
            let events = try await bench.material()
            let one = try await bench.start(try await bench.setting())
            let most = try await bench.description().readsAccount ? 1 : try await bench.batch()
            _ = try await one.send(events.prefix(most), after: 0)
            await one.cut()
            let start = bench.clock.monotonic()
            let two = try await bench.start(try await bench.setting())
            try await bench.answers(two)
            let took = (bench.clock.monotonic() - start) / 1_000_000
            return .judged(
                took <= 5_000 ? [] : [Fault("an answer after \(took) ms")],
                sent: "a cancelled call with events unanswered, then another session",
                good: "Ready and a beat after \(took) ms")
        },
        Check(
            "reconnect-storm", .robustness,
            "The host connects again after any break, with a higher"
                + " epoch.", in: resume
        ) { bench in
            var setting = try await bench.setting()
            for _ in 0..<30 {
                let trial = try bench.open(setting)
                await trial.configure()
                if setting.epoch % 3 == 0 { try await trial.ready() }
                if setting.epoch % 2 == 0 { await trial.cut() }
                setting = setting.again(watermark: 0, known: 0)
            }
            let last = try await bench.start(setting)
            try await bench.answers(last)
            return .good(sent: "30 connections of one session in a row", came: "Ready and a beat")
        },
        Check(
            "hanging-neighbour", .robustness, "Sessions do not wait for one another.", in: service
        ) { bench in
            let silent = try bench.open(try await bench.setting())
            let idle = try await bench.start(try await bench.setting())
            let events = try await bench.material()
            let trial = try await bench.start(try await bench.setting())
            let first = events[..<History.wholeStep(1, of: events)]
            try await bench.feed(first, to: trial, after: 0)
            await silent.cut()
            try await bench.answers(idle)
            return .good(
                sent: "events beside a stream without Configure and one without events",
                came: "watermark \(words(trial.transcript.watermark ?? 0))")
        },
        Check(
            "eight-sessions", .robustness,
            "The host opens a session for each strategy of its"
                + " configuration.", in: service
        ) { bench in
            let events = try await bench.material()
            let first = events[..<History.wholeStep(1, of: events)]
            var trials: [Trial] = []
            for _ in 0..<8 { trials.append(try await bench.start(try await bench.setting())) }
            for trial in trials { try await bench.feed(first, to: trial, after: 0) }
            for trial in trials { try await bench.answers(trial) }
            return .good(sent: "8 sessions at once", came: "watermarks and beats of all")
        },
        Check(
            "silent-stream", .robustness, "A stream that ends before Configure is no session.",
            in: resume
        ) { bench in
            let sent = "a stream that ends without a message"
            let next = try await bench.setting()
            let trial = try bench.open(try await bench.setting())
            trial.finishSending()
            let end = try await trial.end(sent: sent)
            // One that dies of it is found here: whatever the call says, it says it after that stream.
            let other = try await bench.start(next, sent: "Configure after \(sent)")
            try await bench.answers(other)
            return .good(sent: sent, came: words(end))
        },
        Check(
            "damaged-message", .robustness, "Bytes that are no message end their own call alone.",
            in: "How a call may end, and what the host does"
        ) { bench in
            let other = try await bench.start(try await bench.setting())
            let trial = try await bench.start(try await bench.setting())
            await trial.send(raw: [0x22, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0x01])
            let sent = "bytes that are no message"
            let end = try await trial.end(sent: sent)
            try await bench.answers(other)
            return .judged(
                end.code == "ok" ? [Fault("the call ended with OK")] : [], sent: sent,
                good: words(end))
        },
    ]
}
