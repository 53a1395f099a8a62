/// An amount of money: notional, cash, fee, profit. Its currency stands with the account.
///
/// One `units` is 10⁻¹⁶ of the currency: what ``Price`` x ``Quantity`` makes, so a notional is exact.
/// 128 bits hold ±1.7 x 10²², a thousand times the world's yearly turnover in won.
public struct Money: Hashable, Comparable, Sendable, CustomStringConvertible {
    public var units: Int128
    @inlinable public init(units: Int128) { self.units = units }
    // Computed: what is stored another room reads by a call.
    @inlinable public static var zero: Money { Money(units: 0) }
    @inlinable public static var scale: Int128 { 10_000_000_000_000_000 }

    /// No price, fee or value in the books is more, so that sums of them stay inside 128 bits.
    @inlinable public static var largestAmount: Money {
        Money(units: 1_000_000_000_000_000_000 * scale)
    }

    /// Price times quantity, always exact: 64 x 64 bits fit.
    @inlinable public init(_ price: Price, times quantity: Quantity) {
        units = Int128(price.units) * Int128(quantity.units)
    }

    /// A whole amount, or `nil` out of range.
    public init?(whole: Int128) {
        let (units, overflow) = whole.multipliedReportingOverflow(by: Money.scale)
        guard !overflow else { return nil }
        self.units = units
    }

    /// Decimal text, up to 16 decimals; see `parseDecimal`.
    public init?(_ text: some StringProtocol) {
        guard let units = parseDecimal(text.utf8, scale: 16) else { return nil }
        self.units = units
    }

    @inlinable public static func < (a: Money, b: Money) -> Bool { a.units < b.units }
    /// Traps past 1.7 x 10²²: amounts are bounded where they enter (``Order`` checks its notional).
    @inlinable public static func + (a: Money, b: Money) -> Money {
        Money(units: a.units + b.units)
    }
    @inlinable public static func - (a: Money, b: Money) -> Money {
        Money(units: a.units - b.units)
    }
    @inlinable public static prefix func - (a: Money) -> Money { Money(units: -a.units) }
    @inlinable public static func += (a: inout Money, b: Money) { a.units += b.units }
    @inlinable public static func -= (a: inout Money, b: Money) { a.units -= b.units }

    /// `basisPoints` hundredths of a percent of this amount, at 10⁻⁶ of a basis point; toward zero.
    ///
    /// - Throws: ``ArithmeticError/overflow``.
    public func fee(microBasisPoints: Int64) throws(ArithmeticError) -> Money {
        // value / 10^10 in two steps keeps the product inside 128 bits for any real notional.
        let (product, overflow) = units.multipliedReportingOverflow(by: Int128(microBasisPoints))
        if !overflow { return Money(units: product / 10_000_000_000) }
        let (coarse, tooLarge) = (units / 100_000).multipliedReportingOverflow(
            by: Int128(microBasisPoints))
        guard !tooLarge else { throw .overflow }
        return Money(units: coarse / 100_000)
    }

    public var description: String { decimalString(units, scale: 16) }
}

/// Volume or turnover of a candle, summed: 128 bits at 10⁻⁸, for 20 days of a stock index's turnover pass `Int64`.
public struct Volume: Hashable, Comparable, Sendable, CustomStringConvertible {
    public var units: Int128
    @inlinable public init(units: Int128) { self.units = units }
    @inlinable public init(_ quantity: Quantity) { units = Int128(quantity.units) }
    @inlinable public static var zero: Volume { Volume(units: 0) }
    @inlinable public static func < (a: Volume, b: Volume) -> Bool { a.units < b.units }
    /// Saturates rather than traps: a volume is shown and compared, never paid.
    @inlinable public mutating func add(_ other: Volume) {
        let (sum, overflow) = units.addingReportingOverflow(other.units)
        units = overflow ? (other.units > 0 ? .max : .min) : sum
    }
    public init?(_ text: some StringProtocol) {
        guard let units = parseDecimal(text.utf8, scale: 8) else { return nil }
        self.units = units
    }
    public var description: String { decimalString(units, scale: 8) }
}
