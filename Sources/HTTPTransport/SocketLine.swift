import CWebSockets
import Platform

/// Who waits for a connection, and where the loop's thread lays the answer down.
///
/// The answer goes through a lock: what a continuation hands over by itself the thread sanitizer
/// does not see, and reports each use of the socket.
struct SocketContinuation: Sendable {
    typealias Answer = Result<WebSocket, WebSocketError>
    private let answer: Locked<Answer?>
    private let waiter: CheckedContinuation<Void, Never>

    static func wait(_ body: (SocketContinuation) -> Void) async -> Answer {
        let answer = Locked<Answer?>(nil)
        await withCheckedContinuation { waiter in
            body(SocketContinuation(answer: answer, waiter: waiter))
        }
        return answer.withLock { $0 } ?? .failure(WebSocketError(.closed, "no answer came"))
    }

    /// Once.
    func resume(returning result: Answer) {
        answer.withLock { $0 = result }
        waiter.resume()
    }
}

/// The way from the callers to a loop's thread, and what wakes it.
final class SocketLine: Sendable {
    enum Order: Sendable {
        case connect(SocketTarget, SocketContinuation)
        /// Something waits to be sent, or the end.
        case write(UInt)
        /// There is room again for what is heard.
        case listen(UInt)
    }
    private struct State {
        var orders: [Order] = []
        var isClosed = false
        var context: ContextPointer?
    }
    private let state = Locked(State())

    /// Any thread. After the end a connection is refused; all else does nothing.
    func post(_ order: Order) {
        let isTaken = state.withLock { state in
            guard !state.isClosed else { return false }
            state.orders.append(order)
            state.context?.wake()
            return true
        }
        if !isTaken, case .connect(_, let continuation) = order {
            continuation.resume(
                returning: .failure(WebSocketError(.closed, "the client is closed")))
        }
    }

    func close() {
        state.withLock { state in
            state.isClosed = true
            state.context?.wake()
        }
    }

    // MARK: The loop's thread

    func take() -> (orders: [Order], isClosed: Bool) {
        state.withLock { state in
            defer { state.orders = [] }
            return (state.orders, state.isClosed)
        }
    }
    /// Lets callers wake the loop; `nil` before it frees its context.
    func connect(_ context: ContextPointer?) { state.withLock { $0.context = context } }
}

/// A libwebsockets context, lent for waking its thread.
struct ContextPointer {
    let raw: OpaquePointer
    func wake() { lws_cancel_service(raw) }
}

// Safe because lws_cancel_service is the one call that libwebsockets allows from any thread, and
// the line makes it
// under its lock, behind which the pointer is taken back before it is freed.
extension ContextPointer: @unchecked Sendable {}
