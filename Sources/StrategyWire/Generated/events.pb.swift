// swift-format-ignore-file
// Made by protoc-gen-madang from madang/strategy/v1/events.proto.
// Do not edit: change the .proto file and run Tools/generate.

/// A batch of events: one set of columns for each kind. Row i of every column of a set belongs to
/// the same event. Each set carries `offset`, the event's position less `previous`, rising; merging
/// the sets by it restores the exact order of events; no two events share one. All columns of a set
/// have the same number of rows, except where "may be empty" is said.
///
/// Columns are packed fixed-width fields, and the host writes each as one run: a reader may declare
/// a column as `bytes` and take it as little-endian integers without a copy.
package struct PBEvents: WireMessage {
    package static let protoName = "madang.strategy.v1.Events"

    /// The last position sent to this session before this message; right behind a Ready it is
    /// Ready.after, so 0 before the first event of all. What Skipped names was not sent. A mismatch
    /// with where the server stands breaks the stream: the server ends the call with
    /// FAILED_PRECONDITION and names both numbers, and the host connects again.
    package var previous: UInt64 = 0
    /// Events in this message, all kinds together.
    package var count: UInt32 = 0
    package var ticks: PBTicks? = nil
    package var quotes: PBQuotes? = nil
    package var candles: PBCandles? = nil
    package var accountUpdates: PBAccountUpdates? = nil
    package var timers: PBTimers? = nil
    package var instrumentChanges: PBInstrumentChanges? = nil
    package var unknownFields = WireUnknownFields()

    package init() {}

    package init(
        previous: UInt64 = 0,
        count: UInt32 = 0,
        ticks: PBTicks? = nil,
        quotes: PBQuotes? = nil,
        candles: PBCandles? = nil,
        accountUpdates: PBAccountUpdates? = nil,
        timers: PBTimers? = nil,
        instrumentChanges: PBInstrumentChanges? = nil
    ) {
        self.previous = previous
        self.count = count
        self.ticks = ticks
        self.quotes = quotes
        self.candles = candles
        self.accountUpdates = accountUpdates
        self.timers = timers
        self.instrumentChanges = instrumentChanges
    }

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 9: previous = try reader.read(WireFixed64.self)
            case 16: count = try reader.read(WireUInt32.self)
            case 26: try reader.merge(&ticks)
            case 34: try reader.merge(&quotes)
            case 42: try reader.merge(&candles)
            case 50: try reader.merge(&accountUpdates)
            case 58: try reader.merge(&timers)
            case 66: try reader.merge(&instrumentChanges)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout WireWriter) {
        writer.write(unknownFields)
        if let instrumentChanges { writer.put(instrumentChanges, tag: 66) }
        if let timers { writer.put(timers, tag: 58) }
        if let accountUpdates { writer.put(accountUpdates, tag: 50) }
        if let candles { writer.put(candles, tag: 42) }
        if let quotes { writer.put(quotes, tag: 34) }
        if let ticks { writer.put(ticks, tag: 26) }
        writer.write(WireUInt32.self, count, tag: 16)
        writer.write(WireFixed64.self, previous, tag: 9)
    }
}

