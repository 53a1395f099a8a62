import Foundation
import Glibc
import Platform
import Ports
import Testing

extension PacedTests {
    /// R12.4: `madang log replay` of a run as it goes: servers, a late result, a kill, a crash in the middle.
    @Suite struct ReplayTests {
        private static func configuration(weight: String = "1") -> SceneConfiguration {
            var configuration = SceneConfiguration.plain
            configuration.speed = "300x"
            configuration.strategies += [
                SceneConfiguration.server("swing", "swing.py", "deadline: 200ms"),
                SceneConfiguration.server("teller", "teller.py", "deadline: 2s, weight: \(weight)"),
            ]
            configuration.more = [
                "arbiter: { policy: confidence_weighted, threshold: 0.2 }",
                "exits: { tiers: [\"-0.1% all\", \"+0.1% half\", \"+0.2% rest\"] }",
            ]
            return configuration
        }

        private struct Answer: Decodable {
            struct Line: Decodable {
                var kind: String
                var text: String
            }
            struct First: Decodable {
                var record: UInt64
                var step: UInt64
                var log: Line?
                var replay: Line?
            }
            var starts: Int
            var paced: Bool
            var finished: Bool
            var same_configuration: Bool
            var changed: [String]
            var decided: [String: Int]
            var from_outside: [String: Int]
            var differences: Int
            var first: First?
        }
        private func answer(_ outcome: Program.Outcome) throws -> Answer {
            try JSONDecoder().decode(Answer.self, from: Data((outcome.output.first ?? "").utf8))
        }

        @Test func everyDecisionOfARunThatWasDisturbedComesAgain() async throws {
            // About 25 ms from tick to tick.
            let scene = try Scene(
                Self.configuration(), ticks: SampleTicks(count: 400, pause: 7_500_000_000))
            let host = try await scene.start("run", "--json")
            _ = try await host.line("an order") { $0.contains("\"event\":\"fill\"") }
            let server = try #require(
                Processes.children(of: host.id, running: "swing.py").first)
            kill(server, SIGSTOP)
            let hung = try await host.line("hung") { $0.contains("\"swing hung: no answer for ") }
            kill(server, SIGCONT)
            _ = try await host.line(from: hung.index, "a late result") {
                $0.contains("\"event\":\"signal\"") && $0.contains("swing ")
                    && $0.contains("late, not used")
            }
            #expect(try await scene.madang("kill", "--reason", "news").exit == .code(0))
            #expect(try await scene.madang("kill", "--off").exit == .code(0))
            host.send(signal: SIGKILL)
            #expect(try await host.outcome().exit == .signal(SIGKILL))

            // What a crash leaves is whole as far as it goes.
            let middle = try await scene.madang("log", "replay", "--json")
            #expect(middle.exit == .code(0), "\(middle.output) \(middle.errorText)")
            #expect(try answer(middle).finished == false)

            let last = try await scene.madang("run", "--json")
            let summary = try last.summary()
            #expect(summary.end == "finished" && last.exit == .code(0))
            let whole = try await scene.madang("log", "replay", "--json")
            #expect(whole.exit == .code(0), "\(whole.output) \(whole.errorText)")
            let told = try answer(whole)
            #expect(told.differences == 0 && told.first == nil)
            #expect(told.paced && told.finished && told.starts == 2 && told.same_configuration)
            #expect(told.decided["order"] == summary.orders && summary.orders > 0)
            #expect(told.decided["fill"] == summary.fills && summary.fills > 0)
            #expect(told.decided["state"] == 1)
            #expect(told.from_outside["kill"] == 2 && told.from_outside["start"] == 1)
            #expect(told.from_outside["result"] ?? 0 > 300)
            let words = try await scene.madang("log", "replay").output
            #expect(words.first?.contains("2 starts, at a pace") == true)
            #expect(words.last == "0 differences", "\(words)")

            try await expectAnotherWeightIsNamed(scene)
        }

        private func expectAnotherWeightIsNamed(_ scene: Scene) async throws {
            try scene.folder.write(
                Self.configuration(weight: "0.25").text, as: "other.yaml")
            let other = try await scene.madang("log", "replay", "-c", "other.yaml", "--json")
            #expect(other.exit == .code(1), "\(other.errorText)")
            let told = try answer(other)
            #expect(!told.same_configuration && told.differences > 0)
            #expect(told.changed.contains { $0.hasSuffix(".weight was 1, now 0.25") })
            let first = try #require(told.first)
            #expect(first.log?.kind == "round" && first.replay?.kind == "round")
            #expect(first.log?.text.contains("teller BUY") == true)
            #expect(first.log?.text != first.replay?.text)
            // As the log has it.
            let shown = try await scene.madang(
                "log", "show", "--from", "\(first.record)", "--limit", "1")
            #expect(shown.output.contains { $0.hasSuffix("  \(first.log?.text ?? "?")") })
            let words = try await scene.madang("log", "replay", "-c", "other.yaml").output
            #expect(
                words.contains { $0.contains("the first is record \(first.record), step ") })

            var strange = Self.configuration()
            strange.strategies.removeLast()
            try scene.folder.write(strange.text, as: "strange.yaml")
            let refused = try await scene.madang("log", "replay", "-c", "strange.yaml")
            #expect(refused.exit == .code(1))
            #expect(refused.errorText.contains("was decided for the strategies"))
        }
    }
}
