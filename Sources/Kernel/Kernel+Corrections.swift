import TradingModel

/// Differences that are put right in the books (R8.7).
extension Kernel {
    /// Puts the books where the broker is, as a fact of its own.
    ///
    /// - Returns: Why not, in words, and nothing changed; `nil`: done.
    public mutating func correct(_ order: CorrectionOrder, into effects: inout Effects) -> String? {
        let account = Int(order.account.index)
        guard account >= 0, account < accounts.count else { return "there is no such account" }
        switch correction(by: order) {
        case .failure(let refusal): return refusal.why
        case .success(let correction):
            emit(.corrected(correction), into: &effects)
            return nil
        }
    }

    private struct Refusal: Error { let why: String }

    private mutating func correction(by order: CorrectionOrder) -> Result<Correction, Refusal> {
        switch order.difference {
        case .holding(let instrument, let books, let stated):
            let key = DeskKey(account: order.account, instrument: instrument)
            guard let desk = desk(of: key) else {
                return .failure(Refusal(why: "the account does not trade it"))
            }
            guard books != stated else { return .failure(Refusal(why: "both sides say \(books)")) }
            if let why = unrest(desk) { return .failure(Refusal(why: why)) }
            return holding(order, desk, to: stated)
        case .cash(let books, let stated):
            return cash(order, from: books, to: stated)
        }
    }

    /// What may still move is left alone: its own answer may be the difference.
    private mutating func unrest(_ desk: Int) -> String? {
        let key = desks[desk].key
        let open = orders.machines.first {
            !$0.state.isFinal && $0.order.account == key.account
                && $0.order.instrument == key.instrument
        }
        guard let open else { return nil }
        return open.state == .unknown
            ? "order \(open.order.number) is in doubt" : "order \(open.order.number) is open"
    }

    private mutating func holding(
        _ order: CorrectionOrder, _ desk: Int, to stated: Quantity
    ) -> Result<Correction, Refusal> {
        let before = desks[desk].position
        let (after, isOut) = before.units.addingReportingOverflow(Int64(clamping: order.change))
        guard !isOut, after != .min, Int64(exactly: order.change) != nil else {
            return .failure(Refusal(why: "\(stated) leaves the books' range"))
        }
        guard stated.units >= 0, after >= 0 || order.change > 0 else {
            return .failure(Refusal(why: "\(stated) is short, and nothing is held short here"))
        }
        guard after >= desks[desk].workingSells.units || order.change > 0 else {
            return .failure(Refusal(why: "open sales hold \(desks[desk].workingSells)"))
        }
        let last = books[Int(desks[desk].key.instrument.index)].last ?? .zero
        let cost = costAfter(order.change, desk, last)
        let cash = accounts[Int(order.account.index)].cash
        let worth = Money(last, times: Quantity(units: Int64(clamping: order.change)))
        guard isBookable(cost), isBookable(worth) else {
            return .failure(Refusal(why: "\(stated) leaves the books' range"))
        }
        return .success(
            Correction(
                order, positionBefore: before, positionAfter: Quantity(units: after),
                costBefore: desks[desk].cost, costAfter: cost, cashBefore: cash, cashAfter: cash,
                worth: worth))
    }

    /// Toward zero the cost leaves by its part, away from it comes by its part; what begins anew, at the last price.
    private mutating func costAfter(_ change: Int128, _ desk: Int, _ last: Price) -> Money {
        let cost = desks[desk].cost
        let held = Int128(desks[desk].position.units)
        guard held != 0 else { return Money(units: Int128(last.units) * change) }
        let isClosing = (held > 0) != (change > 0)
        guard isClosing, change.magnitude > held.magnitude else {
            // Away from zero, or toward it at most: each has what one costs.
            return Money(units: cost.units + share(of: cost.units, change, of: held))
        }
        return Money(units: Int128(last.units) * (held + change))
    }

