import GRPCTransport
import Ports
import StrategyWire
import TradingModel

/// The first words of a session: Configure, Ready, and the warm-up where one is wanted.
struct Opening {
    let plan: SessionPlan
    let description: ServerDescription
    let stream: ClientStream
    let epoch: UInt64
    let watermark: EventPosition
    let known: EventPosition

    /// - Returns: The position behind which the server wants its events.
    nonisolated(nonsending) func perform(
        _ feed: any SessionFeed, warming: (String) -> Void
    ) async throws -> EventPosition {
        try await send(.configure(configure))
        let ready = try await self.ready()
        switch ready.state {
        case .after(let s):
            let after = EventPosition(s)
            guard after <= known else {
                throw ServerRefusal(
                    "it stands at event \(after), beyond \(known), the last this host knows of",
                    advice: "restart the server")
            }
            return after
        case .needsWarmUp(true):
            if plan.isLockstep { return .start }
            return try await warmUp(feed, warming)
        case .needsWarmUp(false), nil: return plan.isLockstep ? .start : watermark
        }
    }

    private var configure: PBConfigure {
        var message = PBConfigure()
        message.revision = Revision.highest
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
        message.instruments = plan.instruments.enumerated().map { PBInstrument($1, number: UInt32($0)) }
        message.watermark = watermark.value
        message.known = known.value
        message.account = description.readsAccount ? plan.account : ""
        return message
    }

    private var limits: PBLimits {
        var limits = PBLimits()
        limits.messageBytes = UInt32(clamping: plan.limits.messageBytes)
        limits.resultsPerEvent = UInt32(clamping: plan.limits.resultsPerEvent)
        limits.textBytes = UInt32(clamping: plan.limits.textBytes)
        limits.logsPerSecond = UInt32(clamping: plan.limits.logsPerSecond)
        limits.credit = UInt32(clamping: plan.limits.credit)
        limits.deadlineNs = plan.limits.deadline?.count ?? 0
        limits.snapshotBytes = 64 * 1_024 * 1_024
        return limits
    }

    private nonisolated(nonsending) func ready() async throws -> PBReady {
        let message = try await nextMessage()
        guard case .ready(let ready) = message.message else {
            throw ServerRefusal("it answered Configure with something else than Ready")
        }
        guard ready.epoch == epoch else {
            throw ServerRefusal("its Ready is for epoch \(ready.epoch), not \(epoch)")
        }
        guard ready.version == description.version, ready.modelHash == description.modelHash else {
            throw ServerRefusal(
                "another build answers: Describe said \(description.version) \(description.modelHash), Ready says"
                    + " \(ready.version) \(ready.modelHash)", advice: "serve one build on one address")
        }
        return ready
    }

    private nonisolated(nonsending) func nextMessage() async throws -> PBServerMessage {
        let timer = Task { [stream, plan] in
            try await Task.sleep(for: .nanoseconds(plan.limits.patience))
            stream.cancel()
            return true
        }
        defer { timer.cancel() }
        guard let message = try await next(timer) else {
            throw RPCError(RPCStatus(.unavailable, "the server ended the session"), at: plan.place)
        }
        return try message.withBytes { (bytes) throws(WireError) in try PBServerMessage(decoding: bytes) }
    }

    /// The stream's next message; what the timer ended is told as such.
    private nonisolated(nonsending) func next(
        _ timer: Task<Bool, any Error>
    ) async throws -> InMessage? {
        do {
            return try await stream.next()
        } catch {
            timer.cancel()
            guard case .success(true) = await timer.result else { throw error }
            throw SessionError(
                "it did not answer Configure within \(plan.limits.patience / 1_000_000_000) s",
                advice: "its on_start takes too long or hangs; run.patience says how long it may take",
                isFinal: false)
        }
    }

    private nonisolated(nonsending) func warmUp(
        _ feed: any SessionFeed, _ warming: (String) -> Void
    ) async throws -> EventPosition {
        let (events, through) = feed.history(description.inputs)
        warming("\(events.count) events of history")
        var batch = EventBatch(plan.instruments)
        var at = 0
        repeat {
            let end = min(events.count, at + min(plan.limits.batch, description.largestBatch))
            batch.removeAll()
            batch.events.append(contentsOf: events[at..<end])
            var part = PBWarmUp()
            part.events = batch.message(after: .start)
            part.last = end == events.count
            part.position = part.last ? max(through, watermark).value : 0
            try await send(.warmUp(part))
            at = end
        } while at < events.count
        let ready = try await self.ready()
        guard case .after(let s) = ready.state, EventPosition(s) == max(through, watermark) else {
            throw ServerRefusal("it did not answer the warm-up with its last position")
        }
        return EventPosition(s)
    }

    private nonisolated(nonsending) func send(_ message: PBHostMessage.Message) async throws {
        try await stream.send(PBHostMessage(message: message).encoded())
    }
}
