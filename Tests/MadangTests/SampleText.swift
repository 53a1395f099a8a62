import Foundation
import Platform
import Testing

@testable import Madang

extension HostConfiguration {
    /// Of a file with an account, a paper broker, and what is given.
    ///
    /// - Throws: ``ConfigurationError`` with what is wrong.
    static func reading(
        feeds: [String] = [HostConfiguration.ticks()], instruments: [String], more: [String] = []
    ) throws -> HostConfiguration {
        let lines =
            [
                "accounts: [{ id: demo, broker: paper, currency: KRW, cash: 1000 }]",
                "brokers: { paper: { kind: paper } }", "feeds:",
            ] + feeds.map { "  - \($0)" } + ["instruments:"] + instruments.map { "  - \($0)" }
            + more
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(
            "madang-\(UUID().uuidString).yaml")
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        var loader = try ConfigurationLoader(path: file.path)
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
