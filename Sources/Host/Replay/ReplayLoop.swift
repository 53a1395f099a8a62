import Kernel
import Platform
import Ports
import TradingModel

/// Reads a log and its recording, and lets an engine decide again.
struct ReplayLoop: ~Copyable {
    private let setup: RunSetup
    var engine: Engine
    let reader: StepReader
    /// The step taken last.
    var step = Step()
    private(set) var classes: EventClasses
    private var versions: VersionBook
    private var changes: [PlanChange] = []
    private var facts: [Fact] = []
    private var number: UInt64 = 0
    var comparison: ReplayComparison
    private(set) var records: UInt64 = 0
    private(set) var starts = 0
    private(set) var isFinished = false
    /// Whether the host's clock was the run's; `nil` as long as no record says so.
    private(set) var isPaced: Bool?
    /// At a pace: no moment of what comes is before this.
    var latest = Timestamp(nanoseconds: .min)
    /// Of the start in hand, for limits over spans of time.
    private var wallOffset: Int64 = 0
    /// At a pace: votes and rounds of before a restart are still to be voided.
    var isRestarted = false
    /// At brokers outside: the host said that the recording was through.
    var isThrough = false

    static let state = "state"
    static let inputKinds = [
        "result", "closing", "kill", "exits", "correction", "report", "change", "note", "start",
    ]

    init(_ setup: RunSetup, _ names: RecordNames) throws(RunFailure) {
        self.setup = setup
        engine = Engine(setup.plan, setup.paper, isRouted: setup.places != nil)
        classes = EventClasses(setup.plan)
        versions = VersionBook(setup.plan, setup.versions)
        comparison = ReplayComparison(names)
        do { reader = try StepReader(setup.recording, setup.market) } catch { throw .feed(error) }
        waitForServers()
    }

    var steps: UInt64 { reader.step }

    mutating func run() throws(RunFailure) {
        do {
            try setup.log.forEach { at, bytes in
                number = at
                try take(try LogRecord(bytes))
                records += 1
                return true
            }
        } catch {
            throw RunFailure(
                error, reading: number, of: setup.folder,
                advice: "replay it with the host that wrote it")
        }
    }

    private mutating func take(_ record: LogRecord) throws {
        switch record {
        case .head: break
        case .start(let utc, let monotonic): start(DeskClock(utc: utc, monotonic: monotonic))
        case .quiet(_, let last):
            if isPaced == true { voidWhatStood(forRecordOf: nil) }
            try pass(through: last)
        case .step(let taken, let entry, let facts): try take(taken, entry, facts, [], nil)
        case .noted(let taken, let entry, let facts, let notes):
            try take(taken, entry, facts, notes, nil)
        case .changed(let taken, let entry, let facts, let change):
            try take(taken, entry, facts, [], change)
        case .routed(let taken, let entry, let facts, _, let notes):
            guard engine.isRouted else {
                throw RunFailure.log(
                    what: "\(setup.folder): its orders went to a broker outside, and by this"
                        + " configuration they do not",
                    advice: "replay it by its own configuration, or one with the same brokers")
            }
            try take(taken, entry, facts, notes, nil)
        case .skipped, .watched, .answered: break
        case .finished(let hash, _): finish(hash)
        }
    }

    // MARK: Starts and ends

    private mutating func start(_ clock: DeskClock) {
        starts += 1
        latest = Timestamp(nanoseconds: clock.monotonic)
        wallOffset = clock.time(0).nanoseconds
        isThrough = false
        if isPaced == true { engine.wallOffset = wallOffset }
        guard starts > 1 else { return }
        comparison.took("start")
        engine.kernel.stirExits()
        isRestarted = true
    }

    /// At a pace a start voids the votes and rounds that stood; what comes of it is in a record of its own.
    ///
    /// - Parameter facts: Of that record; `nil`: the log has none.
    mutating func voidWhatStood(forRecordOf facts: [Fact]?) {
        guard isRestarted else { return }
        isRestarted = false
        engine.expireAll(at: .endOfStep(reader.step))
        if facts == nil { compare([]) }
    }

