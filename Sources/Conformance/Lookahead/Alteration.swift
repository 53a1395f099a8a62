/// Another market in the place of the recorded one.
enum Alteration: Hashable, Sendable {
    /// Behind this index prices are others, and quantities too.
    case market(Market, behind: Int)
    /// The same, 28 years later: the same days of the same months and weeks, and the same leap days.
    case moved

    enum Market: Hashable, Sendable, CaseIterable {
        /// Prices go the other way.
        case mirrored
        /// A thousand times, a thousandth: so that what is compared across instruments turns too.
        case dearer, cheaper
    }
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
        guard case .market(.mirrored, let last) = alteration else { return }
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
        case .market(let market, let last):
            if index > last { event.row = altered(event.row, market) }
        }
        return event
    }

    private func altered(_ row: MadeEvent.Row, _ market: Alteration.Market) -> MadeEvent.Row {
        func price(_ price: Int64, _ number: UInt32) -> Int64 {
            switch market {
            case .mirrored: mirrored(price, number)
            case .dearer: scaled(price, by: 1_000)
            case .cheaper: price == 0 ? 0 : price < 1_000 ? min(price, 1) : price / 1_000
            }
        }
        switch row {
        case .tick(let number, let paid, let quantity, let side):
            return .tick(
                instrument: number, price: price(paid, number), quantity: scaled(quantity, by: 3),
                side: side == 0 ? 0 : 3 - side)
        case .quote(let number, let bid, let bidSize, let ask, let askSize):
            let sides = [
                bid == 0 ? 0 : price(bid, number), ask == 0 ? 0 : price(ask, number),
            ]
            let isCrossed = bid != 0 && ask != 0 && sides[0] > sides[1]
            return .quote(
                instrument: number, bid: sides[isCrossed ? 1 : 0], bidSize: scaled(bidSize, by: 3),
                ask: sides[isCrossed ? 0 : 1], askSize: scaled(askSize, by: 3))
        case .candle(
            let number, let interval, let open, let high, let low, let close, let volume):
            let ends = [price(high, number), price(low, number)]
            return .candle(
                instrument: number, interval: interval, open: price(open, number),
                high: max(ends[0], ends[1]), low: min(ends[0], ends[1]),
                close: price(close, number),
                volume: volume.multipliedReportingOverflow(by: 3).overflow ? volume : volume * 3)
        case .timer, .fill, .joins, .leaves: return row
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

    private func scaled(_ value: Int64, by factor: Int64) -> Int64 {
        let (more, overflow) = value.multipliedReportingOverflow(by: factor)
        return overflow ? value : more
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
        case .timer, .fill, .joins, .leaves: nil
        }
    }
}
