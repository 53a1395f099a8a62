import Foundation
import GRPCTransport
import Glibc
import Platform
import Ports
import StrategyWire
import Testing
import TradingModel

@testable import StrategyServers

/// What a session does about a server that stands still.
extension SessionQuarantineTests {
    /// Hung for too long: its stream is cut, its process ended, and the trial is made with a fresh one.
    @Test func aHungServerIsStartedAgain() async throws {
        try await Bench.with { bench in
            let clock = ManualClock(monotonic: 5_000_000_000_000)
            var plan = bench.plan()
            plan.launch = LaunchPlan(
                command: try RawServer.command(), folder: bench.folder,
                environment: try await RawServer.environment(bench))
            let feed = ListFeed([.tick(1)])
            let running = try await bench.run(plan, feed, clock: clock)
            try await running.inbox.wait(closed: at(1))
            let child = try #require(running.session.state.withLock { $0.child })
            try await hang(child.id, running, feed, clock)
            clock.advance(by: plan.life.circuit.hung)
            let words = try await running.inbox.wait(.open)
            #expect(words.hasPrefix("it hung for 30 s; its stream was cut"), "\(words)")
            try await running.inbox.wait(closed: at(2))
            try await running.inbox.wait(.live, count: 2)
            #expect(child.exit != nil)
            #expect(running.session.state.withLock { $0.child?.id } != child.id)
        }
    }

    /// It stands still and somebody else looks after it: that is no break, however long it does.
    @Test func aServerOfSomebodyElseThatStandsStillIsAway() async throws {
        try await Bench.with { bench in
            let server = try await RawServer.launch(on: bench)
            let clock = ManualClock(monotonic: 5_000_000_000_000)
            var plan = bench.plan()
            plan.life.quarantine.breaks = 2
            plan.life.circuit.probe = 1_000_000
            let feed = ListFeed([.tick(1)])
            let running = try await bench.run(plan, feed, clock: clock)
            try await running.inbox.wait(closed: at(1))
            try await hang(server.id, running, feed, clock)
            clock.advance(by: plan.life.circuit.hung)
            try await running.inbox.wait(.open)
            // Describe is given its time; the core gives up a little earlier.
            let words = try await running.inbox.wait(.open, count: 2)
            #expect(words.hasPrefix("the probe failed: "), "\(words)")
            #expect(kill(server.id, SIGCONT) == 0)
            try await running.inbox.wait(closed: at(2))
            #expect(!running.inbox.heard.value.states.contains(.quarantined))
        }
    }

    /// Who is ours is started again; who was never there may be another program.
    @Test func onlyWhoWasAtWorkAndIsNotOursIsAwayWhileItIsSilent() async throws {
        try await Bench.with { bench in
            let silent = SessionError(
                RPCError(RPCStatus(.deadlineExceeded, ""), at: "here"), isOpening: true)
            let session = bench.session(bench.plan())
            #expect(session.kind(of: silent) == .broken)
            session.state.withLock { $0.wasReady = true }
            #expect(session.kind(of: silent) == .away)
            var plan = bench.plan()
            plan.launch = LaunchPlan(command: ["no"], folder: bench.folder, environment: [:])
            let ours = bench.session(plan)
            ours.state.withLock { $0.wasReady = true }
            #expect(ours.kind(of: silent) == .broken)
        }
    }

    /// Stops the process, gives it an event, and waits until it counts as hung.
    private func hang(
        _ process: Int32, _ running: Bench.Running, _ feed: ListFeed, _ clock: ManualClock
    ) async throws {
        #expect(kill(process, SIGSTOP) == 0)
        while try !isStopped(process) { await Task.yield() }
        feed.push([.tick(2)])
        let connection = try #require(running.session.state.withLock { $0.connection })
        while connection.shared.withLock({ $0.flow.last }) < at(2) { await Task.yield() }
        clock.advance(by: 2_000_000_001)
        try await running.inbox.wait(.hung)
    }

    /// Each of its threads, for the system stops them one by one.
    private func isStopped(_ process: Int32) throws -> Bool {
        let threads = "/proc/\(process)/task"
        return try FileManager.default.contentsOfDirectory(atPath: threads).allSatisfy { thread in
            let text = try String(contentsOfFile: "\(threads)/\(thread)/stat", encoding: .utf8)
            // Behind the name, which may hold anything.
            return text.split(separator: ")").last?.hasPrefix(" T") == true
        }
    }
}
