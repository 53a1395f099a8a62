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
    var newsWriter: NewsWriter
    /// Of the record in hand.
    var news: [RunNews] = []
    /// Lines of the record in hand: told behind its flush, for a crash may take back what is not in the log.
    var notices: [RunNotice] = []
    /// What was attached and taken away while it ran, in order.
    var changes: [PlanChange] = []
    /// Instruments that joined and left sessions behind a step: they number the next of that step.
    var changedBehind: (step: UInt64, count: Int) = (0, 0)
    /// The step behind which the next change is due.
    var nextChange = UInt64.max
    /// Taken from the log and the recording before anything new.
    var resumedEvents = 0
    let writer: RunWriter
    var pen = ByteWriter()
    /// Of the log's start in hand.
    var deskClock = DeskClock()
    /// Between kernel and brokers; `nil` where orders go to the paper exchange, and until recovery is through.
    var dispatcher: Dispatcher?
    /// In recovery: what the log tells desks.
    var memory: OrderMemory?
    /// Given when their records are durable.
    var owedAnswers: [OwedAnswer] = []
    /// Why the host has stopped by itself, for a mistake of its own: this process opens nothing any more.
    var haltedFor: String?
    var toldMistakes: Set<String> = []
    var isHalted: Bool { haltedFor != nil }
    /// What does not end, found in the step in hand: the host halts for it behind that.
    var unrest: String?
    /// What this start found stopped in the log; until it is told.
    var stopsBefore: StandingStops?
    /// As somebody set the switch last.
    var killOrder: KillOrder?
    /// The number of the last order for all that was heard.
    var allHeard: Int?
    /// With the recording, at brokers outside: orders that rest are cancelled, and no guard sells any more.
    var isThrough = false
    /// When it is told next that brokers are waited for, monotonic ns.
    var waitToldAt: Int64?
    /// Of the step in hand; kept for their room.
    var facts: [Fact] = []
    /// Steps that caused nothing and are not in the log yet.
    var quietFrom: UInt64?
    /// The step taken last; it may be in hand, with decisions still to come.
    private(set) var lastStep: UInt64 = 0
    /// The step whose decisions are complete.
    var decidedStep: UInt64 = 0
    /// The record up to which the tables have their rows.
    var applied: UInt64 = 0
    private(set) var time = Timestamp.zero
    /// Of the record appended last: see ``marks(through:)``.
    var marks: [EventPosition]
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
    /// At a pace: how far each session has answered, as the log has it.
    var answered: [SessionKey: EventPosition] = [:]
    /// By session: what it was asked about before this start and had not answered ends here; `start`: nothing.
    var owed: [EventPosition]
    /// Orders that are in force and not yet in the log.
    var unanswered: [VersionRequest] = []
    /// Pairs of sessions of which one is heard.
    var standbys: [StandbyDuty]
    /// Of sessions that fell behind, by session.
    var overflow: [OverflowTally]
    var nextProgress: Int64 = 0
    /// Of the recording so far: outside of the hours of their instruments.
    var outside = 0
    /// At a pace.
    var watch: Watchdogs?

    init(_ setup: RunSetup) {
        self.setup = setup
        engine = Engine(setup.plan, setup.paper, isRouted: setup.places != nil)
        engine.mostTurns = setup.mostTurns
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
        owed = covered
        standbys = StandbyDuty.all(of: setup.sessions)
        overflow = setup.sessions.map { _ in OverflowTally() }
        let sourceVersions = setup.sourceVersions
        let ledger = Ledger(
            // Numbers begin anew with each run, ids must not.
            setup.plan, hostID: "\(setup.head.host)/\(setup.head.run)",
            models: sourceVersions.map(\.model), digest: setup.digest)
        projector = Projector(
            setup.plan, versions: sourceVersions, ledger: ledger, keeping: setup.bars)
        if setup.places != nil { projector.old = OldOrders() }
        narrator = Narrator(setup.plan, warnsAlone: setup.warnsAlone)
        newsWriter = NewsWriter(setup.plan)
        let control = setup.control
        // As fast as possible, nobody waits for a record by itself, and a flush costs more than it holds.
        let isHurried = setup.speed == nil && setup.brokers == nil
        if isHurried { setup.log.flushWhenAsked() }
        // Each batch writes every page of the tables anew that it touches: ten a second touch most of them once.
        let gathering: Int64 = setup.speed == nil ? 100_000_000 : 0
        writer = RunWriter(
            setup.log, setup.projections, news: setup.news, observer: setup.observer,
            clock: setup.clock, gathering: gathering
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
        projector.classes.note(step)
    }

    /// Notes ticks that were taken, each a step of which nothing came, and writes down that they were.
    mutating func passed(ticks: Int, through step: UInt64, time: Timestamp) throws(RunFailure) {
        guard ticks > 0 else { return }
        lastStep = step
        self.time = time
        projector.count(ticks: ticks)
        try recordQuiet(from: step - UInt64(ticks) + 1)
    }

    /// Follows attachments that change.
    mutating func follow(_ plan: KernelPlan) {
        projector.follow(plan)
        narrator.plan = plan
        newsWriter.plan = plan
    }

    /// Gives a session a place, instead of the one of its version or as another.
    ///
    /// - Returns: Its index.
    mutating func seat(_ link: SessionLink) -> Int {
        defer { lanes.set(sessions.map(\.lane)) }
        watch?.forget(link.key)
        let end = behind
        if let index = sessions.firstIndex(where: { $0.key == link.key }) {
            sessions[index] = link
            (covered[index], toldCovered[index], lives[index]) = (end, end, false)
            owed[index] = .start
            (latencies[index], overflow[index]) = (LatencyHistogram(), OverflowTally())
            // What was written down so far says nothing of this one.
            marks[index] = .start
            return index
        }
        sessions.append(link)
        covered.append(end)
        toldCovered.append(end)
        lives.append(false)
        owed.append(.start)
        latencies.append(LatencyHistogram())
        overflow.append(OverflowTally())
        marks.append(.start)
        return sessions.count - 1
    }

    /// Recovery is through: what comes now is new.
    mutating func endRestoring() {
        quietFrom = nil
        decidedStep = lastStep
        resumedEvents = projector.counts.events
        stopsBefore = projector.stops
        beginStandbys()
    }

    /// Notes how long a result took from its event's entry; nothing where that is not known any more.
    mutating func noteLatency(of result: ServerResult, session: Int) {
        guard result.arrivalTime.since(result.entryTime) < EntryTimes.longAgo else { return }
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
