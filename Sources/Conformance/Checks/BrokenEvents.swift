import StrategyWire

// Events as no host should send them, and as one rarely does.
extension PBEvents {
    mutating func change(instrument number: UInt32) throws {
        if ticks != nil {
            ticks?.instrument[0] = number
        } else if quotes != nil {
            quotes?.instrument[0] = number
        } else if candles != nil {
            candles?.instrument[0] = number
        } else {
            throw NotApplicable("its events name no instrument", next: "nothing to do")
        }
    }

    /// The last column that may not be empty loses a row.
    mutating func shorten() {
        if ticks != nil {
            ticks?.quantity.removeLast()
        } else if quotes != nil {
            quotes?.askQuantity.removeLast()
        } else if candles != nil {
            candles?.close.removeLast()
        } else {
            timers?.interval.removeLast()
        }
    }

    /// Sides, flags and the upper halves of volumes: all zero, or left out.
    func withOptionalColumns(_ areWhole: Bool) throws -> PBEvents {
        guard ticks != nil || candles != nil else {
            throw NotApplicable(
                "its events have no column that may be empty", next: "nothing to do")
        }
        var events = self
        func zeros<Number: FixedWidthInteger>(_ offsets: [UInt64]?) -> [Number] {
            areWhole ? Array(repeating: 0, count: offsets?.count ?? 0) : []
        }
        events.ticks?.side = zeros(ticks?.offset)
        events.ticks?.flags = zeros(ticks?.offset)
        events.candles?.volumeHigh = zeros(candles?.offset)
        return events
    }

    mutating func repeatOffset() throws {
        func repeated(_ offsets: [UInt64]) throws -> [UInt64] {
            guard offsets.count > 1 else {
                throw NotApplicable("its events come one by one", next: "nothing to do")
            }
            return [offsets[1]] + offsets.dropFirst()
        }
        if let set = ticks {
            ticks?.offset = try repeated(set.offset)
        } else if let set = quotes {
            quotes?.offset = try repeated(set.offset)
        } else if let set = candles {
            candles?.offset = try repeated(set.offset)
        } else if let set = timers {
            timers?.offset = try repeated(set.offset)
        }
    }
}

extension MadeEvent {
    /// The same event with numbers near the end of 64 bits.
    func magnified() -> MadeEvent {
        let most = Int64.max - 1_000
        var event = self
        switch row {
        case .tick(let instrument, let price, _, let side):
            event.row = .tick(
                instrument: instrument, price: most - price % 1_000_000, quantity: most, side: side)
        case .quote(let instrument, _, _, _, _):
            event.row = .quote(
                instrument: instrument, bid: most - 1, bidSize: most, ask: most, askSize: most)
        case .candle(let instrument, let interval, _, _, _, let close, _):
            event.row = .candle(
                instrument: instrument, interval: interval, open: most - 10, high: most,
                low: most - 2_000_000, close: most - close % 1_000_000, volume: Int128(most))
        case .timer, .fill, .joins, .leaves: break
        }
        return event
    }
}
