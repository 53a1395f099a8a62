package import TradingModel

extension EventColumns {
    /// - Parameters:
    ///   - instrument: The session's number of it.
    ///   - entryTime: Entry into the host.
    package mutating func append(
        _ tick: Tick, instrument: UInt32, at position: EventPosition, entryTime: Timestamp
    ) {
        let row = ticks.offset.count
        ticks.offset.append(advance(to: position))
        ticks.feedTime.append(tick.feedTime.nanoseconds)
        ticks.entryTime.append(entryTime.nanoseconds)
        ticks.instrument.append(instrument)
        ticks.price.append(tick.price.units)
        ticks.quantity.append(tick.quantity.units)
        // The column stays empty until the first side is known.
        ticks.side.appendSparse(UInt32(tick.aggressor.rawValue), row: row)
    }

    package mutating func append(
        _ quote: Quote, instrument: UInt32, at position: EventPosition, entryTime: Timestamp
    ) {
        quotes.offset.append(advance(to: position))
        quotes.feedTime.append(quote.feedTime.nanoseconds)
        quotes.entryTime.append(entryTime.nanoseconds)
        quotes.instrument.append(instrument)
        quotes.bidPrice.append(quote.bid.units)
        quotes.bidQuantity.append(quote.bidQuantity.units)
        quotes.askPrice.append(quote.ask.units)
        quotes.askQuantity.append(quote.askQuantity.units)
    }

    package mutating func append(
        _ candle: Candle, instrument: UInt32, at position: EventPosition, entryTime: Timestamp
    ) {
        let row = candles.offset.count
        candles.offset.append(advance(to: position))
        candles.interval.append(candle.interval.nanoseconds)
        candles.openTime.append(candle.openTime.nanoseconds)
        candles.closeTime.append(candle.closeTime.nanoseconds)
        candles.entryTime.append(entryTime.nanoseconds)
        candles.instrument.append(instrument)
        candles.open.append(candle.open.units)
        candles.high.append(candle.high.units)
        candles.low.append(candle.low.units)
        candles.close.append(candle.close.units)
        candles.flags.append(candle.isFinal ? 1 : 0)
        appendVolume(candle.volume.units, row: row)
    }

    /// The upper halves stay away until a volume does not fit 63 bits.
    private mutating func appendVolume(_ units: Int128, row: Int) {
        candles.volume.append(UInt64(truncatingIfNeeded: units))
        let fits = units >= 0 && units <= Int128(Int64.max)
        if fits && candles.volumeHigh.isEmpty { return }
        if candles.volumeHigh.isEmpty {
            // What stands there already fits: its upper half is zero.
            candles.volumeHigh.append(repeating: 0, count: row)
        }
        candles.volumeHigh.append(Int64(truncatingIfNeeded: units >> 64))
    }

    /// - Parameters:
    ///   - time: The instant it stands for.
    ///   - interval: Which of the intervals asked for.
    package mutating func appendTimer(
        time: Timestamp, interval: Interval, at position: EventPosition
    ) {
        timers.offset.append(advance(to: position))
        timers.time.append(time.nanoseconds)
        timers.interval.append(interval.nanoseconds)
    }

    package mutating func append(_ update: AccountRow, at position: EventPosition) {
        accountUpdates.offset.append(advance(to: position))
        accountUpdates.time.append(update.time.nanoseconds)
        accountUpdates.instrument.append(update.instrument)
        accountUpdates.side.append(update.side == .buy ? 1 : 2)
        accountUpdates.price.append(update.price.units)
        accountUpdates.quantity.append(update.quantity.units)
        accountUpdates.fee.append(saturated(update.fee))
        accountUpdates.position.append(update.held.units)
        accountUpdates.averagePrice.append(update.averagePrice.units)
        accountUpdates.cash.append(saturated(update.cash))
    }

    /// An instrument joins the session under the number its description carries.
    package mutating func appendJoining(_ instrument: PBInstrument, at position: EventPosition) {
        instrumentChanges.offset.append(advance(to: position))
        instrumentChanges.added.append(true)
        instrumentChanges.instruments.append(instrument)
    }

    package mutating func appendLeaving(_ number: UInt32, at position: EventPosition) {
        instrumentChanges.offset.append(advance(to: position))
        instrumentChanges.added.append(false)
        instrumentChanges.instruments.append(PBInstrument(number: number))
    }
}

/// A fill of the account's own order, and what is held after it, by the session's numbers.
package struct AccountRow: Hashable, Sendable {
    package var time: Timestamp
    package var instrument: UInt32
    package var side: Side
    package var price: Price
    package var quantity: Quantity
    /// On the wire at 10⁻⁸, rounded toward zero; saturated at the ends of 64 bits, as `cash` is.
    package var fee: Money
    /// Negative: short.
    package var held: Quantity
    package var averagePrice: Price
    package var cash: Money

    package init(
        time: Timestamp, instrument: UInt32, side: Side, price: Price, quantity: Quantity,
        fee: Money, held: Quantity, averagePrice: Price, cash: Money
    ) {
        self.time = time
        self.instrument = instrument
        self.side = side
        self.price = price
        self.quantity = quantity
        self.fee = fee
        self.held = held
        self.averagePrice = averagePrice
        self.cash = cash
    }
}

extension PBInstrument {
    /// The instrument as the session knows it: under `number`, with a step of 0 on a price ladder.
    package init(_ instrument: Instrument, number: UInt32) {
        let step: Int64 =
            switch instrument.ladder {
            case .fixed(let step): step.units
            case .krx: 0
            }
        self.init(
            number: number, symbol: instrument.symbol, market: instrument.market,
            currency: instrument.currency, tickSize: step, lot: instrument.lot.units,
            timeZone: instrument.timeZone)
    }
}

/// From 10⁻¹⁶ to 10⁻⁸, toward zero.
private func saturated(_ money: Money) -> Int64 {
    Int64(clamping: money.units / Int128(fixedPointScale))
}

extension WireColumn<UInt32> {
    /// Appends to a column that may be empty as long as all of it is zero.
    fileprivate mutating func appendSparse(_ value: UInt32, row: Int) {
        if value == 0 && isEmpty { return }
        if isEmpty { append(repeating: 0, count: row) }
        append(value)
    }
}
