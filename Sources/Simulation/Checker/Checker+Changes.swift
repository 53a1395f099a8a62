import TradingModel

extension Checker {
    /// A change as the host decided it, with its answer.
    struct Change {
        let to: OrderChange
        let reserved: Money
        let record: UInt64
        let time: Timestamp
        /// A buy that may come to more: for spans of time it counts as one more.
        let isBuy: Bool
        var isSent = false
        /// The broker has made it.
        var isMade = false
        var outcome: (isTaken: Bool, record: UInt64)?
    }

    mutating func changeAsked(_ change: Happening.Change, _ record: UInt64) {
        guard let intent = intents[change.number], intent.end == nil else {
            return violate(
                .approval, "a change of intent \(change.number) is approved, which is not open")
        }
        let (order, after) = (intent.order, intent.order.changed(to: change.after))
        if intent.underway != nil {
            violate(.changes, "intent \(order.number) has two changes on their way")
        }
        if order.terms != change.before {
            violate(
                .changes,
                "intent \(order.number) is \(order.terms.map { "\($0)" } ?? "at market"), and changed as \(change.before)"
            )
        }
        let adds = change.after.quantity > order.quantity || raises(order, change.after)
        if order.side == .buy, adds, isKilled || isKilled(intent.approval.source) {
            violate(.kill, "intent \(order.number) grows and is approved under a kill")
        }
        if order.side == .buy, adds {
            checkTrading(after, "the change of intent \(order.number)")
            checkSpans(after)
            checkWatch(after)
        }
        let held = reserved()
        intents[change.number]?.changes.append(
            Change(
                to: change.after, reserved: change.reserved, record: record, time: now,
                isBuy: order.side == .buy && adds))
        if adds { checkLimits(ofChange: after, change, held: held) }
    }

    private func raises(_ order: Order, _ change: OrderChange) -> Bool {
        order.side == .buy && order.limit.map { change.limit > $0 } == true
    }

    /// With the change among what is open.
    ///
    /// - Parameter held: By open orders before it. Fees, fills at the market and corrections may leave them
    ///   holding more than there is; a change that holds no more than they did passes nothing by it.
    private mutating func checkLimits(
        ofChange order: Order, _ change: Happening.Change, held: Int128
    ) {
        let index = Int(order.instrument.index)
        let open = self.open(order.instrument, order.side)
        if order.side == .sell {
            guard open > position[index] else { return }
            return violate(
                .holdings,
                "intent \(order.number) is to sell \(order.quantity): \(Quantity(units: open)) are being"
                    + " sold with \(Quantity(units: position[index])) held")
        }
        let value = Money(change.after.limit, times: order.quantity)
        if let most = terms.limits.orderValue, value > most {
            violate(.limits, "intent \(order.number) grows to \(value), at most \(most)")
        }
        let rest = intents[order.number].map { order.quantity.units - $0.booked } ?? 0
        let others = open - (intents[order.number]?.open ?? 0)
        let exposure = Money(
            change.after.limit, times: Quantity(units: position[index] + others + rest))
        if let most = terms.limits.symbolValue, exposure > most {
            violate(
                .limits,
                "intent \(order.number) grows and brings \(symbol(order.instrument)) to \(exposure),"
                    + " at most \(most)")
        }
        if let most = terms.limits.dayValue {
            let bought = intents.values.filter { $0.approval.order.side == .buy }
                .flatMap(\.bookings).reduce(Money.zero) {
                    $0 + Money($1.fill.price, times: $1.fill.quantity)
                }
            let all = bought + Money(change.after.limit, times: Quantity(units: rest))
            if all > most {
                violate(.limits, "intent \(order.number) grows and brings the day to \(all)")
            }
        }
        if cash < reserved(), held < reserved() {
            violate(
                .limits,
                "intent \(order.number) grows: \(Money(units: reserved())) are held of \(Money(units: cash))"
            )
        }
    }

    /// While it is on its way an order holds the greater of before and after, and with its answer what it is.
    mutating func checkFree(_ free: Money, of number: OrderNumber) {
        let ours = cash - reserved()
        guard free.units != ours else { return }
        violate(
            .reservations,
            "with the change of intent \(number) \(free) is free to the gate, by what open orders hold it is "
                + "\(Money(units: ours))")
    }

