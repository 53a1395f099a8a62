import Indicators
public import TradingModel

/// Follows the price when volume surges: buys when it rose at that event, sells when it fell.
///
/// A surge is a volume above `factor` times the mean of the last `length`, its own included. It
/// speaks at the first event of a surge, and only when the price is at least `move` percent away
/// from the one before; where both are equal it says nothing. Exact. Warm-up: `length` - 1 events,
/// and one at least: index 19 is the first that can signal for 20.
public struct VolumeSurge: Strategy {
    private var window: RollingVolume
    private let factor: Int64
    /// In millionths of a percent.
    private let move: Int64
    private var isSurging = false
    private var before: Price?
    private let rise: StrategyResult
    private let fall: StrategyResult

    /// - Parameters:
    ///   - length: 2 to 512.
    ///   - factor: In millionths, up to 1000 x 10⁶.
    ///   - move: In millionths of a percent, up to 100 x 10⁶.
    public init(length: Int = 20, factor: Int64 = 3_000_000, move: Int64 = 0) {
        window = RollingVolume(length: length)
        self.factor = factor
        self.move = move
        let surge = "volume above \(StrategyParameter.text(factor)) x its mean of \(length)"
        rise = StrategyResult(
            .buy, message: "\(surge), price rising", reasons: ["volume_surge", "rise"])
        fall = StrategyResult(
            .sell, message: "\(surge), price falling", reasons: ["volume_surge", "fall"])
    }

    public mutating func onTick(_ tick: Tick) -> StrategyResult? {
        step(tick.price, Volume(tick.quantity))
    }
    public mutating func onCandle(_ candle: Candle) -> StrategyResult? {
        step(candle.close, candle.volume)
    }

    private mutating func step(_ price: Price, _ volume: Volume) -> StrategyResult? {
        window.push(volume)
        let last = before
        before = price
        guard window.isFull else { return nil }
        // At most 90 + 9 + 20 bits against 99 + 30.
        let newest = RollingVolume.clamped(volume.units)
        let (scaled, overflow) = window.sum.multipliedReportingOverflow(by: Int128(factor))
        let surges =
            !overflow
            && newest * Int128(window.length) * Int128(StrategyParameter.one) > scaled
        let begins = surges && !isSurging
        isSurging = surges
        guard begins, let last else { return nil }
        return direction(from: last, to: price)
    }

    private func direction(from last: Price, to price: Price) -> StrategyResult? {
        let change = Int128(price.units) - Int128(last.units)
        // |change| / last >= move %: 64 + 27 bits against 63 + 27.
        let least = Int128(last.units.magnitude) * Int128(move)
        guard change != 0, abs(change) * 100 * Int128(StrategyParameter.one) >= least else {
            return nil
        }
        return change > 0 ? rise : fall
    }

    public func hash(into hasher: inout StateHasher) {
        hasher.combine("volume_surge 1")
        window.hash(into: &hasher)
        hasher.combine(factor)
        hasher.combine(move)
        hasher.combine(isSurging)
        hasher.combine(before != nil)
        hasher.combine(before?.units ?? 0)
    }

    static let builtIn = BuiltInStrategy(
        name: "volume_surge",
        summary: "Follows the price when volume surges: buys when it rose, sells when it fell",
        parameters: [
            .integer("length", 20, in: 2...512, "length of the mean volume, in events"),
            .decimal("factor", 3, in: 0...1000, "a surge is more than so many times the mean"),
            .decimal("move", 0, in: 0...100, "least change of the price, in percent"),
        ],
        warmUp: { StrategyParameter.whole($0[0]) - 1 },
        build: { (values) throws(ParameterError) in
            VolumeSurge(
                length: StrategyParameter.whole(values[0]), factor: values[1], move: values[2])
        })
}
