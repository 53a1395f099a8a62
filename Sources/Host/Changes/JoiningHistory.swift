import Kernel
import Ports
import TradingModel

/// What happened to instruments before they join the sessions of strategy servers: of each input the newest
/// events, as many as its server asked for. A value.
struct JoiningHistory: Sendable {
    private struct Lane {
        let source: SourceID
        let input: ServerInput.Kind
        let length: Int
        var events: [SessionEvent] = []

        mutating func add(_ event: SessionEvent) {
            events.append(event)
            // Cut now and then, not at every event.
            if events.count > 2 * length { events.removeFirst(events.count - length) }
        }
    }
    /// By instrument; changed where they stand, for they are long.
    private var lanes: [[Lane]]
    /// Servers that asked for a history.
    private let asked: Set<SourceID>

    /// - Parameters:
    ///   - inputs: Of servers.
    ///   - old: What is attached before the change to `plan`.
    init(_ inputs: [SourceID: [ServerInput]], _ plan: KernelPlan, instead old: KernelPlan) {
        asked = Set(inputs.filter { $1.contains { $0.warmUp > 0 } }.keys)
        lanes = plan.instruments.map { _ in [] }
        for (source, inputs) in inputs {
            let known = old.instruments(of: source)
            for instrument in plan.instruments(of: source) where !known.contains(instrument) {
                lanes[Int(instrument.index)] += inputs.filter { $0.warmUp > 0 }.map {
                    Lane(source: source, input: $0.kind, length: $0.warmUp)
                }
            }
        }
    }

    var isEmpty: Bool { lanes.allSatisfy(\.isEmpty) }

    /// The same of a tick that is its step's only event.
    mutating func hear(_ tick: Tick, at position: EventPosition, _ time: Timestamp) {
        let at = Int(tick.instrument.index)
        for lane in 0..<lanes[at].count where lanes[at][lane].input == .ticks {
            lanes[at][lane].add(
                SessionEvent(position: position, entryTime: time, kind: .tick(tick)))
        }
    }

    mutating func hear(_ event: MarketEvent, _ time: Timestamp) {
        let instrument: InstrumentID
        switch event.kind {
        case .tick(let tick): return hear(tick, at: event.position, time)
        case .quote(let quote): instrument = quote.instrument
        case .candle(let candle) where candle.isFinal: instrument = candle.instrument
        case .candle, .timer: return
        }
        let at = Int(instrument.index)
        for lane in 0..<lanes[at].count where lanes[at][lane].input.holds(event) {
            lanes[at][lane].add(SessionEvent(event, entry: time))
        }
    }

    /// - Returns: What a server is to hear before the instrument joins it, oldest first; `nil` where it asked for none.
    func events(of instrument: InstrumentID, for source: SourceID) -> [SessionEvent]? {
        guard asked.contains(source) else { return nil }
        return lanes[Int(instrument.index)].filter { $0.source == source }
            .flatMap { $0.events.suffix($0.length) }.sorted { $0.position < $1.position }
    }
}

extension ServerInput.Kind {
    fileprivate func holds(_ event: MarketEvent) -> Bool {
        switch (self, event.kind) {
        case (.ticks, .tick), (.quotes, .quote): true
        case (.candles(let interval, _), .candle(let candle)): candle.interval == interval
        default: false
        }
    }
}

extension KernelPlan {
    /// Those that a source is attached to.
    func instruments(of source: SourceID) -> Set<InstrumentID> {
        Set(attachments.filter { $0.source == source }.map(\.instrument))
    }
}
