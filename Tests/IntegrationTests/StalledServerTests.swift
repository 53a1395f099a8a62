import Glibc
import Platform
import Ports
import Testing

extension PacedTests {
    /// A server that is stopped in the middle of a paced run costs the others nothing.
    @Suite struct StalledServerTests {
        @Test func itIsReportedAtOnceAndTheOthersAreNotLate() async throws {
            var configuration = SceneConfiguration.plain
            configuration.speed = "300x"
            configuration.strategies += [
                SceneConfiguration.server("stalled", "teller.py", "deadline: 200ms"),
                SceneConfiguration.server("other", "teller.py", "deadline: 2s"),
            ]
            // About 25 ms from tick to tick.
            let scene = try Scene(
                configuration, ticks: SampleTicks(count: 400, pause: 7_500_000_000))
            let host = try await scene.start("run", "--json")
            for name in ["stalled", "other"] {
                _ = try await host.line("a result of \(name)") { $0.contains("\(name) BUY") }
            }
            let server = try #require(process(of: "stalled", under: host))
            let clock = ContinuousClock()
            let stop = clock.now
            let from = host.output.count
            kill(server, SIGSTOP)
            let told = try await host.line(from: from, "slow or hung") {
                $0.contains("\"stalled slow: ") || $0.contains("\"stalled hung: ")
            }
            #expect(stop.duration(to: clock.now) < .seconds(1))
            let hung = try await host.line(from: told.index, "hung") {
                $0.contains("\"stalled hung: no answer for ")
            }
            #expect(stop.duration(to: clock.now) < .seconds(2))
            // The other one goes on while this one is gone.
            _ = try await host.line(from: hung.index, "a result") { $0.contains("other BUY") }
            kill(server, SIGCONT)
            let late = try await host.line(from: hung.index, "a late result") {
                $0.contains("stalled BUY") && $0.contains("late, not used")
            }
            let live = try await host.line(from: hung.index, "live") {
                $0.contains("\"stalled live: it answers again\"")
            }
            _ = try await host.line(from: max(late.index, live.index), "a result in time") {
                $0.contains("stalled BUY") && !$0.contains("late, not used")
            }
            let outcome = try await host.outcome()
            #expect(outcome.exit == .code(0))
            let summary = try outcome.summary()
            let (stalled, other) = (summary.source("stalled"), summary.source("other"))
            #expect(stalled.late > 10)
            #expect(stalled.state == "live")
            #expect(stalled.results == 400)
            #expect(other.late == 0)
            #expect(other.results == 400)
            #expect(summary.source("cross").late == 0)
        }

        /// Both run the same script: the one that holds the socket of that name.
        private func process(of name: String, under host: Program) -> Int32? {
            Processes.children(of: host.id, running: "teller.py").first {
                Processes.environment(of: $0, contains: "\(name).sock")
            }
        }
    }
}
