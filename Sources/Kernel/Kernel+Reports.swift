public import TradingModel

extension Kernel {
    /// Takes what the broker says of an order. A report heard twice changes nothing.
    public mutating func handle(_ report: BrokerReport, into effects: inout Effects) {
        let number = report.order
        guard let found = orders.index(of: number) else {
            if case .filled(let fill) = report { return handle(late: fill, into: &effects) }
            emit(.contradiction(number, "a report of an order that we do not know"), into: &effects)
            return
        }
        switch orders.answer(of: found, to: report) {
        case .ignore: break
        case .submitted(let id): emit(.submitted(number, id), into: &effects)
        case .book(let fill, let odd):
            book(fill, odd, of: found, orders.order(at: found), into: &effects)
        case .ended(let state, let reason):
            emit(.orderEnded(number, state, reason: reason), into: &effects)
        case .inDoubt(let reason): emit(.inDoubt(number, reason: reason), into: &effects)
        case .cancelAsked(let reason): emit(.cancelAsked(number, reason: reason), into: &effects)
        case .changed(let change, let id):
            emit(.change(.taken(number, change, id)), into: &effects)
            endIfFilled(number, into: &effects)
        case .changeRefused(let change, let reason):
            emit(.change(.refused(number, change, reason: reason)), into: &effects)
            endIfFilled(number, into: &effects)
        case .contradiction(let what): emit(.contradiction(number, what), into: &effects)
        }
    }

    /// Takes it that the broker has an order.
    public mutating func accept(
        _ number: OrderNumber, as id: BrokerOrderID, into effects: inout Effects
    ) {
        guard let found = orders.index(of: number), orders.isUnconfirmed(found) else {
            return handle(.accepted(number, id), into: &effects)
        }
        // What `submitted` changes, where the order is at hand.
        submit(number, found)
        effects.tell(.submitted(number, id))
    }

    /// Takes a fill, booked whatever was thought of the order.
    public mutating func handle(_ fill: Fill, into effects: inout Effects) {
        guard let found = orders.index(of: fill.order) else {
            return handle(late: fill, into: &effects)
        }
        let (answer, order) = orders.answer(of: found, to: fill)
        switch answer {
        case .ignore: break
        case .book(let odd): book(fill, odd, of: found, order, into: &effects)
        case .contradiction(let what): emit(.contradiction(fill.order, what), into: &effects)
        }
    }

    /// Of an order that ended thousands of others ago: booked all the same, unless it had filled in full.
    @inline(never)
    private mutating func handle(late fill: Fill, into effects: inout Effects) {
        guard let old = orders.oldOrder(fill.order) else {
            return emit(
                .contradiction(fill.order, "a report of an order that we do not know"),
                into: &effects)
        }
        switch old.answer(to: fill) {
        case .ignore: break
        case .contradiction(let what): emit(.contradiction(fill.order, what), into: &effects)
        case .book(let odd):
            guard let found = orders.recall(fill.order) else { return }
            book(fill, odd, of: found, old.order, into: &effects)
        }
    }

    @inline(__always)
    private mutating func book(
        _ fill: Fill, _ odd: String?, of found: Int, _ order: Order, into effects: inout Effects
    ) {
        guard let desk = desk(of: order), let booking = booking(of: fill, order, desk) else {
            emit(
                .contradiction(fill.order, "the fill leaves the books' range: \(fill)"),
                into: &effects)
            return
        }
        // What `filled` changes, where order and desk are at hand.
        apply(fill, booking, of: found, order, desk)
        effects.tell(.filled(fill, booking))
        if let odd { emit(.contradiction(fill.order, odd), into: &effects) }
    }

    /// Average cost; what reduces a holding takes its share of the cost, rounded toward zero.
    ///
    /// Nothing is sold short here, but a broker may fill what was thought cancelled: below zero the cost is what
    /// was taken in, below zero too. So cash and cost always come to what was there and what was realised.
    private mutating func booking(of fill: Fill, _ order: Order, _ desk: Int) -> Booking? {
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
    private mutating func books(
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
