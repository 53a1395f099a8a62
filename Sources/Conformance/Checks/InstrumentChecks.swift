import StrategyWire

/// Instruments that join a session while it goes on, or leave it.
enum InstrumentChecks {
    static let all = [
        check(
            "instrument-joins",
            "An instrument joins behind a warm-up of its own, and is judged from then on as one that was there"
                + " before."
        ) { bench in
            let scene = try await Scene(bench)
            let trial = try await scene.open(bench, with: [first])
            await scene.sendHistory(to: trial)
            let came = try await results(
                [scene.row(.joins(second))] + scene.rest, to: trial, after: scene.after, bench)
            return .judged(
                SameResults.faults(
                    came, try await scene.whole(bench),
                    "where it was there from the start"),
                sent: "instrument 1, which joins at \(words(scene.change))",
                good: "the same results as of one that was there from the start")
        },
        check(
            "instrument-history-once",
            "What comes before a change counts with it: where the stream breaks between the two, both come again."
        ) { bench in
            let scene = try await Scene(bench)
            guard scene.wantsHistory else { throw nothingWanted }
            let trial = try await scene.open(bench, with: [first])
            await scene.sendHistory(to: trial)
            await trial.send(.beat(PBBeat(number: 1)))
            try await trial.wait(for: "answer to a beat", sent: "a warm-up, and a beat") {
                $0.beat >= 1 ? true : nil
            }
            await trial.cut()
            let again = try bench.open(
                trial.setting.again(watermark: scene.after, known: scene.after))
            await again.configure()
            let ready = try await again.ready()
            let sent = "a break between the warm-up of instrument 1 and its change"
            guard ready.state == .after(scene.after) else {
                // A server may forget what it had: then it begins as any other.
                return .good(sent: sent, came: "Ready \(words(ready.state)): it began anew")
            }
            await scene.sendHistory(to: again)
            let came = try await results(
                [scene.row(.joins(second))] + scene.rest, to: again, after: scene.after, bench)
            return .judged(
                SameResults.faults(
                    came, try await scene.whole(bench),
                    "where nothing broke"),
                sent: sent, good: "the same results as without the break")
        },
        check(
            "instrument-leaves",
            "Of an instrument that has left, nothing more is said; of the others the same as before."
        ) { bench in
            let scene = try await Scene(bench)
            let trial = try await scene.open(bench, with: both)
            let came = try await results(
                [scene.row(.leaves(1))] + scene.rest.of(0), to: trial, after: scene.after, bench)
            let sent = "instrument 1, which leaves at \(words(scene.change))"
            if let late = came.first(where: { $0.instrument == 1 && $0.position >= scene.change }) {
                return .wrong(
                    sent: sent, came: "a result about it for \(words(late.position))")
            }
            return .judged(
                SameResults.faults(
                    came, try await scene.whole(bench).filter { $0.instrument == 0 },
                    "where it did not leave"),
                sent: sent, good: "the same results about instrument 0, and none about 1")
        },
        check(
            "instrument-returns",
            "One that comes back under its number begins anew, with the history that comes with it."
        ) { bench in
            let scene = try await Scene(bench)
            let trial = try await scene.open(bench, with: both)
            try await bench.feed([scene.row(.leaves(1))], to: trial, after: scene.after)
            await scene.sendHistory(to: trial)
            let came = try await results(
                [scene.row(.joins(second), 1)] + scene.rest, to: trial, after: scene.change, bench)
            return .judged(
                SameResults.faults(
                    came, try await scene.whole(bench),
                    "where it did not leave"),
                sent: "instrument 1, which leaves and comes back",
                good: "the same results as of one that was there from the start")
        },
        check(
            "instrument-unknown", "A change that changes nothing is passed over."
        ) { bench in
            let scene = try await Scene(bench)
            let trial = try await scene.open(bench, with: both)
            // It counted already for what is there.
            await scene.sendHistory(to: trial)
            let came = try await results(
                [scene.row(.leaves(77)), scene.row(.joins(second), 1)] + scene.rest, to: trial,
                after: scene.after, bench)
            return .judged(
                SameResults.faults(
                    came, try await scene.whole(bench),
                    "without these changes"),
                sent: "a number that leaves and was never there, and one that joins and is there",
                good: "a watermark, and the same results")
        },
        check(
            "instrument-in-warm-up",
            "Changes in a full warm-up come before its events: behind it the list is as they say."
        ) { bench in
            let scene = try await Scene(bench)
            guard scene.wantsHistory else { throw nothingWanted }
            let trial = try await scene.open(
                bench, with: [first], changes: [scene.row(.joins(second))])
            let came = try await results(
                scene.rest, to: trial, after: scene.change, bench)
            return .judged(
                SameResults.faults(
                    came, try await scene.whole(bench),
                    "where Configure named it"),
                sent: "a warm-up in which instrument 1 joins",
                good: "the same results as where Configure named it")
        },
    ]
}
