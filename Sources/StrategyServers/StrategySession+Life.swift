import GRPCTransport
import Platform
package import Ports

/// A server that was left alone when the host ended last: why, and who it was.
package struct KnownQuarantine: Hashable, Sendable {
    package let quarantine: ServerQuarantine
    package let description: ServerDescription
    package init(_ quarantine: ServerQuarantine, of description: ServerDescription) {
        self.quarantine = quarantine
        self.description = description
    }
}

/// Carries out what ``SessionLife`` decides.
extension StrategySession {
    /// Keeps the session until it is drained, or given up.
    ///
    /// - Parameter snapshots: Where the server's are kept; `nil`: nowhere.
    package nonisolated(nonsending) func run(
        feed: any SessionFeed, inbox: any SessionInbox, snapshots: (any SnapshotStore)? = nil
    ) async {
        state.withLock { state in
            state.inbox = inbox
            for line in state.lines { inbox.report(.output(line)) }
            state.lines = []
        }
        happened(.begin)
        while true {
            switch await nextOrder() {
            case .connect: happened(.broke(await attempt(feed, inbox, snapshots)))
            case .wait(let until):
                if state.withLock({ $0.life.isOpen }) { await leave() }
                await wait(until: until)
            case .hold:
                let kept = await keepQuarantine()
                await leave()
                tell(kept)
                while state.withLock({ $0.order }) == nil, !isOver { await hasOrder.wait() }
            case .finish:
                // A stop may have come before the quarantine was kept.
                _ = await keepQuarantine()
                return
            case .cut, .drain: continue  // done where they were given
            }
        }
    }

    /// Ends a quarantine: the server is started and connected again, from its watermark. Any thread.
    ///
    /// - Returns: Whether there was one.
    @discardableResult
    package func release() -> Bool { happened(.release)?.order == .connect }

    /// - Returns: A new quarantine, when it is where a release looks for it.
    private nonisolated(nonsending) func keepQuarantine() async -> ServerQuarantine? {
        let (why, description) = state.withLock { state in
            (state.untold.take(), state.description)
        }
        guard let why, let description else { return nil }
        await onQuarantine?(why, description)
        return why
    }

    /// Tells how a quarantine is ended, if nobody was quicker.
    private func tell(_ quarantine: ServerQuarantine?) {
        guard let quarantine else { return }
        state.withLock { state in
            guard state.life.phase == .quarantined(quarantine) else { return }
            state.inbox?.report(.quarantine(quarantine))
        }
    }

    /// Who a server is that nobody may ask now.
    var quarantined: ServerDescription? {
        state.withLock { state in
            guard case .quarantined = state.life.phase else { return nil }
            return state.description
        }
    }

    // MARK: Events and orders

    /// Takes what happened, tells it in its place, and leaves what follows to the run. Any thread.
    @discardableResult
    func happened(_ event: SessionLife.Event, notBefore: Int64 = .min) -> SessionLife.Answer? {
        let now = SessionLife.Moment(
            monotonic: max(clock.monotonic(), notBefore), utc: clock.utc())
        let (answer, connection) = state.withLock { state in
            let answer = state.life.take(event, at: now, draw: .random(in: 0...UInt64.max))
            // Under the lock, so that nobody hears of two states in the wrong order.
            if let word = answer.word {
                state.inbox?.report(.state(word.state, detail: word.detail))
            }
            switch (answer.order, event) {
            case (.hold, .broke):
                if case .quarantined(let why) = state.life.phase { state.untold = why }
            case (.connect, .release): state.inbox?.report(.quarantine(nil))
            default: break
            }
            if case .ready = event {
                state.exit = nil
                state.wasReady = true
            }
            if event == .progress { state.refusesSnapshots = false }
            if let order = answer.order, order != .cut, order != .drain { state.order = order }
            return (answer, state.connection)
        }
        if answer.order == .cut { connection?.stream.cancel() }
        if answer.order != nil { hasOrder.set() }
        return answer
    }

