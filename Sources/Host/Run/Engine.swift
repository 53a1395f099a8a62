package import Kernel
package import PaperExchange
import Ports
package import TradingModel

/// Kernel and paper exchange, step by step: what live, replay, backtest and recovery share. Pure.
///
/// Order inside a step: fills of waiting orders, then the market's events, then results, then rounds, then
/// new orders to the exchange, which fill from the next input at the earliest.
package struct Engine: ~Copyable {
    package internal(set) var kernel: Kernel
    var exchange: PaperExchange
    /// Facts of the step so far; emptied by ``takeFacts(into:)``.
    var effects = Effects()
    private var updates = 0
    /// Of `updates`, those in records of the step that were taken already.
    private var recordedUpdates = 0
    /// Orders go to brokers outside, and the exchange has none.
    let isRouted: Bool
    /// The wall's time less the clock that steps enter by, ns; 0 where time is simulated.
    var wallOffset: Int64 = 0
    /// Guards and exchange that answer each other for longer never come to an end; the simulation counts as many.
    package static let mostTurns = 10_000
    var mostTurns = Self.mostTurns
    /// What does not end, for who can halt; the step was ended.
    private(set) var unrest: String?

    /// - Parameter isRouted: Orders are taken by ``takeWishes()``, and reports come by ``hear(_:)``.
    package init(
        _ plan: KernelPlan, _ settings: PaperExchange.Settings, isRouted: Bool = false
    ) {
        self.isRouted = isRouted
        kernel = Kernel(plan)
        // A broker outside fills when it does: exits look at a candle that has ended.
        if !isRouted { kernel.candlePath = settings.candlePath }
        exchange = PaperExchange(
            settings, lots: plan.instruments.map(\.lot), ladders: plan.instruments.map(\.ladder))
    }

    package mutating func begin(_ step: borrowing Step, entry: Timestamp) {
        updates = 0
        recordedUpdates = 0
        note(entry)
        if let at = step.inputAt {
            // A tick mostly meets no order.
            if case .tick(let tick) = step.events[at].kind, exchange.isIdle(tick.instrument) {
                exchange.note(tick)
            } else if kernel.candlePath != .atClose, kernel.hasExits,
                case .candle(let candle) = step.events[at].kind, candle.isFinal
            {
                pass(candle, at: step.events[at].position, entry: entry)
            } else {
                fill(step)
            }
        }
        for index in step.events.indices {
            // Mostly a tick, read where it stands: an event is long to copy.
            if case .tick(let tick) = step.events[index].kind {
                let position = step.events[index].position
                kernel.handle(tick, at: position, entry: entry, into: &effects)
            } else {
                kernel.handle(step.events[index], entry: entry, into: &effects)
            }
        }
        if isAnyExitRestless { tendExits(at: step.last, now: entry) }
    }

    /// Of what is decided next; in recovery of the record at hand.
    @inline(__always)
    mutating func note(_ time: Timestamp) {
        kernel.note(time.advanced(by: Nanoseconds(wallOffset)))
    }

    @inline(__always) var isAnyExitRestless: Bool {
        !isRouted && (kernel.hasRestlessExits || !effects.cancels.isEmpty)
    }

    /// Guards of positions at brokers outside: what they want is among ``takeWishes()``.
    mutating func tendExitsOutside(at position: EventPosition, now: Timestamp) {
        if kernel.hasRestlessExits { kernel.tendExits(at: position, now: now, into: &effects) }
    }

    /// Lets guards and exchange answer each other until neither has anything to say, or it is plain that they never will.
    @inline(never)
    mutating func tendExits(at position: EventPosition, now: Timestamp) {
        var left = mostTurns
        while isAnyExitRestless {
            guard left > 0 else { return noteUnrest() }
            left -= 1
            cancelOrders()
            kernel.tendExits(at: position, now: now, into: &effects)
        }
    }

    /// Whose end is wanted ends: nobody would ask for it again.
    mutating func noteUnrest() {
        defer { cancelOrders() }
        let cancels = effects.cancels.map { "\($0)" }.joined(separator: ", ")
        unrest =
            "exits and their orders answered each other \(mostTurns) times in one step"
            + (cancels.isEmpty ? "" : "; at the last the end was wanted of order \(cancels)")
            + (effects.facts.last.map { "; the last fact was \($0)" } ?? "")
    }

    mutating func takeUnrest() -> String? { unrest.take() }

    /// The paper exchange cancels at once; what has not reached it yet is withdrawn.
    mutating func cancelOrders() {
        // A broker outside hears of them with what else the kernel wants.
        guard !isRouted else { return }
        let numbers = effects.cancels
        effects.cancels.removeAll(keepingCapacity: true)
        for number in numbers {
            guard let order = kernel.order(number)?.order else { continue }
            effects.orders.removeAll { $0.number == number }
            let report = exchange.cancel(number, of: order.instrument, reason: "as asked")
            kernel.handle(
                report ?? .cancelled(number, reason: "withdrawn before it was sent"),
                into: &effects)
        }
    }

    @inline(never)
    private mutating func fill(_ step: borrowing Step) {
        guard let input = step.input, var visit = exchange.visit(input) else { return }
        fill(&visit)
    }

    mutating func fill(_ visit: inout PaperExchange.Visit) {
        while let order = exchange.next(of: &visit) {
            let funds = order.side == .buy ? kernel.funds(for: order) : nil
            let outcome = exchange.fill(&visit, funds: funds)
            if let fill = outcome.fill { kernel.handle(fill, into: &effects) }
            if let shortage = outcome.shortage {
                kernel.handle(.cancelled(order.number, reason: shortage.reason), into: &effects)
            }
        }
    }

    /// Fills what waits for a tick that begins a step.
    @inline(never)
    mutating func fill(_ tick: Tick) {
        updates = 0
        var visit = exchange.visit(tick)
        fill(&visit)
    }

    /// - Parameter kind: Of the event it was computed from.
    mutating func hear(_ result: ServerResult, of kind: EventClass = .ticks, now: Timestamp) {
        note(now)
        kernel.handle(result, of: kind, now: now, into: &effects)
    }

    /// Closes every open round: each source has been waited for.
    package mutating func closeRounds(at position: EventPosition, now: Timestamp) {
        note(now)
        kernel.endStep(at: position, now: now, into: &effects)
    }

    /// Closes rounds whose deadline has come.
    mutating func advance(to now: Timestamp, at position: EventPosition) {
        note(now)
        kernel.advance(to: now, at: position, into: &effects)
    }
    mutating func cover(
        _ source: SourceID, shard: Int = 0, through position: EventPosition, now: Timestamp
    ) {
        note(now)
        kernel.cover(source, shard: shard, through: position, now: now, into: &effects)
    }
    mutating func setLive(
        _ live: Bool, _ source: SourceID, shard: Int = 0, at position: EventPosition,
        now: Timestamp
    ) {
        note(now)
        kernel.setLive(live, source, shard: shard, at: position, now: now, into: &effects)
    }
    mutating func expireAll(at position: EventPosition) {
        kernel.expireAll(at: position, into: &effects)
    }
    mutating func closeCovered(at position: EventPosition, now: Timestamp) {
        note(now)
        kernel.closeCoveredRounds(at: position, now: now, into: &effects)
    }

    func hasOpenRound(_ desk: DeskKey) -> Bool { kernel.hasOpenRound(desk) }
    /// Closes one desk's round, if it is open.
    mutating func closeRound(of desk: DeskKey, at position: EventPosition, now: Timestamp) {
        kernel.closeRound(of: desk, at: position, now: now, into: &effects)
    }

    /// Ends the votes of those who are not attached any more, or otherwise.
    mutating func endVotes(outside plan: KernelPlan) {
        kernel.endVotes(outside: plan, into: &effects)
    }

    /// Turns the kill switch; on, it also cancels working buys and withdraws those not sent yet.
    ///
    /// - Returns: How many buys were cancelled or withdrawn. Nothing changes where it stands so already.
    mutating func kill(_ on: Bool, _ scope: KillScope = .all, reason: String) -> Int {
        guard on != kernel.isKilled(scope) else { return 0 }
        let count = kernel.kill(on, scope, reason: reason, into: &effects)
        guard scope == .all else {
            cancelOrders()
            return count
        }
        guard on else { return 0 }
        // The desks of brokers outside hear of the switch themselves.
        if isRouted {
            return kernel.workingOrders().count { $0.order.side == .buy }
        }
        return withdrawBuys("the kill switch") { _ in true }
    }

    /// Ends working buys of accounts whose state does not let them open any more.
    ///
    /// - Returns: How many.
    mutating func withdrawBuys(forbiddenBy plan: KernelPlan) -> Int {
        withdrawBuys("the account's state") { order in
            switch plan.limits(of: Int(order.account.index)).state ?? .normal {
            case .normal: false
            case .marketOnly: order.limit != nil
            case .reducing, .halted: true
            }
        }
    }

    /// - Parameter reason: Who asks, as the orders' ends tell it.
    private mutating func withdrawBuys(_ reason: String, of isMeant: (Order) -> Bool) -> Int {
        let buys = kernel.workingOrders().map(\.order).filter {
            $0.side == .buy && isMeant($0)
        }
        for order in buys {
            guard !isRouted else {
                kernel.cancel(order.number, reason: reason, into: &effects)
                continue
            }
            effects.orders.removeAll { $0.number == order.number }
            let report = exchange.cancel(order.number, of: order.instrument, reason: reason)
            kernel.handle(
                report ?? .cancelled(order.number, reason: "withdrawn by \(reason)"),
                into: &effects)
        }
        return buys.count
    }

    /// Sends what was ordered. The exchange answers at once.
    package mutating func sendOrders() {
        guard !isRouted, !effects.orders.isEmpty else { return }
        for index in effects.orders.indices {
            let number = effects.orders[index].number
            if let reason = exchange.place(effects.orders[index]) {
                kernel.handle(.rejected(number, reason: reason), into: &effects)
            } else {
                kernel.accept(number, as: BrokerOrderID(paper: number), into: &effects)
            }
        }
        effects.orders.removeAll(keepingCapacity: true)
    }

    // MARK: Brokers outside

    /// What a broker outside says.
    mutating func hear(_ report: BrokerReport) { kernel.handle(report, into: &effects) }

    /// Orders approved and ends wanted since the last call.
    mutating func takeWishes() -> (
        orders: [Order], cancels: [OrderNumber], changes: [ChangeWish]
    ) {
        guard !effects.orders.isEmpty || !effects.cancels.isEmpty || !effects.changes.isEmpty
        else { return ([], [], []) }
        let wishes = (effects.orders, effects.cancels, effects.changes)
        effects.changes.removeAll(keepingCapacity: true)
        effects.orders.removeAll(keepingCapacity: true)
        effects.cancels.removeAll(keepingCapacity: true)
        return wishes
    }

    mutating func cancel(_ number: OrderNumber, reason: String) {
        kernel.cancel(number, reason: reason, into: &effects)
    }

    /// - Returns: Why not; `nil`: done.
    mutating func correct(_ order: CorrectionOrder) -> String? {
        kernel.correct(order, into: &effects)
    }

    /// Asks for other terms of an order at a broker outside.
    mutating func change(
        _ number: OrderNumber, limit: Price?, quantity: Quantity?, at position: EventPosition
    ) -> ChangeAnswer {
        kernel.change(
            number, limit: limit, quantity: quantity, at: position, into: &effects)
    }

    /// Behind a restart: so many of the step in hand were told before it, and numbers go on behind theirs.
    mutating func told(updates count: Int) { (updates, recordedUpdates) = (count, count) }

    /// Takes a fact as given that changes nothing.
    mutating func note(_ fact: Fact) { effects.facts.append(fact) }

    /// Of the record in hand so far.
    var facts: [Fact] { effects.facts }
    var hasFacts: Bool { !effects.facts.isEmpty }

    /// The facts since the last call, in order.
    ///
    /// - Parameter facts: The caller's, used again: what it held is dropped.
    package mutating func takeFacts(into facts: inout [Fact]) {
        if !facts.isEmpty { facts.removeAll(keepingCapacity: true) }
        guard !effects.facts.isEmpty else { return }
        if isRouted { recordedUpdates = updates }
        swap(&facts, &effects.facts)
        effects.removeAll()
    }

    /// Fills among the facts of `step` so far, as account updates with their positions; each once.
    mutating func newAccountUpdates(of step: UInt64) -> [(EventPosition, AccountID, AccountUpdate)]
    {
        var found: [(EventPosition, AccountID, AccountUpdate)] = []
        var count = recordedUpdates
        for fact in effects.facts {
            guard case .filled(let fill, let booking) = fact,
                let order = kernel.order(fill.order)?.order
            else { continue }
            count += 1
            guard count > updates else { continue }
            let position = EventPosition(
                step: step, index: EventPosition.firstAccountIndex + count - 1)
            found.append((position, order.account, AccountUpdate(fill, booking, order)))
        }
        updates = count
        return found
    }

    // MARK: Recovery

    /// What an event changes besides decisions.
    mutating func observe(_ step: Step) {
        if let input = step.input { exchange.pass(input) }
        for event in step.events { kernel.observe(event) }
    }

    /// A recorded fact, for kernel and exchange alike.
    mutating func apply(_ fact: Fact) {
        kernel.apply(fact)
        guard !isRouted else { return }
        switch fact {
        case .ordered(let decision): _ = exchange.submit(decision.order)
        case .acted(let action): _ = exchange.submit(action.decision.order)
        case .filled(let fill, _):
            guard let order = kernel.order(fill.order)?.order else { return }
            exchange.apply(fill, of: order.instrument)
        case .orderEnded(let number, _, let reason):
            guard let order = kernel.order(number)?.order else { return }
            _ = exchange.cancel(number, of: order.instrument, reason: reason)
        default: break
        }
    }

    func stateHash() -> UInt64 {
        var hasher = StateHasher()
        hasher.combine(kernel.stateHash())
        exchange.hash(into: &hasher)
        return hasher.value
    }
}

extension AccountUpdate {
    init(_ fill: Fill, _ booking: Booking, _ order: Order) {
        let held = booking.positionAfter
        let average =
            held.units == 0
            ? Price.zero
            : Price(units: Int64(clamping: booking.costAfter.units / Int128(held.units)))
        self.init(
            instrument: order.instrument, side: order.side, price: fill.price,
            quantity: fill.quantity,
            fee: fill.fee, held: held, averagePrice: average, cash: booking.cashAfter,
            time: fill.time)
    }
}
