import Foundation
import Glibc
import Platform
import Ports
import Testing

extension IntegrationTests {
    /// R4.9: one strategy, several servers in Python, each with instruments of its own.
    @Suite struct ShardTests {

        /// Whatever server says it: the same results, orders, ledger and state as of one.
        @Test(arguments: [2, 3, 4]) func severalServersSayWhatOneSays(_ count: Int) async throws {
            let (alone, said) = try await Swing.alone.value
            let scene = try Swing.scene("shards: \(count)")
            let outcome = try await scene.madang("run", "--json")
            let summary = try outcome.summary()
            #expect(outcome.exit == .code(0), "\(outcome.errorText)")
            #expect(summary.ledgerHash == alone.ledgerHash && summary.fills > 50)
            #expect(summary.stateHash == alone.stateHash)
            #expect(try await Swing.said(scene) == said)
            let shards = try #require(summary.source("swing").shards)
            let symbols = (0..<count).map { shard in
                SampleTicks.symbols.indices.filter { $0 % count == shard }.map {
                    SampleTicks.symbols[$0]
                }
            }
            #expect(shards.map(\.symbols) == symbols)
            for shard in shards {
                #expect(shard.results == said.count { shard.symbols.contains($0[1]) })
                #expect(["live", "draining", "stopped"].contains(shard.state))
                #expect(shard.server?.version == "1.0")
            }
            let replay = try await scene.madang("log", "replay")
            #expect(replay.exit == .code(0) && replay.output.last == "0 differences")
            try await expectTold(scene, count)
        }

        private func expectTold(_ scene: Scene, _ count: Int) async throws {
            let order = try await scene.query("select symbol from orders where number = 1")
            let symbol = try #require(order.first?.first)
            let place = try #require(SampleTicks.symbols.firstIndex(of: symbol))
            let words = try await scene.madang("why", "1")
            #expect(words.output.contains { $0.contains("swing shard \(place % count)") })
            let json = try await scene.madang("why", "1", "--json")
            #expect(json.output.first?.contains("\"shard\":\(place % count)") == true)
        }

        /// The run waits for the one that was killed; then for a host that was.
        @Test func aKilledShardChangesNothing() async throws {
            let (alone, said) = try await Swing.alone.value
            let scene = try Swing.scene("shards: 3")
            let host = try await scene.start("run", "--json")
            _ = try await host.line("its life") { $0.contains("\"swing shard 1 live") }
            let server = try #require(
                Processes.children(of: host.id, running: "swing.py").first {
                    Processes.environment(of: $0, contains: "swing shard 1.sock")
                })
            kill(server, SIGKILL)
            let outcome = try await host.outcome()
            #expect(outcome.exit == .code(0), "\(outcome.errorText)")
            #expect(try outcome.summary().ledgerHash == alone.ledgerHash)
            #expect(try await Swing.said(scene) == said)
        }

        // MARK: Servers that somebody else runs

        private static func serve(
            _ scripts: [String], in folder: String
        ) async throws -> [Program] {
            var programs: [Program] = []
            for (index, script) in scripts.enumerated() {
                programs.append(
                    try await Program.start(
                        [Place.python, "\(Place.servers)/\(script)"],
                        environment: ["MADANG_ADDRESS": "unix:\(folder)/\(index).sock"]))
            }
            return programs
        }
        private static func scene(addresses count: Int, _ more: String = "") throws -> Scene {
            var configuration = SceneConfiguration()
            let list = (0..<count).map { "\"unix:\($0).sock\"" }.joined(separator: ", ")
            configuration.strategies = [
                "{ name: swing, kind: server, quantity: 10, addresses: [\(list)]\(more) }"
            ]
            configuration.more = ["arbiter: { policy: first }"]
            return try Scene(configuration, ticks: Swing.ticks)
        }

        @Test func serversOfSomebodyElseAreReachedAtTheirAddresses() async throws {
            let (alone, said) = try await Swing.alone.value
            let scene = try Self.scene(addresses: 2)
            let servers = try await Self.serve(["swing.py", "swing.py"], in: scene.path)
            defer { for server in servers { server.send(signal: SIGTERM) } }
            let outcome = try await scene.madang("run", "--json")
            #expect(outcome.exit == .code(0), "\(outcome.errorText)")
            #expect(try outcome.summary().ledgerHash == alone.ledgerHash)
            #expect(try await Swing.said(scene) == said)
        }

