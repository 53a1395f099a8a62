public import TradingModel

/// Changes of open orders: asked for by people, judged by the gate.
extension Kernel {
    /// Asks for other terms of an open limit order.
    ///
    /// - Parameters:
    ///   - limit: `nil`: as it is.
    ///   - quantity: All of the order, what is filled included; `nil`: as it is.
    public mutating func change(
        _ number: OrderNumber, limit: Price?, quantity: Quantity?, at position: EventPosition,
        into effects: inout Effects
    ) -> ChangeAnswer {
        guard let machine = order(number), !machine.state.isFinal else {
            return .impossible(
                "order \(number) has ended or is not known: there is nothing to change")
        }
        guard let before = machine.order.terms else {
            return .impossible(
                "order \(number) is a market order: madang order cancel \(number) ends it")
        }
        let after = OrderChange(
            limit: limit ?? before.limit, quantity: quantity ?? before.quantity)
        if let why = obstacle(to: after, of: machine) { return .impossible(why) }
        let decision = judged(after, of: machine, before, at: position)
        guard decision.rule == "all" || decision.rule == "lowers" else {
            emit(.change(.notApproved(decision)), into: &effects)
            return .notApproved(rule: decision.rule, detail: decision.detail.text)
        }
        emit(.change(.asked(decision)), into: &effects)
        effects.changes.append(ChangeWish(number, after, opens: decision.opens))
        return .asked(after)
    }

    /// Why it cannot be asked for, and what can be done.
    private func obstacle(to after: OrderChange, of machine: OrderMachine) -> String? {
        let order = machine.order
        let name = "order \(order.number)"
        if machine.isCancelAsked { return "\(name) is being cancelled: wait for its end" }
        switch machine.state {
        case .submitted, .partlyFilled: break
        case .pending: return "\(name) has not reached its broker: try again in a moment"
        case .unknown:
            return "the outcome of \(name) is unknown: madang order list shows when it is known"
        default: return "\(name) is \(machine.state): it cannot be changed"
        }
        if let other = machine.changeAsked {
            return
                "a change of \(name) to \(other) is on its way: wait for its answer, or cancel the order"
        }
        let key = DeskKey(account: order.account, instrument: order.instrument)
        if let guarded = positionGuard(of: key),
            guarded.exits.contains(where: { $0.number == order.number })
        {
            return "\(name) is an exit of the position's plan, which changes it by itself:"
                + " madang exits hold keeps the plan from firing"
        }
        if order.terms == after { return "\(name) is \(after) already" }
        let instrument = plan.instruments[Int(order.instrument.index)]
        guard after.limit.units > 0 else { return "a price of \(after.limit) is none" }
        let step = instrument.ladder.step(at: after.limit)
        if after.limit != order.limit, step.units > 0, after.limit.units % step.units != 0 {
            return "price \(after.limit) is between the steps of \(step): say"
                + " \(after.limit.roundedDown(toMultipleOf: step)) or the next one"
        }
        guard after.quantity > machine.filled else {
            return
                "\(machine.filled) of \(name) are filled: a change to \(after.quantity) leaves nothing."
                + " Cancel it: madang order cancel \(order.number)"
        }
        if after.quantity != order.quantity,
            after.quantity.roundedDown(toMultipleOf: instrument.lot) != after.quantity
        {
            return "quantity \(after.quantity) is no multiple of the lot \(instrument.lot)"
        }
        return nil
    }

    // MARK: Judging

    /// As a new order of what is left would be, with what this one holds counted as free.
    private mutating func judged(
        _ after: OrderChange, of machine: OrderMachine, _ before: OrderChange,
        at position: EventPosition
    ) -> ChangeDecision {
        let order = machine.order
        let account = Int(order.account.index)
        let need =
            order.side == .buy ? gates[account].need(after.limit, after.quantity) : Money.zero
        let lowers = order.isOnlyLowered(by: after)
        func decision(_ rule: String, _ detail: Detail) -> ChangeDecision {
            ChangeDecision(
                number: order.number, before: before, after: after,
                opens: order.side == .buy && !lowers, reserved: need ?? machine.reserved,
                position: position, rule: rule, detail: detail)
        }
        if lowers { return decision("lowers", .words("nothing is added")) }
        guard need != nil else { return decision("order_value", "its value is out of range") }
        let view = view(without: machine, as: order.changed(to: after))
        if let (rule, why) = gates[account].refusal(
            ofChangeTo: order.changed(to: after), filled: machine.filled, view)
        {
            return decision(rule, .words(why))
        }
        return decision(
            "all",
            .approved(value: Money(after.limit, times: after.quantity), freeCash: view.freeCash))
    }

