import Foundation
import Platform
import Ports
import Testing

extension PacedTests {
    /// R11.3: `madang kill` of a strategy, of an account, with everything sold, and by a signal.
    @Suite struct KillPartTests {
        /// One server says BUY at every tick, the other too.
        private static func scene(_ count: Int = 400, exits: Bool = false) throws -> Scene {
            var configuration = SceneConfiguration()
            configuration.speed = "300x"
            configuration.strategies = ["first", "second"].map {
                SceneConfiguration.server($0, "teller.py", "deadline: 2s, adds_to_position: true")
            }
            configuration.more = ["arbiter: { policy: first }"]
            if exits { configuration.more.append("exits: { plan: three_tier }") }
            // About 25 ms from tick to tick.
            return try Scene(configuration, ticks: SampleTicks(count: count, pause: 7_500_000_000))
        }
        private static func isBuy(_ line: String, of source: String? = nil) -> Bool {
            line.contains("\"event\":\"order\"") && line.contains("BUY")
                && (source.map { line.contains("\"source\":\"\($0)\"") } ?? true)
        }
        private func refused(_ scene: Scene, _ words: [String]) async throws -> String {
            let outcome = try await scene.madang(["kill"] + words)
            #expect(outcome.exit != .code(0))
            return outcome.errorText
        }

        @Test func aStrategyIsStoppedAndTheOtherGoesOn() async throws {
            let scene = try Self.scene()
            let host = try await scene.start("run", "--json")
            _ = try await host.line("an order of each") { Self.isBuy($0, of: "first") }
            let kill = try await scene.madang("kill", "--strategy", "first", "--reason", "odd")
            #expect(kill.exit == .code(0), "\(kill.errorText)")
            #expect(
                kill.output.first?.hasPrefix("kill switch on for strategy first: heard") == true)
            #expect(kill.output.last == "  madang kill --off --strategy first ends it")
            let told = try await host.line("the switch") {
                $0.contains("kill switch on for strategy first: odd")
            }
            _ = try await host.line(from: told.index, "the other's order") {
                Self.isBuy($0, of: "second")
            }
            #expect(!host.output[told.index...].contains { Self.isBuy($0, of: "first") })
            let doctor = try await scene.madang("doctor")
            #expect(
                doctor.output.contains {
                    $0.contains("the kill switch of strategy first is on (odd)")
                }, "\(doctor.output)")
            host.send(signal: SIGKILL)
            _ = try await host.outcome()

