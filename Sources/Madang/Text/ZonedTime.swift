import Platform
import TradingModel

/// Instants as a zone's clock shows them, and back.
struct ZonedTime {
    let zone: ZoneOffsets
    /// IANA name, shown behind times that stand alone.
    let name: String

    init(zone: ZoneOffsets, name: String) {
        self.zone = zone
        self.name = name
    }

    /// Of the first account.
    init(of configuration: HostConfiguration) {
        let name = configuration.accounts.first?.timeZone ?? "UTC"
        self.init(zone: Zones.offsets(of: name) ?? .utc, name: name)
    }

    /// `2026-11-20`
    func date(_ time: Timestamp) -> String { parts(time).dateText }
    /// `10:31:06.123`
    func clock(_ time: Timestamp) -> String { parts(time).clockText(digits: 3) }
    /// `2026-11-20 10:31:06.123`
    func text(_ time: Timestamp) -> String { "\(date(time)) \(clock(time))" }
    /// `2026-11-20T01:31:06.123456Z`, whatever the zone.
    static func utc(_ time: Timestamp) -> String { timeText(utc: time.nanoseconds) }

    private func parts(_ time: Timestamp) -> TimeParts {
        TimeParts(utc: time.advanced(by: zone.offset(at: time)).nanoseconds)
    }

    /// Reads `10:31`, `10:31:06.5`, `2026-11-20`, `2026-11-20T10:31:06`, with `Z` behind it for UTC.
    ///
    /// What is named coarsely is meant to its end: `10:31` is through 10:31:59.999…, a date through its last
    /// instant.
    /// - Parameter day: Whose date a time of day is of.
    /// - Returns: `nil` for anything else.
    func moment(_ text: String, day: Timestamp) -> Timestamp? {
        var text = Substring(text)
        let isUTC = text.hasSuffix("Z")
        if isUTC { text.removeLast() }
        let parts = text.split(
            maxSplits: 1, omittingEmptySubsequences: false,
            whereSeparator: { $0 == "T" || $0 == " " })
        let clock = isUTC ? ZonedTime(zone: .utc, name: "UTC") : self
        if parts.count == 1, !text.contains(":") {
            guard let date = Self.days(text) else { return nil }
            return clock.instant(date, through: nanosecondsPerDay - 1)
        }
        let today = clock.zone.day(of: day)
        guard let date = parts.count == 2 ? Self.days(parts[0]) : today,
            let time = parts.last.flatMap(Self.lastInstant)
        else { return nil }
        return clock.instant(date, through: time)
    }

    private func instant(_ day: Int64, through time: Int64) -> Timestamp? {
        let (midnight, overflow) = day.multipliedReportingOverflow(by: nanosecondsPerDay)
        guard !overflow else { return nil }
        let local = Timestamp(nanoseconds: midnight).advanced(by: Nanoseconds(time))
        let guess = local.advanced(by: Nanoseconds(-zone.offset(at: local).count))
        return local.advanced(by: Nanoseconds(-zone.offset(at: guess).count))
    }

    /// Days since 1970 of `2026-11-20`. By Howard Hinnant's days_from_civil.
    private static func days(_ text: Substring) -> Int64? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].utf8.count == 4, let year = number(parts[0], 1...9_999),
            let month = number(parts[1], 1...12), let day = number(parts[2], 1...31)
        else { return nil }
        let shifted = month <= 2 ? year - 1 : year
        let era = floorDivide(shifted, 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let yearOfEra = shifted - era * 400
        let days =
            era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
        // The 31st of a shorter month is no date.
        let back = TimeParts(utc: days * nanosecondsPerDay)
        return back.day == Int(day) ? days : nil
    }

    /// ns since midnight of the last instant that `10:31`, `10:31:06` or `10:31:06.5` names.
    private static func lastInstant(_ text: Substring) -> Int64? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), let hour = number(parts[0], 0...23),
            let minute = number(parts[1], 0...59)
        else { return nil }
        let start = (hour * 60 + minute) * 60_000_000_000
        guard parts.count == 3 else { return start + 59_999_999_999 }
        let second = parts[2].split(
            separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = number(second[0], 0...59) else { return nil }
        guard second.count == 2 else { return start + whole * 1_000_000_000 + 999_999_999 }
        let digits = second[1]
        guard (1...9).contains(digits.utf8.count),
            let fraction = number(
                digits + String(repeating: "9", count: 9 - digits.utf8.count), 0...999_999_999)
        else { return nil }
        return start + whole * 1_000_000_000 + fraction
    }

    private static func number(_ text: some StringProtocol, _ range: ClosedRange<Int64>) -> Int64? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }),
            let number = Int64(text), range.contains(number)
        else { return nil }
        return number
    }
}
