public import TradingModel

/// Notices when the mean of the last `fast` prices crosses that of the last `slow`, exactly.
///
/// Of the sums: fast mean > slow mean where `slow` x fastSum > `fast` x slowSum, without a division; then as
/// ``Crossing``. Warm-up: both means from index `slow` - 1 on, so index `slow` is the first that can cross. One
/// window serves both means. Every `Int64` is a legal price: sums are one word while no product of theirs can
/// leave it (20/60: below a price of 7.6 x 10⁷), and two words else. Source: `oracles/backtest`, rules 3 and 4.
public struct MeanCross: Sendable {
    @usableFromInline var near = InlineArray<64, Int64>(repeating: 0)
    @usableFromInline var far: [Int64]
    /// Where the oldest price stands, and the one that leaves the fast mean next.
    @usableFromInline var at = 0
    @usableFromInline var leaving: Int
    /// Prices still to come before both means are there.
    @usableFromInline var missing: Int
    /// Whether every price of the window is below `limit`: then the sums are these.
    @usableFromInline var isPlain = true
    @usableFromInline var crossing = Crossing()
    @usableFromInline var fastSum: Int64 = 0
    @usableFromInline var slowSum: Int64 = 0
    @usableFromInline let limit: UInt64
    /// `limit`, and zero as long as a mean is missing or the window is not plain: one look at a price tells that
    /// nothing is out of the ordinary.
    @usableFromInline var ordinary: UInt64 = 0
    public let fast: Int
    public let slow: Int
    /// The sums where a price of the window is not below `limit`, and how many are not.
    private var wideFast: Int128 = 0
    private var wideSlow: Int128 = 0
    private var tall = 0

    /// - Parameters:
    ///   - fast: Below `slow`; both in ``RollingSum/lengths``.
    public init(fast: Int, slow: Int) {
        precondition(
            RollingSum.lengths.contains(fast) && RollingSum.lengths.contains(slow) && fast < slow,
            "window lengths outside 1...512, or fast not below slow")
        self.fast = fast
        self.slow = slow
        leaving = slow - fast
        missing = slow
        limit = UInt64(Int64.max / Int64(fast * slow))
        far = slow > RollingSum.inlineLength ? Array(repeating: 0, count: slow) : []
    }

    /// Takes the newest price.
    @inlinable @inline(__always) public mutating func push(_ price: Price) -> Crossing.Direction? {
        let value = price.units
        guard UInt64(bitPattern: value) < ordinary else { return pushRare(value) }
        return pushPlain(value)
    }

    @inlinable @inline(__always)
    mutating func pushPlain(_ value: Int64) -> Crossing.Direction? {
        if slow <= RollingSum.inlineLength {
            fastSum &+= value &- near[leaving]
            slowSum &+= value &- near[at]
            near[at] = value
        } else {
            fastSum &+= value &- far[leaving]
            slowSum &+= value &- far[at]
            far[at] = value
        }
        advance()
        let (left, right) = (fastSum &* Int64(slow), slowSum &* Int64(fast))
        return crossing.push((left > right ? 1 : 0) &- (left < right ? 1 : 0))
    }

    @inlinable @inline(__always) mutating func advance() {
        at &+= 1
        if at == slow { at = 0 }
        leaving &+= 1
        if leaving == slow { leaving = 0 }
    }

    /// While means are missing, and where prices of the window are tall.
    @usableFromInline @inline(never)
    mutating func pushRare(_ value: Int64) -> Crossing.Direction? {
        defer { ordinary = missing == 0 && isPlain ? limit : 0 }
        if isPlain, !isTall(value) {
            // A sign before the means are there arms nothing.
            let before = crossing
            let direction = pushPlain(value)
            guard missing == 0 || countDown() else {
                crossing = before
                return nil
            }
            return direction
        }
        return pushWide(value)
    }

    /// - Returns: Whether both means are there now.
    private mutating func countDown() -> Bool {
        missing -= 1
        return missing == 0
    }

    private mutating func pushWide(_ value: Int64) -> Crossing.Direction? {
        if isPlain {
            isPlain = false
            (wideFast, wideSlow) = (Int128(fastSum), Int128(slowSum))
        }
        let oldest = price(at: at)
        wideFast += Int128(value) - Int128(price(at: leaving))
        wideSlow += Int128(value) - Int128(oldest)
        tall += (isTall(value) ? 1 : 0) - (isTall(oldest) ? 1 : 0)
        if slow <= RollingSum.inlineLength { near[at] = value } else { far[at] = value }
        advance()
        if tall == 0 {
            isPlain = true
            fastSum = Int64(truncatingIfNeeded: wideFast)
            slowSum = Int64(truncatingIfNeeded: wideSlow)
        }
        guard missing == 0 || countDown() else { return nil }
        let (left, right) = (wideFast * Int128(slow), wideSlow * Int128(fast))  // 72 + 9 bits
        return crossing.push((left > right ? 1 : 0) - (left < right ? 1 : 0))
    }

    private func isTall(_ value: Int64) -> Bool { UInt64(bitPattern: value) >= limit }
    private func price(at index: Int) -> Int64 {
        slow <= RollingSum.inlineLength ? near[index] : far[index]
    }

    /// The prices in their order, and what else later crossings depend on.
    public func hash(into hasher: inout StateHasher) {
        hasher.combine(fast)
        hasher.combine(slow)
        hasher.combine(missing)
        hasher.combine(at)
        for index in 0..<slow { hasher.combine(price(at: index)) }
        crossing.hash(into: &hasher)
    }
}
