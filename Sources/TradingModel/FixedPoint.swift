/// What ``Price`` and ``Quantity`` share: an integer count of 10⁻⁸.
///
/// Source of the scale: enough for won and satoshi alike; ±92,233,720,368.54775807.
public protocol FixedPoint: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The value times 10⁸.
    var units: Int64 { get }
    init(units: Int64)
}

/// How many ``FixedPoint`` units make one.
public let fixedPointScale: Int64 = 100_000_000

extension FixedPoint {
    @inlinable public static var zero: Self { Self(units: 0) }
    @inlinable public static func < (a: Self, b: Self) -> Bool { a.units < b.units }

    /// A whole number, or `nil` past ±92,233,720,368.
    @inlinable public init?(whole: Int64) {
        let (units, overflow) = whole.multipliedReportingOverflow(by: fixedPointScale)
        guard !overflow else { return nil }
        self.init(units: units)
    }

    /// - Throws: ``ArithmeticError/overflow``.
    @inlinable public func adding(_ other: Self) throws(ArithmeticError) -> Self {
        let (sum, overflow) = units.addingReportingOverflow(other.units)
        guard !overflow else { throw .overflow }
        return Self(units: sum)
    }

    /// - Throws: ``ArithmeticError/overflow``.
    @inlinable public func subtracting(_ other: Self) throws(ArithmeticError) -> Self {
        let (difference, overflow) = units.subtractingReportingOverflow(other.units)
        guard !overflow else { throw .overflow }
        return Self(units: difference)
    }

    /// The largest multiple of `step` that is not above this value; the value itself for a step <= 0.
    ///
    /// Rounds toward negative infinity, so that a buy limit never rises. Saturates at the range's end.
    @inlinable public func roundedDown(toMultipleOf step: Self) -> Self {
        guard step.units > 0 else { return self }
        let remainder = units % step.units
        guard remainder != 0 else { return self }
        let down = units - remainder
        guard remainder < 0 else { return Self(units: down) }
        let (value, overflow) = down.subtractingReportingOverflow(step.units)
        return overflow ? Self(units: down) : Self(units: value)
    }

    /// The smallest multiple of `step` that is not below this value; the value itself for a step <= 0.
    public func roundedUp(toMultipleOf step: Self) -> Self {
        let down = roundedDown(toMultipleOf: step)
        guard down != self else { return self }
        let (value, overflow) = down.units.addingReportingOverflow(step.units)
        return overflow ? down : Self(units: value)
    }

    /// Decimal digits, without trailing zeros: `70100`, `0.00000001`, `-1.5`.
    public var description: String { decimalString(Int128(units), scale: 8) }

    /// Reads what ``description`` writes; also a sign, and up to eight decimals.
    ///
    /// - Returns: `nil` for anything else: exponents, separators, white space, a ninth decimal that is
    ///   not zero, or a value out of range.
    public init?(_ text: some StringProtocol) {
        guard let units = parseDecimal(text.utf8, scale: 8), let small = Int64(exactly: units)
        else { return nil }
        self.init(units: small)
    }
}

/// A price in the instrument's quote currency, exact to eight decimals.
///
/// One `units` is 10⁻⁸ of the currency. May be negative: spreads, rates.
public struct Price: FixedPoint {
    public let units: Int64
    @inlinable public init(units: Int64) { self.units = units }
}

/// A number of shares, contracts or coins, exact to eight decimals. Never a turnover: see ``Volume``.
public struct Quantity: FixedPoint {
    public let units: Int64
    @inlinable public init(units: Int64) { self.units = units }
    @inlinable public var isPositive: Bool { units > 0 }
}
