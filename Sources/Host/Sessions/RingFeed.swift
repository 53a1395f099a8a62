import Platform
package import Ports
package import TradingModel

/// Feeds a session with events as they happen: for live and paced runs.
///
/// An ``OverflowQueue`` holds them, so that a broken connection resumes without a gap; a session that falls
/// too far behind is told which positions were left out, or begins anew with a history where that may not
/// be. The history that a fresh server asks for is kept here. The loop pushes, the session pulls; neither
/// waits for the other.
package final class RingFeed: SessionFeed {
    private struct State {
        var queue: OverflowQueue
        var history: WarmUpHistory
        var newest = EventPosition.start
        var hasEnded = false
        var given = 0
        var wake: (@Sendable () -> Void)?
    }
    private let subscription: Subscription
    private let state: Locked<State>
    /// Events that wait at most.
    package static let capacity = 65_536

    /// - Parameter window: Events kept of those that were sent.
    package init(
        _ subscription: Subscription, inputs: [ServerInput],
        overflow: OverflowPolicy = .dropOldest, capacity: Int = RingFeed.capacity,
        window: Int = 16_384
    ) {
        self.subscription = subscription
        state = Locked(
            State(
                queue: OverflowQueue(overflow, capacity: capacity, window: window),
                history: WarmUpHistory(inputs)))
    }

    // MARK: The loop's side

    /// Adds events of the session's subscription, in order.
    package func push(_ events: [SharedEvent]) {
        guard !events.isEmpty else { return }
        let wake = state.withLock { state in
            for shared in events {
                state.queue.push(shared)
                state.given += 1
                state.newest = shared.event.position
                state.history.take(shared, lost: state.queue.lostThrough)
            }
            return state.wake
        }
        wake?()
    }

    /// In recovery, when nobody listens: what the session heard before the host ended.
    package func recall(_ events: [SharedEvent]) {
        state.withLock { state in
            for shared in events {
                state.history.take(shared, lost: state.queue.lostThrough)
                state.newest = shared.event.position
                state.queue.recall(shared)
            }
        }
    }

    /// In recovery: what the session was told that it does not hear.
    package func recall(leftOut runs: [PositionRun]) {
        state.withLock { state in for run in runs { state.queue.recall(run) } }
    }

    /// What came before is recalled, and fills were not among it: whoever reads them begins anew with a history.
    package func endRecall() {
        guard subscription.readsAccount else { return }
        state.withLock { state in
            state.queue.lose(
                through: state.newest, "the host was started again, and fills were among them")
        }
    }

    package func end() {
        let wake = state.withLock { state in
            state.hasEnded = true
            return state.wake
        }
        wake?()
    }

    package var given: Int { state.withLock { $0.given } }

    /// The last event that the session is to answer; `start` before the first.
    package var newest: EventPosition { state.withLock { $0.newest } }

    /// What the loop writes down and tells.
    package struct OverflowNews: Sendable {
        /// Told since the last call.
        package let runs: [PositionRun]
        package let reason: String
        /// Since the run began: events left out, and breaks because of those that may not be.
        package let leftOut: Int
        package let losses: Int
    }

    package func takeNews() -> OverflowNews {
        state.withLock { state in
            OverflowNews(
                runs: state.queue.takeTold(), reason: state.queue.reason,
                leftOut: state.queue.leftOut, losses: state.queue.losses)
        }
    }

    // MARK: The session's side

    package func onMore(_ wake: @escaping @Sendable () -> Void) {
        state.withLock { $0.wake = wake }
    }

    package func pull(
        after position: EventPosition, limit: Int, into events: inout [SessionEvent]
    ) -> FeedPull {
        state.withLock { state in
            var runs: [PositionRun] = []
            let before = events.count
            if let loss = state.queue.take(after: position, limit: limit, into: &events, &runs) {
                return .outOfReach(loss)
            }
            if !runs.isEmpty { return .skipped(runs, reason: state.queue.reason) }
            if events.count > before { return .events }
            return state.hasEnded ? .end : .wait
        }
    }

    /// Events at hand behind `position`.
    package func waiting(behind position: EventPosition) -> Int {
        state.withLock { $0.queue.count(behind: position) }
    }

    package var instruments: InstrumentTimeline? { subscription.roster?.timeline }

    package func reaches(_ position: EventPosition) -> Bool {
        state.withLock { position >= $0.queue.lostThrough }
    }

    /// As of `position` where the session can go on from there: what lies behind it is sent, and asked about.
    package func history(_ inputs: [ServerInput], asOf position: EventPosition) -> (
        events: [SessionEvent], through: EventPosition
    ) {
        state.withLock { state in
            let reached = max(state.queue.lostThrough, state.history.knownFrom)
            let end = position >= reached ? position : state.newest
            return (state.history.events(inputs, asOf: end), end)
        }
    }
}
