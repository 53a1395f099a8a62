import Ports
import TradingModel

/// Approval, sending, doubt: what must hold before an order leaves.
extension Checker {
    mutating func approved(_ approval: Happening.Approval, _ record: UInt64) {
        let order = approval.order
        if intents[order.number] != nil {
            violate(.approval, "intent \(order.number) is approved a second time")
        }
        if order.side == .buy, isKilled {
            violate(.kill, "intent \(order.number) buys and is approved under a kill")
        }
        if order.side == .buy, isKilled(approval.source) {
            violate(
                .kill, "intent \(order.number) buys and is approved while its source is stopped")
        }
        checkHoldings(order)
        checkLimits(approval)
        intents[order.number] = Intent(approval: approval, record: record, time: now)
    }

    private mutating func checkHoldings(_ order: Order) {
        guard order.side == .sell else { return }
        let selling = open(order.instrument, .sell)
        let held = position[Int(order.instrument.index)]
        if order.quantity.units + selling > held {
            violate(
                .holdings,
                "intent \(order.number) sells \(order.quantity) \(symbol(order.instrument)) with "
                    + "\(Quantity(units: held)) held, of which \(Quantity(units: selling)) are being sold"
            )
        }
    }

    /// What intents of the host may still trade.
    func open(_ instrument: InstrumentID, _ side: Side) -> Int64 {
        intents.values.reduce(0) { sum, intent in
            let order = intent.approval.order
            return order.instrument == instrument && order.side == side ? sum + intent.open : sum
        }
    }

    private mutating func checkLimits(_ approval: Happening.Approval) {
        let order = approval.order
        guard order.side == .buy else { return }
        let price = order.limit ?? approval.reference
        let value = Money(price, times: order.quantity)
        if let most = terms.limits.orderValue, value > most {
            violate(.limits, "intent \(order.number) is worth \(value), at most \(most)")
        }
        let index = Int(order.instrument.index)
        let after = position[index] + open(order.instrument, .buy) + order.quantity.units
        let exposure = Money(price, times: Quantity(units: after))
        if let most = terms.limits.symbolValue, exposure > most {
            violate(
                .limits,
                "intent \(order.number) brings \(symbol(order.instrument)) to \(exposure), at most \(most)"
            )
        }
        if let most = terms.limits.symbols {
            let others = terms.instruments.filter { other in
                other.id != order.instrument
                    && (position[Int(other.id.index)] != 0 || open(other.id, .buy) != 0)
            }
            let isNew = position[index] == 0 && open(order.instrument, .buy) == 0
            if isNew, others.count >= most {
                violate(.limits, "intent \(order.number) buys a symbol more than \(most)")
            }
        }
        checkTrading(order, "intent \(order.number)")
        checkSpans(order)
        checkDayValue(order, value)
        checkWatch(order)
        let free = cash - reserved()
        if approval.reserved.units > free {
            violate(
                .limits,
                "intent \(order.number) reserves \(approval.reserved), \(Money(units: free)) are free"
            )
        }
    }

    /// Buys, and changes that let one grow, as they were decided.
    private var buys: [(order: Order, time: Timestamp)] {
        intents.values.filter { $0.approval.order.side == .buy }.flatMap { intent in
            let order = intent.approval.order
            return [(order, intent.time)]
                + intent.changes.filter(\.isBuy).map { (order.changed(to: $0.to), $0.time) }
        }
    }

    /// What an account's last orders forbid.
    mutating func checkSpans(_ order: Order) {
        let (limits, buys) = (terms.limits, buys)
        func isWithin(_ span: Nanoseconds, _ time: Timestamp) -> Bool { now.since(time) < span }
        if let most = limits.ordersPerMinute,
            buys.count(where: { isWithin(.seconds(60), $0.time) }) >= most
        {
            violate(.limits, "intent \(order.number) is one more buy than \(most) within a minute")
        }
        if let span = limits.duplicateWithin,
            let twin = buys.first(where: {
                let other = $0.order
                return other.instrument == order.instrument && other.quantity == order.quantity
                    && other.limit == order.limit && isWithin(span, $0.time)
            })
        {
            violate(.limits, "intent \(order.number) is intent \(twin.order.number) again")
        }
        if let span = limits.coolDown,
            let failed = intents.values.first(where: { intent in
                guard let end = intent.end, ["rejected", "failed"].contains(end.state) else {
                    return false
                }
                return intent.approval.order.instrument == order.instrument
                    && isWithin(span, end.time)
            })
        {
            violate(
                .limits,
                "intent \(order.number) comes too soon behind intent \(failed.approval.order.number)"
            )
        }
    }

