/// What is traded: its code, where, in which steps.
public struct Instrument: Hashable, Sendable {
    public let id: InstrumentID
    /// The market's own code: `005930`, `AAPL`, `BTCUSDT`.
    public let symbol: String
    /// `KR`, `US`, `CRYPTO`, …
    public let market: String
    /// ISO 4217 or a coin's code.
    public let currency: String
    public let ladder: PriceLadder
    /// Quantities are multiples of it; 1 share on KRX.
    public let lot: Quantity
    /// IANA name of the exchange's zone, in which its days begin.
    public let timeZone: String

    public init(
        id: InstrumentID, symbol: String, market: String, currency: String,
        ladder: PriceLadder, lot: Quantity, timeZone: String
    ) {
        self.id = id
        self.symbol = symbol
        self.market = market
        self.currency = currency
        self.ladder = ladder
        self.lot = lot
        self.timeZone = timeZone
    }
}

/// The prices an order may have.
public enum PriceLadder: Hashable, Sendable {
    /// One step at every price; zero: any price.
    case fixed(Price)
    /// KRX stocks since 2023-01-25 (KRX business regulation, price steps; the same on NXT).
    case krx

    /// The step in force at `price`.
    public func step(at price: Price) -> Price {
        switch self {
        case .fixed(let step): return step
        case .krx:
            let won = price.units / fixedPointScale
            let step: Int64 =
                switch won {
                case ..<2_000: 1
                case ..<5_000: 5
                case ..<20_000: 10
                case ..<50_000: 50
                case ..<200_000: 100
                case ..<500_000: 500
                default: 1_000
                }
            return Price(units: step * fixedPointScale)
        }
    }

    /// A buy limit rounds down and a sell limit up, so that neither gets worse than asked.
    public func rounded(_ price: Price, for side: Side) -> Price {
        let step = step(at: price)
        return side == .buy
            ? price.roundedDown(toMultipleOf: step) : price.roundedUp(toMultipleOf: step)
    }
}
