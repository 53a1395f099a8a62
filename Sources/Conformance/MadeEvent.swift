import StrategyWire

/// An event for a server under test, made up or recorded: a position and a row.
struct MadeEvent: Hashable, Sendable {
    var position: UInt64
    /// When it happens, ns since 1970.
    var time: Int64
    /// Entry into the host, ns since 1970.
    var entry: Int64
    var row: Row
    /// Of a candle that still grows: when it will close.
    var closes: Int64?

    enum Row: Hashable, Sendable {
        case tick(instrument: UInt32, price: Int64, quantity: Int64, side: UInt32)
        case quote(instrument: UInt32, bid: Int64, bidSize: Int64, ask: Int64, askSize: Int64)
        case candle(
            instrument: UInt32, interval: Int64, open: Int64, high: Int64, low: Int64,
            close: Int64, volume: Int128)
        case timer(interval: Int64)
        case fill(
            instrument: UInt32, side: UInt32, price: Int64, quantity: Int64, held: Int64,
            cash: Int64)
        case joins(PBInstrument)
        case leaves(UInt32)
    }

    var step: UInt64 { position >> 20 }

    init(position: UInt64, time: Int64, row: Row, closes: Int64? = nil) {
        self.init(position: position, time: time, entry: time, row: row, closes: closes)
    }

    init(position: UInt64, time: Int64, entry: Int64, row: Row, closes: Int64? = nil) {
        self.position = position
        self.time = time
        self.entry = entry
        self.row = row
        self.closes = closes
    }

    /// Whether it is a candle that is final.
    var closesCandle: Bool {
        if case .candle = row { return closes == nil }
        return false
    }
}

extension PBEvents {
    /// The rows as the host sends them: a set of columns for each kind that there is.
    init(_ events: some Collection<MadeEvent>, after previous: UInt64) {
        self.init()
        self.previous = previous
        count = UInt32(events.count)
        for event in events { append(event) }
    }

    private mutating func append(_ event: MadeEvent) {
        let offset = event.position - previous
        switch event.row {
        case .tick(let instrument, let price, let quantity, let side):
            var set = ticks ?? PBTicks()
            ticks = nil  // the one owner: appending copies nothing
            set.offset.append(offset)
            set.feedTime.append(event.time)
            set.entryTime.append(event.entry)
            set.instrument.append(instrument)
            set.price.append(price)
            set.quantity.append(quantity)
            set.side.append(side)
            ticks = set
        case .quote(let instrument, let bid, let bidSize, let ask, let askSize):
            var set = quotes ?? PBQuotes()
            quotes = nil
            set.offset.append(offset)
            set.feedTime.append(event.time)
            set.entryTime.append(event.entry)
            set.instrument.append(instrument)
            set.bidPrice.append(bid)
            set.bidQuantity.append(bidSize)
            set.askPrice.append(ask)
            set.askQuantity.append(askSize)
            quotes = set
        case .candle: appendCandle(event, offset)
        case .timer(let interval):
            var set = timers ?? PBTimers()
            timers = nil
            set.offset.append(offset)
            set.time.append(event.time)
            set.interval.append(interval)
            timers = set
        case .fill: appendFill(event, offset)
        case .joins(let instrument): appendChange(instrument, isNew: true, offset)
        case .leaves(let number):
            appendChange(PBInstrument(number: number), isNew: false, offset)
        }
    }

    private mutating func appendChange(
        _ instrument: PBInstrument, isNew: Bool, _ offset: UInt64
    ) {
        var set = instrumentChanges ?? PBInstrumentChanges()
        instrumentChanges = nil
        set.offset.append(offset)
        set.added.append(isNew)
        set.instruments.append(instrument)
        instrumentChanges = set
    }

    private mutating func appendCandle(_ event: MadeEvent, _ offset: UInt64) {
        guard
            case .candle(
                let instrument, let interval, let open, let high, let low, let close, let volume) =
                event.row
        else { return }
        var set = candles ?? PBCandles()
        candles = nil
        set.offset.append(offset)
        set.interval.append(interval)
        let end = event.closes ?? event.time
        set.openTime.append(end - interval)
        set.closeTime.append(end)
        set.entryTime.append(event.entry)
        set.instrument.append(instrument)
        set.open.append(open)
        set.high.append(high)
        set.low.append(low)
        set.close.append(close)
        // The upper halves stay away until a volume does not fit 63 bits.
        if set.volumeHigh.isEmpty, Int64(exactly: volume) == nil {
            set.volumeHigh = Array(repeating: 0, count: set.volume.count)
        }
        if !set.volumeHigh.isEmpty || Int64(exactly: volume) == nil {
            set.volumeHigh.append(Int64(truncatingIfNeeded: volume >> 64))
        }
        set.volume.append(UInt64(truncatingIfNeeded: volume))
        set.flags.append(event.closes == nil ? 1 : 0)
        candles = set
    }

    private mutating func appendFill(_ event: MadeEvent, _ offset: UInt64) {
        guard
            case .fill(
                let instrument, let side, let price, let quantity, let held, let cash) = event.row
        else { return }
        var set = accountUpdates ?? PBAccountUpdates()
        accountUpdates = nil
        set.offset.append(offset)
        set.time.append(event.time)
        set.instrument.append(instrument)
        set.side.append(side)
        set.price.append(price)
        set.quantity.append(quantity)
        set.fee.append(0)
        set.position.append(held)
        set.averagePrice.append(held == 0 ? 0 : price)
        set.cash.append(cash)
        accountUpdates = set
    }
}
