import Glibc
import TradingModel

/// Rows of ticks about which there is nothing to ask, one after the other.
extension CSVReader {
    /// Where rows are never plain, one in so many is looked at.
    private static let missesInARow = 8
    private static let lookEvery = 64

    /// Reads rows as long as each is a tick in order that can be read at once; the row behind them must be asked about
    /// everything, and would have been answered the same.
    ///
    /// - Returns: How many.
    func readPlainTicks(into rows: inout [MarketInput], most: Int) -> Int {
        guard isPlain, rowReader.isOfTicks,
            misses < Self.missesInARow || dataRows % Self.lookEvery == 0
        else { return 0 }
        let fieldCount = plan.fieldCount
        var plain = scanner.plainRows
        var (count, latest, before) = (0, latest, before)
        var (last, next) = (plain.last, plain.next)
        while count < most, plain.advance(fields: fieldCount),
            let tick = rowReader.plainTick(plain)
        {
            let time = tick.feedTime.nanoseconds
            // Ahead by more than a day, or back at all, or the same row once more.
            guard UInt64(bitPattern: time &- latest) <= UInt64(RowAhead.most),
                time != before || !plain.isSame(as: last, fields: fieldCount)
            else { break }
            rows.append(.tick(tick))
            (latest, before) = (time, time)
            (last, next) = (plain.row(fields: fieldCount), plain.next)
            count &+= 1
        }
        misses = count > 0 ? 0 : misses + 1
        scanner.pass(count, last: last, next: next)
        (self.latest, self.before) = (latest, before)
        counts.rows += count
        dataRows += count
        return count
    }
}

extension RowReader {
    /// Whether rows are ticks, of which ``plainTick(_:)`` reads most.
    var isOfTicks: Bool { content == .ticks && constantTime == nil }

    /// A tick's row as nearly all are.
    ///
    /// - Returns: `nil` where there is something to ask about it: ``read(_:)`` asks, and says the same of all that is
    ///   read here.
    @inline(__always)
    func plainTick(_ row: PlainRows) -> Tick? {
        guard let instrument = instrument ?? symbols.instrument(row.field(symbol)),
            let time = plainTime(row),
            let units = fixedField(row.field(price), decimals: priceDecimals), units > 0
        else { return nil }
        var tick = Tick(
            instrument: instrument, feedTime: Timestamp(nanoseconds: time),
            price: Price(units: units), quantity: .zero)
        if quantity >= 0 {
            guard let units = fixedField(row.field(quantity), decimals: quantityDecimals),
                units >= 0
            else { return nil }
            tick.quantity = Quantity(units: units)
        }
        if side >= 0 {
            let text = row.field(side)
            guard text.count == 1, let aggressor = letters[Int(text[0])] else { return nil }
            tick.aggressor = aggressor
        }
        return tick
    }

    @inline(__always)
    private func plainTime(_ row: PlainRows) -> Int64? {
        if timeDecimals >= 0 { return fixedField(row.field(time), decimals: timeDecimals) }
        return timeOfDay < 0
            ? times.read(row.field(time))
            : times.read(date: row.field(time), milliseconds: row.field(timeOfDay))
    }
}
