import Kernel
import Platform
import Ports
import TradingModel

/// What every kind of run carries: the engine, the tables' rows, the log's pen.
struct RunState: ~Copyable {
    let setup: RunSetup
    var engine: Engine
    var projector: Projector
    var narrator: Narrator
    private var newsWriter: NewsWriter
    /// Of the record in hand.
    var news: [RunNews] = []
    /// What was attached and taken away while it ran, in order.
    var changes: [PlanChange] = []
    /// The step behind which the next change is due.
    var nextChange = UInt64.max
    /// Taken from the log and the recording before anything new.
    var resumedEvents = 0
    let writer: RunWriter
    private var pen = ByteWriter()
    /// Of the log's start in hand.
    var deskClock = DeskClock()
    /// Between kernel and brokers; `nil` where orders go to the paper exchange, and until recovery is through.
    var dispatcher: Dispatcher?
    /// In recovery: what the log tells desks.
    var memory: OrderMemory?
    /// Given when their records are durable.
    var owedAnswers: [OwedAnswer] = []
    var isHalted = false
    /// The recording is through: orders outside end, and none begins.
    var isThrough = false
    /// Of the step in hand; kept for their room.
    var facts: [Fact] = []
    /// Steps that caused nothing and are not in the log yet.
    private var quietFrom: UInt64?
    /// The step taken last; it may be in hand, with decisions still to come.
    private(set) var lastStep: UInt64 = 0
    /// The step whose decisions are complete.
    private(set) var decidedStep: UInt64 = 0
    /// The record up to which the tables have their rows.
    var applied: UInt64 = 0
    private(set) var time = Timestamp.zero
    /// Of the record appended last: see ``marks(through:)``.
    private var marks: [EventPosition]
    /// Of servers' answers, by source.
    var latencies: [LatencyHistogram]
    var versions: VersionBook
    /// Those of the start, and who joined since.
    var sessions: [SessionLink]
    /// At a pace: what each of them is fed from.
    var feeds: [PacedRun.Feed] = []
    private let lanes: Lanes
    /// Beside the facts of the record in hand.
    var notes: [VersionNote] = []
    /// By session: how far it has answered, how far the log knows it, and whether it lives.
    var covered: [EventPosition]
    var toldCovered: [EventPosition]
    var lives: [Bool]
    /// Orders that are in force and not yet in the log.
    var unanswered: [VersionRequest] = []
    /// Of sessions that fell behind, by session.
    var overflow: [OverflowTally]
    var nextProgress: Int64 = 0
    /// Of the recording so far: outside of the hours of their instruments.
    var outside = 0
    private static let longestQuiet: UInt64 = 65_536

    init(_ setup: RunSetup) {
        self.setup = setup
        engine = Engine(setup.plan, setup.paper, isRouted: setup.brokers != nil)
        memory = setup.brokers.map {
            OrderMemory($0.setup, instruments: setup.plan.instruments.count)
        }
        sessions = setup.sessions
        lanes = Lanes(sessions.map(\.lane))
        marks = setup.sessions.map { _ in .start }
        latencies = setup.sessions.map { _ in LatencyHistogram() }
        versions = VersionBook(setup.plan, setup.versions)
        covered = setup.sessions.map { _ in .start }
        toldCovered = covered
        lives = setup.sessions.map { _ in false }
        overflow = setup.sessions.map { _ in OverflowTally() }
        let sourceVersions = setup.sourceVersions
        let ledger = Ledger(
            // Numbers begin anew with each run, ids must not.
            setup.plan, hostID: "\(setup.head.host)/\(setup.head.run)",
            models: sourceVersions.map(\.model), digest: setup.digest)
        projector = Projector(setup.plan, versions: sourceVersions, ledger: ledger)
        narrator = Narrator(setup.plan)
        newsWriter = NewsWriter(setup.plan)
        let control = setup.control
        // As fast as possible, nobody waits for a record by itself, and a flush costs more than it holds.
        let gathering: Int64 = setup.speed == nil ? 20_000_000 : 0
        writer = RunWriter(
            setup.log, setup.projections, news: setup.news, clock: setup.clock, gathering: gathering
        ) { [lanes] marks in
            lanes.acknowledge(marks)
        } failed: { error in
            control.fail(error)
        }
    }

    /// Where rows stand that come from no event of their own: behind the last step, whether they were
    /// decided in it or before the next one, for the log does not tell these apart.
    var behind: EventPosition { lastStep == 0 ? .start : .endOfStep(lastStep) }

    /// Notes a step that was taken.
    mutating func took(_ step: borrowing Step) {
        lastStep = step.number
        time = step.time
        for event in step.events { projector.count(event) }
    }

