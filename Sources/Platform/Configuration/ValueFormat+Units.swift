extension ValueFormat<Int64> {
    /// A span of time as people write it, in ns: `200ms`, `1.5s`, `5m`, `1h`, `1d`.
    ///
    /// - Parameter range: ns.
    package static func duration(in range: ClosedRange<Int64> = 0 ... .max) -> Self {
        Self("a duration such as 200ms, 5s, 1m, 1h or 1d", show: showDuration) { scalar in
            guard let value = parseDuration(scalar.text) else { return .refused }
            guard range.contains(value) else {
                return .refusedBecause(
                    value < range.lowerBound
                        ? "is shorter than \(showDuration(range.lowerBound))"
                        : "is longer than \(showDuration(range.upperBound))")
            }
            return .value(value)
        }
    }

    /// A share of a whole in millionths, exact: `2%` is 20 000, `0.0001 %` is 1.
    ///
    /// - Parameter range: Millionths.
    package static func percentage(in range: ClosedRange<Int64> = 0...1_000_000) -> Self {
        let bounds = "\(showPercentage(range.lowerBound)) to \(showPercentage(range.upperBound))"
        return Self("a percentage from \(bounds), such as 2% or 0.5 %", show: showPercentage) {
            scalar in
            guard let value = parsePercentage(scalar.text), range.contains(value) else {
                return .refused
            }
            return .value(value)
        }
    }
}

extension ValueFormat<Int64> {
    /// Bytes as people write them: `2GiB`, `512 MiB`, `1.5GB`.
    ///
    /// - Parameter range: Bytes.
    package static func size(in range: ClosedRange<Int64>) -> Self {
        Self("a size such as 512MiB or 2GiB", show: showSize) { scalar in
            guard let value = parseSize(scalar.text) else { return .refused }
            guard range.contains(value) else {
                return .refusedBecause(
                    value < range.lowerBound
                        ? "is less than \(showSize(range.lowerBound))"
                        : "is more than \(showSize(range.upperBound))")
            }
            return .value(value)
        }
    }
}

private let sizeUnits: [(name: String, bytes: Int64)] = [
    ("kB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000),
    ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40),
]

/// Bytes, or `nil` for anything but a number, up to six decimals, and a unit; a part of a byte is
/// left out.
package func parseSize(_ text: String) -> Int64? {
    let digits = text.prefix { $0.isASCII && $0.isNumber || $0 == "." }
    let unit = text.dropFirst(digits.count).drop { $0 == " " }
    guard let scale = sizeUnits.first(where: { $0.name == unit })?.bytes,
        let millionths = scaledDecimal(digits, decimals: 6)
    else { return nil }
    let (product, overflow) = millionths.multipliedReportingOverflow(by: Int128(scale))
    return overflow ? nil : Int64(exactly: product / 1_000_000)
}

/// By the largest unit of 1,024s that divides it: `2GiB`, `1536MiB`.
package func showSize(_ bytes: Int64) -> String {
    let unit = sizeUnits.last { bytes != 0 && $0.name.hasSuffix("iB") && bytes % $0.bytes == 0 }
    return unit.map { "\(bytes / $0.bytes)\($0.name)" }
        ?? (bytes % 1_000 == 0 ? "\(bytes / 1_000)kB" : "\(bytes)B")
}

private let durationUnits: [(name: String, nanoseconds: Int64)] = [
    ("ns", 1), ("us", 1_000), ("µs", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000),
    ("m", 60_000_000_000), ("h", 3_600_000_000_000), ("d", 86_400_000_000_000),
    ("w", 604_800_000_000_000),
]

/// ns, or `nil` for anything but a number, up to nine decimals, and a unit; exact.
package func parseDuration(_ text: String) -> Int64? {
    let digits = text.prefix { $0.isASCII && $0.isNumber || $0 == "." }
    let unit = text.dropFirst(digits.count).drop { $0 == " " }
    guard let scale = durationUnits.first(where: { $0.name == unit })?.nanoseconds,
        let billionths = scaledDecimal(digits, decimals: 9)
    else { return nil }
    let (product, overflow) = billionths.multipliedReportingOverflow(by: Int128(scale))
    guard !overflow, product % 1_000_000_000 == 0 else { return nil }
    return Int64(exactly: product / 1_000_000_000)
}

/// The largest unit that divides it: `90s`, `200ms`.
package func showDuration(_ nanoseconds: Int64) -> String {
    guard nanoseconds != 0 else { return "0s" }
    let unit = durationUnits.last {
        $0.name != "w" && $0.name != "µs" && nanoseconds % $0.nanoseconds == 0
    }
    return unit.map { "\(nanoseconds / $0.nanoseconds)\($0.name)" } ?? "\(nanoseconds)ns"
}

/// Millionths, or `nil` for anything but a signed number, up to four decimals, and a percent sign.
package func parsePercentage(_ text: String) -> Int64? {
    guard text.hasSuffix("%") else { return nil }
    var number = text.dropLast()
    while number.last == " " { number = number.dropLast() }
    let isNegative = number.first == "-"
    guard let value = scaledDecimal(isNegative ? number.dropFirst() : number, decimals: 4) else {
        return nil
    }
    return Int64(exactly: isNegative ? -value : value)
}

/// `0.5%` for 5000.
package func showPercentage(_ millionths: Int64) -> String {
    let size = millionths.magnitude
    var fraction = String(size % 10_000 + 10_000).dropFirst()
    while fraction.last == "0" { fraction = fraction.dropLast() }
    return (millionths < 0 ? "-" : "") + "\(size / 10_000)"
        + (fraction.isEmpty ? "" : "." + fraction)
        + "%"
}

/// Unsigned plain decimal text times 10^decimals, or `nil`; digits beyond must be zero.
private func scaledDecimal(_ text: some StringProtocol, decimals: Int) -> Int128? {
    let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard let whole = parts.first, !whole.isEmpty, whole.count <= 20 else { return nil }
    var fraction = Substring(parts.count > 1 ? String(parts[1]) : "0")
    guard !fraction.isEmpty else { return nil }
    while fraction.count > decimals, fraction.last == "0" { fraction = fraction.dropLast() }
    guard fraction.count <= decimals else { return nil }
    let digits = whole + fraction + String(repeating: "0", count: decimals - fraction.count)
    guard digits.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
    return Int128(digits)
}
