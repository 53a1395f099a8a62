import Foundation
import Glibc
import Ports
import Testing

extension PacedTests {
    /// R4.5: a version that no configuration names comes into a run in hand.
    @Suite struct VersionDeployTests {
        private static let ticks = SampleTicks(count: 1_500, pause: 7_500_000_000)
        private static let next = [Place.python, Place.servers + "/swing_next.py"]

        private static func scene(speed: String, more: String = "") throws -> Scene {
            var configuration = SceneConfiguration()
            configuration.speed = speed
            configuration.strategies = [
                SceneConfiguration.server("swing", "swing.py", "deadline: 10s" + more)
            ]
            configuration.more = ["arbiter: { policy: first }"]
            return try Scene(configuration, ticks: ticks)
        }

        private static func deploy(
            _ scene: Scene, _ words: String...
        ) async throws -> Program.Outcome {
            try await scene.madang(["strategy", "deploy", "swing"] + words + ["--launch"] + next)
        }

        private static func steps(
            _ scene: Scene, _ table: String, version: String
        ) async throws -> [UInt64] {
            try await scene.query("select position from \(table) where version = '\(version)'")
                .map { (UInt64($0[0]) ?? 0) >> 20 }
        }

        /// Deployed, promoted, killed, started again, rolled back, dropped.
        @Test func aDeployedVersionTradesAndSurvivesTheHost() async throws {
            let scene = try Self.scene(speed: "600x")
            let host = try await scene.start("run", "--json")
            _ = try await host.line("a fill") { $0.contains("\"event\":\"fill\"") }
            let deployed = try await Self.deploy(scene, "--reason", "less noise", "--json")
            #expect(deployed.exit == .code(0), "\(deployed.errorText)")
            #expect(deployed.output[0].contains("\"heard\":true"))
            let told = try await host.line("the change") { $0.contains("less noise") }
            let shadow = try await host.line(from: told.index, "a result of it") {
                $0.contains("not heard")
            }
            let changed = try await scene.query(
                "select first from version_events where kind = 'changed' order by number")
            let from = try #require(changed.last.flatMap { UInt64($0[0]) })
            #expect(from > 1)
            #expect(
                try await Self.steps(scene, "shadow_results", version: "2.0").min() ?? 0 >= from)

            let promoted = try await scene.madang("strategy", "promote", "swing")
            #expect(promoted.exit == .code(0), "\(promoted.errorText)")
            _ = try await host.line(from: shadow.index, "the promotion") {
                $0.contains("candidate live, main shadow (version 2.0)")
            }
            let refused = try await Self.deploy(scene)
            #expect(refused.exit == .code(1))
            #expect(refused.errorText.contains("its candidate is live"))
            host.send(signal: SIGKILL)
            _ = try await host.outcome()

            let again = try await scene.start("run", "--json")
            let first = try await again.line("a result") { $0.contains("swing BUY") }
            #expect(!again.output[..<first.index].contains { $0.contains("main live") })
            let back = try await scene.madang("strategy", "rollback", "swing", "--drop")
            #expect(back.exit == .code(0), "\(back.errorText)")
            let end = try await again.line("its end") {
                $0.contains("swing candidate-1| the process ended with code 0")
            }
            _ = try await again.line(from: end.index, "main goes on") { $0.contains("swing BUY") }
            // It comes back without a restart, as another deployment.
            let second = try await Self.deploy(scene)
            #expect(second.exit == .code(0), "\(second.errorText)")
            let outcome = try await again.outcome()
            #expect(outcome.exit == .code(0), "\(outcome.errorText)")
            #expect(try outcome.summary().sources[0].versions?.map(\.role) == ["live", "shadow"])
            let heard = try await Self.steps(scene, "signals", version: "2.0")
            #expect(!heard.isEmpty && heard.min() ?? 0 > from)
        }

        /// Without a host it begins with the next start, fast or not, and one that does not start is told.
        @Test func withoutAHostItWaitsForTheNextStart() async throws {
            let alone = try Self.scene(speed: "max")
            let expected = try await alone.madang("run", "--json").summary()
            let scene = try Self.scene(speed: "max")
            let asked = try await Self.deploy(scene)
            #expect(asked.exit == .code(0), "\(asked.errorText)")
            #expect(asked.output[0].contains("the next start begins with it"))
            let outcome = try await scene.madang("run", "--json")
            #expect(outcome.exit == .code(0), "\(outcome.errorText)")
            let summary = try outcome.summary()
            #expect(summary.ledgerHash == expected.ledgerHash)
            #expect(summary.sources[0].versions?.map(\.role) == ["live", "shadow"])
            #expect(try await Self.steps(scene, "shadow_results", version: "2.0").count > 50)
            let versions = try await scene.madang("strategy", "versions", "swing")
            #expect(versions.output.contains { $0.contains("deployed: ") })
        }

        @Test func oneThatDoesNotStartChangesNothing() async throws {
            let scene = try Self.scene(speed: "600x")
            let host = try await scene.start("run", "--json")
            let fill = try await host.line("a fill") { $0.contains("\"event\":\"fill\"") }
            let refused = try await scene.madang(
                "strategy", "deploy", "swing", "--launch", Place.python, "nowhere.py")
            #expect(refused.exit == .code(1))
            #expect(refused.errorText.contains("it did not come"), "\(refused.errorText)")
            _ = try await host.line(from: fill.index, "it goes on") { $0.contains("swing BUY") }
            host.send(signal: SIGTERM)
            #expect(try await host.outcome().exit == .code(6))
        }

        @Test func whatCannotBeDeployedIsRefused() async throws {
            let scene = try Self.scene(speed: "max")
            let lonely = try await scene.madang("strategy", "deploy", "swing")
            #expect(lonely.errorText.contains("has no candidate of its own"))
            let both = try await scene.madang(
                "strategy", "deploy", "swing", "unix:x.sock", "--launch", "python")
            #expect(both.errorText.contains("not both"), "\(both.errorText)")
            let wrong = try await scene.madang("strategy", "deploy", "swing", "here")
            #expect(wrong.errorText.contains("'here' is no address"), "\(wrong.errorText)")
        }
    }
}
