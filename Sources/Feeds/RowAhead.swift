import TradingModel

/// A row far ahead of the one before it: a gap, or a wrong stamp. The row after it tells.
struct RowAhead {
    /// A stamp is wrong that is further ahead of both its neighbours, ns: a day.
    static let most: Int64 = 86_400_000_000_000

    let row: MarketInput
    /// Time of the row before; the beginning of time for the first.
    let latest: Int64
    let line: Int

    /// Whether `time` is more than ``most`` ahead of `other`.
    static func isFar(_ time: Int64, from other: Int64) -> Bool {
        let (distance, overflow) = time.subtractingReportingOverflow(other)
        return overflow ? time > other : distance > most
    }

    /// - Parameter time: Of the row after it.
    func isWrong(beside time: Int64) -> Bool { Self.isFar(row.time.nanoseconds, from: time) }

    func problem(column: String) -> RowProblem {
        var problem = RowProblem(
            "the time is more than a day ahead of the row after it"
                + (latest == .min ? "" : " and of the row before it"), column: column,
            advice: "correct the time, sort the file if it is in no order of time, or set "
                + "bad_rows: skip to leave such rows out")
        problem.line = line
        return problem
    }
}
