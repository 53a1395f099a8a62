import TradingModel

/// Orders that the books have ended and that are at a broker all the same: until somebody knows what became of
/// one, nothing opens in its instrument there, whoever has started again meanwhile.
struct GhostBooks {
    /// By order, as the log has it.
    var noted: [OrderNumber: [(on: Bool, record: UInt64)]] = [:]
    /// Those of which nobody knows.
    var waiting: Set<OrderNumber> = []
    /// By order, as its desk has it.
    var known: [OrderNumber: [(on: Bool, record: UInt64)]] = [:]

    mutating func crashed(_ kept: UInt64) {
        for number in noted.keys { noted[number]?.removeAll { $0.record > kept } }
        waiting = waiting.filter { noted[$0]?.last?.on == true }
        for number in known.keys { known[number]?.removeAll { $0.record > kept } }
    }
}

extension Checker {
    /// What a desk knew when it wrote a record that is on the disk, it has to know behind a crash: else who buys
    /// there, and who books what the order fills?
    mutating func restored(_ numbers: [OrderNumber]) {
        for (number, words) in ghosts.known.sorted(by: { $0.key < $1.key }) {
            guard let last = words.last, last.on, !numbers.contains(number) else { continue }
            ghosts.known[number] = nil
            // All of it is in the books: there is nothing more to come.
            if let intent = intents[number], intent.booked >= intent.whole { continue }
            violate(
                .ghosts,
                "intent \(number), which had ended in the books and is not over at its broker, is not known"
                    + " behind a start; record \(last.record) is on the disk")
        }
    }

    mutating func checkGhosts(_ order: Order, _ broker: Int) {
        let others = ghosts.waiting.filter { number in
            number != order.number && truths[number]?.broker == broker
                && intents[number]?.approval.order.instrument == order.instrument
        }
        guard let other = others.min() else { return }
        violate(
            .doubt,
            "intent \(order.number) buys \(symbol(order.instrument)) while \(other), which had ended in the"
                + " books, waits")
    }
}
