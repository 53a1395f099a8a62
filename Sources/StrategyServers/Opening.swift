import GRPCTransport
import Platform
import Ports
import StrategyWire
import TradingModel

/// The server said Drained before it was ready: it was told to stop, and is looked for again.
struct Goodbye: Error {}

/// The first words of a session: Configure, Ready, and the warm-up where one is wanted.
struct Opening {
    let plan: SessionPlan
    let description: ServerDescription
    let stream: ClientStream
    let epoch: UInt64
    /// The revision of the contract in use.
    let revision: UInt32
    let watermark: EventPosition
    let known: EventPosition
    let clock: any TimeSource
    /// Of this build and session, at or before `watermark`: for a server that has lost its state.
    let snapshot: ServerSnapshot?

    /// - Parameters:
    ///   - report: Hears what the server says before it is ready.
    ///   - began: Hears where a history ends that the server was given.
    /// - Returns: The position behind which the server wants its events.
    /// - Throws: ``ServerRefusal``; ``RPCError`` where trying again may help; ``Goodbye``.
    nonisolated(nonsending) func perform(
        _ feed: any SessionFeed, report: (SessionReport) -> Void,
        began: (EventPosition) -> Void
    ) async throws -> EventPosition {
        let after = try await position(feed, report)
        if after.isAnew { began(after.position) }
        return after.position
    }

    private nonisolated(nonsending) func position(
        _ feed: any SessionFeed, _ report: (SessionReport) -> Void
    ) async throws -> (position: EventPosition, isAnew: Bool) {
        var remarks = Remarks(plan.limits, isLockstep: plan.isLockstep)
        defer { remarks.rest().forEach(report) }
        try await send(.configure(configure(plan.timeline(of: feed))))
        for part in snapshot?.parts ?? [] { try await send(.snapshot(part)) }
        let ready = try await self.ready(&remarks, report)
        switch ready.state {
        case .after(let s):
            let after = EventPosition(s)
            guard after <= known else {
                throw ServerRefusal(
                    "it stands at event \(after), beyond \(known), the last this host knows of",
                    advice: "restart the server")
            }
            // What it needs is gone: it begins with a history, although it did not ask for one. What it
            // says of its old state, again or because it stops, comes first, and is void with it.
            guard plan.isLockstep || feed.reaches(after) else {
                return (try await warmUp(feed, &remarks, report, livedOn: true), true)
            }
            return (after, false)
        case .needsWarmUp(true):
            if plan.isLockstep { return (.start, false) }
            return (try await warmUp(feed, &remarks, report), true)
        case .needsWarmUp(false), nil:
            guard !plan.isLockstep else { return (.start, false) }
            guard feed.reaches(watermark) else {
                return (try await warmUp(feed, &remarks, report, livedOn: true), true)
            }
            return (watermark, false)
        }
    }

    private func configure(_ timeline: InstrumentTimeline) -> PBConfigure {
        var message = PBConfigure()
        message.revision = revision
        message.session = plan.session
        message.epoch = epoch
        message.mode =
            switch plan.mode {
            case .live: .live
            case .paper: .paper
            case .replay: .replay
            case .backtest: .backtest
            }
        for (name, value) in plan.parameters { message.parameters[name] = value }
        message.parameterHash = description.parameterHash
        message.limits = limits
        message.instruments = timeline.numbers(asOf: watermark).map {
            PBInstrument(timeline.known[$0], number: UInt32($0))
        }
        message.watermark = watermark.value
        message.known = known.value
        message.snapshotFollows = snapshot != nil
        message.account = description.readsAccount ? plan.account : ""
        return message
    }

    private var limits: PBLimits {
        var limits = PBLimits()
        limits.messageBytes = UInt32(clamping: plan.limits.messageBytes)
        limits.resultsPerEvent = UInt32(clamping: plan.limits.resultsPerEvent)
        limits.resultsPerSecond =
            plan.isLockstep ? 0 : UInt32(clamping: plan.limits.resultsPerSecond)
        limits.textBytes = UInt32(clamping: plan.limits.textBytes)
        limits.logsPerSecond = UInt32(clamping: plan.limits.logsPerSecond)
        limits.credit = UInt32(clamping: plan.limits.credit)
        limits.deadlineNs = plan.limits.deadline(of: .ticks)?.count ?? 0
        limits.candlesDeadlineNs = plan.limits.wireDeadline(of: .candles)
        limits.timersDeadlineNs = plan.limits.wireDeadline(of: .timers)
        limits.fillsDeadlineNs = plan.limits.wireDeadline(of: .fills)
        limits.snapshotBytes = UInt32(clamping: plan.limits.snapshotBytes)
        return limits
    }

    /// The server's Ready, in time; what it says to people before that is told.
    private nonisolated(nonsending) func ready(
        _ remarks: inout Remarks, _ report: (SessionReport) -> Void, livedOn: Bool = false
    ) async throws -> PBReady {
        try await inTime(
            "it did not say Ready",
            advice: "its on_start takes too long or hangs; run.patience says how long it may take"
        ) { try await nextReady(&remarks, report, livedOn) }
    }

