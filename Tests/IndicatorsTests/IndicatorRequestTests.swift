import Foundation
import Indicators
import Testing

@Suite struct IndicatorRequestTests {
    @Test(arguments: [
        ("sma:20", ["sma20"]),
        ("macd", ["macd12_26_9_line", "macd12_26_9_signal", "macd12_26_9_histogram"]),
        (
            "bollinger:20:2.5",
            ["bollinger20_2.5_upper", "bollinger20_2.5_middle", "bollinger20_2.5_lower"]
        ),
        ("obv", ["obv"]), ("adx:7", ["adx7", "adx7_plus", "adx7_minus"]),
        ("sma:020", ["sma20"]),
        ("bollinger:5:2.0", ["bollinger5_2_upper", "bollinger5_2_middle", "bollinger5_2_lower"]),
    ])
    func namesItsColumns(_ text: String, _ wanted: [String]) throws {
        #expect(try IndicatorRequest(text).columns == wanted)
    }

    @Test(arguments: [
        ("smaa:20", "there is no indicator 'smaa'\n  did you mean 'sma'?  known: sma, ema"),
        ("", "there is no indicator ''\n  known: sma"),
        ("sma", "'sma' has no length\n  write sma:LENGTH; length: a whole number from 1 to 512"),
        ("sma:", "'sma:': length '' is not a whole number from 1 to 512\n  write sma:LENGTH"),
        ("sma:0", "'sma:0': length '0' is not a whole number from 1 to 512"),
        ("sma:513", "'sma:513': length '513' is not a whole number"),
        ("sma:2.5", "'sma:2.5': length '2.5' is not a whole number"),
        ("sma:99999999999999999999999999999999999999999", "length '9999"),
        ("sma:-5", "length '-5' is not"),
        ("sma:20:3", "'sma:20:3' has 2 parameters, and sma takes at most 1\n  write sma:LENGTH"),
        ("obv:1", "'obv:1' has 1 parameter, and obv takes none\n  write obv"),
        (
            "macd:26:12:9",
            "'macd:26:12:9': fast 26 is not below slow 12\n  write macd:FAST:SLOW:SIGNAL"
        ),
        ("macd:30", "'macd:30': fast 30 is not below slow 26"),
        ("bollinger:20:-1", "factor '-1' is not a number with up to 6 decimals from 0 to 1000"),
        ("bollinger:20:1.1234567", "factor '1.1234567' is not a number with up to 6 decimals"),
        ("rsi:1", "'rsi:1': length '1' is not a whole number from 2 to 512"),
    ])
    func badWordsAreToldExactly(_ text: String, _ wanted: String) {
        let error = #expect(throws: IndicatorError.self) { try IndicatorRequest(text) }
        #expect(
            "\(error.map(String.init(describing:)) ?? "")".contains(wanted),
            "\(String(describing: error))")
    }

    @Test func namesAreOwn() {
        #expect(Set(IndicatorKind.all.map(\.name)).count == IndicatorKind.all.count)
    }

    /// `docs/INDICATORS.md` says of each indicator what the table says.
    @Test(arguments: IndicatorKind.all.map(\.name))
    func documentSaysWhatTheTableSays(_ name: String) throws {
        let kind = try IndicatorKind.named(name)
        let section = Self.section(kind)
        #expect(try Self.document().contains(section), "missing, or another:\n\(section)")
    }

    @Test func documentHasNothingElse() throws {
        let headings = try Self.document().split(separator: "\n").filter { $0.hasPrefix("### ") }
        #expect(
            headings.map { String($0.dropFirst(4)) } == IndicatorKind.all.map { "`\($0.name)`" })
    }

    static func document() throws -> String {
        let root = Oracle.folder.deletingLastPathComponent().deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: "docs/INDICATORS.md"), encoding: .utf8)
    }

    static func section(_ kind: IndicatorKind) -> String {
        var lines = ["### `\(kind.name)`", "", "\(kind.summary). `\(kind.usage)`", ""]
        lines.append("- formula: \(kind.formula)")
        lines.append("- first value: index \(kind.warmUp)")
        for parameter in kind.parameters {
            let usual =
                parameter.defaultValue.map { ", default \(IndicatorParameter.text($0))" } ?? ""
            lines.append(
                "- \(parameter.name): \(parameter.help); \(parameter.allowed)\(usual)")
        }
        let outputs = kind.outputs.map { $0.isEmpty ? kind.name : $0 }
        lines.append("- output: \(outputs.joined(separator: ", ")); \(kind.unit.rawValue)")
        lines.append("- source: \(kind.source)")
        return lines.joined(separator: "\n") + "\n"
    }
}
