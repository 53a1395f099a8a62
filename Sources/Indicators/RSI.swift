public import TradingModel

/// Wilder's relative strength index, 0 to 100.
///
/// gain = max(p[i] - p[i-1], 0), loss = max(p[i-1] - p[i], 0). At index n both averages are the
/// plain means of the first n, then avg = (avg x (n-1) + x) / n; rsi = 100 x avgGain / (avgGain +
/// avgLoss), and 0 when both are 0. Warm-up: first value at index n, for n changes need n + 1
/// prices. Floating point in exactly this order. Source: `oracles/indicators` (TA-Lib's RSI,
/// classic).
public struct RSI: Sendable {
    public let length: Int
    /// Changes still to come before the first value; `length` + 1 before the first price.
    @usableFromInline var missing: Int
    @usableFromInline var last: Int64 = 0
    @usableFromInline var averageGain: Double = 0
    @usableFromInline var averageLoss: Double = 0

    /// The lengths that may be asked for.
    public static let lengths = 2...512

    /// - Parameter length: In ``lengths``; what users wrote is checked before.
    public init(length: Int) {
        precondition(RSI.lengths.contains(length), "RSI length outside 2...512")
        self.length = length
        missing = length + 1
    }

    @inlinable public var isReady: Bool { missing == 0 }
    /// `nil` while warming up.
    @inlinable public var value: Double? { isReady ? index : nil }

    @usableFromInline var index: Double {
        @inlinable get {
            let both = averageGain + averageLoss
            return both == 0 ? 0 : 100 * (averageGain / both)
        }
    }

    @inlinable @inline(__always) public mutating func push(_ price: Price) {
        let (difference, overflow) = price.units.subtractingReportingOverflow(last)
        // Past 64 bits only between prices of opposite sign at both ends: then rounded first.
        let units = overflow ? Double(price.units) - Double(last) : Double(difference)
        last = price.units
        if missing == 0 {
            blend(units / Double(fixedPointScale))
        } else {
            seed(units / Double(fixedPointScale))
        }
    }

    @inlinable @inline(__always) mutating func blend(_ change: Double) {
        let n = Double(length)
        averageGain = (averageGain * (n - 1) + (change > 0 ? change : 0)) / n
        averageLoss = (averageLoss * (n - 1) + (change < 0 ? -change : 0)) / n
    }

    @usableFromInline mutating func seed(_ change: Double) {
        missing -= 1
        guard missing < length else { return }  // the first price has no change
        if change > 0 { averageGain += change } else { averageLoss -= change }
        if missing == 0 {
            averageGain /= Double(length)
            averageLoss /= Double(length)
        }
    }

    public func hash(into hasher: inout StateHasher) {
        hasher.combine(length)
        hasher.combine(missing)
        hasher.combine(last)
        hasher.combine(averageGain)
        hasher.combine(averageLoss)
    }
}
