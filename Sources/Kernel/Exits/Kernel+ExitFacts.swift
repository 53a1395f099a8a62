public import TradingModel

/// How exits change: by facts, and by those of the orders that guards live on.
extension Kernel {
    // MARK: Commands

    /// Holds every exit, or lets them go: held, nothing fires, and what works goes on working.
    public mutating func holdExits(_ on: Bool, reason: String, into effects: inout Effects) {
        guard on != exits.isHeld else { return }
        emit(.exit(.held(on, reason: reason)), into: &effects)
    }

    /// A split: `new` shares for `old`. Positions, prices and plans change their scale, and nothing fires.
    ///
    /// A fraction of a share left over is dropped: it is paid in cash, and reconciliation books it.
    public mutating func split(
        _ instrument: InstrumentID, new: Int64, old: Int64, into effects: inout Effects
    ) {
        guard canSplit(instrument, new: new, old: old) else { return }
        emit(.exit(.split(instrument, new: new, old: old)), into: &effects)
    }

    /// Whether every position and plan of the instrument has a place in the new scale: one that stayed behind in the
    /// old one would sell at once.
    public func canSplit(_ instrument: InstrumentID, new: Int64, old: Int64) -> Bool {
        let index = Int(instrument.index)
        guard new > 0, old > 0, index < books.count else { return false }
        return books[index].desks.allSatisfy { desk in
            let held = Int128(desks[desk].position.units) * Int128(new) / Int128(old)
            guard Int64(exactly: held) != nil else { return false }
            guard exits.isOn, var guarded = exits.guards[desk]?.position else { return true }
            return guarded.split(new, for: old, last: books[index].last)
        }
    }

    /// A person says that a doubted price is the market's.
    public mutating func believe(_ key: DeskKey, into effects: inout Effects) {
        guard exits.isOn, let desk = desk(of: key),
            exits.guards[desk]?.position.doubtedSince != nil
        else { return }
        emit(.exit(.believed(key)), into: &effects)
    }

    // MARK: Views

    /// The guard of a position, if it has one.
    public func positionGuard(of key: DeskKey) -> PositionGuard? {
        guard exits.isOn, let desk = desk(of: key) else { return nil }
        return exits.guards[desk].flatMap { $0.position.isOver ? nil : $0.position }
    }
    public var areExitsHeld: Bool { exits.isHeld }
    /// By nobody but the kill switch.
    public var areExitsHeldByKill: Bool { exits.isHeldByKill }

    // MARK: Facts

    @inline(never)
    mutating func apply(_ fact: ExitFact) {
        switch fact {
        case .armed(let key, let index, let source, let price, let quantity):
            guard exits.isOn, let exitPlan = plan.exits.plan(at: index), let desk = desk(of: key)
            else { return }
            var position = PositionGuard(exitPlan, price: price)
            position.bought(quantity, at: price, held: .zero)
            if candlePath != .atClose, let entrance = exits.entrances[desk],
                let candle = exits.candles[Int(key.instrument.index)],
                candle.openTime == entrance, exits.limitBuys[desk] != entrance
            {
                position.sawEntry(candle.high)
            }
            exits.entrances[desk] = nil
            let old = exits.guards[desk]
            if let old { position.inherit(old.position.exits) }
            // Nothing fires at a price that a split made of another one, whosever plan it is.
            position.awaitsPrice = exits.rescaled.contains(Int(key.instrument.index))
            if exits.openedSinceSplit.contains(desk) { position.heldAgainst = price }
            exits.openings[desk] = nil
            var entry = ExitBook.Entry(position: position, plan: index, source: source)
            // What is over doubted for a position that is gone.
            if index == ExitSettings.everything, let old, !old.position.isOver {
                entry.doubtBefore = old.doubtBefore ?? old.position.doubt
            }
            exits.guards[desk] = entry
            settle(desk)
        case .fired(let key, _, let tier, _): change(key) { $0.fired(tier) }
        case .assigned(let key, let number, let tier, let time):
            guard let machine = order(number) else { return }
            change(key) { $0.ordered(machine.order, for: tier, at: time) }
        case .doubted(let key, _, let since): change(key) { $0.doubted(since: since) }
        case .believed(let key): change(key) { $0.believed() }
        case .held(let on, let reason):
            exits.isHeld = on
            exits.isHeldByKill = on && KillScope.says(reason)
            for desk in exits.guards.indices where exits.guards[desk] != nil { settle(desk) }
        case .halted(let instrument, let on):
            exits.halted.removeAll { $0 == instrument }
            if on { exits.halted.append(instrument) }
            exits.halted.sort()
            guard Int(instrument.index) < books.count, exits.isOn else { return }
            for desk in books[Int(instrument.index)].desks { settle(desk) }
        case .dayLimits(let instrument, let limits):
            exits.dayLimits[Int(instrument.index)] = limits
        case .split(let instrument, let new, let old): applySplit(instrument, new, old)
        case .flattening(let account, let on, _):
            if on { exits.turnOn(desks: desks.count) }
            exits.flattening.removeAll { $0 == account }
            if on { exits.flattening.append(account) } else { endGuardsOfEverything(account) }
        }
    }

