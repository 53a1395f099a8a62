/// When a session is made again, and when it is left alone. Times in ns.
package struct LifePolicy: Hashable, Sendable {
    /// How long is waited before a server is connected, or started, again.
    package struct Restart: Hashable, Sendable {
        /// Behind the first failure; doubled with each one in a row.
        package var first: Int64 = 50_000_000
        package var longest: Int64 = 5_000_000_000
        package init() {}
    }

    /// When a server is no longer tried at every turn, but asked now and then.
    package struct Circuit: Hashable, Sendable {
        /// In a row, without any progress between them.
        package var failures = 5
        /// From one trial connection to the next.
        package var probe: Int64 = 5_000_000_000
        /// A server that hangs for longer loses its stream, and its process where that is ours.
        package var hung: Int64 = 30_000_000_000
        package init() {}
    }

    /// When a server is left alone until somebody releases it.
    package struct Quarantine: Hashable, Sendable {
        /// Within the window, with progress between them or not.
        package var breaks = 10
        /// Of the breaks, those by a breach of the contract.
        package var violations = 3
        package var within: Int64 = 600_000_000_000
        package init() {}
    }
    package var restart = Restart()
    package var circuit = Circuit()
    package var quarantine = Quarantine()
    package init() {}

    /// How long is waited behind so many failures in a row.
    ///
    /// Doubled with each of them up to the longest; up to a quarter is taken off, so that servers that fell
    /// together do not come back together.
    ///
    /// - Parameter draw: Evenly spread over all its values.
    func pause(after failures: Int, draw: UInt64) -> Int64 {
        let doublings = max(0, min(failures - 1, 62))
        let (product, overflow) = restart.first.multipliedReportingOverflow(by: 1 << doublings)
        let whole = max(0, overflow ? restart.longest : min(product, restart.longest))
        let jitter = (UInt64(whole) / 4).multipliedFullWidth(by: draw).high
        return whole - Int64(jitter)
    }
}
