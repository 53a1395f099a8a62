import Platform
import Strategies

/// `madang strategy list`.
enum StrategyCommand {
    static let usage = """
        madang strategy list [--json]   built-in strategies, their parameters, defaults and ranges
        """

    static func run(_ words: [String]) throws -> Int32 {
        var arguments = Arguments(Array(words.dropFirst()), command: "strategy", usage: usage)
        guard let verb = words.first, !arguments.wantsHelp, verb != "--help" else {
            StandardOutput.write(line: usage)
            return words.isEmpty ? RunError.Code.usage.rawValue : 0
        }
        guard verb == "list" else {
            throw RunError(.usage, "madang strategy: there is no '\(verb)'\n\(usage)")
        }
        let json = arguments.flag("--json")
        try arguments.finish(known: ["--json"])
        for strategy in BuiltInStrategy.all { json ? writeJSON(strategy) : write(strategy) }
        return 0
    }

    private static func write(_ strategy: BuiltInStrategy) {
        StandardOutput.write(line: "\(strategy.name)  \(strategy.summary)")
        for parameter in strategy.parameters {
            let range = "\(StrategyParameter.text(parameter.minimum)) to \(StrategyParameter.text(parameter.maximum))"
            StandardOutput.write(
                line: "    \(parameter.name) = \(StrategyParameter.text(parameter.defaultValue))"
                    + "  (\(parameter.kind.rawValue), \(range))  \(parameter.help)")
        }
    }

    private static func writeJSON(_ strategy: BuiltInStrategy) {
        let parameters = strategy.parameters.map { parameter in
            "{\"name\":\(jsonText(parameter.name)),\"default\":\(StrategyParameter.text(parameter.defaultValue)),"
                + "\"minimum\":\(StrategyParameter.text(parameter.minimum)),"
                + "\"maximum\":\(StrategyParameter.text(parameter.maximum)),\"help\":\(jsonText(parameter.help))}"
        }
        StandardOutput.write(
            line: "{\"name\":\(jsonText(strategy.name)),\"summary\":\(jsonText(strategy.summary)),"
                + "\"parameters\":[\(parameters.joined(separator: ","))]}")
    }
}
