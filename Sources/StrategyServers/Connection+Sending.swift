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
        var batch = EventBatch(plan.timeline(of: feed).known)
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
        case .events: return await sendParts(&batch, &events, &writer)
        case .wait, .end:
            await mayGoOn.wait()
            return true
        case .lookOn:
            await Task.yield()
            return true
        case .skipped(let runs, let reason):
            guard await sendParts(&batch, &events, &writer, skipping: runs, reason) else {
                return false
            }
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
        events.removeAll(keepingCapacity: true)
        if let columns { return columns.pull(after: position, limit: limit, into: &batch) }
        let said = feed.pull(after: position, limit: limit, into: &events)
        for event in events { batch.add(event) }
        return said
    }

    /// Sends what was pulled: one message, but where instruments join, or what follows may be worked at for longer.
    ///
    /// The history of who joins comes between the events before them and the change that lets them in; and what is said
    /// of ticks does not wait for a candle that a model thinks about.
    ///
    /// - Parameters:
    ///   - events: What is in the batch; empty where the feed knows columns, and no changes.
    ///   - runs: What was left out before and between the events, in order.
    /// - Returns: Whether the stream goes on.
    private nonisolated(nonsending) func sendParts(
        _ batch: inout EventBatch, _ events: inout [SessionEvent], _ writer: inout WireWriter,
        skipping runs: [PositionRun] = [], _ reason: String = ""
    ) async -> Bool {
        let isParted = plan.limits.deadlines != nil && events.count > 1
        guard isParted || events.contains(where: { $0.change != nil }) else {
            return await sendPart(&batch, &writer, skipping: runs[...], reason)
        }
        // Results about what joins are read by it, and none comes before it is sent.
        let timeline = plan.timeline(of: feed)
        shared.withLock { $0.check.instruments = timeline }
        var left = runs[...]
        var at = 0
        while at < events.count {
            let begin = at
            at += events[at...].prefix { $0.change?.joins == true }.count
            for change in events[begin..<at].compactMap(\.change) {
                guard await sendHistory(of: change, &writer) else { return false }
            }
            // Up to the next that lets somebody in.
            at += events[at...].prefix { $0.change?.joins != true }.count
            at = firstSlower(in: events, from: begin, to: at)
            batch.begin(after: shared.withLock { $0.flow.last })
            for event in events[begin..<at] { batch.add(event) }
            let isLast = at == events.count
            let last = events[at - 1].position
            let before = isLast ? left : left.prefix { $0.last < last }
            left = left.dropFirst(before.count)
            guard await sendPart(&batch, &writer, skipping: before, reason) else { return false }
        }
        return true
    }

    /// - Returns: The first of these events that may be worked at for longer than the one before it; else `end`.
    private func firstSlower(in events: [SessionEvent], from begin: Int, to end: Int) -> Int {
        guard plan.limits.deadlines != nil, end - begin > 1 else { return end }
        return (begin + 1..<end).first {
            plan.limits.isSlower(events[$0].eventClass, than: events[$0 - 1].eventClass)
        } ?? end
    }

    private nonisolated(nonsending) func sendPart(
        _ batch: inout EventBatch, _ writer: inout WireWriter,
        skipping runs: ArraySlice<PositionRun>,
        _ reason: String
    ) async -> Bool {
        if !runs.isEmpty {
            var message = PBSkipped(reason: reason)
            message.runs = runs.map { PBSkipped.Run(first: $0.first.value, last: $0.last.value) }
            guard await send(.skipped(message), &writer) else { return false }
        }
        return batch.isEmpty ? true : await send(&batch, &writer)
    }

    /// What happened to an instrument before it joins, where the server asked for a history.
    private nonisolated(nonsending) func sendHistory(
        of change: InstrumentChange, _ writer: inout WireWriter
    ) async -> Bool {
        guard let history = change.history else { return true }
        let wire = PBInstrument(change.instrument, number: UInt32(change.number))
        let most = min(plan.limits.batch, description.largestBatch)
        var batch = EventBatch(plan.timeline(of: feed).known)
        var at = 0
        repeat {
            let next = min(history.count, at + most)
            batch.begin(after: .start)
            for event in history[at..<next] { batch.add(event) }
            let part = PBWarmUp(
                events: batch.message(), last: next == history.count, instruments: [wire])
            guard await send(.warmUp(part), &writer) else { return false }
            at = next
        } while at < history.count
        return true
    }

    private nonisolated(nonsending) func send(
        _ batch: inout EventBatch, _ writer: inout WireWriter
    ) async -> Bool {
        let now = clock.monotonic()
        shared.withLock { shared in
            shared.flow.send(batch.positions, others: batch.others, at: now)
        }
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

extension SessionEvent {
    /// Of the list of instruments; `nil`: it is another kind of event.
    fileprivate var change: InstrumentChange? {
        if case .instrument(let change) = kind { return change }
        return nil
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
