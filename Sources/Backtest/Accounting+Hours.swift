import Host
import Kernel
package import TradingModel

extension Accounting {
    /// Fills at rows outside of their instrument's hours.
    package struct OutsideHours: Sendable {
        package private(set) var fills = 0
        package private(set) var first: (instrument: InstrumentID, time: Timestamp)?

        mutating func note(_ instrument: InstrumentID, _ time: Timestamp) {
            fills += 1
            if first == nil { first = (instrument, time) }
        }
    }

    /// A row fills whenever it comes; a trade outside of the hours is in no candle, so who hears candles had its price
    /// before it.
    mutating func noteHours(_ booked: BookedFill, _ input: MarketInput) {
        let index = Int(booked.order.instrument.index)
        guard index < plan.hours.count, !plan.hours[index].isAlways else { return }
        // A candle of a day is named by its midnight, which lies in no session.
        if case .candle(let candle) = input, candle.interval.nanoseconds >= nanosecondsPerDay {
            return
        }
        guard !plan.hours[index].holds(booked.fill.time, plan.zones[index]) else { return }
        outsideHours.note(booked.order.instrument, booked.fill.time)
    }
}
