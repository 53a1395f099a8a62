import TradingModel

/// Two times of the day: `09:00-09:30`, the second not included; past midnight when it is not later.
struct DayTime: Hashable, Sendable {
    /// Minutes since midnight, as `end`.
    let start: Int
    let end: Int

    /// - Parameter nanoseconds: Since midnight of the zone.
    func contains(_ nanoseconds: Int64) -> Bool {
        let minute = Int(nanoseconds / 60_000_000_000)
        return start < end
            ? minute >= start && minute < end : minute >= start || minute < end
    }
}
