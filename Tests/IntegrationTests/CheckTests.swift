import Foundation
import Platform
import Testing

extension IntegrationTests {
    /// `madang strategy check`, as an author's CI calls it.
    @Suite struct CheckTests {
        private static let example = Place.root + "/examples/momentum_ticks.py"
        private struct Line: Decodable {
            let check, verdict, sent, came, why, next, contract, chapter: String
        }

        private func check(
            _ words: [String], environment: [String: String] = [:]
        ) async throws -> Program.Outcome {
            try await Program.start(
                [Place.madang, "strategy", "check"] + words, environment: environment
            ).outcome()
        }

        @Test func aSoundServerEndsWithNothingWrong() async throws {
            let outcome = try await check(["--launch", Place.python, Self.example])
            #expect(outcome.exit == .code(0), "\(outcome.output)")
            #expect(outcome.output.last == "nothing is wrong")
            #expect(outcome.errors == [])
            #expect(outcome.output.count { $0.hasPrefix("good   ") } >= 85)
            #expect(!outcome.output.joined().contains("\u{1B}"))
            // What does not apply is said, with what to do.
            let silent = try #require(
                outcome.output.firstIndex { $0.contains("warm-up-silent") })
            #expect(outcome.output[silent].contains("not applicable: no input of it wants"))
            #expect(outcome.output[silent + 1].contains("-> give Input.warm_up"))
        }

        @Test func aBrokenServerIsNamedWithTheContract() async throws {
            let script = try TemporaryFolder()
            let strategy = """
                import random
                from madang import Strategy, buy, serve

                class Dice(Strategy):
                    inputs = ("ticks",)
                    def on_tick(self, tick):
                        if random.random() < 0.5:
                            return buy()

                serve(Dice)
                """
            try script.write(strategy, as: "dice.py")
            let words = [
                "--only", "same-again", "--only", "session-opens", "--json", "--launch",
                Place.python, script.path + "/dice.py",
            ]
            let outcome = try await check(words)
            #expect(outcome.exit == .code(7), "\(outcome.output) \(outcome.errorText)")
            let decoder = JSONDecoder()
            let lines = try outcome.output.map {
                try decoder.decode(Line.self, from: Data($0.utf8))
            }
            #expect(lines.map(\.check) == ["session-opens", "same-again"])
            #expect(lines.map(\.verdict) == ["good", "wrong"])
            #expect(lines.last?.came.contains("with the same run again") == true)
            #expect(lines.last?.chapter == "Events")
            let told = try await check(words.filter { $0 != "--json" })
            #expect(told.output.contains { $0.hasPrefix("WRONG  same-again") })
            #expect(told.output.contains { $0.contains("the contract: The same name, version") })
            #expect(told.output.last == "1 thing is wrong: same-again")
        }

        @Test func aServerThatRunsIsAskedAtItsAddress() async throws {
            let folder = try TemporaryFolder()
            let address = "unix:\(folder.path)/s.sock"
            let server = try await Program.start(
                [Place.python, Self.example], environment: ["MADANG_ADDRESS": address])
            defer { server.send(signal: 15) }
            let outcome = try await check([
                address, "--only", "resume-goes-on", "--only", "stale-socket",
            ])
            #expect(outcome.exit == .code(0), "\(outcome.output) \(outcome.errorText)")
            #expect(outcome.output.first?.hasPrefix("good   resume-goes-on") == true)
            #expect(outcome.output.contains { $0.contains("let the checks start it: --launch") })
        }

        @Test func theListNamesEveryCheck() async throws {
            let plain = try await check(["--list"])
            let lines = try await check(["--list", "--json"])
            #expect(plain.exit == .code(0) && lines.exit == .code(0))
            #expect(plain.output.count == lines.output.count && lines.output.count >= 100)
            for line in lines.output {
                let keys = try JSONDecoder().decode([String: String].self, from: Data(line.utf8))
                #expect(keys.keys.sorted() == ["asks", "chapter", "group", "name"])
                #expect(plain.output.contains { $0.hasPrefix(keys["name"] ?? "-") })
            }
        }

        @Test func whatMakesNoSenseIsTold() async throws {
            for (words, code, text) in [
                ([], 2, "give an ADDRESS, or --launch CMD..."),
                (["elsewhere"], 2, "'elsewhere' is neither unix:PATH nor HOST:PORT"),
                (["192.0.2.1:50051"], 2, "is beyond this machine"),
                (["--only", "same-agian", "unix:/s"], 2, "did you mean 'same-again'?"),
                (["--set", "length", "unix:/s"], 2, "'length' is no NAME=VALUE"),
                (["--launch", "/nowhere/server"], 7, "/nowhere/server"),
                (["--launch", "sh", "-c", "echo no weights; exit 3"], 7, "no weights"),
                (["127.0.0.1:9"], 7, "start it, or let the checks start it"),
            ] as [([String], Int32, String)] {
                let outcome = try await check(words)
                #expect(outcome.exit == .code(code), "\(words): \(outcome.errorText)")
                #expect(outcome.errorText.contains(text), "\(words): \(outcome.errorText)")
            }
        }

        /// Nothing that was started is left behind.
        @Test func aSignalEndsTheServerToo() async throws {
            let folder = try TemporaryFolder()
            let note = folder.path + "/pid"
            let program = try await Program.start([
                Place.madang, "strategy", "check", "--launch", "sh", "-c",
                "echo $$ > \(note); exec sleep 60",
            ])
            var id: Int32?
            while id == nil {
                let text = (try? String(contentsOfFile: note, encoding: .utf8)) ?? ""
                id = Int32(text.trimmingCharacters(in: .whitespacesAndNewlines))
                await Task.yield()
            }
            program.send(signal: 15)
            #expect(try await program.outcome().exit == .code(6))
            #expect(try kill(#require(id), 0) == -1)
        }
    }
}