    private mutating func change(_ key: DeskKey, _ body: (inout PositionGuard) -> Void) {
        guard exits.isOn, let desk = desk(of: key), var entry = exits.guards[desk] else { return }
        body(&entry.position)
        exits.guards[desk] = entry
        settle(desk)
    }

    private mutating func settle(_ desk: Int) {
        guard exits.guards[desk] != nil else { return }
        exits.stir(desk)
        rearm(Int(desks[desk].key.instrument.index))
    }

    private mutating func applySplit(_ instrument: InstrumentID, _ new: Int64, _ old: Int64) {
        let index = Int(instrument.index)
        guard index < books.count, new > 0, old > 0 else { return }
        // Told of the scale before.
        exits.dayLimits[index] = nil
        let before = books[index].last
        // A price that is doubted stays as it came: mostly it is one behind the split. What was doubted before
        // everything was sold may have come back since, for that doubts nothing.
        let isNew =
            exits.isOn
            && books[index].desks.contains { desk in
                guard let entry = exits.guards[desk] else { return false }
                return entry.position.doubtedSince != nil
                    || entry.doubtBefore?.isExplained(before, by: new, for: old) == true
            }
        if let before, !isNew {
            books[index].last = Price(units: SplitScale.units(before.units, old, for: new))
        }
        if exits.isOn {
            exits.rescaled.insert(index)
            // Every price is heard in full until one has come.
            books[index].awaitsPrice = true
        }
        for desk in books[index].desks {
            let held = desks[desk].position.units
            desks[desk].position = Quantity(units: SplitScale.units(held, new, for: old))
            if exits.isOn, !desks[desk].position.isPositive { exits.forgetOpener(of: desk) }
            guard exits.isOn, exits.guards[desk] != nil else { continue }
            exits.guards[desk]?.position.split(new, for: old, last: before)
            let doubt = exits.guards[desk]?.doubtBefore?.behindSplit(before, new, for: old)
            exits.guards[desk]?.doubtBefore = doubt
            settle(desk)
        }
        if exits.isOn { rearm(index) }
    }

    // MARK: Orders

    /// - Parameter held: Before the fill.
    @inline(never)
    mutating func guardHears(_ fill: Fill, of order: Order, _ desk: Int, held: Quantity) {
        if order.side == .buy, order.limit != nil { exits.limitBuys[desk] = fill.time }
        if !desks[desk].position.isPositive {
            exits.forgetOpener(of: desk)
        } else if !held.isPositive {
            exits.opened(desk, in: order.instrument)
        }
        if order.side == .buy, exits.guards[desk]?.position.isOver ?? true || !held.isPositive {
            return open(fill, of: order, desk, held: held)
        }
        guard exits.guards[desk] != nil else { return }
        if order.side == .buy {
            exits.guards[desk]?.position.bought(fill.quantity, at: fill.price, held: held)
        } else {
            exits.guards[desk]?.position.sold(fill.quantity, by: order.number)
        }
        drop(desk)
    }
    @inline(never)
    mutating func guardHears(endOf number: OrderNumber, _ order: Order, _ end: ExitTries.End) {
        guard let desk = desk(of: order), exits.guards[desk] != nil else { return }
        exits.guards[desk]?.position.ended(number, end)
        drop(desk)
    }
    @inline(never)
    mutating func guardHears(cancelOf number: OrderNumber) {
        guard let order = order(number)?.order, let desk = desk(of: order) else { return }
        exits.guards[desk]?.position.cancelAsked(number)
    }

