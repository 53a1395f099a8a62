import Foundation
import Glibc
import Host
import Platform
import Ports
import TestKit
import Testing

@testable import Madang

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
            let plain = try await scene.madang("kill")
            #expect(plain.output.first?.contains(" being sold") == true, "\(plain.output)")
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

        /// The signal, and the end right behind it: the next start has it all the same, also where its file has to wait.
        @Test(arguments: [[SIGTERM], [SIGTERM, SIGTERM]]) func aSignalIsKeptOverTheEnd(
            _ ends: [Int32]
        ) async throws {
            let scene = try Self.scene()
            let host = try await scene.start("run", "--json")
            _ = try await host.line("an order") { Self.isBuy($0) }
            // Somebody has the turn and does not let go: a patience of a second is over before the file is written.
            let turn = FolderTurn(scene.path + "/.madang/kill-switch.lock", patience: 1)
            defer { withExtendedLifetime(turn) {} }
            host.send(signal: SIGUSR1)
            _ = try await host.line("the switch") {
                $0.contains("kill switch on: by signal SIGUSR1")
            }
            for end in ends { host.send(signal: end) }
            _ = try await host.outcome()
            let order = try KillSwitch(folder: scene.path + "/.madang").order()
            #expect(order?.on == true && order?.reason == "by signal SIGUSR1")
        }

        /// `--hold-exits`: nothing is sold by them until they are let go; the panic button lets nothing go.
        @Test func exitsAreHeldWithIt() async throws {
            let scene = try Self.scene(exits: true)
            // Who is not in the run: every answer says so, and it keeps no exit from being let go.
            let folder = scene.path + "/.madang"
            #expect(RunFolder.makeFolder(folder))
            _ = try KillSwitch(folder: folder).set(reason: "gone") { order throws(RunError) in
                order.strategies["gone"] = KillOrder.Part(reason: "gone")
            }
            let host = try await scene.start("run", "--json")
            _ = try await host.line("a fill") { $0.contains("\"event\":\"fill\"") }
            let kill = try await scene.madang("kill", "--hold-exits")
            #expect(kill.exit == .code(0), "\(kill.errorText)")
            _ = try await host.line("the hold") { $0.contains("exits are held: nothing fires") }
            host.send(signal: SIGUSR1)
            let again = try await scene.madang("kill", "--account", "demo")
            #expect(again.exit == .code(0), "\(again.errorText)")
            #expect(again.output.first?.contains(", but not by exits") == true, "\(again.output)")
            #expect(!host.output.contains { $0.contains("exits are free again") })
            let release = try await scene.madang("exits", "release", "--reason", "calmer")
            #expect(release.exit == .code(0), "\(release.errorText)")
            #expect(release.output.first?.contains("the kill switch stays on") == true)
            _ = try await host.line("the release") { $0.contains("exits are free again") }
            host.send(signal: SIGTERM)
            _ = try await host.outcome()
            try await agree(scene)
        }

        /// Two accounts, each at a broker of its own: all is sold, and decided again it comes the same.
        @Test func twoAccountsAreSoldOutAtTheirBrokers() async throws {
            let venues = [try await Venue([]), try await Venue([])]
            var configuration = SceneConfiguration()
            configuration.speed = "300x"
            configuration.account = ["demo", "other"].enumerated()
                .map { "{ id: \($1), broker: sim\($0), currency: KRW, cash: 200000000 }" }
                .joined(separator: "\n  - ")
            configuration.broker = venues.enumerated()
                .map { "sim\($0)" + $1.broker().dropFirst("sim".count) }
                .joined(separator: "\n  ")
            configuration.rules = ["demo", "other"].map {
                "{ name: of_\($0), account: \($0), when: \"price > 0\", then: buy, on: ticks,"
                    + " quantity: 10 }"
            }
            let scene = try Scene(
                configuration, ticks: SampleTicks(count: 4_000, pause: 7_500_000_000))
            let host = try await scene.start("run", "--json", environment: Venue.environment)
            var seen = -1
            for _ in 0..<4 {
                seen =
                    try await host.line(from: seen + 1, "a fill") {
                        $0.contains("\"event\":\"fill\"")
                    }.index
            }
            let kill = try await scene.madang(
                ["kill", "--flatten", "--yes"], environment: Venue.environment)
            #expect(kill.exit == .code(0), "\(kill.errorText)")
            for name in ["demo", "other"] {
                _ = try await host.line("the sale") {
                    $0.contains("everything that '\(name)' holds is sold")
                }
            }
            _ = try await host.line(from: seen + 1, "a sale") {
                $0.contains("\"event\":\"fill\"") && $0.contains("SELL")
            }
            host.send(signal: SIGTERM)
            #expect(try await host.outcome().exit == .code(6))
            let replay = try await scene.madang(
                ["log", "replay"], environment: Venue.environment)
            #expect(replay.output.last == "0 differences", "\(replay.output) \(replay.errorText)")
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