/// Public trades.
package struct PBTicks: WireMessage {
    package static let protoName = "madang.strategy.v1.Ticks"

    package var offset: [UInt64] = []
    /// By the feed's clock, ns since 1970 UTC.
    package var feedTime: [Int64] = []
    /// Entry into the host, ns since 1970 UTC by the host's clock; the feed's time in a replay as
    /// fast as possible.
    package var entryTime: [Int64] = []
    package var instrument: [UInt32] = []
    /// At 10^-8 of the quote currency.
    package var price: [Int64] = []
    /// At 10^-8 of a share, contract or coin.
    package var quantity: [Int64] = []
    /// The aggressor: 0 unknown, 1 buyer, 2 seller. May be empty: all unknown.
    package var side: [UInt32] = []
    /// Reserved bits; may be empty: all zero.
    package var flags: [UInt32] = []
    package var unknownFields = WireUnknownFields()

    package init() {}

    package init(
        offset: [UInt64] = [],
        feedTime: [Int64] = [],
        entryTime: [Int64] = [],
        instrument: [UInt32] = [],
        price: [Int64] = [],
        quantity: [Int64] = [],
        side: [UInt32] = [],
        flags: [UInt32] = []
    ) {
        self.offset = offset
        self.feedTime = feedTime
        self.entryTime = entryTime
        self.instrument = instrument
        self.price = price
        self.quantity = quantity
        self.side = side
        self.flags = flags
    }

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: try reader.packed(WireFixed64.self, into: &offset)
            case 9: offset.append(try reader.read(WireFixed64.self))
            case 18: try reader.packed(WireSFixed64.self, into: &feedTime)
            case 17: feedTime.append(try reader.read(WireSFixed64.self))
            case 26: try reader.packed(WireSFixed64.self, into: &entryTime)
            case 25: entryTime.append(try reader.read(WireSFixed64.self))
            case 34: try reader.packed(WireFixed32.self, into: &instrument)
            case 37: instrument.append(try reader.read(WireFixed32.self))
            case 42: try reader.packed(WireSFixed64.self, into: &price)
            case 41: price.append(try reader.read(WireSFixed64.self))
            case 50: try reader.packed(WireSFixed64.self, into: &quantity)
            case 49: quantity.append(try reader.read(WireSFixed64.self))
            case 58: try reader.packed(WireFixed32.self, into: &side)
            case 61: side.append(try reader.read(WireFixed32.self))
            case 66: try reader.packed(WireFixed32.self, into: &flags)
            case 69: flags.append(try reader.read(WireFixed32.self))
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout WireWriter) {
        writer.write(unknownFields)
        writer.packed(WireFixed32.self, flags, tag: 66)
        writer.packed(WireFixed32.self, side, tag: 58)
        writer.packed(WireSFixed64.self, quantity, tag: 50)
        writer.packed(WireSFixed64.self, price, tag: 42)
        writer.packed(WireFixed32.self, instrument, tag: 34)
        writer.packed(WireSFixed64.self, entryTime, tag: 26)
        writer.packed(WireSFixed64.self, feedTime, tag: 18)
        writer.packed(WireFixed64.self, offset, tag: 10)
    }
}

/// Best bid and ask. Price and quantity 0: that side is not quoted.
package struct PBQuotes: WireMessage {
    package static let protoName = "madang.strategy.v1.Quotes"

    package var offset: [UInt64] = []
    package var feedTime: [Int64] = []
    package var entryTime: [Int64] = []
    package var instrument: [UInt32] = []
    package var bidPrice: [Int64] = []
    package var bidQuantity: [Int64] = []
    package var askPrice: [Int64] = []
    package var askQuantity: [Int64] = []
    package var unknownFields = WireUnknownFields()

    package init() {}

    package init(
        offset: [UInt64] = [],
        feedTime: [Int64] = [],
        entryTime: [Int64] = [],
        instrument: [UInt32] = [],
        bidPrice: [Int64] = [],
        bidQuantity: [Int64] = [],
        askPrice: [Int64] = [],
        askQuantity: [Int64] = []
    ) {
        self.offset = offset
        self.feedTime = feedTime
        self.entryTime = entryTime
        self.instrument = instrument
        self.bidPrice = bidPrice
        self.bidQuantity = bidQuantity
        self.askPrice = askPrice
        self.askQuantity = askQuantity
    }

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: try reader.packed(WireFixed64.self, into: &offset)
            case 9: offset.append(try reader.read(WireFixed64.self))
            case 18: try reader.packed(WireSFixed64.self, into: &feedTime)
            case 17: feedTime.append(try reader.read(WireSFixed64.self))
            case 26: try reader.packed(WireSFixed64.self, into: &entryTime)
            case 25: entryTime.append(try reader.read(WireSFixed64.self))
            case 34: try reader.packed(WireFixed32.self, into: &instrument)
            case 37: instrument.append(try reader.read(WireFixed32.self))
            case 42: try reader.packed(WireSFixed64.self, into: &bidPrice)
            case 41: bidPrice.append(try reader.read(WireSFixed64.self))
            case 50: try reader.packed(WireSFixed64.self, into: &bidQuantity)
            case 49: bidQuantity.append(try reader.read(WireSFixed64.self))
            case 58: try reader.packed(WireSFixed64.self, into: &askPrice)
            case 57: askPrice.append(try reader.read(WireSFixed64.self))
            case 66: try reader.packed(WireSFixed64.self, into: &askQuantity)
            case 65: askQuantity.append(try reader.read(WireSFixed64.self))
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout WireWriter) {
        writer.write(unknownFields)
        writer.packed(WireSFixed64.self, askQuantity, tag: 66)
        writer.packed(WireSFixed64.self, askPrice, tag: 58)
        writer.packed(WireSFixed64.self, bidQuantity, tag: 50)
        writer.packed(WireSFixed64.self, bidPrice, tag: 42)
        writer.packed(WireFixed32.self, instrument, tag: 34)
        writer.packed(WireSFixed64.self, entryTime, tag: 26)
        writer.packed(WireSFixed64.self, feedTime, tag: 18)
        writer.packed(WireFixed64.self, offset, tag: 10)
    }
}