    private mutating func checkDayValue(_ order: Order, _ value: Money) {
        guard let most = terms.limits.dayValue else { return }
        let bought = intents.values.filter { $0.approval.order.side == .buy }
            .flatMap(\.bookings).reduce(Money.zero) {
                $0 + Money($1.fill.price, times: $1.fill.quantity)
            }
        let all = bought + Money(units: reserved()) + value
        if all > most { violate(.limits, "intent \(order.number) brings the day to \(all)") }
    }

    /// Each open intent holds its share, rounded toward zero.
    func reserved() -> Int128 {
        intents.values.reduce(0) { sum, intent in
            sum + intent.reserved
        }
    }

    mutating func sent(_ order: Order, _ call: UInt64, _ broker: Int) {
        let number = order.number
        callOrders[call] = number
        guard let intent = intents[number], intent.approval.order == order else {
            return violate(.approval, "\(words(order)) is sent and was never approved like this")
        }
        if intent.end != nil {
            violate(.approval, "intent \(number) is sent after its end")
        }
        if intent.record > durable {
            violate(
                .durable,
                "intent \(number) stands in record \(intent.record) and is sent with "
                    + "\(durable) on the disk")
        }
        if order.side == .buy {
            checkStart(order)
            if isKilled { violate(.kill, "intent \(number) buys and is sent under a kill") }
            if isKilled(intent.approval.source) {
                violate(.kill, "intent \(number) buys and is sent while its source is stopped")
            }
        }
        intents[number]?.isSent = true
    }

    mutating func handed(_ number: OrderNumber, _ broker: Int) {
        guard let order = intents[number]?.approval.order, order.side == .buy else { return }
        checkDoubt(order)
        checkGhosts(order, broker)
    }

    private mutating func checkDoubt(_ order: Order) {
        let others = intents.filter { number, intent in
            number != order.number && intent.isDoubtful
                && intent.approval.order.instrument == order.instrument
        }
        guard let other = others.keys.min() else { return }
        violate(
            .doubt,
            "intent \(order.number) buys \(symbol(order.instrument)) while \(other) is in doubt")
    }

    mutating func answered(_ call: UInt64, _ outcome: Happening.Outcome) {
        if case .failed(let error) = outcome, error.isCertain, let number = callChanges[call],
            let at = intents[number]?.changes.lastIndex(where: { $0.outcome == nil })
        {
            // Nobody looked at it: it may be written again.
            intents[number]?.changes[at].isSent = false
        }
        guard let number = callOrders[call] else { return }
        switch outcome {
        case .notPlaced(_, let error) where error.retry == .askFirst: doubt(number)
        case .lost: doubt(number)
        default: break
        }
    }

    private mutating func doubt(_ number: OrderNumber) {
        guard let intent = intents[number], !intent.isKnown, intent.open > 0 else { return }
        intents[number]?.doubt(true, intent.record)
    }

    mutating func accepted(_ order: Order, _ broker: Int, _ id: BrokerOrderID) {
        var truth = truths[order.number] ?? Truth(order: order)
        truth.orders.append((broker, id))
        truth.isOpen = true
        truth.broker = broker
        truths[order.number] = truth
        if truth.orders.count > 1 {
            let names = truth.orders.map { "\($0.id) at \(terms.brokers[$0.broker].name)" }
            violate(
                .oneOrder,
                "intent \(order.number) has \(truth.orders.count) broker orders: "
                    + names.joined(separator: ", "))
        }
    }

    func words(_ order: Order) -> String {
        "intent \(order.number) (\(order.side) \(order.quantity) \(symbol(order.instrument)))"
    }
}
