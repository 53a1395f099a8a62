import Foundation
import Glibc
import Platform
import Ports
import Testing

extension PacedTests {
    /// R4.3: a host that is killed while a server owes it answers: what was sent is sent again, and answered once.
    @Suite struct ResumeTests {
        struct Case: Sendable, CustomTestStringConvertible {
            /// Results before the server falls silent; 0: it never answered.
            let answers: Int
            var more = ""
            /// The first process behind the kill ends in its history.
            var breaks = false
            var testDescription: String {
                "\(answers) answers\(more.isEmpty ? "" : ", \(more)")\(breaks ? ", broken" : "")"
            }
        }
        private static let ticks = 200

        /// About 25 ms from tick to tick.
        private static func scene(_ speed: String, _ more: String) throws -> Scene {
            var configuration = SceneConfiguration()
            configuration.speed = speed
            configuration.strategies = [
                SceneConfiguration.server("keeping", "keeping.py", more),
                SceneConfiguration.server("teller", "teller.py", "deadline: 10s"),
            ]
            configuration.more = ["arbiter: { policy: first }"]
            return try Scene(
                configuration, ticks: SampleTicks(count: ticks, pause: 7_500_000_000))
        }
        private static func said(_ scene: Scene) async throws -> [[String]] {
            try await scene.query(
                "SELECT position, symbol, message FROM signals WHERE source = 'keeping'"
                    + " ORDER BY position")
        }

        @Test(arguments: [
            Case(answers: 0), Case(answers: 0, more: "shards: 2"), Case(answers: 40),
            Case(answers: 40, breaks: true),
        ])
        func whatAServerOwesAKilledHostIsAskedAgain(_ test: Case) async throws {
            let undisturbed = try Self.scene("max", test.more)
            #expect(try await undisturbed.madang("run", "--json").exit == .code(0))
            let expected = try await Self.said(undisturbed)
            #expect(expected.count == Self.ticks)

            let files = try TemporaryFolder()
            let (hold, end) = ("\(files.path)/hold", "\(files.path)/break")
            let keys =
                "deadline: 10s, environment: { HOLD: \"\(hold)\", BREAK: \"\(end)\" }"
                + (test.more.isEmpty ? "" : ", \(test.more)")
            let scene = try Self.scene("300x", keys)
            if test.answers == 0 { try files.write("", as: "hold") }
            let host = try await scene.start("run", "--json")
            var last = 0
            for _ in 0..<test.answers {
                last =
                    try await host.line(from: last, "an answer") { $0.contains("keeping BUY") }
                    .index + 1
            }
            try files.write("", as: "hold")
            // The other one goes on: these steps are in the log.
            for _ in 0..<30 {
                last =
                    try await host.line(from: last, "the other") { $0.contains("teller BUY") }
                    .index + 1
            }
            host.send(signal: SIGKILL)
            #expect(try await host.outcome().exit == .signal(SIGKILL))
            unlink(hold)
            if test.breaks { try files.write("", as: "break") }

            let outcome = try await scene.madang("run", "--json")
            #expect(outcome.exit == .code(0), "\(outcome.errorText)")
            #expect((try outcome.resumedAt() ?? 0) > 10)
            #expect(access(end, F_OK) != 0)
            #expect(!outcome.output.contains { $0.contains("not deterministic") })
            #expect(!outcome.output.contains { $0.contains("it says nothing of what is in it") })
            #expect(try await Self.said(scene) == expected, "none lost, none twice, none another")
            let replay = try await scene.madang("log", "replay")
            #expect(replay.exit == .code(0) && replay.output.last == "0 differences")
        }
    }
}
