import TradingModel

/// Fills, positions and money, and both sides at the end.
extension Checker {
    mutating func filled(_ order: Order, _ id: BrokerOrderID, _ fill: Fill, _ broker: Int) {
        let number = claims[id] ?? order.number
        truths[number]?.fills.append(fill)
        if let truth = truths[number], truth.filled >= truth.order.quantity.units {
            truths[number]?.isOpen = false
        }
        let index = Int(order.instrument.index)
        held[broker][index] += fill.quantity.units * order.side.sign
        if held[broker][index] < 0 {
            violate(
                .holdings,
                "\(words(order)) fills \(fill.quantity): \(terms.brokers[broker].name) holds "
                    + "\(Quantity(units: held[broker][index])) \(symbol(order.instrument))")
        }
    }

    /// The host says whose a broker's order is. Where it looks the same and is nobody else's, that is as good.
    mutating func claim(_ id: BrokerOrderID, _ number: OrderNumber) {
        let owner = truths.first { _, truth in truth.orders.contains { $0.id == id } }
        guard let owner, owner.key != number, truths[number] == nil,
            let order = intents[number]?.order, order.looksLike(owner.value.order)
        else { return }
        truths[number] = owner.value
        truths[owner.key] = nil
        claims[id] = number
    }

    /// Whether the number that the host writes down for an intent is anybody's that we know, where the intent's own
    /// order is at the broker. Where nothing of it is there, a dead order that looks like it says no more than that.
    mutating func checkOwner(of id: BrokerOrderID, _ number: OrderNumber) {
        guard let truth = truths[number], let ours = truth.orders.last,
            !truths.values.contains(where: { $0.orders.contains { $0.id == id } })
        else { return }
        violate(
            .stranger,
            "\(words(truth.order)) is \(ours.id) at \(terms.brokers[ours.broker].name), and the host"
                + " takes \(id) for it, which is nobody's of ours")
    }

    /// What the host may not forget, whatever a crash does to the end of its log.
    mutating func checkRows(behind kept: UInt64) {
        guard kept < durable else { return }
        for (_, record) in corrections where record > kept && record <= durable {
            violate(
                .ledger,
                "a correction stands in record \(record), the disk had all through \(durable), and"
                    + " the crash left \(kept)")
        }
        for number in intents.keys.sorted() {
            for booking in intents[number]?.bookings ?? []
            where booking.record > kept && booking.record <= durable {
                violate(
                    .ledger,
                    "fill \(booking.fill.id) of intent \(number) is booked in record \(booking.record),"
                        + " the disk had all through \(durable), and the crash left \(kept)")
            }
        }
    }

    mutating func book(_ booked: Happening.BookedFill, _ record: UInt64) {
        let fill = booked.fill
        guard let intent = intents[fill.order] else {
            return violate(.noDoubledFill, "a fill of intent \(fill.order), which is not known")
        }
        intents[fill.order]?.doubt(false, record)
        checkOnce(fill, intent)
        intents[fill.order]?.bookings.append(Booking(fill: fill, record: record))
        move(fill, intent.approval.order)
        note(fill, intent.approval.order, of: intent.approval.source, record)
        let index = Int(intent.approval.order.instrument.index)
        if booked.positionAfter.units != position[index] {
            violate(
                .position,
                "after fill \(fill.id) of intent \(fill.order) the books hold "
                    + "\(booked.positionAfter), the fills come to \(Quantity(units: position[index]))"
            )
        }
        if booked.cashAfter.units != cash {
            violate(
                .money,
                "after fill \(fill.id) of intent \(fill.order) the books have "
                    + "\(booked.cashAfter), the fills leave \(Money(units: cash))")
        }
    }

    private mutating func checkOnce(_ fill: Fill, _ intent: Intent) {
        if intent.bookings.contains(where: { $0.fill.id == fill.id }) {
            violate(
                .noDoubledFill, "fill \(fill.id) of intent \(fill.order) is booked a second time")
        }
        let filled = truths[fill.order]?.filled ?? 0
        let booked = intent.booked + fill.quantity.units
        if booked > filled {
            violate(
                .noDoubledFill,
                "intent \(fill.order) is booked \(Quantity(units: booked)), the broker filled "
                    + "\(Quantity(units: filled))")
        }
    }

