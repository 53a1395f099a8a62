/// One input of the market stage, as a feed delivers it.
public enum MarketInput: Hashable, Sendable {
    case tick(Tick)
    case quote(Quote)
    case candle(Candle)

    /// What orders a file: a tick's and a quote's own time, a candle's close.
    @inlinable public var time: Timestamp {
        switch self {
        case .tick(let tick): tick.feedTime
        case .quote(let quote): quote.feedTime
        case .candle(let candle): candle.closeTime
        }
    }

    @inlinable public var instrument: InstrumentID {
        switch self {
        case .tick(let tick): tick.instrument
        case .quote(let quote): quote.instrument
        case .candle(let candle): candle.instrument
        }
    }
}
