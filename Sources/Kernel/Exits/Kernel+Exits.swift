public import TradingModel

/// Guards at work: what they see, what they have done, and what they hear of it.
extension Kernel {
    /// What a guard sees of the market besides the last price.
    struct Sight {
        var before: Price?
        var low: Price
        var high: Price
        /// On a walk through a candle: where it is, which is the last price there is, and how high it came.
        var inside: (price: Price, peak: Price)?
        /// The position was opened inside of the candle: nobody knows what came before.
        var targetsWait = false
    }

    // MARK: The market

    /// A tick at a bound, once the strategies have seen it.
    @inline(never)
    mutating func guardsSee(
        _ tick: Tick, before: Price?, at position: EventPosition, entry: Timestamp,
        into effects: inout Effects
    ) {
        let index = Int(tick.instrument.index)
        exits.priceCame(index, books[index].desks)
        for desk in books[index].desks where exits.guards[desk] != nil {
            let before = exits.guards[desk]?.position.heldAgainst ?? before
            exits.guards[desk]?.position.saw(tick.price, before: before)
            let sight = Sight(before: before, low: tick.price, high: tick.price)
            tend(desk, sight, at: position, now: entry, into: &effects)
        }
        rearm(index)
    }
    mutating func guardsObserve(_ tick: Tick, before: Price?) {
        let index = Int(tick.instrument.index)
        exits.priceCame(index, books[index].desks)
        for desk in books[index].desks where exits.guards[desk] != nil {
            let before = exits.guards[desk]?.position.heldAgainst ?? before
            exits.guards[desk]?.position.saw(tick.price, before: before)
        }
        rearm(index)
    }

    /// A candle tells its range when it ends: a stop goes before a target that it reached too.
    ///
    /// Who bought in it has no guard yet: where in it that was, nobody knows.
    mutating func guardsSee(
        _ candle: Candle, before: Price?, at position: EventPosition, entry: Timestamp,
        into effects: inout Effects
    ) {
        let index = Int(candle.instrument.index)
        guard books[index].isSeenBy(candle) else { return }
        exits.priceCame(index, books[index].desks)
        for desk in books[index].desks {
            guard exits.guards[desk] != nil else { continue }
            let before = exits.guards[desk]?.position.heldAgainst ?? before
            exits.guards[desk]?.position.saw(candle, before: before)
            let sight = Sight(before: before, low: candle.low, high: candle.high)
            tend(desk, sight, at: position, now: entry, into: &effects)
        }
        rearm(index)
    }
    mutating func guardsObserve(_ candle: Candle, before: Price?) {
        let index = Int(candle.instrument.index)
        guard books[index].isSeenBy(candle) else { return }
        exits.candles[index] = (candle.openTime, max(candle.high, candle.close))
        exits.priceCame(index, books[index].desks)
        for desk in books[index].desks {
            let before = exits.guards[desk]?.position.heldAgainst ?? before
            exits.guards[desk]?.position.saw(candle, before: before)
        }
        rearm(index)
    }

    // MARK: Deeds

    /// Whether ``tendExits(at:now:into:)`` has something to do.
    @inlinable @inline(__always) public var hasRestlessExits: Bool {
        exits.isOn && !exits.restless.isEmpty
    }

    /// Has every guard asked at the next event, as behind a restart: recovery leaves none that was asked.
    public mutating func stirExits() {
        guard exits.isOn else { return }
        for desk in exits.guards.indices where exits.guards[desk] != nil { exits.stir(desk) }
    }

    /// Asks the guards that heard of an order, a halt or a person since they were asked last.
    public mutating func tendExits(
        at position: EventPosition, now: Timestamp, into effects: inout Effects
    ) {
        guard !exits.restless.isEmpty else { return }
        let desks = exits.restless
        exits.restless = []
        for desk in desks {
            arm(desk, into: &effects)
            tend(desk, nil, at: position, now: now, into: &effects)
            rearm(Int(self.desks[desk].key.instrument.index))
        }
    }

    /// More than any plan has at once: what is left is done at the next price.
    private static let mostDeeds = 64

    mutating func tend(
        _ desk: Int, _ sight: Sight?, at position: EventPosition, now: Timestamp,
        into effects: inout Effects
    ) {
        var sight = sight
        for _ in 0..<Self.mostDeeds {
            guard let view = surroundings(desk, sight, now),
                let action = exits.guards[desk]?.position.next(view)
            else { return }
            // The price before was looked at: a believed one is not doubted again.
            sight?.before = nil
            guard
                carryOut(
                    action, desk, sight?.inside?.price, at: position, now: now, into: &effects)
            else { return }
        }
    }

