import Platform
import Ports
import Testing

extension PacedTests {
    /// Servers that break the contract: one clear message each, a documented end, no trap, no hang.
    @Suite struct MisbehavingServerTests {
        struct Case: Sendable, CustomTestStringConvertible {
            let manner: String
            let exit: Int32
            /// What the one message says.
            let words: [String]
            var testDescription: String { manner }
            init(_ manner: String, _ exit: Int32, _ words: String...) {
                self.manner = manner
                self.exit = exit
                self.words = words
            }
        }
        static let ticks = SampleTicks(count: 400)

        static func configuration(_ manner: String, speed: String = "max") -> SceneConfiguration {
            var configuration = SceneConfiguration.plain
            configuration.speed = speed
            configuration.strategies.append(
                "{ name: bad, kind: server, quantity: 10, start_within: 3s, launch:"
                    + " [\(Place.python), \(Place.servers)/misbehaving.py, \"\(manner)\"] }")
            configuration.more = ["run: { patience: 3s }"]
            return configuration
        }

        /// One that ends while it is connected to looks like one that wants TLS: it is tried again.
        @Test func aConnectionThatIsClosedUnheardIsTriedAgain() async throws {
            var configuration = SceneConfiguration.plain
            configuration.strategies.append(SceneConfiguration.server("fickle", "fickle.py"))
            let scene = try Scene(configuration, ticks: Self.ticks)
            let outcome = try await scene.madang("run", "--json")
            #expect(outcome.exit == .code(0), "\(outcome.errorText)")
            #expect(try outcome.summary().source("fickle").results == 400)
        }

