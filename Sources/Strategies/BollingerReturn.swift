import Indicators
public import TradingModel

/// Buys when the price comes back up through the lower Bollinger band, sells when it comes back down
/// through the upper one.
///
/// z = (price - mean) / deviation of the last `length` prices, the newest included. Buy at i: z[i] >
/// -factor and z[i-1] <= -factor; sell: z[i] < factor and z[i-1] >= factor; of prices (ticks) or
/// closes (candles). An event at which all prices are equal has no z and is passed over. Warm-up:
/// `length` events: index 20 is the first that can signal for 20. Source: `oracles/indicators`.
public struct BollingerReturn: Strategy {
    private var deviation: StandardDeviation
    private let factor: Double
    private var lower = Crossing()
    private var upper = Crossing()
    private let rebound: StrategyResult
    private let rollover: StrategyResult

    /// - Parameters:
    ///   - length: 2 to 512.
    ///   - factor: Above 0, in millionths of a deviation.
    public init(length: Int = 20, factor: Int64 = 2_000_000) {
        deviation = StandardDeviation(length: length)
        self.factor = Double(factor) / 1e6
        let bands = "Bollinger \(length)/\(StrategyParameter.text(factor))"
        rebound = StrategyResult(
            .buy, message: "price rose back above the lower band of \(bands)",
            reasons: ["lower_band"])
        rollover = StrategyResult(
            .sell, message: "price fell back below the upper band of \(bands)",
            reasons: ["upper_band"])
    }

    public mutating func onTick(_ tick: Tick) -> StrategyResult? { step(tick.price) }
    public mutating func onCandle(_ candle: Candle) -> StrategyResult? { step(candle.close) }

    private mutating func step(_ price: Price) -> StrategyResult? {
        deviation.push(price)
        guard let score = deviation.score(of: price) else { return nil }
        let comesUp = lower.push(score > -factor ? 1 : -1) == .up
        let comesDown = upper.push(score < factor ? -1 : 1) == .down
        return comesUp ? rebound : comesDown ? rollover : nil
    }

    public func hash(into hasher: inout StateHasher) {
        hasher.combine("bollinger 1")
        deviation.hash(into: &hasher)
        hasher.combine(factor)
        lower.hash(into: &hasher)
        upper.hash(into: &hasher)
    }

    static let builtIn = BuiltInStrategy(
        name: "bollinger",
        summary:
            "Buys when the price comes back above the lower band, sells when it comes back below the upper one",
        parameters: [
            .integer("length", 20, in: 2...512, "length of the bands, in events"),
            .decimal("factor", 2, in: 0...100, "width of the bands, in standard deviations"),
        ],
        warmUp: { StrategyParameter.whole($0[0]) },
        build: { (values) throws(ParameterError) in
            guard values[1] > 0 else {
                throw ParameterError(
                    .inconsistent, strategy: "bollinger", parameter: "factor",
                    what: "0 leaves no bands", hint: "allowed: above 0; default 2")
            }
            return BollingerReturn(
                length: StrategyParameter.whole(values[0]), factor: values[1])
        })
}
