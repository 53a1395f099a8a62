import TradingModel

/// A strategy that comes with the host: what it is, which parameters it takes, how to make one.
///
/// To add one: a file with the strategy and its `builtIn`, and a line in ``all``.
public struct BuiltInStrategy: Sendable {
    /// As the configuration's `kind` names it.
    public let name: String
    /// One line.
    public let summary: String
    public let parameters: [StrategyParameter]
    private let warmUp: @Sendable ([Int64]) -> Int
    private let build: @Sendable ([Int64]) throws(ParameterError) -> any Strategy

    /// - Parameters:
    ///   - warmUp: How many events a value of the strategy must have seen before the first that can
    ///     signal; its argument holds millionths in the order of `parameters`.
    ///   - build: Gets the same numbers, each in its range.
    init(
        name: String, summary: String, parameters: [StrategyParameter],
        warmUp: @escaping @Sendable ([Int64]) -> Int,
        build: @escaping @Sendable ([Int64]) throws(ParameterError) -> any Strategy
    ) {
        self.name = name
        self.summary = summary
        self.parameters = parameters
        self.warmUp = warmUp
        self.build = build
    }

    /// In the order they are listed.
    public static let all: [BuiltInStrategy] = [
        MACross.builtIn, RSIStrategy.builtIn, MACDCross.builtIn, BollingerReturn.builtIn,
        MeanReversion.builtIn, Breakout.builtIn, VolumeSurge.builtIn, TrendDip.builtIn,
    ]

    /// - Throws: ``ParameterError`` `unknownStrategy`, with the nearest name.
    public static func named(_ name: String) throws(ParameterError) -> BuiltInStrategy {
        for strategy in all where strategy.name == name { return strategy }
        throw ParameterError(
            .unknownStrategy, strategy: name, parameter: nil,
            what: "there is no built-in strategy '\(name)'",
            hint: hint(for: name, among: all.map(\.name)))
    }

    /// A fresh value: for one attachment and one instrument.
    ///
    /// - Parameter written: As the configuration has it; what is missing gets its default.
    /// - Throws: ``ParameterError`` for the first fault, by parameter name.
    public func make(parameters written: [String: String]) throws(ParameterError) -> any Strategy {
        try build(values(written))
    }

    /// All parameters with their values in canonical text, in the order of ``parameters``: for the
    /// record and the parameter hash.
    ///
    /// - Throws: As ``make(parameters:)``.
    public func resolved(
        parameters written: [String: String]
    ) throws(ParameterError) -> [(name: String, value: String)] {
        let values = try values(written)
        _ = try build(values)
        return zip(parameters, values).map { ($0.name, StrategyParameter.text($1)) }
    }

    /// How many events (ticks, or candles of the attachment's interval) it must have seen before
    /// the first one that can signal.
    ///
    /// - Throws: As ``make(parameters:)``.
    public func warmUp(parameters written: [String: String]) throws(ParameterError) -> Int {
        let values = try values(written)
        _ = try build(values)
        return warmUp(values)
    }

    private func values(_ written: [String: String]) throws(ParameterError) -> [Int64] {
        let names = parameters.map(\.name)
        for name in written.keys.sorted() where !names.contains(name) {
            throw ParameterError(
                .unknownParameter, strategy: self.name, parameter: name,
                what: "there is no such parameter", hint: Self.hint(for: name, among: names))
        }
        var values: [Int64] = []
        for parameter in parameters {
            guard let text = written[parameter.name] else {
                values.append(parameter.defaultValue)
                continue
            }
            values.append(try parameter.parse(text, of: name))
        }
        return values
    }

    private static func hint(for name: String, among names: [String]) -> String {
        let allowed = "allowed: \(names.joined(separator: ", "))"
        guard let nearest = nearestName(to: name, in: names) else { return allowed }
        return "\(allowed)   did you mean '\(nearest)'?"
    }
}
