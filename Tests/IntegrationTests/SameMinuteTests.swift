import Foundation
import Platform
import TestKit
import Testing

extension IntegrationTests {
    /// One minute of trades, however it is cut and passed and wherever its strategies live: the same candles, results,
    /// orders and fills. The same without processes, with many more seeds: `HostTests`.
    @Suite struct SameMinuteTests {
        /// What came of it, without what tells a process from a host and a clock from another.
        private struct Outcome {
            var bars: [[String]]
            var results: [[String]]
            /// What became of each result.
            var fates: [[String]]
            var orders: [[String]]
            var fills: [[String]]

            func expectMarket(as other: Outcome, _ how: Passage) {
                #expect(bars == other.bars, "\(how)")
                #expect(results == other.results, "\(how)")
            }

            func expectSame(as other: Outcome, _ how: Passage) {
                expectMarket(as: other, how)
                #expect(fates == other.fates, "\(how)")
                #expect(orders == other.orders, "\(how)")
                #expect(fills == other.fills, "\(how)")
            }
        }

        /// How the minute passes.
        private struct Passage {
            var speed = "max"
            var files = 1
            /// Of the cross on ticks and the one on candles: how many events may be under way to its process;
            /// `nil`: it lives in the host.
            var credits: [Int?] = [nil, nil]

            /// An account each: of two that vote in a round, who is nearer is heard first.
            var strategies: [String] {
                [
                    strategy("cross", "on: ticks", "cross_by_columns.py", credits[0])
                        + ", account: demo, quantity: 1 }",
                    strategy(
                        "slow", "on: \"candles:2s\", parameters: { fast: 2, slow: 5 }",
                        "cross_of_seconds.py", credits[1]) + ", account: other, quantity: 1 }",
                ]
            }

            private func strategy(
                _ name: String, _ inHost: String, _ script: String, _ credit: Int?
            ) -> String {
                let script = "\(Place.servers)/\(script)"
                return "{ name: \(name), "
                    + (credit.map {
                        "kind: server, launch: [\(Place.python), \(script)], credit: \($0), deadline: 1m"
                    } ?? "kind: ma_cross, \(inHost)")
            }
        }

        private static let rules = [
            "{ name: wide, when: \"high - low > 300 or change(5s) > 1%\", on: \"candles:3s\", every: always }",
            "{ name: above, when: \"close >= sma(3)\", on: \"candles:10s\" }",
            "{ name: busy, when: \"volume > 45\", on: ticks, every: always }",
        ]

        private func outcome(
            _ minute: MinuteOfTicks, _ passage: Passage, _ random: inout SeededRandom
        ) async throws -> Outcome {
            var configuration = SceneConfiguration(
                speed: passage.speed, strategies: passage.strategies, rules: Self.rules)
            configuration.account +=
                "\n  - { id: other, broker: paper, currency: KRW, cash: 100000000 }"
            configuration.instruments =
                "{ symbols: [\(minute.symbols.joined(separator: ", "))], market: KR, tick_size: krx, lot: 1 }"
            // At a pace a round closes with its step where nobody is waited for.
            configuration.more = [
                "arbiter: { policy: first }", "store: { bars: [1s, 2s, 3s, 7s, 10s, 30s] }",
            ]
            let scene = try Scene()
            let feed = configuration.feed.replacing(
                "time: { unit", with: minute.reading + ", time: { unit")
            let files = minute.files(passage.files, &random)
            configuration.feed = files.indices.map {
                feed.replacing("ticks.csv", with: "ticks\($0).csv")
            }.joined(separator: "\n  - ")
            for (index, text) in files.enumerated() {
                try scene.folder.write(text, as: "ticks\(index).csv")
            }
            try scene.folder.write(configuration.text, as: "madang.yaml")
            let run = try await scene.madang("run", "--quiet")
            #expect(run.exit == .code(0), "\(passage): \(run.errorText)")
            let result = "account, source, symbol, position, result, action, time"
            return Outcome(
                bars: try await scene.query(
                    "select symbol, interval, open_time, open, high, low, close, volume"
                        + " from market_bars order by symbol, interval, open_time"),
                results: try await scene.query(
                    "select \(result) from signals order by position, source, symbol"),
                fates: try await scene.query(
                    "select status, \(result) from signals order by position, source, symbol"),
                orders: try await scene.query(
                    "select number, account, symbol, side, quantity, state, filled, source, time"
                        + " from orders order by number"),
                fills: try await scene.query(
                    "select account, symbol, side, quantity, price, fee, realised, position_after,"
                        + " cash_after, time from ledger order by line"))
        }

        /// As fast as possible: rows from several files, and each strategy in the host or in a process that is sent
        /// one event at a time or thousands.
        @Test(.enabled(if: Place.hasPython), arguments: 0..<trials(3) as Range<UInt64>)
        func anotherProcessAndOtherMessages(_ seed: UInt64) async throws {
            var random = SeededRandom(seed + 100)
            let minute = MinuteOfTicks(seed)
            let reference = try await outcome(minute, Passage(), &random)
            #expect(reference.bars.count > 80 && reference.results.count > 20)
            #expect(reference.orders.count > 3 && reference.fills.count >= reference.orders.count)
            for served in [[true, false], [false, true], [true, true]] {
                let passage = Passage(
                    files: Int.random(in: 1...5, using: &random),
                    credits: served.map { $0 ? random.pick([1, 3, 64, 4_096]) : nil })
                try await outcome(minute, passage, &random).expectSame(as: reference, passage)
            }
        }

        /// At paces at which rows come alone and in hundreds. What a process says is the same; when it is heard is the
        /// clock's matter, and with it what is traded.
        @Test(.enabled(if: Place.hasPython), arguments: 0..<trials(3) as Range<UInt64>)
        func anotherSpeed(_ seed: UInt64) async throws {
            var random = SeededRandom(seed + 200)
            let minute = MinuteOfTicks(seed + 50)
            let reference = try await outcome(minute, Passage(), &random)
            for speed in [random.pick(["30x", "60x", "120x"]), random.pick(["600x", "6000x"])] {
                let passage = Passage(speed: speed, files: Int.random(in: 1...5, using: &random))
                try await outcome(minute, passage, &random).expectSame(as: reference, passage)
            }
            let passage = Passage(
                speed: random.pick(["60x", "600x"]),
                credits: [random.pick([7, 4_096]), random.pick([7, 4_096])])
            try await outcome(minute, passage, &random).expectMarket(as: reference, passage)
        }
    }
}
