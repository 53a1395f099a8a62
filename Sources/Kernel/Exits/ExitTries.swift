public import TradingModel

/// What became of a tier's orders: when the next may go out, for how much, and at which price.
///
/// Each tier has its own: what a broker says of a target says nothing of a stop.
public struct ExitTries: Hashable, Sendable {
    /// How an exit order ended that was not filled in full.
    public enum End: Hashable, Sendable {
        /// The broker refused it, for it holds less than that, or less of it is free.
        case uncovered
        /// The broker refused it for another reason.
        case refused
        /// Its time ended, somebody cancelled it, it was never sent.
        case other
    }
    /// Orders in a row that ended without a fill though nobody had asked for their end. Several of which each asked for less
    /// than the one before it count as one.
    public private(set) var failures = 0
    public private(set) var last = Timestamp(nanoseconds: .min)
    /// The broker did not cover the last one: the next asks for no more than half of it; `nil`: for all that is to be sold.
    ///
    /// Somebody else's sale may hold some of it back there, and no broker is bound to say how much is free.
    public private(set) var most: Quantity?
    /// The last one was not covered, and the next is smaller.
    public private(set) var isHalving = false
    /// The broker refused a stop below the last price: the next offers that price itself, which has just been allowed.
    public private(set) var offersLast = false

    // MARK: What happened

    mutating func ordered(at time: Timestamp) { last = time }

    /// - Parameter open: What was not filled of it.
    mutating func ended(_ end: End, open: Quantity, isStop: Bool) {
        isHalving = false
        switch end {
        case .uncovered:
            let half = Quantity(units: open.units / 2)
            isHalving = most != half
            failures = isHalving ? max(1, failures) : failures + 1
            most = half
        case .refused:
            failures += 1
            if isStop { offersLast.toggle() }
            // Refused at both prices: a part that is too small there, perhaps.
            if failures > 2 { most = nil }
        case .other:
            failures += 1
            offersLast = false
        }
    }

    /// Its end was asked for and has come: the price had left it, so it had been taken, and the next has its room.
    mutating func withdrawn(_ end: End) {
        offersLast = false
        if end == .other { (failures, isHalving) = (0, false) }
    }

    /// - Parameter isFull: Nothing of the order is open any more.
    mutating func sold(isFull: Bool) {
        (offersLast, isHalving) = (false, false)
        if isFull { most = nil }
        // While a part is at work the rest waits for what becomes of it.
        if most == nil { failures = 0 }
    }

    /// More may be covered than before: a target that held some has ended.
    mutating func beginAnew() { self = ExitTries() }

    // MARK: What follows

    /// Whether the pause behind the last one is not over: from 1 s, doubled with each failure, to 64 s; 1 s where the next
    /// asks for less.
    ///
    /// A clock that stands before the last try began anew with the machine: nothing is known of the pause.
    func pauses(at now: Timestamp) -> Bool {
        guard failures > 0, now >= last else { return false }
        let seconds = isHalving ? 1 : Int64(1) << Int64(min(failures - 1, 6))
        return now < last.advanced(by: .seconds(seconds))
    }

    /// The most that the next may ask for; never less than a lot.
    func bound(lot: Quantity) -> Quantity {
        most.map { max($0, lot) } ?? Quantity(units: .max)
    }

    func hash(into hasher: inout StateHasher) {
        hasher.combine(failures)
        hasher.combine(last.nanoseconds)
        hasher.combine(most?.units ?? .min)
        hasher.combine(isHalving)
        hasher.combine(offersLast)
    }
}
