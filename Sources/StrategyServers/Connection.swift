import GRPCTransport
import Platform
import Ports
import StrategyWire
import Synchronization
import TradingModel

/// One stream with a server, from Configure to its end.
///
/// Three tasks on the queue's thread: one sends, one receives, one watches the clock. The state they share
/// is a value behind a lock that is never held across a suspension.
final class Connection: Sendable {
    struct Shared {
        var flow: Flow
        var check: ResultCheck
        var liveness: Liveness
        var lastWatermark: Int64
        var beatSent: UInt64 = 0
        var beatHeard: UInt64 = 0
        var beatTime: Int64 = 0
        var acknowledged: EventPosition
        var isDraining = false
        var drained = false
        /// Messages in a row with a result that was refused.
        var violations = 0
        var refused = RefusalTally()
        var logTokens = 0.0
        var logTime: Int64 = 0
        var logsDropped = 0
        /// The connection is closed on our side for good.
        var progressed = false
    }
    let plan: SessionPlan
    let description: ServerDescription
    let stream: ClientStream
    let feed: any SessionFeed
    let inbox: any SessionInbox
    let clock: any TimeSource
    let shared: Mutex<Shared>
    /// Set when there may be something to send.
    let mayGoOn = AsyncSignal()
    private let hasRoom = AsyncSignal()

    init(
        _ plan: SessionPlan, _ description: ServerDescription, _ stream: ClientStream,
        feed: any SessionFeed, inbox: any SessionInbox, clock: any TimeSource,
        after position: EventPosition, watermark: EventPosition
    ) {
        self.plan = plan
        self.description = description
        self.stream = stream
        self.feed = feed
        self.inbox = inbox
        self.clock = clock
        let now = clock.monotonic()
        shared = Mutex(
            Shared(
                flow: Flow(capacity: plan.limits.credit, after: position, watermark: min(position, watermark)),
                check: ResultCheck(instruments: plan.instruments, limits: plan.limits),
                liveness: Liveness(deadline: plan.limits.deadline?.count), lastWatermark: now,
                acknowledged: watermark))
    }

