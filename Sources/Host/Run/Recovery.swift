import Kernel
import Platform
import Ports
import TradingModel

/// Brings a run back to where its log ends: the market's events from the recording, decisions from the log.
///
/// Nothing is decided again. There is no other way to start: a new run has an empty log.
struct Recovery {
    /// Results of each session in the log, for comparison with what its server says when fed again.
    private(set) var results: [SessionKey: [SessionLane.Identity: UInt64]] = [:]
    private(set) var isFinished = false
    private(set) var records = 0
    /// Called with every step that was taken before.
    var onStep: (borrowing Step) -> Void = { _ in }
    /// Called with every fill that was booked before, as sessions hear of it.
    var onUpdate: (EventPosition, AccountID, AccountUpdate) -> Void = { _, _, _ in }
    /// Called with what a session was told before that it does not hear.
    var onSkipped: (SessionKey, [PositionRun]) -> Void = { _, _ in }
    /// Whether somebody wants the host to stop, looked at while the log is read; a reason, or `nil`.
    var stopReason: () -> String? = { nil }
    /// Booked in the step so far: they number the updates, as they did when they were new.
    private(set) var fillsOfStep = 0

    /// Hands them over, for they may be many; to two servers that stand for each other the same.
    ///
    /// - Parameter isLast: Nobody asks for them again.
    mutating func takeResults(
        of session: SessionKey, isLast: Bool = true
    ) -> [SessionLane.Identity: UInt64] {
        isLast ? results.removeValue(forKey: session.pair) ?? [:] : results[session.pair] ?? [:]
    }

    mutating func restore(_ state: inout RunState, from reader: StepReader) throws(RunFailure) {
        var step = Step()
        try state.beginRestoring()
        var number: UInt64 = 0
        do {
            try state.setup.log.forEach { at, bytes in
                number = at
                try checkForStop()
                try take(try LogRecord(bytes), at, &state, reader, &step)
                records += 1
                return true
            }
        } catch {
            throw RunFailure(
                error, reading: number, of: state.setup.folder,
                advice: "go on with the host that wrote it, or begin again with --fresh")
        }
        if let (link, was) = state.strangers() {
            throw RunFailure.log(
                what: "\(state.setup.folder): the run was begun with another \(link.slot.name) of"
                    + " '\(state.setup.plan.sources[Int(link.source.index)].name)':"
                    + " \(was.words); now it is \(link.version.words)",
                advice: "undo the change to go on, or begin again with --fresh")
        }
        state.endRestoring()
    }

    private mutating func take(
        _ record: LogRecord, _ number: UInt64, _ state: inout RunState, _ reader: StepReader,
        _ step: inout Step
    ) throws {
        switch record {
        case .head(let head):
            if let difference = head.difference(from: state.setup.head) {
                throw RunFailure.log(
                    what: "\(state.setup.folder): the run was begun with \(difference)",
                    advice: "undo the change to go on, or begin again with --fresh")
            }
        case .start(let utc, let monotonic):
            state.begin(by: DeskClock(utc: utc, monotonic: monotonic))
        case .quiet(_, let last):
            try observe(through: last, &state, reader, &step)
            try state.restoreQuiet(number)
        case .step(let taken, let entry, let facts):
            try take(taken, entry, facts, DeskMinutes(), [], number, &state, reader, &step)
        case .noted(let taken, let entry, let facts, let notes):
            try take(taken, entry, facts, DeskMinutes(), notes, number, &state, reader, &step)
        case .routed(let taken, let entry, let facts, let minutes, let notes):
            try take(taken, entry, facts, minutes, notes, number, &state, reader, &step)
        case .changed(let taken, let entry, let facts, let change):
            try take(taken, entry, facts, DeskMinutes(), [], number, &state, reader, &step)
            try state.restore(change, number)
        case .finished(let hash, let ledger):
            isFinished = true
            guard hash == state.engine.stateHash(), ledger == state.projector.ledgerHash else {
                throw RunFailure.log(
                    what: "\(state.setup.folder): the log does not come to the state it ended with",
                    advice: "keep the folder for a report, and begin again with --fresh")
            }
            state.restoreEnd(number, late: reader.late)
        case .skipped(let session, let runs, let reason):
            guard state.setup.plan.sources.indices.contains(Int(session.source.index)) else {
                throw ByteError.malformed(
                    at: 1, what: "source \(session.source.index) is none of this configuration")
            }
            let shards = state.setup.plan.sources[Int(session.source.index)].shardCount
            guard session.shard < shards else {
                throw ByteError.malformed(
                    at: 1, what: "shard \(session.shard) is none of this configuration")
            }
            // What a history stood in for is at hand still, and was not left out.
            if reason != RunState.historyReason { onSkipped(session, runs) }
            try state.restore(skipped: runs, of: session, number)
        case .watched(let notes):
            let plan = state.setup.plan
            let isOurs = notes.allSatisfy {
                $0.fits(instruments: plan.instruments.count, accounts: plan.accounts.count)
            }
            guard isOurs else {
                throw ByteError.malformed(
                    at: 0, what: "what was watched is of no instrument or account here")
            }
            try state.restore(notes, number)
        case .answered(let positions):
            guard positions.keys.allSatisfy({ $0.fits(state.setup.plan) }) else {
                throw ByteError.malformed(
                    at: 1, what: "a session that answered is none of this configuration")
            }
            state.restore(answered: positions)
        }
    }

