import Indicators
public import TradingModel

/// Buys when the price breaks resistance, sells when it breaks support.
///
/// Resistance is the highest high of the `length` events before this one, support the lowest low of
/// the `exit` events before it; a tick's price is its high and low. Buy at i: price above
/// resistance, and not so at i-1; sell: price below support, and not so at i-1. A price at the line
/// does not break it. With a volume filter a buy counts only when the event's volume is above
/// `volume_factor` times the mean of the last 20 volumes, its own included; what fails it is gone.
/// Exact. Warm-up: the larger of both lengths: index 20 is the first that can signal for 20/10.
public struct Breakout: Strategy {
    private var highest: RollingExtreme
    private var lowest: RollingExtreme
    private var isAbove = false
    private var isBelow = false
    private var filter: VolumeFilter?
    private let breakUp: StrategyResult
    private let breakDown: StrategyResult

    /// - Parameters:
    ///   - length: In `RollingSum.lengths`, as `exit`.
    ///   - volumeFactor: In millionths, 0 to 1000 x 10⁶; 0 is off.
    public init(length: Int = 20, exit: Int = 10, volumeFactor: Int64 = 0) {
        highest = RollingExtreme(.highest, length: length)
        lowest = RollingExtreme(.lowest, length: exit)
        filter = volumeFactor > 0 ? VolumeFilter(factor: volumeFactor) : nil
        breakUp = StrategyResult(
            .buy, message: "price broke above the high of \(length) events",
            reasons: ["resistance"])
        breakDown = StrategyResult(
            .sell, message: "price broke below the low of \(exit) events", reasons: ["support"])
    }

    public mutating func onTick(_ tick: Tick) -> StrategyResult? {
        filter?.push(Volume(tick.quantity))
        return step(tick.price, high: tick.price, low: tick.price)
    }

    public mutating func onCandle(_ candle: Candle) -> StrategyResult? {
        filter?.push(candle.volume)
        return step(candle.close, high: candle.high, low: candle.low)
    }

    private mutating func step(_ price: Price, high: Price, low: Price) -> StrategyResult? {
        let (resistance, support) = (highest.price, lowest.price)
        highest.push(high)
        lowest.push(low)
        guard let resistance, let support else { return nil }
        let (wasAbove, wasBelow) = (isAbove, isBelow)
        isAbove = price > resistance
        isBelow = price < support
        if isAbove, !wasAbove { return filter?.passes == false ? nil : breakUp }
        return isBelow && !wasBelow ? breakDown : nil
    }

    public func hash(into hasher: inout StateHasher) {
        hasher.combine("breakout 1")
        highest.hash(into: &hasher)
        lowest.hash(into: &hasher)
        hasher.combine(isAbove)
        hasher.combine(isBelow)
        hasher.combine(filter != nil)
        filter?.hash(into: &hasher)
    }

    static let builtIn = BuiltInStrategy(
        name: "breakout",
        summary: "Buys when the price breaks resistance, sells when it breaks support",
        parameters: [
            .integer("length", 20, in: 1...512, "events whose highest high is the resistance"),
            .integer("exit", 10, in: 1...512, "events whose lowest low is the support"),
            .decimal(
                "volume_factor", 0, in: 0...1000,
                "a buy counts only above this many times the mean volume of 20 events; 0 is off"),
        ],
        warmUp: { StrategyParameter.whole(max($0[0], $0[1])) },
        build: { (values) throws(ParameterError) in
            Breakout(
                length: StrategyParameter.whole(values[0]),
                exit: StrategyParameter.whole(values[1]), volumeFactor: values[2])
        })
}
