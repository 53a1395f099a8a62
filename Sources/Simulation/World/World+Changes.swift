import Kernel
import Orders
import Ports
import TradingModel

/// People who want another price or quantity, and what becomes of it on the way.
extension World {
    // MARK: People

    /// Every look or two, of some order that works: absurd wishes too.
    mutating func changeAnOrder() {
        let (wants, which) = (changeTalk.oneIn(2), changeTalk.next())
        let (prices, sizes) = (changeTalk.oneIn(2), changeTalk.oneIn(2))
        let (steps, share) = (changeTalk.number(-8...8), changeTalk.number(20...250))
        guard wants, !isCalm else { return }
        let working = kernel.workingOrders().filter { $0.order.limit != nil }
        guard !working.isEmpty else { return }
        let machine = working[Int(which % UInt64(working.count))]
        guard let home = homes[machine.order.number], let limit = machine.order.limit,
            scenario.brokers[home].capabilities.changes != .none
        else { return }
        let instrument = scenario.instruments[Int(machine.order.instrument.index)]
        let step = instrument.ladder.step(at: limit)
        let price = Price(units: max(step.units, limit.units + steps * step.units))
        let wanted = Quantity(units: machine.order.quantity.units / 100 * share)
        begin()
        _ = kernel.change(
            machine.order.number,
            limit: prices || !sizes
                ? price.roundedDown(toMultipleOf: instrument.ladder.step(at: price)) : nil,
            quantity: sizes ? wanted.roundedDown(toMultipleOf: instrument.lot) : nil,
            at: EventPosition.endOfStep(number), into: &effects)
        finish()
    }

    // MARK: Out

    mutating func approve(_ wish: ChangeWish) {
        guard let broker = homes[wish.number] else {
            return kernel.handle(
                .changeRefused(wish.number, wish.change, reason: "no broker has the order"),
                into: &effects)
        }
        if let order = kernel.order(wish.number)?.order, order.side == .sell,
            wish.change.quantity > order.quantity,
            !isHeld(order.changed(to: wish.change), at: broker)
        {
            let why = "its broker does not hold all of it"
            return kernel.handle(
                .changeRefused(wish.number, wish.change, reason: why), into: &effects)
        }
        changePermits[wish.number] = SendPermit(
            opens: wish.opens, kills: readings(of: wish.number))
        let approved = ApprovedChange(
            wish.number, to: wish.change, opens: wish.opens,
            validUntil: scenario.validity.map { now.advanced(by: $0) }, approvedAt: now)
        outgoing.append((record, .change(approved, broker: broker)))
    }

    /// An order in doubt at another broker blocks what opens in the instrument, changes too.
    func isBlocked(_ approved: ApprovedChange, at broker: Int) -> Bool {
        guard approved.opens, let order = kernel.order(approved.number)?.order else { return false }
        return doubts.keys.contains { number in
            guard let home = homes[number], home != broker else { return false }
            return desks[home].isInDoubt(number)
                && kernel.order(number)?.order.instrument == order.instrument
        }
    }

    mutating func refuse(_ approved: ApprovedChange, _ call: UInt64, _ broker: Int) {
        note(.changeWithdrawn(call: call, broker: broker, approved.number, .late))
        let why = "an order at another broker is in doubt"
        agenda.add(
            .reply(
                broker: broker, call: call, .failed(BrokerError(.notSent(.late), why)), life: life),
            after: .milliseconds(1))
    }

    /// - Returns: Whether it goes to the wire.
    mutating func writeChange(_ approved: ApprovedChange, _ call: UInt64, _ broker: Int) -> Bool {
        var withdrawal = changePermits[approved.number]?.withdrawal(at: now.nanoseconds)
        if let until = approved.validUntil, now >= until { withdrawal = withdrawal ?? .late }
        // It waited for its turn while its order ended.
        if kernel.order(approved.number)?.changeAsked != approved.change {
            withdrawal = withdrawal ?? .late
        }
        if let withdrawal {
            note(.changeWithdrawn(call: call, broker: broker, approved.number, withdrawal))
        }
        guard isWritten(call, broker, withdrawal) else { return false }
        note(.changeSent(call: call, broker: broker, approved.number, approved.change))
        return true
    }

    // MARK: At the broker

    mutating func modify(
        _ name: OrderName, _ approved: ApprovedChange, _ broker: Int, _ life: Int
    ) -> DeskAnswer {
        guard let asked = lines[broker].adapter.translated(name) else {
            return .failed(BrokerError(.nothingToCancel, "no number is known"))
        }
        switch lines[broker].floor.modify(asked, to: approved.change) {
        case .failure(let error): return .failed(error)
        case .success(let event):
            happened([event], broker, life)
            return .placed(event.entry.id)
        }
    }

    mutating func turnedDown(_ approved: ApprovedChange, _ broker: Int) -> BrokerError {
        let codes: [BrokerError.Code] = [.rejected, .insufficient, .priceRule, .notTradable]
        let code = faults.stream(of: .rejected) { $0.pick(codes) }
        let error = BrokerError(code, "the broker will not change it")
        note(.turnedDown(broker: broker, approved.number, error))
        return error
    }

    // MARK: History

    mutating func meets(_ made: DeskCall?, _ fault: Fault) {
        if case .modify? = made?.kind { note(.changeMet(fault)) }
    }

    mutating func tell(_ fact: ChangeFact) {
        switch fact {
        case .asked(let decision):
            note(
                .changeAsked(
                    Happening.Change(
                        number: decision.number, before: decision.before, after: decision.after,
                        reserved: decision.reserved), record: record))
        case .notApproved(let decision):
            note(.changeNotApproved(decision.number, rule: decision.rule))
        case .taken(let number, let change, let id):
            note(.changeTaken(number, change, id, record: record))
        case .refused(let number, let change, let reason):
            note(.changeRefused(number, change, reason: reason, record: record))
        }
    }

    /// Behind all that was decided at once: facts are told later than they are applied.
    mutating func noteFreeCash(behind facts: [Fact]) {
        for fact in facts {
            guard case .change(let change) = fact else { continue }
            return note(.free(freeCash(), behindChangeOf: change.number))
        }
    }
    /// As the gate reckons with.
    private mutating func freeCash() -> Money {
        let nothing = Order(
            number: OrderNumber(0), account: AccountID(0), instrument: InstrumentID(0), side: .buy,
            quantity: .zero, limit: nil)
        return kernel.funds(for: nothing)
    }
}

extension DeskCall {
    /// What is written and may arrive behind its limit.
    var mayBeLate: Bool {
        switch kind {
        case .place, .modify: true
        default: false
        }
    }
}
