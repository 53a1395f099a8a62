import Foundation
import Platform
import Testing

extension IntegrationTests {
    /// What programs and people read: JSON by the line, secrets masked, colours where wanted.
    @Suite struct OutputTests {
        @Test func secretsAreMasked() async throws {
            var configuration = SceneConfiguration.plain
            configuration.strategies += [
                "{ name: a, kind: server, address: \"unix:a.sock\", token: \"${MADANG_TEST_TOKEN}\" }",
                "{ name: b, kind: server, address: \"unix:b.sock\", token: written-in-the-file }",
            ]
            let scene = try Scene(configuration)
            for words in [["config", "show"], ["config", "show", "--json"]] {
                let outcome = try await scene.madang(
                    words, environment: ["MADANG_TEST_TOKEN": "from-the-environment"])
                #expect(outcome.exit == .code(0))
                let text = outcome.output.joined(separator: "\n")
                #expect(text.contains("token") && text.contains("${MADANG_TEST_TOKEN}"))
                for secret in ["from-the-environment", "written-in-the-file"] {
                    #expect(!text.contains(secret) && !outcome.errorText.contains(secret))
                }
            }
            let outcome = try await scene.madang("config", "show")
            #expect(outcome.exit == .code(3), "a variable that is not set is an error")
            #expect(outcome.errorText.contains("MADANG_TEST_TOKEN"))
        }

        @Test func everyLineOfJSONIsAnObject() async throws {
            let scene = try Scene(.plain, ticks: SampleTicks(count: 500))
            for words in [
                ["run"], ["ledger"], ["orders"], ["positions"], ["why", "1"], ["doctor"],
                ["strategy", "list"], ["config", "check"], ["config", "show"],
                ["version"],
            ] {
                let outcome = try await scene.madang(words + ["--json"])
                #expect(outcome.exit == .code(0), "\(words)")
                #expect(outcome.output.count > 0 && outcome.errors == [], "\(words)")
                for line in outcome.output {
                    let value = try JSONSerialization.jsonObject(with: Data(line.utf8))
                    #expect(value is [String: Any], "\(words): \(line)")
                }
            }
        }

        /// What a program reads while a run goes on is what is booked.
        @Test func fillsOfARunAreThoseOfItsLedger() async throws {
            struct Row: Decodable, Equatable {
                var order: Int
                var account: String
                var symbol: String
                var side: String
                var quantity: String
                var price: String
                var fee: String
                var realised: String
                var position_after: String
            }
            func rows(_ lines: [String]) throws -> [Row] {
                try lines.map { try JSONDecoder().decode(Row.self, from: Data($0.utf8)) }
            }
            let scene = try Scene(.plain, ticks: SampleTicks(count: 2_000))
            let run = try await scene.madang("run", "--json")
            let fills = try rows(run.output.filter { $0.hasPrefix("{\"event\":\"fill\"") })
            #expect(fills.count > 5)
            #expect(try await rows(scene.madang("ledger", "--json").output) == fills)
            let quiet = try await scene.madang("run", "--json", "--quiet")
            #expect(quiet.output.count == 1 && quiet.output[0].hasPrefix("{\"event\":\"finished\""))
        }

        /// A folder may hold runs of several files: `-c` chooses whose are shown.
        @Test func runsAreThoseOfTheFileThatIsNamed() async throws {
            let scene = try Scene(.plain, ticks: SampleTicks(count: 500))
            var other = SceneConfiguration.plain
            other.strategies = []
            try scene.folder.write(other.text, as: "other.yaml")
            let first = try await scene.madang("run", "--json").summary()
            let second = try await scene.madang("run", "--json", "-c", "other.yaml").summary()
            #expect(first.run != second.run && first.fills > 0 && second.fills == 0)
            let fills = try await scene.madang("ledger", "--json").output
            #expect(fills.count == first.fills)
            #expect(try await scene.madang("ledger", "--json", "-c", "other.yaml").output == [])
            let named = try await scene.madang(
                "ledger", "--json", "-c", "other.yaml", "--run", first.run)
            #expect(named.output == fills)
            let kept = scene.path + "/.madang/runs/\(first.run)/configuration.yaml"
            #expect(try String(contentsOfFile: kept, encoding: .utf8).contains("ma_cross"))
        }

        @Test func strategiesAreListedWithTheirParameters() async throws {
            struct Listed: Decodable {
                struct Parameter: Decodable {
                    var name: String
                    var `default`: Double
                    var minimum: Double
                    var maximum: Double
                    var help: String
                }
                var name: String
                var parameters: [Parameter]
            }
            let outcome = try await Scene().madang("strategy", "list", "--json")
            let all = try outcome.output.map {
                try JSONDecoder().decode(Listed.self, from: Data($0.utf8))
            }
            #expect(all.map(\.name).contains("ma_cross") && all.map(\.name).contains("rsi"))
            for parameter in all.flatMap(\.parameters) {
                #expect(!parameter.help.isEmpty)
                #expect((parameter.minimum...parameter.maximum).contains(parameter.default))
            }
        }

        /// A terminal gets colours, unless NO_COLOR is set; a pipe never does.
        @Test(arguments: [true, false])
        func noColourWhereNoneIsWanted(_ isColoured: Bool) async throws {
            let scene = try Scene(.plain, ticks: SampleTicks(count: 200))
            let terminal = try await Program.start(
                ["script", "-qec", "\(Place.madang) run --plain", "/dev/null"], in: scene.path,
                environment: ["TERM": "xterm"].merging(isColoured ? [:] : ["NO_COLOR": "1"]) { $1 })
            let outcome = try await terminal.outcome()
            #expect(outcome.exit == .code(0))
            #expect(outcome.output.contains { $0.contains("\u{1B}[") } == isColoured)
            let piped = try await scene.madang("run")
            #expect(!piped.output.contains { $0.contains("\u{1B}") })
            #expect(piped.output.contains { $0.contains("filled") })
        }

        /// A reader that has seen enough harms nobody: the run goes to its end, and is in the store.
        @Test func aReaderThatGoesAwayHarmsNobody() async throws {
            let scene = try Scene(.plain, ticks: SampleTicks(count: 4_000))
            for command in ["run --json", "run", "ledger --json", "strategy list --json"] {
                let shell = try await Program.start(
                    [
                        "bash", "-c", "\"$0\" \(command) | head -1; echo ${PIPESTATUS[0]}",
                        Place.madang,
                    ],
                    in: scene.path)
                let outcome = try await shell.outcome()
                #expect(outcome.output.count == 2)
                #expect(outcome.output.last == "0", "\(command): \(outcome.errorText)")
                #expect(outcome.errors == [])
            }
            let runs = try await scene.query("SELECT count(*) FROM runs WHERE finished IS NOT NULL")
            #expect(runs == [["2"]])
        }
    }
}