package struct PBCandles: WireMessage {
    package static let protoName = "madang.strategy.v1.Candles"

    package var offset: [UInt64] = []
    /// Length, ns.
    package var interval: [Int64] = []
    package var openTime: [Int64] = []
    /// Open time plus length; a candle's event time.
    package var closeTime: [Int64] = []
    package var entryTime: [Int64] = []
    package var instrument: [UInt32] = []
    package var `open`: [Int64] = []
    package var high: [Int64] = []
    package var low: [Int64] = []
    package var close: [Int64] = []
    /// Volume at 10^-8, 128 bits in two's complement: the lower 64 ...
    package var volume: [UInt64] = []
    /// ... and the upper 64. May be empty: every volume fits 63 bits.
    package var volumeHigh: [Int64] = []
    /// Bit 0: final. Other bits are reserved.
    package var flags: [UInt32] = []
    package var unknownFields = WireUnknownFields()

    package init() {}

    package init(
        offset: [UInt64] = [],
        interval: [Int64] = [],
        openTime: [Int64] = [],
        closeTime: [Int64] = [],
        entryTime: [Int64] = [],
        instrument: [UInt32] = [],
        `open`: [Int64] = [],
        high: [Int64] = [],
        low: [Int64] = [],
        close: [Int64] = [],
        volume: [UInt64] = [],
        volumeHigh: [Int64] = [],
        flags: [UInt32] = []
    ) {
        self.offset = offset
        self.interval = interval
        self.openTime = openTime
        self.closeTime = closeTime
        self.entryTime = entryTime
        self.instrument = instrument
        self.`open` = `open`
        self.high = high
        self.low = low
        self.close = close
        self.volume = volume
        self.volumeHigh = volumeHigh
        self.flags = flags
    }

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: try reader.packed(WireFixed64.self, into: &offset)
            case 9: offset.append(try reader.read(WireFixed64.self))
            case 18: try reader.packed(WireSFixed64.self, into: &interval)
            case 17: interval.append(try reader.read(WireSFixed64.self))
            case 26: try reader.packed(WireSFixed64.self, into: &openTime)
            case 25: openTime.append(try reader.read(WireSFixed64.self))
            case 34: try reader.packed(WireSFixed64.self, into: &closeTime)
            case 33: closeTime.append(try reader.read(WireSFixed64.self))
            case 42: try reader.packed(WireSFixed64.self, into: &entryTime)
            case 41: entryTime.append(try reader.read(WireSFixed64.self))
            case 50: try reader.packed(WireFixed32.self, into: &instrument)
            case 53: instrument.append(try reader.read(WireFixed32.self))
            case 58: try reader.packed(WireSFixed64.self, into: &`open`)
            case 57: `open`.append(try reader.read(WireSFixed64.self))
            case 66: try reader.packed(WireSFixed64.self, into: &high)
            case 65: high.append(try reader.read(WireSFixed64.self))
            case 74: try reader.packed(WireSFixed64.self, into: &low)
            case 73: low.append(try reader.read(WireSFixed64.self))
            case 82: try reader.packed(WireSFixed64.self, into: &close)
            case 81: close.append(try reader.read(WireSFixed64.self))
            case 90: try reader.packed(WireFixed64.self, into: &volume)
            case 89: volume.append(try reader.read(WireFixed64.self))
            case 98: try reader.packed(WireSFixed64.self, into: &volumeHigh)
            case 97: volumeHigh.append(try reader.read(WireSFixed64.self))
            case 106: try reader.packed(WireFixed32.self, into: &flags)
            case 109: flags.append(try reader.read(WireFixed32.self))
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout WireWriter) {
        writer.write(unknownFields)
        writer.packed(WireFixed32.self, flags, tag: 106)
        writer.packed(WireSFixed64.self, volumeHigh, tag: 98)
        writer.packed(WireFixed64.self, volume, tag: 90)
        writer.packed(WireSFixed64.self, close, tag: 82)
        writer.packed(WireSFixed64.self, low, tag: 74)
        writer.packed(WireSFixed64.self, high, tag: 66)
        writer.packed(WireSFixed64.self, `open`, tag: 58)
        writer.packed(WireFixed32.self, instrument, tag: 50)
        writer.packed(WireSFixed64.self, entryTime, tag: 42)
        writer.packed(WireSFixed64.self, closeTime, tag: 34)
        writer.packed(WireSFixed64.self, openTime, tag: 26)
        writer.packed(WireSFixed64.self, interval, tag: 18)
        writer.packed(WireFixed64.self, offset, tag: 10)
    }
}

