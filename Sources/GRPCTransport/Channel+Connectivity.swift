import CGRPC

/// What a channel's connection is doing.
package enum ConnectivityState: Hashable, Sendable {
    /// Not connected, and nobody asked for it.
    case idle
    case connecting
    case ready
    /// The last attempt failed; the core waits before the next.
    case failing
    case closed

    init(_ state: grpc_connectivity_state) {
        self =
            switch state {
            case GRPC_CHANNEL_IDLE: .idle
            case GRPC_CHANNEL_CONNECTING: .connecting
            case GRPC_CHANNEL_READY: .ready
            case GRPC_CHANNEL_TRANSIENT_FAILURE: .failing
            default: .closed
            }
    }

    var raw: grpc_connectivity_state {
        switch self {
        case .idle: GRPC_CHANNEL_IDLE
        case .connecting: GRPC_CHANNEL_CONNECTING
        case .ready: GRPC_CHANNEL_READY
        case .failing: GRPC_CHANNEL_TRANSIENT_FAILURE
        case .closed: GRPC_CHANNEL_SHUTDOWN
        }
    }
}

extension Channel {
    /// What the connection is doing now.
    package func connectivity() -> ConnectivityState { connectivity(connects: false) }

    private func connectivity(connects: Bool) -> ConnectivityState {
        state.withLock { state in
            guard let channel = state.handle?.raw, !state.isClosing else { return .closed }
            return ConnectivityState(
                grpc_channel_check_connectivity_state(channel, connects ? 1 : 0))
        }
    }

    /// Waits until the state differs from `last`.
    ///
    /// - Returns: The state then; `last` itself when the timeout came first or the task was
    ///   cancelled.
    package nonisolated(nonsending) func connectivity(
        after last: ConnectivityState, timeout: Duration
    )
        async -> ConnectivityState
    {
        let watch = ConnectivityWatch(self)
        let started = state.withLock { state in
            guard let channel = state.handle?.raw, !state.isClosing else { return false }
            state.watches += 1
            grpc_channel_watch_connectivity_state(
                channel, last.raw, host_grpc_deadline(timeout.nanoseconds), queue.raw,
                watch.tag(.watch))
            return true
        }
        guard started else { return .closed }
        await watch.wait()
        return connectivity()
    }

    /// Connects, and waits until the server is there.
    ///
    /// Cancelling the task ends the wait; the channel goes on as it likes.
    ///
    /// - Throws: ``RPCError``: `deadline`, `cancelled`, `closedHere` or `unsafeSocket`.
    ///   Why a server is not there only a call tells: its error has the last attempt's text.
    package nonisolated(nonsending) func waitUntilReady(timeout: Duration) async throws(RPCError) {
        let clock = ContinuousClock()
        let end = clock.now + timeout
        try checkSocket(mustExist: false)
        var current = connectivity(connects: true)
        while current != .ready {
            let left = clock.now.duration(to: end)
            let place = "\(configuration.target)"
            if current == .closed { throw closedError(place) }
            if Task.isCancelled {
                throw RPCError(RPCStatus(.cancelled, "waiting for the server"), at: place)
            }
            if left <= .zero {
                throw RPCError(
                    RPCStatus(.deadlineExceeded, "the server is not there (\(current))"), at: place)
            }
            _ = await connectivity(after: current, timeout: left)
            try checkSocket(mustExist: false)
            current = connectivity(connects: true)
        }
    }

    /// Makes the core try again at once instead of waiting out its back-off.
    package func retryNow() {
        state.withLock { state in
            guard let channel = state.handle?.raw else { return }
            grpc_channel_reset_connect_backoff(channel)
        }
    }

    fileprivate func watchEnded() {
        let waiters = state.withLock { state in
            state.watches -= 1
            return state.isIdle ? exchange(&state.waiters, with: []) : []
        }
        for waiter in waiters { waiter.resume() }
    }
}

/// One watch on a channel. C cannot cancel it, but borrows nothing: a waiter may leave early.
private final class ConnectivityWatch: OperationOwner, @unchecked Sendable {
    // Safe because the waiter lies under the lock.
    private struct State {
        var isOver = false
        var waiter: CheckedContinuation<Void, Never>?
    }
    private let channel: Channel
    private let state = Guarded(State())

    init(_ channel: Channel) { self.channel = channel }

    nonisolated(nonsending) func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if !state.isOver { state.waiter = continuation }
                    return state.isOver
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            finish()
        }
    }

    override func completed(_ operation: Operation, ok: Bool) {
        channel.watchEnded()
        finish()
    }

    private func finish() {
        let waiter = state.withLock { state in
            state.isOver = true
            return exchange(&state.waiter, with: nil)
        }
        waiter?.resume()
    }
}