    private mutating func finish(_ hash: UInt64) {
        isFinished = true
        comparison.compare(Self.state, log: hex(hash), replay: hex(engine.stateHash()), at: place)
    }

    // MARK: Steps

    private var place: ReplayComparison.Place {
        .init(record: number, step: reader.step, time: reader.step == 0 ? .zero : reader.time)
    }

    private mutating func compare(_ logged: [Fact]) {
        engine.takeFacts(into: &facts)
        guard !logged.isEmpty || !facts.isEmpty else { return }
        comparison.compare(logged, facts, at: place)
    }

    private mutating func read() throws {
        let last = reader.step
        guard try reader.read(into: &step) else {
            throw RunFailure.log(
                what:
                    "\(setup.recording.name) ends at step \(last), the log goes on in record \(number)",
                advice: "bring the recording back as it was")
        }
        classes.note(step)
        if step.number % Self.stopEvery == 0, let reason = setup.control.stopReason {
            throw RunFailure.stopped(reason)
        }
    }
    private static let stopEvery: UInt64 = 1_024

    /// Takes steps of which the log says that nothing came.
    private mutating func pass(through last: UInt64) throws {
        while reader.step < last {
            try read()
            if isPaced == true {
                begin(at: latest)
            } else {
                engine.begin(step, entry: step.time)
                engine.closeRounds(at: step.last, now: step.time)
            }
            engine.sendOrders()
            if engine.hasFacts { compare([]) }
        }
    }

    private mutating func take(
        _ taken: UInt64, _ entry: Timestamp, _ facts: [Fact], _ notes: [VersionNote],
        _ change: PlanChange?
    ) throws {
        try check(facts, notes)
        let isNew = taken > reader.step
        if isNew { try pass(through: taken - 1) }
        let inputs = RecordInput.all(of: facts, engine.kernel.plan)
        if isNew { try read() }
        if isPaced == nil, taken > 0 {
            isPaced = entry != reader.time
            engine.wallOffset = isPaced == true ? wallOffset : 0
        }
        if isPaced == true {
            decidePaced(facts, inputs, entry, isNew: isNew, isNoted: !notes.isEmpty)
        } else {
            decide(inputs, isNew: isNew)
        }
        if !engine.isRouted { hearBelief(inputs, facts, isNew: isNew) }
        if let change {
            try take(change, facts)
        } else {
            compare(facts)
        }
        take(notes)
    }

    private func check(_ facts: [Fact], _ notes: [VersionNote]) throws {
        let plan = engine.kernel.plan
        if let stranger = facts.first(where: { !$0.fits(plan) }) {
            throw ByteError.malformed(
                at: 0,
                what: "\(stranger) is of no account, instrument or source here, or out of range")
        }
        guard notes.allSatisfy({ $0.fits(plan) }) else {
            throw ByteError.malformed(
                at: 0, what: "a note of versions is of no instrument or source here")
        }
    }

    // MARK: Changes and notes

    private mutating func take(_ change: PlanChange, _ facts: [Fact]) throws {
        comparison.took("change")
        changes.append(change)
        let plan = try setup.replan(changes)
        let entrance = Entrance(plan, instead: engine.kernel.plan)
        try entrance.catchUp(through: reader.step, setup.recording, setup.market)
        engine.endVotes(outside: plan)
        _ = engine.withdrawBuys(forbiddenBy: plan)
        compare(facts)
        engine.kernel.layOut(entrance.take())
        waitForServers()
    }

    private mutating func take(_ notes: [VersionNote]) {
        for case .changed(let source, let plan, let from, let order, _) in notes {
            versions.change(source, to: plan, from: from, order: order)
        }
        let ofVersions = notes.count { $0.source != nil }
        if ofVersions > 0 { comparison.took("note", count: ofVersions) }
        for case .shadow(let slot, let result) in notes {
            let isHeard = versions.hears(
                slot, of: result.source, on: result.instrument, at: result.position.step)
            let words = "of \(result.position): "
            comparison.compare(
                "shadow", log: words + "not heard",
                replay: words + (isHeard ? "to be heard" : "not heard"), at: place)
        }
    }
}
