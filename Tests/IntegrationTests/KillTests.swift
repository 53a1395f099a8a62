import Foundation
import Platform
import Ports
import Testing

extension PacedTests {
    /// `madang kill`: heard by a run in hand, kept for the next one.
    @Suite struct KillTests {
        private static func scene() throws -> Scene {
            var configuration = SceneConfiguration.plain
            configuration.speed = "300x"
            configuration.strategies += [
                SceneConfiguration.server("teller", "teller.py", "deadline: 2s")
            ]
            configuration.more = ["arbiter: { policy: first }"]
            // About 25 ms from tick to tick.
            return try Scene(configuration, ticks: SampleTicks(count: 400, pause: 7_500_000_000))
        }

        private struct Answer: Decodable {
            var kill: Bool
            var number: Int
            var heard: Bool
            var process: Int32?
        }
        private func answer(_ outcome: Program.Outcome) throws -> Answer {
            try JSONDecoder().decode(Answer.self, from: Data((outcome.output.last ?? "").utf8))
        }

        @Test func aRunInHandHearsItAndTheNextStartKeepsIt() async throws {
            let scene = try Self.scene()
            let host = try await scene.start("run", "--json")
            _ = try await host.line("an order") { $0.contains("\"event\":\"fill\"") }
            let clock = ContinuousClock()
            let begun = clock.now
            let kill = try await scene.madang("kill", "--reason", "news at 14:00", "--json")
            #expect(begun.duration(to: clock.now) < .seconds(3))
            #expect(kill.exit == .code(0), "\(kill.errorText)")
            let first = try answer(kill)
            #expect(first.kill && first.heard && first.number == 1 && first.process == host.id)
            let told = try await host.line("the switch") { $0.contains("kill switch on") }
            #expect(told.text.contains("news at 14:00"))
            // Somebody asks in vain.
            _ = try await host.line(from: told.index, "a refusal") {
                $0.contains("not approved: kill")
            }
            let later = host.output[told.index...]
            #expect(!later.contains { $0.contains("\"event\":\"order\"") && $0.contains("BUY") })
            host.send(signal: SIGKILL)
            _ = try await host.outcome()

            // Started again, it is still thrown; taken back, strategies may open again.
            let again = try await scene.start("run", "--json")
            _ = try await again.line("a result") { $0.contains("teller BUY") }
            _ = try await again.line("a refusal") { $0.contains("not approved: kill") }
            #expect(
                !again.output.contains { $0.contains("\"event\":\"order\"") && $0.contains("BUY") })
            let off = try answer(try await scene.madang("kill", "--off", "--json"))
            #expect(!off.kill && off.heard && off.number == 2)
            let ended = try await again.line("the switch") { $0.contains("kill switch off") }
            _ = try await again.line(from: ended.index, "an order") {
                $0.contains("\"event\":\"order\"") && $0.contains("BUY")
            }
            again.send(signal: SIGTERM)
            #expect(try await again.outcome().exit == .code(6))
            let rows = try await scene.query(
                "select rule, detail from risk_events where code = 'KILL' order by record")
            #expect(rows == [["on", "news at 14:00"], ["off", "by command"]])
            // What was decided between two steps is where the log has it.
            let check = try await scene.madang("store", "check")
            #expect(check.exit == .code(0), "\(check.output)")
        }

        @Test func withoutAHostTheNextStartBeginsWithIt() async throws {
            let scene = try Scene(.plain, ticks: SampleTicks(count: 2_000))
            let kill = try await scene.madang("kill")
            #expect(kill.exit == .code(0))
            #expect(kill.output.first?.contains("no host runs in") == true)
            let run = try await scene.madang("run", "--json")
            #expect(try run.summary().orders == 0)
            let check = try await scene.madang("store", "check")
            #expect(check.exit == .code(0), "\(check.output)")
            let off = try await scene.madang("kill", "--off")
            #expect(off.exit == .code(0) && off.output.first?.contains("was not on") == false)
            // Again it ends nothing, and says so.
            let again = try await scene.madang("kill", "--off")
            #expect(again.exit == .code(0))
            #expect(
                again.output.first?.hasSuffix("begins without it; it was not on") == true,
                "\(again.output)")
            let second = try await scene.madang("run", "--json", "--fresh")
            #expect(try second.summary().orders > 0)
        }

        /// What cannot be read is no answer: neither to a run, nor instead of stopping.
        @Test func aDamagedSwitchStopsTheStartAndCanBeSetAgain() async throws {
            let scene = try Scene(.plain, ticks: SampleTicks(count: 50))
            try FileManager.default.createDirectory(
                atPath: scene.path + "/.madang", withIntermediateDirectories: true)
            try scene.folder.write("{", as: ".madang/kill-switch.json")
            let run = try await scene.madang("run")
            #expect(run.exit == .code(5))
            #expect(
                run.errorText.contains("kill-switch.json: this is not what 'madang kill' wrote"))
            try scene.folder.write("accounts: [", as: "madang.yaml")
            let kill = try await scene.madang("kill")
            #expect(
                kill.exit == .code(0), "a configuration that is wrong keeps nobody from stopping")
            #expect(kill.errorText.contains("cannot be read as it is"))
        }
    }
}
