import CGRPC

/// A connection to one server, made and remade by the C core; the place where calls begin.
///
/// Safe from any task. Ends with ``close()``, or by dropping the last reference when no call runs.
package final class Channel: Sendable {
    package let configuration: ChannelConfiguration
    package let queue: CompletionQueue

    struct State: ~Copyable {
        var handle: ChannelHandle?
        var isClosing = false
        var calls: [ObjectIdentifier: ClientCall] = [:]
        var watches = 0
        var waiters: [CheckedContinuation<Void, Never>] = []
        /// Calls have ended and, once the handle is gone, watches too.
        var isIdle: Bool { calls.isEmpty && (handle != nil || watches == 0) }
    }
    let state: Guarded<State>

    /// Prepares the channel; the core connects with the first call or ``waitUntilReady(timeout:)``.
    ///
    /// - Throws: ``RPCError`` when the target, the certificates or the token cannot be used, or the
    ///   queue is shut down.
    package init(_ configuration: ChannelConfiguration, on queue: CompletionQueue)
        throws(RPCError)
    {
        try configuration.check()
        let place = "\(configuration.target)"
        let credentials = try configuration.security.makeCredentials(for: place)
        let arguments = configuration.makeArguments()
        guard
            let raw = host_grpc_channel_create(
                configuration.target.uri, credentials.raw, arguments.raw)
        else {
            throw RPCError(
                .internal, "the gRPC core made no channel", at: place, trouble: .other)
        }
        self.configuration = configuration
        self.queue = queue
        state = Guarded(State(handle: ChannelHandle(raw: raw)))
        guard queue.register(self) else { throw closedError(place) }
    }

    deinit { queue.forget(ObjectIdentifier(self)) }

    /// Cancels every call, waits for their ends, and closes the connection. Harmless when repeated.
    package func close() async {
        let calls = state.withLock { state in
            state.isClosing = true
            return Array(state.calls.values)
        }
        for call in calls { call.cancel() }
        await untilIdle()
        // Destroying the C channel fires its watches.
        let handle = state.withLock { $0.handle.take() }
        _ = consume handle
        await untilIdle()
    }

    private func untilIdle() async {
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { state in
                if !state.isIdle { state.waiters.append(continuation) }
                return state.isIdle
            }
            if isIdle { continuation.resume() }
        }
    }

    // MARK: Calls

    /// One request, one reply.
    ///
    /// Cancelling the task cancels the call and still waits for its status.
    ///
    /// - Parameters:
    ///   - method: With its service: `/package.Service/Method`.
    ///   - timeout: From now; when it is over, whether the server did the work is unknown.
    ///   - waitsForReady: Whether to wait for a connection, within the timeout, instead of failing.
    package nonisolated(nonsending) func unary(
        _ method: String, _ request: consuming OutMessage, timeout: Duration,
        metadata: Metadata = Metadata(), waitsForReady: Bool = false
    ) async throws(RPCError) -> InMessage {
        let call = try makeCall(method, timeout, metadata, waitsForReady)
        let reply = UnaryReply()
        call.startUnary(request, reply)
        return try await reply.wait(for: call)
    }

    /// One request, one reply.
    package nonisolated(nonsending) func unary(
        _ method: String, _ request: [UInt8], timeout: Duration,
        metadata: Metadata = Metadata(), waitsForReady: Bool = false
    ) async throws(RPCError) -> InMessage {
        try await unary(
            method, OutMessage(request), timeout: timeout, metadata: metadata,
            waitsForReady: waitsForReady)
    }

    /// Opens a bidirectional stream and returns at once; failures come as the stream's end.
    ///
    /// It must be driven to its end or cancelled, whoever opened it.
    ///
    /// - Parameter timeout: Of the whole stream; `nil` for none.
    /// - Throws: ``RPCError`` for what is known before anything is sent.
    package func openStream(
        _ method: String, timeout: Duration? = nil, metadata: Metadata = Metadata(),
        options: ClientStream.Options = .init()
    ) throws(RPCError) -> ClientStream {
        let call = try makeCall(method, timeout, metadata, options.waitsForReady)
        let stream = ClientStream(call, options: options)
        stream.start()
        return stream
    }

    /// Opens a stream for the length of `body`; afterwards it is over, cancelled if it still ran.
    package nonisolated(nonsending) func withStream<Result>(
        _ method: String, timeout: Duration? = nil, metadata: Metadata = Metadata(),
        options: ClientStream.Options = .init(),
        _ body: nonisolated(nonsending) (ClientStream) async throws -> Result
    ) async throws -> Result {
        let stream = try openStream(method, timeout: timeout, metadata: metadata, options: options)
        do {
            let result = try await body(stream)
            stream.cancel()
            _ = await stream.end()
            return result
        } catch {
            stream.cancel()
            _ = await stream.end()
            throw error
        }
    }

    /// Calls begun on this channel and not yet ended.
    package var liveCalls: Int { state.withLock { $0.calls.count } }

    private func makeCall(
        _ method: String, _ timeout: Duration?, _ metadata: Metadata, _ waitsForReady: Bool
    ) throws(RPCError) -> ClientCall {
        let place = "\(configuration.target) \(method)"
        try checkSocket(mustExist: !waitsForReady)
        let memory = try makeMemory(metadata, place)
        // The lock keeps the C channel alive while the C call is made on it.
        var raw: OpaquePointer?
        state.withLock { state in
            guard !state.isClosing, let channel = state.handle?.raw else { return }
            raw = host_grpc_call_create(channel, queue.raw, method, timeout?.nanoseconds ?? -1)
        }
        guard let raw else { throw closedError(place) }
        let call = ClientCall(
            CallHandle(raw: raw), memory: memory, on: self, place: place,
            waitForReady: waitsForReady)
        let isOpen = state.withLock { state in
            if !state.isClosing { state.calls[ObjectIdentifier(call)] = call }
            return !state.isClosing
        }
        guard isOpen else { throw closedError(place) }
        queue.callBegan()
        return call
    }

    /// Before anything connects or is sent, for the file may have changed hands.
    func checkSocket(mustExist: Bool) throws(RPCError) {
        guard case .unix(let path) = configuration.target else { return }
        try UnixSocketGuard.check(path, mustExist: mustExist)
    }

    private func makeMemory(_ metadata: Metadata, _ place: String) throws(RPCError) -> CallMemory {
        var metadata = metadata
        if let token = configuration.token {
            metadata.add("authorization", "Bearer \(token.current())")
        }
        let memory = CallMemory()
        for entry in metadata.entries {
            let key = Array(entry.key.utf8)
            let isTaken = host_grpc_call_memory_add_header(
                memory.raw, key, key.count, entry.value, entry.value.count)
            guard isTaken != 0 else {
                throw RPCError(
                    .invalidArgument,
                    "the header \(entry.key) is not allowed: keys are lower case, values printable "
                        + "ASCII unless the key ends in -bin", at: place, trouble: .badCredentials)
            }
        }
        return memory
    }

    /// Called by a call with its last event.
    ///
    /// - Parameter settle: Gives the call its status, and returns what wakes who waits for it.
    func callEnded(_ call: ClientCall, settle: () -> () -> Void) {
        queue.callEnded()
        let (wake, waiters) = state.withLock { state in
            state.calls[ObjectIdentifier(call)] = nil
            return (settle(), state.isIdle ? exchange(&state.waiters, with: []) : [])
        }
        wake()
        for waiter in waiters { waiter.resume() }
    }

    func closedError(_ place: String) -> RPCError {
        RPCError(
            .unavailable, "the channel or its queue has been closed", at: place,
            trouble: .closedHere)
    }
}
