public import TradingModel

extension Kernel {
    /// Sizes the intent, asks the gate and orders.
    ///
    /// - Returns: Why nothing was ordered; `nil` when it was.
    mutating func order(
        for vote: Vote, side: Side, _ desk: Int, at position: EventPosition, _ detail: Detail,
        into effects: inout Effects
    ) -> Detail? {
        let key = desks[desk].key
        let instrument = Int(key.instrument.index)
        func refuse(_ rule: String, _ why: Detail) -> RiskDecision {
            RiskDecision(desk: key, position: position, approved: false, rule: rule, detail: why)
        }
        let quantity: Quantity
        switch size(of: vote, side: side, desk: desk) {
        case .failure(let dropped):
            emit(.risk(refuse("sizing", .words(dropped.why))), into: &effects)
            return .words(dropped.why)
        case .success(let sized): quantity = sized
        }
        let limit = vote.limit.map { plan.instruments[instrument].ladder.rounded($0, for: side) }
        let order = Order(
            number: OrderNumber(lastOrder + 1), account: key.account, instrument: key.instrument,
            side: side, quantity: quantity, limit: limit)
        let view = riskView(desk)
        if let (rule, why) = gate.refusal(of: order, view) {
            emit(.risk(refuse(rule, .words(why))), into: &effects)
            return .words("\(rule): \(why)")
        }
        let last = books[instrument].last ?? .zero
        let approval = RiskDecision(
            desk: key, position: position, approved: true, rule: "all",
            detail: .approved(
                value: Money(limit ?? last, times: quantity), freeCash: view.freeCash))
        emit(.risk(approval), into: &effects)
        let decision = OrderDecision(
            order: order, source: vote.source, position: position,
            confidence: vote.confidence, reference: last,
            reserved: side == .buy ? gate.need(limit ?? last, quantity) ?? .zero : .zero,
            detail: detail)
        emit(.ordered(decision), into: &effects)
        effects.orders.append(order)
        return nil
    }

    struct Dropped: Error { let why: String }

    private func size(of vote: Vote, side: Side, desk: Int) -> Result<Quantity, Dropped> {
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
    private func quantity(forWeight millionths: Int64, side: Side, desk: Int) -> Quantity? {
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

    private func riskView(_ desk: Int) -> RiskGate.View {
        let key = desks[desk].key
        let account = Int(key.account.index)
        return RiskGate.View(
            killed: isKilled, freeCash: accounts[account].cash - accounts[account].reserved,
            equity: equity(of: key.account),
            equityAtDayStart: accounts[account].equityAtDayStart,
            held: desks[desk].position, workingBuys: desks[desk].workingBuys,
            workingSells: desks[desk].workingSells, inDoubt: orderInDoubt(at: key),
            otherSymbols: accounts[account].active.count { $0 != desk },
            last: books[Int(key.instrument.index)].last)
    }

    /// The first order of the desk whose outcome is unknown. Mostly there is none anywhere.
    private func orderInDoubt(at key: DeskKey) -> OrderMachine? {
        for number in doubtful {
            guard let machine = order(number), machine.order.account == key.account,
                machine.order.instrument == key.instrument
            else { continue }
            return machine
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

    // MARK: Broker reports

    /// Takes what the broker says of an order. A report heard twice changes nothing.
    public mutating func handle(_ report: BrokerReport, into effects: inout Effects) {
        let number = report.order
        guard let found = orders.index(of: number) else {
            emit(.contradiction(number, "a report of an order that we do not know"), into: &effects)
            return
        }
        switch orders.answer(of: found, to: report) {
        case .ignore: break
        case .submitted(let id): emit(.submitted(number, id), into: &effects)
        case .book(let fill, let odd):
            if let booking = booking(of: fill, orders.machines[found].order) {
                emit(.filled(fill, booking), into: &effects)
                if let odd { emit(.contradiction(number, odd), into: &effects) }
            } else {
                emit(
                    .contradiction(number, "the fill leaves the books' range: \(fill)"),
                    into: &effects)
            }
        case .ended(let state, let reason):
            emit(.orderEnded(number, state, reason: reason), into: &effects)
        case .inDoubt(let reason): emit(.inDoubt(number, reason: reason), into: &effects)
        case .cancelAsked(let reason): emit(.cancelAsked(number, reason: reason), into: &effects)
        case .contradiction(let what): emit(.contradiction(number, what), into: &effects)
        }
    }

    /// Average cost; what reduces a holding takes its share of the cost, rounded toward zero.
    ///
    /// Nothing is sold short here, but a broker may fill what was thought cancelled: below zero the cost is what
    /// was taken in, below zero too. So cash and cost always come to what was there and what was realised.
    private func booking(of fill: Fill, _ order: Order) -> Booking? {
        let key = DeskKey(account: order.account, instrument: order.instrument)
        guard let desk = desk(of: key) else { return nil }
        let held = desks[desk].position
        let value = Money(fill.price, times: fill.quantity)
        // Each summand is far inside 128 bits; what sums of them come to is held against the bound.
        guard value <= RiskGate.largestAmount, value.units >= 0,
            fill.fee.units.magnitude <= RiskGate.largestAmount.units.magnitude,
            let after = Quantity(held, adding: fill.quantity, on: order.side)
        else { return nil }
        let flow = (order.side == .buy ? -value : value) - fill.fee
        let reduces = held.units != 0 && (held.units > 0) == (order.side == .sell)
        let closed = reduces ? min(Int64(clamping: held.units.magnitude), fill.quantity.units) : 0
        let (cost, realised) = books(flow, closing: closed, of: fill.quantity.units, desk)
        let booking = Booking(
            realised: realised, positionAfter: after, costAfter: cost,
            cashAfter: accounts[Int(order.account.index)].cash + flow)
        let total = desks[desk].realised + booking.realised
        let most = RiskGate.largestSum.units.magnitude
        let fits =
            booking.costAfter.units.magnitude <= most && booking.cashAfter.units.magnitude <= most
            && total.units.magnitude <= most
        return fits ? booking : nil
    }

    /// - Parameters:
    ///   - flow: What the fill brings in; below zero where it takes.
    ///   - closed: What of the fill's quantity closes what is held; the rest opens.
    private func books(
        _ flow: Money, closing closed: Int64, of quantity: Int64, _ desk: Int
    ) -> (cost: Money, realised: Money) {
        let cost = desks[desk].cost
        guard closed > 0 else { return (cost - flow, .zero) }
        let held = Int64(clamping: desks[desk].position.units.magnitude)
        let share = Money(units: proportion(cost.units, closed, of: held))
        let closing = Money(units: proportion(flow.units, closed, of: quantity))
        return (cost - share - (flow - closing), closing - share)
    }

    /// cost x part / whole without leaving 128 bits: by quotient and remainder.
    private func proportion(_ cost: Int128, _ part: Int64, of whole: Int64) -> Int128 {
        if part == whole { return cost }
        let (quotient, remainder) = cost.quotientAndRemainder(dividingBy: Int128(whole))
        return quotient * Int128(part) + remainder * Int128(part) / Int128(whole)
    }
}

extension Quantity {
    /// What is held after a fill; `nil` out of range.
    fileprivate init?(_ held: Quantity, adding quantity: Quantity, on side: Side) {
        let after = side == .buy ? try? held.adding(quantity) : try? held.subtracting(quantity)
        guard let after, after.units != .min else { return nil }
        self = after
    }
}
