import Platform
package import Ports
package import TradingModel

/// The instruments of a session that may change while it goes on. The loop changes them, sessions read.
package final class SessionRoster: Sendable {
    private struct State {
        var timeline: InstrumentTimeline
        /// By the house's number: in the list now.
        var flags: [Bool]
    }
    private let state: Locked<State>

    /// - Parameter count: Instruments in the house.
    package init(_ instruments: [Instrument], of count: Int) {
        var flags = [Bool](repeating: false, count: count)
        for instrument in instruments { flags[Int(instrument.id.index)] = true }
        state = Locked(State(timeline: InstrumentTimeline(instruments), flags: flags))
    }

    package var timeline: InstrumentTimeline { state.withLock { $0.timeline } }

    /// Whether it was ever another list than at the start.
    package var hasChanged: Bool { state.withLock { !$0.timeline.changes.isEmpty } }

    /// As of now.
    package func hears(_ instrument: InstrumentID) -> Bool {
        state.withLock { $0.flags[Int(instrument.index)] }
    }

    package func standing(
        of instrument: InstrumentID, at position: EventPosition
    ) -> InstrumentTimeline.Standing {
        state.withLock { $0.timeline.standing(of: instrument, at: position) }
    }

    /// - Returns: The change as an event says it; `nil` where it changes nothing here.
    func change(
        _ instrument: Instrument, joins: Bool, at position: EventPosition
    ) -> InstrumentChange? {
        state.withLock { state in
            let change = state.timeline.change(instrument, joins: joins, at: position)
            if change != nil { state.flags[Int(instrument.id.index)] = joins }
            return change
        }
    }
}