    private nonisolated(nonsending) func nextOrder() async -> SessionLife.Order {
        while true {
            if isOver { happened(.stop) }
            if let order = state.withLock({ $0.order.take() }) { return order }
            await hasOrder.wait()
        }
    }

    /// Until the time, or an order before it.
    private nonisolated(nonsending) func wait(until: Int64) async {
        // The signal may stand from an order that was taken already: it is no time that passed.
        while state.withLock({ $0.order }) == nil, !isOver {
            let left = until - clock.monotonic()
            let isDue =
                left <= 0
                ? true
                : await withTaskGroup(of: Bool.self) { group in
                    group.addTask {
                        (try? await Task.sleep(for: .nanoseconds(left))) != nil
                    }
                    group.addTask {
                        await self.hasOrder.wait()
                        return false
                    }
                    defer { group.cancelAll() }
                    return await group.next() ?? false
                }
            guard isDue else { continue }
            happened(.time, notBefore: until)
            return
        }
    }

    // MARK: Attempts

    /// One attempt and its connection.
    ///
    /// - Returns: How it ended.
    private nonisolated(nonsending) func attempt(
        _ feed: any SessionFeed, _ inbox: any SessionInbox, _ snapshots: (any SnapshotStore)?
    ) async -> SessionLife.Break {
        do {
            try await connect(feed, inbox, snapshots)
            _ = letGo()
            return Self.goodbye
        } catch is Goodbye {
            return Self.goodbye
        } catch {
            let connection = letGo()
            let error = SessionError(error, isOpening: connection == nil)
            let kind = kind(of: error)
            if kind == .broken, connection != nil { await waitForExit() }
            let exit = state.withLock { $0.child?.end ?? $0.exit }
            let end = exit.map { " (its process \($0))" } ?? ""
            return SessionLife.Break(kind: kind, reason: "\(error)", process: end)
        }
    }

    private static let goodbye = SessionLife.Break(
        kind: .goodbye, reason: "the server ended the session")

    /// - Returns: The connection that is over; `nil` where there was none.
    private func letGo() -> Connection? {
        state.withLock { state in
            state.refused += state.connection?.refused ?? 0
            if let connection = state.connection { state.service.add(connection.service) }
            return state.connection.take()
        }
    }

    /// A process that ends takes its stream with it, and how it ended says more than the stream does: it is
    /// waited for a moment.
    private nonisolated(nonsending) func waitForExit() async {
        guard let child = state.withLock({ $0.child }), child.exit == nil else { return }
        let hasEnded = AsyncSignal()
        Task {
            _ = await child.waitForExit()
            hasEnded.set()
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await Task.sleep(for: .milliseconds(250)) }
            group.addTask { await hasEnded.wait() }
            await group.next()
            group.cancelAll()
        }
    }

    func kind(of error: SessionError) -> SessionLife.Break.Kind {
        if error.isUnreachable { return plan.launch == nil ? .away : .broken }
        // A machine that stands still, or a network that says nothing, may do so for a night as well.
        if error.isSilent, plan.launch == nil, state.withLock({ $0.wasReady }) { return .away }
        guard error.isFinal else { return .broken }
        if error.isBreach { return .violation }
        guard error.mayPass else { return .final }
        guard state.withLock({ $0.wasReady }) else { return .doubtful }
        // One that was at work speaks as the configuration says: it is away, behind what still listens.
        return plan.launch == nil ? .away : .broken
    }

    /// Ends its process where that is ours, and the connection, which would try again by itself.
    private nonisolated(nonsending) func leave() async {
        let (child, channel) = state.withLock { state in
            (state.child, state.isStopping ? nil : state.channel.take())
        }
        child?.terminate()
        if let child { _ = await child.waitForExit() }
        await channel?.close()
    }
}

extension SessionLife {
    /// Nobody connects to it for a while.
    var isOpen: Bool {
        if case .open = phase { return true }
        return false
    }
}
