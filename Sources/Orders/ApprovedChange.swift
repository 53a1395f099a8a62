package import TradingModel

/// A change of an open order that may go out: approved, and durable in the log.
package struct ApprovedChange: Hashable, Sendable {
    package let number: OrderNumber
    package let change: OrderChange
    /// Opens or adds exposure: a kill, a lockdown and an outage stop it. What only lowers passes.
    package let opens: Bool
    /// At that instant of desk time it may no longer be written; `nil`: whenever.
    package let validUntil: Timestamp?
    /// Desk time.
    package let approvedAt: Timestamp

    package init(
        _ number: OrderNumber, to change: OrderChange, opens: Bool, validUntil: Timestamp? = nil,
        approvedAt: Timestamp
    ) {
        self.number = number
        self.change = change
        self.opens = opens
        self.validUntil = validUntil
        self.approvedAt = approvedAt
    }
}

extension ApprovedOrder {
    /// The same order with the terms that the broker took.
    package func changed(to change: OrderChange) -> ApprovedOrder {
        ApprovedOrder(
            order.changed(to: change), as: client, opens: opens, validUntil: validUntil,
            approvedAt: approvedAt)
    }
}

extension LoggedOrder {
    /// The broker took the change that was on its way.
    package mutating func take(_ change: OrderChange, as id: BrokerOrderID) {
        if let broker, broker != id { formerNumbers.append(broker) }
        broker = id
        approved = approved.changed(to: change)
        self.change = nil
    }

    /// What it can come to, with a change that may have been taken.
    package var whole: Quantity {
        let quantity = approved.order.quantity
        return change.map { max(quantity, $0.change.quantity) } ?? quantity
    }
}