    private mutating func surroundings(_ desk: Int, _ sight: Sight?, _ now: Timestamp)
        -> PositionGuard.Surroundings?
    {
        let key = desks[desk].key
        let instrument = Int(key.instrument.index)
        guard let guarded = exits.guards[desk]?.position,
            let last = sight?.inside?.price ?? books[instrument].last
        else { return nil }
        let held = desks[desk].position
        let (free, overflow) = held.units.subtractingReportingOverflow(
            desks[desk].workingSells.units)
        guard !overflow else { return nil }
        let terms = plan.instruments[instrument]
        var view = PositionGuard.Surroundings(
            held: held, free: Quantity(units: free), last: last, now: now, lot: terms.lot,
            ladder: terms.ladder)
        if let sight {
            (view.before, view.low, view.high) = (sight.before, sight.low, sight.high)
            view.peak = sight.inside?.peak
            view.targetsWait = sight.targetsWait
        }
        // Who wants everything sold says so knowing that exits are held.
        view.isHeld = exits.isHeld && exits.guards[desk]?.plan != ExitSettings.everything
        view.isHalted = exits.halted.contains(key.instrument)
        // On the steps of the exchange, whatever was told.
        view.floor = dayLimits(of: key.instrument, at: last).map {
            terms.ladder.rounded($0.lower, for: .sell)
        }
        let own = guarded.exits.reduce(Int64(0)) { $0 + $1.open.units }
        if desks[desk].workingBuys != .zero || desks[desk].workingSells.units > own {
            addOthers(key, guarded, to: &view)
        }
        return view
    }

    private func addOthers(
        _ key: DeskKey, _ guarded: PositionGuard, to view: inout PositionGuard.Surroundings
    ) {
        for machine in orders.machines where !machine.state.isFinal && !machine.isCancelAsked {
            let order = machine.order
            guard order.account == key.account, order.instrument == key.instrument else { continue }
            if order.side == .buy {
                view.buys.append(order.number)
            } else if !guarded.exits.contains(where: { $0.number == order.number }) {
                view.otherSells.append(order.number)
            }
        }
    }

    /// - Returns: Whether something changed.
    private mutating func carryOut(
        _ action: PositionGuard.Action, _ desk: Int, _ inside: Price?,
        at position: EventPosition, now: Timestamp, into effects: inout Effects
    ) -> Bool {
        let key = desks[desk].key
        let last = inside ?? books[Int(key.instrument.index)].last ?? .zero
        switch action {
        case .doubt(let since):
            emit(.exit(.doubted(key, price: last, since: since)), into: &effects)
        case .believe: emit(.exit(.believed(key)), into: &effects)
        case .fire(let tier):
            guard let plan = exits.guards[desk]?.plan else { return false }
            emit(.exit(.fired(key, plan: plan, tier: tier, price: last)), into: &effects)
        case .cancel(let number, let reason):
            guard let machine = order(number), !machine.state.isFinal, !machine.isCancelAsked
            else { return false }
            emit(.cancelAsked(number, reason: reason), into: &effects)
            effects.cancels.append(number)
        case .place(let tier, let quantity, let limit):
            return place(
                tier, quantity, limit, desk, last, at: position, now: now, into: &effects)
        }
        return true
    }

    /// The gate's way for exits: nothing but what is held limits them.
    private mutating func place(
        _ tier: Int, _ quantity: Quantity, _ limit: Price?, _ desk: Int, _ last: Price,
        at position: EventPosition, now: Timestamp, into effects: inout Effects
    ) -> Bool {
        let key = desks[desk].key
        guard let entry = exits.guards[desk] else { return false }
        let free = max(0, desks[desk].position.units) - desks[desk].workingSells.units
        guard quantity.isPositive, quantity.units <= free else { return false }
        let order = Order(
            number: OrderNumber(lastOrder + 1), account: key.account, instrument: key.instrument,
            side: .sell, quantity: quantity, limit: limit)
        let terms = entry.position.plan.tiers[tier]
        let detail = Detail.words(
            "exit \(terms): bought for \(entry.position.average), the price is \(last)")
        emit(
            .risk(
                RiskDecision(
                    desk: key, position: position, approved: true, rule: "exit",
                    detail: .words("sells \(quantity) of \(desks[desk].position) held"))),
            into: &effects)
        emit(
            .ordered(
                OrderDecision(
                    order: order, source: entry.source, position: position, confidence: .full,
                    reference: last, reserved: .zero, detail: detail)),
            into: &effects)
        emit(.exit(.assigned(key, order.number, tier: tier, at: now)), into: &effects)
        effects.orders.append(order)
        return true
    }

    /// Which prices the guards of an instrument must see, besides those its watched seats do.
    mutating func rearm(_ instrument: Int) {
        books[instrument].lower = watches[instrument].lower
        books[instrument].upper = watches[instrument].upper
        // The next price, whatever it is, is one behind the split.
        if !exits.rescaled.isEmpty, exits.rescaled.contains(instrument) {
            (books[instrument].lower, books[instrument].upper) = (.max, .min)
            return
        }
        let lot = plan.instruments[instrument].lot
        for desk in books[instrument].desks {
            guard let guarded = exits.guards[desk]?.position else { continue }
            let bounds = guarded.bounds(lot: lot)
            books[instrument].lower = max(
                books[instrument].lower, bounds?.lower.units ?? .max)
            books[instrument].upper = min(
                books[instrument].upper, bounds?.upper.units ?? .min)
        }
    }
}
