import Kernel
import Orders
import Ports
import TradingModel

/// Changes of open orders on their way to the desk that has the order.
extension Dispatcher {
    /// The desk hears of it when its record is durable.
    mutating func approve(_ wish: ChangeWish, at now: Timestamp) {
        guard let desk = ledger.home(of: wish.number) else {
            return reports.append(
                .changeRefused(wish.number, wish.change, reason: "no broker has the order"))
        }
        if let why = ledger.shortage(at: desk, for: wish.number, wish.change) {
            return reports.append(
                .changeRefused(
                    wish.number, wish.change, reason: "\(setup.links[desk].name) \(why)"))
        }
        let kills = killReadings(of: wish.number, setup.links[desk].account)
        changeReadings[wish.number] = (kills, KillCounter())
        let approved = ApprovedChange(
            wish.number, to: wish.change, opens: wish.opens,
            validUntil: now.advanced(by: setup.links[desk].validity), approvedAt: now)
        waiting.append((nil, .change(approved)))
    }

    /// Why a change that has its turn is not written: since its call was asked for something else came.
    func reasonToHold(_ approved: ApprovedChange, at desk: Int) -> String? {
        // A cancel that was written before it may be lost: then the order would grow all the same.
        if desks[desk].isEnding(approved.number) { return "the order is being cancelled" }
        if approved.opens, let why = desks[desk].lockedDown { return why }
        guard approved.opens, ledger.isDoubted(approved.number, elsewhereThan: desk) else {
            return nil
        }
        return "an order at another broker is in doubt"
    }

    /// Without a reading it is not on its way any more: nothing of it goes out.
    func permit(of approved: ApprovedChange) -> SendPermit {
        let until = approved.validUntil.map { clock.monotonic($0) }
        guard let reading = changeReadings[approved.number] else {
            let ends = KillCounter()
            let wanted = ends.reading()
            ends.raise()
            return SendPermit(opens: approved.opens, validUntil: until, kills: [], wanted: wanted)
        }
        return SendPermit(
            opens: approved.opens, validUntil: until, kills: reading.kills,
            wanted: reading.ends.reading())
    }

    /// It has its answer, or its order is over: a call that waits for its turn is not written any more.
    mutating func withdrawChange(of number: OrderNumber) {
        changeReadings.removeValue(forKey: number)?.ends.raise()
    }

    /// Whether the broker that has the order can change one; `nil`: it can.
    func reasonNotToChange(_ number: OrderNumber) -> String? {
        guard let desk = ledger.home(of: number) else {
            return "order \(number) is at no broker"
        }
        guard setup.links[desk].broker.capabilities.changes == .none else { return nil }
        return "\(setup.links[desk].name) changes no orders: cancel it with"
            + " madang order cancel \(number)"
    }
}

extension RunState {
    /// Why there is nothing of it that a person could end or change; `nil`: it is open.
    func reasonNotOpen(_ number: OrderNumber) -> String? {
        guard let machine = engine.kernel.order(number) else {
            return "there is no order \(number)\n  madang order list shows those that are open"
        }
        return machine.state.isFinal ? "order \(number) is not open: it is \(machine.state)" : nil
    }

    /// A person's wish, judged by the gate.
    mutating func change(
        _ number: OrderNumber, _ limit: Price?, _ quantity: Quantity?
    ) -> (String, isDone: Bool) {
        if let why = reasonNotOpen(number) { return (why, false) }
        if let why = dispatcher?.reasonNotToChange(number) { return (why, false) }
        switch engine.change(
            number, limit: limit, quantity: quantity, at: .endOfStep(lastStep))
        {
        case .asked(let change):
            return ("order \(number) is to be \(change): madang order list shows when it is", true)
        case .notApproved(let rule, let detail):
            return ("order \(number) stays as it is: \(rule), \(detail)", false)
        case .impossible(let why): return (why, false)
        }
    }
}
