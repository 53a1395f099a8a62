public import TradingModel

/// Builds one instrument's candles of one interval from its ticks, or from shorter candles.
///
/// Event-time driven. An interval without a trade makes no candle. A tick of a closed interval is late: it
/// changes nothing and is counted. A day in which the zone changes ends where its local clock says; the
/// candle's own `closeTime` is then an hour off.
public struct CandleBuilder: Hashable, Sendable {
    public let instrument: InstrumentID
    public let interval: Interval
    /// The candle that still runs.
    public private(set) var running: Candle?
    /// Everything before this instant is closed.
    private var closedThrough = Timestamp(nanoseconds: .min)
    /// Of the running candle.
    private var endTime = Timestamp.distantFuture

    public init(instrument: InstrumentID, interval: Interval) {
        self.instrument = instrument
        self.interval = interval
    }

    /// When the running candle ends.
    public var end: Timestamp? { running == nil ? nil : endTime }

    /// Adds a trade that lies in the running candle: what most trades do.
    ///
    /// - Returns: False, with nothing changed, for one that does not.
    @inline(__always)
    mutating func extend(_ tick: Tick) -> Bool {
        guard let start = running?.openTime, tick.feedTime < endTime, tick.feedTime >= start,
            tick.feedTime >= closedThrough
        else { return false }
        running?.add(high: tick.price, low: tick.price, close: tick.price, Volume(tick.quantity))
        return true
    }

    /// Adds a trade.
    ///
    /// The caller has closed what ended before; what it left open a trade of the next interval closes.
    /// - Returns: False for a late trade.
    public mutating func add(_ tick: Tick, zone: ZoneOffsets, closing: (Candle) -> Void) -> Bool {
        guard tick.feedTime >= closedThrough else { return false }
        if extend(tick) { return true }
        if let end, tick.feedTime < end { return false }  // before the running candle, after a gap
        if let closed = close(through: tick.feedTime) { closing(closed) }
        let start = open(tick.feedTime, zone)
        running = Candle(
            instrument: instrument, interval: interval, openTime: start, open: tick.price,
            high: tick.price, low: tick.price, close: tick.price, volume: Volume(tick.quantity),
            isFinal: false)
        return true
    }

    /// Adds a shorter candle that lies inside one interval; see ``add(_:zone:closing:)``.
    public mutating func add(_ part: Candle, zone: ZoneOffsets, closing: (Candle) -> Void) -> Bool {
        guard part.openTime >= closedThrough else { return false }
        if let candle = running, part.openTime < endTime, part.openTime >= candle.openTime {
            running?.add(high: part.high, low: part.low, close: part.close, part.volume)
            return true
        }
        if let end, part.openTime < end { return false }
        if let closed = close(through: part.openTime) { closing(closed) }
        var first = part
        first.interval = interval
        first.openTime = open(part.openTime, zone)
        first.isFinal = false
        running = first
        return true
    }

    /// Closes the running candle if it ends at or before `time`.
    public mutating func close(through time: Timestamp) -> Candle? {
        guard var candle = running, endTime <= time else { return nil }
        candle.isFinal = true
        closedThrough = endTime
        running = nil
        return candle
    }

    /// Where the interval that holds `time` begins; notes its end.
    private mutating func open(_ time: Timestamp, _ zone: ZoneOffsets) -> Timestamp {
        let start = max(zone.start(of: interval, holding: time), closedThrough)
        endTime = zone.end(of: interval, from: start)
        return start
    }
}

extension Candle {
    @inline(__always)
    fileprivate mutating func add(high: Price, low: Price, close: Price, _ volume: Volume) {
        self.high = max(self.high, high)
        self.low = min(self.low, low)
        self.close = close
        self.volume.add(volume)
    }
}
