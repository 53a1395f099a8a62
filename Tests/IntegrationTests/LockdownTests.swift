import Foundation
import Glibc
import Ports
import TestKit
import Testing

extension PacedTests {
    /// A lockdown outlives the host, so whoever asks why nothing opens is told of it, before a restart and behind it.
    @Suite struct LockdownTests {
        private func madang(_ scene: Scene, _ words: String...) async throws -> Program.Outcome {
            try await scene.madang(words, environment: Venue.environment)
        }

        @Test func itIsShownAndToldUntilItIsReleased() async throws {
            let venue = try await Venue([])
            try await venue.fault("place", "error_before", #","count":20"#)
            let scene = try Scene.buyingOnce("A, B, C, D", at: venue)
            let host = try await scene.start("run", "--json", environment: Venue.environment)
            _ = try await host.line("a lockdown") { $0.contains("is locked down at") }
            let what = "account 'demo' is locked down at sim, nothing opens"
            let way = "madang account release demo"
            func isTold(_ outcome: Program.Outcome) -> Bool {
                outcome.output.contains {
                    $0.contains("\(what): 3 failures in a row") && $0.contains("(since 2024-01-02")
                        && $0.hasSuffix("; \(way) ends it")
                }
            }
            for words in [["order", "list"], ["risk", "show"]] {
                let told = try await scene.madang(words, environment: Venue.environment)
                #expect(isTold(told), "\(words): \(told.output) \(told.errorText)")
            }
            let json = try await madang(scene, "risk", "show", "--json")
            #expect(
                json.output.first?.contains("\"wayOut\":\"\(way)\"") == true, "\(json.output)")
            let doctor = try await madang(scene, "doctor")
            let at = doctor.output.firstIndex { $0.contains("\(what), since 2024-01-02") }
            #expect(at.map { doctor.output[$0 + 1].contains(way) } == true, "\(doctor.output)")
            host.send(signal: SIGKILL)
            _ = try await host.outcome()

            let again = try await scene.start("run", "--json", environment: Venue.environment)
            let told = try await again.line("the lockdown") { $0.contains("before this start") }
            #expect(told.text.contains("\(what): 3 failures"), "\(told.text)")
            #expect(told.text.contains("\(way) ends it"), "\(told.text)")
            let release = try await madang(scene, "account", "release", "demo")
            #expect(release.exit == .code(0), "\(release.errorText)")
            // The tables follow the log within moments.
            var list = try await madang(scene, "order", "list")
            for _ in 0..<50 where list.output.contains(where: { $0.contains(what) }) {
                list = try await madang(scene, "order", "list")
            }
            #expect(!list.output.contains { $0.contains(what) }, "\(list.output)")
            // A lockdown is no kill: this lets go of nothing.
            let off = try await madang(scene, "kill", "--off")
            #expect(off.exit == .code(0))
            #expect(
                off.output.first?.hasSuffix("; nothing was stopped, so nothing ends") == true,
                "\(off.output)")
            again.send(signal: SIGTERM)
            _ = try await again.outcome()
        }
    }
}
