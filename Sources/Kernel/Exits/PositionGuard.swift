public import TradingModel

/// Watches one position and leaves it as its plan says: the exit orders of one account and instrument.
///
/// A value without clock. ``next(_:)`` says what is to be done, one thing at a time, from what is held and what
/// works; doing it is told back (``fired(_:)``, ``ordered(_:_:)``, …). So it needs no memory of what was about
/// to be done: after a restart the same question has the same answer. A tier fires once; what it is to sell
/// is asked for until it is sold, whatever becomes of its orders.
public struct PositionGuard: Hashable, Sendable {
    /// An exit order that has not ended.
    public struct Exit: Hashable, Sendable {
        public let number: OrderNumber
        public let tier: Int
        public let limit: Price?
        public internal(set) var open: Quantity
        public internal(set) var isCancelAsked = false
        /// Made for a position that is gone, or before a split: it counts for no tier and is to end.
        public internal(set) var isStale = false
    }
    public let plan: ExitPlan
    /// Of what is held, fees left out; what was sold leaves it as it is.
    public internal(set) var average: Price
    /// All that was bought: parts are parts of it.
    public internal(set) var bought: Quantity
    /// The highest price since the entry.
    public internal(set) var high: Price
    /// The same before the last price: a candle's low meets the stop that hung from it.
    public internal(set) var highBefore: Price
    /// By tier.
    public internal(set) var isFired: [Bool]
    /// By tier.
    public internal(set) var sold: [Quantity]
    /// By number.
    public internal(set) var exits: [Exit] = []
    /// The price before one that nobody believes yet.
    public internal(set) var doubtedSince: Price?
    /// Behind a split: nobody knows the price until one comes.
    public internal(set) var awaitsPrice = false
    /// What that price is held against; `nil`: the last one.
    var heldAgainst: Price?
    /// Its position is gone, and another was opened: nothing fires, and its orders are to end.
    public internal(set) var isOver = false
    /// By tier.
    public internal(set) var tries: [ExitTries]

    public init(_ plan: ExitPlan, price: Price) {
        self.plan = plan
        average = price
        bought = .zero
        high = price
        highBefore = price
        isFired = plan.tiers.map { _ in false }
        sold = plan.tiers.map { _ in .zero }
        tries = plan.tiers.map { _ in ExitTries() }
    }

    // MARK: What happened

    /// - Parameter held: Before the fill. Where nothing was held, the position begins anew.
    public mutating func bought(_ quantity: Quantity, at price: Price, held: Quantity) {
        if !held.isPositive { begin(at: price) }
        let before = Int128(max(0, held.units))
        let all = before + Int128(quantity.units)
        guard all > 0 else { return }
        let cost = Int128(average.units) * before + Int128(price.units) * Int128(quantity.units)
        average = Price(units: Int64(clamping: cost / all))
        bought = (try? bought.adding(quantity)) ?? Quantity(units: .max)
        high = max(high, price)
    }

    private mutating func begin(at price: Price) {
        let orders = exits
        self = PositionGuard(plan, price: price)
        inherit(orders)
    }

    /// Somebody opens the position anew, and has no plan, or none yet.
    mutating func end() {
        isOver = true
        for at in exits.indices { exits[at].isStale = true }
    }

    /// Orders of a position that is gone and have not ended.
    mutating func inherit(_ orders: [Exit]) {
        exits = orders
        for at in exits.indices { exits[at].isStale = true }
    }

    /// An exit order's fill.
    public mutating func sold(_ quantity: Quantity, by number: OrderNumber) {
        guard let at = exits.firstIndex(where: { $0.number == number }) else { return }
        exits[at].open = Quantity(units: max(0, exits[at].open.units - quantity.units))
        let exit = exits[at]
        if !exit.isStale {
            sold[exit.tier] =
                (try? sold[exit.tier].adding(quantity)) ?? Quantity(units: .max)
            tries[exit.tier].sold(isFull: !exit.open.isPositive)
        }
        if !exit.open.isPositive { exits.remove(at: at) }
    }

    public mutating func fired(_ tier: Int) {
        guard isFired.indices.contains(tier) else { return }
        isFired[tier] = true
    }

    public mutating func ordered(_ order: Order, for tier: Int, at time: Timestamp) {
        guard isFired.indices.contains(tier) else { return }
        exits.append(
            Exit(number: order.number, tier: tier, limit: order.limit, open: order.quantity))
        tries[tier].ordered(at: time)
    }

    public mutating func cancelAsked(_ number: OrderNumber) {
        guard let at = exits.firstIndex(where: { $0.number == number }) else { return }
        exits[at].isCancelAsked = true
    }

