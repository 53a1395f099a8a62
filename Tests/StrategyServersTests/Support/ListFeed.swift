import Platform
import TradingModel

@testable import Ports

/// A session's events in a list that the test lengthens.
final class ListFeed: SessionFeed {
    private struct State {
        var events: [SessionEvent] = []
        var gap: (first: EventPosition, last: EventPosition)?
        var lostThrough = EventPosition.start
        var history: [SessionEvent] = []
        var failure: String?
        var timeline: InstrumentTimeline?
        var wake: (@Sendable () -> Void)?
    }
    private let state = Locked(State())

    init(_ events: [SessionEvent] = []) { state.withLock { $0.events = events } }

    func push(_ events: [SessionEvent]) {
        let wake = state.withLock { state in
            state.events += events
            return state.wake
        }
        wake?()
    }

    /// Leaves the events of these positions out.
    func leaveOut(_ first: EventPosition, through last: EventPosition) {
        state.withLock { state in
            state.events.removeAll { $0.position >= first && $0.position <= last }
            state.gap = (first, last)
        }
    }

    /// Loses everything up to here, candles and fills among it.
    func lose(through position: EventPosition, history: [SessionEvent]) {
        let wake = state.withLock { state in
            state.lostThrough = position
            state.history = history
            return state.wake
        }
        wake?()
    }

    /// Its instruments change.
    func follow(_ timeline: InstrumentTimeline) { state.withLock { $0.timeline = timeline } }

    func fail(_ why: String) {
        let wake = state.withLock { state in
            state.failure = why
            return state.wake
        }
        wake?()
    }

    // MARK: SessionFeed

    var given: Int { state.withLock { $0.events.count } }

    func pull(
        after position: EventPosition, limit: Int, into events: inout [SessionEvent]
    ) -> FeedPull {
        state.withLock { state in
            if let failure = state.failure { return .failed(failure) }
            if position < state.lostThrough { return .outOfReach("candles are gone") }
            let next = state.events.filter { $0.position > position }
            guard let gap = state.gap, position < gap.last else {
                events += next.prefix(limit)
                return next.isEmpty ? .wait : .events
            }
            // As a queue does it: what was left out stands before the events of the same message.
            events += next.prefix(limit)
            guard let last = next.prefix(limit).last, last.position < gap.first else {
                return .skipped(
                    [PositionRun(gap.first, gap.last)], reason: "the oldest were dropped")
            }
            return .events
        }
    }

    func onMore(_ wake: @escaping @Sendable () -> Void) { state.withLock { $0.wake = wake } }

    func history(
        _ inputs: [ServerInput], asOf position: EventPosition
    ) -> (events: [SessionEvent], through: EventPosition) {
        state.withLock { ($0.history, max($0.lostThrough, $0.history.last?.position ?? .start)) }
    }

    var instruments: InstrumentTimeline? { state.withLock { $0.timeline } }

    func reaches(_ position: EventPosition) -> Bool {
        state.withLock { position >= $0.lostThrough }
    }
}

extension SessionEvent {
    /// A tick at `step`.0, a second after the one before.
    static func tick(
        _ step: UInt64, _ won: Int64 = 100, of instrument: Int = 0
    ) -> SessionEvent {
        let time = Timestamp(nanoseconds: Int64(step) * 1_000_000_000)
        let tick = Tick(
            instrument: InstrumentID(instrument), feedTime: time,
            price: Price(units: won * fixedPointScale), quantity: Quantity(units: fixedPointScale))
        return SessionEvent(
            position: EventPosition(step: step, index: 0), entryTime: time, kind: .tick(tick))
    }
}

extension [SessionEvent] {
    /// Ticks at steps `steps`, all at one price.
    static func ticks(_ steps: ClosedRange<UInt64>) -> [SessionEvent] { steps.map { .tick($0) } }
}
