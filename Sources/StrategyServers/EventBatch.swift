package import Ports
import StrategyWire
package import TradingModel

/// Events on their way into one message, by the session's numbers. Emptied, it keeps its memory.
package struct EventBatch: ~Copyable, Sendable {
    private var columns = EventColumns()
    /// Of the events in it, in order.
    private(set) var positions: [EventPosition] = []
    /// Those among them that are no ticks, as deadlines know them.
    private(set) var others: [(position: EventPosition, kind: EventClass)] = []
    /// The session's number of each instrument in the house; `nil`: it is not of the session.
    private var numbers: [UInt32?] = []

    /// - Parameter instruments: By number, all that were ever in the session.
    init(_ instruments: [Instrument]) {
        for (number, instrument) in instruments.enumerated() { learn(instrument.id, number) }
    }

    private mutating func learn(_ instrument: InstrumentID, _ number: Int) {
        let index = Int(instrument.index)
        if index >= numbers.count {
            numbers += Array(repeating: nil, count: index + 1 - numbers.count)
        }
        numbers[index] = UInt32(number)
    }

    /// Forgets what it holds.
    ///
    /// - Parameter previous: The last position sent before; 0 for a warm-up.
    mutating func begin(after previous: EventPosition) {
        positions.removeAll(keepingCapacity: true)
        others.removeAll(keepingCapacity: true)
        columns.reset(after: previous)
    }

    var isEmpty: Bool { positions.isEmpty }

    private func number(_ instrument: InstrumentID) -> UInt32? {
        let index = Int(instrument.index)
        return index < numbers.count ? numbers[index] : nil
    }

    /// - Parameter position: Behind all before it.
    package mutating func add(
        _ tick: Tick, at position: EventPosition, entryTime: Timestamp
    ) {
        positions.append(position)
        guard let number = number(tick.instrument) else { return }
        columns.append(tick, instrument: number, at: position, entryTime: entryTime)
    }

    package mutating func add(_ event: SessionEvent) {
        let position = event.position
        let entry = event.entryTime
        if case .tick(let tick) = event.kind { return add(tick, at: position, entryTime: entry) }
        positions.append(position)
        let kind = event.eventClass
        if kind != .ticks { others.append((position, kind)) }
        switch event.kind {
        case .tick: break
        case .quote(let quote):
            guard let number = number(quote.instrument) else { return }
            columns.append(quote, instrument: number, at: position, entryTime: entry)
        case .candle(let candle):
            guard let number = number(candle.instrument) else { return }
            columns.append(candle, instrument: number, at: position, entryTime: entry)
        case .timer(let time, let interval):
            columns.appendTimer(time: time, interval: interval, at: position)
        case .account(let update):
            guard let number = number(update.instrument) else { return }
            columns.append(AccountRow(update, number: number), at: position)
        case .instrument(let change):
            learn(change.instrument.id, change.number)
            let number = UInt32(change.number)
            if change.joins {
                columns.appendJoining(
                    PBInstrument(change.instrument, number: number), at: position)
            } else {
                columns.appendLeaving(number, at: position)
            }
        }
    }

    func message() -> PBEvents { columns.message() }

    /// Writes the events as what the host sends, straight from the columns.
    func write(to writer: inout WireWriter) { columns.writeHostMessage(to: &writer) }
}

/// A feed that hands out ticks without an event made for each: most of a recording is ticks.
package protocol ColumnFeed: SessionFeed {
    /// As ``SessionFeed/pull(after:limit:into:)``, into what is sent.
    func pull(after position: EventPosition, limit: Int, into batch: inout EventBatch) -> FeedPull
}

extension AccountRow {
    init(_ update: AccountUpdate, number: UInt32) {
        self.init(
            time: update.time, instrument: number, side: update.side, price: update.price,
            quantity: update.quantity, fee: update.fee, held: update.held,
            averagePrice: update.averagePrice, cash: update.cash)
    }
}
