import TradingModel

/// Limit orders that are cancelled because they work for longer than their account lets them (R8.8).
///
/// An order at the market waits for the next price, which on candles is days away, and for nothing else.
/// Exits are left out: what guards a position is moved by its guard. So are orders in doubt: nothing is known of them
/// that could be cancelled, and they are looked at again once it is.
public enum OrderAge {
    private static let words = "it is older than order_age "

    static func reason(_ most: Nanoseconds) -> String { words + span(most) }

    /// Whether an order's end was asked for because of its age.
    public static func says(_ reason: String) -> Bool { reason.hasPrefix(words) }

    /// In the largest unit that leaves nothing over.
    private static func span(_ time: Nanoseconds) -> String {
        let units: [(Int64, String)] = [
            (86_400_000_000_000, "d"), (3_600_000_000_000, "h"), (60_000_000_000, "m"),
            (1_000_000_000, "s"), (1_000_000, "ms"),
        ]
        let unit = units.first { time.count.isMultiple(of: $0.0) }
        return unit.map { "\(time.count / $0.0)\($0.1)" } ?? "\(time.count)ns"
    }
}

extension Kernel {
    /// An order is there: from when on it may be too old.
    mutating func noteAge(of order: Order) {
        guard order.limit != nil,
            let most = gates[Int(order.account.index)].limits.orderAge
        else { return }
        ageDue = min(ageDue, clock.advanced(by: most))
    }

    /// Asks for the end of every limit order that has worked for longer than its account's ``RiskLimits/orderAge``.
    ///
    /// Looked at where accounts are, by the clock of limits over spans of time.
    mutating func endAged(into effects: inout Effects) {
        guard clock >= ageDue else { return }
        var due = Timestamp.distantFuture
        var aged: [(number: OrderNumber, most: Nanoseconds)] = []
        for machine in workingOrders() where !machine.isCancelAsked {
            let order = machine.order
            guard order.limit != nil,
                let most = gates[Int(order.account.index)].limits.orderAge, !isExit(order)
            else { continue }
            let end = machine.placed.advanced(by: most)
            if end > clock || machine.state == .unknown {
                due = min(due, end)
            } else {
                aged.append((order.number, most))
            }
        }
        ageDue = due
        for each in aged { cancel(each.number, reason: OrderAge.reason(each.most), into: &effects) }
    }

    private func isExit(_ order: Order) -> Bool {
        guard exits.isOn, let desk = desk(of: order), let guarded = exits.guards[desk]
        else { return false }
        return guarded.position.exits.contains { $0.number == order.number }
    }
}
