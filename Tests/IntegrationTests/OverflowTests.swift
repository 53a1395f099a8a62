import Platform
import Ports
import Testing

extension PacedTests {
    /// A server that takes 20 ms for each tick, where one comes every 2 ms: what it cannot hear is left
    /// out by its policy and told, what it says is as good as ever, and nobody else notices.
    @Suite struct OverflowTests {
        /// About 2 ms from tick to tick.
        static let ticks = SampleTicks(count: 1_500, pause: 600_000_000)

        private static func scene(_ overflow: String) throws -> Scene {
            var configuration = SceneConfiguration()
            configuration.speed = "300x"
            configuration.strategies = [
                SceneConfiguration.server(
                    "slow", "slow.py",
                    "deadline: 5s, queue: 64, credit: 8, overflow: \(overflow)"),
                SceneConfiguration.server("other", "teller.py", "deadline: 10s"),
            ]
            configuration.more = ["arbiter: { policy: first }"]
            return try Scene(configuration, ticks: ticks)
        }

        private static func signals(of name: String, in scene: Scene) async throws -> [[String]] {
            try await scene.query(
                "select position, symbol, action, reasons from signals where source = '\(name)'"
                    + " order by position")
        }

        /// What it says of each tick where all wait for it: the same, however long it takes.
        private static let peace = Task {
            var configuration = SceneConfiguration()
            configuration.strategies = [
                SceneConfiguration.server("slow", "slow.py", "environment: { PAUSE: \"0\" }")
            ]
            let scene = try Scene(configuration, ticks: ticks)
            let outcome = try await scene.madang("run", "--json")
            #expect(outcome.exit == .code(0), "\(outcome.errorText)")
            return Set(try await signals(of: "slow", in: scene))
        }

        @Test(arguments: [
            (
                "drop_oldest", "more than 64 events waited; the oldest were dropped"
            ),
            (
                "coalesce",
                "more than 64 events waited; the newest of each instrument and kind were kept"
            ),
        ])
        func whatItCannotHearIsLeftOutAndTold(_ overflow: String, _ reason: String) async throws {
            let scene = try Self.scene(overflow)
            let host = try await scene.start("run", "--json")
            _ = try await host.line("what the server was told") {
                $0.contains("slow| ") && $0.contains("host left out events ")
                    && $0.contains(reason)
            }
            let outcome = try await host.outcome()
            #expect(outcome.exit == .code(0), "\(outcome.errorText)")
            let told = try outcome.lines().filter {
                $0.event == "warning" && $0.text?.hasPrefix("GR034 slow: ") == true
            }
            #expect(told.count > 1)
            #expect(told.allSatisfy { $0.text?.hasSuffix(reason) == true })

            let summary = try outcome.summary()
            let (slow, other) = (summary.source("slow"), summary.source("other"))
            #expect(slow.failures == 0 && slow.results > 50)
            #expect(slow.results + (slow.leftOut ?? 0) <= 1_500)
            #expect((slow.leftOut ?? 0) > 750)
            #expect((other.results, other.late, other.leftOut) == (1_500, 0, nil))
            // Each of its results is what it says when nothing is left out.
            let signals = try await Self.signals(of: "slow", in: scene)
            #expect(signals.count == slow.results)
            let peace = try await Self.peace.value
            #expect(signals.filter { !peace.contains($0) } == [])
        }

        @Test func oneThatMayHaveNoGapsIsBrokenInstead() async throws {
            let scene = try Self.scene("disconnect")
            let host = try await scene.start("run", "--json")
            let down = try await host.line("the break") {
                $0.contains("slow down: overflow: more than 64 events waited")
                    && $0.contains("its overflow policy is 'disconnect'")
            }
            let live = try await host.line(from: down.index, "its life") {
                $0.contains("\"slow live: from step ")
            }
            _ = try await host.line(from: live.index, "a result") { $0.contains("slow BUY") }
            let outcome = try await host.outcome()
            #expect(outcome.exit == .code(0), "\(outcome.errorText)")
            let told = try outcome.lines().contains {
                $0.text?.hasPrefix("GR034 slow: fell too far behind") == true
            }
            #expect(told)
            let summary = try outcome.summary()
            #expect(summary.source("slow").leftOut == nil)
            #expect(summary.source("other").late == 0)
            let signals = try await Self.signals(of: "slow", in: scene)
            let peace = try await Self.peace.value
            #expect(signals.filter { !peace.contains($0) } == [])
        }
    }
}
