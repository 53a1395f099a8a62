import Synchronization
package import TradingModel

/// An order on its way out: what the last hop needs.
package struct Placement: Sendable {
    package let order: Order
    /// Stored with the order before this was made.
    package let client: ClientOrderID
    package let permit: SendPermit
    package init(_ order: Order, as client: ClientOrderID, permit: SendPermit) {
        self.order = order
        self.client = client
        self.permit = permit
    }
}

/// A change on its way out.
package struct Modification: Sendable {
    package let change: OrderChange
    /// Of one that adds nothing it lets everything through but lateness.
    package let permit: SendPermit
    package init(_ change: OrderChange, permit: SendPermit) {
        self.change = change
        self.permit = permit
    }
}

/// Why an order was withdrawn before its write.
package enum Withdrawal: Hashable, Sendable {
    /// A kill came between approval and write.
    case killed
    /// Its validity ended, the call's limit passed, or a change's order was over, while it waited.
    case late
    /// The adapter was closed.
    case closed
}

/// Leave to send one order. It is asked by the adapter's last hop, immediately before the write.
///
/// Why here and not in a queue's owner: an order may wait in the log's flush, the rate limiter, a retry or a failover,
/// and no kill can reach into all of them. So every approved order carries the kill numbers it was approved
/// under, and the one line before the socket compares. The answer is certain either way: `notSent`, or the
/// order was written and the kill, which comes after, finds it and cancels it. Cancels carry no permit.
package struct SendPermit: Sendable {
    private let opens: Bool
    private let validUntil: Int64?
    private let kills: [KillCounter.Reading]
    private let wanted: KillCounter.Reading?

    /// - Parameters:
    ///   - opens: Whether it opens or adds exposure; what only reduces it passes a kill.
    ///   - validUntil: Monotonic ns of the adapter's clock; at that instant it is late.
    ///   - kills: What the counters said when the order was approved: of the host, the account, the strategy.
    ///   - wanted: Of a change: outdated once it is known not to be made, or its order is over.
    package init(
        opens: Bool, validUntil: Int64? = nil, kills: [KillCounter.Reading],
        wanted: KillCounter.Reading? = nil
    ) {
        self.opens = opens
        self.validUntil = validUntil
        self.kills = kills
        self.wanted = wanted
    }

    package var isWanted: Bool { wanted?.isOutdated != true }

    /// - Parameter monotonic: Now, by the clock of `validUntil`.
    /// - Returns: Why the order may no longer leave; `nil`: write it now.
    package func withdrawal(at monotonic: Int64) -> Withdrawal? {
        if opens, kills.contains(where: \.isOutdated) { return .killed }
        if let validUntil, monotonic >= validUntil { return .late }
        if !isWanted { return .late }
        return nil
    }
}

/// Counts the kills of a host, an account or a strategy. Any thread.
///
/// The number is raised, never lowered: an order approved before a kill stays withdrawn when the kill is lifted.
/// The kernel holds the kill itself, and approves nothing that opens while it stands; this is only its shadow at the socket.
package final class KillCounter: Sendable {
    /// What a counter said at an approval.
    package struct Reading: Sendable {
        fileprivate let counter: KillCounter
        package let number: UInt64
        package var isOutdated: Bool { counter.number != number }
    }
    private let count: Atomic<UInt64>

    /// - Parameter number: The logged number of the last kill, after a restart.
    package init(number: UInt64 = 0) { count = Atomic(number) }

    package var number: UInt64 { count.load(ordering: .sequentiallyConsistent) }
    package func reading() -> Reading { Reading(counter: self, number: number) }

    /// A kill: from the return on, no opening order approved before it passes the line before the socket.
    /// One that had passed it counts as sent, and the kill cancels it once its `place` has answered.
    ///
    /// - Returns: The new number.
    @discardableResult package func raise() -> UInt64 {
        count.add(1, ordering: .sequentiallyConsistent).newValue
    }
}
