package import TradingModel

/// A closed candle of a run as stored, for whoever looks later.
///
/// One alone has its symbol, interval and open time in a run: the last one stands.
package struct BarRow: Hashable, Sendable {
    package var record: UInt64
    package var symbol: String
    /// As people write it: `1m`.
    package var interval: String
    package var openTime: Timestamp
    package var open: Price
    package var high: Price
    package var low: Price
    package var close: Price
    package var volume: Volume

    package init(
        record: UInt64, symbol: String, interval: String, openTime: Timestamp, open: Price,
        high: Price, low: Price, close: Price, volume: Volume
    ) {
        self.record = record
        self.symbol = symbol
        self.interval = interval
        self.openTime = openTime
        self.open = open
        self.high = high
        self.low = low
        self.close = close
        self.volume = volume
    }

    package init(_ candle: Candle, record: UInt64, symbol: String) {
        self.init(
            record: record, symbol: symbol, interval: candle.interval.description,
            openTime: candle.openTime, open: candle.open, high: candle.high, low: candle.low,
            close: candle.close, volume: candle.volume)
    }
}
