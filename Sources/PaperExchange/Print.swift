import TradingModel

/// The prices an input offers.
struct Print {
    let instrument: InstrumentID
    let time: Timestamp
    /// What a buy and a sale pay at once; `nil`: that side is not offered.
    let buy: Price?
    let sell: Price?
    let low: Price
    let high: Price
    /// What traded or is offered there.
    let buyQuantity: Volume
    let sellQuantity: Volume
    /// One quantity for both sides.
    let isTrade: Bool
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
    @inline(__always) init(_ tick: Tick) {
        instrument = tick.instrument
        time = tick.feedTime
        buy = Print.offer(tick.price)
        sell = buy
        low = tick.price
        high = tick.price
        buyQuantity = Volume(tick.quantity)
        sellQuantity = buyQuantity
        isTrade = true
        span = nil
    }
    init(_ candle: Candle) {
        instrument = candle.instrument
        time = candle.openTime
        buy = Print.offer(candle.open)
        sell = buy
        // A range that reaches zero or below is no range, but a column left empty.
        low = candle.low.units > 0 ? candle.low : candle.open
        high = candle.high
        buyQuantity = candle.volume
        sellQuantity = buyQuantity
        isTrade = true
        span = PaperExchange.Span(candle)
    }
    private init(_ quote: Quote) {
        instrument = quote.instrument
        time = quote.feedTime
        buy = Print.offer(quote.ask)
        sell = Print.offer(quote.bid)
        low = quote.ask
        high = quote.bid
        buyQuantity = Volume(quote.askQuantity)
        sellQuantity = Volume(quote.bidQuantity)
        isTrade = false
        span = nil
    }

    private static func offer(_ price: Price) -> Price? { price.units > 0 ? price : nil }

    /// A trade or quote that arrives after the order is news, however old its stamp; a candle may tell of before.
    func began(before order: PaperExchange.Working) -> Bool {
        guard let span, time < order.madeAt else { return false }
        return !span.isBehind(order.madeAfter)
    }

    /// A share of the quantity, in millionths; nothing where there is none.
    func offered(to side: Side, _ share: Int64) -> Quantity {
        let whole = (side == .buy ? buyQuantity : sellQuantity).units
        guard whole > 0 else { return .zero }
        let (product, overflow) = whole.multipliedReportingOverflow(by: Int128(share))
        return Quantity(units: overflow ? .max : Int64(clamping: product / 1_000_000))
    }

    func meets(_ side: Side) -> Bool { (side == .buy ? buy : sell) != nil }

    /// - Parameter rests: Whether it was passed by the first print behind it.
    func price(for order: Order, rests: Bool) -> Price? {
        guard let offered = order.side == .buy ? buy : sell else { return nil }
        guard let limit = order.limit else { return offered }
        switch order.side {
        case .buy:
            if offered <= limit { return rests ? limit : offered }
            return low <= limit ? limit : nil
        case .sell:
            if offered >= limit { return rests ? limit : offered }
            return high >= limit ? limit : nil
        }
    }
}
