import Foundation
import Platform
import Ports
import Testing

extension IntegrationTests {
    /// `madang strategy load|set|unload` and `madang rules reload`: other strategies for the run in hand.
    @Suite struct ChangeTests {
        private static func configuration(speed: String) -> SceneConfiguration {
            var configuration = SceneConfiguration.plain
            configuration.speed = speed
            configuration.strategies = [
                "{ name: cross, kind: ma_cross, on: ticks, quantity: 10,"
                    + " parameters: { fast: 2, slow: 5 } }"
            ]
            configuration.rules = [
                "{ name: low, when: \"price < 1\", on: ticks, then: alert, every: once }"
            ]
            configuration.more = ["arbiter: { policy: first }", "run: { candles: [1m] }"]
            return configuration
        }

        private struct Answer: Decodable {
            struct Entry: Decodable {
                var name: String
                var settings: [String: String]
            }
            var words: [String]
            var entries: [Entry]
            var step: UInt64?
            var left: [String]
        }
        private func answer(_ outcome: Program.Outcome) throws -> Answer {
            #expect(outcome.exit == .code(0), "\(outcome.errorText)")
            return try JSONDecoder().decode(
                Answer.self, from: Data((outcome.output.last ?? "").utf8))
        }
        private func running(_ scene: Scene) async throws -> [String] {
            try answer(try await scene.madang("strategy", "running", "--json")).entries.map {
                $0.name + ($0.settings["fast"].map { " fast=\($0)" } ?? "")
            }
        }

        @Test func aRunInHandTakesItAndAStartBehindACrashKeepsIt() async throws {
            let scene = try Scene(
                Self.configuration(speed: "300x"),
                ticks: SampleTicks(count: 800, pause: 7_500_000_000))
            try scene.folder.write(
                """
                strategies:
                  - { name: swing, kind: rsi, on: ticks, symbols: [B], quantity: 3,
                      parameters: { length: 5 } }
                rules:
                  - { name: any, when: "price > 1", on: ticks, then: alert, every: once }
                """, as: "more.yaml")
            let host = try await scene.start("run", "--json")
            _ = try await host.line("a fill") { $0.contains("\"event\":\"fill\"") }

            // Shown, and not taken.
            let shown = try await scene.madang("strategy", "set", "cross", "fast=3", "--dry-run")
            #expect(shown.exit == .code(0), "\(shown.errorText)")
            #expect(
                shown.output == [
                    "changed cross: fast 2 -> 3", "nothing was changed (--dry-run)",
                ])
            #expect(try await running(scene) == ["cross fast=2", "low"])

            let loaded = try answer(
                try await scene.madang("strategy", "load", "more.yaml", "--json"))
            #expect(loaded.words.count == 2 && (loaded.step ?? 0) > 0)
            // A rule that is true when it comes speaks at once.
            _ = try await host.line("the rule that came") {
                $0.contains("\"event\":\"alert\"") && $0.contains("any: ")
            }
            let set = try answer(
                try await scene.madang("strategy", "set", "cross", "fast=3", "weight=2", "--json"))
            #expect(set.words == ["changed cross: weight 1 -> 2, fast 2 -> 3"])
            let names = ["cross fast=3", "swing", "low", "any"]
            #expect(try await running(scene) == names)

            // What is wrong is told in the words of the configuration, and nothing is taken.
            let refusals: [([String], Int32, String)] = [
                (["strategy", "set", "cross", "fast=9"], 3, "fast"),
                (["strategy", "set", "cross", "fsat=9"], 2, "did you mean 'fast'?"),
                (["strategy", "set", "cros", "fast=9"], 1, "did you mean 'cross'?"),
                (["strategy", "set", "cross", "fast=3"], 1, "nothing changes"),
                (["strategy", "set", "cross", "on=candles:7m"], 1, "builds no candles:7m"),
                (["strategy", "set", "low", "when=price <"], 3, "column"),
                (["strategy", "unload", "swing", "nobody"], 1, "'nobody'"),
                (["strategy", "load", "nobody"], 1, "it has: cross, low"),
            ]
            for (words, code, text) in refusals {
                let refused = try await scene.madang(words)
                #expect(refused.exit == .code(code), "\(words): \(refused.errorText)")
                #expect(refused.errorText.contains(text), "\(words): \(refused.errorText)")
            }
            #expect(try await running(scene) == names)

