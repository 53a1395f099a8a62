import Foundation
import Glibc
import Platform
import Ports
import Testing

extension PacedTests {
    /// Symbols that join a strategy server, or leave it, while a run at a pace goes on.
    @Suite struct InstrumentTests {
        private static let ticks = SampleTicks(count: 1_200, pause: 7_500_000_000)

        private struct Answer: Decodable {
            var words: [String]
            var step: UInt64?
            var left: [String]
        }

        private static func paced(_ strategies: [String]) -> SceneConfiguration {
            var configuration = SceneConfiguration()
            configuration.speed = "300x"
            configuration.strategies = strategies
            configuration.more = ["arbiter: { policy: first }"]
            return configuration
        }

        /// As fast as possible, with every symbol from the start: what a server says of each tick.
        private static let whole = Task { () -> [String: String] in
            var configuration = paced([SceneConfiguration.server("mover", "mover.py")])
            configuration.speed = "max"
            let scene = try Scene(configuration, ticks: ticks)
            let outcome = try await scene.madang("run", "--json")
            guard outcome.exit == .code(0) else {
                throw Program.Failure(description: outcome.errorText)
            }
            return try await said(scene).reduce(into: [:]) { $0[$1.place] = $1.words }
        }

        private struct Said {
            var step: UInt64
            var symbol: String
            var place: String
            var words: String
            var status: String
        }
        private static func said(_ scene: Scene) async throws -> [Said] {
            try await scene.query(
                "select position, symbol, action, reasons, status from signals order by position"
            ).map { row in
                let position = Int64(row[0]) ?? 0
                return Said(
                    step: UInt64(bitPattern: position) >> 20, symbol: row[1],
                    place: "\(row[0]) \(row[1])", words: "\(row[2]) \(row[3])", status: row[4])
            }
        }

        private func move(_ scene: Scene, _ symbols: String) async throws -> Answer {
            let outcome = try await scene.madang(
                "strategy", "set", "mover", "symbols=\(symbols)", "--json")
            #expect(outcome.exit == .code(0), "\(outcome.errorText)")
            return try JSONDecoder().decode(
                Answer.self, from: Data((outcome.output.last ?? "").utf8))
        }

        private func heard(_ host: Program, of symbol: String, from index: Int = 0) async throws
            -> Int
        {
            try await host.line(from: index, "a signal of \(symbol)") {
                $0.contains("\"source\":\"mover\"") && $0.contains("\"symbol\":\"\(symbol)\"")
            }.index
        }

        /// Fresh with a history, and from a snapshot: what was said is what a server says that has had them all along.
        @Test(arguments: [0, 40])
        func symbolsJoinAndLeaveOverCrashesOfBothSides(_ snapshots: Int) async throws {
            let scene = try Scene(
                Self.paced([
                    SceneConfiguration.server(
                        "mover", "mover.py",
                        "symbols: [A, B], environment: { MOVER_SNAPSHOTS: \(snapshots) }")
                ]), ticks: Self.ticks)
            let host = try await scene.start("run", "--json")
            _ = try await heard(host, of: "A")
            let first = try await move(scene, "B,C")
            #expect(first.words == ["changed mover: symbols A,B -> B,C"])
            let joined = try #require(first.step)
            let at = try await heard(host, of: "C")
            _ = try await heard(host, of: "C", from: at + 1)
            host.send(signal: SIGKILL)
            _ = try await host.outcome()

            let again = try await scene.start("run", "--json")
            var next = try await heard(again, of: "C")
            let running = try await scene.madang("strategy", "running")
            #expect(
                running.output.contains("  mover  strategy server of B,C"), "\(running.output)")
            // A comes back under its number, and D is new.
            let second = try await move(scene, "A,B,C,D")
            let back = try #require(second.step)
            next = try await heard(again, of: "D", from: next)
            let server = try #require(
                Processes.children(of: again.id, running: "mover.py").first)
            kill(server, SIGKILL)
            next = try await again.line(from: next, "that it is back") {
                $0.contains("mover live")
            }.index
            next = try await heard(again, of: "D", from: next)
            next = try await heard(again, of: "A", from: next)
            let third = try await move(scene, "D")
            let alone = try #require(third.step)
            _ = try await heard(again, of: "D", from: next)
            let outcome = try await again.outcome()
            #expect(outcome.exit == .code(0), "\(outcome.errorText)")
            let resumed = try #require(try outcome.resumedAt())

