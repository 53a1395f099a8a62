public import TradingModel

/// A simulated exchange as a value: orders wait, prints fill them.
///
/// Rules. An order made at an input of its instrument fills from the next one, never from the same.
/// A market order fills at a trade's price, a candle's open, or the quote's other side, in full whatever the
/// volume. A limit order that the first such price satisfies fills there; later it fills at its limit, when a
/// trade or a candle's range reaches it, or at a quote that crosses it. With `partialFills` each print fills
/// a share between a quarter and all of what is open, drawn from (seed, order, fill), never less than a lot.
/// Candles built from ticks are no prints, nor is what has no price above zero; nor, for an order that was made
/// after a candle's open, that candle: its open and range may lie before the order. Fee: basis points of the
/// value, exact to 10⁻¹⁶. A print whose value leaves ``largestValue`` fills nothing.
public struct PaperExchange: Sendable {
    public struct Settings: Hashable, Sendable {
        /// At 10⁻⁶ of a basis point.
        public var feeMicroBasisPoints: Int64
        public var partialFills: Bool
        public var seed: UInt64
        public init(feeMicroBasisPoints: Int64, partialFills: Bool = false, seed: UInt64 = 1) {
            self.feeMicroBasisPoints = feeMicroBasisPoints
            self.partialFills = partialFills
            self.seed = seed
        }
    }
    struct Working: Hashable, Sendable {
        let order: Order
        var open: Quantity
        var fills: UInt32 = 0
        /// The first print has passed: what comes now meets a resting order.
        var rests = false
        /// The market's time when it came: of the last input of any instrument.
        var madeAt = Timestamp(nanoseconds: .min)
        /// The candle of its instrument at whose end it came, if it did.
        var madeAfter: Span?
    }
    /// Which candle. Those of one interval do not overlap, whatever the clocks did in it: a long one in which
    /// they go forward ends up to an hour before its `closeTime`. A short one keeps its length.
    struct Span: Hashable, Sendable {
        let interval: Interval
        let openTime: Timestamp
        let closeTime: Timestamp
        init(_ candle: Candle) {
            interval = candle.interval
            openTime = candle.openTime
            closeTime = candle.closeTime
        }
        func isBehind(_ other: Span?) -> Bool {
            guard let other, interval.nanoseconds > 3_600_000_000_000 else { return false }
            return interval == other.interval && openTime > other.openTime
        }
    }
    /// Of one fill, in the currency: so no sum of the books leaves its range.
    public static let largestValue = Money(units: 1_000_000_000_000_000_000 * Money.scale)
    public let settings: Settings
    let lots: [Quantity]
    /// By instrument, in the order of arrival.
    private var working: [[Working]]
    /// Of the last input of any instrument: not the latest, for one wrong stamp would hold up every candle.
    @usableFromInline var now = Timestamp(nanoseconds: .min)
    /// By instrument.
    private var lastCandle: [Span?]

    /// - Parameter lots: The lot of each instrument, by its index.
    public init(_ settings: Settings, lots: [Quantity]) {
        self.settings = settings
        self.lots = lots
        working = lots.map { _ in [] }
        lastCandle = lots.map { _ in nil }
    }

    /// Whether anything waits at the instrument: a tick asks this and no more.
    @inlinable public func isIdle(_ instrument: InstrumentID) -> Bool {
        openOrders(instrument) == 0
    }
    @usableFromInline func openOrders(_ instrument: InstrumentID) -> Int {
        let index = Int(instrument.index)
        return working.indices.contains(index) ? working[index].count : 0
    }

    /// Says what time it is at the market, where an input is not given to `observe` or `pass`, as a tick of an
    /// idle instrument.
    @inlinable public mutating func note(_ input: MarketInput) {
        now = input.time
        if case .candle(let candle) = input { note(candle) }
    }
    @usableFromInline mutating func note(_ candle: Candle) {
        let index = Int(candle.instrument.index)
        guard candle.isFinal, lastCandle.indices.contains(index) else { return }
        lastCandle[index] = Span(candle)
    }

    /// Takes an order. It is never in doubt: the answer is immediate.
    public mutating func submit(_ order: Order) -> BrokerReport {
        let index = Int(order.instrument.index)
        guard working.indices.contains(index) else {
            return .rejected(order.number, reason: "no instrument \(index)")
        }
        guard !working[index].contains(where: { $0.order.number == order.number }) else {
            return .rejected(order.number, reason: "order \(order.number) is working")
        }
        guard order.quantity.isPositive else {
            return .rejected(order.number, reason: "no quantity")
        }
        if let limit = order.limit, limit.units <= 0 {
            return .rejected(order.number, reason: "limit price \(limit)")
        }
        let last = lastCandle[index]
        working[index].append(
            Working(
                order: order, open: order.quantity, madeAt: now,
                madeAfter: last?.closeTime == now ? last : nil))
        return .accepted(order.number, BrokerOrderID("paper-\(order.number)"))
    }

    /// Fills what the input's print reaches, in the order of arrival.
    public mutating func observe(_ input: MarketInput, reports: inout [BrokerReport]) {
        note(input)
        guard let print = Print(input), openOrders(print.instrument) > 0 else { return }
        let index = Int(print.instrument.index)
        for at in working[index].indices where !print.began(before: working[index][at]) {
            let price = print.price(for: working[index][at])
            if print.meets(working[index][at].order.side) { working[index][at].rests = true }
            guard let price else { continue }
            let quantity = share(of: working[index][at])
            guard let fee = fee(price, quantity) else { continue }
            let fill = Fill(
                order: working[index][at].order.number, id: working[index][at].fills + 1,
                price: price,
                quantity: quantity, fee: fee, time: print.time)
            apply(fill, at: at, of: index)
            reports.append(.filled(fill))
        }
        working[index].removeAll { !$0.open.isPositive }
    }