    /// Cancels the stream of a server that lets the host wait for longer than its patience.
    ///
    /// - Throws: What `step` throws; ``SessionError`` with `what` when the time is over.
    private nonisolated(nonsending) func inTime<Answer>(
        _ what: String, advice: String,
        _ step: nonisolated(nonsending) () async throws -> Answer
    ) async throws -> Answer {
        let patience = plan.limits.patience
        let timer = Task { [stream] in
            guard (try? await Task.sleep(for: .nanoseconds(patience))) != nil else { return false }
            stream.cancel()
            return true
        }
        do {
            defer { timer.cancel() }
            return try await step()
        } catch {
            guard await timer.value else { throw error }
            throw SessionError(
                "\(what) within \(patience / 1_000_000_000) s", advice: advice, isFinal: false)
        }
    }

    private nonisolated(nonsending) func nextReady(
        _ remarks: inout Remarks, _ report: (SessionReport) -> Void, _ livedOn: Bool
    ) async throws -> PBReady {
        while let bytes = try await stream.next() {
            let message = try bytes.withBytes { (bytes) throws(WireError) in
                try PBServerMessage(decoding: bytes)
            }
            switch message.message {
            case .ready(let ready): return try checked(ready)
            case .failure(let failure):
                remarks.take(failure, at: clock.monotonic()).forEach(report)
            case .log(let log): remarks.take(log, at: clock.monotonic()).forEach(report)
            case .drained: throw Goodbye()
            case .results, .watermark, .snapshot:
                guard livedOn else { fallthrough }
            default: throw ServerRefusal("it sent something else before Ready")
            }
        }
        throw RPCError(RPCStatus(.unavailable, "the server ended the session"), at: plan.place)
    }

    private func checked(_ ready: PBReady) throws -> PBReady {
        guard ready.epoch == epoch else {
            throw ServerRefusal("its Ready is for epoch \(ready.epoch), not \(epoch)")
        }
        guard ready.version == description.version, ready.modelHash == description.modelHash else {
            throw ServerRefusal(
                "another build answers: Describe said \(description.version)"
                    + " \(description.modelHash), Ready says \(ready.version) \(ready.modelHash)",
                advice: "serve one build on one address")
        }
        guard ready.instanceID == description.instanceID else {
            // It was started again in between: it is asked again who it is.
            let words =
                "another process answers: Describe said instance '\(description.instanceID)',"
                + " Ready says '\(ready.instanceID)'"
            throw RPCError(RPCStatus(.unavailable, words), at: plan.place)
        }
        return ready
    }

    private nonisolated(nonsending) func warmUp(
        _ feed: any SessionFeed, _ remarks: inout Remarks, _ report: (SessionReport) -> Void,
        livedOn: Bool = false
    ) async throws -> EventPosition {
        let (events, through) = feed.history(description.inputs, asOf: watermark)
        let end = max(through, watermark)
        report(.state(.warming, detail: "\(events.count) events of history"))
        let timeline = plan.timeline(of: feed)
        var batch = EventBatch(timeline.known)
        let most = min(plan.limits.batch, description.largestBatch)
        try await sendChanges(timeline, through: end, most, &batch)
        var at = 0
        repeat {
            let next = min(events.count, at + most)
            batch.begin(after: .start)
            for event in events[at..<next] { batch.add(event) }
            var part = PBWarmUp()
            part.events = batch.message()
            part.last = next == events.count
            part.position = part.last ? end.value : 0
            try await send(.warmUp(part))
            at = next
        } while at < events.count
        let ready = try await self.ready(&remarks, report, livedOn: livedOn)
        guard case .after(end.value) = ready.state else {
            throw ServerRefusal(
                "it did not answer the warm-up with its last position",
                advice: "say Ready with after = WarmUp.position of the last part")
        }
        return end
    }

    /// What joined or left behind Configure and up to the end of the history: in parts of their own, for what follows
    /// speaks of the list as it is then.
    private nonisolated(nonsending) func sendChanges(
        _ timeline: InstrumentTimeline, through end: EventPosition, _ most: Int,
        _ batch: inout EventBatch
    ) async throws {
        let changes = timeline.changes.filter { $0.position > watermark && $0.position <= end }
        var at = 0
        while at < changes.count {
            batch.begin(after: .start)
            for change in changes[at..<min(changes.count, at + most)] {
                batch.add(
                    SessionEvent(
                        position: change.position, entryTime: .zero,
                        kind: .instrument(
                            InstrumentChange(
                                timeline.known[change.number], number: change.number,
                                joins: change.joins))))
            }
            try await send(.warmUp(PBWarmUp(events: batch.message())))
            at += most
        }
    }

    /// Each message has its own time: a large history may take long, a server that reads nothing may not.
    private nonisolated(nonsending) func send(_ message: PBHostMessage.Message) async throws {
        let bytes = PBHostMessage(message: message).encoded()
        if stream.offer(bytes) == .taken { return }
        try await inTime(
            "it read nothing of what it is sent",
            advice: "it hangs before its history or snapshot; run.patience says how long it may"
        ) { try await stream.send(bytes) }
    }
}
