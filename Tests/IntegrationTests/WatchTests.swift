import Foundation
import Glibc
import Platform
import Ports
import Testing

extension PacedTests {
    /// R11.4: what is missing in a run at a pace is told as any other trouble, and decides nothing.
    @Suite struct WatchTests {
        /// One trade each 7.5 s on average; B has none for the third quarter of the recording.
        private static func recording() -> String {
            let lines = SampleTicks(count: 400, pause: 7_500_000_000).csv.split(separator: "\n")
            return lines.enumerated().filter { index, line in
                !(200...300).contains(index) || !line.contains(",B,")
            }.map { $1 + "\n" }.joined()
        }

        private static func configuration(_ watch: String) -> SceneConfiguration {
            var configuration = SceneConfiguration.plain
            configuration.speed = "600x"
            configuration.more = [watch]
            return configuration
        }

        private struct Replay: Decodable {
            var differences: Int
            var same_configuration: Bool
        }

        @Test func aSilentSymbolIsToldWhereverTroubleIs() async throws {
            let scene = try Scene(Self.configuration("watch: { no_data: 5m }"))
            try scene.folder.write(Self.recording(), as: "ticks.csv")
            let outcome = try await scene.madang("run", "--json")
            #expect(outcome.exit == .code(0), "\(outcome.errorText)")
            let told = try outcome.lines().filter { $0.text?.hasPrefix("GR032") == true }
            #expect(
                told.count == 2 && told.allSatisfy { $0.event == "warning" && $0.symbol == "B" })
            #expect(told.first?.text?.hasPrefix("GR032: no data of B for 5m") == true)
            #expect(told.last?.text?.hasPrefix("GR032 INFO: data of B again, after ") == true)
            let rows = try await scene.query(
                "select rule, symbol from risk_events where code = 'GR032' order by record")
            #expect(rows == [["no data", "B"], ["no data", "B"]])
            let shown = try await scene.madang("log", "show", "--kind", "watched").output
            #expect(shown.count { $0.contains("no data: GR032") } == 2, "\(shown)")
            let check = try await scene.madang("store", "check")
            #expect(check.exit == .code(0), "\(check.output)")

            // With other spans it is the same run, and it decides the same.
            try scene.folder.write(Self.configuration("watch: { no_data: off }").text, as: "o.yaml")
            for file in ["madang.yaml", "o.yaml"] {
                let replay = try await scene.madang("log", "replay", "--json", "-c", file)
                let answer = try JSONDecoder().decode(
                    Replay.self, from: Data((replay.output.first ?? "").utf8))
                #expect(answer.differences == 0 && answer.same_configuration, "\(file)")
            }
        }

        /// The same recording as fast as possible: there is no time to be late in.
        @Test func asFastAsPossibleNothingIsWatched() async throws {
            var configuration = Self.configuration("watch: { no_data: 5m }")
            configuration.speed = "max"
            let scene = try Scene(configuration)
            try scene.folder.write(Self.recording(), as: "ticks.csv")
            let outcome = try await scene.madang("run", "--json")
            #expect(outcome.exit == .code(0), "\(outcome.errorText)")
            #expect(try !outcome.lines().contains { $0.text?.hasPrefix("GR032") == true })
        }

        /// A server that takes every tick and has nothing to say.
        @Test func aServerThatSaysNothingIsTold() async throws {
            var configuration = Self.configuration("watch: { no_data: off }")
            configuration.strategies = [
                SceneConfiguration.server("mute", "mute.py", "expect_results: 5m")
            ]
            let scene = try Scene(
                configuration, ticks: SampleTicks(count: 400, pause: 7_500_000_000))
            let outcome = try await scene.madang("run", "--json")
            #expect(outcome.exit == .code(0), "\(outcome.errorText)")
            let told = try outcome.lines().filter { $0.text?.hasPrefix("GR032") == true }
            #expect(told.count == 1 && told.first?.source == "mute", "\(told)")
            #expect(told.first?.text?.hasPrefix("GR032: mute has said nothing for 5m") == true)
        }

        /// `madang-sim` takes 200 ms for each order, and its market stands behind the first print.
        @Test func aSlowBrokerAndOrdersWithoutAFillAreTold() async throws {
            let venue = try await Venue([], walk: 0)
            for symbol in SampleTicks.symbols {
                try await venue.control("market", #"{"symbol":"\#(symbol)","price":"1000"}"#)
            }
            try await venue.fault("place", "delay", #","chance":1000000,"wait_ms":200"#)
            var configuration = Self.configuration(
                "watch: { slow_broker: 100ms, no_fills: 500ms, no_data: off }")
            configuration.account = "{ id: demo, broker: sim, currency: KRW, cash: 200000000 }"
            configuration.broker = venue.broker("reconcile_every: 1h")
            configuration.rules = [
                "{ name: always, when: \"price > 0\", then: buy, on: ticks, quantity: 1,"
                    + " every: once }"
            ]
            configuration.strategies = []
            let scene = try Scene(
                configuration, ticks: SampleTicks(count: 4_000, pause: 7_500_000_000))
            let host = try await scene.start("run", "--json", environment: Venue.environment)
            let slow = try await host.line("a slow broker") {
                $0.contains("FS045: sim answers slowly: most of its last 5 answers took 2")
            }
            #expect(slow.text.contains("past 100ms is slow"))
            for number in 1...4 {
                let late = try await host.line("no fill") {
                    $0.contains("FS042: order \(number) has no fill for ")
                }
                #expect(late.text.contains("at the market. sim has taken it"))
            }
            host.send(signal: SIGTERM)
            _ = try await host.outcome()
            let rows = try await scene.query(
                "select rule, account from risk_events where rule like 'no fills%' order by rule")
            #expect(rows == (1...4).map { ["no fills, order \($0)", "demo"] })
        }
    }
}
