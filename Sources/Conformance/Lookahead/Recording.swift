package import Ports
import StrategyWire
package import TradingModel

/// What a server is asked about: recorded events, in the order in which a run would send them.
package struct Recording: Sendable {
    let events: [MadeEvent]
    let instruments: [PBInstrument]

    /// - Parameters:
    ///   - events: Rising by position; of the inputs that the server asks for.
    ///   - instruments: Of the session, in the order of their numbers.
    package init(_ events: [SessionEvent], of instruments: [Instrument]) {
        var numbers: [InstrumentID: UInt32] = [:]
        for (number, instrument) in instruments.enumerated() {
            numbers[instrument.id] = UInt32(number)
        }
        self.events = events.compactMap { MadeEvent($0, numbers) }
        self.instruments = instruments.enumerated().map { number, instrument in
            PBInstrument(instrument, number: UInt32(number))
        }
    }

    package var count: Int { events.count }

    init(_ events: [MadeEvent], _ instruments: [PBInstrument] = Material.instruments) {
        self.events = events
        self.instruments = instruments
    }

    /// The index of the event at `position`, or of the first behind it.
    func index(of position: UInt64) -> Int {
        var low = 0
        var high = events.count
        while low < high {
            let middle = (low + high) / 2
            if events[middle].position < position { low = middle + 1 } else { high = middle }
        }
        return low
    }

    func symbol(_ number: UInt32) -> String {
        instruments.first { $0.number == number }?.symbol ?? "instrument \(number)"
    }
}

extension MadeEvent {
    /// - Returns: `nil` for an instrument that is not the session's, for fills and for changes of the
    ///   list: no recording has any.
    fileprivate init?(_ event: SessionEvent, _ numbers: [InstrumentID: UInt32]) {
        let row: Row
        let time: Timestamp
        switch event.kind {
        case .tick(let tick):
            guard let number = numbers[tick.instrument] else { return nil }
            time = tick.feedTime
            row = .tick(
                instrument: number, price: tick.price.units, quantity: tick.quantity.units,
                side: UInt32(tick.aggressor.rawValue))
        case .quote(let quote):
            guard let number = numbers[quote.instrument] else { return nil }
            time = quote.feedTime
            row = .quote(
                instrument: number, bid: quote.bid.units, bidSize: quote.bidQuantity.units,
                ask: quote.ask.units, askSize: quote.askQuantity.units)
        case .candle(let candle):
            guard let number = numbers[candle.instrument] else { return nil }
            time = candle.closeTime
            row = .candle(
                instrument: number, interval: candle.interval.nanoseconds,
                open: candle.open.units, high: candle.high.units, low: candle.low.units,
                close: candle.close.units, volume: candle.volume.units)
        case .timer(let at, let interval):
            time = at
            row = .timer(interval: interval.nanoseconds)
        case .account, .instrument: return nil
        }
        self.init(
            position: event.position.value, time: time.nanoseconds,
            entry: event.entryTime.nanoseconds, row: row)
    }
}
