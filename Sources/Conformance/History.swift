import StrategyWire

/// What a warm-up is made of.
enum History {
    /// Where the history ends: behind a whole step, a third of the material at least, and as much
    /// as is asked for.
    static func end(in events: [MadeEvent], _ inputs: [PBInput]) -> Int {
        let most = Int(inputs.map(\.warmUp).max() ?? 0)
        let rounds = Material.rounds(for: inputs)
        let share = max(events.count / 3, events.count / rounds * min(most, rounds - 100))
        return wholeStep(max(1, share), of: events)
    }

    /// The first index at or behind `index` with which a step begins.
    static func wholeStep(_ index: Int, of events: [MadeEvent]) -> Int {
        var index = index
        while index < events.count, events[index].step == events[index - 1].step { index += 1 }
        return index
    }

    /// Of each input and instrument its last `warm_up` events, oldest first; neither timers nor
    /// fills.
    static func asked(of events: some Collection<MadeEvent>, _ inputs: [PBInput]) -> [MadeEvent] {
        var left: [Series: Int] = [:]
        var kept: [MadeEvent] = []
        for event in events.reversed() {
            guard let series = Series(event) else { continue }
            let count = left[series] ?? series.warmUp(inputs)
            guard count > 0 else { continue }
            left[series] = count - 1
            kept.append(event)
        }
        return kept.reversed()
    }

    private struct Series: Hashable {
        let kind: PBInput.Kind
        let interval: Int64
        let instrument: UInt32

        init?(_ event: MadeEvent) {
            // One that still grows is no history.
            guard event.closes == nil else { return nil }
            switch event.row {
            case .tick(let number, _, _, _): (kind, interval, instrument) = (.ticks, 0, number)
            case .quote(let number, _, _, _, _): (kind, interval, instrument) = (.quotes, 0, number)
            case .candle(let number, let length, _, _, _, _, _):
                (kind, interval, instrument) = (.candles, length, number)
            case .timer, .fill, .joins, .leaves: return nil
            }
        }

        func warmUp(_ inputs: [PBInput]) -> Int {
            let input = inputs.first { input in
                input.kind == kind && (kind != .candles || input.intervalNs == interval)
            }
            return Int(input?.warmUp ?? 0)
        }
    }
}
