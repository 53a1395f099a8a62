package import Platform

/// A server that the checks start, end and start again.
package final class ServerProgram: Sendable {
    private let launch: ProcessLaunch
    private let nursery: ProcessNursery
    private let child = Locked<ChildProcess?>(nil)
    private let said = Locked<[String]>([])

    /// - Parameter launch: Its environment names the address at which it must listen.
    package init(_ launch: ProcessLaunch, in nursery: ProcessNursery) {
        self.launch = launch
        self.nursery = nursery
    }

    /// Starts it unless it runs.
    ///
    /// - Throws: `ProcessLaunchError`.
    package func start() async throws { try await start(launch) }

    /// Starts it as a host would that is gone before the server looks: its pipe has ended.
    func startOrphaned() async throws {
        var launch = launch
        let end = "exec \(ProcessLaunch.lifelineDescriptor)</dev/null; exec \"$@\""
        launch.arguments = ["sh", "-c", end, "sh"] + launch.arguments
        try await start(launch)
    }

    /// The same with more in its environment, unless it runs.
    func start(with environment: [String: String]) async throws {
        var launch = launch
        launch.environment.merge(environment) { $1 }
        try await start(launch)
    }

    private func start(_ launch: ProcessLaunch) async throws {
        if let child = child.withLock({ $0 }), child.exit == nil { return }
        let started = try await nursery.launch(
            launch,
            onLine: { [said] line in
                said.withLock { lines in
                    lines.append(line.text)
                    if lines.count > 50 { lines.removeFirst() }
                }
            })
        child.withLock { $0 = started }
    }

    /// Ends it as the host would, and waits.
    ///
    /// - Returns: How it ended.
    func terminate() async -> ProcessExit? {
        guard let child = child.withLock({ $0 }) else { return nil }
        child.terminate()
        return await child.waitForExit()
    }

    /// Ends it as a crash would, and waits.
    func kill() async {
        guard let child = child.withLock({ $0 }) else { return }
        child.kill()
        _ = await child.waitForExit()
    }

    /// Waits for its end.
    ///
    /// - Returns: Whether it came in time.
    func ends(within limit: Duration) async -> Bool {
        guard let child = child.withLock({ $0 }) else { return true }
        let timer = Task {
            try await Task.sleep(for: limit)
            child.kill()
        }
        defer { timer.cancel() }
        return await child.waitForExit() != .signal(9)
    }

    /// `nil` while it runs.
    package var exit: ProcessExit? { child.withLock { $0 }?.exit }
    /// Its last lines, for people.
    package var lines: [String] { said.withLock { $0 } }
}
