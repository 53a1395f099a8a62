import StrategyWire
import TestKit
import TradingModel

let minute: Interval = {
    guard let minute = Interval(seconds: 60) else { preconditionFailure("a minute is an interval") }
    return minute
}()

extension SeededRandom {
    private mutating func number() -> Int64 {
        Int64(truncatingIfNeeded: next()) >> Int64(next() % 64)
    }
    private mutating func price() -> Price { Price(units: number()) }
    private mutating func quantity() -> Quantity { Quantity(units: number()) }
    private mutating func time() -> Timestamp { Timestamp(nanoseconds: number() / 4) }
    private mutating func money() -> Money {
        Money(units: Int128(number()) * Int128(fixedPointScale))
    }

    /// Events of all kinds, at rising positions.
    mutating func rows(count: Int, after previous: EventPosition) -> [EventRow] {
        var position = previous.value
        return (0..<count).map { _ in
            position += 1 + next() % (next() % 8 == 0 ? 1 << 22 : 3)
            return row(at: EventPosition(position))
        }
    }

    private mutating func row(at position: EventPosition) -> EventRow {
        let number = UInt32(next() % 1_000)
        let instrument = InstrumentID(Int(number))
        switch next() % 16 {
        case 0...6:
            let tick = Tick(
                instrument: instrument, feedTime: time(), price: price(), quantity: quantity(),
                aggressor: Aggressor(rawValue: UInt8(next() % 3)) ?? .unknown)
            return EventRow(position: position, entryTime: time(), kind: .tick(tick))
        case 7...9:
            let quote = Quote(
                instrument: instrument, feedTime: time(), bid: price(), bidQuantity: quantity(),
                ask: price(), askQuantity: quantity())
            return EventRow(position: position, entryTime: time(), kind: .quote(quote))
        case 10...12:
            let volume = Int128(self.number()) << Int128(next() % 4 == 0 ? 50 : 0)
            let candle = Candle(
                instrument: instrument, interval: minute, openTime: time(), open: price(),
                high: price(), low: price(), close: price(), volume: Volume(units: volume),
                isFinal: next() % 2 == 0)
            return EventRow(position: position, entryTime: time(), kind: .candle(candle))
        case 13:
            return EventRow(position: position, kind: .timer(time: time(), interval: minute))
        case 14:
            let update = AccountRow(
                time: time(), instrument: number, side: next() % 2 == 0 ? .buy : .sell,
                price: price(), quantity: quantity(), fee: money(), held: quantity(),
                averagePrice: price(), cash: money())
            return EventRow(position: position, kind: .account(update))
        default:
            let joining = PBInstrument(number: number, symbol: "005930", market: "KR")
            return EventRow(
                position: position, kind: next() % 2 == 0 ? .joins(joining) : .leaves(number))
        }
    }
}

extension EventColumns {
    mutating func append(_ rows: [EventRow]) {
        for row in rows {
            let entry = row.entryTime ?? .zero
            switch row.kind {
            case .tick(let tick):
                append(
                    tick, instrument: UInt32(tick.instrument.index), at: row.position,
                    entryTime: entry)
            case .quote(let quote):
                append(
                    quote, instrument: UInt32(quote.instrument.index), at: row.position,
                    entryTime: entry)
            case .candle(let candle):
                append(
                    candle, instrument: UInt32(candle.instrument.index), at: row.position,
                    entryTime: entry)
            case .timer(let time, let interval):
                appendTimer(time: time, interval: interval, at: row.position)
            case .account(let update): append(update, at: row.position)
            case .joins(let instrument): appendJoining(instrument, at: row.position)
            case .leaves(let number): appendLeaving(number, at: row.position)
            }
        }
    }
}
