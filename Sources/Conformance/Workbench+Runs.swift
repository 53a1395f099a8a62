import StrategyWire

extension Workbench {
    /// Events for what the server asks for; the same in each run.
    func material() async throws -> [MadeEvent] {
        let description = try await description()
        let events = Material(
            inputs: description.inputs, readsAccount: description.readsAccount,
            rounds: Material.rounds(for: description.inputs)
        ).events
        guard !events.isEmpty else {
            throw Obstacle(sent: "Describe", came: "no input of which events could be made")
        }
        return events
    }

    /// Events in one message at most.
    func batch() async throws -> Int {
        let largest = Int(try await description().largestBatch)
        return largest == 0 ? 256 : min(256, largest)
    }

    /// Passes events through a stream, as the host would.
    func feed(
        _ events: some RandomAccessCollection<MadeEvent>, to trial: Trial, after previous: UInt64,
        cuts: Cuts = .whole
    ) async throws {
        try await trial.feed(
            events, after: previous, cuts: cuts, most: try await batch(),
            byStep: try await description().readsAccount)
    }

    /// A whole backtest, from the first event to Drained. Made once for all checks that judge it.
    func wholeRun() async throws -> Trial {
        try await once("whole") { try await run(cuts: .whole) }
    }

    /// The material in a new session in BACKTEST, drained at the end.
    func run(
        cuts: Cuts, _ change: (inout SessionSetting) -> Void = { _ in },
        events: [MadeEvent]? = nil
    ) async throws -> Trial {
        let all: [MadeEvent]
        if let events { all = events } else { all = try await material() }
        var setting = try await setting()
        change(&setting)
        let trial = try await start(setting)
        try await feed(all, to: trial, after: 0, cuts: cuts)
        try await drain(trial)
        return trial
    }

    /// A session at a pace, as far as its first event: warmed up with the material's beginning
    /// where it wants that.
    ///
    /// - Returns: The stream, where it stands, and what is left to send.
    func paced(
        _ change: (inout SessionSetting) -> Void = { _ in }, partsOf length: Int? = nil
    ) async throws -> (trial: Trial, after: UInt64, events: [MadeEvent]) {
        let events = try await material()
        var setting = try await setting(.replay)
        change(&setting)
        let trial = try open(setting)
        await trial.configure()
        let ready = try await trial.ready()
        guard ready.state == .needsWarmUp(true) else {
            return (trial, setting.watermark, events)
        }
        let inputs = try await description().inputs
        let cut = History.end(in: events, inputs)
        let history = History.asked(of: events[..<cut], inputs)
        let last = events[cut - 1].position
        let most = try await batch()
        await trial.warmUp(history, through: last, partsOf: length ?? most)
        try await trial.ready(after: 1, sent: "a warm-up up to \(words(last))")
        return (trial, last, Array(events[cut...]))
    }

    func drain(_ trial: Trial) async throws {
        await trial.send(.drain(PBDrain(withinNs: 2_000_000_000, reason: "the check is over")))
        _ = try await trial.end(sent: "Drain")
    }

    /// A whole run's results, or the words for a server that has none.
    func resultsOfWholeRun() async throws -> [PBResult] {
        let results = try await wholeRun().transcript.results
        guard !results.isEmpty else {
            throw NotApplicable(
                "it said nothing about \(counted(try await material().count, "made-up event"))",
                next: "choose parameters that make it speak: --set NAME=VALUE")
        }
        return results
    }

    /// Where to break a run: with the step of its middle result, so that what comes next depends on
    /// what was before.
    func middle() async throws -> Int {
        let events = try await material()
        let results = try await wholeRun().transcript.results
        guard !results.isEmpty else {
            return min(History.wholeStep(events.count / 2, of: events), events.count - 1)
        }
        let step = results[results.count / 2].position >> 20
        let first = events.firstIndex { $0.step == step } ?? events.count / 2
        return max(first, History.wholeStep(1, of: events))
    }
}
