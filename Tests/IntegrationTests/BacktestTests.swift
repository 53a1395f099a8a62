import Foundation
import Platform
import Testing

extension IntegrationTests {
    /// `madang backtest` against answers that nobody here wrote, and against a plain reference.
    @Suite struct BacktestTests {
        private struct Answer: Decodable {
            var events: Int
            var fills: Int
            var closed_trades: Int
            var open_trades: Int
            var fees: String
            var realised_pnl: String
            var total_pnl: String
            var load_s: Double
            var run_s: Double
            var run_cpu_s: Double
            var maxrss_mb: Double
            var ledger_hash: String
            /// The second opinion.
            var currencies: [Purse]
            struct Purse: Decodable {
                struct Figures: Decodable {
                    var profit: String
                    var fees: String
                }
                var whole: Figures
            }
        }
        private static let oracle = Place.root + "/oracles/backtest"
        private static let bars = SceneConfiguration(
            feed: """
                { kind: csv, path: "\(oracle)/bars_5000.csv", what: candles, interval: 1m,
                    columns: { time: ts, symbol: symbol }, time: { unit: ns } }
                """, instruments: "{ symbols: [KR0001, KR0002, KR0003, KR0004], market: KR }")
        private static let cross =
            "{ name: cross, kind: ma_cross, on: \"candles:1m\", quantity: 10 }"

        private func scene(
            _ configuration: SceneConfiguration, _ strategy: String, ticks: SampleTicks? = nil
        ) throws -> Scene {
            var configuration = configuration
            configuration.strategies = [strategy]
            let scene = try Scene()
            let text = configuration.text.replacing(", partial_fills: true", with: "")
                .replacing("cash: 100000000", with: "cash: 400000000")
            try scene.folder.write(text, as: "madang.yaml")
            if let ticks { try scene.folder.write(ticks.csv, as: "ticks.csv") }
            return scene
        }

        private func run(_ scene: Scene, _ more: String...) async throws -> (Answer, String) {
            let outcome = try await scene.madang(
                ["backtest", "--json", "--quiet", "--trades", "trades.csv"] + more,
                limit: .seconds(240))
            #expect(outcome.exit == .code(0), "\(outcome.errorText)")
            #expect(outcome.output.count == 1)
            let line = try #require(outcome.output.first)
            let answer = try JSONDecoder().decode(Answer.self, from: Data(line.utf8))
            #expect(answer.currencies.map(\.whole.profit) == [answer.total_pnl])
            return (
                answer,
                try String(contentsOfFile: scene.path + "/trades.csv", encoding: .utf8)
            )
        }

        private func reference(
            _ scene: Scene, _ file: String, _ words: String...
        ) async throws -> String {
            let program = try await Program.start(
                [Place.python, Place.servers + "/plain_backtest.py", file] + words, in: scene.path,
                limit: .seconds(120))
            let outcome = try await program.outcome()
            #expect(outcome.exit == .code(0), "\(outcome.errorText)")
            return outcome.output.map { $0 + "\n" }.joined()
        }

        private static let strategies = [
            cross,
            SceneConfiguration.server("cross", "cross_by_candle.py"),
            SceneConfiguration.server("cross", "cross_by_candle.py", "credit: 1"),
        ]

        /// R13.1: trade for trade and won for won, in the host and through a server.
        @Test(.enabled(if: Place.hasPython), arguments: strategies)
        func maCrossIsTheOracles(_ strategy: String) async throws {
            let (answer, trades) = try await run(scene(Self.bars, strategy))
            let expected = try String(
                contentsOfFile: Self.oracle + "/trades_ma_bars_5000.csv", encoding: .utf8)
            #expect(trades == expected)
            #expect(answer.events == 5_000)
            #expect(answer.fills == 79)
            #expect(answer.closed_trades == 39)
            #expect(answer.open_trades == 1)
            #expect(answer.fees == "30400.6250")
            #expect(answer.realised_pnl == "-64385.7500")
            #expect(answer.total_pnl == "-64500.6250")
            #expect(answer.run_s > 0)
            #expect(answer.run_cpu_s > 0)
            #expect(answer.load_s > 0)
            #expect(answer.maxrss_mb > 1)
        }

        @Test(.enabled(if: Place.hasPython))
        func rsiIsThePlainReferences() async throws {
            let scene = try scene(
                Self.bars, "{ name: rsi, kind: rsi, on: \"candles:1m\", quantity: 10 }")
            let (answer, trades) = try await run(scene)
            let expected = try await reference(
                scene, Self.oracle + "/bars_5000.csv", "rsi", "10", "close", "open")
            #expect(trades == expected)
            #expect(answer.closed_trades > 15)
        }

