import Indicators
public import TradingModel

/// The moving-average cross: buys when the fast mean crosses above the slow one (golden cross),
/// sells when it crosses below (dead cross).
///
/// Up at i: fast[i] > slow[i] and fast[i-1] <= slow[i-1]; down: < and >=; of prices (ticks) or
/// closes (candles), compared as exact sums. Warm-up: `slow` + 1 events, so index 60 is the first
/// that can signal for 20/60. With a volume filter a golden cross counts only when the event's volume
/// is above `volume_factor` times the mean of the last 20 volumes, its own included; one that fails it
/// is gone. A dead cross always counts, or what was bought would be kept for want of volume. Source:
/// `oracles/backtest`, rules 3 and 4.
public struct MACross: Strategy {
    var means: MeanCross
    var filter: VolumeFilter?
    // Made once: a signal then costs no formatting.
    let golden: StrategyResult
    let dead: StrategyResult

    /// - Parameters:
    ///   - fast: Below `slow`; both in `RollingSum.lengths`.
    ///   - volumeFactor: In millionths, 0 to 1000 x 10⁶; 0 is off.
    public init(fast: Int = 20, slow: Int = 60, volumeFactor: Int64 = 0) {
        precondition(fast < slow, "the fast length must be below the slow one")
        means = MeanCross(fast: fast, slow: slow)
        filter = volumeFactor > 0 ? VolumeFilter(factor: volumeFactor) : nil
        golden = StrategyResult(
            .buy, message: "MA\(fast) crossed above MA\(slow)", reasons: ["golden_cross"])
        dead = StrategyResult(
            .sell, message: "MA\(fast) crossed below MA\(slow)", reasons: ["dead_cross"])
    }

    // Inlined into the protocol's witness: the result is then not copied once more.
    @inline(__always)
    public mutating func onTick(_ tick: Tick) -> StrategyResult? {
        if filter != nil { push(Volume(tick.quantity)) }
        return step(tick.price)
    }

    // Beside the tick: few have a filter, and its sums take registers.
    @inline(never)
    private mutating func push(_ volume: Volume) { filter?.push(volume) }

    public mutating func onCandle(_ candle: Candle) -> StrategyResult? {
        filter?.push(candle.volume)
        return step(candle.close)
    }

    @inline(__always)
    private mutating func step(_ price: Price) -> StrategyResult? {
        guard let direction = means.push(price) else { return nil }
        return result(direction)
    }

    // Rare, so beside the tick; mutating, for a call with a borrowed self would copy the windows.
    @inline(never)
    private mutating func result(_ direction: Crossing.Direction) -> StrategyResult? {
        guard direction == .up else { return dead }
        return filter?.passes == false ? nil : golden
    }

    // Without a filter a tick does no more than push its price, which the kernel does where it stands.
    public func slot() -> StrategySlot {
        guard filter == nil, let offset = MemoryLayout<MACross>.offset(of: \MACross.means) else {
            return ownSlot()
        }
        return ownSlot(
            StrategySlot.Trigger(offset: offset) { state, direction in
                state.assumingMemoryBound(to: MACross.self).pointee.result(direction)
            })
    }

    public func hash(into hasher: inout StateHasher) {
        hasher.combine("ma_cross 2")
        means.hash(into: &hasher)
        hasher.combine(filter != nil)
        filter?.hash(into: &hasher)
    }

    static let builtIn = BuiltInStrategy(
        name: "ma_cross",
        summary: "Buys when the fast moving average crosses above the slow one, sells below",
        parameters: [
            .integer("fast", 20, in: 1...511, "length of the fast average, in events"),
            .integer("slow", 60, in: 2...512, "length of the slow average, in events"),
            .decimal(
                "volume_factor", 0, in: 0...1000,
                "a buy counts only above this many times the mean volume of 20 events; 0 is off"),
        ],
        warmUp: { Int($0[1] / StrategyParameter.one) },
        build: { (values) throws(ParameterError) in
            let (fast, slow) = (
                values[0] / StrategyParameter.one, values[1] / StrategyParameter.one
            )
            guard fast < slow else {
                throw ParameterError(
                    .inconsistent, strategy: "ma_cross", parameter: "fast",
                    what: "\(fast) is not below slow, which is \(slow)",
                    hint: "allowed: fast < slow; default 20 and 60")
            }
            return MACross(fast: Int(fast), slow: Int(slow), volumeFactor: values[2])
        })
}
