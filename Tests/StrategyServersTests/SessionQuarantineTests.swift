import Foundation
import Platform
import Ports
import StrategyWire
import TestKit
import Testing
import TradingModel

@testable import StrategyServers

/// What a session does about a circuit and a quarantine. The test plays the server.
@Suite(.needsPython, .timeLimit(.minutes(1))) struct SessionQuarantineTests {
    func at(_ step: UInt64) -> EventPosition { EventPosition(step: step, index: 0) }

    /// One breach may be a torn message; the second is a defect.
    @Test func aBreachIsABreakUntilItComesAgain() async throws {
        try await Bench.with { bench in
            let puppet = try await Puppet.start(on: bench)
            var plan = bench.plan()
            plan.life.quarantine.violations = 2
            let running = try await bench.run(plan, ListFeed([.tick(1)]))
            for turn in 1...2 {
                try await puppet.accept()
                _ = try await puppet.events()
                try await puppet.watermark(at(2))
                let words = try await running.inbox.wait(turn == 1 ? .down : .quarantined)
                let breach = "its watermark 2.0 is beyond 1.0, the last event sent"
                #expect(words.contains(breach), "\(words)")
                #expect(words.hasPrefix(turn == 1 ? breach : "2 breaks in "), "\(words)")
                _ = try await puppet.untilEnd()
            }
            try await running.inbox.heard.wait(for: "what ends it") { heard in
                heard.reports.contains { if case .quarantine(_?) = $0 { true } else { false } }
            }
            #expect(running.session.release())
            #expect(!running.session.release(), "there is one release for it")
            try await puppet.accept()
            #expect(try await puppet.events().steps == [1])
            try await puppet.watermark(at(1))
            try await running.inbox.wait(closed: at(1))
            let reports = running.inbox.heard.value.reports
            #expect(reports.contains(.quarantine(nil)))
        }
    }

    /// Nothing is tried before its time, whatever the session was woken by.
    @Test func anOpenCircuitWaitsForItsTime() async throws {
        try await Bench.with { bench in
            let server = try await RawServer.launch(on: bench)
            var plan = bench.plan()
            plan.life.circuit.failures = 1
            plan.life.circuit.probe = 3_600_000_000_000
            let running = try await bench.run(plan, ListFeed())
            try await running.inbox.wait(.live)
            server.kill()
            _ = await server.waitForExit()
            try await running.inbox.wait(.open)
            // As long as a server needs to start, which is what would be tried.
            _ = try await RawServer.launch(on: bench)
            #expect(!running.session.release(), "it is in no quarantine")
            #expect(running.inbox.heard.value.states.suffix(2) == [.live, .open])
            await running.stop()
            #expect(running.inbox.heard.value.states.last == .stopped)
        }
    }

    /// What closes every connection looks like one that wants TLS. The server spoke plainly before.
    @Test func whatWasAtWorkIsNotTakenForOneThatWantsTLS() async throws {
        try await Bench.with { bench in
            let server = try await RawServer.launch(on: bench)
            var plan = bench.plan()
            plan.life.restart.first = 1_000_000
            plan.life.circuit.probe = 1_000_000
            plan.life.circuit.failures = 3
            let feed = ListFeed([.tick(1)])
            let running = try await bench.run(plan, feed)
            try await running.inbox.wait(closed: at(1))
            server.kill()
            _ = await server.waitForExit()
            let closer = try await bench.launch([
                try #require(Python.path), "-c", Self.closing, "\(bench.target)",
            ])
            // More often than a server may that never spoke, or one that breaks.
            let most = plan.life.quarantine.breaks
            try await running.inbox.heard.wait(for: "what closes every connection") { heard in
                heard.reports.count {
                    if case .state(_, let words) = $0 { words.contains("use TLS") } else { false }
                } > most + 2
            }
            closer.kill()
            _ = await closer.waitForExit()
            _ = try await RawServer.launch(on: bench)
            feed.push([.tick(2)])
            try await running.inbox.wait(closed: at(2))
            try await running.inbox.wait(.live, count: 2)
            #expect(!running.inbox.heard.value.states.contains(.quarantined))
            let (figures, reached) = running.session.figures(version: "1")
            #expect(figures.restarts == 1, "attempts that came to nothing are none")
            #expect((figures.queue, figures.credit) == (0, plan.limits.credit))
            #expect(reached == at(2))
        }
    }

    private static let closing = """
        import os, socket, sys
        path = sys.argv[1].removeprefix("unix:")
        if os.path.exists(path): os.unlink(path)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        listener.listen()
        print("listening", flush=True)
        while True: listener.accept()[0].close()
        """

    // MARK: Kept

    private static let quarantine = ServerQuarantine(
        reason: "it died", since: 7, breaks: 3, within: 2_000_000_000)

    /// No server is there: nobody asks it, and it is known all the same.
    @Test func oneFromBeforeIsNotAsked() async throws {
        try await Bench.with { bench in
            let puppet = try await Puppet.start(on: bench)
            let first = try await bench.session(bench.plan()).describe(within: .seconds(20))
            var plan = bench.plan()
            plan.launch = LaunchPlan(
                command: ["no-such-program"], folder: bench.folder, environment: [:])
            let known = KnownQuarantine(Self.quarantine, of: first)
            let session = StrategySession(
                plan, on: bench.queue, nursery: bench.nursery, clock: HostClock(),
                digest: PlainSHA256(), quarantine: known)
            #expect(try await session.describe(within: .seconds(1)) == first)
            let inbox = NoteInbox()
            let task = Task(executorPreference: bench.queue) {
                await session.run(feed: ListFeed(), inbox: inbox)
            }
            #expect(
                try await inbox.wait(.quarantined) == "3 breaks in 2 s, the last: it died")
            #expect(inbox.heard.value.states == [.quarantined])
            #expect(session.release())
            // Now it is tried, and there is no such program.
            let words = try await inbox.wait(.quarantined, count: 2)
            #expect(words.contains("cannot start 'no-such-program'"), "\(words)")
            await session.stop(within: .milliseconds(50), reason: "the test is over")
            await task.value
            withExtendedLifetime(puppet) {}
        }
    }

    /// It is kept before people are told how to end it, and also where a stop comes first.
    @Test func itIsKeptBeforeItIsTold() async throws {
        try await Bench.with { bench in
            let puppet = try await Puppet.start(on: bench)
            let inbox = NoteInbox()
            let kept = Witness<[ServerQuarantine]>([])
            let session = StrategySession(
                bench.plan(), on: bench.queue, nursery: bench.nursery, clock: HostClock(),
                digest: PlainSHA256()
            ) { why, description in
                #expect(!description.name.isEmpty)
                let isTold = inbox.heard.value.reports.contains(.quarantine(why))
                #expect(!isTold)
                kept.change { $0.append(why) }
            }
            _ = try await session.describe(within: .seconds(20))
            let task = Task(executorPreference: bench.queue) {
                await session.run(feed: ListFeed([.tick(1)]), inbox: inbox)
            }
            try await puppet.accept()
            _ = try await puppet.events()
            try await puppet.watermark(at(2))
            let all = try await kept.wait(for: "the record") { $0.count == 1 }
            #expect(all[0].reason.hasPrefix("its watermark 2.0 is beyond 1.0"))
            try await inbox.heard.wait(for: "what ends it") {
                $0.reports.contains(.quarantine(all[0]))
            }
            await session.stop(within: .milliseconds(50), reason: "the test is over")
            await task.value
        }
    }
}
