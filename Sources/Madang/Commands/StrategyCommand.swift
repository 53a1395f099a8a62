import Platform
import Strategies

/// `madang strategy list`.
enum StrategyCommand {
    static func list(_ command: CommandInvocation) {
        for strategy in BuiltInStrategy.all {
            command.has(CommandLineShape.json) ? writeJSON(strategy) : write(strategy)
        }
    }

    private static func write(_ strategy: BuiltInStrategy) {
        StandardOutput.write(line: "\(strategy.name)  \(strategy.summary)")
        for parameter in strategy.parameters {
            let range =
                "\(StrategyParameter.text(parameter.minimum)) to \(StrategyParameter.text(parameter.maximum))"
            StandardOutput.write(
                line: "    \(parameter.name) = \(StrategyParameter.text(parameter.defaultValue))"
                    + "  (\(parameter.kind.rawValue), \(range))  \(parameter.help)")
        }
        if let warmUp = try? strategy.warmUp(parameters: [:]) {
            StandardOutput.write(
                line:
                    "    with the defaults the event at index \(warmUp) is the first that can signal"
            )
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
                + "\"warm_up\":\((try? strategy.warmUp(parameters: [:])).map { "\($0)" } ?? "null"),"
                + "\"parameters\":[\(parameters.joined(separator: ","))]}")
    }
}