        private static let overTicks = [
            "{ name: cross, kind: ma_cross, on: ticks, quantity: 1 }",
            SceneConfiguration.server("cross", "cross_by_columns.py", "quantity: 1").replacing(
                "quantity: 10, ", with: ""),
        ]

        /// Rules 1 to 8 over ticks, in the host and judged many at a time by a server.
        @Test(.enabled(if: Place.hasPython), arguments: overTicks)
        func ticksAreThePlainReferences(_ strategy: String) async throws {
            let scene = try scene(
                SceneConfiguration(), strategy, ticks: SampleTicks(count: 20_000, seed: 5))
            let (answer, trades) = try await run(scene)
            let expected = try await reference(
                scene, scene.path + "/ticks.csv", "ma", "1", "price")
            #expect(trades == expected)
            #expect(answer.closed_trades > 50)
        }

        /// R4.10: with the future cut off, what was decided before is the same.
        @Test(.enabled(if: Place.hasPython), arguments: [1, 777, 2_500, 4_999])
        func theFutureChangesNothing(_ count: Int) async throws {
            let bars = try String(contentsOfFile: Self.oracle + "/bars_5000.csv", encoding: .utf8)
            let rows = bars.split(separator: "\n").prefix(count + 1)
            let end = try #require(rows.last?.split(separator: ",").first.flatMap { Int64($0) })
            var configuration = Self.bars
            configuration.feed = configuration.feed.replacing(
                "\(Self.oracle)/bars_5000.csv", with: "ticks.csv")
            let cut = try scene(configuration, Self.cross)
            try cut.folder.write(rows.map { $0 + "\n" }.joined(), as: "ticks.csv")
            let (answer, trades) = try await run(cut)
            #expect(answer.events == count)
            let whole = try String(
                contentsOfFile: Self.oracle + "/trades_ma_bars_5000.csv", encoding: .utf8)
            func cells(_ text: String) -> [[Substring]] {
                text.split(separator: "\n").dropFirst().map {
                    $0.split(separator: ",", omittingEmptySubsequences: false)
                }
            }
            // The last row of a time may not be there for every symbol.
            let early = cells(whole).filter { Int64($0[3]) ?? 0 < end }
            let known = cells(trades).filter { Int64($0[3]) ?? 0 < end }
            #expect(known.map { $0.prefix(5) } == early.map { $0.prefix(5) })
            let ended = early.filter { Int64($0[6]) ?? .max < end }
            for trade in ended { #expect(known.contains(trade)) }
        }

        /// Nothing stands in the folder behind it unless that is asked for; then others find it.
        @Test func keepsNothingUnlessAsked() async throws {
            let scene = try scene(Self.bars, Self.cross)
            let (first, _) = try await run(scene)
            #expect(!FileManager.default.fileExists(atPath: scene.path + "/.madang"))
            let (second, _) = try await run(scene, "--keep")
            #expect(first.ledger_hash == second.ledger_hash)
            let ledger = try await scene.madang("ledger", "--json")
            #expect(ledger.exit == .code(0))
            #expect(ledger.output.count == 79)
            let why = try await scene.madang("why", "1")
            #expect(why.exit == .code(0))
        }

        /// One page, whole in itself, that says what the figures say.
        @Test func reportIsWholeInItself() async throws {
            let scene = try scene(Self.bars, Self.cross)
            _ = try await run(scene, "--report", "report.html", "--split", "2024-01-04")
            let page = try String(contentsOfFile: scene.path + "/report.html", encoding: .utf8)
            for word in [
                "-64,500.62", "KR0003", "Drawdown", "-0.016", "Before", "After",
                "times in Asia/Seoul", "<td class=\"num \">1, ",
            ] {
                #expect(page.contains(word), "\(word)")
            }
            for word in ["src=", "href=", "@import", "url("] { #expect(!page.contains(word)) }
            #expect(page.matches(of: #/class="(buy|sell)"/#).count == 79)
        }

        @Test func sweepTriesEveryCombination() async throws {
            let scene = try scene(Self.bars, Self.cross)
            let outcome = try await scene.madang(
                [
                    "backtest", "--sweep", "fast=10..20:5,slow=15..60:45", "--split", "2024-01-04",
                    "--csv", "sweep.csv", "--json", "--quiet",
                ], limit: .seconds(240))
            #expect(outcome.exit == .code(0), "\(outcome.errorText)")
            struct Sweep: Decodable {
                struct Trial: Decodable {
                    var parameters: [String: String]
                    var ledger_hash: String
                }
                var trials: Int
                var refused: Int
                var best: [Trial]
            }
            let line = try #require(outcome.output.first)
            let sweep = try JSONDecoder().decode(Sweep.self, from: Data(line.utf8))
            // 15 and 20 are not below 15.
            #expect(sweep.trials == 4)
            #expect(sweep.refused == 2)
            #expect(Set(sweep.best.map(\.ledger_hash)).count == 4)
            let (alone, _) = try await run(scene)
            let same = sweep.best.first { $0.parameters == ["fast": "20", "slow": "60"] }
            #expect(same?.ledger_hash == alone.ledger_hash)
            let rows = try String(contentsOfFile: scene.path + "/sweep.csv", encoding: .utf8)
            #expect(rows.split(separator: "\n").count == 5)
        }

        /// A server in Python that is started for each combination, and given it.
        @Test(.enabled(if: Place.hasPython))
        func sweepTriesAServersParameters() async throws {
            let server = SceneConfiguration.server(
                "mine", Place.root + "/examples/ma_cross.py",
                "parameters: { fast: 20, slow: 60 }")
            let scene = try scene(Self.bars, server)
            let outcome = try await scene.madang(
                ["backtest", "--sweep", "mine.fast=10..20:10,slow=30..60:30", "--json"],
                limit: .seconds(240))
            #expect(outcome.exit == .code(0), "\(outcome.errorText)")
            let line = try #require(outcome.output.first)
            let sweep = try JSONDecoder().decode(SweepAnswer.self, from: Data(line.utf8))
            #expect(sweep.trials == 4)
            #expect(Set(sweep.best.map(\.ledger_hash)).count == 4)
            // What the host's own strategy, with the same two lengths, and the oracle trade.
            let (alone, trades) = try await run(scene)
            #expect(alone.closed_trades == 39)
            let same = sweep.best.first { $0.parameters == ["mine.fast": "20", "slow": "60"] }
            #expect(same?.ledger_hash == alone.ledger_hash, "\(trades.prefix(200))")
        }

        /// What a server says of a value of its own parameter ends the sweep with its words, not with a table.
        @Test(.enabled(if: Place.hasPython))
        func aServersRefusalIsTold() async throws {
            let server = SceneConfiguration.server(
                "mine", Place.root + "/examples/ma_cross.py", "parameters: { fast: 20 }")
            let scene = try scene(Self.bars, server)
            let outcome = try await scene.madang(
                ["backtest", "--sweep", "fast=a|b", "--quiet"], limit: .seconds(60))
            #expect(outcome.exit != .code(0))
            #expect(outcome.errorText.contains("fast"), "\(outcome.errorText)")
            #expect(outcome.output == [])
        }

        private struct SweepAnswer: Decodable {
            struct Trial: Decodable {
                var parameters: [String: String]
                var ledger_hash: String
            }
            var trials: Int
            var best: [Trial]
        }

        /// Before anything runs: no server is started for it, and no bar shown.
        @Test(arguments: [[], ["--sweep", "fast=10..20:5"]], ["2019-01-01", "2031-01-01"])
        func aSplitOutsideOfTheRecordingIsRefusedFirst(_ more: [String], _ day: String)
            async throws
        {
            var none = Self.cross
            none += "\n  - { name: none, kind: server, launch: [/bin/false], quantity: 1 }"
            let scene = try scene(Self.bars, none)
            let outcome = try await scene.madang(["backtest", "--split", day] + more)
            #expect(outcome.exit == .code(2))
            #expect(
                outcome.errorText.hasPrefix(
                    "madang backtest: --split \(day) is outside of the recording, which goes from"),
                "\(outcome.errorText)")
            #expect(outcome.output == [])
        }

        /// Hours of the clock under hours that count from half past nine.
        @Test(arguments: ["backtest", "run"])
        func candlesByTheClockAreRefusedUnderHours(_ command: String) async throws {
            var configuration = SceneConfiguration(
                feed: """
                    { kind: csv, path: hours.csv, what: candles, interval: 1h,
                        columns: { time: time, symbol: symbol }, time: { zone: America/New_York } }
                    """,
                instruments:
                    "{ symbols: [A], market: US, currency: KRW, tick_size: any, hours: us, time_zone: America/New_York }"
            )
            configuration.strategies = [
                "{ name: cross, kind: ma_cross, on: \"candles:1h\", quantity: 1 }"
            ]
            let scene = try Scene()
            try scene.folder.write(
                configuration.text.replacing(", partial_fills: true", with: ""), as: "madang.yaml")
            func rows(_ minute: String) -> String {
                "time,symbol,open,high,low,close,volume\n"
                    + (9..<15).map {
                        "2024-01-03 \($0 < 10 ? "0" : "")\($0):\(minute),A,9,9,9,9,9\n"
                    }
                    .joined()
            }
            try scene.folder.write(rows("00"), as: "hours.csv")
            let words = command == "run" ? [command, "--quiet"] : [command, "--json", "--quiet"]
            let outcome = try await scene.madang(words)
            #expect(outcome.exit == .code(8))
            #expect(
                outcome.errorText.contains(
                    "a candle of 'A' begins at 2024-01-03 10:00, and by its hours candles:1h begin at"
                        + " 2024-01-03 09:30"), "\(outcome.errorText)")
            let doctor = try await scene.madang(["doctor"])
            #expect(doctor.exit == .code(8), "\(doctor.output)")
            #expect(
                doctor.output.contains {
                    $0.contains("by its hours candles:1h begin at 2024-01-03 09:30")
                }, "\(doctor.output)")
            try scene.folder.write(rows("30"), as: "hours.csv")
            #expect(try await scene.madang(words).exit == .code(0))
        }

