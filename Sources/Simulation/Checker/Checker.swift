import Kernel
import TradingModel

/// Reads a history and tells which promises it breaks. It knows nothing of kernel, desk or broker but what is written.
///
/// It keeps books of its own: what the host decided that no crash has undone, and what the brokers really did.
package struct Checker {
    /// An intent as the host decided it, with what became of it on both sides.
    struct Intent {
        var approval: Happening.Approval
        var record: UInt64
        var time: Timestamp
        var isSent = false
        /// Whether the host doubted it, and where that stands.
        var doubts: [(on: Bool, record: UInt64)] = []
        /// Where the host wrote down the broker's number.
        var acknowledged: UInt64?
        var bookings: [Booking] = []
        var end: (state: String, record: UInt64, time: Timestamp)?
        /// Where the host first wrote down that its end is wanted.
        var wished: UInt64?
        /// Since when it is too old by what the host saw, and not asked to end.
        var overdue: Timestamp?
        var isExit = false
        /// In the order in which they were asked for.
        var changes: [Change] = []
        /// As it is now: with the changes that were taken.
        var order: Order {
            changes.last { $0.outcome?.isTaken == true }
                .map { approval.order.changed(to: $0.to) } ?? approval.order
        }
        var isDoubtful: Bool { doubts.last?.on ?? false }
        mutating func doubt(_ on: Bool, _ record: UInt64) {
            if on != isDoubtful { doubts.append((on, record)) }
        }
        /// What was known behind a record that is lost is doubted as before.
        mutating func forgetDoubts(behind kept: UInt64) { doubts.removeAll { $0.record > kept } }
        var isKnown: Bool { acknowledged != nil || !bookings.isEmpty }
        var booked: Int64 { bookings.reduce(0) { $0 + $1.fill.quantity.units } }
        /// What may still fill, as far as the host knows.
        var open: Int64 { end == nil ? max(0, whole - booked) : 0 }
    }
    struct Booking {
        let fill: Fill
        let record: UInt64
    }
    /// What the brokers did for an intent.
    struct Truth {
        var order: Order
        var orders: [(broker: Int, id: BrokerOrderID)] = []
        var fills: [Fill] = []
        var isOpen = false
        var broker = 0
        var filled: Int64 { fills.reduce(0) { $0 + $1.quantity.units } }
    }
    let terms: History.Terms
    package private(set) var violations: [Violation] = []
    var at = 0
    var now = Timestamp.zero
    var durable: UInt64 = 0
    var intents: [OrderNumber: Intent] = [:]
    var truths: [OrderNumber: Truth] = [:]
    /// Whose the host holds a broker's order to be: of two that look alike it may take either.
    var claims: [BrokerOrderID: OrderNumber] = [:]
    /// By instrument, of the host's bookings that stand.
    var position: [Int64]
    var cash: Int128
    /// By broker and instrument.
    var held: [[Int64]]
    /// Kills and lifts that stand, with their records.
    var kills: [(on: Bool, record: UInt64)] = []
    /// Of sources.
    var partKills: [(source: SourceID, on: Bool, record: UInt64)] = []
    var flattenings: [(on: Bool, record: UInt64)] = []
    var callOrders: [UInt64: OrderNumber] = [:]
    /// Changes that were written, by call.
    var callChanges: [UInt64: OrderNumber] = [:]
    var hasRested = false
    /// By instrument.
    var exits: [ExitBooks]
    var holds: [(on: Bool, record: UInt64)] = []
    var watch: WatchBooks
    var trading = TradingBooks()
    var ghosts = GhostBooks()
    var starts = StartBooks()
    /// That no crash has undone.
    var corrections: [(correction: Correction, record: UInt64)] = []

    init(_ terms: History.Terms) {
        self.terms = terms
        position = terms.instruments.map { _ in 0 }
        exits = terms.instruments.map { _ in ExitBooks() }
        watch = WatchBooks(instruments: terms.instruments.count)
        held = terms.brokers.map { _ in terms.instruments.map { _ in 0 } }
        cash = terms.cash.units
    }

    /// - Returns: What the history breaks, in its order.
    package static func check(_ history: History) -> [Violation] {
        var checker = Checker(history.terms)
        for (index, entry) in history.entries.enumerated() {
            (checker.at, checker.now) = (index, entry.time)
            checker.read(entry.what)
        }
        checker.finish()
        return checker.violations
    }

    mutating func violate(_ rule: Violation.Rule, _ what: String) {
        violations.append(Violation(rule, what, at: at))
    }

    private mutating func read(_ what: Happening) {
        switch what {
        case .approved(let approval, let record): approved(approval, record)
        case .acknowledged(let number, let id, let record):
            checkOwner(of: id, number)
            claim(id, number)
            intents[number]?.doubt(false, record)
            intents[number]?.acknowledged = record
        case .booked(let booked, let record): book(booked, record)
        case .doubted(let number, _, let record): intents[number]?.doubt(true, record)
        case .ended(let number, let state, _, let record):
            intents[number]?.doubt(false, record)
            if intents[number]?.end == nil { intents[number]?.end = ("\(state)", record, now) }
        case .killed(let on, let record): kills.append((on, record))
        case .partKilled(let source, let on, let record): partKills.append((source, on, record))
        case .flattening(let on, let record): flattening(on, record)
        case .soldOut(let instrument, _, let record): soldOut(instrument, record)
        case .limitPassed(let limit, let instrument, let record): passed(limit, instrument, record)
        case .priced(let instrument, let price, let record):
            watch(instrument, price, record)
            checkAges()
        case .assigned(let number): intents[number]?.isExit = true
        case .wished(let number, let reason, let record): wished(number, reason, record)
        case .came(let instrument, let price, let record):
            exits[Int(instrument.index)].saw(record)
            trading.prices.append((instrument, price, now, record))
        case .tradingHalted(let instrument, let on, let record):
            trading.halts.append((instrument, on, record))
        case .dayLimited(let instrument, let limits, let record):
            trading.limits.append((instrument, limits, record))
        case .saw(let instrument, let price): saw(instrument, price)
        case .guarded(let instrument, let on): exits[Int(instrument.index)].isGuarded = on
        case .exitFired(let instrument, let tier, let price, let record):
            fired(instrument, tier, price, record)
        case .exitsHeld(let on, let record): holds.append((on, record))
        case .split(let instrument, let new, let old):
            split(instrument, new, old)
            forgetPrices()
        case .rescaled(let instrument, let new, let old, let record):
            rescaled(instrument, new, old, record)
            trading.limits.append((instrument, nil, record))
            trading.splits.append((instrument, record))
            forgetPrices()
        case .dealt(let broker, let instrument, let quantity, _):
            dealt(broker, instrument, quantity)
        case .corrected(let correction, let record): corrected(correction, record)
        case .compared(let broker, let differing): starts.compared(broker, differing)
        case .changeAsked(let change, let record): changeAsked(change, record)
        case .changeTaken(let number, let change, let id, let record):
            changeEnded(number, change, isTaken: true, id, record)
        case .changeRefused(let number, let change, _, let record):
            changeEnded(number, change, isTaken: false, nil, record)
        case .free(let free, let number): checkFree(free, of: number)
        case .changeSent(let call, _, let number, let change):
            callChanges[call] = number
            changeSent(number, change)
        case .altered(_, let id, let former, let order): altered(order, id, former)
        case .durable(let record): durable = max(durable, record)
        case .handed(_, let broker, let number): handed(number, broker)
        case .ghost(let number, let on, let record):
            ghosts.noted[number, default: []].append((on, record))
        case .ghostKnown(let number, let on, let record):
            ghosts.known[number, default: []].append((on, record))
        case .ghostsRestored(let numbers): restored(numbers)
        case .ghostWaits(let number, true): ghosts.waiting.insert(number)
        case .ghostWaits(let number, false): ghosts.waiting.remove(number)
        case .sent(let call, let broker, let order, _): sent(order, call, broker)
        case .answered(let call, _, let outcome): answered(call, outcome)
        case .accepted(let broker, let id, let order): accepted(order, broker, id)
        case .filled(let broker, let id, let order, let fill): filled(order, id, fill, broker)
        case .cancelled(_, let id, let order, _):
            truths[claims[id] ?? order.number]?.isOpen = false
        case .started: starts.started()
        case .crashed(let kept, _, _): crashed(kept)
        case .recovered(let same, _, _):
            if !same { violate(.recovery, "the state after recovery is another one") }
        case .rested(let rest): rested(rest)
        case .hung(let what): violate(.rest, what)
        default: break
        }
    }

    /// What the log lost has not been decided.
    private mutating func crashed(_ kept: UInt64) {
        checkRows(behind: kept)
        durable = kept
        crashedExits(kept)
        crashedWatch(kept)
        trading.crashed(kept)
        ghosts.crashed(kept)
        crashedCorrections(kept)
        for (number, intent) in intents {
            if intent.record > kept {
                intents[number] = nil
                continue
            }
            intents[number]?.bookings.removeAll { $0.record > kept }
            if let end = intent.end, end.record > kept { intents[number]?.end = nil }
            if let wished = intent.wished, wished > kept { intents[number]?.wished = nil }
            // Nobody looks while nobody is there.
            intents[number]?.overdue = nil
            if let known = intent.acknowledged, known > kept { intents[number]?.acknowledged = nil }
            intents[number]?.forgetChanges(behind: kept)
            intents[number]?.forgetDoubts(behind: kept)
            // Sent and without a number: the next life cannot know.
            if let left = intents[number], left.isSent, !left.isKnown, left.open > 0 {
                intents[number]?.doubt(true, kept)
            }
        }
        kills.removeAll { $0.record > kept }
        partKills.removeAll { $0.record > kept }
        flattenings.removeAll { $0.record > kept }
        rebuildBooks()
    }

    private mutating func rebuildBooks() {
        position = position.map { _ in 0 }
        cash = terms.cash.units
        for intent in intents.values {
            for booking in intent.bookings { move(booking.fill, intent.approval.order) }
        }
        applyCorrections()
        guard terms.exits != nil else { return }
        position = exits.map(\.held)
    }

    mutating func move(_ fill: Fill, _ order: Order) {
        let signed = fill.quantity.units * order.side.sign
        position[Int(order.instrument.index)] += signed
        cash -= Int128(fill.price.units) * Int128(signed) + fill.fee.units
    }

    var isKilled: Bool { kills.last?.on ?? false }
    var isFlattening: Bool { flattenings.last?.on ?? false }
    func isKilled(_ source: SourceID) -> Bool {
        partKills.last { $0.source == source }?.on ?? false
    }

    func symbol(_ instrument: InstrumentID) -> String {
        let index = Int(instrument.index)
        return terms.instruments.indices.contains(index)
            ? terms.instruments[index].symbol : "instrument \(index)"
    }
}
