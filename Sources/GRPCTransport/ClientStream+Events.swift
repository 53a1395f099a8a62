// What the call tells, on the queue's thread.
extension ClientStream: ClientCallHandler {
    func messageArrived(_ message: consuming InMessage) {
        var slot: InMessage? = consume message
        let reader = state.withLock { state in
            state.arrived = slot.take()
            state.isReceiving = false
            return exchange(&state.reader, with: nil)
        }
        reader?.resume()
    }

    func messagesEnded() {
        // `isReceiving` stays: there is nothing more to ask for, and the status wakes the reader.
    }

    func writeCompleted(ok: Bool) {
        // After a failed write the call is over: nothing is written until the status says so.
        guard ok else { return }
        let (next, more, closes, writers) = state.withLock { state in
            state.isWriting = false
            let next = state.waiting.isEmpty ? nil : state.waiting.removeFirst()
            if next != nil { state.isWriting = true }
            let closes = state.closesNow()
            return (next, !state.waiting.isEmpty, closes, exchange(&state.writers, with: []))
        }
        if let next { _ = call.write(next, moreFollows: more) }
        if closes { call.closeWriting() }
        for writer in writers { writer.resume() }
    }

    func callEnded(_ status: RPCStatus) -> () -> Void {
        let (reader, others, unsent) = state.withLock { state in
            state.status = status
            let others = exchange(&state.writers, with: []) + exchange(&state.watchers, with: [])
            return (
                exchange(&state.reader, with: nil), others, exchange(&state.waiting, with: [])
            )
        }
        return {
            for message in unsent { message.destroy() }
            reader?.resume()
            for other in others { other.resume() }
        }
    }
}