            // Over a restart it stays so; let go, it buys again.
            let again = try await scene.start("run", "--json")
            _ = try await again.line("the other's order") { Self.isBuy($0, of: "second") }
            #expect(!again.output.contains { Self.isBuy($0, of: "first") })
            let off = try await scene.madang("kill", "--off", "--strategy", "first")
            #expect(off.exit == .code(0), "\(off.errorText)")
            let ended = try await again.line("the switch") {
                $0.contains("kill switch off for strategy first")
            }
            _ = try await again.line(from: ended.index, "an order") { Self.isBuy($0, of: "first") }
            again.send(signal: SIGTERM)
            #expect(try await again.outcome().exit == .code(6))
            let rows = try await scene.query(
                "select rule, detail from risk_events where code = 'KILL' order by record")
            #expect(
                rows == [["on", "strategy first: odd"], ["off", "strategy first: by command"]])
            let statuses = try await scene.query(
                "select distinct source from signals where status = 'killed'")
            #expect(statuses == [["first"]])
            try await agree(scene)
        }

        /// An account is stopped for everybody; and what one says about another part leaves it alone.
        @Test func anAccountIsSoldOut() async throws {
            let scene = try Self.scene(exits: true)
            let host = try await scene.start("run", "--json")
            _ = try await host.line("a fill") { $0.contains("\"event\":\"fill\"") }
            let asked = try await refused(scene, ["--account", "demo", "--flatten"])
            #expect(asked.contains("--flatten sells everything that account demo holds"))
            let kill = try await scene.madang(
                "kill", "--account", "demo", "--flatten", "--yes", "--json")
            #expect(kill.exit == .code(0), "\(kill.errorText)")
            #expect(kill.output.first?.contains("\"account\":\"demo\"") == true)
            #expect(kill.output.first?.contains("\"sold\":0") == false, "\(kill.output)")
            let told = try await host.line("the switch") {
                $0.contains("everything that 'demo' holds is sold")
            }
            // Until nothing is held any more, and behind it nothing is bought.
            _ = try await host.line(from: told.index, "a sale") {
                $0.contains("\"event\":\"fill\"") && $0.contains("SELL")
                    && $0.contains("position 0")
            }
            #expect(!host.output[told.index...].contains { Self.isBuy($0) })
            let other = try await scene.madang("kill", "--off")
            #expect(other.output.contains("  still on for account demo: by command"))
            host.send(signal: SIGKILL)
            _ = try await host.outcome()
            let run = try await scene.madang("run", "--json")
            #expect(run.exit == .code(0), "\(run.errorText)")
            let positions = try await scene.madang("positions", "--json")
            #expect(
                positions.output.allSatisfy { $0.contains("\"quantity\":\"0\"") },
                "\(positions.output)")
            try await agree(scene)
        }

        /// Who has no hand free for a command: `kill -USR1`.
        @Test func aSignalThrowsIt() async throws {
            let scene = try Self.scene()
            let host = try await scene.start("run", "--json")
            _ = try await host.line("an order") { Self.isBuy($0) }
            host.send(signal: SIGUSR1)
            let told = try await host.line("the switch") {
                $0.contains("kill switch on: by signal SIGUSR1")
            }
            _ = try await host.line(from: told.index, "a refusal") {
                $0.contains("not approved: kill")
            }
            #expect(!host.output[told.index...].contains { Self.isBuy($0) })
            host.send(signal: SIGKILL)
            _ = try await host.outcome()
            let next = try await scene.madang("kill", "--off")
            #expect(next.exit == .code(0), "it outlives the process: \(next.errorText)")
        }

        /// `--hold-exits`: nothing is sold by them until they are let go; the panic button lets nothing go.
        @Test func exitsAreHeldWithIt() async throws {
            let scene = try Self.scene(exits: true)
            let host = try await scene.start("run", "--json")
            _ = try await host.line("a fill") { $0.contains("\"event\":\"fill\"") }
            let kill = try await scene.madang("kill", "--hold-exits")
            #expect(kill.exit == .code(0), "\(kill.errorText)")
            _ = try await host.line("the hold") { $0.contains("exits are held: nothing fires") }
            host.send(signal: SIGUSR1)
            let again = try await scene.madang("kill", "--account", "demo")
            #expect(again.exit == .code(0), "\(again.errorText)")
            #expect(!host.output.contains { $0.contains("exits are free again") })
            let release = try await scene.madang("exits", "release", "--reason", "calmer")
            #expect(release.exit == .code(0), "\(release.errorText)")
            #expect(release.output.first?.contains("the kill switch stays on") == true)
            _ = try await host.line("the release") { $0.contains("exits are free again") }
            host.send(signal: SIGTERM)
            _ = try await host.outcome()
            try await agree(scene)
        }

        @Test func whatMakesNoSenseIsRefused() async throws {
            let scene = try Self.scene(20)
            let near = try await refused(scene, ["--strategy", "frist"])
            #expect(near.contains("has no strategy 'frist'   did you mean 'first'?"), "\(near)")
            let account = try await refused(scene, ["--account", "dmeo"])
            #expect(account.contains("has no account 'dmeo'   did you mean 'demo'?"))
            for (words, part) in [
                (["--account", "demo", "--strategy", "first"], "are two orders"),
                (["--strategy", "first", "--flatten", "--yes"], "a position is an account's"),
                (["--flatten", "--hold-exits", "--yes"], "choose one"),
                (["--off", "--flatten", "--yes"], "leave out --flatten"),
                (["--account", "demo", "--hold-exits"], "exits are held for all"),
                (["--off", "--account", "demo"], "is not on for account demo"),
            ] {
                let text = try await refused(scene, words)
                #expect(text.contains(part), "\(words): \(text)")
            }
        }

        private func agree(_ scene: Scene) async throws {
            let check = try await scene.madang("store", "check")
            #expect(check.exit == .code(0), "\(check.output)")
            let replay = try await scene.madang("log", "replay")
            #expect(replay.output.last == "0 differences", "\(replay.output) \(replay.errorText)")
        }
    }
}
