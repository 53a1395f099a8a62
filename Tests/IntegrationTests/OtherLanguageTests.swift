import Foundation
import Platform
import Testing

extension IntegrationTests {
    /// The example server in C++, written from the contract: built as its README says, held against
    /// the contract, and compared with the same rule in Python.
    @Suite struct OtherLanguageTests {
        private static let folder = Place.root + "/examples/cpp"
        private static let server = Place.root + "/.build/examples-cpp/cross-server"

        /// Built once, and again only when its sources change.
        private static let build = Task {
            let program = try await Program.start(
                [
                    "make", "--silent", "-j2", "-C", folder,
                    "OUT=\(Place.root)/.build/examples-cpp",
                ], limit: .seconds(300))
            let outcome = try await program.outcome()
            guard outcome.exit == .code(0) else {
                throw Program.Failure(description: outcome.errorText)
            }
        }

        private struct Line: Decodable { let check, verdict, sent, came, why: String }

        /// Every check that applies; it asks for no candle that still grows, and no callback of it fails.
        @Test func theServerInCPlusPlusKeepsTheWholeContract() async throws {
            try await Self.build.value
            for parameters in [["--set", "fast=5", "--set", "slow=20"], []] {
                let outcome = try await Program.start(
                    [Place.madang, "strategy", "check", "--json"] + parameters
                        + ["--launch", Self.server]
                ).outcome()
                let decoder = JSONDecoder()
                let lines = try outcome.output.map {
                    try decoder.decode(Line.self, from: Data($0.utf8))
                }
                #expect(outcome.exit == .code(0), "\(lines.filter { $0.verdict == "wrong" })")
                #expect(lines.count >= 100)
                let others = lines.filter { $0.verdict != "good" }
                #expect(
                    others.map(\.check) == ["unfinished-candles", "failures-told-well"],
                    "\(others)")
                #expect(others.allSatisfy { $0.verdict != "wrong" })
            }
        }

        private func scene(_ launch: String) throws -> Scene {
            var configuration = SceneConfiguration()
            configuration.strategies = [
                "{ name: cross, kind: server, launch: [\(launch)], quantity: 10,"
                    + " parameters: { fast: 3, slow: 8 } }"
            ]
            configuration.feed = """
                { kind: csv, path: candles.csv, what: candles, interval: 1m, speed: max,
                    columns: { time: ts, symbol: symbol }, time: { unit: ns } }
                """
            configuration.instruments = "{ symbols: [KR0001, KR0002, KR0003, KR0004], market: KR }"
            let scene = try Scene(configuration)
            try FileManager.default.copyItem(
                atPath: Place.root + "/oracles/backtest/bars_5000.csv",
                toPath: scene.path + "/candles.csv")
            return scene
        }

        /// The same rule in two languages comes to the same ledger, row by row.
        @Test func theSameRuleInPythonComesToTheSameLedger() async throws {
            try await Self.build.value
            let one = try scene(Self.server)
            let other = try scene("\(Place.python), \(Place.root)/examples/ma_cross.py")
            var summaries: [RunSummaryText] = []
            for scene in [one, other] {
                let outcome = try await scene.madang("run", "--json")
                #expect(outcome.exit == .code(0), "\(outcome.errorText)")
                let data = try Data(
                    contentsOf: URL(filePath: scene.path + "/.madang/summary.json"))
                summaries.append(try JSONDecoder().decode(RunSummaryText.self, from: data))
            }
            #expect(summaries[0].fills > 100)
            #expect(summaries[0].ledger_hash == summaries[1].ledger_hash)
            #expect(summaries[0].fills == summaries[1].fills)
        }

        private struct RunSummaryText: Decodable {
            let fills: Int
            let ledger_hash: String
        }

        @Test func itLooksAtNothingButTheEventsBefore() async throws {
            try await Self.build.value
            let outcome = try await Program.start([
                Place.madang, "strategy", "lookahead", "--data",
                Place.root + "/oracles/backtest/bars_5000.csv", "--events", "1200", "--set",
                "fast=3", "--set", "slow=8", "--cuts", "5", "--launch", Self.server,
            ]).outcome()
            #expect(outcome.exit == .code(0), "\(outcome.output) \(outcome.errorText)")
            #expect(outcome.output.count { $0.hasPrefix("good   ") } == 10)
            #expect(outcome.output.last?.contains("depend on nothing but the events") == true)
        }
    }
}
