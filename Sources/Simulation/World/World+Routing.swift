import Kernel
import Orders
import Ports
import TradingModel

/// Which broker an order goes to, and when its call has its turn.
extension World {
    /// Chosen once and logged with the approval. What reduces goes where all of it is held.
    mutating func route(_ order: Order) -> Router.Route {
        let opens = order.side == .buy
        let holder = opens ? nil : holder(of: order)
        guard opens || holder != nil else { return .refused("no broker holds all of it") }
        let health = desks.indices.map { broker in
            Router.Health(
                isDown: desks[broker].isDown, isLockedDown: desks[broker].lockdown != nil,
                inDoubt: doubts.keys.count {
                    homes[$0] == broker && desks[broker].isInDoubt($0)
                })
        }
        let route = router.route(order, opens: opens, holder: holder, health: health)
        if case .broker(let broker) = route, broker != usual(order.instrument) {
            if opens { struck(.failover, "intent \(order.number)") }
        }
        return route
    }

    private func usual(_ instrument: InstrumentID) -> Int {
        scenario.routes.secondary[instrument] ?? scenario.routes.primary
    }

    private func holder(of order: Order) -> Int? {
        lines.indices.first { isHeld(order, at: $0) }
    }

    /// What is left of a sale, beside all others there.
    func isHeld(_ order: Order, at broker: Int) -> Bool {
        let index = Int(order.instrument.index)
        let selling = kernel.workingOrders().reduce(Int64(0)) { sum, machine in
            let other = machine.order
            let counts =
                other.number != order.number && other.side == .sell
                && other.instrument == order.instrument && homes[other.number] == broker
            return counts ? sum + machine.open.units : sum
        }
        let filled = kernel.order(order.number)?.filled ?? .zero
        return holdings[broker][index] - selling >= order.quantity.units - filled.units
    }

    mutating func hold(_ fill: Fill) {
        guard let broker = homes[fill.order], let order = kernel.order(fill.order)?.order else {
            return
        }
        let signed = fill.quantity.units * order.side.sign
        holdings[broker][Int(order.instrument.index)] += signed
    }

    // MARK: Turns

    /// Hands a call to the adapter, which writes it when its turn comes.
    mutating func make(_ call: DeskCall, _ broker: Int) {
        calls += 1
        lines[broker].open[calls] = call
        if case .place(let approved) = call.kind {
            guard !isBlocked(approved, at: broker) else { return refuse(approved, calls, broker) }
            note(.handed(call: calls, broker: broker, approved.number))
            // The worst moment for a kill: approved, handed over, not yet written.
            if scenario.kills, people.oneIn(60) {
                let most = Nanoseconds.milliseconds(people.oneIn(2) ? 4 : 900)
                agenda.add(.kill(life: life), after: network.span(.zero...most))
            }
            if scenario.kills, partTalk.oneIn(60), let source = buyers[approved.number] {
                let most = Nanoseconds.milliseconds(partTalk.oneIn(2) ? 4 : 900)
                agenda.add(
                    .killPart(source, life: life), after: partTalk.span(.zero...most))
            }
        }
        if case .modify(_, let approved) = call.kind {
            guard !isBlocked(approved, at: broker) else { return refuse(approved, calls, broker) }
            if approved.opens {
                note(.handed(call: calls, broker: broker, approved.number))
            }
            // As for an order: approved, handed over, not yet written.
            if scenario.kills, changeTalk.oneIn(6) {
                let most = Nanoseconds.milliseconds(changeTalk.oneIn(2) ? 4 : 900)
                agenda.add(.kill(life: life), after: changeTalk.span(.zero...most))
            }
        }
        guard scenario.isPaced else { return start(calls, broker, limit: call.limit) }
        numbers[broker][call.id] = calls
        limiters[broker].offer(call, of: ticket(call), at: now)
        takeTurns(broker)
    }

    /// A desk knows its own doubts; one at another broker blocks the instrument too.
    private func isBlocked(_ approved: ApprovedOrder, at broker: Int) -> Bool {
        guard approved.opens else { return false }
        return doubts.keys.contains { number in
            guard let home = homes[number], home != broker else { return false }
            return desks[home].isInDoubt(number)
                && kernel.order(number)?.order.instrument == approved.order.instrument
        }
    }

    private mutating func refuse(_ approved: ApprovedOrder, _ call: UInt64, _ broker: Int) {
        note(.withdrawn(call: call, broker: broker, approved.number, .late))
        let why = "an order at another broker is in doubt"
        agenda.add(
            .reply(
                broker: broker, call: call, .failed(BrokerError(.notSent(.late), why)), life: life),
            after: .milliseconds(1))
    }

    private func ticket(_ call: DeskCall) -> RateLimiter.Ticket {
        RateLimiter.Ticket(desk: AccountID(0), call: call.id)
    }

    private mutating func start(_ call: UInt64, _ broker: Int, limit: Nanoseconds) {
        agenda.add(.limit(broker: broker, call: call, life: life), after: limit)
        let wait = network.span(Nanoseconds.zero...Nanoseconds.milliseconds(3))
        agenda.add(.write(broker: broker, call: call, life: life), after: wait)
    }

    mutating func takeTurns(_ broker: Int) {
        while let turn = nextTurn(broker) {
            switch turn {
            case .go(_, let call, let left):
                guard let number = numbers[broker].removeValue(forKey: call.id) else { continue }
                start(number, broker, limit: left)
            case .late(_, let call): giveBack(call, broker, .late)
            }
        }
        if let wake = limiters[broker].wake {
            agenda.add(.turn(broker: broker, life: life), at: wake)
        }
    }

    private mutating func nextTurn(_ broker: Int) -> RateLimiter.Turn? {
        guard limiters[broker].isChoice else { return limiters[broker].next(at: now) }
        let orders = desks[broker]
        let prices = scenario.instruments.indices.map { kernel.lastPrice(of: InstrumentID($0)) }
        return limiters[broker].next(at: now) { number in
            orders.rank(of: number) { prices[Int($0.index)] }
        }
    }

    /// Nothing was written of a call that waited.
    mutating func giveBack(_ call: DeskCall, _ broker: Int, _ why: Withdrawal) {
        guard let number = numbers[broker].removeValue(forKey: call.id) else { return }
        var answer = DeskAnswer.noTurn
        let words = "withdrawn while it waited for its turn"
        if case .place(let approved) = call.kind {
            note(.withdrawn(call: number, broker: broker, approved.number, why))
            answer = .failed(BrokerError(.notSent(why), words))
        }
        if case .modify(_, let approved) = call.kind {
            note(.changeWithdrawn(call: number, broker: broker, approved.number, why))
            answer = .failed(BrokerError(.notSent(why), words))
        }
        agenda.add(
            .reply(broker: broker, call: number, answer, life: life), after: .milliseconds(1))
    }
}
