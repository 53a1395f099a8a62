import Backtest
import Host
import TradingModel

/// Fills outside of the hours that instruments say, where there were any.
struct OutsideFills {
    let outcome: BacktestOutcome

    /// At most one.
    var lines: [String] {
        let outside = outcome.accounting.outsideHours
        guard let first = outside.first else { return [] }
        // By the clock of the hours.
        let instrument = outcome.plan.instruments[Int(first.instrument.index)]
        let time = ZonedTime(
            zone: outcome.plan.zones[Int(first.instrument.index)], name: instrument.timeZone)
        return [
            "\(counted(outside.fills, "fill")) outside of 'hours', the first of \(instrument.symbol) at"
                + " \(time.date(first.time)) \(time.clock(first.time)) (\(time.name)): what"
                + " trades there is in no candle and fills orders all the same; leave such rows out of"
                + " the feed, or say the hours in which you trade"
        ]
    }
}
