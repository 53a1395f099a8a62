public import TradingModel

/// Notices when the mean of the last `fast` prices crosses that of the last `slow`, exactly.
///
/// Of the sums: fast mean > slow mean where `slow` x fastSum > `fast` x slowSum, without a division; then as
/// ``Crossing``. Warm-up: both means from index `slow` - 1 on, so index `slow` is the first that can cross. One
/// window serves both means. Every `Int64` is a legal price: what the products differ by is one word while no
/// product can leave it (20/60: below a price of 7.6 x 10⁷), and two words else. Source: `oracles/backtest`, rules 3
/// and 4.
public struct MeanCross: Sendable {
    /// Prices taken so far. A price stands where its number says, in rings whose lengths are powers of two.
    @usableFromInline var taken = 0
    /// `slow` x fastSum - `fast` x slowSum, while the window is plain; of a price not there yet as of zero.
    @usableFromInline var difference: Int64 = 0
    /// Differences from here and for this many have the sign of the last one: then nothing crosses.
    @usableFromInline var sideFloor: Int64 = 0
    @usableFromInline var sideLength: UInt64 = 0
    /// `limit`, and zero as long as a mean is missing or the window is not plain: one look at a price tells that
    /// nothing is out of the ordinary.
    @usableFromInline var ordinary: UInt64 = 0
    public let fast: Int
    public let slow: Int
    @usableFromInline var far: [Int64]
    @usableFromInline var near = InlineArray<64, Int64>(repeating: 0)
    /// Prices still to come before both means are there.
    private var missing: Int
    /// Whether every price of the window is below `limit`.
    private var isPlain = true
    private var crossing = Crossing()
    private let limit: UInt64
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
        missing = slow
        limit = UInt64(Int64.max / Int64(fast * slow))
        let length = 1 << (Int.bitWidth - (slow - 1).leadingZeroBitCount)
        far = slow > RollingSum.inlineLength ? Array(repeating: 0, count: length) : []
    }

    /// Takes the newest price where that crosses nothing, and nothing is called for it.
    ///
    /// - Returns: False, with nothing changed, where ``push(_:)`` has to take it: also of long windows.
    @inlinable @inline(__always) public mutating func pass(_ price: Price) -> Bool {
        let value = price.units
        guard UInt64(bitPattern: value) < ordinary, slow <= RollingSum.inlineLength else {
            return false
        }
        let (old, left) = (near[(taken &- slow) & 63], near[(taken &- fast) & 63])
        let next = difference &+ (value &- left) &* Int64(slow) &- (value &- old) &* Int64(fast)
        guard UInt64(bitPattern: next &- sideFloor) < sideLength else { return false }
        difference = next
        near[taken & 63] = value
        taken &+= 1
        return true
    }

    /// Takes the newest price.
    @inlinable @inline(__always) public mutating func push(_ price: Price) -> Crossing.Direction? {
        let value = price.units
        guard UInt64(bitPattern: value) < ordinary else { return pushRare(value) }
        move(to: value)
        // As mostly, the sign is the last one's.
        guard UInt64(bitPattern: difference &- sideFloor) >= sideLength else { return nil }
        return turn()
    }

    /// The difference with a price that is below `limit`. None of the products leaves a word.
    @inlinable @inline(__always) mutating func move(to value: Int64) {
        let (oldest, leaving, newest) = (taken &- slow, taken &- fast, taken)
        taken &+= 1
        let (old, left): (Int64, Int64)
        if slow <= RollingSum.inlineLength {
            (old, left) = (near[oldest & 63], near[leaving & 63])
            near[newest & 63] = value
        } else {
            let mask = far.count &- 1
            (old, left) = (far[oldest & mask], far[leaving & mask])
            far[newest & mask] = value
        }
        difference &+= (value &- left) &* Int64(slow) &- (value &- old) &* Int64(fast)
    }

    /// The difference has another sign than the last one.
    @usableFromInline @inline(never)
    mutating func turn() -> Crossing.Direction? { take(difference.signum()) }

    private mutating func take(_ sign: Int64) -> Crossing.Direction? {
        let direction = crossing.push(Int(sign))
        (sideFloor, sideLength) =
            switch sign {
            case 1...: (1, UInt64(Int64.max))
            case 0: (0, 1)
            default: (.min, 1 << 63)
            }
        return direction
    }

    /// While means are missing, and where prices of the window are tall.
    @usableFromInline @inline(never)
    mutating func pushRare(_ value: Int64) -> Crossing.Direction? {
        defer { ordinary = missing == 0 && isPlain ? limit : 0 }
        guard isPlain, !isTall(value) else { return pushWide(value) }
        move(to: value)
        // A sign before the means are there arms nothing.
        guard missing == 0 || countDown() else { return nil }
        return turn()
    }

    /// - Returns: Whether both means are there now.
    private mutating func countDown() -> Bool {
        missing -= 1
        return missing == 0
    }

    private mutating func pushWide(_ value: Int64) -> Crossing.Direction? {
        if isPlain {
            isPlain = false
            (wideFast, wideSlow) = (sum(of: fast), sum(of: slow))
        }
        let oldest = price(back: slow)
        wideFast += Int128(value) - Int128(price(back: fast))
        wideSlow += Int128(value) - Int128(oldest)
        tall += (isTall(value) ? 1 : 0) - (isTall(oldest) ? 1 : 0)
        if slow <= RollingSum.inlineLength {
            near[taken & 63] = value
        } else {
            far[taken & (far.count - 1)] = value
        }
        taken += 1
        let wide = wideFast * Int128(slow) - wideSlow * Int128(fast)  // 72 + 9 bits, and a sign
        if tall == 0 {
            isPlain = true
            difference = Int64(truncatingIfNeeded: wide)
        }
        guard missing == 0 || countDown() else { return nil }
        return take(Int64(wide.signum()))
    }

    private func isTall(_ value: Int64) -> Bool { UInt64(bitPattern: value) >= limit }
    /// The price that came so many before the next one, at most `slow`; zero before the first.
    private func price(back count: Int) -> Int64 {
        let number = taken - count
        return slow <= RollingSum.inlineLength ? near[number & 63] : far[number & (far.count - 1)]
    }
    private func sum(of count: Int) -> Int128 {
        (1...count).reduce(into: Int128(0)) { $0 += Int128(price(back: $1)) }
    }

    /// The prices, in a ring of `slow` that begins with the first one, and what else later crossings depend on.
    public func hash(into hasher: inout StateHasher) {
        hasher.combine(fast)
        hasher.combine(slow)
        hasher.combine(missing)
        let at = taken % slow
        hasher.combine(at)
        for index in 0..<slow {
            hasher.combine(price(back: index < at ? at - index : at - index + slow))
        }
        crossing.hash(into: &hasher)
    }
}
