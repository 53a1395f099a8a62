public import TradingModel

/// The volume-weighted average price: of the last `length` bars, or of the day so far.
///
/// t = (high + low + close) / 3; vwap = Σ t x volume / Σ volume. A length of 0 counts from the first
/// bar of the local day. Warm-up: first value at index `length` - 1, or 0; no value while no
/// volume has passed. Both sums are exact. Source: the common definition; TA-Lib has none.
public struct VWAP: Indicator {
    private struct Entry: Sendable {
        var typical: Int128 = 0
        var volume: Int128 = 0
    }
    private var window: [Entry]
    private var at = 0
    private var isFull: Bool
    private var day: Int64?
    private var turnover = WideSum()
    private var volume: Int128 = 0

    /// - Parameter length: 0 for the day, or in ``RollingSum/lengths``.
    public init(length: Int = 0) {
        precondition(length == 0 || RollingSum.lengths.contains(length), "VWAP length past 512")
        window = Array(repeating: Entry(), count: length)
        isFull = length == 0
    }

    public mutating func push(_ bar: Bar) {
        let entry = Entry(
            typical: bar.typicalThrice, volume: RollingVolume.clamped(bar.volume.units))
        if window.isEmpty {
            if day != bar.day {
                turnover = WideSum()
                volume = 0
                day = bar.day
            }
        } else {
            turnover.subtract(window[at].typical, times: window[at].volume)
            volume -= window[at].volume
            window[at] = entry
            at += 1
            if at == window.count {
                at = 0
                isFull = true
            }
        }
        turnover.add(entry.typical, times: entry.volume)
        // A day of 2³⁶ bars at the limit would pass 128 bits: it wraps there, and nothing traps.
        volume = volume &+ entry.volume
    }

    public var value: Double? {
        guard isFull, volume > 0 else { return nil }
        return turnover.double / (3 * rounded(volume) * Double(fixedPointScale))
    }
    public func value(_ output: Int) -> Double? { value }

    public func hash(into hasher: inout StateHasher) {
        hasher.combine(at)
        hasher.combine(isFull)
        hasher.combine(day != nil)
        hasher.combine(day ?? 0)
        turnover.hash(into: &hasher)
        hasher.combine(volume)
        for entry in window {
            hasher.combine(entry.typical)
            hasher.combine(entry.volume)
        }
    }
}
