// The sets of columns that a busy market fills, while a message is gathered. They go onto the wire
// from here, without becoming the generated messages first; field numbers are theirs.

struct TickColumns: ~Copyable {
    var offset = WireColumn<UInt64>()
    var feedTime = WireColumn<Int64>()
    var entryTime = WireColumn<Int64>()
    var instrument = WireColumn<UInt32>()
    var price = WireColumn<Int64>()
    var quantity = WireColumn<Int64>()
    var side = WireColumn<UInt32>()

    mutating func removeRows() {
        offset.removeAll()
        feedTime.removeAll()
        entryTime.removeAll()
        instrument.removeAll()
        price.removeAll()
        quantity.removeAll()
        side.removeAll()
    }

    func message() -> PBTicks? {
        guard !offset.isEmpty else { return nil }
        return PBTicks(
            offset: offset.values, feedTime: feedTime.values, entryTime: entryTime.values,
            instrument: instrument.values, price: price.values, quantity: quantity.values,
            side: side.values)
    }

    /// As ``PBTicks`` writes them.
    func write(to writer: inout WireWriter) {
        writer.packed(side, tag: 7 << 3 | 2)
        writer.packed(quantity, tag: 6 << 3 | 2)
        writer.packed(price, tag: 5 << 3 | 2)
        writer.packed(instrument, tag: 4 << 3 | 2)
        writer.packed(entryTime, tag: 3 << 3 | 2)
        writer.packed(feedTime, tag: 2 << 3 | 2)
        writer.packed(offset, tag: 1 << 3 | 2)
    }
}

struct QuoteColumns: ~Copyable {
    var offset = WireColumn<UInt64>()
    var feedTime = WireColumn<Int64>()
    var entryTime = WireColumn<Int64>()
    var instrument = WireColumn<UInt32>()
    var bidPrice = WireColumn<Int64>()
    var bidQuantity = WireColumn<Int64>()
    var askPrice = WireColumn<Int64>()
    var askQuantity = WireColumn<Int64>()

    mutating func removeRows() {
        offset.removeAll()
        feedTime.removeAll()
        entryTime.removeAll()
        instrument.removeAll()
        bidPrice.removeAll()
        bidQuantity.removeAll()
        askPrice.removeAll()
        askQuantity.removeAll()
    }

    func message() -> PBQuotes? {
        guard !offset.isEmpty else { return nil }
        return PBQuotes(
            offset: offset.values, feedTime: feedTime.values, entryTime: entryTime.values,
            instrument: instrument.values, bidPrice: bidPrice.values,
            bidQuantity: bidQuantity.values, askPrice: askPrice.values,
            askQuantity: askQuantity.values)
    }

    /// As ``PBQuotes`` writes them.
    func write(to writer: inout WireWriter) {
        writer.packed(askQuantity, tag: 8 << 3 | 2)
        writer.packed(askPrice, tag: 7 << 3 | 2)
        writer.packed(bidQuantity, tag: 6 << 3 | 2)
        writer.packed(bidPrice, tag: 5 << 3 | 2)
        writer.packed(instrument, tag: 4 << 3 | 2)
        writer.packed(entryTime, tag: 3 << 3 | 2)
        writer.packed(feedTime, tag: 2 << 3 | 2)
        writer.packed(offset, tag: 1 << 3 | 2)
    }
}

struct CandleColumns: ~Copyable {
    var offset = WireColumn<UInt64>()
    var interval = WireColumn<Int64>()
    var openTime = WireColumn<Int64>()
    var closeTime = WireColumn<Int64>()
    var entryTime = WireColumn<Int64>()
    var instrument = WireColumn<UInt32>()
    var open = WireColumn<Int64>()
    var high = WireColumn<Int64>()
    var low = WireColumn<Int64>()
    var close = WireColumn<Int64>()
    var volume = WireColumn<UInt64>()
    var volumeHigh = WireColumn<Int64>()
    var flags = WireColumn<UInt32>()

    mutating func removeRows() {
        offset.removeAll()
        interval.removeAll()
        openTime.removeAll()
        closeTime.removeAll()
        entryTime.removeAll()
        instrument.removeAll()
        open.removeAll()
        high.removeAll()
        low.removeAll()
        close.removeAll()
        volume.removeAll()
        volumeHigh.removeAll()
        flags.removeAll()
    }

    func message() -> PBCandles? {
        guard !offset.isEmpty else { return nil }
        return PBCandles(
            offset: offset.values, interval: interval.values, openTime: openTime.values,
            closeTime: closeTime.values, entryTime: entryTime.values,
            instrument: instrument.values, open: open.values, high: high.values, low: low.values,
            close: close.values, volume: volume.values, volumeHigh: volumeHigh.values,
            flags: flags.values)
    }

    /// As ``PBCandles`` writes them.
    func write(to writer: inout WireWriter) {
        writer.packed(flags, tag: 13 << 3 | 2)
        writer.packed(volumeHigh, tag: 12 << 3 | 2)
        writer.packed(volume, tag: 11 << 3 | 2)
        writer.packed(close, tag: 10 << 3 | 2)
        writer.packed(low, tag: 9 << 3 | 2)
        writer.packed(high, tag: 8 << 3 | 2)
        writer.packed(open, tag: 7 << 3 | 2)
        writer.packed(instrument, tag: 6 << 3 | 2)
        writer.packed(entryTime, tag: 5 << 3 | 2)
        writer.packed(closeTime, tag: 4 << 3 | 2)
        writer.packed(openTime, tag: 3 << 3 | 2)
        writer.packed(interval, tag: 2 << 3 | 2)
        writer.packed(offset, tag: 1 << 3 | 2)
    }
}
