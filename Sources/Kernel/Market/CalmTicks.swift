public import TradingModel

/// An instrument's calm ticks that its candles have not taken yet, as one: however many intervals it has, a tick
/// changes these five numbers alone.
@usableFromInline struct CalmTicks: Sendable {
    /// From when on a trade goes on with every candle of the instrument; never where one does not run. Behind a
    /// calm tick it is that one's time.
    @usableFromInline var latest: Timestamp
    // No tick: the highest is below the lowest.
    @usableFromInline var high = Price(units: .min)
    @usableFromInline var low = Price(units: .max)
    @usableFromInline var close = Price.zero
    /// At 10⁻⁸. Never below zero, so that a sum of it saturates as the sum of its parts does.
    @usableFromInline var volume: Int64 = 0

    init(since latest: Timestamp) { self.latest = latest }

    var isEmpty: Bool { high < low }

    /// Whether the tick goes on with every candle, and its quantity is none that has to be summed with care.
    @inlinable @inline(__always)
    func takes(_ tick: Tick) -> Bool {
        tick.feedTime >= latest && volume &+ tick.quantity.units >= volume
    }

    /// Adds a tick that it ``takes(_:)``.
    @inlinable @inline(__always)
    mutating func add(_ tick: Tick) {
        latest = tick.feedTime
        high = max(high, tick.price)
        low = min(low, tick.price)
        close = tick.price
        volume &+= tick.quantity.units
    }
}
