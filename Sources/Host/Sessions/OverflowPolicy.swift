import Ports
import TradingModel

/// What becomes of events for a session that falls too far behind; the words of the configuration.
///
/// Ticks, quotes and unfinished candles alone may be left out. Where the others alone are too many, the
/// session is broken under every policy.
package enum OverflowPolicy: String, CaseIterable, Sendable {
    case dropOldest = "drop_oldest"
    /// Of each instrument and kind the newest stays.
    case coalesce
    /// Nothing is left out: the session is broken instead.
    case disconnect
}

extension SessionEvent {
    /// What a newer one of makes an older one dispensable.
    struct Lane: Hashable, Sendable {
        enum Kind: Hashable, Sendable { case tick, quote, candle(Interval) }
        let kind: Kind
        let instrument: InstrumentID
    }

    /// `nil`: it may not be left out.
    var lane: Lane? {
        switch kind {
        case .tick(let tick): Lane(kind: .tick, instrument: tick.instrument)
        case .quote(let quote): Lane(kind: .quote, instrument: quote.instrument)
        case .candle(let candle) where !candle.isFinal:
            Lane(kind: .candle(candle.interval), instrument: candle.instrument)
        case .candle, .timer, .account, .instrument: nil
        }
    }
}
