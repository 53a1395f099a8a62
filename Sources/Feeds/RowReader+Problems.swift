/// What to say about a field that cannot be read.
extension RowReader {
    func badNumber(_ row: CSVScanner, _ index: Int, _ noun: String) -> RowProblem {
        RowProblem(
            "'\(shortened(row, index))' is not \(noun)", column: plan.names[index],
            advice: "expected plain digits such as 70100 or 0.005, not negative, up to 8 decimals "
                + "(extra_decimals: cut drops the others)")
    }

    func untradedRow(_ row: CSVScanner, _ index: Int) -> RowProblem {
        RowProblem(
            "the price is '\(shortened(row, index))': not traded?", column: plan.names[index],
            advice: "set untraded: skip to pass over such rows, or allow to take them as prices",
            kind: .untraded)
    }

    /// What the count of digits gives away: times of this century have 10 in seconds, 13 in ms.
    private func unitHint(_ text: String) -> String {
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return plan.settings.timeFormat == .iso ? "" : "; for dates leave 'unit' out"
        }
        let units = [10: "s", 13: "ms", 16: "us", 19: "ns"]
        return units[text.utf8.count].map { "; this looks like time: { unit: \($0) }" } ?? ""
    }

    func badTime(_ row: CSVScanner) -> RowProblem {
        let expected =
            switch plan.settings.timeFormat {
            case .unixSeconds: "seconds since 1970"
            case .unixMilliseconds: "ms since 1970"
            case .unixMicroseconds: "µs since 1970"
            case .unixNanoseconds: "ns since 1970"
            case .iso: "a date and time such as 2014-01-01 22:00:00.123"
            }
        guard timeOfDay >= 0 else {
            return RowProblem(
                "'\(shortened(row, time))' is not a time", column: plan.names[time],
                advice: "expected \(expected)" + unitHint(shortened(row, time)))
        }
        return RowProblem(
            "'\(shortened(row, time))' and '\(shortened(row, timeOfDay))' are not a time",
            column: plan.names[timeOfDay],
            advice: "expected a date such as 2014-01-01, and ms since its midnight")
    }

    func shortened(_ row: CSVScanner, _ index: Int) -> String {
        let text = row.text(index)
        return text.count <= 40 ? text : text.prefix(40) + "…"
    }
}
