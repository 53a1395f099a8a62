public import TradingModel

extension Kernel {
    /// How far an event may be before its account's day without taking it back: what feeds come late by.
    private static var dayTolerance: Nanoseconds { .seconds(3_600) }

    /// The account's day begins with the first event past the end of the day before.
    ///
    /// An event far before it takes it back: a wrong stamp had begun it. A day that was begun before goes on from
    /// its own base, so that what it lost stays lost.
    @usableFromInline @inline(never)
    mutating func startDays(at time: Timestamp, into effects: inout Effects) {
        var (floor, end) = (Timestamp(nanoseconds: .min), Timestamp.distantFuture)
        for index in 0..<accounts.count {
            let zone = plan.accounts[index].zone
            let day = zone.day(of: time)
            let nextDay = zone.endOfDay(of: time)
            let isJustBefore =
                accounts[index].day == day + 1
                && nextDay.since(time) <= Self.dayTolerance
            let state = accounts[index]
            if state.day != day, !isJustBefore, !state.isPast(day) {
                let account = AccountID(index)
                let equity =
                    state.base(of: day) ?? equity(of: account) ?? state.equityAtDayStart
                emit(.dayStarted(account, day: day, equity: equity), into: &effects)
            }
            let start = isJustBefore ? nextDay : zone.startOfDay(of: time)
            floor = max(floor, start.advanced(by: Nanoseconds(-Self.dayTolerance.count)))
            end = min(end, nextDay)
        }
        dayFloor = floor
        dayLength = UInt64(bitPattern: end.nanoseconds &- floor.nanoseconds)
    }
}
