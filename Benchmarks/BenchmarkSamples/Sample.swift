package import StrategyWire
import TradingModel

/// The same events as `sample.h` makes.
package struct Sample: ~Copyable {
    private var columns = EventColumns()

    package init() {}

    /// Ticks of `count` steps behind step `previous`, encoded as sessions encode them.
    package mutating func write(
        after previous: UInt64, count: Int, to writer: inout WireWriter
    ) {
        columns.reset(after: EventPosition(step: previous, index: 0))
        for step in previous + 1...previous + UInt64(count) {
            let time = Timestamp(
                nanoseconds: 1_700_000_000_000_000_000 + Int64(step) * 1_000_003)
            let tick = Tick(
                instrument: InstrumentID(Int(step % 4)), feedTime: time,
                price: Price(units: 7_010_000_000_000 + Int64(step % 64) * 100_000_000),
                quantity: Quantity(units: 100_000_000 * Int64(1 + step % 16)),
                aggressor: step % 2 == 0 ? .buyer : .seller)
            columns.append(
                tick, instrument: UInt32(step % 4), at: EventPosition(step: step, index: 0),
                entryTime: time)
        }
        columns.writeHostMessage(to: &writer)
    }
}
