import Kernel
import Orders
import Ports
import TradingModel

/// Between the kernel and the brokers: desks, routes, turns, and what waits for the log. A value, owned by the loop.
///
/// The loop tells it of facts and orders, of what is durable, and of what came from brokers; it says what the kernel is to hear
/// (``takeReports()``), what is to be written down (``takeMinutes()``), and which calls have their turn (``takeCalls(at:last:)``). All
/// times are desk time.
struct Dispatcher {
    /// What waits for the log before a desk hears of it.
    enum Waiting {
        case order(ApprovedOrder, desk: Int)
        case change(ApprovedChange)
    }
    /// A call that has its turn.
    struct Turn {
        let desk: Int
        let call: DeskCall
        let left: Nanoseconds
        let permit: SendPermit?
    }
    let setup: BrokerSetup
    let instruments: [Instrument]
    let clock: DeskClock
    let counter: KillCounter
    let partKills: PartKills
    let accountNames: [String]
    /// Of the plan in force.
    var sourceNames: [String]
    /// Whose open buys are.
    var sources: [OrderNumber: SourceID] = [:]
    var desks: [OrderDesk] = []
    private var routers: [Router]
    var limiters: [RateLimiter]
    var ledger: VenueLedger
    /// Those of the record in hand have none yet.
    var waiting: [(record: UInt64?, what: Waiting)] = []
    /// Of all, the account and the strategy.
    var readings: [OrderNumber: [KillCounter.Reading]] = [:]
    /// Orders that wait for the log or for their first turn.
    var unsent: Set<OrderNumber> = []
    /// Of changes on their way: what the kills were, and whether it is wanted still.
    var changeReadings: [OrderNumber: (kills: [KillCounter.Reading], ends: KillCounter)] = [:]
    var reports: [BrokerReport] = []
    var minutes = DeskMinutes()
    /// Not held against the books yet.
    var statements: [BrokerStatement] = []
    /// Facts of the record in hand that were looked at.
    private var seen = 0
    /// A desk was told something since it was asked last.
    var isTouched = true
    /// Likewise, since desks of an account told each other what they hold back.
    var mayHoldOther = true
    private var planned: Timestamp?

    /// - Parameter memory: What the log says; of a first start nothing.
    init(
        _ setup: BrokerSetup, _ plan: KernelPlan, clock: DeskClock, counter: KillCounter,
        parts: PartKills = PartKills(), memory: OrderMemory, at now: Timestamp
    ) {
        self.setup = setup
        self.clock = clock
        self.counter = counter
        partKills = parts
        accountNames = plan.accounts.map(\.name)
        sourceNames = plan.sources.map(\.name)
        instruments = plan.instruments
        routers = setup.routes.map { Router($0, chosen: memory.openHomes) }
        limiters = setup.links.map { RateLimiter(perSecond: $0.callsPerSecond) }
        ledger = memory.ledger
        sources = memory.sources
        desks = setup.links.indices.map { index in
            OrderDesk(
                account: setup.links[index].account,
                name: plan.accounts[Int(setup.links[index].account.index)].name,
                capabilities: setup.links[index].broker.capabilities,
                settings: setup.links[index].desk, restart: memory.restart(of: index), at: now)
        }
        shareHolds()
        for (number, kills) in memory.openKills where kills == memory.killNumber {
            guard let desk = ledger.home(of: number) else { continue }
            readings[number] = killReadings(of: number, setup.links[desk].account)
        }
    }

    // MARK: From the kernel

    /// Facts of the record in hand, all so far.
    mutating func note(_ facts: [Fact]) {
        for fact in facts.dropFirst(seen) {
            fact.forEachPart { part in
                if let ended = ledger.take(part) { forget(ended) }
                switch part {
                case .ordered(let decision) where decision.order.side == .buy:
                    sources[decision.order.number] = decision.source
                // Whoever asked for its end: what a change would add to it is not wanted any more.
                case .change(.taken(let number, _, _)), .change(.refused(let number, _, _)),
                    .cancelAsked(let number, _):
                    withdrawChange(of: number)
                default: break
                }
            }
        }
        seen = facts.count
    }

