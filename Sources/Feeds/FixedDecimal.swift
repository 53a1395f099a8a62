import TradingModel

private let powersOfTen: [UInt64] = (0...18).map { exponent in
    (0..<exponent).reduce(1) { product, _ in product * 10 }
}

/// What eight bytes say, where all of them are digits.
@inline(__always)
private func eightDigits(_ bytes: UnsafePointer<UInt8>) -> UInt64? {
    let text = UInt64(littleEndian: UnsafeRawPointer(bytes).loadUnaligned(as: UInt64.self))
    // A digit is 0x30 to 0x39: its upper half is 3, and with 6 more it still is.
    let upper: UInt64 = 0xF0F0_F0F0_F0F0_F0F0
    guard text & upper == 0x3030_3030_3030_3030,
        (text &+ 0x0606_0606_0606_0606) & upper == 0x3030_3030_3030_3030
    else { return nil }
    // Neighbours are put together: digits to pairs, pairs to fours, fours to all.
    let digits = text & 0x0F0F_0F0F_0F0F_0F0F
    let pairs = (digits &* 10 &+ (digits >> 8)) & 0x00FF_00FF_00FF_00FF
    let fours = (pairs &* 100 &+ (pairs >> 16)) & 0x0000_FFFF_0000_FFFF
    return (fours &* 10_000 &+ (fours >> 32)) & 0xFFFF_FFFF
}

/// Digits of at most 19 places, without their point: what fits a machine word.
struct ShortDecimal {
    let mantissa: UInt64
    /// How many of the digits stood behind the point.
    let fraction: Int
    let isNegative: Bool

    /// - Returns: `nil` for anything that `parseDecimal` refuses too, and for more than 19 bytes.
    @inline(__always)
    init?(_ text: UnsafeBufferPointer<UInt8>, decimals: Int) {
        guard let bytes = text.baseAddress, text.count <= 19 else { return nil }
        var at = 0
        let end = text.count
        var isNegative = false
        if end > 0, bytes[0] == UInt8(ascii: "-") || bytes[0] == UInt8(ascii: "+") {
            isNegative = bytes[0] == UInt8(ascii: "-")
            at = 1
        }
        var mantissa: UInt64 = 0
        let first = at
        // Times and long numbers: eight digits at once.
        while end &- at >= 8, let eight = eightDigits(bytes + at) {
            mantissa = mantissa &* 100_000_000 &+ eight
            at &+= 8
        }
        while at < end {
            let digit = bytes[at] &- 48
            guard digit < 10 else { break }
            mantissa = mantissa &* 10 &+ UInt64(digit)
            at += 1
        }
        var digits = at - first
        var fraction = 0
        if at < end {
            guard bytes[at] == UInt8(ascii: ".") else { return nil }
            at += 1
            digits += end - at
            while at < end {
                let digit = bytes[at] &- 48
                guard digit < 10 else { return nil }
                if fraction < decimals {
                    mantissa = mantissa &* 10 &+ UInt64(digit)
                    fraction += 1
                } else if digit != 0 {
                    return nil
                }
                at += 1
            }
        }
        guard digits > 0 else { return nil }
        self.mantissa = mantissa
        self.fraction = fraction
        self.isNegative = isNegative
    }
}

/// Reads plain decimal text as an integer at 10^-decimals, exact or `nil`; `decimals` is 0 to 18.
///
/// The same answers as `parseDecimal`, without a copy for text of usual length.
@inline(__always)
func fixedDecimal(_ text: UnsafeBufferPointer<UInt8>, decimals: Int) -> Int64? {
    if text.count > 19 { return parseDecimal(text, scale: decimals).flatMap(Int64.init(exactly:)) }
    guard let short = ShortDecimal(text, decimals: decimals) else { return nil }
    let (product, overflow) = short.mantissa.multipliedReportingOverflow(
        by: powersOfTen[decimals - short.fraction])
    guard !overflow, product <= UInt64(Int64.max) else {
        return parseDecimal(text, scale: decimals).flatMap(Int64.init(exactly:))
    }
    return short.isNegative ? -Int64(product) : Int64(product)
}

/// The text without the decimals past `decimals`.
func withoutExtraDecimals(
    _ text: UnsafeBufferPointer<UInt8>, decimals: Int
) -> UnsafeBufferPointer<UInt8> {
    guard let point = text.firstIndex(of: UInt8(ascii: ".")), text.count - point - 1 > decimals,
        text[(point + 1)...].allSatisfy({ (48...57).contains($0) })
    else { return text }
    return UnsafeBufferPointer(rebasing: text[...(point + decimals)])
}

/// As ``fixedDecimal(_:decimals:)``, in 128 bits: for volumes and turnover.
@inline(__always)
func wideDecimal(_ text: UnsafeBufferPointer<UInt8>, decimals: Int) -> Int128? {
    guard text.count <= 19 else { return parseDecimal(text, scale: decimals) }
    guard let short = ShortDecimal(text, decimals: decimals) else { return nil }
    let value = Int128(short.mantissa) * Int128(powersOfTen[decimals - short.fraction])
    return short.isNegative ? -value : value
}
