import Indicators
public import TradingModel

/// Buys what has fallen far below its mean, sells it when it is back.
///
/// z = (price - mean) / deviation of the last `length` prices, the newest included. Buy at i: z[i] <
/// -entry and z[i-1] >= -entry; sell: z[i] > -exit and z[i-1] <= -exit; of prices (ticks) or closes
/// (candles). An event at which all prices are equal has no z and is passed over. Warm-up:
/// `length` events: index 20 is the first that can signal for 20.
public struct MeanReversion: Strategy {
    private var deviation: StandardDeviation
    private let entry: Double
    private let exit: Double
    private var far = Crossing()
    private var back = Crossing()
    private let fall: StrategyResult
    private let recovery: StrategyResult

    /// - Parameters:
    ///   - length: 2 to 512.
    ///   - entry: In millionths of a deviation below the mean, as `exit`; above it.
    public init(length: Int = 20, entry: Int64 = 2_000_000, exit: Int64 = 0) {
        precondition(exit < entry, "the exit must be nearer to the mean than the entry")
        deviation = StandardDeviation(length: length)
        self.entry = -Double(entry) / 1e6
        self.exit = exit == 0 ? 0 : -Double(exit) / 1e6
        let (far, near) = (StrategyParameter.text(entry), StrategyParameter.text(exit))
        fall = StrategyResult(
            .buy, message: "price fell \(far) deviations below its mean of \(length)",
            reasons: ["z<-\(far)"])
        recovery = StrategyResult(
            .sell,
            message: exit == 0
                ? "price is back above its mean of \(length)"
                : "price is back within \(near) deviations of its mean of \(length)",
            reasons: [exit == 0 ? "z>0" : "z>-\(near)"])
    }

    public mutating func onTick(_ tick: Tick) -> StrategyResult? { step(tick.price) }
    public mutating func onCandle(_ candle: Candle) -> StrategyResult? { step(candle.close) }

    private mutating func step(_ price: Price) -> StrategyResult? {
        deviation.push(price)
        guard let score = deviation.score(of: price) else { return nil }
        let falls = far.push(score < entry ? -1 : 1) == .down
        let returns = back.push(score > exit ? 1 : -1) == .up
        return falls ? fall : returns ? recovery : nil
    }

    public func hash(into hasher: inout StateHasher) {
        hasher.combine("mean_reversion 1")
        deviation.hash(into: &hasher)
        hasher.combine(entry)
        hasher.combine(exit)
        far.hash(into: &hasher)
        back.hash(into: &hasher)
    }

    static let builtIn = BuiltInStrategy(
        name: "mean_reversion",
        summary: "Buys what has fallen far below its mean, sells when it is back",
        parameters: [
            .integer("length", 20, in: 2...512, "length of mean and deviation, in events"),
            .decimal("entry", 2, in: 0...100, "buys so many deviations below the mean"),
            .decimal("exit", 0, in: 0...100, "sells so many deviations below the mean; 0: at it"),
        ],
        warmUp: { StrategyParameter.whole($0[0]) },
        build: { (values) throws(ParameterError) in
            guard values[2] < values[1] else {
                let (entry, exit) = (
                    StrategyParameter.text(values[1]), StrategyParameter.text(values[2])
                )
                throw ParameterError(
                    .inconsistent, strategy: "mean_reversion", parameter: "exit",
                    what: "\(exit) is not below entry, which is \(entry)",
                    hint: "allowed: exit < entry; default 0 and 2")
            }
            return MeanReversion(
                length: StrategyParameter.whole(values[0]), entry: values[1], exit: values[2])
        })
}