    /// Cancels what is open.
    public mutating func cancel(_ number: OrderNumber, of instrument: InstrumentID, reason: String)
        -> BrokerReport?
    {
        let index = Int(instrument.index)
        guard openOrders(instrument) > 0,
            let at = working[index].firstIndex(where: { $0.order.number == number })
        else { return nil }
        working[index].remove(at: at)
        return .cancelled(number, reason: reason)
    }

    /// In recovery: what an input changes besides filling, for the log has the fills.
    public mutating func pass(_ input: MarketInput) {
        note(input)
        guard let print = Print(input), openOrders(print.instrument) > 0 else { return }
        let index = Int(print.instrument.index)
        for at in working[index].indices
        where print.meets(working[index][at].order.side)
            && !print.began(before: working[index][at])
        {
            working[index][at].rests = true
        }
    }

    /// In recovery: what a recorded fill left. ``pass(_:)`` has seen its print.
    public mutating func apply(_ fill: Fill, of instrument: InstrumentID) {
        let index = Int(instrument.index)
        guard openOrders(instrument) > 0,
            let at = working[index].firstIndex(where: { $0.order.number == fill.order })
        else { return }
        apply(fill, at: at, of: index)
        working[index].removeAll { !$0.open.isPositive }
    }

    private mutating func apply(_ fill: Fill, at: Int, of index: Int) {
        working[index][at].open = Quantity(
            units: working[index][at].open.units - fill.quantity.units)
        working[index][at].fills += 1
    }

    /// - Returns: `nil` when value or fee leave their range.
    private func fee(_ price: Price, _ quantity: Quantity) -> Money? {
        let value = Money(price, times: quantity)
        guard value <= Self.largestValue,
            let fee = try? value.fee(microBasisPoints: settings.feeMicroBasisPoints),
            fee <= Self.largestValue
        else { return nil }
        return fee
    }

    private func share(of order: Working) -> Quantity {
        guard settings.partialFills else { return order.open }
        var hasher = StateHasher()
        hasher.combine(settings.seed)
        hasher.combine(order.order.number.value)
        hasher.combine(UInt64(order.fills))
        let quarters = Int64(hasher.value % 4) + 1
        let lot = lots[Int(order.order.instrument.index)]
        let part = Quantity(units: order.open.units / 4 * quarters).roundedDown(toMultipleOf: lot)
        let least = max(lot, Quantity(units: 1))
        return quarters == 4 ? order.open : min(order.open, max(part, least))
    }

    public func hash(into hasher: inout StateHasher) {
        for orders in working {
            for order in orders {
                hasher.combine(order.order.number.value)
                hasher.combine(order.open.units)
                hasher.combine(UInt64(order.fills))
                hasher.combine(order.rests)
                hasher.combine(order.madeAt.nanoseconds)
                hasher.combine(order.madeAfter?.openTime.nanoseconds ?? .min)
            }
        }
    }
}

/// The prices an input offers.
struct Print {
    let instrument: InstrumentID
    let time: Timestamp
    /// What a buy and a sale pay at once; `nil`: that side is not offered.
    let buy: Price?
    let sell: Price?
    let low: Price
    let high: Price
    /// Tells of trades since `time`, not at it: a candle.
    let span: PaperExchange.Span?

    /// - Returns: `nil` for what is no print: a candle that still runs.
    init?(_ input: MarketInput) {
        switch input {
        case .tick(let tick): self.init(tick)
        case .quote(let quote): self.init(quote)
        case .candle(let candle):
            guard candle.isFinal else { return nil }
            self.init(candle)
        }
    }
    private init(_ tick: Tick) {
        instrument = tick.instrument
        time = tick.feedTime
        buy = Print.offer(tick.price)
        sell = buy
        low = tick.price
        high = tick.price
        span = nil
    }
    private init(_ candle: Candle) {
        instrument = candle.instrument
        time = candle.openTime
        buy = Print.offer(candle.open)
        sell = buy
        // A range that reaches zero or below is no range, but a column left empty.
        low = candle.low.units > 0 ? candle.low : candle.open
        high = candle.high
        span = PaperExchange.Span(candle)
    }
    private init(_ quote: Quote) {
        instrument = quote.instrument
        time = quote.feedTime
        buy = Print.offer(quote.ask)
        sell = Print.offer(quote.bid)
        low = quote.ask
        high = quote.bid
        span = nil
    }

    private static func offer(_ price: Price) -> Price? { price.units > 0 ? price : nil }

    /// A trade or quote that arrives after the order is news, however old its stamp; a candle may tell of before.
    func began(before order: PaperExchange.Working) -> Bool {
        guard let span, time < order.madeAt else { return false }
        return !span.isBehind(order.madeAfter)
    }

    func meets(_ side: Side) -> Bool { (side == .buy ? buy : sell) != nil }

    func price(for working: PaperExchange.Working) -> Price? {
        let order = working.order
        guard let offered = order.side == .buy ? buy : sell else { return nil }
        guard let limit = order.limit else { return offered }
        switch order.side {
        case .buy:
            if offered <= limit { return working.rests ? limit : offered }
            return low <= limit ? limit : nil
        case .sell:
            if offered >= limit { return working.rests ? limit : offered }
            return high >= limit ? limit : nil
        }
    }
}
