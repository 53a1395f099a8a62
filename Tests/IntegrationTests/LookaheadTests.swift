import Foundation
import Platform
import Testing

extension IntegrationTests {
    /// `madang strategy lookahead`, as an author calls it.
    @Suite struct LookaheadTests {
        private static let bars = Place.root + "/oracles/backtest/bars_5000.csv"

        private struct Line: Decodable {
            let question, verdict, sent, came, why, next: String
            let cause, position, time, symbol: String?
            let with, withSaid, without, withoutSaid: String?
            let event: Int?
        }

        private func look(_ words: [String]) async throws -> Program.Outcome {
            try await Program.start(
                [Place.madang, "strategy", "lookahead"] + words, limit: .seconds(120)
            ).outcome()
        }

        private func lines(_ outcome: Program.Outcome) throws -> [String: Line] {
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            let lines = try outcome.output.map {
                try decoder.decode(Line.self, from: Data($0.utf8))
            }
            return Dictionary(lines.map { ($0.question, $0) }, uniquingKeysWith: { one, _ in one })
        }

        /// Vectorised code that shifts a column the wrong way: the commonest mistake of all.
        private static let shifted = """
            import numpy as np
            from madang import Strategy, alert, serve

            class Shifted(Strategy):
                inputs = ("ticks",)
                def on_ticks(self, ticks):
                    for symbol, run in ticks.by_symbol():
                        after = np.roll(run.price, -1)
                        for i in np.flatnonzero(after[:-1] > run.price[:-1]):
                            yield alert("it will rise", at=run.position[i])

            serve(Shifted)
            """

        @Test func aColumnShiftedTheWrongWayIsFoundWithPositionTimeAndWords() async throws {
            let folder = try TemporaryFolder()
            try folder.write(Self.shifted, as: "shifted.py")
            let ticks = SampleTicks(count: 600)
            try folder.write(ticks.csv, as: "ticks.csv")
            let words = [
                "--data", folder.path + "/ticks.csv", "--cuts", "4", "--launch", Place.python,
                folder.path + "/shifted.py",
            ]
            let outcome = try await look(["--json"] + words)
            #expect(outcome.exit == .code(7), "\(outcome.errorText)")
            let found = try #require(try lines(outcome)["one-by-one"])
            #expect(found.verdict == "found" && found.cause == "future")
            #expect(found.withSaid?.contains("\"it will rise\"") == true)
            #expect(found.withoutSaid == "nothing")
            // The first tick of the file whose successor in its message is dearer.
            let row = ticks.csv.split(separator: "\n")[try #require(found.event)]
            let cells = row.split(separator: ",")
            #expect(cells.contains(Substring(found.symbol ?? "-")), "\(row)")
            let time = try #require(found.time)
            let told = try await look(words)
            let line = try #require(told.output.first { $0.hasPrefix("FOUND  one-by-one") })
            #expect(
                line.contains("depends on the future, first at \(found.position ?? "-"), \(time)"))
            #expect(told.output.last?.hasPrefix("it depends on the future") == true)
            #expect(!told.output.joined().contains("\u{1B}"))
        }

        /// A day that the machine's calendar knows is told from one that the events carry.
        @Test func theMachinesOwnDateIsFound() async throws {
            let folder = try TemporaryFolder()
            let strategy = """
                import datetime
                from madang import Strategy, buy, sell, serve

                class Today(Strategy):
                    inputs = ("candles:1m",)
                    def on_candle(self, candle):
                        if candle.close > candle.open:
                            year = datetime.datetime.now(datetime.UTC).year
                            return buy(reason="new") if year > 2024 else sell(reason="old")

                serve(Today)
                """
            try folder.write(strategy, as: "today.py")
            let outcome = try await look([
                "--json", "--data", Self.bars, "--events", "400", "--cuts", "2", "--launch",
                Place.python, folder.path + "/today.py",
            ])
            #expect(outcome.exit == .code(7), "\(outcome.output) \(outcome.errorText)")
            let answers = try lines(outcome)
            #expect(
                answers.values.filter { $0.verdict == "found" }.map(\.question) == ["elsewhere"])
            #expect(answers["elsewhere"]?.cause == "clock")
            #expect(answers["elsewhere"]?.withSaid == "buy, sure 1, new")
            #expect(answers["elsewhere"]?.withoutSaid == "sell, sure 1, old")
            // The first candle of the file that rose.
            let rows = try String(contentsOfFile: Self.bars, encoding: .utf8).split(separator: "\n")
            let first = rows.dropFirst().firstIndex { row in
                let cells = row.split(separator: ",")
                return (Int(cells[5]) ?? 0) > (Int(cells[2]) ?? 0)
            }
            #expect(answers["elsewhere"]?.event == first)
        }

