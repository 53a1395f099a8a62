import Kernel
import Platform
import Ports
import TradingModel

/// Reads a log and its recording, and lets an engine decide again.
struct ReplayLoop: ~Copyable {
    private let setup: RunSetup
    private var engine: Engine
    private let reader: StepReader
    /// The step taken last.
    private var step = Step()
    private var versions: VersionBook
    private var changes: [PlanChange] = []
    private var facts: [Fact] = []
    private var number: UInt64 = 0
    private(set) var comparison: ReplayComparison
    private(set) var records: UInt64 = 0
    private(set) var starts = 0
    private(set) var isFinished = false
    /// Whether the host's clock was the run's; `nil` as long as no record says so.
    private(set) var isPaced: Bool?
    /// At a pace: no moment of what comes is before this.
    private var latest = Timestamp(nanoseconds: .min)
    /// Of the start in hand, for limits over spans of time.
    private var wallOffset: Int64 = 0
    /// At a pace: votes and rounds of before a restart are still to be voided.
    private var isRestarted = false

    static let state = "state"
    static let inputKinds = [
        "result", "closing", "kill", "exits", "change", "note", "start",
    ]

    init(_ setup: RunSetup, _ names: RecordNames) throws(RunFailure) {
        self.setup = setup
        engine = Engine(setup.plan, setup.paper)
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
        } catch let error as RunFailure {
            throw error
        } catch let error as FeedError {
            throw .feed(error)
        } catch let error as StoreError {
            throw .store(error)
        } catch {
            throw .log(
                what: "\(setup.folder): record \(number) cannot be read: \(error)",
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
        case .routed:
            throw RunFailure.log(
                what: "\(setup.folder): its orders went to a broker outside, whose answers a replay"
                    + " does not give",
                advice: "madang log show --order NUMBER shows what was said of an order")
        case .skipped: break
        case .finished(let hash, _): finish(hash)
        }
    }

    // MARK: Starts and ends

    private mutating func start(_ clock: DeskClock) {
        starts += 1
        latest = Timestamp(nanoseconds: clock.monotonic)
        wallOffset = clock.time(0).nanoseconds
        if isPaced == true { engine.wallOffset = wallOffset }
        guard starts > 1 else { return }
        comparison.took("start")
        engine.kernel.stirExits()
        isRestarted = true
    }

    /// At a pace a start voids the votes and rounds that stood; what comes of it is in a record of its own.
    ///
    /// - Parameter facts: Of that record; `nil`: the log has none.
    private mutating func voidWhatStood(forRecordOf facts: [Fact]?) {
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
        hearBelief(inputs, facts, isNew: isNew)
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

    // MARK: As fast as possible

    /// Results are heard where the log has them; rounds end when the last of a step's was.
    private mutating func decide(_ inputs: [RecordInput], isNew: Bool) {
        if isNew {
            engine.begin(step, entry: step.time)
            for input in inputs {
                switch input {
                case .result(let result):
                    comparison.took("result")
                    engine.hear(result, now: step.time)
                // Who hears of fills speaks when the rounds of the market's events are over.
                case .closing: engine.closeRounds(at: step.last, now: step.time)
                case .kill, .exits: break
                }
            }
            engine.closeRounds(at: step.last, now: step.time)
            engine.sendOrders()
        }
        for input in inputs { hearPeople(input) }
    }

    private mutating func hearPeople(_ input: RecordInput) {
        switch input {
        case .kill(let on, let reason):
            comparison.took("kill")
            _ = engine.kill(on, reason: reason)
        case .exits(let order):
            guard !order.isBelief else { return }
            comparison.took("exits")
            _ = engine.take(order)
        case .result, .closing: break
        }
    }

    /// That a doubted price is right is said by a person between two steps, or by a guard within one: the person's
    /// record holds nothing else, and the guard says it by itself.
    private mutating func hearBelief(_ inputs: [RecordInput], _ facts: [Fact], isNew: Bool) {
        guard !isNew || !engine.hasFacts,
            facts.allSatisfy({ if case .exit(.believed) = $0 { true } else { false } })
        else { return }
        for case .exits(let order) in inputs where order.isBelief {
            comparison.took("exits")
            _ = engine.take(order)
        }
    }

    // MARK: At a pace

    /// Every server is waited for, and none has answered: rounds end by themselves that wait for nobody.
    private mutating func waitForServers() {
        for (index, source) in engine.kernel.plan.sources.enumerated() where source.kind == .server
        {
            engine.setLive(true, SourceID(index), at: .start, now: .zero)
        }
    }

    private mutating func begin(at entry: Timestamp) {
        // The loop looks at deadlines before each step, and it was later then.
        engine.advance(to: latest, at: .endOfStep(step.number - 1))
        engine.begin(step, entry: entry)
    }

    private mutating func decidePaced(
        _ facts: [Fact], _ inputs: [RecordInput], _ entry: Timestamp, isNew: Bool, isNoted: Bool
    ) {
        // Who the versions are is noted before.
        if !(isNoted && facts.isEmpty && !isNew) {
            voidWhatStood(forRecordOf: isNew ? nil : facts)
        }
        let origin = isNew ? RecordInput.origin(of: facts, engine.kernel.plan) : .between
        // A step of which nothing came entered at a moment that nobody noted: with the earliest it could be,
        // nothing comes of it either, for what waits for a time to come does so no longer than for that.
        if isNew { begin(at: origin == .step ? entry : latest) }
        for input in inputs {
            switch input {
            case .result(let result):
                comparison.took("result")
                engine.hear(result, now: entry)
            case .closing(let desk, let position):
                guard engine.hasOpenRound(desk) else { continue }
                comparison.took("closing")
                engine.closeRound(of: desk, at: position, now: entry)
            case .kill, .exits: hearPeople(input)
            }
        }
        if origin != .between { engine.closeCovered(at: step.last, now: entry) }
        engine.sendOrders()
        latest = max(latest, entry)
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
        if !notes.isEmpty { comparison.took("note", count: notes.count) }
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