    /// What the gate sees where the order were not there.
    private mutating func view(without machine: OrderMachine, as order: Order) -> RiskGate.View {
        let key = DeskKey(account: order.account, instrument: order.instrument)
        let account = Int(order.account.index)
        let (open, hold) = (machine.open.units, machine.reservation)
        var (held, buys, sells) = (Quantity.zero, Quantity.zero, Quantity.zero)
        var others = accounts[account].active.count
        if let desk = desk(of: key) {
            held = desks[desk].position
            buys = desks[desk].workingBuys
            sells = desks[desk].workingSells
            others = accounts[account].active.count { $0 != desk }
        }
        switch order.side {
        case .buy: buys = Quantity(units: buys.units - open)
        case .sell: sells = Quantity(units: sells.units - open)
        }
        var view = RiskGate.View(
            killed: kills.stop(order.account, machine.source),
            freeCash: accounts[account].cash - accounts[account].reserved + hold,
            equity: order.side == .buy ? Self.equity(of: account, accounts, desks, books) : nil,
            equityAtDayStart: accounts[account].equityAtDayStart, held: held, workingBuys: buys,
            workingSells: sells, inDoubt: doubtful.isEmpty ? nil : orderInDoubt(at: key),
            otherSymbols: others, last: books[Int(key.instrument.index)].last)
        see(key.instrument, account, in: &view)
        guard order.side == .buy else { return view }
        view.peak = accounts[account].peak
        view.isPastDayLoss = accounts[account].isPast(.dayLoss)
        view.isPastDrawdown = accounts[account].isPast(.drawdown)
        view.boughtToday = accounts[account].boughtToday
        view.reserved = accounts[account].reserved - hold
        if gates[account].limits.readsHistory {
            let recent = accounts[account].recent
            view.recentBuys = recent.count(within: .seconds(60), of: clock)
            view.twinAge = recent.age(of: order, at: clock)
            view.failureAge = recent.ageOfFailure(in: order.instrument, at: clock)
        }
        return view
    }

    // MARK: Facts

    @inline(never)
    mutating func apply(_ fact: ChangeFact) {
        guard let found = orders.index(of: fact.number) else { return }
        let before = orders.machines[found].claims
        switch fact {
        case .notApproved: return
        case .asked(let decision):
            orders.machines[found].applyChangeAsked(decision.after, reserving: decision.reserved)
            if decision.opens { noteBuy(orders.machines[found].order.changed(to: decision.after)) }
        case .taken: orders.machines[found].applyChangeTaken()
        case .refused: orders.machines[found].applyChangeRefused()
        }
        let (order, after) = (orders.machines[found].order, orders.machines[found].claims)
        changeWorking(order, by: after.open.units - before.open.units, desk(of: order))
        accounts[Int(order.account.index)].reserved += after.reservation - before.reservation
        // Shares that a sale lets go of are there for an exit that found too few.
        if exits.isOn, order.side == .sell, let desk = desk(of: order), exits.guards[desk] != nil {
            exits.stir(desk)
        }
    }

    /// A buy that grows counts as one of the last minute's.
    private mutating func noteBuy(_ order: Order) {
        let account = Int(order.account.index)
        guard gates[account].limits.readsHistory else { return }
        accounts[account].recent.note(order, at: clock, memory: gates[account].limits.memory)
    }

    /// Fills that came while the change was on its way may have been all of what the order is now.
    mutating func endIfFilled(_ number: OrderNumber, into effects: inout Effects) {
        guard let machine = order(number), !machine.state.isFinal, !machine.open.isPositive else {
            return
        }
        emit(
            .orderEnded(number, .filled, reason: "it was filled while a change was on its way"),
            into: &effects)
    }
}

extension RiskGate {
    /// Of a change that adds: what is left is held against every rule, all of it against the value of one order.
    func refusal(
        ofChangeTo order: Order, filled: Quantity, _ view: View
    ) -> (rule: String, detail: String)? {
        let left = Order(
            number: order.number, account: order.account, instrument: order.instrument,
            side: order.side, quantity: Quantity(units: order.quantity.units - filled.units),
            limit: order.limit)
        if let refusal = refusal(of: left, view) { return refusal }
        guard order.side == .buy, let limit = order.limit, let most = limits.orderValue else {
            return nil
        }
        let value = Money(limit, times: order.quantity)
        return value > most ? ("order_value", "order value \(value) > \(most)") : nil
    }
}
