public import TradingModel

/// The moving-average convergence/divergence: how far a fast average is from a slow one.
///
/// line = ema(fast) - ema(slow), signal = ema(signal) of the line, histogram = line - signal. The
/// fast average is seeded on the `fast` values that end where the slow one begins, not on the
/// first ones; the signal on the first `signal` lines. Warm-up: all three begin at index slow +
/// signal - 2. Outputs: line, signal, histogram. Source: `oracles/indicators` (TA-Lib's MACD,
/// classic).
public struct MACD: Indicator {
    private var fast: EMA
    private var slow: EMA
    private var signal: EMA
    /// Values that the fast average does not see.
    private var skipped: Int
    private var line: Double = 0

    /// - Parameters:
    ///   - fast: Below `slow`.
    ///   - signal: In ``RollingSum/lengths``, as both others.
    public init(fast: Int = 12, slow: Int = 26, signal: Int = 9) {
        precondition(fast < slow, "the fast length must be below the slow one")
        self.fast = EMA(length: fast)
        self.slow = EMA(length: slow)
        self.signal = EMA(length: signal)
        skipped = slow - fast
    }

    public var isReady: Bool { signal.isReady }
    /// Line less signal; `nil` while warming up.
    public var histogram: Double? { signal.value.map { line - $0 } }

    public mutating func push(_ bar: Bar) { push(bar.close) }
    public mutating func push(_ price: Price) {
        slow.push(price)
        if skipped > 0 { skipped -= 1 } else { fast.push(price) }
        guard let near = fast.value, let far = slow.value else { return }
        line = near - far
        signal.push(line)
    }

    public func value(_ output: Int) -> Double? {
        guard let signal = signal.value else { return nil }
        return switch output {
        case 0: line
        case 1: signal
        default: line - signal
        }
    }

    public func hash(into hasher: inout StateHasher) {
        fast.hash(into: &hasher)
        slow.hash(into: &hasher)
        signal.hash(into: &hasher)
        hasher.combine(skipped)
        hasher.combine(line)
    }
}
