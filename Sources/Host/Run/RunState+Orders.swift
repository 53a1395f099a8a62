import Kernel
import Orders
import Platform
import Ports
import TradingModel

/// An answer to a person that waits for the log.
struct OwedAnswer {
    enum What {
        case kill(KillOrder, KillAnswer)
        case request(DeskRequest, String, isDone: Bool)
    }
    var record: UInt64
    let what: What
}

/// Orders that go to brokers outside: the loop's side.
extension RunState {
    var isRouted: Bool { setup.brokers != nil }

    // MARK: Start

    /// A start of the host, this one or one of the log.
    mutating func begin(by clock: DeskClock) {
        deskClock = clock
        // As fast as possible, time is the recording's.
        if setup.speed != nil { engine.wallOffset = clock.time(0).nanoseconds }
    }

    /// In recovery: what a record tells desks.
    mutating func restore(_ facts: [Fact], _ minutes: DeskMinutes, entry: Timestamp) {
        memory?.take(facts, minutes, at: deskClock.time(entry.nanoseconds)) { [projector] in
            projector.clientOrderID(of: $0)
        }
    }

    /// Recovery is through: the desks begin, with every order that has no final answer in doubt.
    mutating func beginDispatching(_ clock: DeskClock) {
        begin(by: clock)
        guard let lines = setup.brokers, let memory else { return }
        let counter = setup.control.kills
        for (logged, desk) in memory.doubtful {
            let approved = logged.approved
            lines.lastHop.approve(approved.order, as: approved.client, at: desk, record: 0)
        }
        dispatcher = Dispatcher(
            lines.setup, engine.kernel.plan, clock: clock, counter: counter,
            parts: setup.control.partKills, memory: memory,
            at: clock.time(clock.monotonic))
        self.memory = nil
    }

    // MARK: Steps

    /// Lets kernel, guards and desks answer each other until none has anything to say, and hands over what has its turn. Where
    /// that does not end, the rest of it waits for the next time, and the host halts in between.
    mutating func settle(at monotonic: Int64, _ position: EventPosition) {
        guard dispatcher != nil, let lines = setup.brokers?.lines else { return }
        let now = deskClock.time(monotonic)
        var isMoving = true
        // Behind a halt for it some turns each time do for what exits want, and no more is written down than that.
        let most = min(setup.mostTurns, toldMistakes.contains(Self.stepWithoutEnd) ? 16 : .max)
        var (turnsLeft, last) = (most, Talk())
        while isMoving {
            guard turnsLeft > 0 else {
                // They stand in the record that comes next, and are not looked at again.
                dispatcher?.note(engine.facts)
                unrest = last.words(most)
                return
            }
            turnsLeft -= 1
            // Behind the last price a guard would send again what is cancelled, and again.
            if !isThrough {
                engine.tendExitsOutside(at: position, now: Timestamp(nanoseconds: monotonic))
            }
            dispatcher?.note(engine.facts)
            let wishes = engine.takeWishes()
            for order in wishes.orders {
                dispatcher?.approve(order, as: projector.clientOrderID(of: order), at: now)
            }
            for wish in wishes.changes { dispatcher?.approve(wish, at: now) }
            for number in wishes.cancels {
                dispatcher?.cancel(number, reason: "its end is wanted", at: now)
            }
            let reports = dispatcher?.takeReports() ?? []
            // Before they are heard: the desks' books are those of the facts so far.
            let isCorrected = compareStatements()
            for report in reports { engine.hear(report) }
            isMoving =
                !reports.isEmpty || isCorrected
                || (!isThrough && engine.kernel.hasRestlessExits)
            let prices = dispatcher.map { lastPrices(for: $0) } ?? []
            let turns = dispatcher?.takeCalls(at: now, last: prices, gaveBack: &isMoving)
            for turn in turns ?? [] {
                lines[turn.desk].make(
                    BrokerLine.Call(call: turn.call, limit: turn.left, permit: turn.permit))
            }
            last = Talk(
                reports: reports, orders: wishes.orders.count, changes: wishes.changes.count,
                cancels: wishes.cancels, calls: turns?.count ?? 0)
        }
    }

    /// What was said in one turn.
    private struct Talk {
        var reports: [BrokerReport] = []
        var orders = 0
        var changes = 0
        var cancels: [OrderNumber] = []
        var calls = 0

        func words(_ turns: Int) -> String {
            let said = [
                orders > 0 ? "\(orders) orders" : nil, changes > 0 ? "\(changes) changes" : nil,
                calls > 0 ? "\(calls) calls" : nil,
                cancels.isEmpty
                    ? nil
                    : "the end of order \(cancels.map { "\($0)" }.joined(separator: ", "))",
                reports.last.map { "\(reports.count) reports, the last: \($0)" },
            ].compactMap(\.self)
            return
                "kernel, exits and desks answered each other \(turns) times in one step; at the last: "
                + (said.isEmpty ? "exits that want to be asked" : said.joined(separator: ", "))
        }
    }

    /// By instrument, where they decide which call goes first.
    private func lastPrices(for dispatcher: Dispatcher) -> [Price?] {
        guard dispatcher.isChoice else { return [] }
        return dispatcher.instruments.indices.map {
            engine.kernel.lastPrice(of: InstrumentID($0))
        }
    }