        /// A clock that the author wants is told, and does not count.
        @Test func whatIsOnPurposeIsAllowed() async throws {
            let folder = try TemporaryFolder()
            let strategy = """
                import time
                from madang import Strategy, buy, serve

                class Local(Strategy):
                    inputs = ("candles:1m",)
                    def on_candle(self, candle):
                        if time.localtime(candle.close_time_ns // 10**9).tm_min % 9 == 0:
                            return buy(reason="in the first minutes of my hour")

                serve(Local)
                """
            try folder.write(strategy, as: "local.py")
            let words = [
                "--data", Self.bars, "--events", "400", "--cuts", "2", "--allow", "recording",
                "--launch", Place.python, folder.path + "/local.py",
            ]
            let outcome = try await look(["--json"] + words)
            let answers = try lines(outcome)
            #expect(outcome.exit == .code(7), "\(outcome.output) \(outcome.errorText)")
            #expect(answers["elsewhere"]?.cause == "clock")
            #expect(answers["elsewhere"]?.without == "in one with another clock and time zone")
            #expect(answers["other-prices"]?.verdict == "allowed")
            let allowed = try await look(["--allow", "clock"] + words)
            #expect(allowed.exit == .code(0), "\(allowed.output) \(allowed.errorText)")
            #expect(allowed.output.contains { $0.hasPrefix("allowed elsewhere") })
        }

        /// The feeds and instruments of a configuration, and a server that runs.
        @Test func aConfigurationAndAnAddressDoToo() async throws {
            let scene = try Scene(SceneConfiguration(), ticks: SampleTicks(count: 3_000))
            let address = "unix:\(scene.path)/s.sock"
            let server = try await Program.start(
                [Place.python, Place.root + "/examples/momentum_ticks.py"],
                environment: ["MADANG_ADDRESS": address])
            defer { server.send(signal: 15) }
            let outcome = try await scene.madang(
                "strategy", "lookahead", address, "--set", "length=5", "--cuts", "3")
            #expect(outcome.exit == .code(0), "\(outcome.output) \(outcome.errorText)")
            #expect(outcome.output.first?.contains("3,000 events of ") == true)
            #expect(outcome.output.count { $0.hasPrefix("good   ") } == 8)
            #expect(outcome.output.contains { $0.contains("let it be started: --launch CMD...") })
        }

        @Test func whatMakesNoSenseIsTold() async throws {
            let folder = try TemporaryFolder()
            try folder.write("a,b\n1,2\n", as: "odd.csv")
            try folder.write("ts,price,size\n1700000000,5,1\n", as: "one.csv")
            let server = ["--launch", Place.python, Place.root + "/examples/ma_cross.py"]
            for (words, code, text) in [
                ([], 2, "give an ADDRESS, or --launch CMD..."),
                (["--allow", "futur", "unix:/s"], 2, "did you mean 'future'?"),
                (["--cuts", "-1", "unix:/s"], 2, "--cuts '-1' is not 0 to 10000"),
                (["--interval", "1q", "unix:/s"], 2, "'1q' is no interval such as 1m"),
                (["--data", folder.path + "/none.csv"] + server, 8, "there is no such file"),
                (
                    ["--data", folder.path + "/odd.csv"] + server, 8,
                    "its columns are not known: a, b"
                ),
                (
                    ["--data", folder.path + "/one.csv"] + server, 8,
                    "holds nothing that 'cross' asks"
                ),
                (["-c", folder.path + "/no.yaml"] + server, 3, "no.yaml"),
                (["--data", Self.bars, "127.0.0.1:9"], 7, "--launch CMD..."),
                (
                    ["--data", Self.bars, "--launch", "sh", "-c", "echo no weights; exit 3"], 7,
                    "no weights"
                ),
            ] as [([String], Int32, String)] {
                let outcome = try await look(words)
                #expect(outcome.exit == .code(code), "\(words): \(outcome.errorText)")
                #expect(outcome.errorText.contains(text), "\(words): \(outcome.errorText)")
            }
            // Nothing said is nothing compared, and no success.
            let silent = try await look(["--data", Self.bars, "--events", "9"] + server)
            #expect(silent.exit == .code(1), "\(silent.output)")
            #expect(silent.output.last == "it said nothing, so nothing was compared")
        }
    }
}
