import CGRPC

/// Hears of a call, always on its queue's thread; must not block.
///
/// After `callEnded` nothing more is heard.
protocol ClientCallHandler: AnyObject, Sendable {
    /// The receive asked for has brought a message.
    func messageArrived(_ message: consuming InMessage)
    /// The receive asked for found the end: the status follows.
    func messagesEnded()
    /// The write is through, or the call is over: then the status follows.
    func writeCompleted(ok: Bool)
    /// The last thing heard; every operation has come back. Under the channel's lock: who sees the
    /// call gone from its channel sees the status too, and the other way round.
    ///
    /// - Returns: Wakes who waits; called without locks.
    func callEnded(_ status: RPCStatus) -> () -> Void
}

/// One call on the C core: created, started with its handler in place, ended exactly once.
///
/// Operations may be started from any thread; one write and one receive at a time, which is the
/// caller's to keep. The handler is held from the start until the end. The C call is freed when the
/// last reference goes, which no operation in flight allows.
final class ClientCall: OperationOwner, @unchecked Sendable {
    // Safe because the handles are thread-safe in C, and the rest lies under the lock.

    private enum Phase { case created, running, statusReceived, ended }

    private struct State {
        var phase = Phase.created
        var handler: (any ClientCallHandler)?
        /// Operations begun whose events are still to come.
        var pending = 0
        var status: RPCStatus?
        /// In the core's hands until the write's event.
        var writing: RawMessage?
    }

    let place: String
    private let channel: Channel
    private let handle: CallHandle
    private let memory: CallMemory
    private let waitForReady: Bool
    private let state = Guarded(State())

    /// Takes a C call on which nothing has been started.
    init(
        _ handle: consuming CallHandle, memory: consuming CallMemory, on channel: Channel,
        place: String, waitForReady: Bool
    ) {
        self.handle = handle
        self.memory = memory
        self.channel = channel
        self.place = place
        self.waitForReady = waitForReady
    }

    // MARK: Starting

    /// Starts a stream; the handler hears of everything from here on.
    func startStream(_ handler: any ClientCallHandler) {
        guard begin(with: handler) else { return }
        let result = host_grpc_start_stream(
            handle.raw, memory.raw, waitForReady ? 1 : 0, tag(.status))
        guard result == GRPC_CALL_OK else { return refused(.status, result) }
        guard begin() else { return }
        let headers = host_grpc_start_receive_headers(handle.raw, memory.raw, tag(.headers))
        if headers != GRPC_CALL_OK {
            cancel()
            refused(.headers, headers)
        }
    }

    /// Starts a call of one request and one reply; the reply comes before the end.
    func startUnary(_ request: consuming OutMessage, _ handler: any ClientCallHandler) {
        let message = request.take()
        guard begin(with: handler) else { return message.destroy() }
        state.withLock { $0.writing = message }
        let result = host_grpc_start_unary(
            handle.raw, memory.raw, message.raw, waitForReady ? 1 : 0, tag(.unary))
        if result != GRPC_CALL_OK { refused(.unary, result) }
    }

    // MARK: Running

    /// Writes a message, which the call owns from here on; the handler hears when it is through.
    ///
    /// - Returns: False when the call is over: the message is gone and no `writeCompleted` follows.
    func write(_ message: RawMessage, moreFollows: Bool) -> Bool {
        guard begin({ $0.writing = message }) else {
            message.destroy()
            return false
        }
        let result = host_grpc_start_send(
            handle.raw, message.raw, moreFollows ? 1 : 0, tag(.send))
        if result != GRPC_CALL_OK { refused(.send, result) }
        return true
    }

    /// Tells the server that nothing more will be written.
    func closeWriting() {
        guard begin() else { return }
        let result = host_grpc_start_send_close(handle.raw, tag(.sendClose))
        if result != GRPC_CALL_OK { refused(.sendClose, result) }
    }

    /// Asks for the next message.
    ///
    /// - Returns: False when the call is over: neither a message nor an end will be heard of.
    func receive() -> Bool {
        guard begin() else { return false }
        let result = host_grpc_start_receive(handle.raw, memory.raw, tag(.receive))
        if result != GRPC_CALL_OK { refused(.receive, result) }
        return true
    }

    /// Cancels from any thread; the end is heard of as always. Harmless when repeated or too late.
    func cancel() { grpc_call_cancel(handle.raw, nil) }

    // MARK: Events

    override func completed(_ operation: Operation, ok: Bool) {
        switch operation {
        case .send:
            releaseWritten()
            handler?.writeCompleted(ok: ok)
        case .receive: takeReceived()
        case .status: takeStatus()
        case .unary:
            takeReceived()
            takeStatus()
        default: break
        }
        finishOperation()
    }

    private var handler: (any ClientCallHandler)? { state.withLock { $0.handler } }

    private func releaseWritten() {
        let written = state.withLock { state in exchange(&state.writing, with: nil) }
        written?.destroy()
    }

    private func takeReceived() {
        let raw = exchange(&memory.raw.pointee.received, with: nil)
        guard let raw else {
            handler?.messagesEnded()
            return
        }
        handler?.messageArrived(InMessage(taking: raw))
    }

    /// The core says it has no more to say; writes still under way are hurried along.
    private func takeStatus() {
        let raw = memory.raw
        let details = withUnsafePointer(to: &raw.pointee.status_details) { String(copying: $0) }
        let status = RPCStatus(
            RPCStatus.Code(rawValue: Int32(raw.pointee.status.rawValue)) ?? .unknown,
            channel.configuration.token?.masked(details) ?? details,
            trailers: Metadata(copying: raw.pointee.trailing_metadata))
        let others = state.withLock { state in
            state.phase = .statusReceived
            state.status = status
            return state.pending > 1
        }
        if others { cancel() }
    }

    // MARK: Counting

    private func begin(with handler: any ClientCallHandler) -> Bool {
        state.withLock { state in
            guard state.phase == .created else { return false }
            state.phase = .running
            state.handler = handler
            state.pending = 1
            return true
        }
    }

    /// Counts an operation in, unless the call is over: the end waits for every one counted.
    private func begin(_ change: (inout sending State) -> Void = { _ in }) -> Bool {
        state.withLock { state in
            guard state.phase == .running else { return false }
            state.pending += 1
            change(&state)
            return true
        }
    }

    private func finishOperation() {
        let end = state.withLock { state -> (handler: any ClientCallHandler, status: RPCStatus)? in
            state.pending -= 1
            guard state.pending == 0, let handler = state.handler else { return nil }
            state.phase = .ended
            state.handler = nil
            return (handler, state.status ?? RPCStatus(.internal, "ended without a status"))
        }
        guard let end else { return }
        releaseWritten()
        channel.callEnded(self) { end.handler.callEnded(end.status) }
    }

    /// The core did not take an operation: its event is made here, on the caller's thread.
    private func refused(_ operation: Operation, _ error: grpc_call_error) {
        withdraw()
        let status = RPCStatus(.internal, "the gRPC core refused \(operation): \(error.rawValue)")
        if operation == .status || operation == .unary {
            state.withLock { state in
                state.phase = .statusReceived
                state.status = status
            }
        } else {
            cancel()
        }
        switch operation {
        case .send:
            releaseWritten()
            handler?.writeCompleted(ok: false)
        case .receive: handler?.messagesEnded()
        default: break
        }
        finishOperation()
    }
}
