import TradingModel

/// Orders that the books have ended and that are at a broker all the same: until somebody knows what became of
/// one, nothing opens in its instrument there, whoever has started again meanwhile.
struct GhostBooks {
    /// By order, as the log has it.
    var noted: [OrderNumber: [(on: Bool, record: UInt64)]] = [:]
    /// Those of which nobody knows.
    var waiting: Set<OrderNumber> = []

    mutating func crashed(_ kept: UInt64) {
        for number in noted.keys { noted[number]?.removeAll { $0.record > kept } }
        waiting = waiting.filter { noted[$0]?.last?.on == true }
    }
}

extension Checker {
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
