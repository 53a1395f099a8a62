import Foundation
import Platform
import Ports
import Testing

extension PacedTests {
    /// `madang exits`: heard by a run in hand, kept over a crash, refused in words.
    @Suite struct ExitsTests {
        private static func scene() throws -> Scene {
            var configuration = SceneConfiguration.plain
            configuration.speed = "300x"
            configuration.more = [
                "exits: { tiers: [\"-0.1% all\", \"+0.1% half\", \"+0.2% rest\"] }"
            ]
            // About 25 ms from tick to tick.
            return try Scene(configuration, ticks: SampleTicks(count: 800, pause: 7_500_000_000))
        }

        @Test func whatIsHeldIsHeldOverACrash() async throws {
            let scene = try Self.scene()
            let host = try await scene.start("run", "--json")
            _ = try await host.line("a guard") { $0.contains("guarded from") }
            let hold = try await scene.madang("exits", "hold", "--reason", "election")
            #expect(hold.exit == .code(0), "\(hold.errorText)")
            #expect(hold.output == ["exits are held: nothing fires until 'madang exits release'"])
            let told = try await host.line("the hold") { $0.contains("exits are held") }
            #expect(told.text.contains("election"))
            let stranger = try await scene.madang("exits", "believe", "NOBODY")
            #expect(stranger.exit == .code(1))
            #expect(stranger.errorText.contains("the run has no symbol 'NOBODY'"))
            host.send(signal: SIGKILL)
            _ = try await host.outcome()
            #expect(!host.output[told.index...].contains { $0.contains(" fired at ") })

            let gone = try await scene.madang("exits", "release")
            #expect(gone.exit == .code(1))
            #expect(gone.errorText.contains("no host runs in"))
            let again = try await scene.start("run", "--json")
            _ = try await again.line("a line") { !$0.isEmpty }
            let second = try await scene.madang("exits", "hold")
            #expect(second.errorText.contains("exits are held already"))
            #expect(!again.output.contains { $0.contains(" fired at ") })
            let release = try await scene.madang("exits", "release", "--json")
            #expect(release.exit == .code(0), "\(release.errorText)")
            let free = try await again.line("the release") { $0.contains("exits are free again") }
            _ = try await again.line(from: free.index, "an exit") { $0.contains(" fired at ") }
            again.send(signal: SIGTERM)
            #expect(try await again.outcome().exit == .code(6))
            let rows = try await scene.query(
                "select rule, detail from risk_events where code = 'EXIT' and rule in ('held', 'released')"
                    + " order by record")
            #expect(rows.map(\.first) == ["held", "released"])
        }

        @Test(arguments: [
            ["split", "KR0001", "2"], ["split", "KR0001", "1:1"], ["split", "KR0001", "0:1"],
        ])
        func whatIsNoSplitIsRefusedBeforeAnybodyIsAsked(_ words: [String]) async throws {
            let scene = try Scene(.plain, ticks: SampleTicks(count: 10))
            let outcome = try await scene.madang(["exits"] + words)
            #expect(outcome.exit == .code(2))
            #expect(outcome.errorText.contains("write NEW:OLD"))
        }
    }
}