    mutating func rested(_ rest: Happening.Rest) {
        hasRested = true
        for number in truths.keys.sorted() { checkFills(of: number) }
        checkSides(rest)
        let free = cash - reserved()
        if rest.freeCash.units != free {
            violate(
                .reservations,
                "\(rest.freeCash) is free to the gate, by what open orders reserved it is "
                    + "\(Money(units: free))")
        }
        if !rest.doubtful.isEmpty {
            violate(.doubt, "still unknown at the end: \(list(rest.doubtful))")
        }
        let buying = rest.openAtBrokers.filter { truths[$0]?.order.side == .buy }
        if isKilled, !buying.isEmpty {
            violate(.kill, "killed, and still open at the broker: \(list(buying))")
        }
        let stopped = buying.filter { intents[$0].map { isKilled($0.approval.source) } ?? false }
        if !stopped.isEmpty {
            violate(.kill, "its source is stopped, and still open at the broker: \(list(stopped))")
        }
        if isKilled != rest.isKilled {
            violate(
                .kill, "the last kill that was kept says \(isKilled), the host \(rest.isKilled)")
        }
        if rest.working != rest.openAtBrokers {
            violate(
                .books,
                "working to the host: \(list(rest.working)), open at the broker: "
                    + list(rest.openAtBrokers))
        }
    }

    private mutating func checkFills(of number: OrderNumber) {
        guard let truth = truths[number] else { return }
        guard let intent = intents[number] else {
            return violate(.noLostFill, "the broker has intent \(number), the host knows none")
        }
        guard intent.booked == truth.filled else {
            let rule: Violation.Rule = intent.booked < truth.filled ? .noLostFill : .noDoubledFill
            return violate(
                rule,
                "\(words(truth.order)): the broker filled \(Quantity(units: truth.filled)), "
                    + "booked are \(Quantity(units: intent.booked))")
        }
        if terms.brokers[truth.broker].keepsFills {
            let told = truth.fills.reduce(into: Traded()) { $0.add($1) }
            let booked = intent.bookings.reduce(into: Traded()) { $0.add($1.fill) }
            if told != booked {
                violate(
                    .money,
                    "\(words(truth.order)) traded for \(told.words), booked are \(booked.words)")
            }
        }
    }

    private mutating func checkSides(_ rest: Happening.Rest) {
        for (index, instrument) in terms.instruments.enumerated() {
            let (host, broker) = (rest.host.positions[index], rest.brokers.positions[index])
            if host.units != position[index] {
                violate(
                    .position,
                    "\(instrument.symbol): the books hold \(host), the fills come to "
                        + "\(Quantity(units: position[index]))")
            }
            if host != broker {
                violate(
                    .books, "\(instrument.symbol): the books hold \(host), the broker \(broker)")
            }
        }
        if rest.host.cash.units != cash {
            violate(
                .money, "the books have \(rest.host.cash), the fills leave \(Money(units: cash))")
        }
        // Of a total only quantity and value are known: price and fee of its parts are not.
        if terms.brokers.allSatisfy(\.keepsFills), rest.host.cash != rest.brokers.cash {
            violate(.money, "the books have \(rest.host.cash), the broker \(rest.brokers.cash)")
        }
    }

    mutating func finish() {
        if !hasRested, !violations.contains(where: { $0.rule == .rest }) {
            violate(.rest, "the history ends without coming to rest")
        }
    }

    private func list(_ numbers: [OrderNumber]) -> String {
        numbers.isEmpty ? "none" : numbers.map(\.description).joined(separator: ", ")
    }
}

extension Order {
    fileprivate func looksLike(_ other: Order) -> Bool {
        account == other.account && instrument == other.instrument && side == other.side
            && quantity == other.quantity && limit == other.limit
    }
}

/// What of an intent's fills is money.
private struct Traded: Equatable {
    private var value: Int128 = 0
    private var fee: Int128 = 0
    /// Of fills that tell theirs; `nil`: none does.
    private var tax: Int128?
    mutating func add(_ fill: Fill) {
        value += Int128(fill.price.units) * Int128(fill.quantity.units)
        fee += fill.fee.units
        if let told = fill.tax { tax = (tax ?? 0) + told.units }
    }
    var words: String {
        "\(Money(units: value)) with a fee of \(Money(units: fee))"
            + (tax.map { " (tax \(Money(units: $0)))" } ?? "")
    }
}
