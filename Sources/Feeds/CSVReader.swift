import Ports
import TradingModel

/// Reads one CSV file's rows in order, by its plan.
///
/// A row that is far ahead of the one before waits for the one after: where that is back again, the stamp was
/// wrong, and would have moved the market's clock, its candles and the account's day.
// One owner: what every row touches is not asked anew each time whether somebody else is at it.
final class CSVReader: RecordedReader {
    let scanner: CSVScanner
    private let settings: CSVFeedSettings
    let rowReader: RowReader
    let plan: CSVPlan
    private let report: (FeedCounts) -> Void
    @exclusivity(unchecked) var counts = FeedCounts()
    /// Of the row before; the end of time while a row waits.
    @exclusivity(unchecked) var latest = Int64.min
    /// Of the last row that could be read, in order or not.
    @exclusivity(unchecked) var before = Int64.min
    /// When the last candle of each instrument began.
    @exclusivity(unchecked) private var opens: [Int64] = []
    private var ahead: RowAhead?
    /// Read, and not given yet for want of room.
    @exclusivity(unchecked) private var waiting: MarketInput?
    @exclusivity(unchecked) var dataRows = 0
    private var failure: FeedError?
    let isPlain: Bool
    /// Looks in a row that found no plain rows.
    @exclusivity(unchecked) var misses = 0

    /// Reads the header.
    init(
        _ scanner: CSVScanner, settings: CSVFeedSettings,
        resolve: @escaping @Sendable (String) -> InstrumentID?,
        report: @escaping (FeedCounts) -> Void
    ) throws(FeedError) {
        guard try scanner.nextRow() else {
            throw FeedError(
                "the file is empty", at: settings.path, advice: "the first line names the columns")
        }
        let plan = try CSVPlan(settings, header: scanner)
        self.plan = plan
        rowReader = try RowReader(plan, resolve: resolve)
        self.scanner = scanner
        self.settings = settings
        self.report = report
        isPlain = plan.filters.isEmpty
    }

    func read(into rows: inout [MarketInput], limit: Int) throws(FeedError) -> Bool {
        if let failure { throw failure }
        defer {
            counts.hasLocalTimes = rowReader.hasLocalTimes
            report(counts)
        }
        rows.reserveCapacity(rows.count + min(limit, 1 << 16))
        var appended = 0
        do throws(FeedError) {
            while appended < limit {
                if let row = waiting {
                    waiting = nil
                    give(row, to: &rows)
                    appended += 1
                    continue
                }
                appended += readPlainTicks(into: &rows, most: limit - appended)
                guard appended < limit else { break }
                guard try scanner.nextRow() else {
                    try checkForRows()
                    if let row = ahead?.row { give(row, to: &rows) }
                    ahead = nil
                    return false
                }
                dataRows += 1
                if try readRow(into: &rows) { appended += 1 }
            }
            return true
        } catch {
            if let row = ahead?.row { give(row, to: &rows) }
            ahead = nil
            failure = error
            throw error
        }
    }

    var fraction: Double { scanner.fraction }

    /// - Returns: Whether the row was appended.
    @inline(__always)
    private func readRow(into rows: inout [MarketInput]) throws(FeedError) -> Bool {
        do throws(RowProblem) {
            guard scanner.fieldCount == plan.fieldCount else { throw wrongFieldCount() }
            guard isPlain || isWanted() else { return false }
            guard let row = try rowReader.read(scanner) else {
                counts.skipped += 1
                return false
            }
            return try take(row, into: &rows)
        } catch {
            let isSkipped =
                error.kind == .bad ? settings.badRows == .skip : settings.untraded == .skip
            guard isSkipped else { throw refused(error) }
            counts.skipped += 1
            return false
        }
    }

