import Foundation
import Glibc
import Platform
import Ports
import Testing

extension IntegrationTests {
    /// R4.9: two servers in Python for one strategy, of which one is lost in the middle of a run.
    @Suite struct StandbyTests {
        private static var standby: String {
            "standby: { launch: [\(Place.python), \(Place.servers)/swing.py] }"
        }

        private func expectSame(
            _ outcome: Program.Outcome, _ scene: Scene, switches: Int
        ) async throws -> RunSummary.Standby {
            let (alone, said) = try await Swing.alone.value
            let summary = try outcome.summary()
            #expect(outcome.exit == .code(0), "\(outcome.errorText)")
            #expect(summary.ledgerHash == alone.ledgerHash && summary.fills > 50)
            #expect(summary.stateHash == alone.stateHash)
            #expect(try await Swing.said(scene) == said)
            let pair = try #require(summary.source("swing").standbys?.first)
            #expect(pair.differing == 0 && pair.switches == switches)
            #expect(pair.servers.map(\.name) == ["swing", "swing standby"])
            #expect(pair.servers.map(\.isHeard) == [switches == 0, switches == 1])
            let replay = try await scene.madang("log", "replay")
            #expect(replay.exit == .code(0) && replay.output.last == "0 differences")
            return pair
        }

        @Test func aStandbyChangesNothing() async throws {
            let scene = try Swing.scene(Self.standby)
            let outcome = try await scene.madang("run", "--json")
            let pair = try await expectSame(outcome, scene, switches: 0)
            #expect(pair.same > 100 && pair.uncompared == 0)
            // Who stands by is no part of what a run is.
            let alone = try await Swing.alone.value.0
            #expect(try outcome.summary().run == alone.run)
        }

        /// Killed, or stopped where it stands: the run comes to what it comes to undisturbed.
        @Test(arguments: [SIGKILL, SIGSTOP])
        func whoIsLostIsReplaced(_ signal: Int32) async throws {
            // One that is away for as long as the run lasts: it does not start a second time.
            let scene = try Swing.scene(
                "environment: { SWING_LOSS: \(signal) }, \(Self.standby),"
                    + " credit: 64, restart: { first: 30s, longest: 60s }",
                script: "swing_lost.py")
            let outcome = try await scene.madang("run", "--json")
            let pair = try await expectSame(outcome, scene, switches: 1)
            let told = try #require(
                outcome.output.first { $0.contains("swing standby is heard behind") })
            #expect(!told.contains("behind event 0.0"), "in the middle")
            let shown = try await scene.madang("log", "show")
            #expect(shown.output.contains { $0.contains("swing standby is heard behind") })
            #expect(pair.servers[1].failures == 0)
        }

        // MARK: What is refused

        @Test func anotherBuildIsRefused() async throws {
            let scene = try Swing.scene(
                "standby: { launch: [\(Place.python), \(Place.servers)/swing_next.py] }")
            let outcome = try await scene.madang("run", "--json")
            #expect(outcome.exit == .code(7))
            #expect(outcome.errorText.contains("swing standby is another server than swing"))
            #expect(outcome.errorText.contains("version 2.0"))
            let doctor = try await scene.madang("doctor")
            #expect(doctor.output.contains { $0.contains("swing standby is another server than") })
        }

        @Test(arguments: [
            (
                "standby: { launch: [x] }, candidate: { launch: [x], role: shadow }",
                "a strategy with a standby has one version", "leave candidate out"
            ),
            (
                "standby: { launch: [x], addresses: [\"unix:a.sock\"] }",
                "its strategy has one server", "part the strategy"
            ),
            (
                "standby: { address: \"unix:.madang/swing.sock\" }",
                "is the address of the server that it stands by for", "give it another one"
            ),
            (
                "shards: 2, standby: { address: \"unix:a.sock\" }",
                "its strategy has 2 servers", "list their addresses"
            ),
            (
                "shards: 2, standby: { addresses: [\"unix:a.sock\"] }",
                "there are 2 servers, and each needs a standby", "list 2 addresses"
            ),
            ("standby: { launch: [x], symbols: [A] }", "symbols", ""),
        ])
        func whatCannotBeIsRefused(_ more: String, _ words: String, _ advice: String) async throws {
            let outcome = try await Swing.scene(more).madang("config", "check")
            #expect(outcome.exit == .code(3))
            #expect(outcome.errorText.contains(words), "\(outcome.errorText)")
            #expect(outcome.errorText.contains(advice) || advice.isEmpty, "\(outcome.errorText)")
        }

        @Test func aStandbysNameIsNobodyElses() async throws {
            var configuration = SceneConfiguration()
            configuration.strategies = [
                "{ name: swing, kind: server, launch: [x], quantity: 10, standby: { launch: [x] } }",
                "{ name: swing standby, kind: server, launch: [x], quantity: 10 }",
            ]
            configuration.more = ["arbiter: { policy: first }"]
            let outcome = try await Scene(configuration, ticks: Swing.ticks)
                .madang("config", "check")
            #expect(outcome.exit == .code(3))
            #expect(outcome.errorText.contains("'swing standby' is taken"), "\(outcome.errorText)")
        }

        @Test func aStrategyWithAStandbyHasOneVersion() async throws {
            let scene = try Swing.scene(Self.standby)
            let outcome = try await scene.madang(
                "strategy", "deploy", "swing", "--launch", Place.python, "x.py")
            #expect(outcome.exit == .code(1))
            #expect(outcome.errorText.contains("such a strategy has one version"))
        }

        // MARK: Servers that somebody else runs

        private static func serve(_ script: String, at socket: String) async throws -> Program {
            try await Program.start(
                [Place.python, "\(Place.servers)/\(script)"],
                environment: ["MADANG_ADDRESS": "unix:\(socket)"])
        }

