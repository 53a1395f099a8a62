import Indicators
public import TradingModel

/// Buys when Wilder's RSI comes back up through `low`, sells when it comes back down through
/// `high`.
///
/// Buy at i: rsi[i] > low and rsi[i-1] <= low; sell: rsi[i] < high and rsi[i-1] >= high; of
/// prices (ticks) or closes (candles). Warm-up: `length` + 2 events, so index 15 is the first
/// that can signal for 14. Source: `oracles/backtest`, rules 3 and 9.
public struct RSIStrategy: Strategy {
    var rsi: RSI
    let low: Double
    let high: Double
    /// The index before this event; `nil` before the first.
    var previous: Double?
    // Made once: a signal then costs no formatting.
    let rebound: StrategyResult
    let rollover: StrategyResult

    /// - Parameters:
    ///   - length: In `RSI.lengths`.
    ///   - low: In millionths, 0 to 100 x 10⁶, as `high`; below it.
    public init(length: Int = 14, low: Int64 = 30_000_000, high: Int64 = 70_000_000) {
        precondition(low < high, "the low bound must be below the high one")
        rsi = RSI(length: length)
        self.low = Double(low) / 1e6
        self.high = Double(high) / 1e6
        let (lowText, highText) = (StrategyParameter.text(low), StrategyParameter.text(high))
        rebound = StrategyResult(
            .buy, message: "RSI\(length) rose above \(lowText)", reasons: ["rsi>\(lowText)"])
        rollover = StrategyResult(
            .sell, message: "RSI\(length) fell below \(highText)", reasons: ["rsi<\(highText)"])
    }

    // Inlined into the protocol's witness: the result is then not copied once more.
    @inline(__always)
    public mutating func onTick(_ tick: Tick) -> StrategyResult? { step(tick.price) }

    public mutating func onCandle(_ candle: Candle) -> StrategyResult? { step(candle.close) }

    @inline(__always)
    private mutating func step(_ price: Price) -> StrategyResult? {
        rsi.push(price)
        guard let now = rsi.value else { return nil }
        let before = previous
        previous = now
        guard let before else { return nil }
        if now > low, before <= low { return rebound }
        if now < high, before >= high { return rollover }
        return nil
    }

    public func hash(into hasher: inout StateHasher) {
        hasher.combine("rsi 1")
        rsi.hash(into: &hasher)
        hasher.combine(low)
        hasher.combine(high)
        hasher.combine(previous != nil)
    }

    static let builtIn = BuiltInStrategy(
        name: "rsi",
        summary:
            "Buys when the RSI comes back above a low bound, sells when it falls below a high one",
        parameters: [
            .integer("length", 14, in: 2...512, "length of the RSI, in events"),
            .decimal("low", 30, in: 0...100, "buys when the RSI crosses up through it"),
            .decimal("high", 70, in: 0...100, "sells when the RSI crosses down through it"),
        ],
        warmUp: { Int($0[0] / StrategyParameter.one) + 1 },
        build: { (values) throws(ParameterError) in
            guard values[1] < values[2] else {
                let (low, high) = (
                    StrategyParameter.text(values[1]), StrategyParameter.text(values[2])
                )
                throw ParameterError(
                    .inconsistent, strategy: "rsi", parameter: "low",
                    what: "\(low) is not below high, which is \(high)",
                    hint: "allowed: low < high; default 30 and 70")
            }
            return RSIStrategy(
                length: Int(values[0] / StrategyParameter.one), low: values[1], high: values[2])
        })
}
