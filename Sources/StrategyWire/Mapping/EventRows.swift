package import TradingModel

/// One event of a session as a strategy server sees it: ``EventColumns``, read backwards.
///
/// For servers written in Swift and for tests. `InstrumentID`s in it are the session's numbers.
package struct EventRow: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case tick(Tick)
        case quote(Quote)
        case candle(Candle)
        case account(AccountRow)
        case timer(time: Timestamp, interval: Interval)
        case joins(PBInstrument)
        case leaves(UInt32)
    }
    package let position: EventPosition
    /// Entry into the host; `nil` for the kinds whose columns do not carry it.
    package let entryTime: Timestamp?
    package let kind: Kind

    package init(position: EventPosition, entryTime: Timestamp? = nil, kind: Kind) {
        self.position = position
        self.entryTime = entryTime
        self.kind = kind
    }
}

/// Columns that do not make events.
package struct EventColumnsError: Error, Hashable, CustomStringConvertible {
    /// The set of columns: `ticks`, `candles`; `events` for what is wrong between them.
    package let set: String
    package let problem: String
    package var description: String { "\(set): \(problem)" }
}

extension PBEvents {
    /// The events of all kinds in their order.
    ///
    /// - Throws: ``EventColumnsError`` where columns differ in length, positions do not rise, the
    ///   count is wrong, or a value has no meaning.
    package func rows() throws(EventColumnsError) -> [EventRow] {
        var rows: [EventRow] = []
        rows.reserveCapacity(Int(count))
        try ticks?.append(to: &rows, after: previous)
        try quotes?.append(to: &rows, after: previous)
        try candles?.append(to: &rows, after: previous)
        try accountUpdates?.append(to: &rows, after: previous)
        try timers?.append(to: &rows, after: previous)
        try instrumentChanges?.append(to: &rows, after: previous)
        guard rows.count == Int(count) else {
            throw EventColumnsError(set: "events", problem: "\(rows.count) rows, count \(count)")
        }
        rows.sort { $0.position < $1.position }
        for (row, next) in zip(rows, rows.dropFirst()) where row.position == next.position {
            throw EventColumnsError(set: "events", problem: "two events at \(row.position)")
        }
        return rows
    }
}

/// A set of columns while it is read: checks lengths and order once, then hands out rows.
private struct ColumnSet {
    let name: String
    let offsets: [UInt64]
    let previous: UInt64

    init(
        _ name: String, _ offsets: [UInt64], after previous: UInt64, lengths: [Int],
        sparse: [Int] = []
    ) throws(EventColumnsError) {
        self.name = name
        self.offsets = offsets
        self.previous = previous
        guard lengths.allSatisfy({ $0 == offsets.count }),
            sparse.allSatisfy({ $0 == 0 || $0 == offsets.count })
        else { throw EventColumnsError(set: name, problem: "columns of different lengths") }
        guard zip(offsets, offsets.dropFirst()).allSatisfy(<), offsets.first != 0,
            !previous.addingReportingOverflow(offsets.last ?? 0).overflow
        else { throw EventColumnsError(set: name, problem: "positions do not rise") }
    }

    func position(_ row: Int) -> EventPosition { EventPosition(previous + offsets[row]) }

    func problem(_ text: String, _ row: Int) -> EventColumnsError {
        EventColumnsError(set: name, problem: "row \(row): \(text)")
    }

    func interval(_ nanoseconds: Int64, _ row: Int) throws(EventColumnsError) -> Interval {
        let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        guard rest == 0, let interval = Interval(seconds: seconds) else {
            throw problem("no interval: \(nanoseconds) ns", row)
        }
        return interval
    }
}

extension PBTicks {
    fileprivate func append(
        to rows: inout [EventRow], after previous: UInt64
    ) throws(EventColumnsError) {
        let set = try ColumnSet(
            "ticks", offset, after: previous,
            lengths: [
                feedTime.count, entryTime.count, instrument.count, price.count, quantity.count,
            ],
            sparse: [side.count, flags.count])
        for row in offset.indices {
            let code = side.isEmpty ? 0 : side[row]
            guard let known = UInt8(exactly: code), let side = Aggressor(rawValue: known) else {
                throw set.problem("no side: \(code)", row)
            }
            let tick = Tick(
                instrument: InstrumentID(Int(instrument[row])),
                feedTime: Timestamp(nanoseconds: feedTime[row]),
                price: Price(units: price[row]), quantity: Quantity(units: quantity[row]),
                aggressor: side)
            rows.append(
                EventRow(
                    position: set.position(row),
                    entryTime: Timestamp(nanoseconds: entryTime[row]), kind: .tick(tick)))
        }
    }
}

