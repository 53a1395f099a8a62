public import TradingModel

/// The linearly weighted moving average: the newest price counts `length` times, the oldest once.
///
/// wma[i] = (n x p[i] + (n-1) x p[i-1] + … + 1 x p[i-n+1]) / (n x (n+1) / 2). Warm-up: first value
/// at index `length` - 1. The weighted sum is exact: 64 + 17 bits. Source: TA-Lib's WMA.
public struct WMA: Sendable {
    private var window: Window
    private var sum: Int128 = 0
    /// n x p[i] + …, in units.
    public private(set) var weighted: Int128 = 0

    /// - Parameter length: In ``RollingSum/lengths``.
    public init(length: Int) { window = Window(length: length) }

    public var length: Int { window.length }
    public var isReady: Bool { window.isFull }
    /// n x (n+1) / 2.
    public static func divisor(_ length: Int) -> Int { length * (length + 1) / 2 }

    public var value: Double? {
        guard isReady else { return nil }
        return rounded(weighted) / (Double(WMA.divisor(length)) * Double(fixedPointScale))
    }

    public mutating func push(_ price: Price) {
        // Each weight falls by one: the sum of the old window leaves once.
        weighted += Int128(price.units) * Int128(length) - sum
        sum += Int128(price.units) - Int128(window.push(price.units))
    }

    public func hash(into hasher: inout StateHasher) {
        window.hash(into: &hasher)
        hasher.combine(weighted)
    }
}
