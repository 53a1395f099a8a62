import Kernel
import Orders
import Ports
import TradingModel

/// The market, strategy servers, the people at the desk, and the end.
extension World {
    // MARK: Market

    mutating func printNext() {
        splitWhatIsHeld()
        let tick = market.next(at: now)
        note(.printed(tick.instrument, tick.price, tick.quantity))
        for broker in lines.indices {
            happened(lines[broker].floor.observe(tick), broker, life)
        }
        if faults.strikes(.feedSilent) {
            struck(.feedSilent, scenario.instruments[Int(tick.instrument.index)].symbol)
        } else {
            let wait = network.span(Nanoseconds.milliseconds(1)...Nanoseconds.milliseconds(30))
            underway[Int(tick.instrument.index)] += 1
            agenda.add(.tick(tick, life: life), after: wait)
        }
        if !isOver { agenda.add(.print, after: market.wait(scenario.printEvery)) }
    }

    // MARK: Strategies

    /// Some servers have something to say of a tick; each says so in its own time, then that it is through.
    mutating func speak(of tick: Tick, at position: EventPosition) {
        guard isUp else { return }
        for source in scenario.sources.indices {
            var wait = talk.span(Nanoseconds.milliseconds(1)...Nanoseconds.milliseconds(150))
            let speaks = talk.happens(scenario.talkative * 1_000)
            let result = result(near: tick.price)
            if faults.strikes(.resultLate) {
                wait = Nanoseconds.seconds(2)
                struck(.resultLate, scenario.sources[source].name)
            }
            if speaks, !isCalm, position.step <= until {
                let said = ServerResult(
                    source: SourceID(source), position: position, instrument: tick.instrument,
                    index: 0, result: result, entryTime: now,
                    arrivalTime: now.advanced(by: wait))
                agenda.add(.result(said, life: life), after: wait)
            }
            agenda.add(
                .cover(SourceID(source), position, life: life),
                after: Nanoseconds(wait.count + 100_000))
        }
    }

    private mutating func result(near price: Price) -> StrategyResult {
        let sizes: [Size] = [
            .attachment, .attachment,
            .quantity(Quantity(units: talk.number(1...40) * fixedPointScale)),
            .fraction(millionths: talk.number(200_000...1_000_000)),
            .targetWeight(millionths: talk.number(0...400_000)),
        ]
        let away = talk.number(-30...30)
        let limit = Price(units: max(fixedPointScale, price.units + price.units / 10_000 * away))
        let action: Action = talk.oneIn(30) ? .alert : talk.oneIn(2) ? .buy : .sell
        let confidence = Confidence(millionths: talk.number(200_000...1_000_000)) ?? .full
        return StrategyResult(
            action, size: talk.pick(sizes), limit: talk.oneIn(3) ? nil : limit,
            confidence: confidence,
            validity: talk.oneIn(2) ? .untilNextCandle : .duration(.seconds(talk.number(1...20))))
    }

    // MARK: People

    /// Somebody looks at the screen every few seconds.
    mutating func peopleAct() {
        if !isOver { agenda.add(.people, after: .seconds(people.number(2...9))) }
        let (kills, lifts) = (people.oneIn(12), people.oneIn(3))
        let (cancels, reconciles) = (people.oneIn(6), people.oneIn(15))
        let which = people.next()
        guard isUp else { return }
        exitsAct()
        guard isUp else { return }
        haltsAct()
        guard isUp else { return }
        stopParts()
        guard isUp else { return }
        release()
        resolve()
        correct()
        guard isUp, !isCalm else { return }
        if kernel.isKilled {
            if lifts { kill(false) }
        } else if scenario.kills, kills {
            kill(true)
        }
        if isUp, reconciles {
            let broker = Int(which % UInt64(desks.count))
            desk(broker, hears: .reconcile(reason: "asked for by hand"))
        }
        guard isUp else { return }
        changeAnOrder()
        guard isUp, cancels else { return }
        let working = kernel.workingOrders()
        guard !working.isEmpty else { return }
        let order = working[Int(which % UInt64(working.count))].order.number
        begin()
        kernel.cancel(order, reason: "cancelled by hand", into: &effects)
        finish()
    }

    mutating func kill(_ on: Bool) {
        begin()
        if on { counter.raise() }
        let reason = on ? "by hand" : "lifted by hand"
        kernel.kill(on, reason: reason, into: &effects)
        for broker in desks.indices {
            desks[broker].handle(.kill(on, reason: reason), at: now)
            guard on, scenario.isPaced else { continue }
            for call in limiters[broker].withdrawOpening(of: AccountID(0)) {
                giveBack(call, broker, .killed)
            }
        }
        finish()
    }

    /// A lockdown is looked at after a while, and ended.
    private mutating func release() {
        for broker in desks.indices where isUp && locked[broker] {
            guard isCalm || people.oneIn(4) else { continue }
            desk(broker, hears: .release)
        }
    }

