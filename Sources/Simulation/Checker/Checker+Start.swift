import TradingModel

/// What a start has seen of its brokers: before it has seen it nothing opens there, and in an instrument of which both
/// sides did not say the same then nothing opens until they do.
struct StartBooks {
    /// By broker: what differs since the start; `nil`: nothing was stated.
    private var differing: [Int: Set<InstrumentID>] = [:]
    mutating func started() { differing = [:] }
    mutating func compared(_ broker: Int, _ now: [InstrumentID]) {
        guard let before = differing[broker] else {
            return differing[broker] = Set(now)
        }
        differing[broker] = before.intersection(now)
    }
    mutating func corrected(_ instrument: InstrumentID, _ broker: Int) {
        differing[broker]?.remove(instrument)
    }
    func isCompared(_ broker: Int) -> Bool { differing[broker] != nil }
    func differs(_ instrument: InstrumentID, _ broker: Int) -> Bool {
        differing[broker]?.contains(instrument) == true
    }
}

extension Checker {
    /// At whichever broker it opens: the account's holdings lie at all of them.
    mutating func checkStart(_ order: Order) {
        guard terms.comparesAtStart else { return }
        for (broker, name) in terms.brokers.map(\.name).enumerated() {
            if !starts.isCompared(broker) {
                violate(
                    .start,
                    "intent \(order.number) buys and is sent before \(name) has stated since the start"
                        + " what is held")
            } else if starts.differs(order.instrument, broker) {
                violate(
                    .start,
                    "intent \(order.number) buys \(symbol(order.instrument)), of which \(name) holds"
                        + " another quantity than the books since the start")
            }
        }
    }
}
