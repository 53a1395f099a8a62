public import TradingModel

/// What an indicator sees of an event: a candle, or a tick as a candle of one trade.
public struct Bar: Hashable, Sendable {
    public var open: Price
    public var high: Price
    public var low: Price
    public var close: Price
    /// Past ``RollingVolume/limit`` it counts as the limit.
    public var volume: Volume
    /// The local day of the exchange on which it began, counted from any day: what begins anew with
    /// each day needs it.
    public var day: Int64

    public init(
        open: Price, high: Price, low: Price, close: Price, volume: Volume, day: Int64 = 0
    ) {
        self.open = open
        self.high = high
        self.low = low
        self.close = close
        self.volume = volume
        self.day = day
    }

    public init(_ candle: Candle, day: Int64 = 0) {
        self.init(
            open: candle.open, high: candle.high, low: candle.low, close: candle.close,
            volume: candle.volume, day: day)
    }

    public init(_ tick: Tick, day: Int64 = 0) {
        self.init(
            open: tick.price, high: tick.price, low: tick.price, close: tick.price,
            volume: Volume(tick.quantity), day: day)
    }

    /// High + low + close, three times the typical price: 66 bits.
    var typicalThrice: Int128 {
        Int128(high.units) + Int128(low.units) + Int128(close.units)
    }
}

/// The difference of two prices in the quote currency: exact in 64 bits, rounded once.
@inlinable @inline(__always) func difference(_ a: Price, _ b: Price) -> Double {
    let (units, overflow) = a.units.subtractingReportingOverflow(b.units)
    // Past 64 bits only between prices of opposite sign at both ends: then rounded first.
    return (overflow ? Double(a.units) - Double(b.units) : Double(units))
        / Double(fixedPointScale)
}

@inlinable @inline(__always) func currency(_ price: Price) -> Double {
    Double(price.units) / Double(fixedPointScale)
}

/// Rounded once, as `Double(_:)` does it: fast where 64 bits hold the value, as they nearly always do.
@inlinable public func rounded(_ value: Int128) -> Double {
    let small = Int64(truncatingIfNeeded: value)
    return Int128(small) == value ? Double(small) : Double(value)
}
