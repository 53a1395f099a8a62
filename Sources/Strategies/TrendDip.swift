import Indicators
public import TradingModel

/// Buys a dip in a rising trend: the fast mean above the slow one, and the RSI low; sells when the
/// RSI is high.
///
/// Buy at i: fast[i] > slow[i] and rsi[i] < low, and not both at i-1; sell: rsi[i] > high, and not
/// at i-1; of prices (ticks) or closes (candles); the means are compared as exact sums. Warm-up:
/// the larger of `slow` and `length` + 1 events: index 60 is the first that can signal for
/// 20/60/14.
public struct TrendDip: Strategy {
    private var fast: SMA
    private var slow: SMA
    private var rsi: RSI
    private let low: Double
    private let high: Double
    private var dips = Crossing()
    private var peaks = Crossing()
    private let dip: StrategyResult
    private let peak: StrategyResult

    /// - Parameters:
    ///   - fast: Below `slow`; both in `RollingSum.lengths`.
    ///   - length: Of the RSI, in `RSI.lengths`.
    ///   - low: In millionths, 0 to 100 x 10⁶, as `high`; below it.
    public init(
        fast: Int = 20, slow: Int = 60, length: Int = 14, low: Int64 = 30_000_000,
        high: Int64 = 70_000_000
    ) {
        precondition(fast < slow && low < high, "fast below slow, low below high")
        self.fast = SMA(length: fast)
        self.slow = SMA(length: slow)
        rsi = RSI(length: length)
        self.low = Double(low) / 1e6
        self.high = Double(high) / 1e6
        let (lowText, highText) = (StrategyParameter.text(low), StrategyParameter.text(high))
        dip = StrategyResult(
            .buy, message: "MA\(fast) is above MA\(slow) and RSI\(length) below \(lowText)",
            reasons: ["uptrend", "rsi<\(lowText)"])
        peak = StrategyResult(
            .sell, message: "RSI\(length) rose above \(highText)", reasons: ["rsi>\(highText)"])
    }

    public mutating func onTick(_ tick: Tick) -> StrategyResult? { step(tick.price) }
    public mutating func onCandle(_ candle: Candle) -> StrategyResult? { step(candle.close) }

    private mutating func step(_ price: Price) -> StrategyResult? {
        fast.push(price)
        slow.push(price)
        rsi.push(price)
        guard slow.isReady, let index = rsi.value else { return nil }
        let isDip = SMA.compare(fast, slow) > 0 && index < low
        let buys = dips.push(isDip ? 1 : -1) == .up
        let sells = peaks.push(index > high ? 1 : -1) == .up
        return buys ? dip : sells ? peak : nil
    }

    public func hash(into hasher: inout StateHasher) {
        hasher.combine("trend_dip 1")
        fast.hash(into: &hasher)
        slow.hash(into: &hasher)
        rsi.hash(into: &hasher)
        hasher.combine(low)
        hasher.combine(high)
        dips.hash(into: &hasher)
        peaks.hash(into: &hasher)
    }

    static let builtIn = BuiltInStrategy(
        name: "trend_dip",
        summary: "Buys a low RSI while the fast mean is above the slow one, sells a high RSI",
        parameters: [
            .integer("fast", 20, in: 1...511, "length of the fast average, in events"),
            .integer("slow", 60, in: 2...512, "length of the slow average, in events"),
            .integer("length", 14, in: 2...512, "length of the RSI, in events"),
            .decimal("low", 30, in: 0...100, "buys while the RSI is below it"),
            .decimal("high", 70, in: 0...100, "sells when the RSI rises above it"),
        ],
        warmUp: { StrategyParameter.whole(max($0[1], $0[2] + StrategyParameter.one)) },
        build: { (values) throws(ParameterError) in
            let (fast, slow) = (
                StrategyParameter.whole(values[0]), StrategyParameter.whole(values[1])
            )
            guard fast < slow else {
                throw ParameterError(
                    .inconsistent, strategy: "trend_dip", parameter: "fast",
                    what: "\(fast) is not below slow, which is \(slow)",
                    hint: "allowed: fast < slow; default 20 and 60")
            }
            guard values[3] < values[4] else {
                let (low, high) = (
                    StrategyParameter.text(values[3]), StrategyParameter.text(values[4])
                )
                throw ParameterError(
                    .inconsistent, strategy: "trend_dip", parameter: "low",
                    what: "\(low) is not below high, which is \(high)",
                    hint: "allowed: low < high; default 30 and 70")
            }
            return TrendDip(
                fast: fast, slow: slow, length: StrategyParameter.whole(values[2]),
                low: values[3], high: values[4])
        })
}