    /// Notes ticks that were taken, each a step of which nothing came, and writes down that they were.
    mutating func passed(ticks: Int, through step: UInt64, time: Timestamp) throws(RunFailure) {
        guard ticks > 0 else { return }
        lastStep = step
        self.time = time
        projector.count(ticks: ticks)
        try recordQuiet(from: step - UInt64(ticks) + 1)
    }

    private mutating func recordQuiet(from first: UInt64) throws(RunFailure) {
        decidedStep = lastStep
        if quietFrom == nil { quietFrom = first }
        if let from = quietFrom, lastStep - from >= Self.longestQuiet {
            try writeQuiet(through: lastStep, marks: marks(through: lastStep))
        }
    }

    /// Follows attachments that change.
    mutating func follow(_ plan: KernelPlan) {
        projector.follow(plan)
        narrator.plan = plan
        newsWriter.plan = plan
    }

    /// Writes a change down, with the votes that it ended.
    mutating func record(
        _ change: PlanChange, entry: Timestamp, _ layOut: (inout RunState) -> Void
    ) throws(RunFailure) {
        engine.takeFacts(into: &facts)
        decidedStep = lastStep
        if lastStep > 0 { try writeQuiet(through: lastStep - 1, marks: marks) }
        do {
            let number = writer.nextNumber
            for (index, fact) in facts.parts.enumerated() {
                note(fact, RunNews.Place(record: number, index: UInt32(index)))
            }
            layOut(&self)
            projector.take(change, at: behind, time: time, record: number)
            let record = LogRecord.changed(lastStep, entry: entry, facts: facts, change)
                .encoded(with: &pen)
            try append(record, rows: projector.takeRows(), marks: marks(through: lastStep))
        } catch { throw .store(error) }
    }

    /// Writes the step down: its facts, or that it caused none.
    mutating func record(entry: Timestamp, at position: EventPosition) throws(RunFailure) {
        settle(at: entry.nanoseconds, position)
        engine.takeFacts(into: &facts)
        let minutes = dispatcher?.takeMinutes() ?? DeskMinutes()
        if facts.isEmpty, notes.isEmpty, minutes.isEmpty {
            return try recordQuiet(from: lastStep)
        }
        noteCoverage()
        decidedStep = lastStep
        // What these facts heard is safe with their own record, not with the one before it.
        if lastStep > 0 { try writeQuiet(through: lastStep - 1, marks: marks) }
        do {
            let number = writer.nextNumber
            let parts = facts.parts
            for (index, one) in notes.enumerated() {
                note(one, RunNews.Place(record: number, index: UInt32(parts.count + index)))
            }
            for (index, fact) in parts.enumerated() {
                note(fact, RunNews.Place(record: number, index: UInt32(index)))
            }
            note(minutes, number)
            let record =
                !minutes.isEmpty
                ? LogRecord.routed(lastStep, entry: entry, facts: facts, minutes, notes: notes)
                : notes.isEmpty
                    ? .step(lastStep, entry: entry, facts: facts)
                    : .noted(lastStep, entry: entry, facts: facts, notes: notes)
            notes.removeAll(keepingCapacity: true)
            try append(
                record.encoded(with: &pen), rows: projector.takeRows(),
                marks: marks(through: lastStep))
            recorded(facts, minutes, as: number)
        } catch { throw .store(error) }
    }

    /// Gives a session a place, instead of the one of its version or as another.
    ///
    /// - Returns: Its index.
    mutating func seat(_ link: SessionLink) -> Int {
        defer { lanes.set(sessions.map(\.lane)) }
        let end = behind
        if let index = sessions.firstIndex(where: { $0.key == link.key }) {
            sessions[index] = link
            (covered[index], toldCovered[index], lives[index]) = (end, end, false)
            (latencies[index], overflow[index]) = (LatencyHistogram(), OverflowTally())
            // What was written down so far says nothing of this one.
            marks[index] = .start
            return index
        }
        sessions.append(link)
        covered.append(end)
        toldCovered.append(end)
        lives.append(false)
        latencies.append(LatencyHistogram())
        overflow.append(OverflowTally())
        marks.append(.start)
        return sessions.count - 1
    }

    /// Writes down what was decided behind the last step and before the next; nothing if nothing was.
    mutating func recordBetween(entry: Timestamp, at position: EventPosition) throws(RunFailure) {
        settle(at: entry.nanoseconds, position)
        guard engine.hasFacts || !notes.isEmpty || dispatcher?.hasMinutes == true else { return }
        try record(entry: entry, at: position)
    }

