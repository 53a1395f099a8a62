package import TradingModel

/// What the log keeps of an order that no fact of the kernel tells: a desk of a later start begins with it.
///
/// Without anything in it nothing is left to be remembered.
package struct OrderMemo: Hashable, Sendable {
    /// The books have its end, and it is at the broker all the same: its end is wanted, and its fills are booked.
    package var isGhost = false
    /// The broker's number of a ghost, kept behind its end where it filled: those are no other's. `nil`: not known.
    package var broker: BrokerOrderID?
    /// The broker took a cancel of it, so it was there; of an order whose number is not known.
    package var cancelTaken = false

    package init(
        isGhost: Bool = false, broker: BrokerOrderID? = nil, cancelTaken: Bool = false
    ) {
        self.isGhost = isGhost
        self.broker = broker
        self.cancelTaken = cancelTaken
    }
    package var isEmpty: Bool { self == OrderMemo() }
}

/// A memo that is another than the log has.
package struct NotedMemo: Hashable, Sendable {
    package let order: OrderNumber
    package let memo: OrderMemo
    package init(order: OrderNumber, _ memo: OrderMemo) {
        self.order = order
        self.memo = memo
    }
}

extension DeskEntry {
    var memo: OrderMemo {
        guard !isEnded else { return OrderMemo(broker: isGhost && bookedUnits > 0 ? broker : nil) }
        return OrderMemo(
            isGhost: isGhost, broker: isGhost ? broker : nil,
            cancelTaken: cancelIsProof && broker == nil)
    }
}

extension OrderDesk {
    /// Asks for what the log should have of an order and has not.
    mutating func noteMemo(_ index: Int) {
        let isPlain =
            !entries[index].isGhost && !entries[index].cancelIsProof
            && entries[index].loggedMemo == nil
        guard !isPlain else { return }
        let memo = entries[index].memo
        guard memo != entries[index].loggedMemo ?? OrderMemo() else { return }
        entries[index].loggedMemo = memo.isEmpty ? nil : memo
        outbox.memos.append(NotedMemo(order: entries[index].number, memo))
    }

    /// Orders that the books have ended and that are not over at the broker.
    package var ghosts: [OrderNumber] {
        active.filter { number in
            index(of: number).map { entries[$0].isGhost && !entries[$0].isEnded } ?? false
        }
    }
    package func isGhost(_ number: OrderNumber) -> Bool {
        index(of: number).map { entries[$0].isGhost && !entries[$0].isEnded } ?? false
    }

    /// A ghost of a former process. Its number may be another's by now, so it is asked for before anything else;
    /// until it is known, or a person has said what became of it, nothing opens in its instrument.
    mutating func restoreGhost(_ index: Int) {
        guard !entries[index].isFull else { return end(index, .filled, "") }
        let name = entries[index].broker.map { " as \($0)" } ?? ""
        beginDoubt(
            index,
            "it had ended in the books and was at the broker\(name), and the host started again before"
                + " its end was known; \(Self.ghostListed)")
    }

    /// What is told of a ghost ends so where it begins, by a word of the broker's or by a start.
    package static let ghostListed = "madang order list shows it until it is over"
    /// And this is in what tells of its end.
    package static let ghostIsOver = ", which had ended in the books, is over at the broker too: "

    mutating func tellGhostIsOver(_ index: Int, _ end: OrderEnd, _ reason: String) {
        note(
            .orderDelayed, severity: .info, of: entries[index],
            "order \(entries[index].number)\(Self.ghostIsOver)\(end)"
                + (reason.isEmpty ? "" : ", \(reason)"))
    }
}
