public import TradingModel

/// A change on its way to the broker, and what the order would hold with it.
struct ChangeUnderWay: Hashable, Sendable {
    let to: OrderChange
    /// Cash for all of it.
    let reserved: Money

    /// Of either terms the greater: which of them the next fill is of, nobody can say.
    // Given what it reads of the machine: one that is called with a machine is called with a copy.
    @inline(never)
    func reservation(
        with before: Money, for quantity: Quantity, _ filled: Quantity, _ isFinal: Bool
    ) -> Money {
        func share(_ reserved: Money, _ quantity: Quantity) -> Money {
            let open = Quantity(units: quantity.units - filled.units)
            guard !isFinal, open.isPositive, reserved != .zero else { return .zero }
            return OrderMachine.share(of: open, in: reserved, for: quantity)
        }
        return max(share(before, quantity), share(reserved, to.quantity))
    }
}

extension OrderMachine {
    /// The terms that are asked for and not answered.
    public var changeAsked: OrderChange? { change?.to }

    /// Behind the end it says nothing any more: what was filled was told as fills.
    func answer(toChange change: OrderChange, _ id: BrokerOrderID) -> Answer {
        if self.change?.to == change { return .changed(change, id) }
        guard !state.isFinal, order.terms != change else { return .ignore }
        return .contradiction("changed to \(change), which nobody asked for")
    }

    mutating func applyChangeAsked(_ change: OrderChange, reserving reserved: Money) {
        guard !state.isFinal else { return }
        self.change = ChangeUnderWay(to: change, reserved: reserved)
    }
    mutating func applyChangeTaken() {
        guard let change else { return }
        order = order.changed(to: change.to)
        reserved = change.reserved
        self.change = nil
        wasChanged = true
    }
    mutating func applyChangeRefused() { change = nil }

    /// What no run without changes has leaves the hashes of those as they were.
    func hashTerms(into hasher: inout StateHasher) {
        if wasChanged {
            hasher.combine(order.quantity.units)
            hasher.combine(order.limit?.units ?? .min)
            hasher.combine(reserved.units)
        }
        guard let change else { return }
        hasher.combine(change.to.limit.units)
        hasher.combine(change.to.quantity.units)
        hasher.combine(change.reserved.units)
    }
}
