import Indicators
public import TradingModel

/// Buys when the MACD line crosses above its signal, sells when it crosses below.
///
/// Up at i: histogram[i] > 0 and histogram[i-1] <= 0; down: < and >=; of prices (ticks) or closes
/// (candles). Warm-up: slow + signal - 1 events: index 34 is the first that can signal for
/// 12/26/9. Source: `oracles/indicators`, with the crossing of `oracles/backtest`, rule 4.
public struct MACDCross: Strategy {
    private var macd: MACD
    private var crossing = Crossing()
    // Made once: a signal then costs no formatting.
    private let above: StrategyResult
    private let below: StrategyResult

    /// - Parameter fast: Below `slow`; all in `RollingSum.lengths`.
    public init(fast: Int = 12, slow: Int = 26, signal: Int = 9) {
        macd = MACD(fast: fast, slow: slow, signal: signal)
        let name = "MACD \(fast)/\(slow)/\(signal)"
        above = StrategyResult(
            .buy, message: "\(name) crossed above its signal", reasons: ["macd_up"])
        below = StrategyResult(
            .sell, message: "\(name) crossed below its signal", reasons: ["macd_down"])
    }

    public mutating func onTick(_ tick: Tick) -> StrategyResult? { step(tick.price) }
    public mutating func onCandle(_ candle: Candle) -> StrategyResult? { step(candle.close) }

    private mutating func step(_ price: Price) -> StrategyResult? {
        macd.push(price)
        guard let histogram = macd.histogram else { return nil }
        let sign = histogram > 0 ? 1 : histogram < 0 ? -1 : 0
        guard let direction = crossing.push(sign) else { return nil }
        return direction == .up ? above : below
    }

    public func hash(into hasher: inout StateHasher) {
        hasher.combine("macd 1")
        macd.hash(into: &hasher)
        crossing.hash(into: &hasher)
    }

    static let builtIn = BuiltInStrategy(
        name: "macd",
        summary: "Buys when the MACD line crosses above its signal, sells when it crosses below",
        parameters: [
            .integer("fast", 12, in: 1...511, "length of the fast average, in events"),
            .integer("slow", 26, in: 2...512, "length of the slow average, in events"),
            .integer("signal", 9, in: 1...512, "length of the signal, in MACD values"),
        ],
        warmUp: { StrategyParameter.whole($0[1] + $0[2]) - 1 },
        build: { (values) throws(ParameterError) in
            let lengths = values.map(StrategyParameter.whole)
            guard lengths[0] < lengths[1] else {
                throw ParameterError(
                    .inconsistent, strategy: "macd", parameter: "fast",
                    what: "\(lengths[0]) is not below slow, which is \(lengths[1])",
                    hint: "allowed: fast < slow; default 12 and 26")
            }
            return MACDCross(fast: lengths[0], slow: lengths[1], signal: lengths[2])
        })
}