            let whole = try await Self.whole.value
            let said = try await Self.said(scene)
            #expect(!said.isEmpty)
            for one in said {
                #expect(whole[one.place] == one.words, "\(one.place)")
                guard one.status != "removed" else { continue }
                switch one.symbol {
                case "A": #expect(one.step <= joined || (one.step > back && one.step <= alone))
                case "B": #expect(one.step <= alone)
                case "C": #expect(one.step > joined && one.step <= alone)
                default: #expect(one.step > back)
                }
            }
            // From its warm-up on without a gap, as far as a crash lets anybody see.
            func expectAll(of symbol: String, behind: UInt64, through last: UInt64) {
                let found = Set(said.map(\.place))
                let due = whole.keys.filter { place in
                    let words = place.split(separator: " ")
                    let step = (UInt64(words[0]) ?? 0) >> 20
                    return words[1] == symbol && step > behind && step <= last
                }
                #expect(!due.isEmpty && due.allSatisfy(found.contains), "\(symbol)")
            }
            let lastC = said.last { $0.symbol == "C" && $0.step <= resumed }?.step ?? 0
            expectAll(of: "C", behind: joined, through: lastC)
            let end = said.last { $0.symbol == "D" }?.step ?? 0
            expectAll(of: "D", behind: alone, through: end)

