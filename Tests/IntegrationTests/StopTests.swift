import Glibc
import Platform
import Ports
import Testing

extension PacedTests {
    /// SIGINT and SIGTERM drain, sum up, and leave a run that can be gone on with.
    @Suite struct StopTests {
        @Test(arguments: [SIGINT, SIGTERM])
        func aStoppedRunGoesOnToTheSameEnd(_ signal: Int32) async throws {
            let reference = try await Undisturbed.outcome()
            let scene = try Scene(.full(), ticks: Undisturbed.ticks)
            let host = try await scene.start("run", "--json", "--summary", "sum.json")
            try await host.lines(reference.output.count / 4)
            let servers = Processes.children(of: host.id, running: ".py")
                .compactMap(WatchedProcess.init)
            host.send(signal: signal)
            let stopped = try await host.outcome()
            #expect(stopped.exit == .code(6))
            let half = try stopped.summary()
            #expect(half.end == "stopped")
            #expect(half.steps > 0 && half.steps < 6_000)
            #expect(servers.count == 2)
            for server in servers { #expect(await server.ends(within: 10_000)) }

            let last = try await scene.madang("run", "--json")
            #expect(last.exit == .code(0))
            #expect(try last.resumedAt() == half.steps)
            let (mine, theirs) = (try last.summary(), try reference.summary())
            #expect(mine.ledgerHash == theirs.ledgerHash)
            #expect(mine.stateHash == theirs.stateHash)
        }

        @Test func theSecondSignalDoesNotWaitForASleepingServer() async throws {
            var configuration = SceneConfiguration.plain
            configuration.speed = "60x"
            configuration.strategies.append(SceneConfiguration.server("teller", "teller.py"))
            let scene = try Scene(configuration, ticks: SampleTicks(count: 4_000))
            let host = try await scene.start("run", "--json")
            _ = try await host.line("a result") { $0.contains("teller BUY") }
            let server = try #require(
                Processes.children(of: host.id, running: "teller.py").compactMap(
                    WatchedProcess.init
                )
                .first)
            server.send(signal: SIGSTOP)
            host.send(signal: SIGINT)
            host.send(signal: SIGINT)
            let outcome = try await host.outcome()
            #expect(outcome.exit != .code(0))
            #expect(await server.ends(within: 10_000), "a stopped orphan")
        }

        @Test func aPacedRunThatWasStoppedGoesOn() async throws {
            var configuration = SceneConfiguration.plain
            configuration.speed = "600x"
            configuration.strategies.append(SceneConfiguration.server("teller", "teller.py"))
            let scene = try Scene(configuration, ticks: SampleTicks(count: 1_500))
            let host = try await scene.start("run", "--json")
            try await host.lines(200)
            host.send(signal: SIGTERM)
            let stopped = try await host.outcome()
            #expect(stopped.exit == .code(6))
            #expect(try stopped.summary().end == "stopped")
            let last = try await scene.madang("run", "--json")
            #expect(last.exit == .code(0))
            #expect(try last.resumedAt() == stopped.summary().steps)
            #expect(try last.summary().ticks == 1_500)
        }
    }
}
