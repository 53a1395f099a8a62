import Kernel
import Orders
import Ports
import TradingModel

/// Kernel, order desk, brokers, log, market, strategies and people in one place, under one clock and one seed.
///
/// The host's part is made of the product's own values; this carries out what they ask for, and spoils it.
struct World: ~Copyable {
    enum Event: Sendable {
        case print
        case tick(Tick, life: Int)
        case result(ServerResult, life: Int)
        case cover(SourceID, EventPosition, life: Int)
        case wake(life: Int)
        case flushed(life: Int)
        case turn(broker: Int, life: Int)
        case write(broker: Int, call: UInt64, life: Int)
        case arrive(broker: Int, call: UInt64, DeskCall, life: Int)
        case reply(broker: Int, call: UInt64, DeskAnswer, life: Int)
        case limit(broker: Int, call: UInt64, life: Int)
        case told(broker: Int, BrokerFloor.Event, life: Int)
        case lineUp(broker: Int)
        case weather(broker: Int)
        case resume(broker: Int, instrument: Int)
        case age(OrderNumber, life: Int)
        case crash(Happening.Seam, life: Int)
        case start
        case people
        case kill(life: Int)
        case killPart(SourceID, life: Int)
        case calm
        case watch
        case tellSplit(instrument: Int)
        case stranger
    }
    /// What waits for the log before the desk hears of it.
    enum Outgoing {
        case order(ApprovedOrder, broker: Int)
        case cancel(OrderNumber, reason: String)
        case change(ApprovedChange, broker: Int)
    }
    let scenario: Scenario
    let until: UInt64
    var agenda: Agenda<Event>
    var faults: FaultPlan
    var history: History
    var market: Market
    var talk: SeededStream
    var people: SeededStream
    var exitTalk: SeededStream
    var strangerTalk: SeededStream
    var changeTalk: SeededStream
    var partTalk: SeededStream
    var ghostTalk: SeededStream
    var haltTalk: SeededStream
    /// Orders whose number only the line's next word tells, and the record that has it then.
    var strays: [OrderNumber: UInt64] = [:]
    /// Calls that went astray.
    var strayCalls: Set<UInt64> = []
    /// Those of which the host died before the log had them: nobody trades with them until a host knows them again.
    var frozen: Set<OrderNumber> = []
    /// It dies with the step in hand.
    var ghostDies = false
    /// Orders that came of them.
    var astray: Set<OrderNumber> = []
    var splitTalk: SeededStream
    /// By instrument: at the exchange, and how many of them the host's log has.
    var splits: [[Split]]
    var toldSplits: [Int]
    /// Ticks on their way to the host, by instrument.
    var underway: [Int]
    /// As the history has it, by instrument.
    var notedGuards: [Bool]
    var network: SeededStream
    var lines: [BrokerLine]
    var log = SimulatedLog<LoggedStep>()
    var calls: UInt64 = 0
    var isCalm = false
    var restedOnce = false
    var isOver = false
    var isFull = false

    // The host: all of it is gone with a crash.
    var life = 0
    var isUp = false
    var kernel: Kernel
    var desks: [OrderDesk] = []
    var router: Router
    var limiters: [RateLimiter] = []
    /// Calls of the desks, by broker and their own number.
    var numbers: [[CallID: UInt64]] = []
    /// What is held at each broker, by instrument.
    var holdings: [[Int64]] = []
    var effects = Effects()
    var step: LoggedStep
    var number: UInt64 = 0
    var outgoing: [(record: UInt64, what: Outgoing)] = []
    var counter = KillCounter()
    /// By source.
    var partCounters: [KillCounter] = []
    /// Whose buys are, of those that have a permit.
    var buyers: [OrderNumber: SourceID] = [:]
    var permits: [OrderNumber: SendPermit] = [:]
    var changePermits: [OrderNumber: SendPermit] = [:]
    var homes: [OrderNumber: Int] = [:]
    var approvals: [OrderNumber: Timestamp] = [:]
    var plannedWake: Timestamp?
    /// By broker.
    var locked: [Bool] = []
    /// Since when an order is in doubt, for the person who looks after it.
    var doubts: [OrderNumber: Timestamp] = [:]
    /// Of orders that the books have ended: those of which nobody knows what became, and since when.
    var ghostsInDoubt: [OrderNumber: Timestamp] = [:]
    /// Those that the history has its desks know.
    var knownGhosts: Set<OrderNumber> = []
    /// By broker: at this start it stated what is held, and all of it was the same once.
    var isAgreed: [Bool] = []