            host.send(signal: SIGKILL)
            _ = try await host.outcome()
            let again = try await scene.start("run", "--json")
            _ = try await again.line("an event") { $0.contains("\"event\":\"order\"") }
            #expect(try await running(scene) == names)
            let gone = try answer(
                try await scene.madang("strategy", "unload", "cross", "--json"))
            #expect(gone.words.count == 1)
            _ = try await again.line("that it went") { $0.contains("took out cross") }
            let reloaded = try answer(try await scene.madang("rules", "reload", "--json"))
            #expect(reloaded.words.count == 1 && reloaded.words[0].hasPrefix("took out any"))
            #expect(try await running(scene) == ["swing", "low"])
            again.send(signal: SIGTERM)
            #expect(try await again.outcome().exit == .code(6))
            let rows = try await scene.query(
                "select rule from risk_events where code = 'CHANGE' order by record")
            #expect(
                rows.map(\.first) == ["change 1", "change 1", "change 2", "change 3", "change 4"])
        }

        /// Limits of one account and of all: they hold from the step on, and behind a crash.
        @Test func limitsOfARunInHandAreChanged() async throws {
            var configuration = Self.configuration(speed: "300x")
            configuration.rules = [
                "{ name: often, when: \"price > 1\", on: ticks, then: buy, every: always, quantity: 1,"
                    + " confidence: 0.9 }"
            ]
            configuration.strategies[0].replace("quantity: 10", with: "quantity: 10, symbols: [B]")
            configuration.more.append("risk: { symbol_value: 9000000 }")
            let scene = try Scene(
                configuration, ticks: SampleTicks(count: 800, pause: 7_500_000_000))
            let host = try await scene.start("run", "--json")
            _ = try await host.line("a fill") { $0.contains("\"event\":\"fill\"") }
            let before = try answer(try await scene.madang("risk", "show", "--json"))
            #expect(
                before.entries.map(\.settings)
                    == [["symbol_value": "9000000", "order_age": "14d"]])
            let shown = try await scene.madang(
                "risk", "set", "orders_per_minute=1", "--account", "demo", "--dry-run")
            #expect(
                shown.output == [
                    "risk: orders_per_minute off -> 1 of demo", "nothing was changed (--dry-run)",
                ])
            let refusals: [([String], Int32, String)] = [
                (["order_valu=1"], 2, "did you mean 'order_value'?"),
                (["order_value=much"], 3, "an amount"), (["state=asleep"], 3, "reducing"),
                (["symbols=0"], 3, "symbols"),
                (["order_age=forever"], 3, "or never"), (["order_age=0s"], 3, "shorter than 1s"),
                (["symbol_value=9000000"], 1, "nothing changes"),
                (["state=halted", "--account", "dem"], 2, "did you mean 'demo'?"),
                ([], 2, "KEY=VALUE is missing"),
            ]
            for (words, code, text) in refusals {
                let refused = try await scene.madang(["risk", "set"] + words)
                #expect(refused.exit == .code(code), "\(words): \(refused.errorText)")
                #expect(refused.errorText.contains(text), "\(words): \(refused.errorText)")
            }
            let set = try answer(
                try await scene.madang(
                    "risk", "set", "state=reducing", "--account", "demo", "--json"))
            #expect(set.words == ["risk: state normal -> reducing of demo"])
            let told = try await host.line("a refusal") { $0.contains("only reduces") }
            #expect(told.text.contains("GR031"))
            let later = host.output[told.index...]
            #expect(!later.contains { $0.contains("\"event\":\"order\"") && $0.contains("BUY") })
            host.send(signal: SIGKILL)
            _ = try await host.outcome()

            let again = try await scene.start("run", "--json")
            _ = try await again.line("a refusal") { $0.contains("only reduces") }
            #expect(
                !again.output.contains { $0.contains("\"event\":\"order\"") && $0.contains("BUY") })
            #expect(
                try answer(try await scene.madang("risk", "show", "--json")).entries.map(\.settings)
                    == [["symbol_value": "9000000", "order_age": "14d", "state": "reducing"]])
            let freed = try answer(
                try await scene.madang(
                    "risk", "set", "state=off", "orders_per_minute=1", "--account", "demo",
                    "--json"))
            #expect(freed.words.count == 2)
            let order = try await again.line("an order") {
                $0.contains("\"event\":\"order\"") && $0.contains("BUY")
            }
            _ = try await again.line(from: order.index, "too many") { $0.contains("GR034") }
            again.send(signal: SIGTERM)
            #expect(try await again.outcome().exit == .code(6))
            let codes = try await scene.query(
                "select distinct code from risk_events where code <> 'approved' order by code")
            #expect(codes == [["CHANGE"], ["GR031"], ["GR034"]])
            let check = try await scene.madang("store", "check")
            #expect(check.exit == .code(0), "\(check.output)")
        }

        @Test func withoutAHostThereIsNothingToChange() async throws {
            let scene = try Scene(Self.configuration(speed: "max"), ticks: SampleTicks(count: 10))
            let refused = try await scene.madang("strategy", "unload", "cross")
            #expect(refused.exit == .code(1))
            #expect(refused.errorText.contains("no host runs in"))
        }

        /// As fast as possible, by the configuration: the same changes at the same steps are the same run.
        @Test func changesOfTheConfigurationAreTheSameInEachRun() async throws {
            var configuration = Self.configuration(speed: "max")
            let plain = try Scene(configuration, ticks: SampleTicks(count: 3_000))
            let without = try (try await plain.madang("run", "--json")).summary()
            configuration.more.append(
                """
                changes:
                  - behind: 700
                    removed: [low]
                    strategies:
                      - { name: cross, kind: ma_cross, on: ticks, quantity: 10,
                          parameters: { fast: 3, slow: 9 } }
                      - { name: swing, kind: rsi, on: "candles:1m", quantity: 3,
                          parameters: { length: 5 } }
                  - { behind: 2000, removed: [cross] }
                """)
            let scene = try Scene(configuration, ticks: SampleTicks(count: 3_000))
            let first = try (try await scene.madang("run", "--json")).summary()
            let second = try (try await scene.madang("run", "--json", "--fresh")).summary()
            #expect(first.ledgerHash == second.ledgerHash)
            #expect(first.stateHash == second.stateHash)
            #expect(first.ledgerHash != without.ledgerHash)
            #expect(first.sources.map(\.name) == ["cross", "low", "swing"])
            #expect(first.source("swing").results > 0)
        }
    }
}
