package import Platform
package import Ports
package import TradingModel

/// Where a session leaves what it heard, for the loop to take.
///
/// Results wait until the loop takes them; identities that were taken are remembered by a fingerprint, so
/// that the same again changes nothing and another content is told.
package final class SessionLane: SessionInbox {
    package struct Identity: Hashable, Sendable {
        package let position: EventPosition
        package let instrument: InstrumentID
        package let index: Int
        package init(position: EventPosition, instrument: InstrumentID, index: Int) {
            self.position = position
            self.instrument = instrument
            self.index = index
        }
    }
    /// A result with its arrival, by the monotonic clock.
    package struct Arrival: Sendable {
        package let result: ReceivedResult
        package let time: Int64
    }
    private struct State {
        var results: [Arrival] = []
        var watermark = EventPosition.start
        /// The last watermark as it came, of a server that is fed again too, and when; monotonic ns.
        var heard = EventPosition.start
        var heardAt = Int64.min
        var closedThrough = EventPosition.start
        var knownThrough = EventPosition.start
        /// Of results taken, here or by the loop, that are not settled.
        var seen: [Identity: UInt64] = [:]
        /// In lockstep: of those that are safe, as little as it takes to hold a server to its word.
        var settled = SettledResults()
        var contradictions: [Identity] = []
        var acknowledged = EventPosition.start
        var reports: [SessionReport] = []
        var onRoom: (@Sendable () -> Void)?
        var isFull = false
        /// Answered, taken, durable, and not remembered any more: what comes again is not heard.
        var forgottenThrough = EventPosition.start
        /// Identities known before the safe ones are forgotten, or settled.
        var forgetAt = 0
        /// Positions that a warm-up stood in for, since the loop asked.
        var unasked: [PositionRun] = []
        mutating func contradicts(_ identities: [Identity]) { contradictions += identities }
    }
    package let source: SourceID
    private let clock: any TimeSource
    private let doorbell: Doorbell
    /// Whether results enter only when a watermark closes them: where every source is waited for.
    private let isLockstep: Bool
    private let state = Locked(State())
    private static let room = 65_536
    private static let reportRoom = 10_000
    /// At a pace a server says again what is not safe, and hears of a contradiction in little more.
    private static let remembered = 1_024

    package init(_ source: SourceID, clock: any TimeSource, doorbell: Doorbell, isLockstep: Bool) {
        self.source = source
        self.clock = clock
        self.doorbell = doorbell
        self.isLockstep = isLockstep
        state.withLock { $0.forgetAt = isLockstep ? Self.room : Self.remembered }
    }

    // MARK: The session's side

    package func resumePoint() -> (watermark: EventPosition, known: EventPosition) {
        state.withLock { state in
            // What no watermark closed may be incomplete; the server sends it again.
            if isLockstep {
                state.settled.breakOff()
                let open =
                    state.results.firstIndex { $0.result.position > state.watermark }
                    ?? state.results.count
                for arrival in state.results[open...] { state.seen[Identity(arrival.result)] = nil }
                state.results.removeSubrange(open...)
            }
            return (min(state.closedThrough, state.knownThrough), state.knownThrough)
        }
    }

    package func deliver(_ results: [ReceivedResult]) -> Bool {
        let time = clock.monotonic()
        let hasRoom = state.withLock { state in
            for result in results { take(result, at: time, &state) }
            state.isFull = state.results.count >= Self.room
            return !state.isFull
        }
        // Without room the loop must come for them, watermark or not.
        if !isLockstep || !hasRoom { doorbell.ring() }
        return hasRoom
    }

    private func take(_ result: ReceivedResult, at time: Int64, _ state: inout State) {
        guard result.position > state.forgottenThrough else { return }
        let identity = Identity(result)
        let content = fingerprint(result.result)
        if isLockstep {
            state.contradicts(state.settled.close(before: result.position))
            if result.position <= state.settled.through {
                return state.contradicts(state.settled.hear(identity, content))
            }
        }
        if let known = state.seen[identity] {
            if known != content { state.contradictions.append(identity) }
            return
        }
        state.seen[identity] = content
        if isLockstep, result.position <= state.watermark {
            // The first time said nothing here: that is another content too.
            state.contradictions.append(identity)
            return
        }
        state.results.append(Arrival(result: result, time: time))
    }

    package func onRoom(_ wake: @escaping @Sendable () -> Void) {
        state.withLock { $0.onRoom = wake }
    }

    package func watermark(_ position: EventPosition) {
        let time = clock.monotonic()
        state.withLock { state in
            state.watermark = max(state.watermark, position)
            if isLockstep { state.contradicts(state.settled.close(through: position)) }
            if position != state.heard { (state.heard, state.heardAt) = (position, time) }
        }
        doorbell.ring()
    }

    package func begins(behind position: EventPosition) {
        state.withLock { state in
            guard position > state.watermark else { return }
            let first = EventPosition(state.watermark.value + 1)
            state.unasked.append(PositionRun(first, position))
        }
    }

    /// Answered, taken, and durable with everything that was taken.
    package var acknowledged: EventPosition { state.withLock { $0.acknowledged } }

    package func report(_ report: SessionReport) {
        state.withLock { state in
            // Words may be lost, changes of state may not: a run ends by them.
            if state.reports.count < Self.reportRoom || report.isState {
                state.reports.append(report)
            }
        }
        doorbell.ring()
    }

    // MARK: The loop's side

    /// Moves what came into `results`, in order; in lockstep only what the watermark closes.
    ///
    /// - Returns: The watermark.
    package func drain(into results: inout [Arrival]) -> EventPosition {
        let (watermark, wake) = state.withLock {
            state -> (EventPosition, (@Sendable () -> Void)?) in
            let count =
                isLockstep
                ? state.results.prefix { $0.result.position <= state.watermark }.count
                : state.results.count
            results.append(contentsOf: state.results[..<count])
            state.results.removeFirst(count)
            let wake = state.isFull ? state.onRoom : nil
            state.isFull = false
            return (state.watermark, wake)
        }
        wake?()
        return watermark
    }

    /// Positions since the last call that its server was given as a history, and not asked about.
    func takeUnasked() -> [PositionRun] {
        state.withLock { state in
            defer { state.unasked.removeAll() }
            return state.unasked
        }
    }

    /// When its server last went on, be it over events it had answered before; monotonic ns.
    package var heardAt: Int64 { state.withLock { $0.heardAt } }

    /// The loop has taken everything through `position`.
    package func close(through position: EventPosition, known: EventPosition) {
        state.withLock { state in
            state.closedThrough = max(state.closedThrough, position)
            state.knownThrough = max(state.knownThrough, known)
        }
    }

    /// Identities known.
    var remembered: Int { state.withLock { $0.seen.count } }
    /// Positions known by their sum alone.
    var settledPositions: Int { state.withLock { $0.settled.count } }

    /// How far the loop has taken what came.
    package var closed: EventPosition { state.withLock { $0.closedThrough } }

    package func acknowledge(_ position: EventPosition) {
        state.withLock { state in
            state.acknowledged = max(state.acknowledged, position)
            guard state.seen.count >= state.forgetAt else { return }
            if isLockstep {
                // A server may be fed again from its first event, and is held to its word.
                let safe = min(state.acknowledged, state.closedThrough, state.watermark)
                state.seen = state.settled.settle(state.seen, through: safe)
            } else {
                state.forgottenThrough = state.acknowledged
                state.seen = state.seen.filter { $0.key.position > state.acknowledged }
            }
            state.forgetAt = max(
                isLockstep ? Self.room : Self.remembered, 2 * state.seen.count)
        }
    }

    /// In recovery: what the log holds of this session.
    ///
    /// - Parameters:
    ///   - position: It had answered everything up to here, and goes on behind it.
    ///   - known: The last position that the host knows of; `nil`: the same.
    ///   - isWhole: Whether they are all that it had answered.
    package func restore(
        _ results: [Identity: UInt64], through position: EventPosition,
        known: EventPosition? = nil, isWhole: Bool = true
    ) {
        state.withLock { state in
            if !isWhole { state.forgottenThrough = position }
            state.seen = isLockstep ? state.settled.settle(results, through: position) : results
            state.watermark = position
            state.closedThrough = position
            state.knownThrough = max(position, known ?? position)
            state.acknowledged = position
        }
    }

    /// Reports since the last call, and identities that came with another content.
    package func takeReports() -> (reports: [SessionReport], contradictions: [Identity]) {
        state.withLock { state in
            defer {
                state.reports.removeAll(keepingCapacity: true)
                state.contradictions.removeAll(keepingCapacity: true)
            }
            return (state.reports, state.contradictions)
        }
    }
}