    private mutating func take(
        _ taken: UInt64, _ entry: Timestamp, _ facts: [Fact], _ minutes: DeskMinutes,
        _ notes: [VersionNote], _ number: UInt64, _ state: inout RunState, _ reader: StepReader,
        _ step: inout Step
    ) throws {
        guard notes.allSatisfy({ $0.fits(state.setup.plan) }) else {
            throw ByteError.malformed(
                at: 0, what: "a note of versions is of no instrument or source here")
        }
        guard minutes.isEmpty || minutes.fits(desks: state.setup.places?.count ?? 0) else {
            throw ByteError.malformed(
                at: 0, what: "it names a broker that this configuration does not have")
        }
        if let stranger = facts.first(where: { !$0.fits(state.engine.kernel.plan) }) {
            throw ByteError.malformed(
                at: 0,
                what: "\(stranger) is of no account, instrument or source here, or out of range"
            )
        }
        try observe(through: taken, &state, reader, &step)
        try state.restore(facts, minutes, notes, entry: entry, number)
        for fact in facts.parts { note(fact, state) }
        for note in notes {
            let (slot, result): (VersionSlot, ServerResult)
            switch note {
            case .shadow(let heard, let said), .removed(let heard, let said):
                (slot, result) = (heard, said)
            case .changed, .described, .covered, .seated, .asked: continue
            }
            let identity = SessionLane.Identity(
                position: result.position, instrument: result.instrument, index: result.index)
            results[SessionKey(source: result.source, slot: slot), default: [:]][identity] =
                fingerprint(result.result)
        }
    }

    private func checkForStop() throws(RunFailure) {
        if let reason = stopReason() { throw .stopped(reason) }
    }

    private mutating func observe(
        through last: UInt64, _ state: inout RunState, _ reader: StepReader, _ step: inout Step
    ) throws {
        while reader.step < last {
            guard try reader.read(into: &step) else {
                throw RunFailure.log(
                    what:
                        "\(state.setup.recording.name) ends at step \(reader.step), the log stands at \(last)",
                    advice:
                        "the recording was cut since: bring it back, or begin again with --fresh")
            }
            state.engine.observe(step)
            state.took(step)
            fillsOfStep = 0
            onStep(step)
            if step.number % Self.stopEvery == 0 { try checkForStop() }
        }
    }

    private static let stopEvery: UInt64 = 1_024

    private mutating func note(_ fact: Fact, _ state: borrowing RunState) {
        switch fact {
        case .signal(let signal, _), .opened(let signal, _):
            // Nobody is fed again but servers.
            guard state.engine.kernel.plan.sources[Int(signal.source.index)].kind == .server else {
                return
            }
            let identity = SessionLane.Identity(
                position: signal.position, instrument: signal.instrument, index: signal.index)
            let slot = state.versions.heard(
                of: signal.source, on: signal.instrument, at: signal.position.step)
            let shard = state.engine.kernel.plan.sources[Int(signal.source.index)].shard(
                of: signal.instrument)
            let key = SessionKey(source: signal.source, slot: slot, shard: shard)
            results[key, default: [:]][identity] = fingerprint(signal.result)
        case .filled(let fill, let booking):
            guard let order = state.engine.kernel.order(fill.order)?.order else { return }
            let index = EventPosition.firstAccountIndex + fillsOfStep
            fillsOfStep += 1
            onUpdate(
                EventPosition(step: state.lastStep, index: index), order.account,
                AccountUpdate(fill, booking, order))
        default: break
        }
    }
}

extension RunHead {
    /// In words, what differs; `nil` when the runs are one.
    func difference(from other: RunHead) -> String? {
        if identity != other.identity { return "another configuration or recording" }
        if host != other.host { return "another host-id (\(host); now \(other.host))" }
        if market != other.market { return "other inputs (\(market); now \(other.market))" }
        if let index = servers.indices.first(where: {
            $0 >= other.servers.count || servers[$0] != other.servers[$0]
        }) {
            let now = index < other.servers.count ? other.servers[index] : "none"
            return "another strategy server: \(servers[index]); now it is \(now)"
        }
        return nil
    }
}

extension RunFailure {
    /// What went wrong while a log's records were read, with the recording that belongs to them.
    ///
    /// - Parameter advice: Where the record itself is not understood.
    init(_ error: any Error, reading record: UInt64, of folder: String, advice: String) {
        self =
            switch error {
            case let error as RunFailure: error
            case let error as FeedError: .feed(error)
            case let error as StoreError: .store(error)
            default:
                .log(what: "\(folder): record \(record) cannot be read: \(error)", advice: advice)
            }
    }
}
