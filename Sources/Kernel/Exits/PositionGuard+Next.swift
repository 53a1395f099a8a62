public import TradingModel

extension PositionGuard {
    /// What the guard is asked with: the desk as it stands, and the market.
    public struct Surroundings {
        public var held: Quantity
        /// Held less every sell that works or is in doubt, exits too.
        public var free: Quantity
        /// Working orders of the desk that are not the guard's and whose end was not asked for.
        public var otherSells: [OrderNumber] = []
        public var buys: [OrderNumber] = []
        public var last: Price
        /// The lowest price since the last question; `last` for a tick.
        public var low: Price
        public var high: Price
        /// The price before; `nil`: none was seen.
        public var before: Price?
        public var now: Timestamp
        public var lot: Quantity
        public var ladder: PriceLadder
        /// The day's lower price limit, where one is known.
        public var floor: Price?
        /// No order may be sent: the instrument is halted.
        public var isHalted = false
        /// A person holds the exits.
        public var isHeld = false
        /// Asked inside of a candle, at `last`: the highest price so far; its high and low are not known yet.
        public var peak: Price?
        /// Targets are not asked.
        public var targetsWait = false

        public init(
            held: Quantity, free: Quantity, last: Price, now: Timestamp, lot: Quantity,
            ladder: PriceLadder
        ) {
            self.held = held
            self.free = free
            self.last = last
            low = last
            high = last
            before = nil
            self.now = now
            self.lot = lot
            self.ladder = ladder
        }
    }
    /// What is to be done next. Told back before the next question.
    public enum Action: Hashable, Sendable {
        /// The price moved too far at once: nothing fires until it is confirmed.
        case doubt(since: Price)
        case believe
        case fire(tier: Int)
        /// A sale; no limit: at the market.
        case place(tier: Int, quantity: Quantity, limit: Price?)
        case cancel(OrderNumber, reason: String)
    }

    /// Whether a cancel with this reason is a guard's.
    public static func says(_ reason: String) -> Bool {
        [nothingHeld, ofBefore, stopFired].contains(reason) || reason.hasPrefix(limitLeft)
    }
    private static let nothingHeld = "nothing is held"
    private static let ofBefore = "what it was made for is over"
    private static let stopFired = "the stop fired"
    private static let limitLeft = "the price left its limit "

    /// What is to be done, or nothing.
    ///
    /// Doubt first; then stops fire, then targets; then orders that stand in the way go, then new ones come.
    public func next(_ now: Surroundings) -> Action? {
        guard now.held.isPositive else { return ending(Self.nothingHeld) }
        if isOver { return ending(Self.ofBefore) }
        // Also where exits are held or doubt a price, or the symbol is halted: they would sell for a plan, or in a
        // scale, that is gone, and at the first price behind the halt.
        if let old = exits.first(where: { $0.isStale && !$0.isCancelAsked }) {
            return .cancel(old.number, reason: Self.ofBefore)
        }
        guard now.last.units > 0, !awaitsPrice else { return nil }
        if let since = doubtedSince {
            guard isNear(now.last, since) else { return nil }
            return .believe
        }
        if let before = now.before, !isNear(now.last, before), mayFire(now) {
            return .doubt(since: before)
        }
        guard !now.isHeld else { return nil }
        if let tier = firing(now) { return .fire(tier: tier) }
        guard !now.isHalted else { return nil }
        return withdrawal(now) ?? placing(now)
    }

    /// Whether a price at or beyond either could change what ``next(_:)`` says; `nil`: any price may.
    ///
    /// What a tick is compared with before anybody is asked.
    public func bounds(lot: Quantity) -> (lower: Price, upper: Price)? {
        var (lower, upper) = (Int64.min, Int64.max)
        if isOver { return (Price(units: lower), Price(units: upper)) }
        guard doubtedSince == nil, !awaitsPrice, tries.allSatisfy({ $0.failures == 0 }) else {
            return nil
        }
        for (tier, isFired) in zip(plan.tiers.indices, isFired) {
            if isFired {
                let orders = exits.filter { $0.tier == tier && !$0.isStale }
                if orders.isEmpty {
                    if isSoldOut(tier, lot) { continue }
                    return nil
                }
                if plan.tiers[tier].trigger.isStop,
                    let highest = orders.compactMap({ $0.limit?.units }).max()
                {
                    lower = max(lower, highest &- 1)
                }
                continue
            }
            let level = level(of: tier).units
            if plan.tiers[tier].trigger.isStop {
                lower = max(lower, level)
            } else {
                upper = min(upper, level)
            }
            if plan.tiers[tier].trigger.isTrailing, high.units < upper { upper = high.units + 1 }
        }
        return (Price(units: lower), Price(units: upper))
    }

    /// The price at which the tier fires.
    ///
    /// A stop's is rounded down and a target's up to 10⁻⁸, as the comparison is.
    public func level(of tier: Int) -> Price { level(of: tier, high: high) }

    func level(of tier: Int, high: Price) -> Price {
        func scaled(_ price: Price, _ part: Int64, up: Bool) -> Price {
            let product = Int128(price.units) * Int128(part)
            let rounded = product / 1_000_000
            let isExact = rounded * 1_000_000 == product
            return Price(units: Int64(clamping: up && !isExact ? rounded + 1 : rounded))
        }
        switch plan.tiers[tier].trigger {
        case .loss(let part): return scaled(average, 1_000_000 - part, up: false)
        case .gain(let part): return scaled(average, 1_000_000 + part, up: true)
        case .trailing(let distance, let start):
            guard start == 0 || high >= scaled(average, 1_000_000 + start, up: true) else {
                return Price(units: .min)
            }
            return scaled(high, 1_000_000 - distance, up: false)
        case .always: return Price(units: .max)
        }
    }

