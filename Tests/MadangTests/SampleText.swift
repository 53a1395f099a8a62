import Foundation
import Platform
import Testing

@testable import Madang

extension HostConfiguration {
    /// Of a file with an account, a paper broker, and what is given.
    ///
    /// - Throws: ``ConfigurationError`` with what is wrong.
    static func reading(
        feeds: [String] = [HostConfiguration.ticks()], instruments: [String], more: [String] = [],
        broker: String = "{ kind: paper }"
    ) throws -> HostConfiguration {
        let lines =
            [
                "accounts: [{ id: demo, broker: paper, currency: KRW, cash: 1000 }]",
                "brokers: { paper: \(broker) }", "feeds:",
            ] + feeds.map { "  - \($0)" } + ["instruments:"] + instruments.map { "  - \($0)" }
            + more
        return try of(lines.joined(separator: "\n") + "\n")
    }

    /// - Parameter variables: What `${NAME}` stands for.
    /// - Throws: ``ConfigurationError`` with what is wrong.
    static func of(
        _ text: String, _ variables: [String: String] = [:]
    ) throws -> HostConfiguration {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(
            "madang-\(UUID().uuidString).yaml")
        try Data(text.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        var loader = try ConfigurationLoader(path: file.path, variables: variables)
        return try loader.load()
    }

    /// - Parameter symbol: `nil`: a column of symbols.
    static func ticks(_ symbol: String? = nil) -> String {
        "{ path: ticks.csv, what: ticks, speed: 60x\(symbol.map { ", symbol: \($0)" } ?? "") }"
    }

    static func candles(_ interval: String, _ symbol: String? = nil) -> String {
        "{ path: candles.csv, what: candles, interval: \(interval), speed: 60x"
            + "\(symbol.map { ", symbol: \($0)" } ?? "") }"
    }
}
