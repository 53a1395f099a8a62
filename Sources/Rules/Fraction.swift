/// An exact rational number of the compiler: a literal, a coefficient. Always in lowest terms.
struct Fraction: Hashable {
    let numerator: Int128
    /// Above 0.
    let denominator: Int128

    static let zero = Fraction(whole: 0)
    static let one = Fraction(whole: 1)
    /// Both parts stay below 2¹²⁰ in magnitude.
    private static let limit: Int128 = 1 << 120

    init(whole: Int64) {
        numerator = Int128(whole)
        denominator = 1
    }

    /// - Returns: `nil` for a zero denominator or parts past the limit.
    init?(_ numerator: Int128, _ denominator: Int128) {
        guard denominator != 0, numerator > -(.max), denominator > -(.max) else { return nil }
        let divisor = greatestCommonDivisor(numerator, denominator)
        let sign: Int128 = denominator < 0 ? -1 : 1
        self.numerator = sign * (numerator / divisor)
        self.denominator = sign * (denominator / divisor)
        guard abs(self.numerator) < Fraction.limit, self.denominator < Fraction.limit
        else { return nil }
    }

    var isZero: Bool { numerator == 0 }
    /// Rounded once.
    var double: Double { Double(numerator) / Double(denominator) }
    var negated: Fraction { Fraction(trusted: -numerator, denominator) }

    private init(trusted numerator: Int128, _ denominator: Int128) {
        self.numerator = numerator
        self.denominator = denominator
    }

    /// - Returns: `nil` out of range.
    func adding(_ other: Fraction) -> Fraction? {
        guard let a = product(numerator, other.denominator),
            let b = product(other.numerator, denominator),
            let bottom = product(denominator, other.denominator)
        else { return nil }
        let (top, overflow) = a.addingReportingOverflow(b)
        return overflow ? nil : Fraction(top, bottom)
    }

    /// - Returns: `nil` out of range.
    func multiplied(by other: Fraction) -> Fraction? {
        guard let top = product(numerator, other.numerator),
            let bottom = product(denominator, other.denominator)
        else { return nil }
        return Fraction(top, bottom)
    }
}

/// Never 0 unless both are; above 0.
func greatestCommonDivisor(_ a: Int128, _ b: Int128) -> Int128 {
    var (a, b) = (abs(a), abs(b))
    while b != 0 { (a, b) = (b, a % b) }
    return a
}

/// - Returns: `nil` past 128 bits.
func product(_ a: Int128, _ b: Int128) -> Int128? {
    let (product, overflow) = a.multipliedReportingOverflow(by: b)
    return overflow ? nil : product
}
