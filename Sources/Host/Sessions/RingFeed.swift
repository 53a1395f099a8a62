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
    private struct Lane: Hashable {
        let kind: ServerInput.Kind
        let instrument: InstrumentID
    }
    private struct State {
        var queue: OverflowQueue
        var history: [Lane: [SharedEvent]] = [:]
        var newest = EventPosition.start
        var hasEnded = false
        var given = 0
        var wake: (@Sendable () -> Void)?
    }
    private let subscription: Subscription
    private let inputs: [ServerInput]
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
        self.inputs = inputs
        state = Locked(
            State(queue: OverflowQueue(overflow, capacity: capacity, window: window)))
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
                remember(shared, &state)
            }
            return state.wake
        }
        wake?()
    }

    /// In recovery, when nobody listens: what the session heard before the host ended.
    package func recall(_ events: [SharedEvent]) {
        state.withLock { state in
            for shared in events {
                remember(shared, &state)
                state.newest = shared.event.position
                state.queue.recall(shared)
            }
        }
    }

    /// In recovery: what the session was told that it does not hear.
    package func recall(leftOut runs: [PositionRun]) {
        state.withLock { state in for run in runs { state.queue.recall(run) } }
    }

    /// Recovery is through. Fills are not recalled: whoever reads them begins anew with a history.
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

    private func remember(_ shared: SharedEvent, _ state: inout State) {
        let event = shared.event
        if case .instrument(let change) = event.kind { return follow(change, &state) }
        if case .candle(let candle) = event.kind, !candle.isFinal { return }
        guard let lane = lane(of: event),
            let input = inputs.first(where: { $0.kind == lane.kind }), input.warmUp > 0
        else { return }
        state.history[lane, default: []].append(shared)
        // Cut now and then, not at every event.
        if let count = state.history[lane]?.count, count > input.warmUp * 2 {
            state.history[lane]?.removeFirst(count - input.warmUp)
        }
    }

    /// A full warm-up behind it holds what its list has then: what left is not in it, and what joined from before.
    private func follow(_ change: InstrumentChange, _ state: inout State) {
        for lane in Array(state.history.keys) where lane.instrument == change.instrument.id {
            state.history[lane] = nil
        }
        for event in change.history ?? [] { remember(SharedEvent(event), &state) }
    }

    private func lane(of event: SessionEvent) -> Lane? {
        switch event.kind {
        case .tick(let tick): Lane(kind: .ticks, instrument: tick.instrument)
        case .quote(let quote): Lane(kind: .quotes, instrument: quote.instrument)
        case .candle(let candle):
            inputs.first { input in
                if case .candles(candle.interval, _) = input.kind { return true }
                return false
            }.map { Lane(kind: $0.kind, instrument: candle.instrument) }
        case .timer, .account, .instrument: nil
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

    package func history(_ inputs: [ServerInput]) -> (
        events: [SessionEvent], through: EventPosition
    ) {
        state.withLock { state in
            var events: [SessionEvent] = []
            for input in inputs where input.warmUp > 0 {
                for (lane, kept) in state.history where lane.kind == input.kind {
                    events += kept.suffix(input.warmUp).map(\.event)
                }
            }
            events.sort { $0.position < $1.position }
            return (events, state.newest)
        }
    }
}
