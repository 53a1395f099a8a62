public import TradingModel

/// A numbered event of the market stage.
public struct MarketEvent: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        case tick(Tick)
        case quote(Quote)
        case candle(Candle)
        /// A timer that a strategy server asked for; it belongs to no instrument.
        case timer(at: Timestamp, interval: Interval)
    }
    public let position: EventPosition
    public let kind: Kind

    public init(position: EventPosition, kind: Kind) {
        self.position = position
        self.kind = kind
    }

    /// The event as an input; `nil` for timers.
    public var input: MarketInput? {
        switch kind {
        case .tick(let tick): .tick(tick)
        case .quote(let quote): .quote(quote)
        case .candle(let candle): .candle(candle)
        case .timer: nil
        }
    }
    /// `nil` for timers.
    public var instrument: InstrumentID? {
        switch kind {
        case .tick(let tick): tick.instrument
        case .quote(let quote): quote.instrument
        case .candle(let candle): candle.instrument
        case .timer: nil
        }
    }
    /// A tick's or quote's own time, a candle's close, a timer's instant.
    public var time: Timestamp {
        switch kind {
        case .tick(let tick): tick.feedTime
        case .quote(let quote): quote.feedTime
        case .candle(let candle): candle.closeTime
        case .timer(let time, _): time
        }
    }
}

/// What the market stage emits besides the inputs themselves. Fixed for a run and part of its identity.
public struct MarketPlan: Hashable, Sendable {
    /// Zone of each instrument, by its index.
    public var zones: [ZoneOffsets]
    /// Hours of each instrument, by its index; empty: all around the clock.
    public var hours: [MarketHours]
    /// Intervals to build, the same for every instrument, sorted.
    public var intervals: [Interval]
    /// Timers to emit, sorted.
    public var timers: [Interval]
    /// Of the intervals, those whose running candle stands behind each trade that changes it, sorted.
    public var unfinished: [Interval]

    public init(
        zones: [ZoneOffsets], intervals: [Interval] = [], timers: [Interval] = [],
        unfinished: [Interval] = [], hours: [MarketHours] = []
    ) {
        self.hours = hours
        self.zones = zones
        self.intervals = intervals.sorted()
        self.timers = timers.sorted()
        self.unfinished = unfinished.sorted()
    }

    /// Around the clock where none are said.
    func hours(of instrument: InstrumentID) -> MarketHours {
        let index = Int(instrument.index)
        return index < hours.count ? hours[index] : .always
    }
}
