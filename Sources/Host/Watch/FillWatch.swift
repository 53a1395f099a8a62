import TradingModel

/// Which orders at brokers outside should have filled and did not, by the host's clock. A value.
struct FillWatch {
    struct Working: Hashable {
        let number: OrderNumber
        let filled: Quantity
        /// At the market or at a limit that the price has reached, in an instrument that trades.
        let shouldFill: Bool
    }
    struct Late: Hashable {
        let number: OrderNumber
        let waited: Nanoseconds
    }
    private struct Entry {
        var filled: Quantity
        /// Monotonic ns; `nil`: it need not fill.
        var since: Int64?
        var isTold = false
    }
    let span: Nanoseconds
    private var entries: [OrderNumber: Entry] = [:]

    init(_ span: Nanoseconds) { self.span = span }

    /// - Parameter working: All that a broker has taken and that have not ended.
    /// - Returns: Those that are late by now, each once in its life.
    mutating func look(at now: Int64, _ working: [Working]) -> [Late] {
        var (late, kept): ([Late], [OrderNumber: Entry]) = ([], [:])
        for order in working {
            var entry = entries[order.number] ?? Entry(filled: order.filled)
            if !order.shouldFill {
                entry.since = nil
            } else if entry.since == nil || entry.filled != order.filled {
                entry.since = now
            }
            entry.filled = order.filled
            if !entry.isTold, let since = entry.since, now - since >= span.count {
                entry.isTold = true
                late.append(Late(number: order.number, waited: Nanoseconds(now - since)))
            }
            kept[order.number] = entry
        }
        entries = kept
        return late
    }
}