    /// The record is appended: the last hop hears of its approvals, and what waited for a number has it.
    mutating func recorded(_ facts: [Fact], _ minutes: DeskMinutes, as number: UInt64) {
        guard let lastHop = setup.brokers?.lastHop else { return }
        for fact in facts.parts {
            switch fact {
            case .ordered(let decision):
                let order = decision.order
                guard let route = minutes.routes.first(where: { $0.order == order.number }) else {
                    continue
                }
                lastHop.approve(
                    order, as: projector.clientOrderID(of: order), at: route.desk, record: number)
            case .change(.asked(let decision)):
                guard let desk = dispatcher?.ledger.home(of: decision.number) else { continue }
                lastHop.approve(
                    decision.number, decision.after, opens: decision.opens, at: desk,
                    record: number)
            case .change(.taken(let order, _, _)), .change(.refused(let order, _, _)):
                lastHop.forgetChange(of: order)
            case .orderEnded(let order, _, _): lastHop.forget(order)
            case .filled(let fill, _) where isOver(fill.order): lastHop.forget(fill.order)
            default: break
            }
        }
        dispatcher?.recorded(as: number)
    }

    private func isOver(_ number: OrderNumber) -> Bool {
        engine.kernel.order(number)?.state.isFinal ?? true
    }

    /// Takes what came from brokers, and gives them what is durable.
    mutating func hearBrokers(at monotonic: Int64) throws(RunFailure) {
        guard dispatcher != nil, let lines = setup.brokers else { return }
        let now = deskClock.time(monotonic)
        if let mismatch = lines.lastHop.mismatch {
            halt("an order without its approval was held back", mismatch, at: now)
        }
        if let what = unrest.take() { halt(Self.stepWithoutEnd, what, at: now) }
        for (index, line) in lines.lines.enumerated() {
            for arrival in line.takeArrivals() {
                dispatcher?.hear(arrival, of: index, at: now)
                if case .answer(_, _, let took?) = arrival {
                    watch?.answered(index, after: took, at: time)
                }
            }
        }
        // By the time of the record that this comes to: a replay has no other.
        engine.note(Timestamp(nanoseconds: monotonic))
        dispatcher?.release(through: setup.log.durableNumber, at: now)
        dispatcher?.pass(to: now)
        hearRequests(at: now)
        settle(at: monotonic, .endOfStep(lastStep))
        giveAnswers()
    }

    /// Monotonic ns; `.max`: only when something happens.
    mutating func nextWake(at monotonic: Int64) -> Int64 {
        // What a step left over is done at once; once the host has halted for it, now and then.
        let rest = unrest == nil ? .max : monotonic + (isHalted ? Self.restlessPause : 0)
        guard let wake = dispatcher?.wake() else { return rest }
        return min(rest, deskClock.monotonic(wake))
    }
    private static let restlessPause: Int64 = 1_000_000_000

    // MARK: End

    /// Why orders that rest at the end are cancelled; a replay knows the end by it.
    static let through = "the recording is through"

    /// Whether no order is open at a broker. What rests there is cancelled: the recording is through.
    mutating func isThroughWithBrokers(at monotonic: Int64) throws(RunFailure) -> Bool {
        guard let dispatcher else { return true }
        // What waits to be sent is sent first: it was decided at a price of the recording. Until then it is not
        // through, for a replay knows that by the cancels.
        if dispatcher.unsent.isEmpty {
            isThrough = true
            for number in dispatcher.open { engine.cancel(number, reason: Self.through) }
        }
        try recordBetween(entry: Timestamp(nanoseconds: monotonic), at: .endOfStep(lastStep))
        guard !dispatcher.isSettled else { return true }
        tellWait(for: dispatcher.unended, at: monotonic)
        return false
    }

    /// The run cannot end while it is not known what became of an order: somebody who looks at it learns why.
    private mutating func tellWait(for open: [OrderNumber], at now: Int64) {
        let due = waitToldAt ?? now + setup.waitIsTold
        waitToldAt = now >= due ? now + setup.waitIsTold : due
        guard now >= due else { return }
        let orders =
            open.count == 1 ? "order \(open[0].value)" : "\(grouped("\(open.count)")) orders"
        setup.observer.notice(
            RunNotice(
                .warning, time: time,
                text:
                    "the recording is through, and the broker has said no end of \(orders): waiting."
                    + " The run may be stopped: the next start asks for them first"))
    }
}

/// What desks say to people.
extension RunState {
    /// Behind the parts of any record's facts.
    private static let firstNote: UInt32 = 0x4000_0000

    /// Rows, lines and messages of a record's notes; their places come behind those of its facts.
    mutating func note(
        _ minutes: DeskMinutes, _ record: UInt64, isNew: Bool = true
    ) {
        guard !minutes.lockdowns.isEmpty || !minutes.notes.isEmpty, let places = setup.places
        else { return }
        for change in minutes.lockdowns {
            let place = places[change.desk]
            projector.take(
                lockdown: change.reason, of: place.account, at: place.name, position: behind,
                time: time, record: record)
        }
        for (index, minute) in minutes.notes.enumerated() {
            let account = places[minute.desk].account
            projector.take(minute.note, of: account, at: behind, time: time, record: record)
            let place = RunNews.Place(record: record, index: Self.firstNote + UInt32(index))
            if setup.news != nil {
                let one = RunNews(
                    place: place, time: time, account: account,
                    event: .failSafe(minute.note.code, minute.note.severity, minute.note.text))
                if isNew {
                    tell(one)
                } else if isUntold(place) {
                    setup.news?.tell(one)
                }
            }
            guard isNew else { continue }
            let severity = minute.note.severity
            // The notice is a warning already.
            let code =
                minute.note.code.rawValue + (severity == .warning ? "" : " \(severity.rawValue)")
            notices.append(
                RunNotice(
                    .warning, time: time, source: places[minute.desk].name,
                    text: "\(code): \(minute.note.text)"))
        }
    }
}
