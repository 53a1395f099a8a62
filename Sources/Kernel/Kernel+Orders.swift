public import TradingModel

extension Kernel {
    /// An order that the gate let through, with what it was decided on.
    struct Approval {
        let order: Order
        let reference: Price
        let reserved: Money
        let freeCash: Money

        @inline(__always)
        func decision(
            on vote: Vote, at position: EventPosition, _ detail: consuming Detail
        ) -> OrderDecision {
            OrderDecision(
                order: order, source: vote.source, position: position,
                confidence: vote.confidence, reference: reference, reserved: reserved,
                detail: detail)
        }
    }
    /// What became of an intent.
    enum Intent {
        case approved(Approval)
        /// - Parameter told: The same for the vote, which names the rule of the gate.
        case dropped(rule: String, why: String, told: String)
    }

    /// Sizes the intent and asks the gate.
    mutating func order(for vote: Vote, side: Side, _ desk: Int) -> Intent {
        let key = desks[desk].key
        let instrument = Int(key.instrument.index)
        let quantity: Quantity
        switch size(of: vote, side: side, desk: desk) {
        case .failure(let dropped):
            return .dropped(rule: "sizing", why: dropped.why, told: dropped.why)
        case .success(let sized): quantity = sized
        }
        let limit = vote.limit.map { plan.instruments[instrument].ladder.rounded($0, for: side) }
        let order = Order(
            number: OrderNumber(lastOrder + 1), account: key.account, instrument: key.instrument,
            side: side, quantity: quantity, limit: limit)
        var view = riskView(desk, order, vote)
        look(desk, order, vote, in: &view)
        if let (rule, why) = gates[Int(key.account.index)].judge(order, &view) {
            return .dropped(rule: rule, why: why, told: "\(rule): \(why)")
        }
        let last = books[instrument].last ?? .zero
        return .approved(
            Approval(
                order: order, reference: last,
                reserved: side == .buy
                    ? gates[Int(key.account.index)].need(limit ?? last, quantity) ?? .zero : .zero,
                freeCash: view.freeCash))
    }

    struct Dropped: Error { let why: String }

    private mutating func size(of vote: Vote, side: Side, desk: Int) -> Result<Quantity, Dropped> {
        let lot = plan.instruments[Int(desks[desk].key.instrument.index)].lot
        let held = desks[desk].position
        if side == .buy, !vote.addsToPosition {
            if held != .zero { return .failure(Dropped(why: "already holds \(held)")) }
            if desks[desk].workingBuys != .zero {
                return .failure(Dropped(why: "already buying \(desks[desk].workingBuys)"))
            }
        }
        // Short by a late fill: then nothing is free.
        let free = Quantity(units: max(0, held.units) - desks[desk].workingSells.units)
        if side == .sell, !free.isPositive {
            return .failure(Dropped(why: held == .zero ? "nothing held" : "all held is being sold"))
        }
        var wanted: Quantity
        switch vote.size {
        case .attachment: wanted = vote.quantity
        case .quantity(let quantity): wanted = quantity
        case .fraction(let millionths):
            guard side == .sell else {
                return .failure(Dropped(why: "a fraction sizes sales only"))
            }
            wanted = Quantity(
                units: Int64(clamping: Int128(held.units) * Int128(millionths) / 1_000_000))
        case .targetWeight(let millionths):
            guard let sized = quantity(forWeight: millionths, side: side, desk: desk) else {
                return .failure(Dropped(why: "no price or equity for a target weight"))
            }
            wanted = sized
        }
        if side == .sell { wanted = min(wanted, free) }
        wanted = wanted.roundedDown(toMultipleOf: lot)
        guard wanted.isPositive else {
            return .failure(Dropped(why: "less than one lot of \(lot)"))
        }
        return .success(wanted)
    }

