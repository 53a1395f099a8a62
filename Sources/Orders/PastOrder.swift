import Ports
import TradingModel

/// Of an order that ended long ago with something open, what tells a new fill of it from one that was booked.
struct PastOrder: Hashable, Sendable {
    let approved: ApprovedOrder
    let end: OrderEnd
    let broker: BrokerOrderID?
    let formerNumbers: [BrokerOrderID]
    let heard: [UInt32: HeardFill]
    let heardUnits: Int128
    let bookedUnits: Int128
    let bookedValue: Int128
    let differences: UInt32

    /// - Returns: `nil`: it is at work, or filled in full, and comes to no more.
    init?(_ entry: DeskEntry) {
        guard case .ended(let end) = entry.stage, end != .filled, !entry.isFull else { return nil }
        approved = entry.approved
        self.end = end
        broker = entry.broker
        formerNumbers = entry.formerNumbers
        heard = entry.heard
        heardUnits = entry.heardUnits
        bookedUnits = entry.bookedUnits
        bookedValue = entry.bookedValue
        differences = entry.differences
    }

    var entry: DeskEntry {
        var entry = DeskEntry(approved, stage: .ended(end))
        entry.broker = broker
        entry.formerNumbers = formerNumbers
        entry.heard = heard
        entry.heardUnits = heardUnits
        entry.bookedUnits = bookedUnits
        entry.bookedValue = bookedValue
        entry.differences = differences
        return entry
    }
}

/// Word of an order that ended thousands of others ago (R8: no fill is lost).
extension OrderDesk {
    /// Makes an old order known again.
    mutating func recall(_ number: OrderNumber) -> Int? {
        guard let old = past.take(number) else { return nil }
        insert(old.entry)
        return index(of: number)
    }

    /// The order that has this client order id, if it is an old one. Not by the broker's number: those begin anew.
    mutating func recall(_ client: ClientOrderID) -> Int? {
        past.values.first { $0.approved.client == client }.flatMap { recall($0.approved.number) }
    }

    /// A fill that a list has, perhaps of an order that is not known any more.
    mutating func recall(for fill: Fill) {
        guard let old = past[fill.order] else { return }
        // Mostly the list reaches far back, and it was booked when it came.
        if old.differences == 0, old.heard[fill.id] == HeardFill(fill) { return }
        _ = recall(fill.order)
    }

    /// No order of this number was ever here, or it filled in full. A fill of one that the desk cannot know
    /// moved something that is in no book, nobody knows where: nothing opens until a person has looked.
    mutating func hearUnknown(_ report: BrokerReport) {
        outbox.reports.append(report)
        let number = report.order
        let last = entries.last?.number ?? OrderNumber(0)
        let isFull = number <= last && lost.map { number > $0 } ?? true
        guard case .filled(let fill) = report, !isFull else {
            return note(
                .drift, severity: .critical,
                "the broker reports order \(number), which this desk never had or which had filled in full:"
                    + " \(report)")
        }
        let what =
            "the broker tells a fill of order \(number), which this desk does not have:"
            + " \(fill.quantity) at \(fill.price) are not booked"
        unknownFills.insert(UnknownFill(order: number, id: fill.id))
        reconcile("a fill of order \(number) is of none here")
        lockDown(.drift, what)
    }
}
