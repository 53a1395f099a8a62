import Orders
package import Platform
package import Ports

/// The brokers of a run as its loop meets them, and the tasks that carry its calls.
package final class BrokerLines: Sendable {
    package let setup: BrokerSetup
    package let lastHop: LastHop
    let lines: [BrokerLine]

    /// - Parameter clock: By which it is said how long brokers take.
    package init(
        _ setup: BrokerSetup, log: any EventLog, doorbell: Doorbell,
        clock: any TimeSource = HostClock()
    ) {
        self.setup = setup
        let lastHop = LastHop { log.durableNumber }
        self.lastHop = lastHop
        lines = setup.links.indices.map {
            BrokerLine(
                setup.links[$0], index: $0, lastHop: lastHop, doorbell: doorbell, clock: clock)
        }
        // What waits for the disk goes on with it.
        log.onDurable { _ in doorbell.ring() }
    }

    /// Carries calls until ``close()`` and the end of those under way.
    package func run() async {
        await withTaskGroup(of: Void.self) { group in
            for line in lines { group.addTask { await line.run() } }
        }
    }

    /// The loop has ended. Any thread; harmless when repeated.
    package func close() { for line in lines { line.close() } }
}
