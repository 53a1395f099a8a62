package import GRPCTransport
package import Platform
package import Ports
import StrategyWire
import TradingModel

/// The life of one session: the server is started, described, connected, fed, and connected again.
///
/// Every external call has a timeout. Describe and the opening of a session change nothing on the host's
/// side: they may be tried again at any time. What was answered before a break is told by the watermark.
package final class StrategySession: Sendable {
    package let plan: SessionPlan
    private let queue: CompletionQueue
    private let nursery: ProcessNursery
    let clock: any TimeSource
    private let digest: any Digest
    struct State {
        var life: SessionLife
        /// What the run is to do next.
        var order: SessionLife.Order?
        /// A quarantine that is not kept yet.
        var untold: ServerQuarantine?
        var child: ChildProcess?
        var channel: Channel?
        var connection: Connection?
        var isStopping = false
        var epoch: UInt64
        /// Where lines of the process go before an inbox exists.
        var inbox: (any SessionInbox)?
        var description: ServerDescription?
        var lines: [String] = []
        /// The server took none of its snapshots, and gets none until it has answered something.
        var refusesSnapshots = false
        /// How the last process ended, until the server answers again.
        var exit: ProcessEnd?
        /// It has been at work since the host started.
        var wasReady = false
        /// Connections made.
        var connections = 0
        /// Results refused in those that are over.
        var refused = 0
        /// How long it worked at an event in those.
        var service = LatencyHistogram()
    }
    let state: Locked<State>
    /// Set when there is an order.
    let hasOrder = AsyncSignal()
    /// Keeps a quarantine over the end of the host.
    package typealias QuarantineKeeping =
        @Sendable (ServerQuarantine, ServerDescription) async -> Void
    let onQuarantine: QuarantineKeeping?

    /// - Parameters:
    ///   - quarantine: From an earlier start: nobody connects to the server until it is released, and who
    ///     it is, is taken from what it said then.
    ///   - onQuarantine: Returns when it is kept.
    package init(
        _ plan: SessionPlan, on queue: CompletionQueue, nursery: ProcessNursery,
        clock: any TimeSource, digest: any Digest, quarantine: KnownQuarantine? = nil,
        onQuarantine: QuarantineKeeping? = nil
    ) {
        self.onQuarantine = onQuarantine
        self.plan = plan
        self.queue = queue
        self.nursery = nursery
        self.clock = clock
        self.digest = digest
        // Rises over restarts of the host too.
        let known = plan.isLockstep ? nil : quarantine
        let life = SessionLife(
            plan.life, isLockstep: plan.isLockstep, isOurs: plan.launch != nil,
            quarantine: known?.quarantine)
        state = Locked(
            State(
                life: life, epoch: UInt64(max(0, clock.utc())) / 1_000,
                description: known?.description))
    }

    // MARK: Describe

    /// Starts the server if that is ours to do, waits for it, and asks who it is.
    ///
    /// - Throws: ``SessionError`` in words for people.
    package nonisolated(nonsending) func describe(
        within timeout: Duration
    ) async throws(SessionError) -> ServerDescription {
        if let known = quarantined { return known }
        let deadline = clock.monotonic() + timeout.nanoseconds
        var ends = 0
        while true {
            do {
                try await launchIfNeeded()
                let (description, _) = try await describe(until: deadline)
                state.withLock { $0.description = description }
                return description
            } catch {
                let error = SessionError(error, isOpening: true)
                ends += 1
                // The one before it may still hold the address: a few starts, not one.
                let mayEndAgain = error.isEnd && ends < plan.life.circuit.failures
                guard mayEndAgain, clock.monotonic() < deadline, !isOver else {
                    let (lines, runs) = state.withLock {
                        ($0.lines.suffix(12), $0.child.map { $0.exit == nil } ?? false)
                    }
                    let isSilent = runs && error.isUnreachable && !isOver
                    throw (isSilent ? SessionError(silentFor: timeout) : error)
                        .at(plan.place, output: lines)
                }
            }
            let pause = plan.life.pause(after: ends, draw: .random(in: 0...UInt64.max))
            try? await Task.sleep(for: .nanoseconds(pause))
        }
    }

    /// Asks again until it answers: a server needs a while before it listens. One that ended is not
    /// waited for.
    private nonisolated(nonsending) func describe(
        until deadline: Int64
    ) async throws -> (ServerDescription, revision: UInt32) {
        // The channel tells its last failure until it connects again: time counts, not how often it tells.
        let patientUntil = min(deadline, clock.monotonic() + Self.patienceWithClosing)
        while true {
            do {
                return try await describeOnce(within: deadline - clock.monotonic())
            } catch {
                if let end = state.withLock({ $0.child })?.end { throw SessionError(ended: end) }
                let now = clock.monotonic()
                let reason = SessionError(error, isOpening: true)
                let isFinal = reason.isFinal && (!reason.mayPass || now >= patientUntil)
                if isFinal || now >= deadline || isOver { throw error }
            }
            try? await Task.sleep(for: .milliseconds(50))
        }
    }

    private static let patienceWithClosing: Int64 = 5_000_000_000

    /// - Returns: Who the server is, and the revision of the contract in use.
    private nonisolated(nonsending) func describeOnce(
        within remaining: Int64
    ) async throws -> (ServerDescription, revision: UInt32) {
        let channel = try openChannel()
        var request = PBDescribeRequest()
        request.host = "madang \(Version.text)"
        request.revisions = PBRevisionRange(lowest: Revision.lowest, highest: Revision.highest)
        for (name, value) in plan.parameters { request.parameters[name] = value }
        let timeout = Duration.nanoseconds(max(1_000_000, min(remaining, 5_000_000_000)))
        let reply = try await channel.unary(
            PBStrategyServer.describePath, request.encoded(), timeout: timeout)
        let wire = try reply.withBytes { (bytes) throws(WireError) in
            try PBDescribeResponse(decoding: bytes)
        }
        let revision = try Revision.common(with: wire.revisions)
        let values = try ParameterCheck.inForce(plan.parameters, wire.parameters)
        let hash = digest.sha256(Array(ParameterCheck.text(values).utf8)).prefix(8)
        return (try ServerDescription(wire, parameterHash: hexText(Array(hash))), revision)
    }

    private func openChannel() throws -> Channel {
        if let channel = state.withLock({ $0.channel }) { return channel }
        try plan.checkSecurity()
        var configuration = ChannelConfiguration(target: plan.target, security: plan.security)
        configuration.token = plan.token
        configuration.maxReceiveBytes = plan.limits.messageBytes
        let channel = try Channel(configuration, on: queue)
        // Whoever stops closes the one it finds: a later one would stay.
        let isLate = state.withLock { state in
            if !state.isStopping { state.channel = channel }
            return state.isStopping
        }
        guard !isLate else { throw SessionError("the host stops", advice: "", isFinal: false) }
        return channel
    }

    /// Who it has to be, of a server that was not there to be asked: another one is refused when it comes.
    package func expect(_ description: ServerDescription) {
        state.withLock { $0.description = $0.description ?? description }
    }

    // MARK: Run

    /// One attempt, and the connection that comes of it, to its end.
    nonisolated(nonsending) func connect(
        _ feed: any SessionFeed, _ inbox: any SessionInbox, _ snapshots: (any SnapshotStore)?
    ) async throws {
        let isNew = try await launchIfNeeded()
        let (description, revision) =
            isNew
            ? try await describe(until: clock.monotonic() + plan.limits.startWithin)
            : try await describeOnce(within: 5_000_000_000)
        // It answers: how the process before it ended says nothing of what follows.
        state.withLock { $0.exit = nil }
        try refuseChange(description)
        let (watermark, known) = inbox.resumePoint()
        let channel = try openChannel()
        let stream = try channel.openStream(
            PBStrategyServer.runPath, options: .init(sendCapacity: 2))
        let opening = Opening(
            plan: plan, description: description, stream: stream, epoch: nextEpoch(),
            revision: revision, watermark: watermark, known: known, clock: clock,
            snapshot: await snapshot(
                of: description, through: min(watermark, known), snapshots, feed, inbox))
        let after: EventPosition
        do {
            after = try await opening.perform(feed) { report in
                if case .state(.warming, let words) = report {
                    happened(.warming(words))
                } else {
                    inbox.report(report)
                }
            } began: {
                inbox.begins(behind: $0)
            }
        } catch {
            stream.cancel()
            _ = await stream.end()
            guard let offered = opening.snapshot, !(error is Goodbye) else { throw error }
            // Perhaps because of it: the next time without.
            state.withLock { $0.refusesSnapshots = true }
            throw SessionError(
                "it did not take its own snapshot of event \(offered.position): "
                    + SessionError(error, isOpening: true).what,
                advice: "it is asked again without", isFinal: false)
        }
        let connection = Connection(
            plan, description, stream, feed: feed, inbox: inbox, clock: clock,
            snapshots: snapshots, after: after, watermark: watermark
        ) { [weak self] event in self?.happened(event) }
        let stops = state.withLock { state in
            state.connection = connection
            state.connections += 1
            return state.isStopping
        }
        if stops { connection.drain(within: .seconds(1), reason: "the host stops") }
        happened(.ready(after == .start ? "" : "from step \(after.step)"))
        try await connection.run()
    }

    /// The newest that the server can go on from: the events behind it are at hand.
    private nonisolated(nonsending) func snapshot(
        of description: ServerDescription, through position: EventPosition,
        _ snapshots: (any SnapshotStore)?, _ feed: any SessionFeed, _ inbox: any SessionInbox
    ) async -> ServerSnapshot? {
        guard let snapshots, position > .start, !state.withLock({ $0.refusesSnapshots })
        else { return nil }
        let owner = plan.owner(description)
        let found = await snapshots.newest(of: owner, through: position)
        for trouble in snapshots.takeTroubles(of: owner) {
            inbox.report(.log(level: "warning", text: trouble))
        }
        guard let found, feed.reaches(found.position) else { return nil }
        return found
    }

    private func nextEpoch() -> UInt64 {
        state.withLock { state in
            state.epoch += 1
            return state.epoch
        }
    }

    /// Another build under the same name would make other results of the same events.
    private func refuseChange(_ now: ServerDescription) throws(ServerRefusal) {
        guard let before = state.withLock({ $0.description }) else { return }
        if let change = before.change(to: now) {
            throw ServerRefusal(
                "another build answers: \(change)",
                advice: "bring the first one back, or restart the host with --fresh")
        }
    }

    // MARK: The process

    /// - Returns: Whether it was started just now.
    @discardableResult
    private nonisolated(nonsending) func launchIfNeeded() async throws -> Bool {
        guard let launch = plan.launch else { return false }
        if let child = state.withLock({ $0.child }), child.exit == nil { return false }
        guard !state.withLock({ $0.isStopping }) else { return false }
        try plan.checkSocketFolder()
        // What another one said is of no help with this one.
        state.withLock { $0.lines = [] }
        let child = try await nursery.launch(
            launch.process(with: serverEnvironment),
            onLine: { [weak self] line in self?.tell(line.shown) },
            onExit: { [weak self] exit in
                self?.state.withLock { $0.exit = exit }
                self?.tell("the process \(exit)")
            })
        state.withLock { $0.child = child }
        return true
    }

    private var serverEnvironment: [String: String] {
        [
            "MADANG_ADDRESS": "\(plan.target)",
            "MADANG_PARENT_FD": "\(ProcessLaunch.lifelineDescriptor)",
        ]
    }

    private func tell(_ line: String) {
        let inbox = state.withLock { state in
            if state.inbox == nil, state.lines.count < 200 { state.lines.append(line) }
            return state.inbox
        }
        inbox?.report(.output(line))
    }

    // MARK: Stop

    /// Ends the attempts to reach the server: with the one under way. Any thread.
    package func giveUp() { state.withLock { $0.isStopping = true } }

    /// In a cancelled task nothing waits: a loop that went on would only burn its thread.
    var isOver: Bool { Task.isCancelled || state.withLock { $0.isStopping } }

    /// Drains the stream, ends the process, closes the connection. Returns within the time given and a little.
    package nonisolated(nonsending) func stop(within: Duration, reason: String) async {
        let (connection, child, channel) = state.withLock { state in
            state.isStopping = true
            return (state.connection, state.child, state.channel)
        }
        happened(.stop)
        connection?.drain(within: within, reason: reason)
        if let connection { await connection.waitUntilDrained(within: within) }
        child?.terminate()
        if let child { _ = await child.waitForExit() }
        await channel?.close()
    }
}

extension Connection {
    /// Waits for the server's Drained, the stream's end, or the time.
    nonisolated(nonsending) func waitUntilDrained(within: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { _ = await self.stream.end() }
            group.addTask { try? await Task.sleep(for: within) }
            await group.next()
            stream.cancel()
            group.cancelAll()
        }
    }
}

/// This product's version.
package enum Version { package static let text = "0.1.0" }

func hexText(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
        decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}
