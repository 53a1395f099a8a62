import TradingModel

// Written out: then it is there from the start, and nobody asks whether it was made yet.
private let powersOfTen: [UInt64] = [
    1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000,
    10_000_000_000, 100_000_000_000, 1_000_000_000_000, 10_000_000_000_000, 100_000_000_000_000,
    1_000_000_000_000_000, 10_000_000_000_000_000, 100_000_000_000_000_000,
    1_000_000_000_000_000_000,
]

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
        while end &- at >= 8, let eight = WordOfText(bytes + at).number {
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

/// As ``fixedDecimal(_:decimals:)``, of a text from whose start, and from whose every eighth byte, eight bytes may be read:
/// what is short, or digits alone, is read without a look at each byte.
@inline(__always)
func fixedField(_ text: UnsafeBufferPointer<UInt8>, decimals: Int) -> Int64? {
    guard let bytes = text.baseAddress, text.count > 0 else { return nil }
    if text.count <= WordOfText.bytes {
        if let units = shortField(bytes, text.count, decimals: decimals) { return units }
    } else if text.count <= 19, let mantissa = longNumber(bytes, text.count) {
        let (units, overflow) = mantissa.multipliedReportingOverflow(by: powersOfTen[decimals])
        if !overflow, let units = Int64(exactly: units) { return units }
    }
    return oddField(text, decimals: decimals)
}

@inline(never)
private func oddField(_ text: UnsafeBufferPointer<UInt8>, decimals: Int) -> Int64? {
    fixedDecimal(text, decimals: decimals)
}

/// - Returns: `nil` for what is no plain number of at most `decimals` decimals, or too much for 64 bits.
@inline(__always)
private func shortField(_ bytes: UnsafePointer<UInt8>, _ count: Int, decimals: Int) -> Int64? {
    var word = WordOfText(bytes)
    var digits = count
    var fraction = 0
    let point = word.marks(of: WordOfText(repeating: UInt8(ascii: "."))).trailingZeroBitCount &>> 3
    if point < count {
        word = word.without(point)
        digits &-= 1
        fraction = digits &- point
    }
    guard digits > 0, fraction <= decimals, let mantissa = word.number(digits) else { return nil }
    let (units, overflow) = mantissa.multipliedReportingOverflow(
        by: powersOfTen[decimals &- fraction])
    return overflow ? nil : Int64(exactly: units)
}

/// Digits alone, 9 to 19 of them.
@inline(__always)
private func longNumber(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> UInt64? {
    var mantissa: UInt64 = 0
    var at = 0
    while count &- at >= 8 {
        guard let eight = WordOfText(bytes + at).number else { return nil }
        mantissa = mantissa &* 100_000_000 &+ eight
        at &+= 8
    }
    guard at < count else { return mantissa }
    guard let rest = WordOfText(bytes + at).number(count &- at) else { return nil }
    return mantissa &* powersOfTen[count &- at] &+ rest
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
