import Feeds
import Foundation
import Indicators
import Platform
import Ports
import TradingModel

/// `madang indicators`: what the host calculates, for a file, or the table of what there is.
enum IndicatorsCommand {
    /// Rows that people are shown.
    static let shown = 20

    static func run(_ command: CommandInvocation) throws {
        guard let path = command.arguments.first else { return try list(command) }
        let asked = command.values(of: CommandLineShape.indicators)
            .flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }
        guard !asked.isEmpty else {
            throw RunError(
                .usage, "no indicator is asked for\n  such as: --of sma:20,rsi:14,macd:12:26:9")
        }
        let requests = try asked.map { text in
            do { return try IndicatorRequest(String(text)) } catch {
                throw RunError(.usage, "--of: \(error)")
            }
        }
        do {
            let sheet = try IndicatorSheet(path, requests, command)
            if command.has(CommandLineShape.csv) {
                try sheet.writeCSV()
            } else if command.has(CommandLineShape.json) {
                try sheet.writeJSON()
            } else {
                try sheet.writeTable(last: shown)
            }
        } catch let error as FeedError {
            throw RunError(.feed, "\(error)")
        }
    }

    private static func list(_ command: CommandInvocation) throws {
        guard command.values(of: CommandLineShape.indicators).isEmpty else {
            throw RunError(
                .usage, "no file is named\n  such as: madang indicators bars.csv --of sma:20")
        }
        for kind in IndicatorKind.all {
            command.has(CommandLineShape.json) ? writeJSON(kind) : write(kind)
        }
    }

    private static func write(_ kind: IndicatorKind) {
        StandardOutput.write(line: "\(kind.usage)  \(kind.summary)")
        for parameter in kind.parameters {
            let usual =
                parameter.defaultValue.map { " = \(IndicatorParameter.text($0))" } ?? ""
            StandardOutput.write(
                line: "    \(parameter.name)\(usual)  (\(parameter.allowed))  \(parameter.help)")
        }
        StandardOutput.write(line: "    formula: \(kind.formula)")
        StandardOutput.write(line: "    first value: index \(kind.warmUp)")
        if kind.outputs.count > 1 {
            let names = kind.outputs.map { $0.isEmpty ? kind.name : $0 }
            StandardOutput.write(line: "    outputs: \(names.joined(separator: ", "))")
        }
    }

    private static func writeJSON(_ kind: IndicatorKind) {
        let parameters = kind.parameters.map { parameter in
            let usual = parameter.defaultValue.map { IndicatorParameter.text($0) } ?? "null"
            return "{\"name\":\(jsonText(parameter.name)),\"default\":\(usual),"
                + "\"minimum\":\(IndicatorParameter.text(parameter.minimum)),"
                + "\"maximum\":\(IndicatorParameter.text(parameter.maximum)),"
                + "\"whole\":\(parameter.isWhole),\"help\":\(jsonText(parameter.help))}"
        }
        let outputs = kind.outputs.map { jsonText($0.isEmpty ? kind.name : $0) }
        let texts = [
            ("name", kind.name), ("summary", kind.summary), ("formula", kind.formula),
            ("warm_up", kind.warmUp), ("unit", kind.unit.rawValue), ("source", kind.source),
        ].map { "\"\($0.0)\":\(jsonText($0.1))" }
        StandardOutput.write(
            line:
                "{\(texts.joined(separator: ",")),\"outputs\":[\(outputs.joined(separator: ","))],"
                + "\"parameters\":[\(parameters.joined(separator: ","))]}")
    }
}