    /// An exit order is over, filled or not.
    public mutating func ended(_ number: OrderNumber, _ end: ExitTries.End = .other) {
        guard let at = exits.firstIndex(where: { $0.number == number }) else { return }
        let exit = exits.remove(at: at)
        guard !exit.isStale else { return }
        let isStop = plan.tiers[exit.tier].trigger.isStop
        guard exit.isCancelAsked else {
            return tries[exit.tier].ended(end, open: exit.open, isStop: isStop)
        }
        tries[exit.tier].withdrawn(end)
        guard !isStop else { return }
        // What a target held is free.
        for tier in plan.tiers.indices where plan.tiers[tier].trigger.isStop {
            tries[tier].beginAnew()
        }
    }

    /// A market price came: the trailing stop follows it, unless nobody would believe it.
    ///
    /// - Parameter before: The price before it.
    public mutating func saw(_ price: Price, before: Price?) {
        highBefore = high
        (awaitsPrice, heldAgainst) = (false, nil)
        guard price > high, isTrailing else { return }
        if let known = doubtedSince ?? before, !isNear(price, known) { return }
        high = price
    }
    public mutating func saw(_ candle: Candle, before: Price?) {
        saw(max(candle.high, candle.close), before: before)
    }

    /// Where nothing trails, nobody asks for the highest price, and it is not kept.
    private var isTrailing: Bool {
        plan.tiers.indices.contains { plan.tiers[$0].trigger.isTrailing && !isFired[$0] }
    }

    func isNear(_ price: Price, _ other: Price) -> Bool { Self.isNear(price, other, plan.jump) }
    private static func isNear(_ price: Price, _ other: Price, _ jump: Int64) -> Bool {
        let distance = (Int128(price.units) - Int128(other.units)).magnitude
        return distance * 1_000_000 <= Int128(other.units).magnitude * UInt128(jump)
    }

    public mutating func doubted(since price: Price) { doubtedSince = price }
    public mutating func believed() { doubtedSince = nil }

    /// A price that came too far from the one before it, and nobody has confirmed.
    struct Doubt: Hashable {
        var since: Price
        /// What was too far; ``ExitPlan/jump``.
        let jump: Int64

        /// Whether the doubted price is what a split makes of the one before it.
        func isExplained(_ last: Price?, by new: Int64, for old: Int64) -> Bool {
            guard let last, let known = PositionGuard.scaled(since, new, old) else { return false }
            return PositionGuard.isNear(last, known, jump)
        }
        /// What is left of it behind a split; `nil`: nothing, or it is out of range.
        func behindSplit(_ last: Price?, _ new: Int64, for old: Int64) -> Doubt? {
            guard !isExplained(last, by: new, for: old) else { return nil }
            return PositionGuard.scaled(since, new, old).map { Doubt(since: $0, jump: jump) }
        }
    }
    var doubt: Doubt? { doubtedSince.map { Doubt(since: $0, jump: plan.jump) } }

    private static func scaled(_ price: Price, _ new: Int64, _ old: Int64) -> Price? {
        Int64(exactly: Int128(price.units) * Int128(old) / Int128(new)).map(Price.init(units:))
    }

    /// A split: `new` shares for `old`, prices the other way round. Nothing fires by it: the next price is held
    /// against the last one in the new scale, and doubt that the split does not explain stays.
    ///
    /// - Parameter last: The last price, in the scale of before.
    /// - Returns: Whether everything stays in range; otherwise nothing changes.
    @discardableResult
    public mutating func split(_ new: Int64, for old: Int64, last: Price?) -> Bool {
        guard new > 0, old > 0 else { return false }
        func price(_ price: Price) -> Price? { Self.scaled(price, new, old) }
        func quantity(_ quantity: Quantity) -> Quantity? {
            Int64(exactly: Int128(quantity.units) * Int128(new) / Int128(old))
                .map(Quantity.init(units:))
        }
        guard let average = price(average), let high = price(high),
            let highBefore = price(highBefore), let bought = quantity(bought)
        else { return false }
        let isDoubted = doubt.map { !$0.isExplained(last, by: new, for: old) } ?? false
        let known = doubt?.behindSplit(last, new, for: old)?.since
        guard !isDoubted || known != nil else { return false }
        let sold = sold.compactMap(quantity)
        guard sold.count == self.sold.count, average.units > 0 else { return false }
        (self.average, self.high, self.highBefore) = (average, high, highBefore)
        (self.bought, self.sold) = (bought, sold)
        doubtedSince = known
        for tier in tries.indices { tries[tier].beginAnew() }
        awaitsPrice = true
        heldAgainst = heldAgainst.flatMap(price)
        for at in exits.indices { exits[at].isStale = true }
        return true
    }
}
