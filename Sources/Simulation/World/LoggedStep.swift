package import Kernel
package import Orders
package import TradingModel

/// What one record of the simulated log holds: a step's input and everything that was decided in it.
package struct LoggedStep: Sendable {
    /// The market input, where the step had one.
    package var tick: (tick: Tick, at: EventPosition)?
    /// Entry.
    package var time: Timestamp
    package var facts: [Fact] = []
    package var lockdowns: [Lockdown] = []
    /// What desks have to be told of orders behind a crash, beside facts.
    package var memos: [NotedMemo] = []
    /// Which broker was chosen for an order.
    package var routes: [(order: OrderNumber, broker: Int)] = []
    /// Of the kernel behind it.
    package var state: UInt64 = 0

    package struct Lockdown: Sendable {
        package var broker: Int
        /// `nil`: released.
        package var reason: String?
    }
    package var isEmpty: Bool { tick == nil && facts.isEmpty && lockdowns.isEmpty && memos.isEmpty }
}
