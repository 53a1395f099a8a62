/// Writes `value` x 10^-scale without trailing zeros.
public func decimalString(_ value: Int128, scale: Int) -> String {
    let negative = value < 0
    var digits = String(value.magnitude)
    if digits.utf8.count <= scale {
        digits = String(repeating: "0", count: scale + 1 - digits.utf8.count) + digits
    }
    let whole = digits.prefix(digits.utf8.count - scale)
    var fraction = digits.suffix(scale)
    while fraction.last == "0" { fraction.removeLast() }
    return (negative ? "-" : "") + whole + (fraction.isEmpty ? "" : "." + fraction)
}

/// Reads plain decimal digits into an integer at 10^-scale; exact or `nil`.
///
/// Accepts `[+-]digits[.digits]`, `.5` and `5.` too. Decimals past the scale must be zero. Nothing else:
/// no exponent, no separator, no space, not NaN.
public func parseDecimal(_ text: some Sequence<UInt8>, scale: Int) -> Int128? {
    var value: Int128 = 0
    var digits = 0
    var decimals = -1  // -1: no point seen yet
    var negative = false
    var first = true
    for byte in text {
        defer { first = false }
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            digits += 1
            let digit = Int128(byte - UInt8(ascii: "0"))
            if decimals >= 0 {
                decimals += 1
                if decimals > scale {
                    guard digit == 0 else { return nil }
                    continue
                }
            }
            let (tenfold, o1) = value.multipliedReportingOverflow(by: 10)
            let (sum, o2) = tenfold.addingReportingOverflow(digit)
            guard !o1, !o2 else { return nil }
            value = sum
        case UInt8(ascii: "."):
            guard decimals < 0 else { return nil }
            decimals = 0
        case UInt8(ascii: "-") where first: negative = true
        case UInt8(ascii: "+") where first: break
        default: return nil
        }
    }
    guard digits > 0 else { return nil }
    for _ in max(0, min(decimals, scale))..<scale {
        let (tenfold, overflow) = value.multipliedReportingOverflow(by: 10)
        guard !overflow else { return nil }
        value = tenfold
    }
    return negative ? -value : value
}
