import Foundation
import Platform
import Testing

extension IntegrationTests {
    /// One minute of trades, however it is cut and passed and wherever the strategy lives: the same candles, results
    /// and orders.
    @Suite struct SameMinuteTests {
        /// What came of it, without what tells a process from a host and a clock from another.
        private struct Outcome: Equatable {
            /// A rule for each thing to know of a candle speaks at each: their signals are the candles.
            var candles: [[String]]
            var results: [[String]]
            var orders: [[String]]
            var fills: [[String]]
        }
        private static let rules = [
            "{ name: rising, when: \"close > open\", on: \"candles:5s\", every: always }",
            "{ name: wide, when: \"high - low > 300\", on: \"candles:5s\", every: always }",
            "{ name: busy, when: \"volume > 200\", on: \"candles:5s\", every: always }",
            "{ name: above, when: \"close >= sma(3)\", on: \"candles:10s\", every: always }",
            "{ name: any, when: \"close > 0\", on: \"candles:1s\", every: always }",
        ]
        private static let inHost = "{ name: cross, kind: ma_cross, on: ticks, quantity: 1 }"
        private static func inProcess(_ credit: Int) -> String {
            SceneConfiguration.server("cross", "cross_by_columns.py", "credit: \(credit)")
                .replacing("quantity: 10", with: "quantity: 1")
        }

        private func outcome(
            _ ticks: String, strategy: String = inHost, speed: String = "max", halves: Bool = false
        ) async throws -> Outcome {
            var configuration = SceneConfiguration(speed: speed, strategies: [strategy])
            configuration.rules = Self.rules
            // At a pace a round closes with its step where nobody is waited for.
            configuration.more = ["arbiter: { policy: first }"]
            let scene = try Scene()
            var text = configuration.text
            if halves {
                // The same rows from two files, cut in the middle of a candle.
                let feed = try #require(
                    text.split(separator: "feeds:\n", maxSplits: 1).last?.split(
                        separator: "instruments:", maxSplits: 1
                    ).first.map(String.init))
                text = text.replacing(
                    feed, with: feed + feed.replacing("ticks.csv", with: "rest.csv"))
                let rows = ticks.split(separator: "\n").map(String.init)
                let cut = rows.count / 3
                let first = rows[..<cut].joined(separator: "\n") + "\n"
                let rest = ([rows[0]] + rows[cut...]).joined(separator: "\n") + "\n"
                try scene.folder.write(first, as: "ticks.csv")
                try scene.folder.write(rest, as: "rest.csv")
            } else {
                try scene.folder.write(ticks, as: "ticks.csv")
            }
            try scene.folder.write(text, as: "madang.yaml")
            let run = try await scene.madang("run", "--quiet")
            #expect(run.exit == .code(0), "\(run.errorText)")
            return Outcome(
                candles: try await scene.query(
                    "select source, symbol, time, message from signals where action = 'alert'"
                        + " order by position, source, symbol"),
                results: try await scene.query(
                    "select symbol, position, action, status from signals"
                        + " where action <> 'alert' order by position, symbol"),
                orders: try await scene.query(
                    "select number, symbol, side, quantity, state, filled, time from orders"
                        + " order by number"),
                fills: try await scene.query(
                    "select symbol, side, quantity, price, fee, position_after, cash_after"
                        + " from ledger order by line"))
        }

        /// Twenty milliseconds between trades on average: about three thousand in the minute.
        private func minute(_ seed: UInt64) -> String {
            SampleTicks(count: 3_000, seed: seed, pause: 20_000_000).csv
        }

        @Test(.enabled(if: Place.hasPython), arguments: [3, 4] as [UInt64])
        func anotherProcessAndOtherMessages(_ seed: UInt64) async throws {
            let ticks = minute(seed)
            let reference = try await outcome(ticks)
            #expect(reference.candles.count > 300 && reference.results.count > 20)
            #expect(reference.orders.count > 5 && reference.fills.count >= reference.orders.count)
            for credit in [1, 7, 4_096] {
                let other = try await outcome(ticks, strategy: Self.inProcess(credit))
                #expect(other == reference, "credit \(credit)")
            }
        }

        @Test(arguments: [3, 4] as [UInt64])
        func anotherSpeedAndOtherFiles(_ seed: UInt64) async throws {
            let ticks = minute(seed)
            let reference = try await outcome(ticks)
            for speed in ["30x", "600x"] {
                let other = try await outcome(ticks, speed: speed)
                #expect(other == reference, "\(speed)")
            }
            #expect(try await outcome(ticks, halves: true) == reference)
        }
    }
}
