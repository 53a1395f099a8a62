package import TradingModel

/// Gathers events, in order, into the columns of one `Events` message. Emptied, it keeps its memory.
/// One owner: what it gathers is written from where it lies.
///
/// Positions rise from event to event across all kinds: anything else is a fault of the host's own
/// and traps. Instruments go by the session's numbers, given with each event.
package struct EventColumns: ~Copyable, Sendable {
    /// The last position sent to the session before this message.
    package private(set) var previous: EventPosition
    /// The position of the newest event in it; `previous` while it is empty.
    package private(set) var last: EventPosition
    /// Events in it, all kinds together.
    package private(set) var count = 0

    var ticks = TickColumns()
    var quotes = QuoteColumns()
    var candles = CandleColumns()
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

    /// A copy as a message, for who changes or reads it; what only sends calls
    /// ``writeHostMessage(to:)``.
    package func message() -> PBEvents {
        PBEvents(
            previous: previous.value,
            count: UInt32(count),
            ticks: ticks.message(),
            quotes: quotes.message(),
            candles: candles.message(),
            accountUpdates: accountUpdates.offset.isEmpty ? nil : accountUpdates,
            timers: timers.offset.isEmpty ? nil : timers,
            instrumentChanges: instrumentChanges.offset.isEmpty ? nil : instrumentChanges)
    }

    /// Writes the message as what the host sends, in front of what the writer holds.
    ///
    /// The bytes are those of a ``PBHostMessage`` with ``message()`` in it.
    package func writeHostMessage(to writer: inout WireWriter) {
        writer.nested(tag: 4 << 3 | 2) { writer in write(to: &writer) }
    }

    private func write(to writer: inout WireWriter) {
        if !instrumentChanges.offset.isEmpty { writer.put(instrumentChanges, tag: 8 << 3 | 2) }
        if !timers.offset.isEmpty { writer.put(timers, tag: 7 << 3 | 2) }
        if !accountUpdates.offset.isEmpty { writer.put(accountUpdates, tag: 6 << 3 | 2) }
        if !candles.offset.isEmpty { writer.nested(tag: 5 << 3 | 2) { candles.write(to: &$0) } }
        if !quotes.offset.isEmpty { writer.nested(tag: 4 << 3 | 2) { quotes.write(to: &$0) } }
        if !ticks.offset.isEmpty { writer.nested(tag: 3 << 3 | 2) { ticks.write(to: &$0) } }
        writer.write(WireUInt32.self, UInt32(count), tag: 2 << 3 | 0)
        writer.write(WireFixed64.self, previous.value, tag: 1 << 3 | 1)
    }

    /// Counts an event at `position` and returns its offset.
    mutating func advance(to position: EventPosition) -> UInt64 {
        precondition(position > last, "event \(position) does not come after \(last)")
        last = position
        count += 1
        return position.value - previous.value
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
