public import TradingModel

/// The exact sum of the last `length` volumes.
///
/// Like ``RollingSum`` over ``Volume/units``, 128 bits each. Warm-up: full from index `length` -
/// 1 on. A volume past ±``limit`` counts as the limit, so that the sum of 512 of them, and its
/// product with a factor of up to 28 bits, stays inside 128 bits.
public struct RollingVolume: Sendable {
    /// 2⁹⁰ units: 1.2 x 10¹⁹ shares, far past any market.
    @inlinable public static var limit: Int128 { 1 << 90 }

    @usableFromInline var window: [Int128]
    @usableFromInline var at = 0
    @usableFromInline var full = false
    @usableFromInline var total: Int128 = 0

    /// - Parameter length: In ``RollingSum/lengths``; what users wrote is checked before.
    public init(length: Int) {
        precondition(RollingSum.lengths.contains(length), "window length outside 1...512")
        window = Array(repeating: 0, count: length)
    }

    @inlinable public var length: Int { window.count }
    /// Whether `length` volumes have come.
    @inlinable public var isFull: Bool { full }
    /// The sum of what is in the window, in units.
    @inlinable public var sum: Int128 { total }

    /// `units`, or the limit it passes.
    @inlinable public static func clamped(_ units: Int128) -> Int128 {
        min(max(units, -limit), limit)
    }

    /// Takes the newest volume and drops the oldest.
    @inlinable public mutating func push(_ volume: Volume) {
        let value = RollingVolume.clamped(volume.units)
        total += value - window[at]
        window[at] = value
        at += 1
        if at == window.count {
            at = 0
            full = true
        }
    }

    public func hash(into hasher: inout StateHasher) {
        hasher.combine(window.count)
        hasher.combine(full)
        hasher.combine(at)
        for value in window { hasher.combine(value) }
    }
}
