import Ports
import StrategyWire
import TradingModel

/// Events on their way into one message, by the session's numbers. Emptied, it keeps its memory.
struct EventBatch: ~Copyable {
    var events: [SessionEvent] = []
    private var columns = EventColumns()
    /// The session's number of each instrument in the house; `nil`: it is not of the session.
    private let numbers: [UInt32?]

    init(_ instruments: [Instrument]) {
        let count = (instruments.map { Int($0.id.index) }.max() ?? -1) + 1
        var numbers = [UInt32?](repeating: nil, count: count)
        for (number, instrument) in instruments.enumerated() {
            numbers[Int(instrument.id.index)] = UInt32(number)
        }
        self.numbers = numbers
    }

    mutating func removeAll() { events.removeAll(keepingCapacity: true) }

    private func number(_ instrument: InstrumentID) -> UInt32? {
        let index = Int(instrument.index)
        return index < numbers.count ? numbers[index] : nil
    }

    /// - Parameter previous: The last position sent before; 0 for a warm-up.
    mutating func message(after previous: EventPosition) -> PBEvents {
        gather(after: previous)
        return columns.message()
    }

    /// Writes the events as what the host sends, straight from the columns.
    mutating func write(after previous: EventPosition, to writer: inout WireWriter) {
        gather(after: previous)
        columns.writeHostMessage(to: &writer)
    }

    private mutating func gather(after previous: EventPosition) {
        columns.reset(after: previous)
        for event in events { append(event) }
    }

    private mutating func append(_ event: SessionEvent) {
        let position = event.position
        let entry = event.entryTime
        switch event.kind {
        case .tick(let tick):
            guard let number = number(tick.instrument) else { return }
            columns.append(tick, instrument: number, at: position, entryTime: entry)
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
        }
    }
}

extension AccountRow {
    init(_ update: AccountUpdate, number: UInt32) {
        self.init(
            time: update.time, instrument: number, side: update.side, price: update.price,
            quantity: update.quantity, fee: update.fee, held: update.held,
            averagePrice: update.averagePrice, cash: update.cash)
    }
}