extension SessionLane.Identity {
    init(_ result: ReceivedResult) {
        self.init(position: result.position, instrument: result.instrument, index: result.index)
    }
}

extension SessionReport {
    fileprivate var isState: Bool {
        if case .state = self { return true }
        return false
    }
}

/// Of everything that a result says.
package func fingerprint(_ result: StrategyResult) -> UInt64 {
    var hasher = StateHasher()
    hasher.combine(UInt64(result.action.rawValue))
    let (kind, units): (Int, Int64) =
        switch result.size {
        case .attachment: (0, 0)
        case .quantity(let quantity): (1, quantity.units)
        case .targetWeight(let weight): (2, weight)
        case .fraction(let fraction): (3, fraction)
        }
    hasher.combine(kind)
    hasher.combine(units)
    hasher.combine(result.limit != nil)
    hasher.combine(result.limit?.units ?? 0)
    hasher.combine(Int(result.confidence.millionths))
    switch result.validity {
    case .untilNextCandle: hasher.combine(false)
    case .duration(let span):
        hasher.combine(true)
        hasher.combine(span.count)
    }
    hasher.combine(result.message)
    hasher.combine(result.reasons.count)
    for reason in result.reasons { hasher.combine(reason) }
    for tag in result.tags { hasher.combine(tag) }
    return hasher.value
}
