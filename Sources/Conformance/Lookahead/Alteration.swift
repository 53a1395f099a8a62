/// Another market in the place of the recorded one.
enum Alteration: Hashable, Sendable {
    /// Behind this index prices go the other way, and quantities are others.
    case mirrored(behind: Int)
    /// The same, 28 years later: the same days of the same months and weeks, and the same leap days.
    case moved
}

/// The events of a recording, as a passage sends them.
struct AlteredEvents {
    private let events: [MadeEvent]
    private let alteration: Alteration?
    /// Around which prices are mirrored, by instrument: the last ones before.
    private var pivots: [UInt32: Int64] = [:]
    private let shift: Int64

    init(_ recording: Recording, _ alteration: Alteration?) {
        events = recording.events
        self.alteration = alteration
        shift = Self.shift(of: recording.events)
        guard case .mirrored(let last) = alteration else { return }
        for event in events.prefix(last + 1) {
            guard let (number, price) = event.lastPrice else { continue }
            pivots[number] = price
        }
        for event in events.dropFirst(last + 1) {
            guard let (number, price) = event.lastPrice, pivots[number] == nil else { continue }
            pivots[number] = price
        }
    }

    private static let days: Int64 = 10_227  // 28 years, 7 of them leap years

    /// Back instead where later is beyond 64 bits.
    private static func shift(of events: [MadeEvent]) -> Int64 {
        let years = days * 86_400 * Material.second
        let last = events.map { max($0.time, $0.entry) }.max() ?? 0
        return last.addingReportingOverflow(years).overflow ? -years : years
    }

    subscript(index: Int) -> MadeEvent {
        var event = events[index]
        switch alteration {
        case nil: break
        case .moved:
            event.time += shift
            event.entry += shift
        case .mirrored(let last):
            if index > last { event.row = mirrored(event.row) }
        }
        return event
    }

    private func mirrored(_ row: MadeEvent.Row) -> MadeEvent.Row {
        switch row {
        case .tick(let number, let price, let quantity, let side):
            return .tick(
                instrument: number, price: mirrored(price, number), quantity: other(quantity),
                side: side == 0 ? 0 : 3 - side)
        case .quote(let number, let bid, let bidSize, let ask, let askSize):
            return .quote(
                instrument: number, bid: bid == 0 ? 0 : mirrored(ask == 0 ? bid : ask, number),
                bidSize: other(bidSize),
                ask: ask == 0 ? 0 : mirrored(bid == 0 ? ask : bid, number),
                askSize: other(askSize))
        case .candle(
            let number, let interval, let open, let high, let low, let close, let volume):
            return .candle(
                instrument: number, interval: interval, open: mirrored(open, number),
                high: mirrored(low, number), low: mirrored(high, number),
                close: mirrored(close, number),
                volume: volume.multipliedReportingOverflow(by: 3).overflow ? volume : volume * 3)
        case .timer, .fill: return row
        }
    }

    /// As far on the other side of the pivot; where that is no price, as many times.
    private func mirrored(_ price: Int64, _ number: UInt32) -> Int64 {
        guard let pivot = pivots[number] else { return price }
        let away = Int128(pivot) * 2 - Int128(price)
        if away > 0, let whole = Int64(exactly: away) { return whole }
        guard pivot > 0, price > 0 else { return price }
        return max(1, Int64(clamping: Int128(pivot) * Int128(pivot) / Int128(price)))
    }

    private func other(_ quantity: Int64) -> Int64 {
        let (more, overflow) = quantity.multipliedReportingOverflow(by: 3)
        return overflow ? quantity : more
    }
}

extension MadeEvent {
    /// The instrument and where its price stands behind this event.
    fileprivate var lastPrice: (UInt32, Int64)? {
        switch row {
        case .tick(let number, let price, _, _): (number, price)
        case .quote(let number, let bid, _, let ask, _):
            bid > 0 ? (number, bid) : ask > 0 ? (number, ask) : nil
        case .candle(let number, _, _, _, _, let close, _): (number, close)
        case .timer, .fill: nil
        }
    }
}
