/// What goes on without a host that stops.
package struct LeftOpen: Hashable, Sendable {
    /// Guarded by nobody.
    package var positions: Int
    /// At brokers outside, where they may fill.
    package var orders: Int
    package init(positions: Int = 0, orders: Int = 0) {
        self.positions = positions
        self.orders = orders
    }
    package var isEmpty: Bool { positions == 0 && orders == 0 }
}