    /// The distance from what is held to the weight's worth, on the side asked; zero if it is on the other.
    ///
    /// What works on that side counts as done: a target said again is no second order.
    private mutating func quantity(forWeight millionths: Int64, side: Side, desk: Int) -> Quantity?
    {
        let key = desks[desk].key
        guard let last = books[Int(key.instrument.index)].last, last.units > 0,
            let equity = equity(of: key.account)
        else { return nil }
        let (worth, overflow) = (equity.units / 1_000_000).multipliedReportingOverflow(
            by: Int128(millionths))
        guard !overflow else { return nil }
        let target = Int128(Int64(clamping: worth / Int128(last.units)))
        let held = Int128(desks[desk].position.units)
        let distance =
            side == .buy
            ? target - held - Int128(desks[desk].workingBuys.units)
            : held - Int128(desks[desk].workingSells.units) - target
        return Quantity(units: Int64(clamping: max(0, distance)))
    }

    // Made where it is looked at, and filled there by `look`: it is long to copy.
    @inline(__always)
    private mutating func riskView(_ desk: Int, _ order: Order, _ vote: Vote) -> RiskGate.View {
        let key = desks[desk].key
        let account = Int(key.account.index)
        return RiskGate.View(
            killed: kills.stop(key.account, vote.source),
            freeCash: accounts[account].cash - accounts[account].reserved,
            equity: order.side == .buy ? Self.equity(of: account, accounts, desks, books) : nil,
            equityAtDayStart: accounts[account].equityAtDayStart,
            held: desks[desk].position, workingBuys: desks[desk].workingBuys,
            workingSells: desks[desk].workingSells,
            inDoubt: doubtful.isEmpty ? nil : orderInDoubt(at: key),
            otherSymbols: accounts[account].active.count { $0 != desk },
            last: books[Int(key.instrument.index)].last)
    }

    private mutating func look(
        _ desk: Int, _ order: Order, _ vote: Vote, in view: inout RiskGate.View
    ) {
        let account = Int(order.account.index)
        see(order.instrument, account, in: &view)
        guard order.side == .buy else { return }
        view.peak = accounts[account].peak
        if !accounts[account].passed.isEmpty {
            view.isPastDayLoss = accounts[account].isPast(.dayLoss)
            view.isPastDrawdown = accounts[account].isPast(.drawdown)
        }
        view.boughtToday = accounts[account].boughtToday
        view.reserved = accounts[account].reserved
        view.confidence = Int64(vote.confidence.millionths)
        if gates[account].limits.readsHistory {
            let recent = accounts[account].recent
            view.recentBuys = recent.count(within: .seconds(60), of: clock)
            view.twinAge = recent.age(of: order, at: clock)
            view.failureAge = recent.ageOfFailure(in: order.instrument, at: clock)
        }
    }

    /// Whether and how the instrument trades.
    mutating func see(_ instrument: InstrumentID, _ account: Int, in view: inout RiskGate.View) {
        if !exits.halted.isEmpty { view.isHalted = exits.halted.contains(instrument) }
        view.awaitsPrice = books[Int(instrument.index)].awaitsPrice
        if !exits.dayLimits.isEmpty { view.dayLimits = dayLimits(of: instrument) }
        if gates[account].limits.priceAge != nil {
            view.priceAge = priceAge(Int(instrument.index))
        }
    }

    /// The first order of the desk whose outcome is unknown. Mostly there is none anywhere.
    @inline(never)
    mutating func orderInDoubt(at key: DeskKey) -> RiskGate.View.Doubt? {
        for number in doubtful {
            guard let machine = order(number), machine.order.account == key.account,
                machine.order.instrument == key.instrument
            else { continue }
            return RiskGate.View.Doubt(machine)
        }
        return nil
    }

    /// Asks for the end of an order. Harmless when repeated; of one that has ended nothing happens.
    public mutating func cancel(
        _ number: OrderNumber, reason: String, into effects: inout Effects
    ) {
        guard let machine = order(number), !machine.state.isFinal, !machine.isCancelAsked
        else { return }
        emit(.cancelAsked(number, reason: reason), into: &effects)
        effects.cancels.append(number)
    }
}
