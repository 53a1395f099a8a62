public import TradingModel

/// A simulated exchange as a value: orders wait, prints fill them.
///
/// Rules. An order made at an input of its instrument fills from the next one, never from the same.
/// A market order fills at a trade's price, a candle's open, or the quote's other side, in full whatever the
/// volume unless `participation` says otherwise; `slippage` makes that price worse. A limit order that the first such price satisfies fills there; later it fills at its limit, when a
/// trade or a candle's range reaches it, or at a quote that crosses it. With `partialFills` each print fills
/// a share between a quarter and all of what is open, drawn from (seed, order, fill), never less than a lot.
/// With `participation` the orders at a print share that part of its quantity, in whole lots, the earliest
/// first; the rest waits for the next print. A print without a quantity then fills nothing.
/// Candles built from ticks are no prints, nor is what has no price above zero; nor, for an order that was made
/// after a candle's open, that candle: its open and range may lie before the order. Fee: basis points of the
/// value, exact to 10⁻¹⁶, and of a sale's the tax besides. A print whose value leaves ``largestValue`` fills nothing. A buy takes what its funds
/// afford in whole lots; where that is less than the print would fill, the rest of the order is cancelled.
public struct PaperExchange: Sendable {
    public struct Settings: Hashable, Sendable {
        /// At 10⁻⁶ of a basis point.
        public var feeMicroBasisPoints: Int64
        public var partialFills: Bool
        public var seed: UInt64
        /// Of a sale's value, taken with its fee; at 10⁻⁶ of a basis point.
        public var sellTaxMicroBasisPoints: Int64 = 0
        public var slippage = Slippage.none
        /// Of a print's quantity, in millionths: what orders may take of it; `nil`: whatever they want.
        public var participation: Int64?
        /// Of candles from a feed, for exits: a host that fills them asks for it, this exchange does not.
        public var candlePath = CandlePath.lowFirst
        public init(feeMicroBasisPoints: Int64, partialFills: Bool = false, seed: UInt64 = 1) {
            self.feeMicroBasisPoints = feeMicroBasisPoints
            self.partialFills = partialFills
            self.seed = seed
        }
    }
    @usableFromInline struct Working: Hashable, Sendable {
        var order: Order
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
    @usableFromInline struct Span: Hashable, Sendable {
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
    public static var largestValue: Money { .largestAmount }
    public let settings: Settings
    let lots: [Quantity]
    let ladders: [PriceLadder]
    /// By instrument, in the order of arrival.
    @usableFromInline var working: [[Working]]
    /// Of the last input of any instrument: not the latest, for one wrong stamp would hold up every candle.
    @usableFromInline var now = Timestamp(nanoseconds: .min)
    /// By instrument.
    var lastCandle: [Span?]
    /// By instrument: the highest number that came.
    private var newest: [OrderNumber]

    /// - Parameters:
    ///   - lots: The lot of each instrument, by its index.
    ///   - ladders: Its price steps; any price where they are left out.
    public init(_ settings: Settings, lots: [Quantity], ladders: [PriceLadder] = []) {
        self.settings = settings
        self.lots = lots
        self.ladders = ladders
        working = lots.map { _ in [] }
        lastCandle = lots.map { _ in nil }
        newest = lots.map { _ in OrderNumber(0) }
    }

    /// Whether anything waits at the instrument: a tick asks this and no more.
    @inlinable public func isIdle(_ instrument: InstrumentID) -> Bool {
        openOrders(instrument) == 0
    }
    @inlinable func openOrders(_ instrument: InstrumentID) -> Int {
        let index = Int(instrument.index)
        // One comparison: below zero is above every count.
        return UInt(bitPattern: index) < UInt(bitPattern: working.count) ? working[index].count : 0
    }

    /// Says what time it is at the market, where an input is not given to `visit` or `pass`, as a tick of an
    /// idle instrument.
    @inlinable public mutating func note(_ tick: Tick) { now = tick.feedTime }
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
        if let reason = place(order) { return .rejected(order.number, reason: reason) }
        return .accepted(order.number, BrokerOrderID(paper: order.number))
    }

    /// The same: why it is rejected; `nil` where it is not.
    public mutating func place(_ order: Order) -> String? {
        let index = Int(order.instrument.index)
        guard working.indices.contains(index) else { return "no instrument \(index)" }
        // Mostly numbers ascend: one above all that came has nothing to be looked for among.
        guard
            order.number > newest[index]
                || !working[index].contains(where: { $0.order.number == order.number })
        else {
            return "order \(order.number) is working"
        }
        guard order.quantity.isPositive else { return "no quantity" }
        if let limit = order.limit, limit.units <= 0 { return "limit price \(limit)" }
        newest[index] = max(newest[index], order.number)
        let last = lastCandle[index]
        working[index].append(
            Working(
                order: order, open: order.quantity, madeAt: now,
                madeAfter: last?.closeTime == now ? last : nil))
        return nil
    }

    /// Fills what the input's print reaches, in the order of arrival, whatever the accounts have.
    public mutating func observe(_ input: MarketInput, reports: inout [BrokerReport]) {
        guard var visit = visit(input) else { return }
        while next(of: &visit) != nil { fill(&visit, funds: nil, reports: &reports) }
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
        apply(fill.quantity, at: at, of: index)
        working[index].removeAll { !$0.open.isPositive }
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