    /// Runs until the stream ends.
    ///
    /// - Returns: Whether the server answered anything.
    /// - Throws: ``RPCError``, ``ServerRefusal``, ``WireError``.
    nonisolated(nonsending) func run() async throws -> Bool {
        feed.onMore { [weak self] in self?.mayGoOn.set() }
        inbox.onRoom { [weak self] in self?.hasRoom.set() }
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await self.receive() }
                group.addTask { try await self.send() }
                group.addTask { try await self.watch() }
                // Whoever ends first ends the connection.
                defer { group.cancelAll() }
                try await group.next()
            }
        } catch {
            await end()
            if shared.withLock({ $0.drained }) { return true }
            throw error
        }
        await end()
        return shared.withLock { $0.progressed }
    }

    private nonisolated(nonsending) func end() async {
        stream.cancel()
        _ = await stream.end()
        for report in shared.withLock({ $0.refused.rest() }) { inbox.report(report) }
    }

    /// Asks the server to finish what was sent. ``run()`` returns when it has.
    func drain(within: Duration, reason: String) {
        let first = shared.withLock { shared in
            defer { shared.isDraining = true }
            return !shared.isDraining
        }
        guard first else { return }
        let message = PBDrain(withinNs: within.nanoseconds, reason: reason)
        drainMessage.withLock { $0 = message }
        mayGoOn.set()
    }
    private let drainMessage = Mutex<PBDrain?>(nil)

    // MARK: Sending

    private nonisolated(nonsending) func send() async throws {
        var batch = EventBatch(plan.instruments)
        while !Task.isCancelled {
            // A lone event leaves at once; while a write is under way the rest gather.
            guard await stream.writable() else { return try await ended() }
            if let message = drainMessage.withLock({ $0.take() }) {
                try await send(.drain(message))
                continue
            }
            if let position = acknowledgement() {
                try await send(.acknowledged(PBAcknowledged(position: position.value)))
                continue
            }
            if let beat = shared.withLock({ $0.beatDue() }) {
                try await send(.beat(PBBeat(number: beat)))
                continue
            }
            let (last, credit, stops) = shared.withLock { ($0.flow.last, $0.flow.credit, $0.isDraining) }
            let limit = min(plan.limits.batch, description.largestBatch, credit)
            guard limit > 0, !stops else {
                await mayGoOn.wait()
                continue
            }
            batch.removeAll()
            switch feed.pull(after: last, limit: limit, into: &batch.events) {
            case .events: try await send(&batch, after: last)
            case .wait, .end: await mayGoOn.wait()
            case .skipped(let first, let through, let reason):
                shared.withLock { $0.flow.skip(through: through) }
                let run = PBSkipped.Run(first: first.value, last: through.value)
                try await send(.skipped(PBSkipped(runs: [run], reason: reason)))
            case .failed(let why): throw ServerRefusal(
                    "its events cannot be read: \(why)", advice: "correct the recording")
            }
        }
    }

    private nonisolated(nonsending) func send(_ batch: inout EventBatch, after last: EventPosition) async throws {
        let now = clock.monotonic()
        shared.withLock { shared in
            for event in batch.events { shared.flow.send(event.position, at: now) }
            shared.flow.endMessage()
        }
        try await send(.events(batch.message(after: last)))
    }

    private nonisolated(nonsending) func send(_ message: PBHostMessage.Message) async throws {
        try await stream.send(PBHostMessage(message: message).encoded())
    }

    /// The stream's end as an error; nothing when it was drained.
    private nonisolated(nonsending) func ended() async throws {
        let status = await stream.end()
        if !shared.withLock({ $0.drained }) { throw RPCError(status, at: plan.place) }
    }

    private func acknowledgement() -> EventPosition? {
        let position = inbox.acknowledged
        return shared.withLock { shared in
            // Every message costs the server; what it keeps for resending may grow a little.
            let isFar = position.step >= shared.acknowledged.step + 4_096 || shared.isDraining
            guard position > shared.acknowledged, isFar else { return nil }
            shared.acknowledged = position
            return position
        }
    }

    // MARK: Receiving

    private nonisolated(nonsending) func receive() async throws {
        while let message = try await stream.next() {
            let decoded = try message.withBytes { (bytes) throws(WireError) in
                try PBServerMessage(decoding: bytes)
            }
            if try await take(decoded) { return }
        }
        if !shared.withLock({ $0.drained || $0.isDraining }) {
            throw RPCError(RPCStatus(.unavailable, "the server ended the session"), at: plan.place)
        }
    }

    /// - Returns: True behind the last message.
    private nonisolated(nonsending) func take(_ message: PBServerMessage) async throws -> Bool {
        switch message.message {
        case .results(let results): try await take(results)
        case .watermark(let watermark): try close(EventPosition(watermark.position), beat: watermark.beat)
        case .failure(let failure):
            inbox.report(
                .failure(
                    EventPosition(failure.position), message: cut(failure.message), recoverable: failure.recoverable))
        case .log(let log): take(log)
        case .drained:
            shared.withLock { $0.drained = true }
            return true
        case .snapshot: break  // offered by the server; this host keeps none yet
        case .ready: throw ServerRefusal("it sent Ready twice")
        case nil: throw ServerRefusal("it sent a message this host does not know", advice: "upgrade the host")
        }
        return false
    }

    private nonisolated(nonsending) func take(_ message: PBResults) async throws {
        var good: [ReceivedResult] = []
        var last: String?
        let now = clock.monotonic()
        let (violations, refused, reports) = shared.withLock { shared in
            for wire in message.results {
                switch shared.check.check(wire, last: shared.flow.last, watermark: shared.flow.watermark) {
                case .success(let result): good.append(result)
                case .failure(let refusal):
                    shared.refused.add(refusal.reason)
                    last = refusal.reason
                }
            }
            shared.violations = last == nil ? 0 : shared.violations + 1
            return (shared.violations, shared.refused.total, shared.refused.due(at: now))
        }
        for report in reports { inbox.report(report) }
        if violations >= 8, let last {
            throw ServerRefusal(
                "eight messages in a row held results that break the contract;"
                    + " \(refused) results were refused, the last because of: \(last)")
        }
        let room = good.isEmpty || inbox.deliver(good)
        if let watermark = message.watermark { try close(EventPosition(watermark), beat: message.beat) }
        if !room { await hasRoom.wait() }
    }

    private func close(_ position: EventPosition, beat: UInt64) throws {
        let now = clock.monotonic()
        let violation = shared.withLock { shared in
            shared.lastWatermark = now
            shared.beatHeard = max(shared.beatHeard, beat)
            let violation = shared.flow.close(through: position)
            if violation == nil { shared.progressed = true }
            return violation
        }
        switch violation {
        case .beyond(let last):
            throw ServerRefusal("its watermark \(position) is beyond \(last), the last event sent")
        case .backwards(let from):
            throw ServerRefusal("its watermark went back from \(from) to \(position)")
        case nil: break
        }
        inbox.watermark(position)
        mayGoOn.set()
    }

    private func take(_ log: PBLog) {
        let now = clock.monotonic()
        let passes = shared.withLock { shared in
            let rate = Double(plan.limits.logsPerSecond)
            shared.logTokens = min(rate, shared.logTokens + Double(now - shared.logTime) / 1e9 * rate)
            shared.logTime = now
            guard shared.logTokens >= 1 else {
                shared.logsDropped += 1
                return false
            }
            shared.logTokens -= 1
            return true
        }
        if passes { inbox.report(.log(level: "\(log.level)", text: cut(log.text))) }
    }

    private func cut(_ text: String) -> String {
        text.utf8.count <= plan.limits.textBytes
            ? text : String(decoding: text.utf8.prefix(plan.limits.textBytes), as: UTF8.self) + "…"
    }

    // MARK: Watching

    private nonisolated(nonsending) func watch() async throws {
        while !Task.isCancelled {
            try await Task.sleep(for: .milliseconds(100))
            let now = clock.monotonic()
            let change = shared.withLock { shared in
                shared.liveness.check(oldest: shared.flow.oldest, lastWatermark: shared.lastWatermark, now: now)
            }
            if let (state, detail) = change { inbox.report(.state(state, detail: detail)) }
            for report in shared.withLock({ $0.refused.due(at: now) }) { inbox.report(report) }
            shared.withLock { $0.askForLife(at: now) }
            mayGoOn.set()
        }
    }
}

extension Connection.Shared {
    /// An idle server is asked now and then: its silence must be told from its absence.
    mutating func askForLife(at now: Int64) {
        guard flow.oldest == nil, beatSent == beatHeard, now - lastWatermark > 5_000_000_000 else { return }
        beatSent += 1
        beatTime = 0
    }
    /// The number of a beat that is to be sent now.
    mutating func beatDue() -> UInt64? {
        guard beatSent > beatHeard, beatTime == 0 else { return nil }
        beatTime = 1
        return beatSent
    }
}

extension Duration {
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds.multipliedReportingOverflow(by: 1_000_000_000).overflow
            ? .max : seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
