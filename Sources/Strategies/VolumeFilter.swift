import Indicators
import TradingModel

/// Lets through what trades on unusual volume: above `factor` times the mean of the last 20
/// volumes, the newest included.
///
/// Exact. Passes nothing before 20 volumes have come.
struct VolumeFilter {
    static let length = 20
    /// In millionths, up to 1000 x 10⁶.
    let factor: Int64
    private var window = RollingVolume(length: length)
    private var newest: Int128 = 0

    init(factor: Int64) { self.factor = factor }

    mutating func push(_ volume: Volume) {
        newest = RollingVolume.clamped(volume.units)
        window.push(volume)
    }

    /// newest x 20 x 10⁶ > factor x sum: at most 90 + 25 and 95 + 30 bits.
    var passes: Bool {
        window.isFull
            && newest * Int128(VolumeFilter.length) * Int128(StrategyParameter.one)
                > Int128(factor) * window.sum
    }

    func hash(into hasher: inout StateHasher) {
        hasher.combine(factor)
        window.hash(into: &hasher)
    }
}
