import Foundation
import Platform

/// `madang config check|show`.
enum ConfigCommand {
    static func check(_ command: CommandInvocation) throws {
        let (path, loader, configuration) = try load(command, speaks: true)
        _ = loader
        for text in FeedCoverage(configuration: configuration).unheard
            + RuleRemarks(configuration: configuration).lines
            + SettingRemarks(configuration: configuration).lines
        {
            FileHandle.standardError.write(Data("warning: \(text)\n".utf8))
        }
        let words =
            counted(configuration.strategies.count, "strategy", "strategies") + ", "
            + counted(configuration.rules.count, "rule") + ", "
            + counted(configuration.instruments.count, "instrument") + ", "
            + counted(configuration.feeds.count, "feed")
        let json = "{\"file\":\(jsonText(path)),\"good\":true}"
        StandardOutput.write(
            line: command.has(CommandLineShape.json) ? json : "\(path) is good: \(words)")
        // A path that leads nowhere, columns that the file has not: only who opens it sees that.
        if !command.has(CommandLineShape.json), !configuration.feeds.isEmpty {
            StandardOutput.write(
                line: "the files of its feeds are not looked at: madang doctor does")
        }
    }

    static func show(_ command: CommandInvocation) throws {
        let reader = try load(command, speaks: true).loader.reader
        StandardOutput.write(
            line: command.has(CommandLineShape.json) ? reader.shownJSON() : reader.shownText())
    }

    /// Reads the configuration that a command names, and tells what should be changed in it.
    ///
    /// - Parameter speaks: Whether the command speaks to brokers, channels and servers. Who looks at a run, or asks
    ///   its host, needs none of their secrets: least of all who wants it to stop.
    /// - Throws: ``ConfigurationError``.
    static func load(
        _ command: CommandInvocation, speaks: Bool = false
    ) throws -> (path: String, loader: ConfigurationLoader, configuration: HostConfiguration) {
        let path = command.value(of: CommandLineShape.config) ?? "madang.yaml"
        guard path != "madang.yaml" || FileManager.default.fileExists(atPath: path) else {
            throw RunError(
                .configuration,
                "there is no madang.yaml in this folder\n  go to the one that holds it, or name a file with -c FILE"
            )
        }
        var loader = try ConfigurationLoader(path: path, speaks: speaks)
        let configuration = try loader.load()
        configuration.keepSecretsOutOfCores()
        for warning in loader.reader.warnings {
            FileHandle.standardError.write(Data("warning: \(warning)\n".utf8))
        }
        return (path, loader, configuration)
    }
}
