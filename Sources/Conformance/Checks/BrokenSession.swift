import StrategyWire

/// A session whose stream was cut, about where half of its results are said.
struct BrokenSession: Sendable {
    let setting: SessionSetting
    let results: [PBResult]
    /// Where it stands, and a place before the last of its results.
    let last: UInt64
    let before: UInt64
    let acknowledged: UInt64

    func again(from watermark: UInt64) -> SessionSetting {
        setting.again(watermark: watermark, known: last)
    }
}

extension Workbench {
    /// Runs half of the material, and cuts the stream.
    func broken(withResults: Bool = false, acknowledges: Bool = false) async throws -> BrokenSession
    {
        if withResults { _ = try await resultsOfWholeRun() }
        let events = try await material()
        let middle = try await middle()
        let trial = try await start(try await setting())
        try await feed(events[..<middle], to: trial, after: 0)
        let last = events[middle - 1].position
        let results = trial.transcript.results
        if withResults, results.isEmpty {
            throw NotApplicable(
                "it said a single thing about the made-up events",
                next: "choose parameters that make it say more: --set NAME=VALUE")
        }
        let some = results.count > 2 ? results[results.count / 2].position &- 1 : 0
        var acknowledged: UInt64 = 0
        if acknowledges {
            acknowledged = results[results.count * 3 / 4].position
            await trial.send(.acknowledged(PBAcknowledged(position: acknowledged)))
            try await answers(trial)
        }
        await trial.cut()
        return BrokenSession(
            setting: trial.setting, results: results, last: last,
            before: some > 0 ? some : events[0].position, acknowledged: acknowledged)
    }

    /// Feeds a stream what is left of the material from where its Ready stands, and drains it.
    func goOn(_ trial: Trial) async throws {
        var at: UInt64 = 0
        if case .after(let position)? = trial.transcript.readies[0].state { at = position }
        let rest = try await material().drop { $0.position <= at }
        try await feed(rest, to: trial, after: at)
        try await drain(trial)
    }

    /// Whether a stream is alive: it answers a beat.
    func answers(_ trial: Trial) async throws {
        let number = trial.transcript.beat &+ 1
        await trial.send(.beat(PBBeat(number: number)))
        try await trial.wait(for: "beat \(number)", sent: "a beat") {
            $0.beat >= number ? true : nil
        }
    }
}
