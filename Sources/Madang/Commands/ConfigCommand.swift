import Foundation
import Platform

/// `madang config check|show`.
enum ConfigCommand {
    static let usage = """
        madang config check [-c FILE] [--json]   say whether the configuration is good, and where it is not
        madang config show [-c FILE] [--json]    what is in force: defaults marked, secrets masked
        example: madang config check -c examples/demo.yaml
        """

    static func run(_ words: [String]) throws -> Int32 {
        var arguments = Arguments(Array(words.dropFirst()), command: "config", usage: usage)
        guard let verb = words.first, !arguments.wantsHelp, verb != "--help" else {
            StandardOutput.write(line: usage)
            return words.isEmpty ? RunError.Code.usage.rawValue : 0
        }
        guard ["check", "show"].contains(verb) else {
            throw RunError(.usage, "madang config: '\(verb)' is neither check nor show\n\(usage)")
        }
        let path = try arguments.option("-c", "--config") ?? "madang.yaml"
        let json = arguments.flag("--json")
        try arguments.finish(known: ["-c", "--config", "--json"])
        var loader = try ConfigurationLoader(path: path)
        let configuration = try loader.load()
        for warning in loader.reader.warnings { warn("\(warning)") }
        if verb == "show" {
            StandardOutput.write(line: json ? loader.reader.shownJSON() : loader.reader.shownText())
        } else {
            let words = "\(configuration.strategies.count) strategies, \(configuration.rules.count) rules,"
                + " \(configuration.instruments.count) instruments, \(configuration.feeds.count) feeds"
            StandardOutput.write(
                line: json ? "{\"file\":\(jsonText(path)),\"good\":true}" : "\(path) is good: \(words)")
        }
        return 0
    }

    static func warn(_ text: String) {
        FileHandle.standardError.write(Data(("warning: " + text + "\n").utf8))
    }
}
