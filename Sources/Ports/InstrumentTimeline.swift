package import TradingModel

/// An instrument that joins a session, or leaves it: an event among the session's others.
public struct InstrumentChange: Hashable, Sendable {
    /// The session's number of it: the same whenever it joins, and never another's.
    package let number: Int
    package let instrument: Instrument
    package let joins: Bool
    /// Of one that joins: what its server hears of it before, oldest first; `nil` where nobody asked for a history.
    package let history: [SessionEvent]?

    package init(
        _ instrument: Instrument, number: Int, joins: Bool, history: [SessionEvent]? = nil
    ) {
        self.number = number
        self.instrument = instrument
        self.joins = joins
        self.history = history
    }
}

/// Which instruments a session has, as of each position. A value.
///
/// A number is an instrument's place among all that were ever in it, so none is given to another.
package struct InstrumentTimeline: Hashable, Sendable {
    package struct Change: Hashable, Sendable {
        package let position: EventPosition
        package let number: Int
        package let joins: Bool
    }
    /// Where an instrument stands for a result of some position.
    package enum Standing: Hashable, Sendable {
        /// In the list then, and ever since.
        case there
        /// It was in the list once, and has left since or before.
        case removed
        /// Not in the list by then.
        case absent
    }
    /// Everything that was ever in the list, by number.
    package private(set) var known: [Instrument]
    /// In rising order.
    package private(set) var changes: [Change] = []
    /// Those that were there from the start: the first so many.
    private let begun: Int
    private var numbers: [InstrumentID: Int] = [:]
    /// By number: whether it is in the list now.
    private var present: [Bool]

    package init(_ instruments: [Instrument]) {
        known = instruments
        begun = instruments.count
        present = instruments.map { _ in true }
        for (number, instrument) in instruments.enumerated() { numbers[instrument.id] = number }
    }

    /// Whether it is in the list behind the last change.
    package func has(_ instrument: InstrumentID) -> Bool {
        numbers[instrument].map { present[$0] } ?? false
    }

    /// - Parameter position: Behind those of all changes before.
    /// - Returns: The change as an event says it, without its history; `nil` where nothing changes.
    package mutating func change(
        _ instrument: Instrument, joins: Bool, at position: EventPosition
    ) -> InstrumentChange? {
        guard has(instrument.id) != joins, changes.last.map({ $0.position < position }) ?? true
        else { return nil }
        let number = numbers[instrument.id] ?? known.count
        if number == known.count {
            known.append(instrument)
            present.append(joins)
            numbers[instrument.id] = number
        }
        present[number] = joins
        changes.append(Change(position: position, number: number, joins: joins))
        return InstrumentChange(instrument, number: number, joins: joins)
    }

    /// Numbers in the list behind everything at or before `position`, rising.
    package func numbers(asOf position: EventPosition) -> [Int] {
        var list = known.indices.map { $0 < begun }
        for change in changes.prefix(while: { $0.position <= position }) {
            list[change.number] = change.joins
        }
        return list.indices.filter { list[$0] }
    }

    /// - Parameter position: Of the event that a result was computed from.
    package func standing(of number: Int, at position: EventPosition) -> Standing {
        guard known.indices.contains(number) else { return .absent }
        var (isThere, wasThere) = (number < begun, number < begun)
        for change in changes where change.number == number {
            if change.position <= position {
                isThere = change.joins
                wasThere = wasThere || change.joins
            } else if isThere {
                // It has left since: what was said of it before is of no use any more.
                return .removed
            } else {
                break
            }
        }
        return isThere ? .there : wasThere ? .removed : .absent
    }

    package func standing(
        of instrument: InstrumentID, at position: EventPosition
    ) -> Standing {
        guard !changes.isEmpty else { return has(instrument) ? .there : .absent }
        return numbers[instrument].map { standing(of: $0, at: position) } ?? .absent
    }
}

extension EventPosition {
    /// The first index of a step that belongs to changes of instruments: behind everything of the market, before
    /// account updates.
    package static let firstChangeIndex = 1 << 18
    /// So many changes at most behind one step, in all sessions together.
    package static let changesInStep = firstAccountIndex - firstChangeIndex
}