        /// Pre-market, the closing auction's minute, after hours: what lies whole outside of the session mixes nothing.
        @Test(arguments: ["us", "\"09:30-16:01\""])
        func candlesOutsideOfHoursRefuseNoFile(_ hours: String) async throws {
            var configuration = SceneConfiguration(
                feed: """
                    { kind: csv, path: minutes.csv, what: candles, interval: 1m,
                        columns: { time: time, symbol: symbol }, time: { zone: America/New_York } }
                    """,
                instruments:
                    "{ symbols: [A], market: US, currency: KRW, tick_size: any, hours: \(hours), time_zone: America/New_York }"
            )
            configuration.strategies = [
                "{ name: cross, kind: ma_cross, on: \"candles:5m\", quantity: 1 }"
            ]
            let scene = try Scene()
            try scene.folder.write(
                configuration.text.replacing(", partial_fills: true", with: ""), as: "madang.yaml")
            let times = ["09:28", "09:29", "09:30", "15:59", "16:00", "16:01", "16:02", "16:30"]
            try scene.folder.write(
                "time,symbol,open,high,low,close,volume\n"
                    + times.map { "2024-01-03 \($0):00,A,9,9,9,9,9\n" }.joined(),
                as: "minutes.csv")
            let outcome = try await scene.madang(["backtest", "--quiet"])
            #expect(outcome.exit == .code(0), "\(outcome.errorText)")
            // A candle's length that the file does not hold is named, and not its hours.
            let text = try String(contentsOfFile: scene.path + "/madang.yaml", encoding: .utf8)
            try scene.folder.write(
                text.replacing("interval: 1m", with: "interval: 5m"), as: "wrong.yaml")
            let wrong = try await scene.madang(["backtest", "-c", "wrong.yaml", "--quiet"])
            #expect(wrong.exit == .code(8))
            #expect(
                wrong.errorText.contains(
                    "its candles begin 1m apart: is interval: 5m what the file holds?"),
                "\(wrong.errorText)")
            // The closing minute's candle is the closing auction's, and a part of the last one.
            let outside = hours == "us" ? 5 : 4
            #expect(
                outcome.output.contains { $0.contains("outside of hours \(outside)") },
                "\(outcome.output)")
            let doctor = try await scene.madang(["doctor"])
            #expect(doctor.exit == .code(0), "\(doctor.output)")
        }

        @Test(arguments: [
            (["--sweep", "fats=1..3"], "no strategy has a parameter 'fats'"),
            (["--sweep", "fast=3..1"], "the range ends before it begins"),
            (["--sweep", "fast=1..3", "--report", "r.html"], "--report is of one run"),
            (["--split", "2024-02-30"], "no day"),
            (["--csv", "sweep.csv"], "--csv is of many runs"),
            (["--by", "sharpe"], "--by is of many runs"),
            (["--sweep", "fast=70..80:5,slow=60"], "no combination could be tried"),
        ])
        func wrongWordsAreRefused(_ words: [String], _ told: String) async throws {
            let scene = try scene(Self.bars, Self.cross)
            let outcome = try await scene.madang(["backtest"] + words)
            #expect(outcome.exit == .code(2))
            #expect(outcome.errorText.contains(told), "\(outcome.errorText)")
            #expect(outcome.output == [])
        }
    }
}
