/// Starts local programs, hands out what they write, notices how they end, and leaves none behind.
///
/// One permanent thread forks, reads, weighs and reaps. It must be permanent: Linux tells a child of
/// its parent's end when the forking *thread* ends. That it also weighs and reaps means that what it
/// kills is never another's by now. Safe from any thread.
package final class ProcessNursery: Sendable {
    private let orders = ProcessOrders()
    private let thread: HostThread

    package init() {
        let loop = ProcessLoop(orders: orders)
        thread = HostThread.start(named: "processes") { loop.run() }
    }

    deinit { orders.post(.shutDown) }

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - onLine: Each line that it writes, in order for each stream; on the nursery's thread, so
    ///     it must not block. With ``ProcessLaunch/pace`` too many are counted instead.
    ///   - onExit: Once, after the last line; on the nursery's thread.
    /// - Throws: ``ProcessLaunchError``; then neither is ever called.
    package func launch(
        _ launch: ProcessLaunch, onLine: @escaping @Sendable (ProcessLine) -> Void = { _ in },
        onExit: @escaping @Sendable (ProcessEnd) -> Void = { _ in }
    ) async throws(ProcessLaunchError) -> ChildProcess {
        let result = await withCheckedContinuation { continuation in
            let launching = ProcessOrders.Launching(
                launch: launch, onLine: onLine, onExit: onExit, answer: continuation)
            guard orders.post(.launch(launching)) else {
                let error = ProcessLaunchError(
                    "the host is shutting down", program: launch.arguments.first ?? "")
                continuation.resume(returning: .failure(error))
                return
            }
        }
        return try result.get()
    }

    /// Terminates what still runs, each with its grace, and ends the thread. Blocks until then.
    /// Harmless when repeated.
    package func shutDown() {
        if orders.post(.shutDown) { thread.join() }
    }
}
