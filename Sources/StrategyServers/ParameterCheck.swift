import StrategyWire
import TradingModel

/// Overrides held against the server's schema.
enum ParameterCheck {
    /// - Returns: Every parameter in force, by name.
    /// - Throws: ``ServerRefusal`` for the first override, by name, that the schema does not allow.
    static func inForce(
        _ overrides: [String: String], _ schema: [PBParameter]
    ) throws(ServerRefusal) -> [String: String] {
        var values: [String: String] = [:]
        var parameters: [String: PBParameter] = [:]
        for parameter in schema {
            values[parameter.name] = parameter.defaultValue
            parameters[parameter.name] = parameter
        }
        for (name, value) in overrides.sorted(by: { $0.key < $1.key }) {
            guard let parameter = parameters[name] else {
                let known = schema.map(\.name).sorted().joined(separator: ", ")
                throw ServerRefusal(
                    "it has no parameter '\(name)'",
                    advice: known.isEmpty ? "it has none" : "it has: \(known)")
            }
            if let problem = problem(value, parameter) {
                throw ServerRefusal(
                    "its parameter '\(name)' cannot be '\(value)'", advice: "it must be \(problem)")
            }
            values[name] = value
        }
        return values
    }

    /// What the parameter hash covers: see Configure in session.proto.
    static func text(_ values: [String: String]) -> String {
        values.sorted { Array($0.key.utf8).lexicographicallyPrecedes(Array($1.key.utf8)) }
            .map { "\($0.key)=\($0.value)\n" }.joined()
    }

    /// What the value would have to be; `nil` where it is allowed. A type or a bound that this host
    /// does not understand is the server's to judge.
    private static func problem(_ value: String, _ parameter: PBParameter) -> String? {
        switch parameter.type {
        case .integer:
            guard let number = Int64(value) else { return "a whole number" + range(parameter) }
            let isInside =
                Int64(parameter.minimum).map { number >= $0 } ?? true
                && Int64(parameter.maximum).map { number <= $0 } ?? true
            return isInside ? nil : "a whole number" + range(parameter)
        case .number:
            guard let number = Double(value), number.isFinite, isPlain(value) else {
                return "a number" + range(parameter)
            }
            let isInside =
                Double(parameter.minimum).map { number >= $0 } ?? true
                && Double(parameter.maximum).map { number <= $0 } ?? true
            return isInside ? nil : "a number" + range(parameter)
        case .boolean: return value == "true" || value == "false" ? nil : "true or false"
        case .text:
            guard !parameter.choices.isEmpty, !parameter.choices.contains(value) else { return nil }
            return "one of " + parameter.choices.joined(separator: ", ")
        case .unspecified, .unrecognized: return nil
        }
    }

    /// Decimal notation: `Double` would read hexadecimal too.
    private static func isPlain(_ value: String) -> Bool {
        value.utf8.allSatisfy { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "+-.eE".utf8.contains(byte)
        }
    }

    private static func range(_ parameter: PBParameter) -> String {
        switch (parameter.minimum, parameter.maximum) {
        case ("", ""): ""
        case (let low, ""): " from \(low)"
        case ("", let high): " up to \(high)"
        case (let low, let high): " from \(low) to \(high)"
        }
    }
}
