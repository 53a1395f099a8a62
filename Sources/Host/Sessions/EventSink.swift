package import Ports
package import TradingModel

/// Takes a session's events, in the order of their positions: as they are, or in the columns that are sent.
package protocol EventSink: ~Copyable, Sendable {
    /// Most events are ticks: none is made for them.
    mutating func add(_ tick: Tick, at position: EventPosition, entryTime: Timestamp)
    mutating func add(_ event: SessionEvent)
}

extension [SessionEvent]: EventSink {
    package mutating func add(_ tick: Tick, at position: EventPosition, entryTime: Timestamp) {
        append(SessionEvent(position: position, entryTime: entryTime, kind: .tick(tick)))
    }
    package mutating func add(_ event: SessionEvent) { append(event) }
}
