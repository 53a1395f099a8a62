import Platform
package import Ports
package import TradingModel

/// Feeds a session with events as they happen: for live and paced runs.
///
/// The newest `capacity` events stay, so that a broken connection resumes without a gap; a session that
/// falls further behind is told which positions it skipped (drop oldest), and begins anew with a history if
/// there was more among them than ticks and quotes. It also keeps the history that a fresh server asks for.
/// The loop pushes, the session pulls; neither waits for the other.
package final class RingFeed: SessionFeed {
    private struct Lane: Hashable {
        let kind: ServerInput.Kind
        let instrument: InstrumentID
    }
    private struct State {
        var events: [SessionEvent] = []
        /// Index of the oldest in `events`.
        var head = 0
        var droppedThrough = EventPosition.start
        /// The newest dropped event that is neither tick nor quote.
        var lostThrough = EventPosition.start
        var history: [Lane: [SessionEvent]] = [:]
        var newest = EventPosition.start
        var hasEnded = false
        var given = 0
        var wake: (@Sendable () -> Void)?
        /// Asked for since the last look, and not there any more.
        var skips: [(first: EventPosition, last: EventPosition)] = []
    }
    private let subscription: Subscription
    private let inputs: [ServerInput]
    private let capacity: Int
    private let state = Locked(State())

    package init(_ subscription: Subscription, inputs: [ServerInput], capacity: Int = 65_536) {
        self.subscription = subscription
        self.inputs = inputs
        self.capacity = capacity
    }

    // MARK: The loop's side

    /// Adds events of the session's subscription, in order.
    package func push(_ events: [SessionEvent]) {
        guard !events.isEmpty else { return }
        let wake = state.withLock { state in
            for event in events {
                state.events.append(event)
                state.given += 1
                state.newest = event.position
                remember(event, &state)
            }
            drop(&state)
            return state.wake
        }
        wake?()
    }

    /// Fills the history alone: in recovery, when nobody listens.
    package func recall(_ events: [SessionEvent]) {
        state.withLock { state in
            for event in events {
                remember(event, &state)
                state.newest = event.position
                forget(event, &state)
            }
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

    /// What the session was told to skip since the last call.
    package func takeSkips() -> [(first: EventPosition, last: EventPosition)] {
        state.withLock { state in
            guard !state.skips.isEmpty else { return [] }
            defer { state.skips = [] }
            return state.skips
        }
    }

    private func drop(_ state: inout State) {
        let excess = state.events.count - state.head - capacity
        if excess > 0 {
            for event in state.events[state.head..<state.head + excess] { forget(event, &state) }
            state.head += excess
        }
        if state.head > capacity {
            state.events.removeFirst(state.head)
            state.head = 0
        }
    }

    private func forget(_ event: SessionEvent, _ state: inout State) {
        state.droppedThrough = event.position
        switch event.kind {
        case .tick, .quote: break
        case .candle, .timer, .account: state.lostThrough = event.position
        }
    }

    private func remember(_ event: SessionEvent, _ state: inout State) {
        guard let lane = lane(of: event),
            let input = inputs.first(where: { $0.kind == lane.kind }), input.warmUp > 0
        else { return }
        state.history[lane, default: []].append(event)
        // Cut now and then, not at every event.
        if let count = state.history[lane]?.count, count > input.warmUp * 2 {
            state.history[lane]?.removeFirst(count - input.warmUp)
        }
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
        case .timer, .account: nil
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
            if position < state.lostThrough {
                return .outOfReach(
                    "the session fell more than \(capacity) events behind, and candles, timers or fills"
                        + " were among them")
            }
            if position < state.droppedThrough {
                state.skips.append((EventPosition(position.value + 1), state.droppedThrough))
                return .skipped(
                    first: EventPosition(position.value + 1), last: state.droppedThrough,
                    reason:
                        "the session fell more than \(capacity) events behind; the oldest were dropped"
                )
            }
            let low = Self.firstIndex(behind: position, state)
            guard low < state.events.count else { return state.hasEnded ? .end : .wait }
            events.append(contentsOf: state.events[low..<min(low + limit, state.events.count)])
            return .events
        }
    }

    /// Events at hand behind `position`.
    package func waiting(behind position: EventPosition) -> Int {
        state.withLock { state in
            state.events.count - Self.firstIndex(behind: position, state)
        }
    }

    private static func firstIndex(behind position: EventPosition, _ state: State) -> Int {
        var low = state.head
        var high = state.events.count
        while low < high {
            let middle = (low + high) / 2
            if state.events[middle].position <= position {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }

    package func reaches(_ position: EventPosition) -> Bool {
        state.withLock { position >= $0.lostThrough }
    }

    package func history(_ inputs: [ServerInput]) -> (
        events: [SessionEvent], through: EventPosition
    ) {
        state.withLock { state in
            var events: [SessionEvent] = []
            for input in inputs where input.warmUp > 0 {
                for (lane, kept) in state.history where lane.kind == input.kind {
                    events += kept.suffix(input.warmUp)
                }
            }
            events.sort { $0.position < $1.position }
            return (events, state.newest)
        }
    }
}
