import CLinux
import Glibc

/// The nursery's thread: waits for orders, output and ends of programs, all at once.
final class ProcessLoop {
    private final class Child {
        let handle: ChildProcess
        let spawned: Spawner.Spawned
        let order: ProcessOrders.Launching
        var output = LineSplitter()
        var error = LineSplitter()
        var isOutputOpen = true
        var isErrorOpen = true
        /// Monotonic ns.
        var killAt: Int64?

        init(
            _ handle: ChildProcess, _ spawned: consuming Spawner.Spawned,
            _ order: ProcessOrders.Launching
        ) {
            self.handle = handle
            self.spawned = spawned
            self.order = order
        }
    }

    private let orders: ProcessOrders
    private let clock = HostClock()
    private var children: [pid_t: Child] = [:]
    private var isShuttingDown = false
    private var buffer = [UInt8](repeating: 0, count: 64 * 1024)

    init(orders: ProcessOrders) { self.orders = orders }

    func run() {
        while !isShuttingDown || !children.isEmpty {
            var watched = [pollfd(fd: orders.wake, events: Int16(POLLIN), revents: 0)]
            let order = children.keys.sorted()
            for id in order {
                guard let child = children[id] else { continue }
                let ends = [
                    child.isOutputOpen ? child.spawned.output.raw : -1,
                    child.isErrorOpen ? child.spawned.error.raw : -1, child.spawned.processEnd.raw,
                ]
                watched += ends.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            }
            guard poll(&watched, nfds_t(watched.count), timeout()) >= 0 || errno == EINTR else {
                continue
            }
            for (index, id) in order.enumerated() {
                guard let child = children[id] else { continue }
                if watched[1 + index * 3].revents != 0 { readOutput(of: child) }
                if watched[2 + index * 3].revents != 0 { readError(of: child) }
                if watched[3 + index * 3].revents != 0 { finish(child) }
            }
            killOverdue()
            if watched[0].revents != 0 { orders.take().forEach(obey) }
        }
    }

    private func obey(_ order: ProcessOrders.Order) {
        switch order {
        case .launch(let launching): launch(launching)
        case .terminate(let id): children[id].map(terminate)
        case .kill(let id): if let child = children[id] { Spawner.end(group: child.spawned.warden) }
        case .signal(let id, let number): if children[id] != nil { kill(id, number) }
        case .shutDown:
            isShuttingDown = true
            children.values.forEach(terminate)
        }
    }

    private func launch(_ order: ProcessOrders.Launching) {
        do throws(ProcessLaunchError) {
            let spawned = try Spawner.spawn(order.launch)
            let handle = ChildProcess(id: spawned.process, orders: orders)
            children[handle.id] = Child(handle, spawned, order)
            order.answer.resume(returning: .success(handle))
        } catch {
            order.answer.resume(returning: .failure(error))
        }
    }

    private func terminate(_ child: Child) {
        guard child.killAt == nil else { return }
        kill(-child.spawned.warden, SIGTERM)
        kill(-child.spawned.warden, SIGCONT)  // a stopped program hears nothing else
        child.killAt = clock.monotonic() + max(0, child.order.launch.grace)
    }

    private func killOverdue() {
        let now = clock.monotonic()
        for child in children.values {
            if let killAt = child.killAt, killAt <= now {
                Spawner.end(group: child.spawned.warden)
                child.killAt = .max
            }
        }
    }

    /// ms until the next grace ends; -1: none runs.
    private func timeout() -> CInt {
        guard let next = children.values.compactMap(\.killAt).min(), next != .max else { return -1 }
        let left = max(0, next - clock.monotonic())
        return CInt(clamping: left / 1_000_000 + 1)
    }

    /// The program has ended: what it started ends too, then the last lines, then the reason.
    private func finish(_ child: Child) {
        let exit = Spawner.reap(child.handle.id)
        Spawner.end(group: child.spawned.warden)
        Spawner.reap(child.spawned.warden)
        readOutput(of: child)
        readError(of: child)
        child.output.finish { deliver($0, $1, .output, child) }
        child.error.finish { deliver($0, $1, .error, child) }
        children[child.handle.id] = nil
        child.order.onExit(exit)
        child.handle.didExit(exit)
    }

    private func readOutput(of child: Child) {
        guard child.isOutputOpen else { return }
        child.isOutputOpen = read(child.spawned.output, &child.output, .output, child)
    }

    private func readError(of child: Child) {
        guard child.isErrorOpen else { return }
        child.isErrorOpen = read(child.spawned.error, &child.error, .error, child)
    }

    /// Reads a bounded amount, so that one loud program does not starve the others.
    ///
    /// - Returns: False at the end of the stream.
    private func read(
        _ descriptor: borrowing FileDescriptor, _ splitter: inout LineSplitter,
        _ stream: ProcessLine.Stream, _ child: Child
    ) -> Bool {
        for _ in 0..<4 {
            switch descriptor.read(into: &buffer) {
            case .bytes(let count):
                splitter.feed(buffer[..<count]) { deliver($0, $1, stream, child) }
            case .empty: return true
            case .end: return false
            }
        }
        return true
    }

    private func deliver(
        _ text: String, _ isCut: Bool, _ stream: ProcessLine.Stream, _ child: Child
    ) {
        child.order.onLine(ProcessLine(stream: stream, text: text, isCut: isCut))
    }
}

// Safe because it is made by one thread and handed to the nursery's, which alone uses it.
extension ProcessLoop: @unchecked Sendable {}