/// Fills of the account's own orders, and what is held after each. Only for servers that read
/// account state.
package struct PBAccountUpdates: WireMessage {
    package static let protoName = "madang.strategy.v1.AccountUpdates"

    package var offset: [UInt64] = []
    /// The feed's time of the print that filled.
    package var time: [Int64] = []
    package var instrument: [UInt32] = []
    /// 1 buy, 2 sell.
    package var side: [UInt32] = []
    package var price: [Int64] = []
    package var quantity: [Int64] = []
    /// Fee at 10^-8 of the account's currency, rounded toward zero.
    package var fee: [Int64] = []
    /// Held after this fill, at 10^-8; negative: short.
    package var position: [Int64] = []
    /// Average entry price of what is held, at 10^-8, rounded toward zero; 0 when flat.
    package var averagePrice: [Int64] = []
    /// Cash after this fill at 10^-8, saturated at the ends of 64 bits.
    package var cash: [Int64] = []
    package var unknownFields = WireUnknownFields()

    package init() {}

    package init(
        offset: [UInt64] = [],
        time: [Int64] = [],
        instrument: [UInt32] = [],
        side: [UInt32] = [],
        price: [Int64] = [],
        quantity: [Int64] = [],
        fee: [Int64] = [],
        position: [Int64] = [],
        averagePrice: [Int64] = [],
        cash: [Int64] = []
    ) {
        self.offset = offset
        self.time = time
        self.instrument = instrument
        self.side = side
        self.price = price
        self.quantity = quantity
        self.fee = fee
        self.position = position
        self.averagePrice = averagePrice
        self.cash = cash
    }

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: try reader.packed(WireFixed64.self, into: &offset)
            case 9: offset.append(try reader.read(WireFixed64.self))
            case 18: try reader.packed(WireSFixed64.self, into: &time)
            case 17: time.append(try reader.read(WireSFixed64.self))
            case 26: try reader.packed(WireFixed32.self, into: &instrument)
            case 29: instrument.append(try reader.read(WireFixed32.self))
            case 34: try reader.packed(WireFixed32.self, into: &side)
            case 37: side.append(try reader.read(WireFixed32.self))
            case 42: try reader.packed(WireSFixed64.self, into: &price)
            case 41: price.append(try reader.read(WireSFixed64.self))
            case 50: try reader.packed(WireSFixed64.self, into: &quantity)
            case 49: quantity.append(try reader.read(WireSFixed64.self))
            case 58: try reader.packed(WireSFixed64.self, into: &fee)
            case 57: fee.append(try reader.read(WireSFixed64.self))
            case 66: try reader.packed(WireSFixed64.self, into: &position)
            case 65: position.append(try reader.read(WireSFixed64.self))
            case 74: try reader.packed(WireSFixed64.self, into: &averagePrice)
            case 73: averagePrice.append(try reader.read(WireSFixed64.self))
            case 82: try reader.packed(WireSFixed64.self, into: &cash)
            case 81: cash.append(try reader.read(WireSFixed64.self))
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout WireWriter) {
        writer.write(unknownFields)
        writer.packed(WireSFixed64.self, cash, tag: 82)
        writer.packed(WireSFixed64.self, averagePrice, tag: 74)
        writer.packed(WireSFixed64.self, position, tag: 66)
        writer.packed(WireSFixed64.self, fee, tag: 58)
        writer.packed(WireSFixed64.self, quantity, tag: 50)
        writer.packed(WireSFixed64.self, price, tag: 42)
        writer.packed(WireFixed32.self, side, tag: 34)
        writer.packed(WireFixed32.self, instrument, tag: 26)
        writer.packed(WireSFixed64.self, time, tag: 18)
        writer.packed(WireFixed64.self, offset, tag: 10)
    }
}

