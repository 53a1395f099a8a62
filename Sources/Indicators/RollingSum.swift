public import TradingModel

/// The exact sum of the last `length` values: ``Price/units``, as a rule.
///
/// sum[i] = x[i] + x[i-1] + … + x[i-length+1]. Warm-up: full from index `length` - 1 on; until
/// then the missing values count as 0. Every `Int64` is a legal value: 512 of them need 72 bits
/// and the sum has 128, so nothing traps, wraps or rounds. Short windows lie inside the struct,
/// long ones on the heap; a push costs the same whatever the length.
public struct RollingSum: Sendable {
    /// The lengths that may be asked for.
    public static let lengths = 1...512
    /// Windows up to this length need no heap.
    @usableFromInline static var inlineLength: Int { 64 }

    @usableFromInline var near = InlineArray<64, Int64>(repeating: 0)
    @usableFromInline var far: [Int64]
    @usableFromInline var at = 0
    @usableFromInline var full = false
    @usableFromInline var total: Int128 = 0
    public let length: Int

    /// - Parameter length: In ``lengths``; what users wrote is checked before.
    public init(length: Int) {
        precondition(RollingSum.lengths.contains(length), "window length outside 1...512")
        self.length = length
        far = length > RollingSum.inlineLength ? Array(repeating: 0, count: length) : []
    }

    /// Whether `length` values have come.
    @inlinable public var isFull: Bool { full }
    /// The sum of what is in the window.
    @inlinable public var sum: Int128 { total }

    /// Takes the newest value and drops the oldest.
    @inlinable @inline(__always) public mutating func push(_ value: Int64) {
        let oldest: Int64
        if length <= RollingSum.inlineLength {
            oldest = near[at]
            near[at] = value
        } else {
            oldest = far[at]
            far[at] = value
        }
        total += Int128(value) - Int128(oldest)
        at += 1
        if at == length {
            at = 0
            full = true
        }
    }

    /// The sign of mean(a) - mean(b): 1, 0 or -1, exact, without a division.
    ///
    /// Compares `b.length * a.sum` with `a.length * b.sum`. Meaningful once both are full.
    @inlinable @inline(__always) public static func compareMeans(_ a: Self, _ b: Self) -> Int {
        compareMeans(a.total, of: a.length, b.total, of: b.length)
    }

    // Takes numbers, not windows: a call with the windows would copy them.
    @inlinable @inline(__always) static func compareMeans(
        _ a: Int128, of aLength: Int, _ b: Int128, of bLength: Int
    ) -> Int {
        // One multiplication each where 64 bits hold the product: 20/60 below a price of 7.6 x 10⁷.
        let (left, tall) = Int64(truncatingIfNeeded: a).multipliedReportingOverflow(
            by: Int64(bLength))
        let (right, wide) = Int64(truncatingIfNeeded: b).multipliedReportingOverflow(
            by: Int64(aLength))
        guard !tall, !wide, Int64(exactly: a) != nil, Int64(exactly: b) != nil else {
            return compareWideMeans(a, of: aLength, b, of: bLength)
        }
        return (left > right ? 1 : 0) - (left < right ? 1 : 0)
    }

    @usableFromInline @inline(never) static func compareWideMeans(
        _ a: Int128, of aLength: Int, _ b: Int128, of bLength: Int
    ) -> Int {
        let left = a * Int128(bLength)  // 72 + 9 bits
        let right = b * Int128(aLength)
        return left > right ? 1 : left < right ? -1 : 0
    }

    /// The values from the oldest to the newest go in, and how many are still missing.
    public func hash(into hasher: inout StateHasher) {
        hasher.combine(length)
        hasher.combine(full)
        hasher.combine(at)
        for index in 0..<length {
            hasher.combine(length <= RollingSum.inlineLength ? near[index] : far[index])
        }
    }
}
