/// An instant as people and programs read it: `2026-11-20T10:31:07.123456Z`.
///
/// - Parameters:
///   - utc: ns since 1970.
///   - digits: Decimals of the second, 0 to 9; the rest is cut.
package func timeText(utc: Int64, digits: Int = 6) -> String {
    let parts = TimeParts(utc: utc)
    return "\(parts.dateText)T\(parts.clockText(digits: digits))Z"
}

/// A calendar date and a time of day, of ns since 1970. Zones are added to the ns beforehand.
package struct TimeParts: Hashable, Sendable {
    package let year, month, day, hour, minute, second, nanosecond: Int

    /// Howard Hinnant's civil_from_days.
    package init(utc: Int64) {
        let dayLength: Int64 = 86_400_000_000_000
        var days = utc / dayLength
        var rest = utc % dayLength
        if rest < 0 {
            rest += dayLength
            days -= 1
        }
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        month = Int(shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9)
        year = Int(yearOfEra + era * 400) + (month <= 2 ? 1 : 0)
        day = Int(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
        hour = Int(rest / 3_600_000_000_000)
        minute = Int(rest / 60_000_000_000 % 60)
        second = Int(rest / 1_000_000_000 % 60)
        nanosecond = Int(rest % 1_000_000_000)
    }

    /// `2026-11-20`
    package var dateText: String { "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))" }

    /// `10:31:07.123`
    package func clockText(digits: Int = 0) -> String {
        let clock = "\(padded(hour, 2)):\(padded(minute, 2)):\(padded(second, 2))"
        return digits > 0 ? clock + "." + padded(nanosecond, 9).prefix(digits) : clock
    }
}

private func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
}
