package import TradingModel

/// Returns of calendar months, from the worth at the end of each.
package struct MonthTable: Hashable, Sendable {
    package struct Month: Hashable, Sendable {
        package let year: Int
        /// From 1.
        package let month: Int
        package var profit: Money
        package var yield: Double
    }
    package private(set) var months: [Month] = []

    package init(_ curve: EquityCurve) {
        var before = curve.start
        var at = 0
        while at < curve.days.count {
            let (year, month) = Self.month(of: curve.days[at].day)
            var end = at
            while end + 1 < curve.days.count,
                Self.month(of: curve.days[end + 1].day) == (year, month)
            {
                end += 1
            }
            let equity = curve.days[end].equity
            let yield =
                before.units == 0 ? 0 : Double((equity - before).units) / Double(before.units)
            months.append(Month(year: year, month: month, profit: equity - before, yield: yield))
            before = equity
            at = end + 1
        }
    }

    package var years: [Int] {
        var years: [Int] = []
        for month in months where years.last != month.year { years.append(month.year) }
        return years
    }

    /// Of the months of a year, one upon the other.
    package func yield(of year: Int) -> Double {
        months.filter { $0.year == year }.reduce(1) { $0 * (1 + $1.yield) } - 1
    }

    /// Source: Howard Hinnant, chrono-compatible low-level date algorithms, `civil_from_days`.
    package static func month(of day: Int64) -> (year: Int, month: Int) {
        let date = date(of: day)
        return (date.year, date.month)
    }

    package static func date(of day: Int64) -> (year: Int, month: Int, day: Int) {
        let shifted = day + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let civil = Int(month < 10 ? month + 3 : month - 9)
        return (
            Int(yearOfEra + era * 400) + (civil <= 2 ? 1 : 0), civil,
            Int(dayOfYear - (153 * month + 2) / 5 + 1)
        )
    }
}
