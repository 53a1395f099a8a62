import Ports
import TradingModel

/// What a broker cannot mean: it is told and never booked, and the truth is asked for.
extension OrderDesk {
    // MARK: Fills

    /// Whether the books can take it. The kernel refuses what it cannot: an order would end here, and not there.
    func reasonNotToBook(_ fill: Fill, _ index: Int) -> String? {
        guard fill.quantity.isPositive else { return "a fill of \(fill.quantity)" }
        let whole = entries[index].whole
        guard fill.quantity <= whole else {
            return "a fill of \(fill.quantity), and the order is of \(whole)"
        }
        guard fill.price.units > 0 else { return "a fill at \(fill.price)" }
        guard isAmount(Money(fill.price, times: fill.quantity)),
            fill.fee.units.magnitude <= Money.largestAmount.units.magnitude
        else { return "a fill of \(fill.quantity) at \(fill.price) with a fee of \(fill.fee)" }
        guard fill.id < DeskEntry.firstDifference else {
            return "a fill of id \(fill.id), which is one of ours"
        }
        return nil
    }

    /// A fill is money that moved, and its tax decides nothing: one that is no part of its fee is left out. Told once in a life.
    mutating func believable(_ fill: Fill) -> Fill {
        guard let tax = fill.tax, !fill.isTaxOfFee else { return fill }
        if !toldTax {
            toldTax = true
            note(
                .drift, severity: .warning,
                "\(capabilities.name) tells a tax of \(tax) in a fee of \(fill.fee) for order \(fill.order),"
                    + " which cannot be: the fill is booked without, and so are others like it")
        }
        return fill.taxed(nil)
    }
    func isAmount(_ money: Money) -> Bool { money.units >= 0 && money <= Money.largestAmount }

    mutating func isPlausible(_ fill: Fill, _ index: Int) -> Bool {
        guard let why = reasonNotToBook(fill, index) else { return true }
        note(
            .drift, severity: .critical, of: entries[index],
            "order \(fill.order): the broker tells \(why), which cannot be: it is not booked")
        return false
    }

    /// Whether its id has not been heard. One that says something else than before is told: either may be the truth,
    /// and the total tells which.
    mutating func isNew(_ fill: Fill, _ index: Int) -> Bool {
        let told = HeardFill(fill)
        guard let before = entries[index].heard[fill.id] else {
            entries[index].heard[fill.id] = told
            return true
        }
        // Behind a difference the log has a part of what was told.
        guard before != told, entries[index].differences == 0 else { return false }
        note(
            .fillsMissing, of: entries[index],
            "order \(fill.order): fill \(fill.id) was \(before.quantity) at \(before.price), and now it is"
                + " \(told.quantity) at \(told.price): the first counts, and the total is asked for"
        )
        if !entries[index].isEnded { entries[index].question.want(at: now) }
        return false
    }

    // MARK: Totals

    /// What a total has more than the books: no more than the order, and at a price that can be one.
    ///
    /// - Returns: `nil`: there is nothing to book, or no price for it; then a person must say how it ended.
    mutating func missing(
        _ index: Int, _ found: BrokerOrder, _ total: Int128
    ) -> (Quantity, Price)? {
        let entry = entries[index]
        let whole = Int128(entry.whole.units)
        if total > whole {
            note(
                .drift, severity: .critical, of: entry,
                "order \(found.brokerID) has \(found.filled) filled at the broker, and it is of"
                    + " \(entry.order.quantity): no more than that is booked")
        }
        let units = min(total, whole) - entry.bookedUnits
        guard let missing = Int64(exactly: units), missing > 0 else { return nil }
        let quantity = Quantity(units: missing)
        guard let price = price(of: quantity, entry, found, total) else {
            beginDoubt(
                index, "the broker has \(found.filled) filled, and no price of it",
                needsPerson: true)
            return nil
        }
        return (quantity, price)
    }

    /// By the broker's value of what is missing; where that is none, by its whole value, by the limit, or by
    /// what was booked before.
    private func price(
        of quantity: Quantity, _ entry: DeskEntry, _ found: BrokerOrder, _ total: Int128
    ) -> Price? {
        func price(_ value: Int128, _ units: Int128) -> Price? {
            guard units > 0, let exact = Int64(exactly: value / units) else { return nil }
            return Price(units: exact)
        }
        let (rest, isOut) = found.filledValue.units.subtractingReportingOverflow(entry.bookedValue)
        let known = [
            isOut ? nil : price(rest, total - entry.bookedUnits),
            price(found.filledValue.units, total), entry.order.limit,
            price(entry.bookedValue, entry.bookedUnits),
        ]
        return known.compactMap(\.self).first {
            $0.units > 0 && isAmount(Money($0, times: quantity))
        }
    }

    // MARK: Orders

    /// What of an answer about the order is another order's.
    func strangeness(of found: BrokerOrder, _ entry: DeskEntry) -> String? {
        if entry.broker != nil, !entry.isNumbered(found.brokerID) {
            return "it is \(found.brokerID)"
        }
        if let client = found.clientID, client != entry.approved.client { return "it is \(client)" }
        if found.instrument != entry.order.instrument { return "it is of '\(found.symbol)'" }
        return found.side == entry.order.side ? nil : "it is a \(found.side)"
    }

    /// Whether an answer is another order's: then it says nothing of this one.
    mutating func isStranger(_ found: BrokerOrder, _ index: Int) -> Bool {
        guard let why = strangeness(of: found, entries[index]) else { return false }
        if !entries[index].toldStranger {
            entries[index].toldStranger = true
            note(
                .drift, severity: .critical, of: entries[index],
                "asked for order \(entries[index].number) the broker answers with another: \(why)")
        }
        return true
    }

    /// Whether the broker's number is that of another order at work: fills of one would be booked for both.
    mutating func isTaken(_ broker: BrokerOrderID, by index: Int) -> Bool {
        let number = entries[index].number
        var place = 0
        let holder = active.first { other in
            guard other != number, let at = self.index(of: other, behind: &place) else {
                return false
            }
            return !entries[at].isEnded && entries[at].isNumbered(broker)
        }
        guard let holder else { return false }
        note(
            .drift, severity: .critical, of: entries[index],
            "the broker took order \(number) as \(broker), which is order \(holder) already")
        if !entries[index].isEnded {
            beginDoubt(
                index, "the broker gave it the number of order \(holder)", needsPerson: true)
        }
        return true
    }
}
