public import TradingModel

/// The simple moving average: the plain mean of the last `length` prices.
///
/// sma[i] = (p[i] + … + p[i-length+1]) / length. Warm-up: first value at index `length` - 1. The
/// sum is exact; only ``value`` is rounded, once. Decisions compare sums:
/// ``RollingSum/compareMeans(_:_:)``. Source: `oracles/indicators` (TA-Lib's SMA).
public struct SMA: Sendable {
    @usableFromInline var window: RollingSum

    /// - Parameter length: In ``RollingSum/lengths``.
    public init(length: Int) { window = RollingSum(length: length) }

    @inlinable public var length: Int { window.length }
    @inlinable public var isReady: Bool { window.isFull }
    /// The exact sum of the window, in units.
    @inlinable public var sum: Int128 { window.sum }
    /// The mean in the quote currency, for showing; `nil` while warming up.
    @inlinable public var value: Double? {
        isReady ? rounded(window.sum) / (Double(length) * Double(fixedPointScale)) : nil
    }

    @inlinable @inline(__always) public mutating func push(_ price: Price) {
        window.push(price.units)
    }

    /// The sign of fast - slow, exact. Meaningful once both are ready.
    @inlinable @inline(__always) public static func compare(_ fast: SMA, _ slow: SMA) -> Int {
        RollingSum.compareMeans(fast.window, slow.window)
    }

    public func hash(into hasher: inout StateHasher) { window.hash(into: &hasher) }
}
