package import TradingModel

/// What some accounts of one currency were worth, at every event of a run. A value.
package struct EquityCurve: Hashable, Sendable {
    package struct Day: Hashable, Sendable {
        /// Days since 1970, in the zone that the curve was given.
        package let day: Int64
        /// At its last event.
        package var equity: Money
    }
    /// The deepest fall from a peak, by its share of the peak.
    package struct Drawdown: Hashable, Sendable {
        package var amount: Money
        package var share: Double
        package var peakTime: Timestamp
        package var troughTime: Timestamp
        /// When the peak was reached again; `nil`: not so far.
        package var recoveredTime: Timestamp?
    }
    package let start: Money
    package private(set) var equity: Money
    package private(set) var from: Timestamp?
    package private(set) var to = Timestamp.zero
    package private(set) var days: [Day] = []
    package private(set) var deepest: Drawdown?
    package private(set) var trace = Trace()
    /// Shares of the peak, in millionths: what a drawdown chart shows.
    package private(set) var underwater = Trace()
    /// Time with something held, ns.
    package private(set) var exposed: Int64 = 0

    private let zone: ZoneOffsets
    private var peak: Money
    private var peakTime: Timestamp?
    private var wasHolding = false

    package init(start: Money, zone: ZoneOffsets) {
        self.start = start
        self.zone = zone
        equity = start
        peak = start
    }

    /// - Parameter time: Never before the last one.
    package mutating func add(_ equity: Money, at time: Timestamp, isHolding: Bool) {
        if from == nil {
            from = time
            peakTime = time
        } else if wasHolding {
            exposed += time.since(to).count
        }
        wasHolding = isHolding
        to = time
        self.equity = equity
        // A candle of a day ends at midnight and is of the day before.
        let local = time.advanced(by: zone.offset(at: time)).advanced(by: Nanoseconds(-1))
        let day = floorDivide(local.nanoseconds, nanosecondsPerDay)
        if days.last?.day == day {
            days[days.count - 1].equity = equity
        } else {
            days.append(Day(day: day, equity: equity))
        }
        trace.add(equity.units, at: time)
        fall(to: equity, at: time)
    }

    private mutating func fall(to equity: Money, at time: Timestamp) {
        guard equity < peak else {
            if deepest?.peakTime == peakTime, deepest?.recoveredTime == nil {
                deepest?.recoveredTime = time
            }
            peak = equity
            peakTime = time
            return underwater.add(0, at: time)
        }
        let share = Double((peak - equity).units) / Double(max(peak.units, 1))
        underwater.add(Int128(-share * 1e6), at: time)
        guard share > deepest?.share ?? 0, let peakTime else { return }
        deepest = Drawdown(
            amount: peak - equity, share: share, peakTime: peakTime, troughTime: time,
            recoveredTime: nil)
    }

    /// Of each day against the one before, the first against the start.
    package var dailyReturns: [Double] {
        var before = start
        return days.map { day in
            defer { before = day.equity }
            return before.units == 0
                ? 0 : Double((day.equity - before).units) / Double(before.units)
        }
    }
}
