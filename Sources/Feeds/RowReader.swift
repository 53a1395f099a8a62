import Ports
import TradingModel

/// Turns the fields of a row into a market input. No text is copied unless something is wrong.
// One owner, and a class: a value of this size would be copied for each row.
final class RowReader {
    private typealias Field = CSVFeedSettings.Field

    let plan: CSVPlan
    private let untraded: CSVFeedSettings.Untraded
    let content: CSVFeedSettings.Content
    private let isBlankVolumeZero: Bool
    private let isCutting: Bool
    @exclusivity(unchecked) var times: TimeReader
    /// Decimals of a time that is a number; -1: it is none.
    let timeDecimals: Int
    let symbols: SymbolCache
    /// What a word of one letter says of the side, by that letter; as nearly all are.
    let letters: [Aggressor?]
    let priceDecimals, quantityDecimals: Int
    /// For a file of one instrument.
    let instrument: InstrumentID?
    let constantTime: Int64?
    // Places in a row; -1: no such column.
    let time, timeOfDay, symbol: Int
    let price, quantity, side: Int
    private let bid, bidSize, ask, askSize: Int
    private let open, high, low, close, volume: Int

    init(_ plan: CSVPlan, resolve: @escaping @Sendable (String) -> InstrumentID?) throws(FeedError)
    {
        let settings = plan.settings
        self.plan = plan
        untraded = settings.untraded
        content = settings.content
        isBlankVolumeZero = settings.isBlankVolumeZero
        isCutting = settings.extraDecimals == .cut
        (priceDecimals, quantityDecimals) = (plan.priceDecimals, plan.quantityDecimals)
        guard let zone = ZoneClock(settings.zone) else {
            throw FeedError(
                "there is no time zone '\(settings.zone)'", at: settings.path,
                advice: "give an IANA name such as Asia/Seoul or America/New_York")
        }
        times = TimeReader(settings.timeFormat, zone: zone)
        let isNumber = settings.constantTime == nil && plan.index(.timeOfDay) < 0
        timeDecimals = isNumber ? settings.timeFormat.decimals ?? -1 : -1
        constantTime = try Self.constantTime(settings, zone)
        symbols = SymbolCache(resolve)
        var letters = [Aggressor?](repeating: nil, count: 256)
        for side in plan.sides where side.word.count == 1 {
            letters[Int(side.word[0])] = side.aggressor
        }
        self.letters = letters
        instrument = try settings.symbol.map { (symbol) throws(FeedError) -> InstrumentID in
            guard let instrument = resolve(symbol) else {
                throw FeedError(
                    "'\(symbol)' is not among the instruments", at: settings.path,
                    advice: "add it to instruments, or change the feed's symbol")
            }
            return instrument
        }
        (time, timeOfDay, symbol) = (plan.index(.time), plan.index(.timeOfDay), plan.index(.symbol))
        (price, quantity, side) = (plan.index(.price), plan.index(.quantity), plan.index(.side))
        (bid, bidSize) = (plan.index(.bid), plan.index(.bidSize))
        (ask, askSize) = (plan.index(.ask), plan.index(.askSize))
        (open, high, low) = (plan.index(.open), plan.index(.high), plan.index(.low))
        (close, volume) = (plan.index(.close), plan.index(.volume))
    }

    /// - Returns: `nil` for a row of a symbol that is not traded here.
    @inline(__always)
    func read(_ row: CSVScanner) throws(RowProblem) -> MarketInput? {
        guard let instrument = try instrument(of: row) else { return nil }
        let time = Timestamp(nanoseconds: try timestamp(of: row))
        switch content {
        case .ticks: return .tick(try tick(row, instrument, time))
        case .quotes: return .quote(try quote(row, instrument, time))
        case .candles(let interval, let end):
            return .candle(try candle(row, instrument, time, interval, end))
        }
    }

    var hasLocalTimes: Bool { times.hasLocalTimes }

