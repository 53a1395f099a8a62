package import TradingModel

/// The sessions of one kind of hours, one behind the other: the one in hand or, between two, the next. A value
/// that goes forward alone.
///
/// ``MarketHours`` knows no days of the week, for a candle needs none. Who waits for data does: with hours that are
/// not around the clock there is no session on a Saturday or a Sunday, but where an odd day names the date.
struct SessionWalk {
    private let hours: MarketHours
    private let zone: ZoneOffsets
    /// Days since 1970-01-01 that somebody named.
    private let named: Set<Int64>
    /// On days that are not odd.
    private let isAround: Bool
    private(set) var first: Timestamp
    private(set) var end: Timestamp
    /// Open time from the beginning of the walk to `first`, ns.
    private(set) var before: Int64 = 0
    /// Of the session found last: most open at the same time of the day.
    private var opening: Int64 = 0
    private static let minute: Int64 = 60_000_000_000
    /// Days that are looked at for the next session.
    private static let longest = 1_000

    init(
        _ hours: MarketHours, _ zone: ZoneOffsets, named: Set<Int64> = [], from time: Timestamp
    ) {
        self.hours = hours
        self.zone = zone
        self.named = named
        isAround = hours.usualSession == nil
        (first, end) = (time, .distantFuture)
        if !hours.isAlways { (first, end) = session(endingAfter: time) }
    }

    /// Looks for the session that holds a moment, or is the next one then.
    mutating func go(to time: Timestamp) {
        while time >= end, end < .distantFuture {
            let next = session(endingAfter: end)
            // Around the clock a day goes on in the next.
            if next.first > end {
                before += end.since(first).count
                first = next.first
            }
            end = next.end
        }
    }

    /// Whether the session holds a moment to which the walk has come.
    func holds(_ time: Timestamp) -> Bool { time >= first && time < end }

    /// Open time from the beginning of the walk to a moment to which it has come, ns.
    func opened(at time: Timestamp) -> Int64 {
        before + max(0, min(time, end).since(first).count)
    }

    private mutating func session(
        endingAfter time: Timestamp
    ) -> (first: Timestamp, end: Timestamp) {
        var day = zone.day(of: time)
        for _ in 0..<Self.longest {
            if let found = session(on: day, near: time), found.end > time { return found }
            day += 1
        }
        return (.distantFuture, .distantFuture)
    }

    private mutating func session(
        on day: Int64, near time: Timestamp
    ) -> (first: Timestamp, end: Timestamp)? {
        // The first of 1970 was a Thursday.
        let weekday = day + 3 - floorDivide(day + 3, 7) * 7
        guard isAround || weekday < 5 || named.contains(day) else { return nil }
        if let found = session(on: day, at: opening, near: time) { return found }
        // With its closing print a session is longer than a minute: one of them lies in it.
        for minute in 0..<1_440 as Range<Int64> {
            guard let found = session(on: day, at: minute * Self.minute, near: time)
            else { continue }
            opening = minute * Self.minute
            return found
        }
        return nil
    }

    private func session(
        on day: Int64, at timeOfDay: Int64, near time: Timestamp
    ) -> (first: Timestamp, end: Timestamp)? {
        guard let whole = MarketHours.day else { return nil }
        let moment = zone.instant(day: day, timeOfDay: timeOfDay, near: time)
        guard moment < .distantFuture, let bounds = hours.bounds(of: whole, holding: moment, zone)
        else { return nil }
        return (bounds.first, bounds.end)
    }
}

extension MarketHours {
    fileprivate static let day = Interval("1d")

    /// How long the session of a day is that is not odd, with its closing print; `nil`: around the clock.
    package var usualSession: Nanoseconds? {
        guard let day = Self.day else { return nil }
        for minute in 0..<1_440 as Range<Int64> {
            // The first of 1970 is nobody's odd day.
            let moment = Timestamp(nanoseconds: minute * 60_000_000_000)
            guard let bounds = bounds(of: day, holding: moment, .utc) else { continue }
            let length = bounds.end.since(bounds.first)
            return length.count < nanosecondsPerDay ? length : nil
        }
        return nil
    }
}
