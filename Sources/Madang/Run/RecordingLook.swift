import Host
import Kernel
import Ports
import TradingModel

/// A look at a recording before a run: with a reader of its own, and what cannot be read is left to the run to tell.
struct RecordingLook {
    let feed: any RecordedFeed

    /// Rows by which it is judged whether candles lie where the exchange's do: days of minutes, years of hours.
    static let judged = 8_192
    private static let block = 4_096

    /// The first rows, `count` at most.
    private func rows(_ count: Int) -> [MarketInput] {
        guard let reader = try? feed.open() else { return [] }
        var rows: [MarketInput] = []
        while rows.count < count {
            guard let goesOn = try? reader.read(into: &rows, limit: count - rows.count), goesOn
            else { break }
        }
        return rows
    }

    /// The first candle that begins where its instrument's hours have none begin: they count from the opening.
    func unanchored(_ market: MarketPlan) -> (candle: Candle, begins: Timestamp)? {
        for case .candle(let candle) in rows(Self.judged) {
            let index = Int(candle.instrument.index)
            guard market.hours.indices.contains(index), !market.hours[index].isAlways,
                candle.interval.nanoseconds < nanosecondsPerDay,
                let bounds = market.hours[index].bounds(
                    of: candle.interval, holding: candle.openTime, market.zones[index]),
                bounds.openTime != candle.openTime
            else { continue }
            return (candle, bounds.openTime)
        }
        return nil
    }

    /// From when to when the recording goes, where the moment does not lie inside of it; a row at the moment counts
    /// to what comes since.
    ///
    /// Reads until rows stand on both sides: to the end where none does.
    func span(without moment: Timestamp) -> (from: Timestamp, to: Timestamp)? {
        guard let reader = try? feed.open() else { return nil }
        var rows: [MarketInput] = []
        var (from, to) = (Timestamp?.none, Timestamp?.none)
        var goesOn = true
        while goesOn {
            rows.removeAll(keepingCapacity: true)
            guard let more = try? reader.read(into: &rows, limit: Self.block) else { return nil }
            goesOn = more
            for row in rows {
                from = min(from ?? row.time, row.time)
                to = max(to ?? row.time, row.time)
            }
            if let from, let to, from < moment, moment <= to { return nil }
        }
        guard let from, let to else { return nil }
        return (from, to)
    }
}
