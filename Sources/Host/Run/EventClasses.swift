import Kernel
import Ports
import TradingModel

/// Of which kind the event at a position is, for the steps taken lately: deadlines may differ by it. A value.
///
/// Kinds come in runs (thousands of ticks, then the candles that close with one), so the runs are kept.
struct EventClasses: Sendable {
    private struct Run {
        /// Up to where the next begins.
        let from: EventPosition
        let kind: EventClass
    }
    /// Rising, each of another kind than the one before.
    private var runs: [Run] = []
    /// Where no source has deadlines by kind nobody asks.
    private let isAsked: Bool
    /// Runs kept at most: of every candle's close two.
    private static let most = 131_072

    init(_ plan: KernelPlan) {
        isAsked = plan.sources.contains { $0.deadlines != nil }
    }

    mutating func note(_ step: borrowing Step) {
        guard isAsked else { return }
        for index in step.events.indices {
            let kind = EventClass(step.events[index].kind)
            guard runs.last?.kind ?? .ticks != kind else { continue }
            runs.append(Run(from: step.events[index].position, kind: kind))
        }
        if runs.count > Self.most { runs.removeFirst(Self.most / 2) }
    }

    func kind(at position: EventPosition) -> EventClass {
        if position.index >= EventPosition.firstAccountIndex { return .fills }
        // As servers are told of a change of their instruments.
        if position.index >= EventPosition.firstChangeIndex { return .ticks }
        var (low, high) = (0, runs.count)
        while low < high {
            let middle = (low + high) / 2
            if runs[middle].from <= position { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? runs[low - 1].kind : .ticks
    }
}

extension EventClass {
    init(_ kind: MarketEvent.Kind) {
        self =
            switch kind {
            case .tick, .quote: .ticks
            case .candle(let candle): candle.isFinal ? .candles : .ticks
            case .timer: .timers
            }
    }
}
