import TradingModel

/// One parameter of a strategy: what `madang strategy list` shows and the configuration is
/// checked by.
///
/// Numbers are held at 10⁻⁶, exact.
public struct StrategyParameter: Hashable, Sendable {
    public enum Kind: String, Sendable {
        case integer = "whole number"
        case decimal = "number"
    }
    public let name: String
    public let kind: Kind
    /// In millionths, as the bounds are.
    public let defaultValue: Int64
    public let minimum: Int64
    public let maximum: Int64
    /// One line, with the unit.
    public let help: String

    /// A whole number.
    public static func integer(
        _ name: String, _ defaultValue: Int, in range: ClosedRange<Int>, _ help: String
    ) -> StrategyParameter {
        StrategyParameter(
            name: name, kind: .integer, defaultValue: Int64(defaultValue) * one,
            minimum: Int64(range.lowerBound) * one, maximum: Int64(range.upperBound) * one,
            help: help)
    }

    /// A number with up to six decimals; the default and the range are whole.
    public static func decimal(
        _ name: String, _ defaultValue: Int, in range: ClosedRange<Int>, _ help: String
    ) -> StrategyParameter {
        StrategyParameter(
            name: name, kind: .decimal, defaultValue: Int64(defaultValue) * one,
            minimum: Int64(range.lowerBound) * one, maximum: Int64(range.upperBound) * one,
            help: help)
    }

    static let one: Int64 = 1_000_000

    /// Millionths as people write them: `20`, `1.5`.
    public static func text(_ millionths: Int64) -> String {
        decimalString(Int128(millionths), scale: 6)
    }

    /// Of a whole number.
    static func whole(_ millionths: Int64) -> Int { Int(millionths / one) }

    /// Reads what a user wrote.
    ///
    /// - Throws: ``ParameterError`` `notANumber` or `outOfRange`.
    func parse(_ text: String, of strategy: String) throws(ParameterError) -> Int64 {
        guard let value = parseDecimal(text.utf8, scale: kind == .integer ? 0 : 6) else {
            let accepted = kind == .integer ? "a whole number" : "a number with up to 6 decimals"
            throw ParameterError(
                .notANumber, strategy: strategy, parameter: name,
                what: "'\(text)' is not \(accepted)", hint: allowed)
        }
        let (millionths, overflow) =
            value.multipliedReportingOverflow(by: kind == .integer ? Int128(Self.one) : 1)
        guard !overflow, millionths >= Int128(minimum), millionths <= Int128(maximum) else {
            throw ParameterError(
                .outOfRange, strategy: strategy, parameter: name,
                what: "\(text) is out of range", hint: allowed)
        }
        return Int64(millionths)
    }

    private var allowed: String {
        let (low, high) = (Self.text(minimum), Self.text(maximum))
        return "allowed: \(low) to \(high); default \(Self.text(defaultValue))"
    }
}
