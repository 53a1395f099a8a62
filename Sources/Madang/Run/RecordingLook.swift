import Host
import Kernel
import Ports
import TradingModel

/// A recorded candle between those that its instrument's hours have.
struct Unanchored {
    let candle: Candle
    /// Where the session's candle begins that this one would be part of.
    let begins: Timestamp
    let zone: ZoneOffsets
    /// Between most candles like it, where they begin closer together than an interval.
    let gap: Interval?

    /// What is wrong, and in a second line what to do.
    ///
    /// - Parameters:
    ///   - feed: As errors name it.
    ///   - symbol: Of the candle's instrument.
    func words(_ feed: String, _ symbol: String) -> String {
        "\(feed): a candle of '\(symbol)' begins at \(clock(candle.openTime)), and by its hours"
            + " candles:\(candle.interval) begin at \(clock(begins))\n  \(advice)"
    }

    private var advice: String {
        guard let gap else {
            return "its hours count candles from the opening: correct hours or time: { zone: ... },"
                + " take candles that divide both, or leave hours out"
        }
        let length = candle.interval
        return "its candles begin \(gap) apart: is interval: \(length) what the file holds?"
            + " say interval: \(gap) under feeds, and ask for candles:\(length) with 'on'"
    }

    private func clock(_ time: Timestamp) -> String {
        String(CivilTime(time.advanced(by: zone.offset(at: time))).text(separator: " ").prefix(16))
    }
}

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
    ///
    /// One that begins before the opening, or at the close or behind it, mixes no two of the session's.
    ///
    /// - Parameters:
    ///   - hours: Of each instrument, as `zones`.
    func unanchored(_ hours: [MarketHours], _ zones: [ZoneOffsets]) -> Unanchored? {
        let rows = rows(Self.judged)
        for case .candle(let candle) in rows {
            let index = Int(candle.instrument.index)
            guard hours.indices.contains(index), !hours[index].isAlways,
                candle.interval.nanoseconds < nanosecondsPerDay,
                let bounds = hours[index].bounds(
                    of: candle.interval, holding: candle.openTime, zones[index]),
                bounds.openTime != candle.openTime,
                candle.openTime < close(hours[index], candle.openTime, zones[index])
            else { continue }
            return Unanchored(
                candle: candle, begins: bounds.openTime, zone: zones[index],
                gap: gap(rows, candle))
        }
        return nil
    }

    /// The time between most candles like one, where that is shorter than their interval.
    ///
    /// Two thirds of the gaps must be as long: the first or last of a session may be shorter than the others, and who
    /// took such a one's length for all would know the others' close before they end.
    private func gap(_ rows: [MarketInput], _ like: Candle) -> Interval? {
        var before: Timestamp?
        var counts: [Int64: Int] = [:]
        for case .candle(let candle) in rows
        where candle.instrument == like.instrument && candle.interval == like.interval {
            let gap = before.map { candle.openTime.since($0).count } ?? 0
            if gap > 0 { counts[gap, default: 0] += 1 }
            before = candle.openTime
        }
        let all = counts.values.reduce(0, +)
        guard let most = counts.first(where: { $0.value * 3 >= all * 2 })?.key,
            most < like.interval.nanoseconds, most % 1_000_000_000 == 0
        else { return nil }
        return Interval(seconds: most / 1_000_000_000)
    }

    /// Of the session that holds a moment, or its closing print.
    private func close(
        _ hours: MarketHours, _ time: Timestamp, _ zone: ZoneOffsets
    ) -> Timestamp {
        guard let interval = Interval(seconds: 86_400),
            let day = hours.bounds(of: interval, holding: time, zone)
        else { return time }
        return day.end.advanced(by: Nanoseconds(-MarketHours.closingPrint))
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