    private mutating func forget(_ number: OrderNumber) {
        readings[number] = nil
        sources[number] = nil
        unsent.remove(number)
        withdrawChange(of: number)
        for index in routers.indices { routers[index].forget(number) }
    }

    /// Chooses the broker, once; the desk hears of the order when its record is durable.
    ///
    /// - Parameter client: What the log will say of it.
    mutating func approve(_ order: Order, as client: ClientOrderID, at now: Timestamp) {
        let opens = order.side == .buy
        switch route(order, opens: opens) {
        case .refused(let why): reports.append(.failed(order.number, reason: why))
        case .broker(let desk):
            readings[order.number] = killReadings(of: order.number, order.account)
            ledger.route(order, to: desk)
            minutes.routes.append(Minute.Route(order: order.number, desk: desk))
            let approved = ApprovedOrder(
                order, as: client, opens: opens,
                validUntil: now.advanced(by: setup.links[desk].validity), approvedAt: now)
            unsent.insert(order.number)
            waiting.append((nil, .order(approved, desk: desk)))
        }
    }

    /// What the counters say at an approval.
    func killReadings(
        of number: OrderNumber, _ account: AccountID
    ) -> [KillCounter.Reading] {
        let source = sources[number].map { Int($0.index) } ?? -1
        return [counter.reading()]
            + partKills.readings(
                account: accountNames[Int(account.index)],
                strategy: sourceNames.indices.contains(source) ? sourceNames[source] : "")
    }

    private mutating func route(_ order: Order, opens: Bool) -> Router.Route {
        let account = Int(order.account.index)
        guard routers.indices.contains(account) else {
            return .refused("account \(account) has no broker")
        }
        let mine = desks.indices.filter { setup.links[$0].account == order.account }
        let holder =
            opens ? nil : mine.first { ledger.free(order.instrument, at: $0) >= order.quantity }
        guard opens || holder != nil else { return .refused("no broker holds all of it") }
        let health = desks.indices.map { desk in
            Router.Health(
                isDown: desks[desk].isDown, isLockedDown: desks[desk].lockdown != nil,
                inDoubt: mine.contains(desk) ? ledger.doubts(at: desk) : 0)
        }
        let route = routers[account].route(order, opens: opens, holder: holder, health: health)
        guard case .refused(let why) = route, mine.contains(where: { desks[$0].lockdown != nil })
        else { return route }
        return .refused("\(why); madang account release \(accountNames[account])")
    }

    /// One that still waits for the log is over with that: no desk hears of it, so nothing of it goes out.
    mutating func cancel(_ number: OrderNumber, reason: String, at now: Timestamp) {
        // Asked for in the same record, it has its reading only now.
        withdrawChange(of: number)
        let waits = waiting.firstIndex { item in
            if case .order(let approved, _) = item.what { approved.number == number } else { false }
        }
        if let waits {
            waiting.remove(at: waits)
            reports.append(
                .cancelled(number, reason: "withdrawn before it was sent: \(reason)"))
        } else if let desk = ledger.home(of: number) {
            self.desk(desk, hears: .cancel(number, reason: reason), at: now)
        }
    }

    // MARK: From people

    /// The counter was raised by who asked; here desks hear of it, and what waits for its turn is taken back.
    mutating func kill(_ on: Bool, reason: String, at now: Timestamp) {
        for desk in desks.indices {
            self.desk(desk, hears: .kill(on, reason: reason), at: now)
            guard on else { continue }
            for call in limiters[desk].withdrawOpening(of: ticketDesk(desk)) {
                giveBack(call, desk, .killed, at: now)
            }
        }
    }

