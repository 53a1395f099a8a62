import Ports
package import TradingModel

/// Gives calls of one key their turn: evenly spaced, the urgent first, none past its limit; of cancels the one that may
/// fill soonest.
///
/// One for each credential, shared by the desks that use it. Evenly, for brokers count by their own second: a burst at
/// the seam of two of ours is one second of theirs (KIS: 18 a second, 1 on the mock server, 3 in a customer's first days).
package struct RateLimiter: Sendable {
    /// Whose call it is: calls are numbered by desk.
    package struct Ticket: Hashable, Sendable {
        package let desk: AccountID
        package let call: CallID
        package init(desk: AccountID, call: CallID) {
            self.desk = desk
            self.call = call
        }
    }
    package enum Turn: Hashable, Sendable {
        /// Make it, with what is left of its limit.
        case go(Ticket, DeskCall, left: Nanoseconds)
        /// Its limit passed while it waited: nothing was written.
        case late(Ticket, DeskCall)
    }
    private struct Waiting: Sendable {
        let ticket: Ticket
        let call: DeskCall
        let deadline: Timestamp
        /// Which order's, of one that ends or changes an order.
        let order: OrderNumber?
    }
    package let spacing: Nanoseconds
    private var waiting: [[Waiting]]
    private var next = Timestamp(nanoseconds: .min)
    /// The next cancel is one of what opens, where one waits.
    private var openingFirst = false

    /// - Parameter perSecond: At least 1.
    package init(perSecond: Int64) {
        precondition(perSecond >= 1, "a limit of no calls is no limit")
        // Rounded up: 18 of them take no less than a second.
        spacing = Nanoseconds((1_000_000_000 + perSecond - 1) / perSecond)
        waiting = DeskCall.Urgency.allCases.map { _ in [] }
    }

    package var count: Int { waiting.reduce(0) { $0 + $1.count } }

    package mutating func offer(_ call: DeskCall, of ticket: Ticket, at now: Timestamp) {
        waiting[call.urgency.rawValue].append(
            Waiting(
                ticket: ticket, call: call, deadline: now.advanced(by: call.limit),
                order: call.order))
    }

    /// Several cancels wait, so it matters which is the first.
    package var isChoice: Bool { waiting[DeskCall.Urgency.cancel.rawValue].count > 1 }

    /// - Parameter rank: Of the orders whose cancels wait, by the prices of now; `nil`: in the order in which they came.
    /// - Returns: What to do now; `nil`: nothing before ``wake``.
    package mutating func next(
        at now: Timestamp, rank: ((OrderNumber) -> CancelRank)? = nil
    ) -> Turn? {
        for urgency in waiting.indices {
            if let at = waiting[urgency].firstIndex(where: { $0.deadline <= now }) {
                let late = waiting[urgency].remove(at: at)
                return .late(late.ticket, late.call)
            }
        }
        guard now >= next, let urgency = waiting.firstIndex(where: { !$0.isEmpty }) else {
            return nil
        }
        let first = waiting[urgency].remove(at: place(of: rank, urgency))
        if urgency == DeskCall.Urgency.cancel.rawValue { openingFirst.toggle() }
        next = now.advanced(by: spacing)
        return .go(first.ticket, first.call, left: first.deadline.since(now))
    }

    private func place(of rank: ((OrderNumber) -> CancelRank)?, _ urgency: Int) -> Int {
        guard let rank, urgency == DeskCall.Urgency.cancel.rawValue, isChoice
        else { return 0 }
        let ranks = waiting[urgency].map { $0.order.map(rank) }
        return ranks.indices.min { a, b in
            guard let one = ranks[a], let other = ranks[b], one != other else { return a < b }
            return one.isBefore(other, openingFirst: openingFirst)
        } ?? 0
    }

    package var wake: Timestamp? {
        let deadlines = waiting.joined().map(\.deadline).min()
        return deadlines.map { min($0, next) }
    }

    /// The broker said that there were too many: nobody goes before that, at most ``BrokerError/longestWait``.
    package mutating func refused(wait: Nanoseconds, at now: Timestamp) {
        next = max(next, now.advanced(by: max(min(wait, BrokerError.longestWait), spacing)))
    }

    /// Takes back opening orders that wait: a kill.
    ///
    /// - Returns: Those that nobody will make now; each is answered `notSent(.killed)`.
    package mutating func withdrawOpening(of desk: AccountID) -> [DeskCall] {
        let order = DeskCall.Urgency.order.rawValue
        let taken = waiting[order].filter { $0.ticket.desk == desk }
        waiting[order].removeAll { $0.ticket.desk == desk }
        return taken.map(\.call)
    }
}
