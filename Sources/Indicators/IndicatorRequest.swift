import TradingModel

/// An indicator with its parameters, as `macd:12:26:9` asks for it.
public struct IndicatorRequest: Sendable {
    public let kind: IndicatorKind
    /// In millionths, one for each parameter.
    public let values: [Int64]

    /// - Parameter values: Each in its range, without a problem together.
    public init(_ kind: IndicatorKind, _ values: [Int64]) {
        self.kind = kind
        self.values = values
    }

    /// Reads `NAME[:PARAMETER…]`; parameters left out at the end get their defaults.
    ///
    /// - Throws: ``IndicatorError``.
    public init(_ text: String) throws(IndicatorError) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        let kind = try IndicatorKind.named(parts[0])
        let written = parts.dropFirst()
        guard written.count <= kind.parameters.count else {
            let (given, most) = (written.count, kind.parameters.count)
            throw IndicatorError(
                .tooManyParameters,
                "'\(text)' has \(given) parameter\(given == 1 ? "" : "s"), and \(kind.name) takes"
                    + " \(most == 0 ? "none" : "at most \(most)")",
                hint: "write \(kind.usage)")
        }
        var values: [Int64] = []
        for (index, parameter) in kind.parameters.enumerated() {
            guard index < written.count else {
                guard let value = parameter.defaultValue else {
                    throw IndicatorError(
                        .badParameter, "'\(text)' has no \(parameter.name)",
                        hint: "write \(kind.usage); \(parameter.name): \(parameter.allowed)")
                }
                values.append(value)
                continue
            }
            guard let value = parameter.parse(parts[index + 1]) else {
                throw IndicatorError(
                    .badParameter,
                    "'\(text)': \(parameter.name) '\(parts[index + 1])' is not \(parameter.allowed)",
                    hint: "write \(kind.usage)")
            }
            values.append(value)
        }
        if let problem = kind.problem(values) {
            throw IndicatorError(
                .inconsistent, "'\(text)': \(problem)", hint: "write \(kind.usage)")
        }
        self.init(kind, values)
    }

    public func make() -> any Indicator { kind.make(values) }
    /// The index of the first value.
    public var firstIndex: Int { kind.firstIndex(values) }

    /// `sma20`, `macd12_26_9_line`: one for each output.
    public var columns: [String] {
        let name = kind.name + values.map { IndicatorParameter.text($0) }.joined(separator: "_")
        return kind.outputs.map { $0.isEmpty ? name : "\(name)_\($0)" }
    }
}
