public import TradingModel

/// What an account may do at all.
public enum TradingState: String, Hashable, Sendable, CaseIterable {
    case normal
    /// No limit orders but those of exits: nothing rests at a broker.
    case marketOnly = "market_only"
    /// Nothing opens or adds to a position.
    case reducing
    /// Neither strategies nor rules trade. Exits that guard a position go on.
    case halted
}

/// Limits of an account, in its currency; `nil`: no limit. They hold back buys alone: what closes a position
/// is refused by nothing but ``TradingState/halted``, and by ``TradingState/marketOnly`` where it has a limit price.
public struct RiskLimits: Hashable, Sendable {
    /// Of one order.
    public var orderValue: Money?
    /// Of what is held and being bought of one instrument.
    public var symbolValue: Money?
    /// Of the account's equity, at 10⁻⁶.
    public var symbolWeight: Int64?
    /// Instruments held or being bought at once.
    public var symbols: Int?
    /// Of what was bought in the account's day and is being bought.
    public var dayValue: Money?
    /// Of a limit price around the last price, at 10⁻⁶.
    public var priceBand: Int64?
    /// Of the equity at the start of the account's day, at 10⁻⁶.
    public var dayLoss: Int64?
    /// Of the highest equity that a day of the account began with, at 10⁻⁶.
    public var drawdown: Int64?
    /// The least that a vote must have, at 10⁻⁶.
    public var confidence: Int64?
    /// Buys within 60 s.
    public var ordersPerMinute: Int?
    /// For how long the same buy is not made again: instrument, quantity and limit.
    public var duplicateWithin: Nanoseconds?
    /// For how long an instrument is not bought behind an order in it that was rejected or failed.
    public var coolDown: Nanoseconds?
    /// For how long a limit order may work that is not an exit's; then it is cancelled. Sales too.
    public var orderAge: Nanoseconds?
    /// How much older than the market's last event the price may be that a buy is sized and limited by.
    public var priceAge: Nanoseconds?
    public var state: TradingState?

    public init(
        orderValue: Money? = nil, symbolValue: Money? = nil, symbolWeight: Int64? = nil,
        symbols: Int? = nil, priceBand: Int64? = nil, dayLoss: Int64? = nil
    ) {
        self.orderValue = orderValue
        self.symbolValue = symbolValue
        self.symbolWeight = symbolWeight
        self.symbols = symbols
        self.priceBand = priceBand
        self.dayLoss = dayLoss
    }

    /// These, and where they say nothing the others.
    public func over(_ others: RiskLimits) -> RiskLimits {
        var limits = RiskLimits(
            orderValue: orderValue ?? others.orderValue,
            symbolValue: symbolValue ?? others.symbolValue,
            symbolWeight: symbolWeight ?? others.symbolWeight, symbols: symbols ?? others.symbols,
            priceBand: priceBand ?? others.priceBand, dayLoss: dayLoss ?? others.dayLoss)
        limits.dayValue = dayValue ?? others.dayValue
        limits.drawdown = drawdown ?? others.drawdown
        limits.confidence = confidence ?? others.confidence
        limits.ordersPerMinute = ordersPerMinute ?? others.ordersPerMinute
        limits.duplicateWithin = duplicateWithin ?? others.duplicateWithin
        limits.coolDown = coolDown ?? others.coolDown
        limits.orderAge = orderAge ?? others.orderAge
        limits.priceAge = priceAge ?? others.priceAge
        limits.state = state ?? others.state
        return limits
    }

    /// Whether past orders are asked about.
    var readsHistory: Bool {
        ordersPerMinute != nil || duplicateWithin != nil || coolDown != nil
    }
    /// Whether the account is looked at between orders.
    var isWatched: Bool {
        dayLoss != nil || drawdown != nil || watchesPositions
    }
    var watchesPositions: Bool { symbolValue != nil || symbolWeight != nil }
    /// How far back buys are asked about.
    var memory: Nanoseconds {
        max(ordersPerMinute == nil ? .zero : .seconds(60), duplicateWithin ?? .zero)
    }
}

extension KernelPlan {
    /// What holds for an account.
    public func limits(of account: Int) -> RiskLimits { accounts[account].risk.over(risk) }
}
