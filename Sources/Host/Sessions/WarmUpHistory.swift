import Ports
import TradingModel

/// What a fresh server is given before its first event: the newest events of each input and instrument, as of any
/// position from which its session can go on. A value.
struct WarmUpHistory: Sendable {
    private struct Lane: Hashable {
        let kind: ServerInput.Kind
        let instrument: InstrumentID
    }
    /// Of an instrument from where it joined to where it left.
    fileprivate struct Passage {
        /// `start`: it was there when the session began.
        let from: EventPosition
        /// `nil`: it is there.
        var until: EventPosition?
        /// Oldest first.
        var events: [SharedEvent] = []
    }
    private let inputs: [ServerInput]
    private var lanes: [Lane: [Passage]] = [:]
    /// Events beyond those that a server wants: a queue that leaves events out reaches back without end.
    private let room: Int
    /// Events that came since they were counted.
    private var added = 0
    /// As of no position before this one is anything known.
    private(set) var knownFrom = EventPosition.start

    init(_ inputs: [ServerInput], room: Int = 81_920) {
        self.inputs = inputs
        self.room = room
    }

    /// - Parameter lost: Nobody goes on from before this position.
    mutating func take(_ shared: SharedEvent, lost: EventPosition) {
        let event = shared.event
        if case .instrument(let change) = event.kind {
            return follow(change, at: event.position, lost: lost)
        }
        guard let lane = lane(of: event) else { return }
        add(shared, to: lane, lost: lost)
    }

    private mutating func add(_ shared: SharedEvent, to lane: Lane, lost: EventPosition) {
        guard let wanted = inputs.first(where: { $0.kind == lane.kind })?.warmUp, wanted > 0
        else { return }
        lanes[lane, default: [Passage(from: .start)]].add(shared, wanted: wanted, lost: lost)
        added += 1
        if added > room { cut(behind: shared.event.position) }
    }

    /// Events kept.
    var count: Int { lanes.values.reduce(0) { $0 + $1.reduce(0) { $0 + $1.events.count } } }

    /// Keeps what a server that begins now is given, where all that is kept is too much.
    private mutating func cut(behind position: EventPosition) {
        added = 0
        let wanted = lanes.reduce(0) { sum, lane in sum + 2 * self.wanted(lane.key) }
        guard count > room + wanted else { return }
        knownFrom = position
        for lane in Array(lanes.keys) {
            let most = self.wanted(lane)
            lanes[lane] = lanes[lane]?.filter { $0.until == nil }.map { $0.cut(to: most) }
        }
    }

    private func wanted(_ lane: Lane) -> Int {
        inputs.first { $0.kind == lane.kind }?.warmUp ?? 0
    }

    /// What left is in the history of before it did, and what joined comes with one of its own.
    private mutating func follow(
        _ change: InstrumentChange, at position: EventPosition, lost: EventPosition
    ) {
        for lane in Array(lanes.keys) where lane.instrument == change.instrument.id {
            var passages = lanes[lane] ?? []
            if passages.last?.until == nil, let last = passages.indices.last {
                passages[last].until = position
            }
            passages.removeAll { $0.until.map { $0 <= lost } ?? false }
            lanes[lane] = passages.isEmpty ? nil : passages
        }
        guard change.joins else { return }
        for input in inputs where input.warmUp > 0 {
            let lane = Lane(kind: input.kind, instrument: change.instrument.id)
            lanes[lane, default: []].append(Passage(from: position))
        }
        for event in change.history ?? [] {
            guard let lane = self.lane(of: event) else { continue }
            add(SharedEvent(event), to: lane, lost: lost)
        }
    }

    /// - Returns: Up to `warmUp` events of each input and instrument at or before `position`, oldest first.
    func events(_ inputs: [ServerInput], asOf position: EventPosition) -> [SessionEvent] {
        var found: [SessionEvent] = []
        for input in inputs where input.warmUp > 0 {
            for (lane, passages) in lanes where lane.kind == input.kind {
                let there = passages.last {
                    $0.from <= position && ($0.until.map { $0 > position } ?? true)
                }
                guard let events = there?.events else { continue }
                let count = events.count(through: position)
                found += events[..<count].suffix(input.warmUp).map(\.event)
            }
        }
        return found.sorted { $0.position < $1.position }
    }

    /// `nil`: it is in no history.
    private func lane(of event: SessionEvent) -> Lane? {
        switch event.kind {
        case .tick(let tick): Lane(kind: .ticks, instrument: tick.instrument)
        case .quote(let quote): Lane(kind: .quotes, instrument: quote.instrument)
        case .candle(let candle):
            candle.isFinal
                ? inputs.first { input in
                    if case .candles(candle.interval, _) = input.kind { return true }
                    return false
                }.map { Lane(kind: $0.kind, instrument: candle.instrument) } : nil
        case .timer, .account, .instrument: nil
        }
    }
}

extension WarmUpHistory.Passage {
    fileprivate func cut(to count: Int) -> Self {
        var short = self
        short.events = Array(events.suffix(count))
        return short
    }
}

extension [WarmUpHistory.Passage] {
    fileprivate mutating func add(_ shared: SharedEvent, wanted: Int, lost: EventPosition) {
        guard let last = indices.last else { return }
        self[last].events.append(shared)
        // Cut now and then, not at every event.
        guard self[last].events.count > wanted * 2 else { return }
        let past = self[last].events.count(through: lost)
        if past > wanted * 2 { self[last].events.removeFirst(past - wanted) }
    }
}

extension [SharedEvent] {
    /// How many of them, which rise, stand at or before `position`.
    fileprivate func count(through position: EventPosition) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle].event.position <= position {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }
}
