/// Writes `value` x 10^-scale without trailing zeros.
///
/// Every row and line of the host holds several: from 128 bits to text without a string in between.
public func decimalString(_ value: Int128, scale: Int) -> String {
    // 39 digits at most, a point, a sign, and the zeros that stand before a small fraction.
    String(unsafeUninitializedCapacity: 48 + scale) { buffer in
        var start = buffer.count
        var decimals = scale
        /// Whether a digit stands to the right already: zeros at the end are left out.
        var isShown = scale == 0
        func put(_ digit: UInt8) {
            if decimals > 0 {
                isShown = isShown || digit != 0
                if isShown { place(digit) }
                decimals -= 1
                if decimals == 0 {
                    if isShown { place(UInt8(ascii: ".") &- zero) }
                    isShown = true
                }
            } else {
                place(digit)
            }
        }
        func place(_ digit: UInt8) {
            start -= 1
            buffer[start] = zero &+ digit
        }
        let zero = UInt8(ascii: "0")
        var rest = value.magnitude
        // By parts of 64 bits: dividing 128 bits is slow.
        while rest > 0 {
            let (high, low) = rest.quotientAndRemainder(dividingBy: UInt128(partOfTen))
            var part = UInt64(low)
            rest = high
            var left = 18
            while rest > 0 ? left > 0 : part > 0 {
                put(UInt8(part % 10))
                part /= 10
                left -= 1
            }
        }
        while decimals > 0 { put(0) }
        if start == buffer.count || buffer[start] == UInt8(ascii: ".") { place(0) }
        if value < 0 { place(UInt8(ascii: "-") &- zero) }
        let count = buffer.count - start
        for index in 0..<count { buffer[index] = buffer[start + index] }
        return count
    }
}
private let partOfTen: UInt64 = 1_000_000_000_000_000_000

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
