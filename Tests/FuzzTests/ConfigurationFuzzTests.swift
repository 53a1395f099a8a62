import Foundation
import Platform
import TestKit
import Testing

@testable import Madang

/// A configuration is taken or refused with places; what is in force, shown and taken again, is the same.
@Suite struct ConfigurationFuzzTests {
    private static let good = """
        accounts:
          - { id: demo, broker: paper, currency: KRW, cash: 100000000 }
        brokers:
          paper: { kind: paper, fee_bps: 5, fill: next_event }
        feeds:
          - kind: csv
            path: ticks.csv.gz
            what: ticks
            speed: 60x
            columns: { time: ts, symbol: symbol, price: price, quantity: size, side: side }
            time: { unit: ns }
        instruments:
          - { symbols: ["005930", KR0002], market: KR, tick_size: krx, lot: 1 }
        strategies:
          - { name: cross, kind: ma_cross, on: "candles:1m", quantity: 10, parameters: { fast: 20, slow: 60 } }
          - { name: mine, kind: server, launch: [python, mine.py], symbols: [KR0002], deadline: 200ms }
        rules:
          - { name: big move, when: "change(20) <= -5%", on: "candles:1m", then: alert, channels: [screen] }
        arbiter: { policy: confidence_weighted, threshold: 0.6 }
        risk: { day_loss: 2%, symbol_weight: 20%, order_value: 1000000, symbols: 10, price_band: 3% }
        channels:
          screen: { kind: console, language: ko }
        store: { folder: .madang }
        run: { patience: 60s }

        """
    private static let mutator = Mutator(
        [good],
        words: [
            ":", " ", "\n", "  ", "- ", "{", "}", "[", "]", ",", "\"", "'", "#", "&a", "*a",
            "!!int",
            "|", ">", "? ", "---\n", "\t", "null", "~", "true", "on", "0x1F", "1d", "200ms", "5%",
            "${HOME}", "${file:secret}", "$${", "candles:1m", "strategies:", "rules:",
        ])

    @Test(arguments: 0..<trials(4 as UInt64)) func aConfigurationIsTakenOrRefusedWithPlaces(
        _ seed: UInt64
    )
        throws
    {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "madang-fuzz-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "madang.yaml").path
        var random = SeededRandom(seed)
        for _ in 0..<triesOfASeed {
            let bytes = Self.mutator.next(&random)
            guard let shown = try shown(bytes, path) else { continue }
            guard let shown else { continue }
            let again = try self.shown(Array(shown.utf8), path)
            #expect(again != nil, "what is in force is refused:\n\(shown)")
            guard let again, let again, again != shown else { continue }
            let lines = zip(
                shown.split(separator: "\n", omittingEmptySubsequences: false),
                again.split(separator: "\n", omittingEmptySubsequences: false))
            let first = lines.first { $0 != $1 }
            Issue.record(
                "'\(first?.0 ?? "(more)")' has become '\(first?.1 ?? "(nothing)")'")
        }
    }

    /// - Returns: `nil` for one that is refused, with its places.
    private func shown(_ bytes: [UInt8], _ path: String) throws -> String?? {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        do throws(ConfigurationError) {
            var loader = try ConfigurationLoader(path: path)
            _ = try loader.load()
            // Secrets are masked: such a text is another one.
            // Defaults are no defaults any more once they are written.
            let text = loader.reader.shownText().replacing("  # default", with: "")
            return .some(text.contains("***") ? nil : text)
        } catch {
            #expect("\(error)".contains("madang.yaml"), "\(error)")
            return nil
        }
    }
}
