import Host

/// What of the orders in a folder a run is to hear. A value; its owner locks it.
///
/// Numbers in a folder rise. Where one falls, files were removed or put back: nobody knows any more what came behind what,
/// so it may stop more, and lets nothing go. What was thrown from inside has no number until its file is written, so
/// whatever the folder says meanwhile is heard with it.
struct KillHearing {
    private struct Thrown {
        var reason: String
        /// Files of it that are still to be written.
        var pending: Int
        /// Only an order for all behind this one lets go.
        var number: Int
    }
    /// What was handed on last.
    private(set) var last: KillOrder?
    /// As the folder had it last.
    private var read: KillOrder?
    private var thrown: Thrown?

    /// - Parameter order: As the folder has it, read in turn.
    /// - Returns: What the run is to hear, and whether the folder's numbers fell; `nil`: nothing new.
    mutating func take(_ order: KillOrder) -> (order: KillOrder, isBehind: Bool)? {
        guard order != read else { return nil }
        read = order
        var order = order
        var isBehind = false
        if let last, order.number <= last.number, last.number < .max {
            order = last.stopping(also: order)
            isBehind = true
        }
        if let thrown {
            let isAnswered = order.numberOfAll > thrown.number || thrown.number == .max
            if thrown.pending == 0, isAnswered {
                self.thrown = nil
            } else if !order.on {
                (order.on, order.reason) = (true, thrown.reason)
            }
        }
        last = order
        return (order, isBehind)
    }

    /// From inside. ``kept(as:)`` or ``notKept(behind:)`` follows.
    ///
    /// - Parameter before: What a start before this one heard last: its parts stay where the folder has nothing.
    /// - Returns: What the run is to hear, under the number of before: only the folder gives out new ones.
    mutating func throwSwitch(_ reason: String, behind before: KillOrder? = nil) -> KillOrder {
        var order = last ?? before ?? KillOrder(number: 0, on: true, reason: reason)
        (order.on, order.reason, order.said) = (true, reason, reason)
        last = order
        thrown = Thrown(
            reason: reason, pending: (thrown?.pending ?? 0) + 1, number: thrown?.number ?? .min)
        return order
    }

    /// The folder has it, under this number.
    mutating func kept(as number: Int) { settle(number) }

    /// The folder takes nothing.
    ///
    /// - Parameter order: What it has.
    mutating func notKept(behind order: KillOrder?) {
        settle(max(last?.numberOfAll ?? 0, order?.numberOfAll ?? 0))
    }

    private mutating func settle(_ number: Int) {
        guard var thrown else { return }
        thrown.pending -= 1
        thrown.number = max(thrown.number, number)
        self.thrown = thrown
    }
}

extension KillOrder {
    /// Whatever either of both stops; nothing is sold or held by it that was not before.
    fileprivate func stopping(also other: KillOrder) -> KillOrder {
        var both = self
        both.said = other.said
        if !on, other.on { (both.on, both.reason) = (true, other.reason) }
        for (name, part) in other.accounts where accounts[name] == nil {
            both.accounts[name] = Part(reason: part.reason)
        }
        for (name, part) in other.strategies where strategies[name] == nil {
            both.strategies[name] = part
        }
        return both
    }
}
