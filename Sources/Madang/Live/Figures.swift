import Host
import TradingModel

/// Numbers as a screen shows them: short, of a stable width, never in exponents.
enum Figures {
    /// `0`, `7.3`, `950`, `18.4 k`, `1.25 M`: three digits.
    static func rate(_ perSecond: Double) -> String {
        guard perSecond.isFinite, perSecond > 0 else { return "0" }
        if perSecond < 9.95 { return threeDigits(perSecond, most: 1) }
        if perSecond < 999.5 { return threeDigits(perSecond, most: 0) }
        if perSecond < 999_500 { return threeDigits(perSecond / 1e3) + " k" }
        if perSecond < 999_500_000 { return threeDigits(perSecond / 1e6) + " M" }
        return grouped("\(Int64(min(perSecond / 1e6, 1e15)))") + " M"
    }

    /// `90 ns`, `91 µs`, `2.1 ms`, `312 ms`, `1.5 s`, `3:07`, `2:03:07`.
    static func span(_ nanoseconds: Int64) -> String {
        let value = Double(max(0, nanoseconds))
        if value < 999.5 { return "\(Int(value)) ns" }
        if value < 999_500 { return threeDigits(value / 1e3, most: 1) + " µs" }
        if value < 999_500_000 { return threeDigits(value / 1e6, most: 1) + " ms" }
        if value < 59_950_000_000 { return threeDigits(value / 1e9, most: 1) + " s" }
        return clock(nanoseconds)
    }

    /// As ``span(_:)``, in tenths of a millisecond where it is less than one.
    static func lag(_ nanoseconds: Int64) -> String {
        guard nanoseconds < 999_500 else { return span(nanoseconds) }
        let tenths = (max(0, nanoseconds) + 50_000) / 100_000
        return "\(tenths / 10).\(tenths % 10) ms"
    }

    /// Minutes and seconds, with hours where there are any: `0:17`, `1:02:03`.
    static func clock(_ nanoseconds: Int64) -> String {
        let seconds = max(0, nanoseconds) / 1_000_000_000
        let minutes = seconds / 60 % 60
        let hours = seconds / 3_600
        if hours > 999 { return ">999 h" }
        return hours > 0
            ? "\(hours):\(two(minutes)):\(two(seconds % 60))" : "\(minutes):\(two(seconds % 60))"
    }

    /// Whole seconds, then minutes: `3 s`, `2 min`, `5 h`.
    static func age(_ nanoseconds: Int64) -> String {
        let seconds = max(0, nanoseconds) / 1_000_000_000
        if seconds < 100 { return "\(seconds) s" }
        return seconds < 6_000 ? "\(seconds / 60) min" : "\(seconds / 3_600) h"
    }

    static func percent(_ fraction: Double) -> String {
        guard fraction.isFinite else { return "0 %" }
        // A run that goes on is never through.
        return "\(Int(min(max(fraction, 0), 1) * 100)) %"
    }

    static func confidence(_ confidence: Confidence) -> String {
        let hundredths = (confidence.millionths + 5_000) / 10_000
        return "\(hundredths / 100).\(two(Int64(hundredths % 100)))"
    }

    /// Digits of a decimal number rounded half away from zero, with separators: `-1,234.50`.
    ///
    /// - Parameter scale: Decimals of `units`.
    static func decimal(_ units: Int128, scale: Int, decimals: Int) -> String {
        var step: Int128 = 1
        for _ in 0..<max(0, scale - decimals) { step *= 10 }
        let (whole, rest) = units.magnitude.quotientAndRemainder(dividingBy: step.magnitude)
        let rounded = whole + (rest * 2 >= step.magnitude && rest > 0 ? 1 : 0)
        var digits = String(rounded)
        let shown = min(decimals, scale)
        if digits.count <= shown {
            digits = String(repeating: "0", count: shown + 1 - digits.count) + digits
        }
        let sign = units < 0 && rounded > 0 ? "-" : ""
        let fraction = shown > 0 ? "." + digits.suffix(shown) : ""
        return sign + grouped(String(digits.dropLast(shown))) + fraction
    }

    static func money(_ money: Money, decimals: Int) -> String {
        decimal(money.units, scale: 16, decimals: decimals)
    }
    /// With a plus where it is one.
    static func profit(_ money: Money, decimals: Int) -> String {
        let text = Figures.money(money, decimals: decimals)
        let isSomething = text.contains { ("1"..."9").contains($0) }
        return (money.units > 0 && isSomething ? "+" : "") + text
    }
    /// Decimals that a price needs.
    static func decimals(of price: Price) -> Int {
        let text = "\(price)"
        return text.firstIndex(of: ".").map { text.distance(from: $0, to: text.endIndex) - 1 } ?? 0
    }

    private static func two(_ number: Int64) -> String { (number < 10 ? "0" : "") + "\(number)" }

    /// Three digits, `most` of them behind the point at most.
    private static func threeDigits(_ value: Double, most: Int = 2) -> String {
        let decimals = min(most, value < 9.995 ? 2 : value < 99.95 ? 1 : 0)
        let scale = [1.0, 10, 100][decimals]
        let scaled = Int64((value * scale).rounded())
        guard decimals > 0 else { return "\(scaled)" }
        let fraction = "\(scaled % Int64(scale))"
        let zeros = String(repeating: "0", count: decimals - fraction.count)
        return "\(scaled / Int64(scale)).\(zeros)\(fraction)"
    }
}
