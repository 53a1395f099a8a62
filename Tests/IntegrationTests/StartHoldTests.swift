import Foundation
import Glibc
import Platform
import Ports
import TestKit
import Testing

extension PacedTests {
    /// A run that begins does not buy a second time what one before it left at the broker.
    @Suite struct StartHoldTests {
        private static func configuration(_ venue: Venue, _ more: String = "") -> SceneConfiguration
        {
            var configuration = SceneConfiguration()
            configuration.speed = "300x"
            configuration.account = "{ id: demo, broker: sim, currency: KRW, cash: 200000000 }"
            configuration.broker = venue.broker("reconcile_every: 200ms" + more)
            configuration.rules = [
                "{ name: once, when: \"price > 0\", then: buy, on: ticks, quantity: 10,"
                    + " symbols: [A, B] }"
            ]
            return configuration
        }
        private static func scene(_ venue: Venue, _ more: String = "") throws -> Scene {
            // About 25 ms from tick to tick.
            try Scene(
                configuration(venue, more),
                ticks: SampleTicks(count: 4_000, pause: 7_500_000_000))
        }
        /// Of a run that ended with ten A at the broker, and nothing of B.
        private static func holding(_ venue: Venue) async throws {
            var before = configuration(venue)
            before.rules = [
                "{ name: before, when: \"price > 0\", then: buy, on: ticks, quantity: 10,"
                    + " symbols: [A] }"
            ]
            let scene = try Scene(
                before, ticks: SampleTicks(count: 4_000, pause: 7_500_000_000))
            let host = try await scene.start("run", "--json", environment: Venue.environment)
            _ = try await host.line("a fill") { $0.contains("filled BUY 10 A ") }
            host.send(signal: SIGTERM)
            let left = "1 position stays open, guarded by nobody meanwhile"
            let ended = try await host.outcome()
            #expect(ended.output.contains { $0.contains(left) }, "\(ended.output)")
        }

        @Test func whatARunBeforeHoldsIsBoughtNoSecondTime() async throws {
            let venue = try await Venue([])
            try await Self.holding(venue)
            let scene = try Self.scene(venue)
            let host = try await scene.start("run", "--json", environment: Venue.environment)
            // Of the other symbol both sides say the same.
            _ = try await host.line("a fill") { $0.contains("filled BUY 10 B ") }
            let told = try await host.line("the difference") { $0.contains("A: the books hold 0") }
            #expect(told.text.contains("FS049") && told.text.contains("sim says 10"))
            #expect(told.text.contains("nothing opens in it"), "\(told.text)")
            _ = try await host.line("a refusal") { $0.contains("do not hold what") }
            #expect(try await venue.held()["A"] == "10")

            let done = try await scene.madang(
                ["positions", "correct", "A", "--reason", "from the run before"],
                environment: Venue.environment)
            #expect(done.exit == .code(0), "\(done.errorText)")
            _ = try await host.line("the correction") { $0.contains("FS049 corrected: A 0 -> 10") }
            host.send(signal: SIGTERM)
            let ended = try await host.outcome()
            #expect(!ended.output.contains { $0.contains("filled BUY 10 A ") }, "\(ended.output)")
            #expect(try await venue.held()["A"] == "10")
            let replay = try await scene.madang(["log", "replay"], environment: Venue.environment)
            #expect(replay.output.last == "0 differences", "\(replay.output) \(replay.errorText)")
        }

        /// A stop while a buy waits for the books to agree leaves it in the log without an end: the next start asks the broker
        /// for it, and it holds nothing of what the start compares.
        @Test func aBuyThatWaitedAtAStopIsNotSentByTheNextStart() async throws {
            let venue = try await Venue([])
            try await Self.holding(venue)
            var patient = Self.configuration(venue)
            patient.broker = patient.broker.replacing("doubt_over: 300ms", with: "doubt_over: 3s")
            let scene = try Scene(
                patient, ticks: SampleTicks(count: 4_000, pause: 7_500_000_000))
            func orders() async throws -> [[String]] {
                try await scene.query("select state from orders where symbol = 'A' order by number")
            }
            let host = try await scene.start("run", "--json", environment: Venue.environment)
            _ = try await host.line("an order") { $0.contains("BUY 10 A ") }
            host.send(signal: SIGTERM)
            _ = try await host.outcome()
            let waited = try await orders()
            #expect(waited == [["pending"]], "\(waited)")

            let again = try await scene.start("run", "--json", environment: Venue.environment)
            let told = try await again.line("the difference") { $0.contains("A: the books hold 0") }
            #expect(told.text.contains("sim says 10"), "\(told.text)")
            again.send(signal: SIGTERM)
            let ended = try await again.outcome()
            #expect(!ended.output.contains { $0.contains("filled BUY 10 A ") }, "\(ended.output)")
            #expect(try await orders().first == ["failed"])
            #expect(try await venue.held()["A"] == "10")
            let replay = try await scene.madang(["log", "replay"], environment: Venue.environment)
            #expect(replay.output.last == "0 differences", "\(replay.output) \(replay.errorText)")
        }

        @Test func whatTheConfigurationTakesIntoTheBooksOpensAgain() async throws {
            let venue = try await Venue([])
            try await Self.holding(venue)
            let scene = try Self.scene(venue, ", correct: positions")
            let host = try await scene.start("run", "--json", environment: Venue.environment)
            _ = try await host.line("the correction") { $0.contains("FS049 corrected: A 0 -> 10") }
            _ = try await host.line("a fill") { $0.contains("filled BUY 10 B ") }
            host.send(signal: SIGTERM)
            let ended = try await host.outcome()
            #expect(!ended.output.contains { $0.contains("filled BUY 10 A ") }, "\(ended.output)")
        }

        /// How a broker is dealt with makes no other run: what is held stays in its books.
        @Test func aRunGoesOnWithAnotherPatience() async throws {
            let venue = try await Venue([])
            try await Self.holding(venue)
            let scene = try Self.scene(venue)
            let host = try await scene.start("run", "--json", environment: Venue.environment)
            _ = try await host.line("a refusal") { $0.contains("do not hold what") }
            host.send(signal: SIGTERM)
            _ = try await host.outcome()
            var other = Self.configuration(venue)
            other.broker = venue.broker("at_start: open").replacing("rate: 2000", with: "rate: 900")
            try scene.folder.write(other.text, as: "madang.yaml")
            let again = try await scene.start("run", "--json", environment: Venue.environment)
            let started = try await again.line("a start") { $0.contains("\"event\":\"started\"") }
            #expect(try RunLine(started.text).resumedAt ?? 0 > 0, "\(started.text)")
            // It is told all the same, and says of nothing that it waits.
            let told = try await again.line("the difference") { $0.contains("A: the books hold 0") }
            #expect(!told.text.contains("nothing opens"), "\(told.text)")
            again.send(signal: SIGTERM)
            _ = try await again.outcome()
        }
    }
}