    // MARK: What all rows have

    @inline(__always)
    private func instrument(of row: CSVScanner) throws(RowProblem) -> InstrumentID? {
        if let instrument { return instrument }
        if let known = symbols.instrument(row.field(symbol)) { return known }
        guard plan.settings.unknownSymbols == .stop else { return nil }
        throw RowProblem(
            "'\(row.text(symbol))' is not among the instruments", column: plan.names[symbol],
            advice: "add it to instruments, or set unknown_symbols: skip")
    }

    @inline(__always)
    private func timestamp(of row: CSVScanner) throws(RowProblem) -> Int64 {
        if timeDecimals >= 0 {
            guard let read = fixedField(row.field(time), decimals: timeDecimals) else {
                throw badTime(row)
            }
            return read
        }
        if let constantTime { return constantTime }
        let read =
            timeOfDay < 0
            ? times.read(row.field(time))
            : times.read(date: row.field(time), milliseconds: row.field(timeOfDay))
        guard let read else { throw badTime(row) }
        return read
    }

    // MARK: Contents

    @inline(__always)
    private func tick(
        _ row: CSVScanner, _ instrument: InstrumentID, _ time: Timestamp
    ) throws(RowProblem) -> Tick {
        Tick(
            instrument: instrument, feedTime: time, price: try tradedPrice(row, price),
            quantity: quantity < 0 ? .zero : try size(row, quantity),
            aggressor: side < 0 ? .unknown : try aggressor(row))
    }

    @inline(__always)
    private func quote(
        _ row: CSVScanner, _ instrument: InstrumentID, _ time: Timestamp
    ) throws(RowProblem) -> Quote {
        let quote = Quote(
            instrument: instrument, feedTime: time, bid: try sidePrice(row, bid),
            bidQuantity: bidSize < 0 ? .zero : try sideSize(row, bidSize),
            ask: try sidePrice(row, ask),
            askQuantity: askSize < 0 ? .zero : try sideSize(row, askSize))
        if quote.bid == .zero, quote.ask == .zero, untraded != .allow {
            throw RowProblem(
                "neither side is quoted", column: plan.names[bid],
                advice: "set untraded: skip to pass over such rows", kind: .untraded)
        }
        if (quote.bid == .zero && quote.bidQuantity != .zero)
            || (quote.ask == .zero && quote.askQuantity != .zero), untraded != .allow
        {
            throw RowProblem("a side has a size and no price", column: plan.names[bid])
        }
        return quote
    }

    @inline(__always)
    private func candle(
        _ row: CSVScanner, _ instrument: InstrumentID, _ time: Timestamp, _ interval: Interval,
        _ end: CSVFeedSettings.CandleTime
    ) throws(RowProblem) -> Candle {
        let length = Nanoseconds(end == .open ? 0 : -interval.nanoseconds)
        let candle = Candle(
            instrument: instrument, interval: interval, openTime: time.advanced(by: length),
            open: try tradedPrice(row, open), high: try tradedPrice(row, high),
            low: try tradedPrice(row, low), close: try tradedPrice(row, close),
            volume: volume < 0 ? .zero : try wideVolume(row))
        guard candle.high >= max(candle.open, candle.close),
            candle.low <= min(candle.open, candle.close)
        else {
            throw RowProblem(
                "high \(candle.high) and low \(candle.low) do not enclose open \(candle.open) "
                    + "and close \(candle.close)", column: plan.names[high],
                advice: "check the columns' names, or set bad_rows: skip")
        }
        return candle
    }

    // MARK: Numbers

    @inline(__always)
    private func fixed(_ text: UnsafeBufferPointer<UInt8>, decimals: Int) -> Int64? {
        if let units = fixedField(text, decimals: decimals) { return units }
        guard isCutting else { return nil }
        return fixedDecimal(withoutExtraDecimals(text, decimals: decimals), decimals: decimals)
    }

