import GRPCTransport
import Ports
import StrategyWire
import TradingModel

/// What goes to the server: events as credit allows, and the few other words.
extension Connection {
    private enum Next {
        case message(PBHostMessage.Message)
        /// Behind it nothing is sent.
        case last(PBDrain)
        /// So many events at most.
        case events(Int)
        case nothing
    }

    /// Sends until the stream is over or drained.
    ///
    /// - Throws: ``ServerRefusal``, ``SessionError``: why there are no more events.
    nonisolated(nonsending) func send() async throws {
        var batch = EventBatch(plan.instruments)
        var events: [SessionEvent] = []
        var writer = WireWriter()
        // A lone event leaves at once; while a write is under way the rest gather.
        while await stream.writable() {
            switch next() {
            case .message(let message):
                guard await send(message, &writer) else { return }
            case .last(let drain):
                _ = await send(.drain(drain), &writer)
                return
            case .events(let limit):
                guard try await sendEvents(limit, &batch, &events, &writer) else { return }
            case .nothing: await mayGoOn.wait()
            }
            if Task.isCancelled { return }
        }
    }

    private func next() -> Next {
        let safe = inbox.acknowledged
        return shared.withLock { shared in
            if let message = shared.acknowledgement(safe) {
                return .message(.acknowledged(message))
            }
            if let drain = shared.drain.take() { return .last(drain) }
            if let beat = shared.beats.due() { return .message(.beat(PBBeat(number: beat))) }
            let limit = min(plan.limits.batch, description.largestBatch, shared.flow.credit)
            return limit > 0 && !shared.isDraining ? .events(limit) : .nothing
        }
    }

    /// - Returns: Whether the stream goes on.
    private nonisolated(nonsending) func sendEvents(
        _ limit: Int, _ batch: inout EventBatch, _ events: inout [SessionEvent],
        _ writer: inout WireWriter
    ) async throws -> Bool {
        let (last, reached) = shared.withLock { ($0.flow.last, $0.flow.reached) }
        batch.begin(after: last)
        switch pull(after: reached, limit, into: &batch, by: &events) {
        case .events: return await send(&batch, &writer)
        case .wait, .end:
            await mayGoOn.wait()
            return true
        case .lookOn:
            await Task.yield()
            return true
        case .skipped(let runs, let reason):
            var message = PBSkipped(reason: reason)
            message.runs = runs.map { PBSkipped.Run(first: $0.first.value, last: $0.last.value) }
            guard await send(.skipped(message), &writer) else { return false }
            if !batch.isEmpty, !(await send(&batch, &writer)) { return false }
            if let last = runs.last?.last { shared.withLock { $0.flow.skip(through: last) } }
            return true
        case .outOfReach(let why): throw SessionError(why, advice: "", isFinal: false)
        case .failed(let why):
            throw ServerRefusal(
                "its events cannot be read: \(why)", advice: "correct the recording", isLast: true)
        }
    }

    /// - Parameter events: On their way into the batch, where the feed knows no other; kept for their room.
    private func pull(
        after position: EventPosition, _ limit: Int, into batch: inout EventBatch,
        by events: inout [SessionEvent]
    ) -> FeedPull {
        if let columns { return columns.pull(after: position, limit: limit, into: &batch) }
        events.removeAll(keepingCapacity: true)
        let said = feed.pull(after: position, limit: limit, into: &events)
        for event in events { batch.add(event) }
        return said
    }

    private nonisolated(nonsending) func send(
        _ batch: inout EventBatch, _ writer: inout WireWriter
    ) async -> Bool {
        let now = clock.monotonic()
        shared.withLock { shared in shared.flow.send(batch.positions, at: now) }
        writer.reset()
        batch.write(to: &writer)
        return await send(writer)
    }

    private nonisolated(nonsending) func send(
        _ message: PBHostMessage.Message, _ writer: inout WireWriter
    ) async -> Bool {
        writer.reset()
        PBHostMessage(message: message).write(to: &writer)
        return await send(writer)
    }

    /// - Parameter written: One whole message; its writer is kept from one to the next.
    /// - Returns: False when the stream is over; whoever receives hears why.
    private nonisolated(nonsending) func send(_ written: borrowing WireWriter) async -> Bool {
        do {
            try await stream.send(written.withBytes { OutMessage($0) })
            return true
        } catch { return false }
    }
}

extension Connection.Shared {
    /// Every message costs the server; what it keeps for resending may grow a little.
    static let acknowledgedEvery: UInt64 = 4_096

    mutating func acknowledgement(_ safe: EventPosition) -> PBAcknowledged? {
        let isFar = safe.step >= acknowledged.step + Self.acknowledgedEvery || drain != nil
        guard safe > acknowledged, isFar else { return nil }
        acknowledged = safe
        return PBAcknowledged(position: safe.value)
    }
}