/// The timers asked for in Describe.
package struct PBTimers: WireMessage {
    package static let protoName = "madang.strategy.v1.Timers"

    package var offset: [UInt64] = []
    /// The instant it stands for, ns.
    package var time: [Int64] = []
    /// Which: the interval asked for, ns.
    package var interval: [Int64] = []
    package var unknownFields = WireUnknownFields()

    package init() {}

    package init(offset: [UInt64] = [], time: [Int64] = [], interval: [Int64] = []) {
        self.offset = offset
        self.time = time
        self.interval = interval
    }

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: try reader.packed(WireFixed64.self, into: &offset)
            case 9: offset.append(try reader.read(WireFixed64.self))
            case 18: try reader.packed(WireSFixed64.self, into: &time)
            case 17: time.append(try reader.read(WireSFixed64.self))
            case 26: try reader.packed(WireSFixed64.self, into: &interval)
            case 25: interval.append(try reader.read(WireSFixed64.self))
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout WireWriter) {
        writer.write(unknownFields)
        writer.packed(WireSFixed64.self, interval, tag: 26)
        writer.packed(WireSFixed64.self, time, tag: 18)
        writer.packed(WireFixed64.self, offset, tag: 10)
    }
}

/// Instruments that join or leave the session, in order with the other events.
package struct PBInstrumentChanges: WireMessage {
    package static let protoName = "madang.strategy.v1.InstrumentChanges"

    package var offset: [UInt64] = []
    /// True: joins.
    package var added: [Bool] = []
    /// Row i; for one that leaves only `number` is set.
    package var instruments: [PBInstrument] = []
    package var unknownFields = WireUnknownFields()

    package init() {}

    package init(offset: [UInt64] = [], added: [Bool] = [], instruments: [PBInstrument] = []) {
        self.offset = offset
        self.added = added
        self.instruments = instruments
    }

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: try reader.packed(WireFixed64.self, into: &offset)
            case 9: offset.append(try reader.read(WireFixed64.self))
            case 18: try reader.packed(WireBool.self, into: &added)
            case 16: added.append(try reader.read(WireBool.self))
            case 26: instruments.append(try reader.read(WireNested<PBInstrument>.self))
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout WireWriter) {
        writer.write(unknownFields)
        writer.repeated(WireNested<PBInstrument>.self, instruments, tag: 26)
        writer.packed(WireBool.self, added, tag: 18)
        writer.packed(WireFixed64.self, offset, tag: 10)
    }
}
