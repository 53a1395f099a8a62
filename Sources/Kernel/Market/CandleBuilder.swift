public import TradingModel

/// Builds one instrument's candles of one interval from its ticks, or from shorter candles.
///
/// Event-time driven. An interval without a trade makes no candle. A tick of a closed interval is late: it
/// changes nothing and is counted. One that comes late into a running candle, behind a later one, counts for
/// its high, low and volume and not for its close. A day in which the zone changes ends where its local clock says; the
/// candle's own `closeTime` is then an hour off. What lies outside of the hours its owner keeps away.
public struct CandleBuilder: Hashable, Sendable {
    public let instrument: InstrumentID
    public let interval: Interval
    /// The candle that still runs.
    public var running: Candle? { isRunning ? candle : nil }
    // Beside its flag and not in an optional: a tick then writes three numbers, not the whole.
    private var candle: Candle
    private var isRunning = false
    /// Everything before this instant is closed.
    private var closedThrough = Timestamp(nanoseconds: .min)
    /// Where trades that lie in the running candle begin and end; empty where none runs.
    private var firstTime = Timestamp.distantFuture
    private var endTime = Timestamp.distantFuture
    /// Of the trades in the running candle; never where none runs.
    private(set) var latestTime = Timestamp.distantFuture

    public init(instrument: InstrumentID, interval: Interval) {
        self.instrument = instrument
        self.interval = interval
        candle = Candle(
            instrument: instrument, interval: interval, openTime: .zero, open: .zero, high: .zero,
            low: .zero, close: .zero, volume: .zero, isFinal: false)
    }

    /// When the running candle ends.
    public var end: Timestamp? { isRunning ? endTime : nil }

    /// Whether a trade of this time lies in the running candle.
    func holds(_ time: Timestamp) -> Bool { time >= firstTime && time < endTime }

    /// Whether a trade of this time goes on with the running candle, as most do: no later one is in it.
    func goesOn(at time: Timestamp) -> Bool { time >= latestTime && time < endTime }

    /// Adds a trade that ``goesOn(at:)`` says goes on with the running candle.
    mutating func extend(_ tick: Tick) {
        candle.add(high: tick.price, low: tick.price, close: tick.price, Volume(tick.quantity))
        latestTime = tick.feedTime
    }

    /// Adds trades each of which goes on with the running candle, as ``extend(_:)`` one by one would.
    mutating func extend(_ ticks: CalmTicks) {
        candle.add(
            high: ticks.high, low: ticks.low, close: ticks.close,
            Volume(units: Int128(ticks.volume)))
        latestTime = ticks.latest
    }

    /// Adds a trade.
    ///
    /// The caller has closed what ended before; what it left open a trade of the next interval closes.
    /// - Returns: False for a late trade.
    public mutating func add(
        _ tick: Tick, zone: ZoneOffsets, hours: MarketHours = .always, closing: (Candle) -> Void
    ) -> Bool {
        guard tick.feedTime >= closedThrough else { return false }
        if goesOn(at: tick.feedTime) {
            extend(tick)
            return true
        }
        if holds(tick.feedTime) {
            let (price, close) = (tick.price, candle.close)
            candle.add(high: price, low: price, close: close, Volume(tick.quantity))
            return true
        }
        if let end, tick.feedTime < end { return false }  // before the running candle, after a gap
        if let closed = close(through: tick.feedTime) { closing(closed) }
        guard
            let bounds = hours.bounds(
                of: interval, holding: tick.feedTime, zone, notBefore: closedThrough)
        else { return false }
        run(
            Candle(
                instrument: instrument, interval: interval, openTime: bounds.openTime,
                open: tick.price, high: tick.price, low: tick.price, close: tick.price,
                volume: Volume(tick.quantity), isFinal: false), bounds, tick.feedTime)
        return true
    }

    /// Adds a shorter candle that lies inside one interval; see ``add(_:zone:closing:)``.
    public mutating func add(
        _ part: Candle, zone: ZoneOffsets, hours: MarketHours = .always, closing: (Candle) -> Void
    ) -> Bool {
        guard part.openTime >= closedThrough else { return false }
        if holds(part.openTime) {
            let isLate = part.openTime < latestTime
            let close = isLate ? candle.close : part.close
            candle.add(high: part.high, low: part.low, close: close, part.volume)
            if !isLate { latestTime = part.openTime }
            return true
        }
        if let end, part.openTime < end { return false }
        if let closed = close(through: part.openTime) { closing(closed) }
        guard
            let bounds = hours.bounds(
                of: interval, holding: part.openTime, zone, notBefore: closedThrough)
        else { return false }
        var first = part
        first.interval = interval
        first.openTime = bounds.openTime
        first.isFinal = false
        run(first, bounds, part.openTime)
        return true
    }

    /// Closes the running candle if it ends at or before `time`.
    public mutating func close(through time: Timestamp) -> Candle? {
        guard isRunning, endTime <= time else { return nil }
        var closed = candle
        closed.isFinal = true
        closedThrough = endTime
        isRunning = false
        firstTime = .distantFuture
        latestTime = .distantFuture
        return closed
    }

    private mutating func run(
        _ first: Candle, _ bounds: MarketHours.Bounds, _ time: Timestamp
    ) {
        candle = first
        isRunning = true
        firstTime = bounds.first
        latestTime = time
        endTime = bounds.end
    }
}

extension Candle {
    fileprivate mutating func add(high: Price, low: Price, close: Price, _ volume: Volume) {
        self.high = max(self.high, high)
        self.low = min(self.low, low)
        self.close = close
        self.volume.add(volume)
    }
}
