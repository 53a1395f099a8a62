import TradingModel

/// One parameter of an indicator; numbers are held at 10⁻⁶, exact.
public struct IndicatorParameter: Hashable, Sendable {
    public let name: String
    public let isWhole: Bool
    /// In millionths, as the bounds are; `nil`: it must be given.
    public let defaultValue: Int64?
    public let minimum: Int64
    public let maximum: Int64
    /// A few words, with the unit.
    public let help: String

    static let one: Int64 = 1_000_000

    static func length(
        _ name: String, _ defaultValue: Int?, from shortest: Int = 1, _ help: String
    ) -> IndicatorParameter {
        IndicatorParameter(
            name: name, isWhole: true, defaultValue: defaultValue.map { Int64($0) * one },
            minimum: Int64(shortest) * one, maximum: 512 * one, help: help)
    }

    static func factor(
        _ name: String, _ defaultValue: Int64, _ help: String
    ) -> IndicatorParameter {
        IndicatorParameter(
            name: name, isWhole: false, defaultValue: defaultValue * one, minimum: 0,
            maximum: 1_000 * one, help: help)
    }

    /// Millionths as people write them: `20`, `1.5`.
    public static func text(_ millionths: Int64) -> String {
        decimalString(Int128(millionths), scale: 6)
    }

    /// Such as `a whole number from 1 to 512`.
    public var allowed: String {
        (isWhole ? "a whole number" : "a number with up to 6 decimals")
            + " from \(Self.text(minimum)) to \(Self.text(maximum))"
    }

    /// - Returns: In millionths; `nil` for what is no number or out of range.
    public func parse(_ text: some StringProtocol) -> Int64? {
        guard let value = parseDecimal(text.utf8, scale: 6) else { return nil }
        return checked(value)
    }

    /// - Returns: `nil` for what is out of range, or not whole where it must be.
    public func checked(_ millionths: Int128) -> Int64? {
        guard millionths >= Int128(minimum), millionths <= Int128(maximum),
            !isWhole || millionths % Int128(Self.one) == 0
        else { return nil }
        return Int64(millionths)
    }
}