        /// One of the two is enough to begin with, whichever it is.
        @Test(arguments: [0, 1]) func oneOfTheTwoIsEnough(_ present: Int) async throws {
            var configuration = SceneConfiguration()
            configuration.strategies = [
                "{ name: swing, kind: server, quantity: 10, address: \"unix:0.sock\","
                    + " start_within: 1s, standby: { address: \"unix:1.sock\", start_within: 1s } }"
            ]
            configuration.more = ["arbiter: { policy: first }"]
            let scene = try Scene(configuration, ticks: Swing.ticks)
            let server = try await Self.serve("swing.py", at: "\(scene.path)/\(present).sock")
            defer { server.send(signal: SIGTERM) }
            let outcome = try await scene.madang("run", "--json")
            _ = try await expectSame(outcome, scene, switches: present)
            let absent = ["swing", "swing standby"][1 - present]
            #expect(
                outcome.output.contains { $0.contains("\(absent) is away, and the run begins") })
        }
    }
}

extension PacedTests {
    @Suite struct StandbyPaceTests {
        /// About 25 ms from tick to tick.
        private static func scene(_ more: String = "deadline: 10s") throws -> Scene {
            var configuration = SceneConfiguration()
            configuration.speed = "300x"
            configuration.strategies = [
                SceneConfiguration.server(
                    "teller", "teller.py",
                    "\(more), standby: { launch: [\(Place.python), \(Place.servers)/teller.py] }")
            ]
            configuration.more = ["arbiter: { policy: majority }"]
            return try Scene(configuration, ticks: SampleTicks(count: 400, pause: 7_500_000_000))
        }

        private static func begin(_ scene: Scene) async throws -> Program {
            let host = try await scene.start("run", "--json")
            for name in ["teller", "teller standby"] {
                _ = try await host.line("the life of \(name)") { $0.contains("\"\(name) live") }
            }
            _ = try await host.line("an order") { $0.contains("\"event\":\"fill\"") }
            return host
        }

        private static func server(_ name: String, under host: Program) throws -> Int32 {
            try #require(
                Processes.children(of: host.id, running: "teller.py").first {
                    Processes.environment(of: $0, contains: "/\(name).sock")
                })
        }

        private func expectWhole(_ scene: Scene) async throws {
            let rows = try await scene.query("select position, symbol from signals")
            #expect(rows.count == 400 && Set(rows).count == 400, "none lost, none twice")
            let replay = try await scene.madang("log", "replay")
            #expect(replay.exit == .code(0) && replay.output.last == "0 differences")
        }

        /// Killed at a pace: the other one answers from there on, and who was killed stands by when it is back.
        @Test func whoIsKilledIsReplacedAndStandsBy() async throws {
            let scene = try Self.scene()
            let host = try await Self.begin(scene)
            kill(try Self.server("teller", under: host), SIGKILL)
            let down = try await host.line("its end") { $0.contains("\"teller down") }
            _ = try await host.line("the switch") { $0.contains("teller standby is heard behind") }
            let live = try await host.line(from: down.index, "its life") {
                $0.contains("\"teller live")
            }
            _ = try await host.line(from: live.index, "a result") { $0.contains("teller BUY") }
            // Then the other one, and back it goes.
            kill(try Self.server("teller standby", under: host), SIGKILL)
            _ = try await host.line(from: live.index, "the next switch") {
                $0.contains("\"teller is heard behind")
            }
            let outcome = try await host.outcome()
            #expect(outcome.exit == .code(0), "\(outcome.errorText)")
            let summary = try outcome.summary()
            #expect(summary.source("teller").late == 0)
            let pair = try #require(summary.source("teller").standbys?.first)
            #expect(pair.switches == 2 && pair.differing == 0 && pair.same > 100)
            #expect(pair.servers.map { $0.server?.restarts } == [1, 1])
            try await expectWhole(scene)
        }

        /// One that hangs is replaced behind its deadline; what comes of it then changes nothing.
        @Test func whoHangsIsReplaced() async throws {
            let scene = try Self.scene("deadline: 1s")
            let host = try await Self.begin(scene)
            let server = try Self.server("teller", under: host)
            kill(server, SIGSTOP)
            defer { kill(server, SIGCONT) }
            let told = try await host.line("the switch") {
                $0.contains("teller standby is heard behind") && $0.contains("teller hung")
            }
            kill(server, SIGCONT)
            _ = try await host.line(from: told.index, "its life") { $0.contains("\"teller live") }
            let outcome = try await host.outcome()
            #expect(outcome.exit == .code(0), "\(outcome.errorText)")
            let pair = try #require(try outcome.summary().source("teller").standbys?.first)
            #expect(pair.switches == 1 && pair.differing == 0)
            try await expectWhole(scene)
        }

        /// A host that is killed behind the switch goes on with who was heard.
        @Test func aKilledHostGoesOnWithWhoWasHeard() async throws {
            let scene = try Self.scene()
            let host = try await Self.begin(scene)
            kill(try Self.server("teller", under: host), SIGKILL)
            let told = try await host.line("the switch") {
                $0.contains("teller standby is heard behind")
            }
            _ = try await host.line(from: told.index, "a result") { $0.contains("teller BUY") }
            host.send(signal: SIGKILL)
            #expect(try await host.outcome().exit == .signal(SIGKILL))
            let outcome = try await scene.madang("run", "--json")
            #expect(outcome.exit == .code(0), "\(outcome.errorText)")
            #expect(!outcome.output.contains { $0.contains("not deterministic") })
            let pair = try #require(try outcome.summary().source("teller").standbys?.first)
            #expect(pair.servers.map(\.isHeard) == [false, true] && pair.switches == 1)
            try await expectWhole(scene)
        }
    }
}
