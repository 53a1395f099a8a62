package import Orders
import Platform
package import Ports
package import TradingModel

/// Counts orders out against approvals, in the line before the call of a broker.
///
/// It is told of approvals by who writes them to the log, and of orders by who hands them to an adapter: two ways that meet
/// only here. One that has no approval, is another order than was approved, goes to another broker, or is
/// ahead of the log, goes nowhere, and the host halts.
package final class LastHop: Sendable {
    private struct Approval {
        let order: Order
        let client: ClientOrderID
        let desk: Int
        let record: UInt64
        var isOut = false
    }
    private struct State {
        var approvals: [OrderNumber: Approval] = [:]
        /// One for an order at most.
        var changes: [OrderNumber: (change: OrderChange, record: UInt64)] = [:]
        var approved: UInt64 = 0
        var out: UInt64 = 0
        var mismatch: String?
    }
    private let state = Locked(State())
    private let durable: @Sendable () -> UInt64

    /// - Parameter durable: The number up to which records survive a crash.
    package init(durable: @escaping @Sendable () -> UInt64) { self.durable = durable }

    /// An order and its broker were written to the log as this record.
    package func approve(
        _ order: Order, as client: ClientOrderID, at desk: Int, record: UInt64
    ) {
        state.withLock { state in
            state.approved += 1
            state.approvals[order.number] = Approval(
                order: order, client: client, desk: desk, record: record)
        }
    }

    /// Nothing of it goes out any more.
    package func forget(_ number: OrderNumber) {
        state.withLock {
            $0.approvals[number] = nil
            $0.changes[number] = nil
        }
    }

    /// Whether the order may be handed to the adapter of that desk. The same again is a try of the same order.
    package func passes(_ order: ApprovedOrder, at desk: Int) -> Bool {
        let durable = durable()
        return state.withLock { state in
            guard state.mismatch == nil || !order.opens else { return false }
            guard let why = Self.objection(to: order, desk, durable, &state) else { return true }
            state.mismatch = state.mismatch ?? "order \(order.number): \(why)"
            return false
        }
    }

    // MARK: Changes

    package func approve(_ number: OrderNumber, _ change: OrderChange, record: UInt64) {
        state.withLock { $0.changes[number] = (change, record) }
    }
    package func forgetChange(of number: OrderNumber) {
        state.withLock { $0.changes[number] = nil }
    }

    /// Whether the change may be handed to the adapter. One that only lowers is held to its approval too, and stays
    /// possible behind a mismatch. One that is not wanted any more was approved, and forgotten while it waited for its turn.
    package func passes(_ change: ApprovedChange, _ permit: SendPermit) -> Bool {
        let durable = durable()
        return state.withLock { state in
            guard state.mismatch == nil || !change.opens else { return false }
            if let known = state.changes[change.number], known.change == change.change,
                known.record <= durable
            {
                return true
            }
            guard permit.isWanted else { return false }
            state.mismatch =
                state.mismatch
                ?? "order \(change.number): a change to \(change.change) has no approval on the disk"
            return false
        }
    }

    private static func objection(
        to order: ApprovedOrder, _ desk: Int, _ durable: UInt64, _ state: inout State
    ) -> String? {
        guard var approval = state.approvals[order.number] else { return "it has no approval" }
        guard approval.order == order.order, approval.client == order.client else {
            return "another order was approved under this number"
        }
        guard approval.desk == desk else { return "it was approved for another broker" }
        guard approval.record <= durable else { return "its approval is not on the disk" }
        guard !approval.isOut else { return nil }
        approval.isOut = true
        state.approvals[order.number] = approval
        state.out += 1
        guard state.out <= state.approved else {
            return "\(state.out) orders out, and \(state.approved) approved"
        }
        return nil
    }

    /// What is wrong, once something is.
    package var mismatch: String? { state.withLock { $0.mismatch } }
    /// Orders that may still go out.
    package var known: Int { state.withLock { $0.approvals.count } }
    /// Of this start.
    package var counts: (approved: UInt64, out: UInt64) {
        state.withLock { ($0.approved, $0.out) }
    }
}
