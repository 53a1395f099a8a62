package import TradingModel

/// Gathers events, in order, into the columns of one `Events` message. Emptied, it keeps its memory.
///
/// Positions rise from event to event across all kinds: anything else is a fault of the host's own
/// and traps. Instruments go by the session's numbers, given with each event.
package struct EventColumns: Sendable {
    /// The last position sent to the session before this message.
    package private(set) var previous: EventPosition
    /// The position of the newest event in it; `previous` while it is empty.
    package private(set) var last: EventPosition
    /// Events in it, all kinds together.
    package private(set) var count = 0

    var ticks = PBTicks()
    var quotes = PBQuotes()
    var candles = PBCandles()
    var accountUpdates = PBAccountUpdates()
    var timers = PBTimers()
    var instrumentChanges = PBInstrumentChanges()

    /// - Parameter previous: The last position sent before; for a warm-up ``EventPosition/start``.
    package init(after previous: EventPosition = .start) {
        self.previous = previous
        last = previous
    }

    package var isEmpty: Bool { count == 0 }

    /// Forgets the events and begins the next message behind `previous`.
    package mutating func reset(after previous: EventPosition) {
        self.previous = previous
        last = previous
        count = 0
        ticks.removeRows()
        quotes.removeRows()
        candles.removeRows()
        accountUpdates.removeRows()
        timers.removeRows()
        instrumentChanges.removeRows()
    }

    /// The message. While it is held, appending copies the columns: encode it and let go.
    package func message() -> PBEvents {
        PBEvents(
            previous: previous.value,
            count: UInt32(count),
            ticks: ticks.offset.isEmpty ? nil : ticks,
            quotes: quotes.offset.isEmpty ? nil : quotes,
            candles: candles.offset.isEmpty ? nil : candles,
            accountUpdates: accountUpdates.offset.isEmpty ? nil : accountUpdates,
            timers: timers.offset.isEmpty ? nil : timers,
            instrumentChanges: instrumentChanges.offset.isEmpty ? nil : instrumentChanges)
    }

    /// Writes the message as what the host sends, in front of what the writer holds.
    package func writeHostMessage(to writer: inout WireWriter) {
        PBHostMessage(message: .events(message())).write(to: &writer)
    }

    /// Counts an event at `position` and returns its offset.
    mutating func advance(to position: EventPosition) -> UInt64 {
        precondition(position > last, "event \(position) does not come after \(last)")
        last = position
        count += 1
        return position.value - previous.value
    }
}

extension PBTicks {
    mutating func removeRows() {
        guard !offset.isEmpty else { return }
        offset.removeAll(keepingCapacity: true)
        feedTime.removeAll(keepingCapacity: true)
        entryTime.removeAll(keepingCapacity: true)
        instrument.removeAll(keepingCapacity: true)
        price.removeAll(keepingCapacity: true)
        quantity.removeAll(keepingCapacity: true)
        side.removeAll(keepingCapacity: true)
    }
}

extension PBQuotes {
    mutating func removeRows() {
        guard !offset.isEmpty else { return }
        offset.removeAll(keepingCapacity: true)
        feedTime.removeAll(keepingCapacity: true)
        entryTime.removeAll(keepingCapacity: true)
        instrument.removeAll(keepingCapacity: true)
        bidPrice.removeAll(keepingCapacity: true)
        bidQuantity.removeAll(keepingCapacity: true)
        askPrice.removeAll(keepingCapacity: true)
        askQuantity.removeAll(keepingCapacity: true)
    }
}

extension PBCandles {
    mutating func removeRows() {
        guard !offset.isEmpty else { return }
        offset.removeAll(keepingCapacity: true)
        interval.removeAll(keepingCapacity: true)
        openTime.removeAll(keepingCapacity: true)
        closeTime.removeAll(keepingCapacity: true)
        entryTime.removeAll(keepingCapacity: true)
        instrument.removeAll(keepingCapacity: true)
        open.removeAll(keepingCapacity: true)
        high.removeAll(keepingCapacity: true)
        low.removeAll(keepingCapacity: true)
        close.removeAll(keepingCapacity: true)
        volume.removeAll(keepingCapacity: true)
        volumeHigh.removeAll(keepingCapacity: true)
        flags.removeAll(keepingCapacity: true)
    }
}

// Rare events: their memory need not be kept.
extension PBAccountUpdates {
    mutating func removeRows() { if !offset.isEmpty { self = Self() } }
}

extension PBTimers {
    mutating func removeRows() { if !offset.isEmpty { self = Self() } }
}

extension PBInstrumentChanges {
    mutating func removeRows() { if !offset.isEmpty { self = Self() } }
}
