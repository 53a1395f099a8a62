/// A public trade.
public struct Tick: Hashable, Sendable {
    public var instrument: InstrumentID
    /// Who lifted: the aggressor's side, where the feed says it.
    public var aggressor: Aggressor
    public var feedTime: Timestamp
    public var price: Price
    public var quantity: Quantity

    @inlinable public init(
        instrument: InstrumentID, feedTime: Timestamp, price: Price, quantity: Quantity,
        aggressor: Aggressor = .unknown
    ) {
        self.instrument = instrument
        self.feedTime = feedTime
        self.price = price
        self.quantity = quantity
        self.aggressor = aggressor
    }
}

public enum Aggressor: UInt8, Hashable, Sendable { case unknown = 0, buyer = 1, seller = 2 }

/// Best bid and ask. A side that is not quoted has price and quantity zero.
public struct Quote: Hashable, Sendable {
    public var instrument: InstrumentID
    public var feedTime: Timestamp
    public var bid: Price
    public var bidQuantity: Quantity
    public var ask: Price
    public var askQuantity: Quantity

    public init(
        instrument: InstrumentID, feedTime: Timestamp, bid: Price, bidQuantity: Quantity,
        ask: Price, askQuantity: Quantity
    ) {
        self.instrument = instrument
        self.feedTime = feedTime
        self.bid = bid
        self.bidQuantity = bidQuantity
        self.ask = ask
        self.askQuantity = askQuantity
    }
}

/// An interval's open, high, low, close and volume. Closed at `openTime` + interval.
public struct Candle: Hashable, Sendable {
    public var instrument: InstrumentID
    /// False while the interval still runs.
    // Here it fits beside the instrument: a list of inputs is a sixth shorter.
    public var isFinal: Bool
    public var interval: Interval
    public var openTime: Timestamp
    public var open: Price
    public var high: Price
    public var low: Price
    public var close: Price
    public var volume: Volume

    public init(
        instrument: InstrumentID, interval: Interval, openTime: Timestamp, open: Price, high: Price,
        low: Price, close: Price, volume: Volume, isFinal: Bool = true
    ) {
        self.instrument = instrument
        self.interval = interval
        self.openTime = openTime
        self.open = open
        self.high = high
        self.low = low
        self.close = close
        self.volume = volume
        self.isFinal = isFinal
    }
    @inlinable public var closeTime: Timestamp {
        openTime.advanced(by: Nanoseconds(interval.nanoseconds))
    }
}
