import Kernel
import TradingModel

/// What the host was told of trading, and the prices that it has, both without what a crash took back.
struct TradingBooks {
    var halts: [(instrument: InstrumentID, on: Bool, record: UInt64)] = []
    var limits: [(instrument: InstrumentID, limits: DayLimits?, record: UInt64)] = []
    var splits: [(instrument: InstrumentID, record: UInt64)] = []
    var prices: [(instrument: InstrumentID, price: Price, time: Timestamp, record: UInt64)] = []

    /// Whether no price has come since a split that was told.
    func awaitsPrice(_ instrument: InstrumentID) -> Bool {
        guard let split = splits.last(where: { $0.instrument == instrument }) else { return false }
        let last = prices.last { $0.instrument == instrument }
        return last.map { $0.record <= split.record } ?? true
    }
    func isHalted(_ instrument: InstrumentID) -> Bool {
        halts.last { $0.instrument == instrument }?.on ?? false
    }
    /// Told behind the price that the host has, they may be in another scale than it is.
    func limits(of instrument: InstrumentID) -> DayLimits? {
        guard let told = limits.last(where: { $0.instrument == instrument }),
            let limits = told.limits,
            let last = prices.last(where: { $0.instrument == instrument }),
            last.price >= limits.lower, last.price <= limits.upper
        else { return nil }
        return limits
    }
    mutating func crashed(_ kept: UInt64) {
        halts.removeAll { $0.record > kept }
        limits.removeAll { $0.record > kept }
        prices.removeAll { $0.record > kept }
        splits.removeAll { $0.record > kept }
    }
}

/// Nothing is bought where it does not trade, beyond the day's limits, or by an old price.
extension Checker {
    mutating func checkTrading(_ order: Order, _ what: String) {
        guard order.side == .buy else { return }
        if trading.isHalted(order.instrument) {
            violate(.limits, "\(what) buys \(symbol(order.instrument)), which is halted")
        }
        if trading.awaitsPrice(order.instrument) {
            violate(
                .limits,
                "\(what) buys \(symbol(order.instrument)) by a price from before its split")
        }
        if let limit = order.limit, let day = trading.limits(of: order.instrument),
            limit < day.lower || limit > day.upper
        {
            violate(
                .limits, "\(what) has limit \(limit), outside of \(day.lower) to \(day.upper)")
        }
        guard let most = terms.limits.priceAge, let market = trading.prices.last,
            let own = trading.prices.last(where: { $0.instrument == order.instrument })
        else { return }
        // Prints are on their way for different times.
        let age = market.time.since(own.time)
        if age.count > most.count + Self.network.count {
            violate(
                .limits,
                "\(what) buys \(symbol(order.instrument)) by a price of \(age.count / 1_000_000) ms ago"
            )
        }
    }

    private static let network = Nanoseconds.milliseconds(100)
}