    /// Nothing held and nothing at work: nothing to guard.
    mutating func drop(_ desk: Int) {
        guard let guarded = exits.guards[desk]?.position, guarded.exits.isEmpty,
            guarded.isOver || !desks[desk].position.isPositive
        else { return settle(desk) }
        exits.guards[desk] = nil
        rearm(Int(desks[desk].key.instrument.index))
    }

    /// A fill opened a position: it has its guard when its step ends, behind the market's events, for they come
    /// before the facts in recovery.
    private mutating func open(_ fill: Fill, of order: Order, _ desk: Int, held: Quantity) {
        let after = desks[desk].position
        guard after.isPositive else { return }
        if !held.isPositive { exits.guards[desk]?.position.end() }
        // Whose fill opens it: others may have ordered since, and may never be filled. Who adds to another's
        // position opens nothing.
        let isNew = !held.isPositive || exits.openers[desk] == nil
        if isNew, exits.openings[desk] == nil, let found = orders.index(of: order.number) {
            exits.openers[desk] = orders.source(at: found)
        }
        if held.isPositive, exits.openings[desk] == nil {
            // From before there were plans: what it cost.
            let cost = Int64(clamping: desks[desk].cost.units / Int128(after.units))
            exits.openings[desk] = PositionGuard(.simple, price: Price(units: cost))
            exits.openings[desk]?.bought(after, at: Price(units: cost), held: .zero)
        } else {
            if exits.openings[desk] == nil {
                exits.entrances[desk] = order.limit == nil ? fill.time : nil
            }
            var opening = exits.openings[desk] ?? PositionGuard(.simple, price: fill.price)
            opening.bought(fill.quantity, at: fill.price, held: held)
            exits.openings[desk] = opening
        }
        exits.stir(desk)
    }

    /// Gives what was opened its guard.
    mutating func arm(_ desk: Int, into effects: inout Effects) {
        guard let opening = exits.openings[desk] else { return }
        let held = desks[desk].position
        let key = desks[desk].key
        let isSoldOut = exits.flattening.contains(key.account)
        guard held.isPositive,
            let source = exits.openers[desk] ?? (isSoldOut ? opener(of: desk) : nil),
            let index = isSoldOut
                ? ExitSettings.everything
                : plan.exits.plan(of: key.instrument, openedBy: source)
        else {
            exits.openings[desk] = nil
            return
        }
        emit(
            .exit(
                .armed(
                    key, plan: index, source: source, price: opening.average,
                    quantity: held)),
            into: &effects)
    }

    func hashExits(into hasher: inout StateHasher) {
        guard exits.isOn else {
            // An account without plans buys nothing of what is halted.
            for instrument in exits.halted { hasher.combine(Int(instrument.index)) }
            return
        }
        hasher.combine(exits.isHeld)
        for account in exits.flattening { hasher.combine(Int(account.index)) }
        for instrument in exits.halted { hasher.combine(Int(instrument.index)) }
        for index in exits.rescaled.sorted() { hasher.combine(index) }
        for desk in exits.openedSinceSplit.sorted() { hasher.combine(desk) }
        for desk in exits.guards.indices {
            if let opener = exits.openers[desk] {
                hasher.combine(desk)
                hasher.combine(Int(opener.index))
            }
            guard let entry = exits.guards[desk] else { continue }
            hasher.combine(desk)
            hasher.combine(Int(entry.source.index))
            hasher.combine(entry.doubtBefore?.since.units ?? .min)
            entry.position.hash(into: &hasher)
        }
    }
}

extension PositionGuard {
    /// What decides; ``highBefore`` follows the bounds, and is not asked behind the price it was for.
    func hash(into hasher: inout StateHasher) {
        hasher.combine(average.units)
        hasher.combine(bought.units)
        hasher.combine(high.units)
        hasher.combine(doubtedSince?.units ?? .min)
        hasher.combine(awaitsPrice)
        hasher.combine(heldAgainst?.units ?? .min)
        hasher.combine(isOver)
        for tier in plan.tiers.indices {
            tries[tier].hash(into: &hasher)
            hasher.combine(isFired[tier])
            hasher.combine(sold[tier].units)
        }
        for exit in exits {
            hasher.combine(exit.number.value)
            hasher.combine(exit.tier)
            hasher.combine(exit.open.units)
            hasher.combine(exit.isCancelAsked)
            hasher.combine(exit.isStale)
        }
    }
}