extension PBQuotes {
    fileprivate func append(
        to rows: inout [EventRow], after previous: UInt64
    ) throws(EventColumnsError) {
        let set = try ColumnSet(
            "quotes", offset, after: previous,
            lengths: [
                feedTime.count, entryTime.count, instrument.count, bidPrice.count,
                bidQuantity.count, askPrice.count, askQuantity.count,
            ])
        for row in offset.indices {
            let quote = Quote(
                instrument: InstrumentID(Int(instrument[row])),
                feedTime: Timestamp(nanoseconds: feedTime[row]),
                bid: Price(units: bidPrice[row]), bidQuantity: Quantity(units: bidQuantity[row]),
                ask: Price(units: askPrice[row]), askQuantity: Quantity(units: askQuantity[row]))
            rows.append(
                EventRow(
                    position: set.position(row),
                    entryTime: Timestamp(nanoseconds: entryTime[row]), kind: .quote(quote)))
        }
    }
}

extension PBCandles {
    fileprivate func append(
        to rows: inout [EventRow], after previous: UInt64
    ) throws(EventColumnsError) {
        let set = try ColumnSet(
            "candles", offset, after: previous,
            lengths: [
                interval.count, openTime.count, closeTime.count, entryTime.count,
                instrument.count, open.count, high.count, low.count, close.count, volume.count,
                flags.count,
            ],
            sparse: [volumeHigh.count])
        for row in offset.indices {
            let upper = volumeHigh.isEmpty ? 0 : volumeHigh[row]
            let candle = Candle(
                instrument: InstrumentID(Int(instrument[row])),
                interval: try set.interval(interval[row], row),
                openTime: Timestamp(nanoseconds: openTime[row]),
                open: Price(units: open[row]), high: Price(units: high[row]),
                low: Price(units: low[row]), close: Price(units: close[row]),
                volume: Volume(units: Int128(upper) << 64 | Int128(volume[row])),
                isFinal: flags[row] & 1 == 1)
            guard candle.closeTime.nanoseconds == closeTime[row] else {
                throw set.problem("close time is not open time plus interval", row)
            }
            rows.append(
                EventRow(
                    position: set.position(row),
                    entryTime: Timestamp(nanoseconds: entryTime[row]), kind: .candle(candle)))
        }
    }
}

extension PBAccountUpdates {
    fileprivate func append(
        to rows: inout [EventRow], after previous: UInt64
    ) throws(EventColumnsError) {
        let set = try ColumnSet(
            "account_updates", offset, after: previous,
            lengths: [
                time.count, instrument.count, side.count, price.count, quantity.count, fee.count,
                position.count, averagePrice.count, cash.count,
            ])
        for row in offset.indices {
            guard side[row] == 1 || side[row] == 2 else {
                throw set.problem("no side: \(side[row])", row)
            }
            let update = AccountRow(
                time: Timestamp(nanoseconds: time[row]), instrument: instrument[row],
                side: side[row] == 1 ? .buy : .sell, price: Price(units: price[row]),
                quantity: Quantity(units: quantity[row]), fee: money(fee[row]),
                held: Quantity(units: position[row]),
                averagePrice: Price(units: averagePrice[row]), cash: money(cash[row]))
            rows.append(EventRow(position: set.position(row), kind: .account(update)))
        }
    }

    private func money(_ units: Int64) -> Money {
        Money(units: Int128(units) * Int128(fixedPointScale))
    }
}

extension PBTimers {
    fileprivate func append(
        to rows: inout [EventRow], after previous: UInt64
    ) throws(EventColumnsError) {
        let set = try ColumnSet(
            "timers", offset, after: previous, lengths: [time.count, interval.count])
        for row in offset.indices {
            let interval = try set.interval(interval[row], row)
            let time = Timestamp(nanoseconds: time[row])
            rows.append(
                EventRow(
                    position: set.position(row), kind: .timer(time: time, interval: interval)))
        }
    }
}

extension PBInstrumentChanges {
    fileprivate func append(
        to rows: inout [EventRow], after previous: UInt64
    ) throws(EventColumnsError) {
        let set = try ColumnSet(
            "instrument_changes", offset, after: previous,
            lengths: [added.count, instruments.count])
        for row in offset.indices {
            let instrument = instruments[row]
            rows.append(
                EventRow(
                    position: set.position(row),
                    kind: added[row] ? .joins(instrument) : .leaves(instrument.number)))
        }
    }
}
