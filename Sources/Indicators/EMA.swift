public import TradingModel

/// The exponential moving average.
///
/// ema[n-1] = mean of the first n values, then ema[i] = ema[i-1] + 2/(n+1) x (x[i] - ema[i-1]),
/// in the quote currency. Warm-up: first value at index n - 1. Floating point in exactly this
/// order, so that every machine gets the same bits. Source: `oracles/indicators` (TA-Lib's EMA,
/// classic).
public struct EMA: Sendable {
    public let length: Int
    @usableFromInline let weight: Double
    @usableFromInline var missing: Int
    /// The sum while warming up, then the average.
    @usableFromInline var current: Double = 0

    /// - Parameter length: In ``RollingSum/lengths``; what users wrote is checked before.
    public init(length: Int) {
        precondition(RollingSum.lengths.contains(length), "EMA length outside 1...512")
        self.length = length
        weight = 2 / Double(length + 1)
        missing = length
    }

    @inlinable public var isReady: Bool { missing == 0 }
    /// `nil` while warming up.
    @inlinable public var value: Double? { isReady ? current : nil }

    /// - Parameter value: Finite.
    @inlinable @inline(__always) public mutating func push(_ value: Double) {
        if missing == 0 {
            current += weight * (value - current)
        } else {
            current += value
            missing -= 1
            if missing == 0 { current /= Double(length) }
        }
    }

    @inlinable @inline(__always) public mutating func push(_ price: Price) {
        push(Double(price.units) / Double(fixedPointScale))
    }

    public func hash(into hasher: inout StateHasher) {
        hasher.combine(length)
        hasher.combine(missing)
        hasher.combine(current)
    }
}
