/// What an open limit order is to be from now on: absolute, never a difference, so that saying it again is harmless.
public struct OrderChange: Hashable, Sendable, CustomStringConvertible {
    public let limit: Price
    /// All of the order, what of it is filled included.
    public let quantity: Quantity
    public init(limit: Price, quantity: Quantity) {
        self.limit = limit
        self.quantity = quantity
    }
    public var description: String { "\(quantity) @ \(limit)" }
}

extension Order {
    /// What it is now; `nil` of a market order, which cannot be changed.
    public var terms: OrderChange? { limit.map { OrderChange(limit: $0, quantity: quantity) } }

    /// The same order under other terms.
    public func changed(to change: OrderChange) -> Order {
        Order(
            number: number, account: account, instrument: instrument, side: side,
            quantity: change.quantity, limit: change.limit)
    }

    /// Whether a change may only lessen what the order can come to: a buy's price or either side's quantity.
    ///
    /// A sale's other price lessens nothing: it is judged as a new sale.
    public func isOnlyLowered(by change: OrderChange) -> Bool {
        guard let limit, change.quantity <= quantity else { return false }
        return side == .buy ? change.limit <= limit : change.limit == limit
    }
}
