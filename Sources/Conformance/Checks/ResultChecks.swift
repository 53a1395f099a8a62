import StrategyWire

/// What a server says of events.
enum ResultChecks {
    static let all = [
        judging("results-of-events", "A result names an event that was sent.") {
            $0.resultsAreOfEventsSent()
        },
        judging("results-rise", "Results come in rising order of position.") { $0.resultsRise() },
        judging(
            "results-index", "Indexes count from 0 within a position and an instrument."
        ) { $0.indexesCountFromZero() },
        judging("results-instrument", "A result is of an instrument of the session.") {
            $0.instrumentsAreKnown()
        },
        judging(
            "results-values",
            "Actions, sizes, prices, confidences and times of validity are in"
                + " their ranges."
        ) { $0.valuesAreInRange() },
        judging(
            "results-texts", "Texts have at most Limits.text_bytes, and there are at most 16 tags."
        ) { $0.textsAreShort() },
        judging(
            "results-per-event", "At most Limits.results_per_event results for one event."
        ) { $0.noEventIsFlooded() },
    ]

    private static func judging(
        _ name: String, _ says: String, _ rule: @escaping @Sendable (SessionRules) -> [Fault]
    ) -> Check {
        Check(name, .results, says, in: "Results") { bench in
            let runs = try await bench.standingRuns()
            let count = runs.reduce(0) { $0 + $1.results.count }
            if count == 0 { _ = try await bench.resultsOfWholeRun() }
            return .judged(
                runs.flatMap { rule(SessionRules($0)) },
                sent: "a whole run in BACKTEST and one in REPLAY",
                good: "\(counted(count, "result")), all so")
        }
    }
}
