public import TradingModel

/// Selling everything of an account: a plan that fires at any price stands in for whatever guarded a position.
extension PositionGuard {
    func isAnyTierReached(at price: Price) -> Bool {
        plan.tiers.indices.contains { tier in
            plan.tiers[tier].trigger.isStop
                ? price <= level(of: tier) : price >= level(of: tier)
        }
    }
}

extension Kernel {
    public func isFlattening(_ account: AccountID) -> Bool { exits.flattening.contains(account) }

    /// Sells whatever the account holds or comes to hold, as a stop does: other sales and buys are withdrawn, its
    /// limit follows the price; held exits do not hold it. Off, its orders end, and what is left has the plan that it
    /// had, from the start.
    ///
    /// - Returns: How many positions are being sold by it from now on, or no more.
    @discardableResult
    public mutating func flatten(
        _ account: AccountID, _ on: Bool, reason: String, into effects: inout Effects
    ) -> Int {
        guard Int(account.index) < accounts.count, isFlattening(account) != on else { return 0 }
        guard on else { return endFlattening(account, reason: reason, into: &effects) }
        emit(.exit(.flattening(account, true, reason: reason)), into: &effects)
        var count = 0
        for desk in accounts[Int(account.index)].active where desks[desk].position.isPositive {
            emit(
                .exit(
                    .armed(
                        desks[desk].key, plan: ExitSettings.everything, source: opener(of: desk),
                        price: entryPrice(of: desk), quantity: desks[desk].position)),
                into: &effects)
            count += 1
        }
        return count
    }

    private mutating func endFlattening(
        _ account: AccountID, reason: String, into effects: inout Effects
    ) -> Int {
        let sold = accounts[Int(account.index)].active.filter { desk in
            exits.guards[desk]?.plan == ExitSettings.everything
                && exits.guards[desk]?.position.isOver == false
        }
        let before = sold.map { (entryPrice(of: $0), exits.guards[$0]?.doubtBefore?.since) }
        emit(.exit(.flattening(account, false, reason: reason)), into: &effects)
        for (desk, (price, doubt)) in zip(sold, before) where desks[desk].position.isPositive {
            let key = desks[desk].key
            let last = books[Int(key.instrument.index)].last
            // Nobody's plan guards what nobody bought here, nor did one before.
            guard let source = exits.openers[desk],
                let index = plan.exits.plan(of: key.instrument, openedBy: source)
            else { continue }
            emit(
                .exit(
                    .armed(
                        key, plan: index, source: source, price: price,
                        quantity: desks[desk].position)),
                into: &effects)
            // What sold at any price doubted none: behind a split that nobody told the plan would fire at once.
            guard let last, let guarded = exits.guards[desk]?.position else { continue }
            if let doubt {
                emit(.exit(.doubted(key, price: last, since: doubt)), into: &effects)
            } else if !guarded.isNear(last, price), guarded.isAnyTierReached(at: last) {
                emit(.exit(.doubted(key, price: last, since: price)), into: &effects)
            }
        }
        return sold.count
    }

    /// In recovery too: what sells everything of the account ends.
    mutating func endGuardsOfEverything(_ account: AccountID) {
        guard exits.isOn, Int(account.index) < accounts.count else { return }
        for desk in exits.guards.indices
        where desks[desk].key.account == account
            && exits.guards[desk]?.plan == ExitSettings.everything
        {
            exits.guards[desk]?.position.end()
            drop(desk)
        }
        // What came by a correction and was about to be sold: live it is dropped without a word.
        for desk in exits.openings.indices
        where desks[desk].key.account == account && exits.openers[desk] == nil {
            exits.openings[desk] = nil
        }
    }

    /// Whose its exits are told as. Where nobody kept that, for there were no plans: whoever bought last.
    func opener(of desk: Int) -> SourceID {
        if let known = exits.openers[desk] ?? exits.guards[desk]?.source { return known }
        let key = desks[desk].key
        let last = orders.machines.last { machine in
            machine.order.side == .buy && machine.order.account == key.account
                && machine.order.instrument == key.instrument
        }
        return last?.source ?? SourceID(0)
    }

    func entryPrice(of desk: Int) -> Price {
        if let known = exits.guards[desk]?.position, !known.isOver { return known.average }
        let each = Int128(desks[desk].cost.units) / Int128(desks[desk].position.units)
        return Price(units: max(1, Int64(clamping: each)))
    }
}
