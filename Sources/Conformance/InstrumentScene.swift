import StrategyWire

extension InstrumentChecks {
    static let first = Material.instruments[0]
    static let second = Material.instruments[1]
    static let both = [first, second]
    static let nothingWanted = NotApplicable(
        "it asks for no warm-up", next: "give Input.warm_up where the strategy needs history")

    /// A check for servers whose lists a host changes.
    static func check(
        _ name: String, _ says: String,
        _ ask: @escaping @Sendable (Workbench) async throws -> Verdict
    ) -> Check {
        Check(name, .instruments, says, in: "Instruments that join and leave") { bench in
            let description = try await bench.description()
            guard description.independentInstruments, !description.readsAccount else {
                throw NotApplicable(
                    description.readsAccount
                        ? "it reads its account, and keeps its instruments"
                        : "it does not judge each instrument alone, and keeps its instruments",
                    next: "say independent_instruments in Describe where that is true")
            }
            guard description.followsInstruments else {
                throw NotApplicable(
                    "it does not follow changes, and keeps its instruments",
                    next: "follow InstrumentChanges, and say follows_instruments in Describe")
            }
            return try await ask(bench)
        }
    }

    /// A market of two instruments, as far as a session has it behind its warm-up.
    struct Scene {
        /// Where the session stands, and the place of a change behind it.
        let after: UInt64
        let change: UInt64
        /// Behind it.
        let rest: [MadeEvent]
        /// Whether the server asks for a history when it is fresh.
        let wantsHistory: Bool
        /// What a fresh server is sent of both.
        private let history: [MadeEvent]
        private let most: Int

        init(_ bench: Workbench) async throws {
            let all = try await bench.material()
            let (trial, after, rest) = try await bench.paced()
            wantsHistory = trial.transcript.readies.count > 1
            self.after = after
            self.rest = rest
            change = (after >> 20) << 20 | 1 << 18
            history = History.asked(
                of: all.prefix(all.count - rest.count), try await bench.description().inputs)
            most = try await bench.batch()
        }

        /// - Parameter number: Among the changes of its step.
        func row(_ row: MadeEvent.Row, _ number: UInt64 = 0) -> MadeEvent {
            MadeEvent(position: change + number, time: rest.first?.time ?? 0, row: row)
        }

        /// A fresh session with these instruments, warmed up where it asks for that.
        ///
        /// - Parameter changes: Of its list, before the history; they are in its warm-up.
        func open(
            _ bench: Workbench, with instruments: [PBInstrument], changes: [MadeEvent] = []
        ) async throws -> Trial {
            var setting = try await bench.setting(.replay)
            setting.instruments = instruments
            let trial = try bench.open(setting)
            await trial.configure()
            guard try await trial.ready().state == .needsWarmUp(true) else { return trial }
            if !changes.isEmpty {
                await trial.send(.warmUp(PBWarmUp(events: PBEvents(changes, after: 0))))
            }
            let end = changes.last?.position ?? after
            let known = Set((instruments + changes.compactMap(\.joining)).map(\.number))
            await trial.warmUp(
                history.filter { $0.instrument.map(known.contains) ?? true }, through: end,
                partsOf: most)
            try await trial.ready(after: 1, sent: "a warm-up up to \(words(end))")
            return trial
        }

        /// What comes before instrument 1 joins, where the server asks for a history.
        func sendHistory(to trial: Trial) async {
            guard wantsHistory else { return }
            var part = history.of(second.number)[...]
            repeat {
                let next = part.prefix(most)
                part = part.dropFirst(most)
                await trial.send(
                    .warmUp(
                        PBWarmUp(
                            events: PBEvents(next, after: 0), last: part.isEmpty,
                            instruments: [second])))
            } while !part.isEmpty
        }

        /// What a server says that has had both from the start.
        func whole(_ bench: Workbench) async throws -> [PBResult] {
            let trial = try await bench.once("instruments") {
                let trial = try await open(bench, with: both)
                try await bench.feed(rest, to: trial, after: after)
                try await bench.drain(trial)
                return trial
            }
            let results = trial.transcript.results
            guard results.contains(where: { $0.instrument == second.number }) else {
                throw NotApplicable(
                    "it said nothing about instrument 1 of the made-up market",
                    next: "choose parameters that make it speak: --set NAME=VALUE")
            }
            return results
        }
    }

    /// What came of a session that is fed these events to its end.
    static func results(
        _ events: [MadeEvent], to trial: Trial, after: UInt64, _ bench: Workbench
    ) async throws -> [PBResult] {
        try await bench.feed(events, to: trial, after: after)
        try await bench.drain(trial)
        return trial.transcript.results
    }
}

extension MadeEvent {
    /// The number of its instrument; `nil` for a timer, and for changes of the list.
    var instrument: UInt32? {
        switch row {
        case .tick(let number, _, _, _), .quote(let number, _, _, _, _),
            .candle(let number, _, _, _, _, _, _), .fill(let number, _, _, _, _, _):
            number
        case .timer, .joins, .leaves: nil
        }
    }

    fileprivate var joining: PBInstrument? {
        if case .joins(let instrument) = row { return instrument }
        return nil
    }
}

extension [MadeEvent] {
    /// Of one instrument, and of none.
    func of(_ number: UInt32) -> [MadeEvent] { filter { $0.instrument ?? number == number } }
}