    /// An order that stays in doubt is looked up at the broker's own page.
    private mutating func resolve() {
        resolveGhosts()
        mistype()
        let patience = Nanoseconds.seconds(45)
        for order in doubts.keys.sorted() {
            guard isUp, let since = doubts[order], now.since(since) > patience,
                kernel.order(order)?.state == .unknown, let broker = homes[order]
            else { continue }
            let found = lookedUp(order, broker)
            doubts[order] = now
            note(.resolved(order, byPerson: found.map { "it is \($0)" } ?? "not accepted"))
            desk(broker, hears: .resolve(order, found.map { .accepted($0) } ?? .notAccepted))
        }
    }

    /// Somebody is quick, and names a number that nobody has or that is another order's: the truth may come meanwhile.
    private mutating func mistype() {
        for order in doubts.keys.sorted() {
            guard isUp, let since = doubts[order], now.since(since) > .seconds(3),
                people.oneIn(4), kernel.order(order)?.state == .unknown, let broker = homes[order],
                let ours = kernel.order(order)?.order
            else { continue }
            let others = lines[broker].floor.entries.filter {
                $0.order.instrument != ours.instrument || $0.order.side != ours.side
            }
            let isOther = people.oneIn(2) && !others.isEmpty
            let wrong = isOther ? people.pick(others).id : BrokerOrderID("mistyped")
            note(.resolved(order, byPerson: "it is \(wrong) (mistyped)"))
            desk(broker, hears: .resolve(order, .accepted(wrong)))
        }
    }

    /// What it is at the broker. Where the host has taken that for another order's, what that one is: they look
    /// the same, and have changed places.
    private func lookedUp(_ order: OrderNumber, _ broker: Int) -> BrokerOrderID? {
        var (asked, seen) = (order, Set<OrderNumber>())
        while seen.insert(asked).inserted {
            let floor = lines[broker].floor
            guard let at = floor.index(of: .client(client(of: asked))) else { return nil }
            let found = floor.entries[at].id
            guard let other = desks[broker].holder(of: found), other != order else { return found }
            asked = other
        }
        return nil
    }

    // MARK: The end

    /// Nothing goes wrong any more, and nobody wants anything.
    mutating func becomeCalm() {
        note(.calm)
        isCalm = true
        faults.isCalm = true
        for broker in lines.indices {
            lines[broker].maintenance = now
            lines[broker].expired = now
            lines[broker].offline = now
            for index in scenario.instruments.indices {
                lines[broker].floor.setHalted(false, index)
            }
            if lines[broker].broken > now {
                lines[broker].broken = now
                lineUp(broker)
            }
        }
        holdExitsAtTheEnd()
        if !isUp { agenda.add(.start, after: .seconds(1)) }
        agenda.add(.watch, after: .seconds(5))
    }

    mutating func watch() {
        let isAtRest = isUp && unrest == nil
        if isAtRest, restedOnce {
            note(.rested(takeRest()))
            isOver = true
            return
        }
        restedOnce = isAtRest
        let deadline = Self.start.advanced(by: scenario.calmAfter)
            .advanced(by: scenario.restWithin)
        guard now <= deadline else {
            note(.rested(takeRest()))
            note(.hung(unrest ?? "the host is down"))
            isOver = true
            return
        }
        agenda.add(.watch, after: .seconds(isAtRest ? 40 : 5))
    }

    /// What still moves; `nil`: nothing.
    private var unrest: String? {
        if !outgoing.isEmpty { return "\(outgoing.count) orders wait for the log" }
        let working = kernel.workingOrders()
        if let first = working.first {
            return
                "intent \(first.order.number) is \(first.state), and \(working.count - 1) more work"
        }
        for broker in lines.indices {
            if let order = lines[broker].floor.openOrders.first {
                return "\(order.brokerID) is open at the broker"
            }
        }
        for broker in desks.indices {
            if let order = desks[broker].ghosts.first { return "intent \(order) haunts" }
        }
        return drift
    }

    private mutating func takeRest() -> Happening.Rest {
        let account = AccountID(0)
        let start = scenario.cash
        let cash = lines.reduce(start) { $0 + $1.floor.cash - start }
        let nothing = Order(
            number: OrderNumber(0), account: account, instrument: InstrumentID(0), side: .buy,
            quantity: .zero, limit: nil)
        let working = kernel.workingOrders()
        let open = lines.flatMap { line in
            line.floor.entries.filter { $0.state == .working }.map(\.order.number)
        }
        return Happening.Rest(
            host: Happening.Rest.Side(
                positions: scenario.instruments.map { instrument in
                    kernel.position(of: DeskKey(account: account, instrument: instrument.id))?
                        .held ?? .zero
                }, cash: kernel.cash(of: account)),
            freeCash: kernel.funds(for: nothing), working: working.map(\.order.number),
            doubtful: working.filter { $0.state == .unknown }.map(\.order.number),
            isKilled: kernel.isKilled,
            brokers: Happening.Rest.Side(
                positions: scenario.instruments.indices.map { index in
                    Quantity(units: lines.reduce(0) { $0 + $1.floor.held[index].units })
                }, cash: cash),
            openAtBrokers: open.sorted())
    }
}
