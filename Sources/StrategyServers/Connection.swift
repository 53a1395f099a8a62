import GRPCTransport
import Platform
import Ports
import StrategyWire
import TradingModel

/// One stream with a server, from its first event to its end.
///
/// Three tasks on the queue's thread: one sends, one receives, one watches the clock. The state they
/// share is a value behind a lock that is never held across a suspension.
final class Connection: Sendable {
    struct Shared {
        var flow: Flow
        var check: ResultCheck
        var intake: Intake
        var liveness: Liveness
        var remarks: Remarks
        var beats = Beats()
        var lastWatermark: Int64
        var acknowledged: EventPosition
        var assembly: SnapshotAssembly
        /// The newest that is whole and not kept yet.
        var waitingSnapshot: ServerSnapshot?
        /// When the next one is kept at the earliest, monotonic ns.
        var nextSnapshot = Int64.min
        /// Drain waits to be sent.
        var drain: PBDrain?
        var isDraining = false
        var drained = false
        /// Messages with a result that was refused.
        var breaches = Breaches()
        var refused = RefusalTally()
        /// The server has answered more than was answered when it connected.
        var progressed = false
        let resumedAt: EventPosition
        /// Where the server stood: what it says up to here it says again.
        let openedAt: EventPosition
    }
    let plan: SessionPlan
    let description: ServerDescription
    let stream: ClientStream
    let feed: any SessionFeed
    /// The same, where it knows of columns.
    let columns: (any ColumnFeed)?
    let inbox: any SessionInbox
    let clock: any TimeSource
    /// `nil`: none are kept.
    let snapshots: (any SnapshotStore)?
    let shared: Locked<Shared>
    /// Hears how it goes: late, hung, on time again, gone on.
    let happened: @Sendable (SessionLife.Event) -> Void
    /// Set when there may be something to send.
    let mayGoOn = AsyncSignal()
    /// Set when the inbox takes results again.
    let hasRoom = AsyncSignal()
    private static let watchEvery: Duration = .milliseconds(100)

    init(
        _ plan: SessionPlan, _ description: ServerDescription, _ stream: ClientStream,
        feed: any SessionFeed, inbox: any SessionInbox, clock: any TimeSource,
        snapshots: (any SnapshotStore)? = nil, after position: EventPosition,
        watermark: EventPosition, happened: @escaping @Sendable (SessionLife.Event) -> Void
    ) {
        self.plan = plan
        self.description = description
        self.stream = stream
        self.feed = feed
        columns = feed as? any ColumnFeed
        self.inbox = inbox
        self.clock = clock
        self.snapshots = snapshots
        self.happened = happened
        let closed = min(position, watermark)
        shared = Locked(
            Shared(
                flow: Flow(
                    capacity: plan.limits.credit,
                    ahead: plan.isLockstep ? Flow.messagesAheadInLockstep : Flow.messagesAhead,
                    after: position, watermark: closed),
                check: ResultCheck(instruments: plan.timeline(of: feed), limits: plan.limits),
                intake: Intake(plan.limits, isLockstep: plan.isLockstep),
                liveness: Liveness(deadline: plan.limits.deadline?.count),
                remarks: Remarks(plan.limits, isLockstep: plan.isLockstep),
                lastWatermark: clock.monotonic(),
                acknowledged: watermark,
                assembly: SnapshotAssembly(limit: plan.limits.snapshotBytes),
                resumedAt: watermark, openedAt: position))
    }

    /// Runs until the stream ends.
    ///
    /// - Throws: ``RPCError``, ``ServerRefusal``, ``SessionError``, ``WireError``.
    nonisolated(nonsending) func run() async throws {
        feed.onMore { [weak self] in self?.mayGoOn.set() }
        inbox.onRoom { [weak self] in self?.hasRoom.set() }
        do {
            try await withThrowingTaskGroup(of: Bool.self) { group in
                defer { group.cancelAll() }
                group.addTask {
                    try await self.receive()
                    return true
                }
                // Who sends learns of the end first; who receives learns why, behind the last words.
                group.addTask {
                    try await self.send()
                    return false
                }
                group.addTask {
                    try await self.watch()
                    return false
                }
                while let isOver = try await group.next(), !isOver {}
            }
        } catch {
            await end()
            if shared.withLock({ $0.drained }) { return }
            throw error
        }
        await end()
    }

    private nonisolated(nonsending) func end() async {
        stream.cancel()
        _ = await stream.end()
        keepSnapshot(isLast: true)
        for report in shared.withLock({ $0.refused.rest() + $0.remarks.rest() }) {
            inbox.report(report)
        }
    }

    /// Asks the server to finish what was sent. ``run()`` returns when it has.
    func drain(within: Duration, reason: String) {
        shared.withLock { shared in
            guard !shared.isDraining else { return }
            shared.isDraining = true
            shared.drain = PBDrain(withinNs: within.nanoseconds, reason: reason)
        }
        mayGoOn.set()
    }

    // MARK: Watching

    private nonisolated(nonsending) func watch() async throws {
        while !Task.isCancelled {
            try await Task.sleep(for: Self.watchEvery)
            let now = clock.monotonic()
            let change = shared.withLock { shared in
                if shared.flow.oldest == nil {
                    shared.beats.askAfterIdling(since: shared.lastWatermark, now: now)
                }
                return shared.liveness.check(
                    oldest: shared.flow.oldest,
                    within: plan.limits.deadline(of: shared.flow.oldestKind)?.count,
                    beat: shared.beats.asked,
                    lastWatermark: shared.lastWatermark, now: now)
            }
            if let (state, detail) = change {
                happened(
                    state == .hung
                        ? .hung(detail) : state == .slow ? .late(detail) : .caughtUp(detail))
            }
            happened(.time)
            for report in shared.withLock({ $0.refused.due(at: now) }) { inbox.report(report) }
            keepSnapshot(isLast: false)
            mayGoOn.set()
        }
    }
}

/// Numbers asked of an idle server now and then, for its silence must be told from its absence. A value.
struct Beats {
    private var number: UInt64 = 0
    private var isSent = true
    /// When the beat that is not answered was asked for, monotonic ns; `nil`: all are answered.
    private(set) var asked: Int64?

    mutating func askAfterIdling(since lastWatermark: Int64, now: Int64) {
        guard asked == nil, now - lastWatermark > Liveness.idleAfter else { return }
        number += 1
        isSent = false
        asked = now
    }

    /// The number to be sent now, once.
    mutating func due() -> UInt64? {
        guard !isSent else { return nil }
        isSent = true
        return number
    }

    mutating func heard(_ echo: UInt64) { if echo >= number { asked = nil } }
}

extension Duration {
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds.multipliedReportingOverflow(by: 1_000_000_000).overflow
            ? .max : seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
