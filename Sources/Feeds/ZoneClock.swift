import Foundation

/// Turns local wall-clock time of one zone into UTC, fast for rows of one day.
///
/// Most days have one offset, which is asked for once. On the days that change it, each row is
/// worked out: an hour that occurs twice counts as the first, one that does not exist as shifted
/// on.
struct ZoneClock {
    private let zone: TimeZone
    private let isUTC: Bool
    private var day = Int64.min
    /// Seconds east of Greenwich; at the day's begin and after its change.
    private var before: Int64 = 0
    private var after: Int64 = 0

    /// - Returns: `nil` when no zone has this IANA name.
    init?(_ identifier: String) {
        guard let zone = TimeZone(identifier: identifier) else { return nil }
        self.zone = zone
        isUTC = ["UTC", "GMT", "Etc/UTC"].contains(identifier)
    }

    /// ns since 1970, UTC.
    ///
    /// - Parameters:
    ///   - day: Days since 1970-01-01, by the local calendar; within ±100 000.
    ///   - nanoseconds: Since local midnight, by the wall clock; below two days.
    @inline(__always)
    mutating func utc(day: Int64, nanoseconds: Int64) -> Int64 {
        let local = day &* 86_400_000_000_000 &+ nanoseconds
        if isUTC { return local }
        if day != self.day { load(day) }
        if before == after { return local &- before &* 1_000_000_000 }
        return slow(local)
    }

    private mutating func load(_ day: Int64) {
        self.day = day
        // A day to both sides encloses the local day in every zone.
        before = offset(day * 86_400 - 86_400)
        after = offset(day * 86_400 + 2 * 86_400)
        if before != after, offset(day * 86_400 - before) == offset(day * 86_400 + 86_399 - after) {
            // The change is on a neighbouring day.
            before = offset(day * 86_400 - before)
            after = before
        }
    }

    private func slow(_ local: Int64) -> Int64 {
        let early = local - before * 1_000_000_000
        if offset(early / 1_000_000_000) == before { return early }
        let late = local - after * 1_000_000_000
        return offset(late / 1_000_000_000) == after ? late : early
    }

    private func offset(_ second: Int64) -> Int64 {
        Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(second))))
    }
}

/// Days from 1970-01-01 to a date of the Gregorian calendar, or `nil` if there is no such date.
///
/// 1700 to 2261, so that the ns fit 64 bits. Howard Hinnant's days_from_civil.
@inline(__always)
func daysSince1970(year: Int, month: Int, day: Int) -> Int64? {
    guard (1700...2261).contains(year), (1...12).contains(month), day >= 1, day <= 31 else {
        return nil
    }
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    if day > 28 {
        let last = month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
        guard day <= last else { return nil }
    }
    let shifted = month <= 2 ? year - 1 : year
    let era = shifted / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return Int64(
        era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468)
}