    /// cost x part / whole, by quotient and remainder so that 128 bits are enough; rounded toward zero.
    private func share(of cost: Int128, _ part: Int128, of whole: Int128) -> Int128 {
        let (quotient, remainder) = cost.quotientAndRemainder(dividingBy: whole)
        let (product, isOut) = quotient.multipliedReportingOverflow(by: part)
        guard !isOut else { return .max / 2 }
        return product + remainder * part / whole
    }

    private mutating func cash(
        _ order: CorrectionOrder, from books: Money, to stated: Money
    ) -> Result<Correction, Refusal> {
        let cash = accounts[Int(order.account.index)].cash
        guard cash == books else {
            return .failure(Refusal(why: "the books have \(cash) by now"))
        }
        guard books != stated else { return .failure(Refusal(why: "both sides say \(books)")) }
        if let open = orders.machines.first(where: {
            !$0.state.isFinal && $0.order.account == order.account
        }) {
            return .failure(Refusal(why: "order \(open.order.number) is open"))
        }
        guard isBookable(stated) else {
            return .failure(Refusal(why: "\(stated) leaves the books' range"))
        }
        return .success(
            Correction(
                order, positionBefore: .zero, positionAfter: .zero, costBefore: .zero,
                costAfter: .zero, cashBefore: cash, cashAfter: stated, worth: stated - cash))
    }

    private func isBookable(_ money: Money) -> Bool {
        money.units.magnitude <= RiskGate.largestSum.units.magnitude
    }

    /// What the fact changes.
    @inline(never)
    mutating func apply(_ correction: Correction) {
        let account = Int(correction.order.account.index)
        guard account >= 0, account < accounts.count else { return }
        accounts[account].cash = correction.cashAfter
        accounts[account].shift(by: correction.worth)
        guard let instrument = correction.order.instrument,
            let desk = desk(
                of: DeskKey(account: correction.order.account, instrument: instrument))
        else { return }
        let held = desks[desk].position
        desks[desk].position = correction.positionAfter
        desks[desk].cost = correction.costAfter
        noteActivity(of: desk)
        if exits.isOn { guardHears(correction, desk, held: held) }
    }

    /// What came is guarded as what is there, at its average; what is gone leaves the plan's parts as they stood to
    /// each other. Where nothing was held nobody knows whose plan it would be: the next buy tells.
    private mutating func guardHears(_ correction: Correction, _ desk: Int, held: Quantity) {
        let after = correction.positionAfter
        if !after.isPositive {
            exits.forgetOpener(of: desk)
        } else if !held.isPositive {
            exits.opened(desk, in: desks[desk].key.instrument)
        }
        if after.isPositive, exits.flattening.contains(desks[desk].key.account),
            exits.guards[desk]?.position.isOver ?? true
        {
            // Whatever the account comes to hold is sold.
            var opening = PositionGuard(.simple, price: entryPrice(of: desk))
            opening.bought(after, at: opening.average, held: .zero)
            exits.openings[desk] = opening
            return exits.stir(desk)
        }
        guard exits.guards[desk] != nil, held.isPositive else { return }
        if after > held {
            let average = exits.guards[desk]?.position.average ?? .zero
            exits.guards[desk]?.position.bought(
                Quantity(units: after.units - held.units), at: average, held: held)
        } else {
            exits.guards[desk]?.position.shrank(to: after, from: held)
        }
        drop(desk)
    }
}

extension PositionGuard {
    /// Some of what is held is gone, and no exit sold it: the parts of tiers are parts of what is left.
    ///
    /// - Parameter held: Before, above zero.
    mutating func shrank(to left: Quantity, from held: Quantity) {
        guard held.isPositive else { return }
        func scaled(_ quantity: Quantity) -> Quantity {
            Quantity(
                units: Int64(
                    clamping: Int128(quantity.units) * Int128(max(0, left.units))
                        / Int128(held.units)))
        }
        // What was refused may have been more than was there.
        for tier in tries.indices { tries[tier].beginAnew() }
        bought = scaled(bought)
        sold = sold.map(scaled)
    }
}