            #expect(outcome.output.allSatisfy { !$0.contains("results refused") })
            let replay = try await scene.madang("log", "replay")
            #expect(
                replay.exit == .code(0) && replay.output.last == "0 differences",
                "\(replay.output)")
        }

        /// What a server still says of a symbol that has left is written down, and is no fault of its own.
        @Test func whatIsSaidOfASymbolThatHasLeftIsNotHeard() async throws {
            let scene = try Scene(
                Self.paced([
                    SceneConfiguration.server("mover", "mover.py", "symbols: [A, B]")
                ]), ticks: Self.ticks)
            let host = try await scene.start("run", "--json")
            _ = try await heard(host, of: "A")
            let server = try #require(
                Processes.children(of: host.id, running: "mover.py").first)
            kill(server, SIGSTOP)
            let hung = try await host.line("hung") { $0.contains("mover hung: no answer for ") }
            let left = try #require(try await move(scene, "B").step)
            kill(server, SIGCONT)
            let told = try await host.line(from: hung.index, "one that is not heard") {
                $0.contains("not heard: A has left it")
            }
            _ = try await heard(host, of: "B", from: told.index)
            host.send(signal: SIGTERM)
            let outcome = try await host.outcome()
            #expect(outcome.exit == .code(6))
            let said = try await Self.said(scene)
            let removed = said.filter { $0.status == "removed" }
            #expect(!removed.isEmpty)
            #expect(removed.allSatisfy { $0.symbol == "A" && $0.step <= left })
            #expect(!outcome.output.contains { $0.contains("results refused") })
            let shown = try await scene.madang("log", "show", "--kind", "removed")
            #expect(shown.output.contains { $0.contains("for it has left the session") })
            let replay = try await scene.madang("log", "replay")
            #expect(
                replay.exit == .code(0) && replay.output.last == "0 differences",
                "\(replay.output)")
            // The tables made anew from the log are the same.
            let check = try await scene.madang("store", "check")
            #expect(check.exit == .code(0), "\(check.output) \(check.errorText)")
        }

        @Test func whatKeepsItsSymbolsIsRefused() async throws {
            let launch = "launch: [\(Place.python), \(Place.servers)/swing.py]"
            let scene = try Scene(
                Self.paced([
                    "{ name: cross, kind: ma_cross, on: ticks, quantity: 10,"
                        + " parameters: { fast: 3, slow: 8 } }",
                    SceneConfiguration.server("mover", "mover.py"),
                    "{ name: deaf, kind: server, quantity: 10,"
                        + " launch: [\(Place.python), \(Place.servers)/misbehaving.py, honest] }",
                    SceneConfiguration.server("holder", "holder.py"),
                    SceneConfiguration.server("together", "together.py"),
                    SceneConfiguration.server("parted", "swing.py", "shards: 2"),
                    SceneConfiguration.server("safe", "swing.py", "standby: { \(launch) }"),
                    SceneConfiguration.server(
                        "tried", "swing.py", "candidate: { \(launch), role: shadow }"),
                ]), ticks: Self.ticks)
            let host = try await scene.start("run", "--json")
            _ = try await heard(host, of: "A")
            // What is taken out moves the others up in the configuration, and not in the run.
            let out = try await scene.madang("strategy", "unload", "cross")
            #expect(out.exit == .code(0), "\(out.errorText)")
            let cases = [
                (["deaf", "symbols=A"], "does not hear of symbols that join and leave", 1),
                (["mover", "symbols=A,X"], "'X' is not a symbol of 'instruments'", 3),
                (["mover", "symbols="], "a strategy server needs one at least", 3),
                (["mover", "symbols=D,C,B,A"], "nothing changes", 1),
                (["mover", "quantity=3"], "of a running one the symbols alone can be set", 1),
                (["holder", "symbols=A"], "its server reads its account", 1),
                (["together", "symbols=A"], "does not judge each instrument alone", 1),
                (["parted", "symbols=A"], "they are parted among several servers", 1),
                (["safe", "symbols=A"], "it has a standby", 1),
                (["tried", "symbols=A"], "it has a candidate", 1),
            ]
            for (words, reason, code) in cases {
                let outcome = try await scene.madang(["strategy", "set"] + words)
                #expect(outcome.exit == .code(Int32(code)), "\(words) \(outcome.exit)")
                #expect(outcome.errorText.contains(reason), "\(words) \(outcome.errorText)")
            }
            // A piece that says more than its symbols, and one that says the same.
            try scene.folder.write(
                "strategies: [ { name: mover, kind: server, symbols: [A], quantity: 5 } ]",
                as: "more.yaml")
            let more = try await scene.madang("strategy", "load", "more.yaml")
            #expect(more.errorText.contains("other symbols alone are taken"), "\(more.errorText)")
            try scene.folder.write(
                "strategies: [ { name: mover, kind: server, symbols: [A] } ]", as: "less.yaml")
            let less = try await scene.madang("strategy", "load", "less.yaml", "--dry-run")
            #expect(less.output.first == "changed mover: symbols all -> A", "\(less.errorText)")
            host.send(signal: SIGTERM)
            _ = try await host.outcome()
        }

        /// A second server that came later would not hear of the change: said in plain words, and nothing is lost.
        @Test func aStandbyThatComesLaterHasToWait() async throws {
            let scene = try Scene(
                Self.paced([SceneConfiguration.server("mover", "mover.py")]), ticks: Self.ticks)
            let host = try await scene.start("run", "--json")
            _ = try await heard(host, of: "A")
            _ = try await move(scene, "B,C")
            host.send(signal: SIGKILL)
            _ = try await host.outcome()

            let standby = "standby: { launch: [\(Place.python), \(Place.servers)/mover.py] }"
            let later = Self.paced([SceneConfiguration.server("mover", "mover.py", standby)])
            try scene.folder.write(later.text, as: "madang.yaml")
            let refused = try await scene.madang("run", "--json")
            #expect(refused.exit != .code(0))
            #expect(
                refused.errorText.contains(
                    "'mover' has a standby now, and its symbols were changed in this run")
                    && refused.errorText.contains("take the standby out until the next run"),
                "\(refused.errorText)")

            let before = Self.paced([SceneConfiguration.server("mover", "mover.py")])
            try scene.folder.write(before.text, as: "madang.yaml")
            let again = try await scene.start("run", "--json")
            _ = try await heard(again, of: "C")
            again.send(signal: SIGTERM)
            _ = try await again.outcome()
        }
    }
}
