/// A program that the host started, with everything that it started itself in the same group.
///
/// It does not outlive the host, however that ends. Safe from any thread.
package final class ChildProcess: Sendable {
    /// The system's number of the program.
    package let id: Int32
    private let orders: ProcessOrders
    private let state = Locked(State())

    private struct State {
        var end: ProcessEnd?
        var waiting: [CheckedContinuation<ProcessExit, Never>] = []
    }

    init(id: Int32, orders: ProcessOrders) {
        self.id = id
        self.orders = orders
    }

    /// `nil` while it runs.
    package var exit: ProcessExit? { end?.exit }

    /// The same with what is known of the reason.
    package var end: ProcessEnd? { state.withLock { $0.end } }

    /// SIGTERM to the group now, SIGKILL after the grace. Harmless when repeated or too late.
    package func terminate() { orders.post(.terminate(id)) }

    /// SIGKILL to the group now.
    package func kill() { orders.post(.kill(id)) }

    /// Sends a signal to the program alone: for reloads and tests.
    package func send(signal: Int32) { orders.post(.signal(id, signal)) }

    /// Returns when the program has ended and its output has been handed out.
    package func waitForExit() async -> ProcessExit {
        await withCheckedContinuation { continuation in
            let exit = state.withLock { state in
                if state.end == nil { state.waiting.append(continuation) }
                return state.end?.exit
            }
            if let exit { continuation.resume(returning: exit) }
        }
    }

    /// Called once, by the nursery's thread.
    func didEnd(_ end: ProcessEnd) {
        let waiting = state.withLock { state in
            state.end = end
            defer { state.waiting = [] }
            return state.waiting
        }
        waiting.forEach { $0.resume(returning: end.exit) }
    }
}
