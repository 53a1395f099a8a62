public import TradingModel

/// The prices between which an exchange takes orders in a day (KRX: 30 % around the base price), as a person or a feed
/// told them.
///
/// They say nothing behind their day, nor where the last price is outside of them: then they were never right.
public struct DayLimits: Hashable, Sendable {
    public let lower: Price
    public let upper: Price
    /// In the instrument's zone, as ``TradingModel/ZoneOffsets/day(of:)`` counts.
    public let day: Int64

    /// - Returns: `nil` unless 0 < `lower` <= `upper`.
    public init?(lower: Price, upper: Price, day: Int64) {
        guard lower.units > 0, lower <= upper else { return nil }
        self.lower = lower
        self.upper = upper
        self.day = day
    }

    func hold(on day: Int64, at price: Price?) -> Bool {
        day == self.day && price.map { $0 >= lower && $0 <= upper } ?? true
    }
}

/// Whether an instrument trades, and between which prices.
extension Kernel {
    /// Says that an instrument does not trade, or does again: its exits wait, and nothing new is bought. Open
    /// orders stay: whether they can be cancelled is the exchange's to say.
    public mutating func halt(
        _ instrument: InstrumentID, _ on: Bool, into effects: inout Effects
    ) {
        guard exits.halted.contains(instrument) != on else { return }
        emit(.exit(.halted(instrument, on)), into: &effects)
    }
    public func isHalted(_ instrument: InstrumentID) -> Bool {
        exits.halted.contains(instrument)
    }

    /// - Parameter limits: `nil`: nobody knows them any more.
    public mutating func limitDay(
        of instrument: InstrumentID, to limits: DayLimits?, into effects: inout Effects
    ) {
        guard exits.dayLimits[Int(instrument.index)] != limits else { return }
        emit(.exit(.dayLimits(instrument, limits)), into: &effects)
    }
    /// Those that hold now.
    public func dayLimits(of instrument: InstrumentID) -> DayLimits? {
        dayLimits(of: instrument, at: books[Int(instrument.index)].last)
    }
    /// - Parameter price: The last one; on a walk through a candle where that is.
    func dayLimits(of instrument: InstrumentID, at price: Price?) -> DayLimits? {
        guard !exits.dayLimits.isEmpty, let limits = exits.dayLimits[Int(instrument.index)],
            let day = marketDay(of: instrument), limits.hold(on: day, at: price)
        else { return nil }
        return limits
    }
    /// Whether the session of ``marketDay(of:)`` is over: what holds today was told too late, or too early.
    public func isDayOver(of instrument: InstrumentID) -> Bool {
        let index = Int(instrument.index)
        guard plan.hours.indices.contains(index), plan.zones.indices.contains(index) else {
            return false
        }
        return plan.hours[index].isOver(marketTime, plan.zones[index])
    }
    /// The day of an instrument by the market's time; `nil` before the first event.
    public func marketDay(of instrument: InstrumentID) -> Int64? {
        let index = Int(instrument.index)
        guard marketTime.nanoseconds != .min, plan.zones.indices.contains(index) else { return nil }
        return plan.zones[index].day(of: marketTime)
    }
    /// How far the last price of an instrument is from the market's last event; `nil` where there is none. Below zero it
    /// was stamped ahead, and nobody knows when it came.
    func priceAge(_ instrument: Int) -> Nanoseconds? {
        books[instrument].last == nil ? nil : marketTime.since(books[instrument].lastTime)
    }

    func hashTradability(into hasher: inout StateHasher) {
        for index in exits.dayLimits.keys.sorted() {
            guard let limits = exits.dayLimits[index] else { continue }
            hasher.combine(index)
            hasher.combine(limits.lower.units)
            hasher.combine(limits.upper.units)
            hasher.combine(limits.day)
        }
        // Where nothing asks for it the hash is what it was before anything did.
        guard Self.gates(plan).contains(where: { $0.limits.priceAge != nil }) else { return }
        hasher.combine(marketTime.nanoseconds)
        for index in 0..<books.count { hasher.combine(books[index].lastTime.nanoseconds) }
    }
}
