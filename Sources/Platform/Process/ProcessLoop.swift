import CLinux
import Glibc

/// The nursery's thread: waits for orders, output and ends of programs, all at once, and weighs
/// those that have a limit of memory.
final class ProcessLoop {
    private let orders: ProcessOrders
    private let clock = HostClock()
    private let table = ProcessTable()
    private var scale: ProcessScale
    private lazy var groups = ControlGroupBase(reading: table)
    private var children: [pid_t: ProcessChild] = [:]
    private var isShuttingDown = false
    private var buffer = [UInt8](repeating: 0, count: 64 * 1024)

    init(orders: ProcessOrders) {
        self.orders = orders
        scale = ProcessScale(table: table)
    }

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
            let now = clock.monotonic()
            for child in children.values { child.tellLeftOut(at: now) }
            killOverdue(at: now)
            scale.weigh(children, at: now, by: clock)
            if watched[0].revents != 0 { orders.take().forEach(obey) }
        }
    }

    private func obey(_ order: ProcessOrders.Order) {
        switch order {
        case .launch(let launching): launch(launching)
        case .terminate(let id): children[id].map(terminate)
        case .kill(let id): if let child = children[id] { end(child) }
        case .signal(let id, let number): if children[id] != nil { kill(id, number) }
        case .shutDown:
            isShuttingDown = true
            children.values.forEach(terminate)
        }
    }

    private func launch(_ order: ProcessOrders.Launching) {
        do throws(ProcessLaunchError) {
            let spawned = try Spawner.spawn(
                order.launch, groups: order.launch.memory == nil ? nil : groups)
            let start = table.entry(of: spawned.process)?.start ?? 0
            let handle = ChildProcess(id: spawned.process, orders: orders)
            let child = ProcessChild(
                handle, spawned, order, start: start, memoryKills: table.memoryKills())
            children[handle.id] = child
            child.keepRecord(table)
            order.answer.resume(returning: .success(handle))
        } catch {
            order.answer.resume(returning: .failure(error))
        }
    }

    private func terminate(_ child: ProcessChild) {
        guard child.killAt == nil else { return }
        child.send(SIGTERM, reading: table)
        child.send(SIGCONT, reading: table)  // a stopped program hears nothing else
        child.killAt = clock.monotonic() + max(0, child.launch.grace)
    }

    /// For good.
    private func end(_ child: ProcessChild) { child.kill(reading: table) }

    private func killOverdue(at now: Int64) {
        for child in children.values {
            if let killAt = child.killAt, killAt <= now {
                end(child)
                child.killAt = .max
            }
        }
    }

    /// ms until something is due; -1: nothing is.
    private func timeout() -> CInt {
        let times = children.values.flatMap { [$0.killAt, $0.tellAt] } + [scale.due(children)]
        guard let next = times.compactMap({ $0 }).min(), next != .max else { return -1 }
        let left = max(0, next - clock.monotonic())
        return CInt(clamping: left / 1_000_000 + 1)
    }

    /// The program has ended: what it started ends too, then the last lines, then the reason.
    private func finish(_ child: ProcessChild) {
        let exit = Spawner.reap(child.handle.id)
        Spawner.end(group: child.spawned.warden)
        child.signalStrays(SIGKILL)
        child.spawned.group?.kill()
        Spawner.reap(child.spawned.warden)
        readOutput(of: child)
        readError(of: child)
        let end = child.end(exit, memoryKills: table.memoryKills(), at: clock.monotonic())
        children[child.handle.id] = nil
        child.spawned.group?.remove()
        child.dropRecord()
        child.order.onExit(end)
        child.handle.didEnd(end)
    }

    // MARK: Output

    private func readOutput(of child: ProcessChild) {
        guard child.isOutputOpen else { return }
        child.isOutputOpen = read(child.spawned.output, &child.output, .output, child)
    }

    private func readError(of child: ProcessChild) {
        guard child.isErrorOpen else { return }
        child.isErrorOpen = read(child.spawned.error, &child.error, .error, child)
    }

    /// Reads a bounded amount, so that one loud program does not starve the others.
    ///
    /// - Returns: False at the end of the stream.
    private func read(
        _ descriptor: borrowing FileDescriptor, _ splitter: inout LineSplitter,
        _ stream: ProcessLine.Stream, _ child: ProcessChild
    ) -> Bool {
        let now = clock.monotonic()
        for _ in 0..<4 {
            switch descriptor.read(into: &buffer) {
            case .bytes(let count):
                buffer.withUnsafeBytes { bytes in
                    splitter.feed(UnsafeRawBufferPointer(rebasing: bytes[..<count])) { line in
                        child.heard(line, stream, at: now)
                    }
                }
            case .empty: return true
            case .end: return false
            }
        }
        return true
    }
}

// Safe because it is made by one thread and handed to the nursery's, which alone uses it.
extension ProcessLoop: @unchecked Sendable {}