    /// - Returns: Whether it is in doubt, so that there is something to resolve.
    mutating func resolve(
        _ number: OrderNumber, _ resolution: Resolution, at now: Timestamp
    ) -> Bool {
        guard let desk = ledger.home(of: number), desks[desk].isInDoubt(number) else {
            return false
        }
        self.desk(desk, hears: .resolve(number, resolution), at: now)
        return true
    }

    /// The number of an order in doubt that its broker is being asked for, as a person named it, and how long a no has to
    /// stay.
    func claim(of number: OrderNumber) -> (id: BrokerOrderID, patience: Nanoseconds)? {
        guard let desk = ledger.home(of: number), let id = desks[desk].claim(of: number) else {
            return nil
        }
        return (id, desks[desk].settings.pollsOver)
    }

    /// Whether the books have ended it, and its broker has not.
    func isGhost(_ number: OrderNumber) -> Bool {
        ledger.home(of: number).map { desks[$0].isGhost(number) } ?? false
    }

    /// - Returns: How many desks of the account were locked down.
    mutating func release(_ account: AccountID, at now: Timestamp) -> Int {
        var count = 0
        for desk in desks.indices
        where setup.links[desk].account == account && desks[desk].lockdown != nil {
            self.desk(desk, hears: .release, at: now)
            count += 1
        }
        return count
    }

    // MARK: From the log

    /// What was approved since the last record stands in this one.
    mutating func recorded(as number: UInt64) {
        seen = 0
        for index in waiting.indices where waiting[index].record == nil {
            waiting[index].record = number
        }
    }

    /// Gives desks what the log holds now.
    mutating func release(through durable: UInt64, at now: Timestamp) {
        var count = 0
        while count < waiting.count, let record = waiting[count].record, record <= durable {
            switch waiting[count].what {
            case .order(let approved, let desk): self.desk(desk, hears: .order(approved), at: now)
            case .change(let approved):
                if let desk = ledger.home(of: approved.number) {
                    self.desk(desk, hears: .change(approved), at: now)
                }
            }
            count += 1
        }
        waiting.removeFirst(count)
    }

    // MARK: From brokers

    mutating func hear(_ arrival: BrokerLine.Arrival, of desk: Int, at now: Timestamp) {
        switch arrival {
        case .answer(let id, let answer, _):
            if case .failed(let error) = answer, case .rateLimited(let wait) = error.code {
                limiters[desk].refused(wait: wait, at: now)
            }
            self.desk(desk, hears: .answer(id, answer), at: now)
        case .news(let news): self.desk(desk, hears: .news(news), at: now)
        }
    }

    /// What only time brings.
    mutating func pass(to now: Timestamp) {
        guard let wake = wake(), wake <= now else { return }
        isTouched = true
        for index in desks.indices {
            if let wake = desks[index].wake, wake <= now { desk(index, hears: .wake, at: now) }
        }
    }

    private mutating func desk(_ desk: Int, hears input: DeskInput, at now: Timestamp) {
        (isTouched, mayHoldOther) = (true, true)
        desks[desk].handle(input, at: now)
    }

    /// When it wants to be asked again.
    mutating func wake() -> Timestamp? {
        if isTouched {
            isTouched = false
            // Not `desks.map(\.wake)`: that would copy each.
            planned = limiters.compactMap(\.wake).min()
            for index in desks.indices {
                if let wake = desks[index].wake { planned = min(planned ?? wake, wake) }
            }
        }
        return planned
    }

    // MARK: How it stands

    /// Orders that have no final answer, by number.
    var open: [OrderNumber] { ledger.open }
    /// Those, and orders that the books have ended and their brokers have not.
    var unended: [OrderNumber] { (ledger.open + desks.flatMap(\.ghosts)).sorted() }
    /// No order waits for the log, or for an answer.
    var isSettled: Bool { waiting.isEmpty && unended.isEmpty }
}
