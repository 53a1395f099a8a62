import TradingModel

/// A month of UTC, which has a partition of bars of its own.
struct BarMonth: Hashable, Comparable {
    /// Months since January of the year 0.
    private let number: Int64
    private static let perDay: Int64 = 86_400_000_000_000

    init(holding time: Timestamp) {
        let (days, rest) = time.nanoseconds.quotientAndRemainder(dividingBy: Self.perDay)
        let (year, month) = Self.civil(rest < 0 ? days - 1 : days)
        number = year * 12 + month - 1
    }

    private init(number: Int64) { self.number = number }

    /// `market_bars_2026_11`.
    var partition: String {
        let month = number % 12 + 1
        return "market_bars_\(number / 12)_\(month < 10 ? "0" : "")\(month)"
    }

    /// What a partition's range begins and ends with, in ns. Times do not reach beyond the ends of 64 bits.
    var range: (from: String, to: String) {
        (
            begin.map(String.init) ?? "MINVALUE",
            BarMonth(number: number + 1).begin.map(String.init) ?? "MAXVALUE"
        )
    }

    /// ns since 1970; `nil` where 64 bits do not hold it.
    private var begin: Int64? {
        let days = Self.days(year: number / 12, month: number % 12 + 1)
        let (begin, overflow) = days.multipliedReportingOverflow(by: Self.perDay)
        return overflow ? nil : begin
    }

    static func < (a: BarMonth, b: BarMonth) -> Bool { a.number < b.number }

    // Years count from March here, so that the leap day is a year's last.
    // https://howardhinnant.github.io/date_algorithms.html, for years from 1 on.

    private static func civil(_ days: Int64) -> (year: Int64, month: Int64) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let day = shifted % 146_097
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365
        let month = (5 * (day - (365 * year + year / 4 - year / 100)) + 2) / 153
        return (year + era * 400 + (month >= 10 ? 1 : 0), month < 10 ? month + 3 : month - 9)
    }

    /// Of the month's first day, since 1970.
    private static func days(year: Int64, month: Int64) -> Int64 {
        let marched = month > 2 ? year : year - 1
        let era = marched / 400
        let of = marched % 400
        let day = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5
        return era * 146_097 + of * 365 + of / 4 - of / 100 + day - 719_468
    }
}
