/// A bidirectional stream of messages with a server.
///
/// Safe from any task; one task at a time may wait in ``next()``. Best used by tasks that prefer
/// the channel's queue as their executor: a message then passes without changing threads.
///
/// What the server sends waits in its own socket until `next` asks for it; what we send waits
/// in a queue of ``Options/sendCapacity`` messages, the one being written included. The end of the
/// stream is noticed behind the messages that came before it.
///
/// The stream lives until the server or a deadline ends it, or ``cancel()``: dropping the last
/// reference does not end it. ``Channel/withStream(_:timeout:metadata:options:_:)`` does.
package final class ClientStream: Sendable {
    /// What becomes of a message offered.
    package enum Offer: Hashable, Sendable { case taken, full, closed }

    /// How a stream behaves on our side.
    package struct Options: Sendable {
        /// Messages held for sending, the one being written included; at least 1.
        package var sendCapacity: Int
        /// Whether one message is fetched while the consumer works on the one before.
        package var prefetches: Bool
        /// Whether the start waits for a connection, until the deadline, instead of failing fast.
        package var waitsForReady: Bool

        package init(
            sendCapacity: Int = 1, prefetches: Bool = true, waitsForReady: Bool = false
        ) {
            self.sendCapacity = max(1, sendCapacity)
            self.prefetches = prefetches
            self.waitsForReady = waitsForReady
        }
    }

    let call: ClientCall
    private let options: Options
    let state = Guarded(StreamState())

    init(_ call: ClientCall, options: Options) {
        self.call = call
        self.options = options
    }

    /// The second phase: everything that hears is in place.
    func start() { call.startStream(self) }

    // MARK: Receiving

    /// The next message; `nil` when the server has ended the stream with `ok`.
    ///
    /// Cancelling the task cancels the stream.
    ///
    /// - Throws: ``RPCError`` with the status, when it ended otherwise.
    package nonisolated(nonsending) func next() async throws(RPCError) -> InMessage? {
        while true {
            switch take() {
            case .message(let message): return consume message
            case .ended(let status):
                guard !status.isOK else { return nil }
                throw RPCError(status, at: call.place)
            case .notYet: await waitForArrival()
            }
        }
    }

    private enum Taken: ~Copyable {
        case message(InMessage)
        case notYet
        case ended(RPCStatus)
    }

    private func take() -> Taken {
        var asks = false
        let taken = state.withLock { state -> Taken in
            if let message = state.arrived.take() {
                asks = options.prefetches && state.status == nil && !state.isReceiving
                if asks { state.isReceiving = true }
                return .message(message)
            }
            if let status = state.status { return .ended(status) }
            asks = !state.isReceiving
            state.isReceiving = true
            return .notYet
        }
        // Refused means over: the status is on its way and wakes the reader.
        if asks { _ = call.receive() }
        return taken
    }

    private nonisolated(nonsending) func waitForArrival() async {
        await cancellingCall {
            await withCheckedContinuation { continuation in
                let isThere = state.withLock { state in
                    if state.arrived != nil || state.status != nil { return true }
                    precondition(state.reader == nil, "one task at a time may read a stream")
                    state.reader = continuation
                    return false
                }
                if isThere { continuation.resume() }
            }
        }
    }

    // MARK: Sending

    /// Sends if there is room; never suspends. On `full` or `closed` nothing has been sent.
    ///
    /// - Parameters:
    ///   - byteCount: Exactly what `write` fills.
    ///   - write: Called only when there is room, on the caller's thread.
    package func offer(byteCount: Int, writing write: (UnsafeMutableRawBufferPointer) -> Void)
        -> Offer
    {
        switch room() {
        case .taken: enqueueOrDestroy(OutMessage(byteCount: byteCount, writing: write).take())
        case let refusal: refusal
        }
    }

    /// Sends if there is room; never suspends. On `full` or `closed` nothing has been sent.
    package func offer(_ bytes: [UInt8]) -> Offer {
        switch room() {
        case .taken: enqueueOrDestroy(OutMessage(bytes).take())
        case let refusal: refusal
        }
    }

    /// Sends when there is room, which it waits for; order among several waiting is not kept.
    ///
    /// A message sent is not a message read: windows take 4 to 16 MB before a slow server is felt.
    /// Cancelling the task cancels the stream.
    ///
    /// - Throws: ``RPCError`` when the stream is over, with its status; `ended` when that was `ok`
    ///   or when sending has been finished.
    package nonisolated(nonsending) func send(_ message: consuming OutMessage)
        async
        throws(RPCError)
    {
        let message = message.take()
        while true {
            switch enqueue(message) {
            case .taken: return
            case .full: await waitForRoom()
            case .closed:
                message.destroy()
                throw await closedError()
            }
        }
    }

    /// Sends when there is room, which it waits for.
    package nonisolated(nonsending) func send(_ bytes: [UInt8]) async throws(RPCError) {
        try await send(OutMessage(bytes))
    }

    /// Waits until an offer would be taken; false when none ever will be again.
    ///
    /// Cancelling the task cancels the stream.
    package nonisolated(nonsending) func writable() async -> Bool {
        while true {
            switch room() {
            case .taken: return true
            case .closed: return false
            case .full: await waitForRoom()
            }
        }
    }

    /// Tells the server, behind all that was sent, that nothing more will come.
    package func finishSending() {
        let closes = state.withLock { state in
            state.isFinishing = true
            return state.closesNow()
        }
        if closes { call.closeWriting() }
    }

    private func room() -> Offer {
        state.withLock { state in state.room(options.sendCapacity) }
    }

    /// Another sender may have been quicker since there was room.
    private func enqueueOrDestroy(_ message: RawMessage) -> Offer {
        let offer = enqueue(message)
        if offer != .taken { message.destroy() }
        return offer
    }

    /// Takes the message only when it says so.
    private func enqueue(_ message: RawMessage) -> Offer {
        var writesNow = false
        let offer = state.withLock { state in
            let room = state.room(options.sendCapacity)
            guard room == .taken else { return room }
            writesNow = !state.isWriting
            if writesNow { state.isWriting = true } else { state.waiting.append(message) }
            return .taken
        }
        if writesNow { _ = call.write(message, moreFollows: false) }
        return offer
    }

    private nonisolated(nonsending) func waitForRoom() async {
        await cancellingCall {
            await withCheckedContinuation { continuation in
                let waits = state.withLock { state in
                    guard state.room(options.sendCapacity) == .full else { return false }
                    state.writers.append(continuation)
                    return true
                }
                if !waits { continuation.resume() }
            }
        }
    }

    private nonisolated(nonsending) func closedError() async -> RPCError {
        if state.withLock({ $0.isFinishing && $0.status == nil }) {
            return RPCError(
                .failedPrecondition, "sending was finished before", at: call.place, trouble: .ended)
        }
        let status = await end()
        return RPCError(status, at: call.place, trouble: status.isOK ? .ended : nil)
    }

    // MARK: Ending

    /// Cancels from any thread; the status, `cancelled` unless another was first, still comes.
    package func cancel() { call.cancel() }

    /// Waits for the status. It comes behind all messages, so someone has to read them or cancel.
    ///
    /// Cancelling the task cancels the stream.
    package nonisolated(nonsending) func end() async -> RPCStatus {
        while true {
            if let status { return status }
            await cancellingCall {
                await withCheckedContinuation { continuation in
                    let isOver = state.withLock { state in
                        if state.status == nil { state.watchers.append(continuation) }
                        return state.status != nil
                    }
                    if isOver { continuation.resume() }
                }
            }
        }
    }

    /// The status, once the stream is over.
    package var status: RPCStatus? { state.withLock { $0.status } }

    private nonisolated(nonsending) func cancellingCall(
        _ wait: nonisolated(nonsending) () async -> Void
    ) async {
        await withTaskCancellationHandler {
            await wait()
        } onCancel: {
            call.cancel()
        }
    }
}