        /// One bad result is refused by name, and the run goes on with the good ones.
        @Test(arguments: [
            Case("instrument", 0, "1 result refused: instrument number 99; the session has 4"),
            Case("future", 0, "1 result refused: position", "is beyond", "the last event sent"),
            Case("size", 0, "1 result refused: quantity is -500000000; it must be positive"),
            Case(
                "confidence", 0, "1 result refused: confidence is 2000000; it must be 0 to 1000000"),
            Case("action", 0, "1 result refused: action is missing"),
        ])
        func oneBadResultIsRefusedByName(_ one: Case) async throws {
            let outcome = try await run(one.manner)
            #expect(outcome.exit == .code(0))
            #expect(outcome.errors == [])
            let warnings = try outcome.lines().filter { $0.event == "warning" }
            #expect(warnings.count == 1)
            let text = warnings.first?.text ?? ""
            for word in ["GR033 bad: "] + one.words { #expect(text.contains(word)) }
            let summary = try outcome.summary()
            #expect(summary.source("bad").failures == 1)
            #expect(summary.source("bad").results == 4)
            #expect(summary.source("cross").results > 20)
        }

        /// What leaves nothing to wait for ends a run as fast as possible: code 7, and it can be gone on with.
        @Test(arguments: [
            Case("revision", 7, "it speaks protocol 3, this host speaks 1", "newer SDK"),
            Case("garbage described", 7, "no message of the contract", "DescribeResponse"),
            Case("no inputs", 7, "it asks for no inputs"),
            Case("describe hangs", 7, "it does not answer"),
            Case("instrument always", 7, "eight messages in a row", "instrument number 99"),
            Case("flood", 7, "eight messages in a row", "more than 64 results for one event"),
            Case("flood at once", 7, "it sent a message that is too large"),
            Case("silent", 7, "no answer to event 1.0 for 3 s; it is hung", "run.patience"),
            Case("never ready", 7, "no answer to event 1.0 for 3 s", "run.patience"),
            Case("closes", 7, "failed 5 times in a row: the server ended the session"),
            Case("aborts", 7, "the model file is missing: train it first"),
            Case("garbage", 7, "no message of the contract", "ServerMessage", "docs/PROTOCOL.md"),
            Case("epoch", 7, "its Ready is for epoch", "docs/PROTOCOL.md"),
            Case("build", 7, "another build answers"),
            Case("ahead", 7, "it stands at event 0.1, beyond 0.0"),
            Case("beyond", 7, "its watermark", "is beyond", "the last event sent"),
            Case("backwards", 7, "its watermark went back"),
            Case("ready twice", 7, "it sent Ready twice"),
        ])
        func aRunThatWaitsForItEndsWithItsReason(_ one: Case) async throws {
            let outcome = try await run(one.manner)
            #expect(outcome.exit == .code(one.exit))
            let text = outcome.errorText
            #expect(text.hasPrefix("strategy server 'bad' at unix:"))
            for word in one.words { #expect(text.contains(word), "\(text)") }
            #expect(outcome.errors.count <= 3, "\(text)")
            let begun = !outcome.output.isEmpty
            #expect(text.contains("start it again to go on from there") == begun)
            let warnings = try outcome.lines().filter { $0.event == "warning" }
            #expect(warnings.count <= 2, "told again and again: \(warnings.compactMap(\.text))")
        }

        /// It dies at every connection, and is started again until the run's patience is over.
        @Test func oneThatDiesAgainAndAgainEndsTheRun() async throws {
            let outcome = try await run("dies")
            #expect(outcome.exit == .code(7))
            #expect(outcome.errorText.hasPrefix("strategy server 'bad' at unix:"))
            let ends = try outcome.lines().filter {
                $0.text == "bad| the process ended with code 3"
            }
            #expect(ends.count >= 2)
        }

        /// At a pace nobody waits: the others go on as if it were not there.
        @Test(arguments: [
            Case("flood", 0, "bad quarantined: eight messages in a row"),
            Case("beyond", 0, "bad quarantined: 3 breaks in ", "the last: its watermark"),
            Case("garbage", 0, "bad quarantined: it sent what is no message of the contract"),
            Case("closes", 0, "bad down: the server ended the session"),
            Case("dies", 0, "bad down: "),
            Case("silent", 0, "bad hung: no answer for"),
            Case("never ready", 0, "bad connecting"),
        ])
        func atAPaceTheOthersGoOn(_ one: Case) async throws {
            let scene = try Scene(
                Self.configuration(one.manner, speed: "300x"), ticks: Self.ticks)
            let outcome = try await scene.madang("run", "--json")
            #expect(outcome.exit == .code(0))
            #expect(outcome.errors == [])
            let told = try outcome.lines().filter { $0.source == "bad" }.compactMap(\.text)
            for word in one.words { #expect(told.contains { $0.contains(word) }, "\(told)") }
            let summary = try outcome.summary()
            #expect(summary.end == "finished")
            #expect(summary.ticks == Self.ticks.count)
            #expect(summary.source("cross").results > 20)
            #expect(summary.source("cross").late == 0)
            #expect(summary.source("cross").used > 10)
        }

        @Test func notANumberIsNamedWhereItWasMade() async throws {
            var configuration = SceneConfiguration.plain
            configuration.strategies.append(
                SceneConfiguration.server("teller", "teller.py", "parameters: { value: nan }"))
            let scene = try Scene(configuration, ticks: SampleTicks(count: 20))
            let outcome = try await scene.madang("run", "--json")
            #expect(outcome.exit == .code(0))
            let texts = try outcome.lines().filter { $0.source == "teller" }.compactMap(\.text)
            #expect(
                texts.contains { $0.contains("failed at event 1.0") && $0.contains("confidence") })
            let summary = try outcome.summary()
            #expect(summary.source("teller").results == 0)
            #expect(summary.source("teller").failures > 0)
        }

        @Test func aServerThatCannotStartEndsTheRunWithWhatItPrinted() async throws {
            var configuration = SceneConfiguration.plain
            configuration.strategies.append(SceneConfiguration.server("bad", "/no/such/file.py"))
            let scene = try Scene(configuration, ticks: SampleTicks(count: 20))
            let outcome = try await scene.madang("run", "--json")
            #expect(outcome.exit == .code(7))
            #expect(outcome.errorText.contains("its process ended with code 2"))
            #expect(outcome.errorText.contains("No such file or directory"))
            configuration.strategies[1] =
                "{ name: bad, kind: server, launch: [no-such-program], quantity: 1 }"
            let other = try Scene(configuration, ticks: SampleTicks(count: 20))
            let second = try await other.madang("run", "--json")
            #expect(second.exit == .code(7))
            #expect(second.errorText.contains("cannot start 'no-such-program'"))
        }

        private func run(_ manner: String) async throws -> Program.Outcome {
            try await Scene(Self.configuration(manner), ticks: Self.ticks).madang("run", "--json")
        }
    }
}