    mutating func changeSent(_ number: OrderNumber, _ change: OrderChange) {
        guard let at = intents[number]?.changes.lastIndex(where: { $0.outcome == nil }),
            let known = intents[number]?.changes[at], known.to == change
        else {
            return violate(
                .approval, "intent \(number) is to be \(change), which was never approved")
        }
        if intents[number]?.end != nil {
            violate(.approval, "intent \(number) is changed after its end")
        }
        if known.isSent { violate(.changes, "intent \(number) is changed to \(change) twice") }
        if known.record > durable {
            violate(
                .durable,
                "a change of intent \(number) stands in record \(known.record) and is sent with \(durable)"
                    + " on the disk")
        }
        if let intent = intents[number], case let order = intent.order, order.side == .buy,
            change.quantity > order.quantity || raises(order, change)
        {
            checkStart(order)
            if isKilled || isKilled(intent.approval.source) {
                violate(.kill, "intent \(number) grows and is sent under a kill")
            }
        }
        intents[number]?.changes[at].isSent = true
    }

    /// The broker has made another order of it.
    mutating func altered(_ order: Order, _ id: BrokerOrderID, _ former: BrokerOrderID) {
        let number = claims[former] ?? order.number
        if let owner = claims[former] { claims[id] = owner }
        if let terms = order.terms, let known = truths[number]?.order {
            truths[number]?.order = known.changed(to: terms)
        }
        if id != former, let broker = truths[number]?.broker {
            truths[number]?.orders.append((broker, id))
        }
        guard
            let at = intents[number]?.changes.lastIndex(where: {
                $0.isSent && !$0.isMade && $0.to == order.terms
            })
        else {
            return violate(
                .approval, "\(words(order)) was made of \(former), and nobody asked for it")
        }
        intents[number]?.changes[at].isMade = true
    }

    mutating func changeEnded(
        _ number: OrderNumber, _ change: OrderChange, isTaken: Bool, _ id: BrokerOrderID?,
        _ record: UInt64
    ) {
        if let id { checkOwner(of: id, number) }
        guard let at = intents[number]?.changes.lastIndex(where: { $0.to == change }),
            let known = intents[number]?.changes[at], known.outcome == nil
        else {
            return violate(.changes, "a change of intent \(number) ends that is not on its way")
        }
        if known.isMade != isTaken {
            violate(
                .changes,
                "the host has the change of intent \(number) to \(change) for \(isTaken ? "taken" : "refused"),"
                    + " and the broker \(known.isMade ? "made" : "did not make") it")
        }
        intents[number]?.changes[at].outcome = (isTaken, record)
    }
}

extension Checker.Intent {
    var underway: Checker.Change? { changes.last.flatMap { $0.outcome == nil ? $0 : nil } }

    /// What it can come to: of either terms.
    var whole: Int64 {
        max(order.quantity.units, underway?.to.quantity.units ?? 0)
    }

    /// The greater of what it holds as it is and as it may be; of each a share for what is open, rounded toward zero.
    var reserved: Int128 {
        guard end == nil else { return 0 }
        func share(_ money: Money, _ quantity: Int64) -> Int128 {
            let (open, whole) = (Int128(quantity - booked), Int128(quantity))
            guard open > 0, whole > 0 else { return 0 }
            let (quotient, remainder) = money.units.quotientAndRemainder(dividingBy: whole)
            return quotient * open + remainder * open / whole
        }
        let taken = changes.last { $0.outcome?.isTaken == true }
        let now = share(taken?.reserved ?? approval.reserved, order.quantity.units)
        return max(now, underway.map { share($0.reserved, $0.to.quantity.units) } ?? 0)
    }

    /// What the log lost has not been decided. A change that was sent stands in it.
    mutating func forgetChanges(behind kept: UInt64) {
        changes.removeAll { $0.record > kept }
        for at in changes.indices {
            if let outcome = changes[at].outcome, outcome.record > kept {
                changes[at].outcome = nil
            }
        }
    }
}