        @Test func anotherBuildBehindOneAddressIsRefused() async throws {
            let scene = try Self.scene(addresses: 2)
            let servers = try await Self.serve(["swing.py", "swing_next.py"], in: scene.path)
            defer { for server in servers { server.send(signal: SIGTERM) } }
            let outcome = try await scene.madang("run", "--json")
            #expect(outcome.exit == .code(7))
            #expect(
                outcome.errorText.contains("swing shard 1 is another server than swing shard 0"))
            #expect(outcome.errorText.contains("version 2.0"))
        }

        // MARK: Configurations

        @Test(arguments: [
            ("shards: 5", "5 servers for 4 instruments", "at most 4"),
            ("shards: 3, symbols: [A, B]", "3 servers for 2 instruments", "at most 2"),
            ("shards: 0", "is not a whole number", "from 1 to 64"),
            ("shards: 2, address: \"unix:a.sock\"", "it is one server's", "leave it out"),
            ("addresses: [\"unix:a.sock\"]", "the host starts these servers", "shards: 2"),
            (
                "shards: 2, candidate: { launch: [x], role: shadow }",
                "a strategy with several servers has one version", "leave candidate out"
            ),
        ])
        func whatCannotBeIsRefused(_ more: String, _ words: String, _ advice: String) async throws {
            let outcome = try await Swing.scene(more).madang("config", "check")
            #expect(outcome.exit == .code(3))
            #expect(outcome.errorText.contains(words), "\(outcome.errorText)")
            #expect(outcome.errorText.contains(advice), "\(outcome.errorText)")
        }

        @Test(arguments: [
            (2, ", shards: 3", "3 is not the number of addresses, 2"),
            (5, "", "5 servers for 4 instruments"),
        ])
        func addressesThatDoNotFitAreRefused(
            _ count: Int, _ more: String, _ words: String
        ) async throws {
            let outcome = try await Self.scene(addresses: count, more).madang("config", "check")
            #expect(outcome.exit == .code(3) && outcome.errorText.contains(words))
        }

        /// Socket, process and quarantine go by a shard's name.
        @Test(arguments: [true, false])
        func aShardsNameIsNobodyElses(_ isFirst: Bool) async throws {
            var configuration = SceneConfiguration()
            let two = [
                "{ name: swing, kind: server, launch: [x], quantity: 10, shards: 2 }",
                "{ name: swing shard 1, kind: server, launch: [x], quantity: 10 }",
            ]
            configuration.strategies = isFirst ? two : two.reversed()
            configuration.more = ["arbiter: { policy: first }"]
            let outcome = try await Scene(configuration, ticks: Swing.ticks)
                .madang("config", "check")
            #expect(outcome.exit == .code(3))
            #expect(outcome.errorText.contains("'swing shard 1' is taken"), "\(outcome.errorText)")
        }

        @Test func aShardedStrategyHasOneVersion() async throws {
            let scene = try Swing.scene("shards: 2")
            let outcome = try await scene.madang(
                "strategy", "deploy", "swing", "--launch", Place.python, "x.py")
            #expect(outcome.exit == .code(1))
            #expect(outcome.errorText.contains("such a strategy has one version"))
        }
    }
}

extension PacedTests {
    @Suite struct ShardPaceTests {
        /// About 25 ms from tick to tick.
        private static func scene(shards: Int, ticks: Int) throws -> Scene {
            var configuration = SceneConfiguration()
            configuration.speed = "300x"
            configuration.strategies = [
                SceneConfiguration.server(
                    "teller", "teller.py", "shards: \(shards), deadline: 10s")
            ]
            configuration.more = ["arbiter: { policy: majority }"]
            return try Scene(
                configuration, ticks: SampleTicks(count: ticks, pause: 7_500_000_000))
        }

        /// One is killed at a pace: the others answer in time, and it goes on behind what it had answered.
        @Test func aBrokenShardAffectsItsInstrumentsAlone() async throws {
            let scene = try Self.scene(shards: 2, ticks: 400)
            let host = try await scene.start("run", "--json")
            _ = try await host.line("an order") { $0.contains("\"event\":\"fill\"") }
            let server = try #require(
                Processes.children(of: host.id, running: "teller.py").first {
                    Processes.environment(of: $0, contains: "teller shard 1.sock")
                })
            kill(server, SIGKILL)
            let down = try await host.line("that it is gone") {
                $0.contains("\"teller shard 1 down")
            }
            for symbol in ["A", "C"] {
                _ = try await host.line(from: down.index, "a result of the other") {
                    $0.contains("teller BUY \(symbol)")
                }
            }
            _ = try await host.line(from: down.index, "its life") {
                $0.contains("\"teller shard 1 live")
            }
            let outcome = try await host.outcome()
            #expect(outcome.exit == .code(0), "\(outcome.errorText)")
            #expect(!outcome.output.contains { $0.contains("\"teller shard 0 down") })
            let shards = try #require(try outcome.summary().source("teller").shards)
            #expect(shards.map { $0.server?.restarts } == [0, 1])
            #expect(shards.map(\.symbols) == [["A", "C"], ["B", "D"]])
            // Each tick has its one result: none lost, none twice.
            let rows = try await scene.query("select position, symbol from signals")
            #expect(rows.count == 400 && Set(rows).count == 400)
            #expect(shards.reduce(0) { $0 + $1.results } == 400)
            let replay = try await scene.madang("log", "replay")
            #expect(replay.exit == .code(0) && replay.output.last == "0 differences")
        }

        /// A host that is killed goes on, and each server behind what it had answered itself.
        @Test func aKilledHostGoesOnWithItsShards() async throws {
            let scene = try Self.scene(shards: 3, ticks: 200)
            let host = try await scene.start("run", "--json")
            _ = try await host.line("an order") { $0.contains("\"event\":\"fill\"") }
            // Of each twice: what it answered first is behind it in the log then.
            var last = 0
            for symbol in ["A", "B", "C", "A", "B", "C"] {
                let told = try await host.line(from: last, "a result of each") {
                    $0.contains("teller BUY \(symbol)")
                }
                last = told.index + 1
            }
            host.send(signal: SIGKILL)
            #expect(try await host.outcome().exit == .signal(SIGKILL))
            let outcome = try await scene.madang("run", "--json")
            #expect(outcome.exit == .code(0), "\(outcome.errorText)")
            #expect((try outcome.resumedAt() ?? 0) > 0)
            #expect(!outcome.output.contains { $0.contains("not deterministic") })
            let rows = try await scene.query("select position, symbol from signals")
            #expect(rows.count == 200 && Set(rows).count == 200, "none lost, none twice")
            let shards = try #require(try outcome.summary().source("teller").shards)
            #expect(shards.map(\.symbols) == [["A", "D"], ["B"], ["C"]])
            for shard in shards {
                #expect(shard.results == rows.count { shard.symbols.contains($0[1]) })
            }
            let replay = try await scene.madang("log", "replay")
            #expect(replay.exit == .code(0) && replay.output.last == "0 differences")
        }
    }
}