    // MARK: Firing

    /// Doubt is told only where it keeps something from being sold.
    private func mayFire(_ now: Surroundings) -> Bool {
        firing(now) != nil || plan.tiers.indices.contains { isFired[$0] && !isSoldOut($0, now.lot) }
    }

    private func firing(_ now: Surroundings) -> Int? {
        if isRestStopped { return nil }
        return plan.tiers.indices.first { tier in
            guard !isFired[tier] else { return false }
            let level = level(of: tier, high: now.peak.map(high(within:)) ?? high)
            guard plan.tiers[tier].trigger.isStop else {
                return !now.targetsWait && now.high >= level
            }
            if now.peak != nil { return now.last <= level }
            return now.last <= level || now.low <= self.level(of: tier, high: highBefore)
        }
    }

    /// A stop that sells everything has fired: targets have nothing to say any more.
    var isRestStopped: Bool {
        plan.tiers.indices.contains {
            isFired[$0] && plan.tiers[$0].trigger.isStop && plan.tiers[$0].share == .rest
        }
    }

    // MARK: Selling

    /// What the tier has still to sell, orders of its own included; whole lots.
    func left(_ tier: Int, of held: Quantity, lot: Quantity) -> Quantity {
        guard isFired[tier] else { return .zero }
        switch plan.tiers[tier].share {
        case .rest: return held.roundedDown(toMultipleOf: lot)
        case .part(let part):
            // A split or a correction leaves parts of a lot in what was sold.
            let left = Quantity(units: max(0, whole(part, lot).units - sold[tier].units))
            return min(left, held).roundedDown(toMultipleOf: lot)
        }
    }
    private func whole(_ part: Int64, _ lot: Quantity) -> Quantity {
        let whole = Int128(bought.units) * Int128(part) / 1_000_000
        return Quantity(units: Int64(clamping: whole)).roundedDown(toMultipleOf: lot)
    }
    private func isSoldOut(_ tier: Int, _ lot: Quantity) -> Bool {
        guard case .part(let part) = plan.tiers[tier].share else { return false }
        return whole(part, lot).units - sold[tier].units < lot.units
    }
    private func open(_ tier: Int) -> Quantity {
        Quantity(
            units: exits.reduce(0) { sum, exit in
                exit.tier == tier && !exit.isStale ? sum + exit.open.units : sum
            })
    }
    private func ending(_ reason: String) -> Action? {
        exits.first { !$0.isCancelAsked }.map { .cancel($0.number, reason: reason) }
    }

    /// An order that must end: of a stop, with a limit that the price has left; or one in a stop's way.
    private func withdrawal(_ now: Surroundings) -> Action? {
        for tier in plan.tiers.indices where isFired[tier] && plan.tiers[tier].trigger.isStop {
            let left = left(tier, of: now.held, lot: now.lot)
            guard left.isPositive else { continue }
            if let buy = now.buys.first { return .cancel(buy, reason: Self.stopFired) }
            for exit in exits where exit.tier == tier && !exit.isCancelAsked && !exit.isStale {
                guard let limit = exit.limit, now.last < limit, stopLimit(tier, now) < limit else {
                    continue
                }
                return .cancel(exit.number, reason: "\(Self.limitLeft)\(limit)")
            }
            // What the broker does not cover a target of ours may hold.
            let free = min(now.free, tries[tier].bound(lot: now.lot)).units
            guard left.units - open(tier).units > max(0, free) else { continue }
            if let target = exits.first(where: {
                !$0.isCancelAsked && !plan.tiers[$0.tier].trigger.isStop
            }) {
                return .cancel(target.number, reason: Self.stopFired)
            }
            if let other = now.otherSells.first { return .cancel(other, reason: Self.stopFired) }
        }
        return nil
    }

    private func placing(_ now: Surroundings) -> Action? {
        var isStopSelling = false
        for tier in plan.tiers.indices where isFired[tier] {
            let isStop = plan.tiers[tier].trigger.isStop
            if isRestStopped, !isStop { return nil }
            let left = left(tier, of: now.held, lot: now.lot)
            // A target takes nothing that a stop of ours has not got yet.
            if isStop, left.isPositive { isStopSelling = true }
            guard isStop || !isStopSelling, !tries[tier].pauses(at: now.now) else { continue }
            let wanted = left.units - open(tier).units
            // One part at a time: what becomes of it tells how much the next may ask for.
            if tries[tier].most != nil, open(tier).isPositive { continue }
            let bound = tries[tier].bound(lot: now.lot)
            let quantity = Quantity(units: min(wanted, now.free.units, bound.units))
                .roundedDown(toMultipleOf: now.lot)
            guard quantity.isPositive else { continue }
            let limit = isStop ? stopLimit(tier, now) : targetLimit(tier, now)
            return .place(tier: tier, quantity: quantity, limit: limit)
        }
        return nil
    }

    /// Below the last price, so that it fills; never below the day's limit.
    ///
    /// Behind a refusal, in turn, the last price itself: nobody may have told the day's limit, and that price
    /// has just been allowed.
    private func stopLimit(_ tier: Int, _ now: Surroundings) -> Price {
        guard !tries[tier].offersLast else { return now.ladder.rounded(now.last, for: .sell) }
        let units = Int128(now.last.units) * Int128(1_000_000 - plan.protection) / 1_000_000
        var limit = now.ladder.rounded(Price(units: Int64(clamping: units)), for: .sell)
        if let floor = now.floor { limit = max(limit, floor) }
        // A price of one step has no step below it.
        return limit.units > 0 ? limit : now.last
    }
    private func targetLimit(_ tier: Int, _ now: Surroundings) -> Price {
        now.ladder.rounded(level(of: tier), for: .sell)
    }
}