    /// 2026-01-05 09:00 in Seoul.
    static let start = Timestamp(nanoseconds: 1_767_571_200_000_000_000)

    /// - Parameter until: Strategies say nothing after this many results.
    init(_ scenario: Scenario, leavingOut omissions: FaultPlan.Omissions, until: UInt64) {
        self.scenario = scenario
        self.until = until
        let seed = scenario.seed
        agenda = Agenda(start: Self.start, ties: SeededStream(seed: seed, .ties))
        faults = FaultPlan(seed: seed, rates: scenario.rates, leavingOut: omissions)
        history = History(scenario.terms)
        market = Market(scenario)
        talk = SeededStream(seed: seed, .strategies)
        people = SeededStream(seed: seed, .operators)
        exitTalk = SeededStream(seed: ~seed, .exits)
        strangerTalk = SeededStream(seed: ~seed, .strangers)
        changeTalk = SeededStream(seed: ~seed, .changes)
        partTalk = SeededStream(seed: ~seed, .parts)
        ghostTalk = SeededStream(seed: ~seed, .ghosts)
        haltTalk = SeededStream(seed: ~seed, .halts)
        splitTalk = SeededStream(seed: ~seed, .splits)
        splits = scenario.instruments.map { _ in [] }
        toldSplits = splits.map(\.count)
        underway = toldSplits
        notedGuards = scenario.instruments.map { _ in false }
        network = SeededStream(seed: seed, .broker)
        lines = scenario.brokers.map { terms in
            // Each broker has the account's cash: the host's books say what may be spent.
            BrokerLine(
                BrokerFloor(terms, instruments: scenario.instruments, cash: scenario.cash))
        }
        kernel = Kernel(scenario.plan)
        router = Router(scenario.routes)
        step = LoggedStep(time: Self.start)
    }

    var now: Timestamp { agenda.now }

    mutating func note(_ what: Happening) { history.add(what, at: now) }

    /// Runs to the end.
    mutating func run() {
        leaveHoldings()
        agenda.add(.start, after: .zero)
        agenda.add(.print, after: .milliseconds(1))
        for broker in lines.indices {
            agenda.add(.weather(broker: broker), after: scenario.weatherEvery)
        }
        agenda.add(.people, after: .seconds(3))
        if let strangers = scenario.strangers {
            agenda.add(.stranger, after: strangers.every.lowerBound)
        }
        agenda.add(.calm, after: scenario.calmAfter)
        while !isOver, let event = agenda.next() { handle(event) }
    }

    private mutating func handle(_ event: Event) {
        switch event {
        case .print: printNext()
        case .tick(let tick, let life):
            underway[Int(tick.instrument.index)] -= 1
            if isLive(life) { heard(tick) }
        case .result(let result, let life): if isLive(life) { heard(result) }
        case .cover(let source, let position, let life):
            if isLive(life) { covered(source, position) }
        case .wake(let life): if isLive(life) { woke() }
        case .flushed(let life): if isLive(life) { flushed() }
        case .turn(let broker, let life): if isLive(life) { takeTurns(broker) }
        case .write(let broker, let call, let life): if isLive(life) { write(call, broker) }
        case .arrive(let broker, let call, let what, let life): arrive(what, call, broker, life)
        case .reply(let broker, let call, let answer, let life):
            if isLive(life) { replied(answer, call, broker) }
        case .limit(let broker, let call, let life): if isLive(life) { limitPassed(call, broker) }
        case .told(let broker, let event, let life): told(event, broker, life)
        case .lineUp(let broker): lineUp(broker)
        case .weather(let broker): weather(broker)
        case .resume(let broker, let instrument):
            // Nobody trades between a split and the word of it.
            if !isSplitUntold(instrument) {
                lines[broker].floor.setHalted(false, instrument)
            }
        case .age(let order, let life): if isLive(life) { aged(order) }
        case .crash(let seam, let life): if isLive(life) { crash(at: seam) }
        case .start: startHost()
        case .people: peopleAct()
        case .kill(let life): if isLive(life), !isCalm, !kernel.isKilled { kill(true) }
        case .killPart(let source, let life):
            if isLive(life), !isCalm { kill(true, source) }
        case .calm: becomeCalm()
        case .watch: watch()
        case .tellSplit(let instrument): tellSplit(instrument)
        case .stranger: strangerActs()
        }
    }

    private func isLive(_ life: Int) -> Bool { isUp && life == self.life }
}
