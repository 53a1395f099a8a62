import TradingModel

/// A signed sum of products, exact in 256 bits.
struct WideSum: Hashable, Sendable {
    private var high: Int128 = 0
    private var low: UInt128 = 0

    mutating func add(_ a: Int128, times b: Int128) { add(Self.product(a, b)) }
    mutating func subtract(_ a: Int128, times b: Int128) { add(Self.product(a, b).negated) }

    private mutating func add(_ other: WideSum) {
        let (sum, carry) = low.addingReportingOverflow(other.low)
        low = sum
        high = high &+ other.high &+ (carry ? 1 : 0)
    }

    private var negated: WideSum {
        var result = WideSum()
        result.low = ~low &+ 1
        result.high = ~high &+ (result.low == 0 ? 1 : 0)
        return result
    }

    private static func product(_ a: Int128, _ b: Int128) -> WideSum {
        var result = WideSum()
        // Two prices, as a rule: one multiplication.
        if let x = Int64(exactly: a), let y = Int64(exactly: b) {
            let small = Int128(x) * Int128(y)
            result.low = UInt128(truncatingIfNeeded: small)
            result.high = small >> 127
            return result
        }
        let whole = a.magnitude.multipliedFullWidth(by: b.magnitude)
        result.low = whole.low
        result.high = Int128(truncatingIfNeeded: whole.high)
        return (a < 0) == (b < 0) ? result : result.negated
    }

    /// This sum times `factor`; both small enough for 256 bits.
    func times(_ factor: Int) -> WideSum {
        if high == 0 {
            let (product, overflow) = low.multipliedReportingOverflow(by: UInt128(factor))
            var result = WideSum()
            result.low = product
            if !overflow { return result }
        }
        var result = WideSum()
        let part = low.multipliedFullWidth(by: UInt128(factor))
        result.low = part.low
        result.high = high &* Int128(factor) &+ Int128(truncatingIfNeeded: part.high)
        return result
    }

    /// Rounded from its parts, in a fixed order.
    var double: Double {
        guard high >= 0 else { return -negated.double }
        let (top, bottom) = (UInt64(truncatingIfNeeded: low >> 64), UInt64(truncatingIfNeeded: low))
        let part = Double(top) * 0x1p64 + Double(bottom)
        return high == 0 ? part : Double(high) * 0x1p128 + part
    }

    func hash(into hasher: inout StateHasher) {
        hasher.combine(high)
        hasher.combine(Int128(truncatingIfNeeded: low))
    }
}