    /// What each session answered and the loop took, as far as the record reaches: results that came
    /// for a step which is durable already are safe with the record that holds them, not before.
    private func marks(through step: UInt64) -> [EventPosition] {
        sessions.map { min($0.lane.closed, .endOfStep(step)) }
    }

    private mutating func note(_ fact: Fact, _ place: RunNews.Place) {
        if let booked = setup.booked, case .filled(let fill, let booking) = fact,
            let decision = projector.decision(of: fill.order)
        {
            booked(
                BookedFill(
                    step: lastStep, fill: fill, booking: booking, order: decision.order,
                    source: decision.source, reference: decision.reference))
        }
        projector.take(fact, at: behind, time: time, record: place.record)
        if let one = tellable(fact, place) { news.append(one) }
        if let notice = narrator.notice(of: fact, time: time, orders: projector.orders) {
            setup.observer.notice(notice)
        }
    }

    private mutating func note(_ note: VersionNote, _ place: RunNews.Place) {
        project(note, record: place.record)
        if let one = tellable(note, place) { news.append(one) }
        if let notice = notice(of: note) { setup.observer.notice(notice) }
    }

    func tellable(_ note: VersionNote, _ place: RunNews.Place) -> RunNews? {
        guard setup.news != nil, case .changed(let source, let plan, _, let order, _) = note,
            order > 0
        else { return nil }
        return RunNews(
            place: place, time: time, account: nil,
            event: .versions(setup.plan.sources[Int(source.index)].name, plan))
    }
    mutating func tell(_ one: RunNews) { news.append(one) }

    mutating func tellable(_ fact: Fact, _ place: RunNews.Place) -> RunNews? {
        guard setup.news != nil else { return nil }
        var last: Price?
        if case .signal(let signal, .alert) = fact {
            last = engine.kernel.lastPrice(of: signal.instrument)
        }
        return newsWriter.news(
            of: fact, at: place, time: time, orders: projector.orders, last: last)
    }

    private mutating func writeQuiet(
        through last: UInt64, marks: [EventPosition]
    ) throws(RunFailure) {
        guard let first = quietFrom else { return }
        quietFrom = nil
        guard first <= last else { return }
        do {
            let record = LogRecord.quiet(first: first, last: last).encoded(with: &pen)
            try append(record, rows: [], marks: marks)
        } catch { throw .store(error) }
    }

    /// Writes down what is decided; a step in hand is left for the next start.
    mutating func writeQuiet() throws(RunFailure) {
        try writeQuiet(through: decidedStep, marks: marks(through: decidedStep))
    }

    mutating func append(_ record: LogRecord) throws(RunFailure) {
        do {
            try append(
                record.encoded(with: &pen), rows: projector.takeRows(),
                marks: marks(through: lastStep))
        } catch { throw .store(error) }
    }

    private mutating func append(
        _ record: [UInt8], rows: [ProjectionRow], marks: [EventPosition]
    ) throws(StoreError) {
        defer { news.removeAll(keepingCapacity: true) }
        try writer.append(record, rows: rows, marks: marks, news: news)
        self.marks = marks
    }

    /// Ends the log of a run that came to its end, and tells of it.
    mutating func appendEnd(late: Int) throws(RunFailure) {
        note(endAt: writer.nextNumber, late: late)
        try append(.finished(state: engine.stateHash(), ledger: projector.ledgerHash))
    }

    mutating func note(endAt number: UInt64, late: Int) {
        guard setup.news != nil else { return }
        news.append(
            RunNews(
                place: RunNews.Place(record: number, index: 0), time: time, account: nil,
                event: .finished(summary(end: "finished", late: late, seconds: 0))))
    }

    /// Recovery is through: what comes now is new.
    mutating func endRestoring() {
        quietFrom = nil
        decidedStep = lastStep
        resumedEvents = projector.counts.events
    }

    /// Notes how long a result took from its event's entry; nothing where that is not known any more.
    mutating func noteLatency(of result: ServerResult, session: Int) {
        guard result.entryTime != .zero else { return }
        let heard = Timestamp(nanoseconds: setup.clock.monotonic())
        latencies[session].record(heard.since(result.entryTime).count)
    }
}

func hex(_ word: UInt64) -> String {
    let text = String(word, radix: 16)
    return String(repeating: "0", count: 16 - text.count) + text
}

extension RunSetup {
    /// Of main versions, by source.
    var sourceVersions: [Projector.SourceVersion] {
        plan.sources.indices.map { index in
            sessions.first { $0.source == SourceID(index) && $0.slot == .main }?.version ?? .init()
        }
    }
}