    @inline(__always)
    private func take(_ row: MarketInput, into rows: inout [MarketInput]) throws(RowProblem) -> Bool
    {
        let time = row.time.nanoseconds
        // Of the same bytes, the row before was read too, and has this time.
        let isLikely = time == before
        before = time
        if isLikely, scanner.isSameAsBefore, dataRows > 1 {
            counts.duplicates += 1
            if settings.duplicates == .drop { return false }
        }
        // Ahead by more than a day, or back at all; no row is behind the end of time.
        guard UInt64(bitPattern: time &- latest) <= UInt64(RowAhead.most) else {
            return try takeOdd(row, into: &rows)
        }
        latest = time
        give(row, to: &rows)
        return true
    }

    @inline(__always)
    private func give(_ row: MarketInput, to rows: inout [MarketInput]) {
        counts.rows += 1
        if case .candle(let candle) = row { noteOverlap(candle) }
        rows.append(row)
    }

    /// A row that jumps, steps back, or follows one that jumped.
    ///
    /// - Returns: Whether a row was appended: this one, or the one that waited.
    @inline(never)
    private func takeOdd(
        _ row: MarketInput, into rows: inout [MarketInput]
    ) throws(RowProblem) -> Bool {
        let time = row.time.nanoseconds
        var hasGiven = false
        if let before = ahead {
            ahead = nil
            latest = before.latest
            if before.isWrong(beside: time) {
                let problem = before.problem(column: plan.settings.columns[.time] ?? "")
                guard settings.badRows == .skip else { throw problem }
                counts.skipped += 1
            } else {
                latest = before.row.time.nanoseconds
                give(before.row, to: &rows)
                hasGiven = true
            }
        }
        if RowAhead.isFar(time, from: latest) {
            ahead = RowAhead(row: row, latest: latest, line: scanner.line)
            latest = .max
            return hasGiven
        }
        if time < latest {
            counts.stepsBack += 1
            if counts.stepsBack == 1 { counts.lineOfStepBack = scanner.line }
            switch settings.stepsBack {
            case .keep: break
            case .drop: return hasGiven
            case .stop:
                throw RowProblem(
                    "the time is earlier than the row before",
                    column: plan.settings.columns[.time] ?? "",
                    advice: "sort the file, or set steps_back: keep or drop")
            }
        }
        latest = time
        if hasGiven { waiting = row } else { give(row, to: &rows) }
        return true
    }

    private func noteOverlap(_ candle: Candle) {
        let index = Int(candle.instrument.index)
        while opens.count <= index { opens.append(.min) }
        let (before, open) = (opens[index], candle.openTime.nanoseconds)
        opens[index] = open
        let length = candle.interval.nanoseconds
        // A day on which the clocks go forward is an hour shorter.
        let least = length < nanosecondsPerDay ? length : length - 3_600_000_000_000
        guard before != .min, open > before, UInt64(bitPattern: open &- before) < UInt64(least)
        else { return }
        counts.overlaps += 1
        if counts.overlaps == 1 { counts.lineOfOverlap = scanner.line }
    }

    private func isWanted() -> Bool {
        for filter in plan.filters where !isSameText(filter.value, scanner.field(filter.index)) {
            return false
        }
        return true
    }

    private func wrongFieldCount() -> RowProblem {
        let count = scanner.fieldCount
        let isCutShort = scanner.isAtLastRow && count < plan.fieldCount
        return RowProblem(
            "the row has \(count) field\(count == 1 ? "" : "s"), the header \(plan.fieldCount)",
            advice: isCutShort
                ? "it is the last row: was the file cut short, or is it still being written?"
                : "quote fields that hold the separator, or set bad_rows: skip")
    }

    private func checkForRows() throws(FeedError) {
        guard dataRows == 0 else { return }
        throw FeedError(
            "the file has a header and no rows", at: settings.path, advice: "record it again")
    }

    private func refused(_ problem: RowProblem) -> FeedError {
        let place = "\(settings.path):\(problem.line ?? scanner.line)"
        return FeedError(
            problem.what,
            at: problem.column.isEmpty ? place : "\(place): column '\(problem.column)'",
            advice: problem.advice)
    }
}
