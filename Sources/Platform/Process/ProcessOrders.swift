import CLinux
import Glibc

/// What the nursery's thread is asked to do, in order. Safe from any thread.
final class ProcessOrders: Sendable {
    enum Order: Sendable {
        case launch(Launching)
        case terminate(pid_t)
        case kill(pid_t)
        case signal(pid_t, CInt)
        case shutDown
    }

    struct Launching: Sendable {
        let launch: ProcessLaunch
        let onLine: @Sendable (ProcessLine) -> Void
        let onExit: @Sendable (ProcessEnd) -> Void
        let answer: CheckedContinuation<Result<ChildProcess, ProcessLaunchError>, Never>
    }

    /// Readable while an order waits.
    let wake = host_eventfd()
    private let orders = Locked<(list: [Order], isOpen: Bool)>(([], true))

    deinit { close(wake) }

    /// - Returns: False for a launch or a second shutdown after the first; the order was not taken.
    @discardableResult func post(_ order: Order) -> Bool {
        let isTaken = orders.withLock { orders in
            switch order {
            case .launch where !orders.isOpen, .shutDown where !orders.isOpen: return false
            case .shutDown: orders.isOpen = false
            case .launch, .terminate, .kill, .signal: break
            }
            orders.list.append(order)
            return true
        }
        if isTaken { eventfd_write(wake, 1) }
        return isTaken
    }

    /// Called by the loop alone.
    func take() -> [Order] {
        var value: eventfd_t = 0
        eventfd_read(wake, &value)
        return orders.withLock { orders in
            defer { orders.list = [] }
            return orders.list
        }
    }
}
