import Foundation
import Glibc
import Ports
import TestKit
import Testing

extension PacedTests {
    /// A doubt, a person's word on it, and its end, as `madang order` and `madang why` show them.
    @Suite struct DoubtShownTests {
        private func madang(_ scene: Scene, _ words: String...) async throws -> Program.Outcome {
            try await scene.madang(words, environment: Venue.environment)
        }
        /// Until the tables have it: they follow the log within moments.
        private func until(
            _ scene: Scene, _ words: [String], has what: String
        ) async throws -> Program.Outcome {
            var outcome = try await scene.madang(words, environment: Venue.environment)
            for _ in 0..<50 where !outcome.output.contains(where: { $0.contains(what) }) {
                outcome = try await scene.madang(words, environment: Venue.environment)
            }
            return outcome
        }

        @Test func aPersonsWordIsShownWhileTheBrokerIsAsked() async throws {
            let venue = try await Venue([])
            try await venue.fault("place", "lose_request")
            try await venue.fault("question", "error_before", #","chance":1000000"#)
            // Nothing that is asked has an answer: what opens would wait for that.
            let scene = try Scene.buyingOnce("A", at: venue, "at_start: open")
            let host = try await scene.start("run", "--json", environment: Venue.environment)
            _ = try await host.line("a doubt") { $0.contains("order 1 is in doubt: ") }

            for nothing in ["", "  "] {
                let refused = try await madang(scene, "order", "resolve", "1", "--as", nothing)
                #expect(refused.exit == .code(2))
                #expect(
                    refused.errorText.contains("--as '\(nothing)' names no order of the broker"),
                    "\(refused.errorText)")
            }
            let asked = try await madang(scene, "order", "resolve", "1", "--as", "zzz")
            #expect(asked.exit == .code(0), "\(asked.errorText)")
            #expect(
                asked.output.first?.contains("is being asked whether order 1 is zzz: a yes")
                    == true,
                "\(asked.output)")
            let claim = "a person says that order 1 is zzz: the broker is asked for that"
            let list = try await until(scene, ["order", "list"], has: claim)
            #expect(
                list.output.contains { $0.contains("in doubt") && $0.contains(claim) },
                "\(list.output)")
            let again = try await madang(scene, "order", "resolve", "1", "--as", "yyy")
            #expect(
                again.output.first?.contains("is yyy, and no longer whether it is zzz") == true,
                "\(again.output)")

            // The broker answers again: it knows neither that number nor the order.
            try await venue.control("clear", "{}")
            _ = try await host.line("a no") { $0.contains("stays in doubt, for it is not yyy") }
            _ = try await host.line("its end") { $0.contains("order 1 is known again: ") }
            let why = try await until(scene, ["why", "1"], has: "known again")
            let told = why.output.filter { $0.contains("FS042 ") }
            #expect(told.first?.contains("told") == true, "\(why.output)")
            #expect(told.first?.contains("FS042 order 1 is in doubt: ") == true, "\(told)")
            #expect(told.contains { $0.contains(claim) }, "\(told)")
            #expect(told.contains { $0.contains("order 1 is known again: ") }, "\(told)")
            #expect(!told.contains { $0.contains("its outcome is unknown") }, "\(told)")
            let json = try await madang(scene, "why", "1", "--json")
            #expect(json.output.first?.contains("\"told\":[{") == true, "\(json.output)")
            host.send(signal: SIGTERM)
            _ = try await host.outcome()
        }
    }
}
