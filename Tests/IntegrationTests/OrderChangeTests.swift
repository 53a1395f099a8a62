import Foundation
import Glibc
import Ports
import TestKit
import Testing

extension PacedTests {
    /// `madang order modify` of a host at work, at a broker of its own process: the order there is what was asked for,
    /// and so it is in tables, ledger and replay, behind a crash too (R8.8).
    @Suite struct OrderChangeTests {
        struct Mode: Sendable, CustomTestStringConvertible {
            let testDescription: String
            var arguments: [String] = []
            /// In the host's configuration.
            var broker = ""
            /// What becomes of the first change on its way.
            var fault: String?
        }
        private struct Listed: Decodable {
            let order: UInt64
            let quantity: String
            let limit: String?
        }
        static let modes = [
            Mode(testDescription: "the same number"),
            Mode(
                testDescription: "a new number", arguments: ["--changes", "new"],
                broker: "changes: new"),
            Mode(testDescription: "its answer is lost", fault: "lose_reply"),
            Mode(
                testDescription: "a new number, and its answer is lost",
                arguments: ["--changes", "new"], broker: "changes: new", fault: "lose_reply"),
        ]

        private static func scene(_ venue: Venue, _ mode: Mode) throws -> Scene {
            var configuration = SceneConfiguration()
            configuration.speed = "300x"
            configuration.account = "{ id: demo, broker: sim, currency: KRW, cash: 200000000 }"
            configuration.broker = venue.broker(mode.broker)
            configuration.strategies = [SceneConfiguration.server("resting", "resting.py")]
            // About 25 ms from tick to tick, for longer than the test takes.
            return try Scene(configuration, ticks: SampleTicks(count: 4_000, pause: 7_500_000_000))
        }
        private func madang(_ scene: Scene, _ words: String...) async throws -> Program.Outcome {
            try await scene.madang(words, environment: Venue.environment)
        }
        /// Until the broker has the order there is nothing to change.
        private func modify(_ scene: Scene, _ words: String...) async throws -> Program.Outcome {
            for _ in 0..<200 {
                let outcome = try await scene.madang(
                    ["order", "modify", "1"] + words, environment: Venue.environment)
                let waits = ["is not open", "try again", "is unknown"]
                guard waits.contains(where: { outcome.errorText.contains($0) }) else {
                    return outcome
                }
            }
            throw Program.Failure(description: "order 1 never can be changed")
        }
        private func listed(_ scene: Scene) async throws -> Listed? {
            try await madang(scene, "order", "list", "--json").output
                .map { try JSONDecoder().decode(Listed.self, from: Data($0.utf8)) }
                .first { $0.order == 1 }
        }

        @Test(arguments: modes)
        func theOrderIsWhatWasAskedFor(_ mode: Mode) async throws {
            let venue = try await Venue(mode.arguments)
            if let fault = mode.fault { try await venue.fault("modify", fault) }
            let scene = try Self.scene(venue, mode)
            let host = try await scene.start("run", "--json", environment: Venue.environment)
            _ = try await host.line("a start") { $0.contains("\"event\":\"started\"") }

            let first = try await modify(scene, "--price", "200", "--quantity", "3")
            #expect(first.exit == .code(0), "\(first.errorText)")
            #expect(first.output.first?.contains("order 1 is to be 3 @ 200") == true)
            _ = try await host.line("the change") { $0.contains("order 1 is 3 @ 200 now, as") }
            let there = try await venue.orders().filter { $0.quantity == "3" }
            #expect(there.count == 1 && there.first?.state == "working", "\(there)")
            let row = try #require(try await listed(scene))
            #expect(row.quantity == "3" && row.limit == "200")
            let same = try await madang(scene, "order", "modify", "1", "--price", "200")
            #expect(same.exit == .code(1))
            #expect(same.errorText.contains("is 3 @ 200 already"), "\(same.errorText)")
            let odd = try await madang(scene, "order", "modify", "1", "--price", "2001.5")
            #expect(odd.exit == .code(1) && odd.errorText.contains("between the steps"))
            host.send(signal: SIGKILL)
            #expect(try await host.outcome().exit == .signal(SIGKILL))

            // Behind the crash it is the same order still, under whatever number, and can be changed again.
            let again = try await scene.start("run", "--json", environment: Venue.environment)
            _ = try await again.line("a start") { $0.contains("\"event\":\"started\"") }
            let second = try await modify(scene, "--quantity", "2")
            #expect(second.exit == .code(0), "\(second.errorText)")
            _ = try await again.line("the change") { $0.contains("order 1 is 2 @ 200 now, as") }
            again.send(signal: SIGKILL)
            _ = try await again.outcome()
            let orders = try await venue.orders()
            #expect(orders.filter { $0.quantity == "2" }.count == 1, "\(orders)")
            #expect(!orders.contains { $0.quantity == "3" })
            let rebuilt = try await madang(scene, "ledger", "verify")
            #expect(rebuilt.exit == .code(0), "\(rebuilt.output) \(rebuilt.errorText)")
            let replay = try await madang(scene, "log", "replay")
            #expect(replay.output.last == "0 differences", "\(replay.output) \(replay.errorText)")
        }
    }
}
