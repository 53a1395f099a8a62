/// Waits for the reply of one call. Heard on the queue's thread.
final class UnaryReply: ClientCallHandler {
    private struct State: ~Copyable {
        var message: InMessage?
        var status: RPCStatus?
        var waiter: CheckedContinuation<Void, Never>?
    }
    private let state = Guarded(State())

    func messageArrived(_ message: consuming InMessage) {
        var slot: InMessage? = consume message
        state.withLock { state in state.message = slot.take() }
    }

    func messagesEnded() {}
    func writeCompleted(ok: Bool) {}

    func callEnded(_ status: RPCStatus) -> () -> Void {
        let waiter = state.withLock { state in
            state.status = status
            return exchange(&state.waiter, with: nil)
        }
        return { waiter?.resume() }
    }

    /// Waits for the end, which always comes; cancelling the task cancels the call and still waits.
    nonisolated(nonsending) func wait(for call: ClientCall) async throws(RPCError) -> InMessage {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.status == nil { state.waiter = continuation }
                    return state.status != nil
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            call.cancel()
        }
        return try take(at: call.place)
    }

    private func take(at place: String) throws(RPCError) -> InMessage {
        var message: InMessage?
        let status = state.withLock { state in
            message = state.message.take()
            return state.status ?? RPCStatus(.internal, "ended without a status")
        }
        guard status.isOK else { throw RPCError(status, at: place) }
        guard let message = message.take() else {
            throw RPCError(RPCStatus(.internal, "ok without a reply"), at: place)
        }
        return message
    }
}