    @inline(__always)
    private func wide(_ text: UnsafeBufferPointer<UInt8>, decimals: Int) -> Int128? {
        if let units = fixedField(text, decimals: decimals) { return Int128(units) }
        if let units = wideDecimal(text, decimals: decimals) { return units }
        guard isCutting else { return nil }
        return wideDecimal(withoutExtraDecimals(text, decimals: decimals), decimals: decimals)
    }

    @inline(__always)
    private func tradedPrice(_ row: CSVScanner, _ index: Int) throws(RowProblem) -> Price {
        let text = row.field(index)
        guard let units = fixed(text, decimals: priceDecimals) else {
            throw isBlank(text) ? untradedRow(row, index) : badNumber(row, index, "a price")
        }
        guard units > 0 || untraded == .allow else { throw untradedRow(row, index) }
        return Price(units: units)
    }

    /// A side of a quote: zero or blank where it is not quoted.
    @inline(__always)
    private func sidePrice(_ row: CSVScanner, _ index: Int) throws(RowProblem) -> Price {
        let text = row.field(index)
        guard let units = fixed(text, decimals: priceDecimals) else {
            guard isBlank(text) else { throw badNumber(row, index, "a price") }
            return .zero
        }
        guard units >= 0 || untraded == .allow else { throw untradedRow(row, index) }
        return Price(units: units)
    }

    @inline(__always)
    private func size(_ row: CSVScanner, _ index: Int) throws(RowProblem) -> Quantity {
        let text = row.field(index)
        guard let units = fixed(text, decimals: quantityDecimals), units >= 0 else {
            if isBlankVolumeZero, isBlank(text) { return .zero }
            throw badNumber(row, index, "a quantity")
        }
        return Quantity(units: units)
    }

    @inline(__always)
    private func sideSize(_ row: CSVScanner, _ index: Int) throws(RowProblem) -> Quantity {
        isBlank(row.field(index)) ? .zero : try size(row, index)
    }

    @inline(__always)
    private func wideVolume(_ row: CSVScanner) throws(RowProblem) -> Volume {
        let text = row.field(volume)
        guard let units = wide(text, decimals: quantityDecimals), units >= 0 else {
            if isBlankVolumeZero, isBlank(text) { return .zero }
            throw badNumber(row, volume, "a volume")
        }
        return Volume(units: units)
    }

    @inline(__always)
    private func aggressor(_ row: CSVScanner) throws(RowProblem) -> Aggressor {
        let text = row.field(side)
        if text.count == 1, let aggressor = letters[Int(text[0])] { return aggressor }
        return try rareAggressor(row, text)
    }

    @inline(never)
    private func rareAggressor(
        _ row: CSVScanner, _ text: UnsafeBufferPointer<UInt8>
    ) throws(RowProblem) -> Aggressor {
        for side in plan.sides where isSameText(side.word, text) {
            return side.aggressor
        }
        if text.isEmpty { return .unknown }
        let words = plan.sides.map { String(decoding: $0.word, as: UTF8.self) }
        throw RowProblem(
            "'\(shortened(row, side))' is no side", column: plan.names[side],
            advice: "expected one of \(words.joined(separator: ", "))")
    }

    @inline(__always)
    private func isBlank(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        text.isEmpty || (text.count == 1 && text[0] == UInt8(ascii: "-"))
    }

    private static func constantTime(
        _ settings: CSVFeedSettings, _ zone: ZoneClock
    ) throws(FeedError) -> Int64? {
        guard let text = settings.constantTime else { return nil }
        var reader = TimeReader(.iso, zone: zone)
        guard let time = Array(text.utf8).withUnsafeBufferPointer({ reader.read($0) }) else {
            throw FeedError(
                "'\(text)' is not a time", at: settings.path,
                advice: "expected a date and time such as 2014-01-01 22:00:00")
        }
        return time
    }
}
