import Platform
import Ports
import StrategyWire
import Testing
import TradingModel

@testable import StrategyServers

/// Whether a server is alive, how its stream breaks, and how it ends. The test plays the server.
@Suite(.needsPython, .timeLimit(.minutes(1))) struct LifeTests {
    private func at(_ step: UInt64) -> EventPosition { EventPosition(step: step, index: 0) }

    @Test func aServerThatDoesNotAnswerIsHungUntilItDoes() async throws {
        try await Bench.with { bench in
            let puppet = try await Puppet.start(on: bench)
            let clock = ManualClock(monotonic: 5_000_000_000_000)
            let feed = ListFeed([.tick(1)])
            let running = try await bench.run(bench.plan(), feed, clock: clock)
            try await puppet.accept()
            _ = try await puppet.events()
            clock.advance(by: 1_999_000_000)
            feed.push([.tick(2)])
            _ = try await puppet.events()
            #expect(!running.inbox.heard.value.states.contains(.hung))
            clock.advance(by: 1_000_000)
            let words = try await running.inbox.wait(.hung)
            #expect(words == "no answer for 2000 ms")
            try await puppet.watermark(at(2))
            try await running.inbox.wait(.live, count: 2)
            #expect(running.inbox.heard.value.detail(.live) == "it answers again")
        }
    }

    @Test func anIdleServerIsSentABeatAndMustEchoIt() async throws {
        try await Bench.with { bench in
            let puppet = try await Puppet.start(on: bench)
            let clock = ManualClock(monotonic: 5_000_000_000_000)
            let running = try await bench.run(bench.plan(), ListFeed([.tick(1)]), clock: clock)
            try await puppet.accept()
            _ = try await puppet.events()
            try await puppet.watermark(at(1))
            try await running.inbox.wait(closed: at(1))
            clock.advance(by: 5_000_000_001)
            guard case .beat(let beat) = try await puppet.message() else {
                throw BenchError("no beat came")
            }
            #expect(beat.number == 1)
            clock.advance(by: 2_000_000_000)
            try await running.inbox.wait(.hung)
            try await puppet.watermark(at(1), beat: 1)
            try await running.inbox.wait(.live, count: 2)
        }
    }

    @Test func whatIsSafeIsAcknowledgedNowAndThen() async throws {
        try await Bench.with { bench in
            let puppet = try await Puppet.start(on: bench)
            let feed = ListFeed([.tick(1)])
            let running = try await bench.run(bench.plan(), feed)
            try await puppet.accept()
            _ = try await puppet.events()
            running.inbox.heard.change { $0.acknowledged = EventPosition.endOfStep(4_095) }
            feed.push([.tick(2)])
            #expect(try await puppet.events().steps == [2])
            running.inbox.heard.change { $0.acknowledged = EventPosition.endOfStep(4_096) }
            guard case .acknowledged(let message) = try await puppet.message() else {
                throw BenchError("no acknowledgement came")
            }
            #expect(message.position == EventPosition.endOfStep(4_096).value)
        }
    }

    // MARK: Break and end

    @Test func aRefusalInTheMiddleIsABreak() async throws {
        try await Bench.with { bench in
            let puppet = try await Puppet.start(on: bench)
            let running = try await bench.run(bench.plan(), ListFeed(.ticks(1...3)))
            try await puppet.accept()
            _ = try await puppet.events()
            try await puppet.watermark(at(1))
            let words = "events follow 0, this server stands at 1"
            try await puppet.end("FAILED_PRECONDITION", words)
            #expect(try await running.inbox.wait(.down).hasPrefix(words + " (attempt"))
            _ = try await puppet.untilEnd()
            let again = try await puppet.accept()
            #expect(again.watermark == 1 << 20)
            let events = try await puppet.events()
            #expect((events.previous, events.steps) == (1 << 20, [2, 3]))
        }
    }

    /// It stands beyond the host's watermark: it says its results again, and nothing is sent twice.
    @Test func aServerThatLivedOnResumesWhereItStands() async throws {
        try await Bench.with { bench in
            let puppet = try await Puppet.start(on: bench)
            let feed = ListFeed(.ticks(1...3))
            let running = try await bench.run(bench.plan(), feed)
            try await puppet.accept()
            _ = try await puppet.events()
            let second = PBResult(position: 2 << 20, action: .buy, message: "up")
            try await puppet.say(.results(PBResults(results: [second])))
            try await puppet.watermark(at(1))
            try await running.inbox.wait(closed: at(1))
            try await puppet.end("UNAVAILABLE", "gone")
            _ = try await puppet.untilEnd()
            try await puppet.ready(try await puppet.configure()) { $0.state = .after(3 << 20) }
            try await puppet.say(.results(PBResults(results: [second], watermark: 3 << 20)))
            let heard = try await running.inbox.wait(closed: at(3))
            #expect((heard.results.count, heard.again, heard.contradictions) == (1, 1, 0))
            feed.push([.tick(4)])
            let events = try await puppet.events()
            #expect((events.previous, events.steps) == (3 << 20, [4]))
            #expect(running.inbox.heard.value.detail(.live) == "from step 3")
        }
    }

    @Test func drainIsTheLastThatIsSent() async throws {
        try await Bench.with { bench in
            let puppet = try await Puppet.start(on: bench)
            let feed = ListFeed([.tick(1)])
            let running = try await bench.run(bench.plan(), feed)
            try await puppet.accept()
            _ = try await puppet.events()
            running.inbox.heard.change { $0.acknowledged = EventPosition(step: 0, index: 9) }
            async let stopped: Void = running.session.stop(
                within: .seconds(20), reason: "version 2 takes over")
            guard case .acknowledged(let safe) = try await puppet.message(),
                case .drain(let drain) = try await puppet.message()
            else { throw BenchError("no Drain behind what is safe") }
            #expect(safe.position == 9)
            #expect((drain.withinNs, drain.reason) == (20_000_000_000, "version 2 takes over"))
            feed.push([.tick(2)])
            let result = PBResult(position: 1 << 20, action: .sell)
            try await puppet.say(.results(PBResults(results: [result], watermark: 1 << 20)))
            try await puppet.say(.drained(PBDrained(position: 1 << 20)))
            await stopped
            await running.task.value
            #expect(try await puppet.untilEnd().isEmpty)
            let heard = running.inbox.heard.value
            #expect((heard.results.count, heard.watermark) == (1, at(1)))
            #expect(heard.life == [.connecting, .live, .draining, .stopped])
        }
    }

    @Test func aServerThatDoesNotDrainIsLeftInTime() async throws {
        try await Bench.with { bench in
            let puppet = try await Puppet.start(on: bench)
            let running = try await bench.run(bench.plan(), ListFeed([.tick(1)]))
            try await puppet.accept()
            _ = try await puppet.events()
            await running.session.stop(within: .milliseconds(100), reason: "enough")
            await running.task.value
            #expect(running.inbox.heard.value.states.last == .stopped)
            guard case .drain = try await puppet.message() else {
                throw BenchError("no Drain came")
            }
            #expect(try await puppet.untilEnd().isEmpty)
        }
    }

    /// Drained without being asked: the server was told to stop, and is looked for again.
    @Test func aServerThatSaysGoodbyeIsConnectedAgain() async throws {
        try await Bench.with { bench in
            let puppet = try await Puppet.start(on: bench)
            let running = try await bench.run(bench.plan(), ListFeed([.tick(1)]))
            try await puppet.accept()
            _ = try await puppet.events()
            try await puppet.watermark(at(1))
            try await puppet.say(.drained(PBDrained(position: 1 << 20)))
            let words = try await running.inbox.wait(.down)
            #expect(words.hasPrefix("the server ended the session (attempt 1/5 in "))
            _ = try await puppet.untilEnd()
            #expect(try await puppet.accept().watermark == 1 << 20)
            try await running.inbox.wait(.live, count: 2)
        }
    }

    /// More than all windows take, and a server that reads none of it: the opening has an end all the same.
    @Test func whoReadsNothingInTheOpeningIsBroken() async throws {
        try await Bench.with { bench in
            let puppet = try await Puppet.start(on: bench)
            let snapshots = ShelfSnapshots()
            snapshots.keep(
                ServerSnapshot(
                    position: at(3), format: "f", bytes: [UInt8](repeating: 7, count: 48 << 20)),
                of: SnapshotOwner(
                    session: "", version: "", modelHash: "", parameterHash: "", account: ""))
            let inbox = NoteInbox()
            inbox.heard.change { $0.watermark = at(3) }
            var plan = bench.plan()
            plan.limits.patience = 300_000_000
            try await puppet.read(most: 1)
            let running = try await bench.run(
                plan, ListFeed(), into: inbox, snapshots: snapshots)
            #expect(try await puppet.configure().snapshotFollows)
            let words = try await running.inbox.wait(.down)
            #expect(words.contains("it read nothing of what it is sent within"), "\(words)")
            _ = try await puppet.untilEnd()
        }
    }

    /// Told to stop while it waits for its history, as a supervisor may: no breach, and no quarantine.
    @Test func aServerStoppedInItsWarmUpIsLookedForAgain() async throws {
        try await Bench.with { bench in
            let puppet = try await Puppet.start(on: bench)
            let running = try await bench.run(bench.plan(), ListFeed())
            try await puppet.ready(try await puppet.configure()) { $0.state = .needsWarmUp(true) }
            guard case .warmUp = try await puppet.message() else {
                throw BenchError("no history came")
            }
            try await puppet.say(.drained(PBDrained()))
            let words = try await running.inbox.wait(.down)
            #expect(words.hasPrefix("the server ended the session (attempt 1/5 in "), "\(words)")
            _ = try await puppet.untilEnd()
            // And before it has said anything.
            _ = try await puppet.configure()
            try await puppet.say(.drained(PBDrained()))
            try await running.inbox.wait(.down, count: 2)
            _ = try await puppet.untilEnd()
            try await puppet.accept()
            try await running.inbox.wait(.live)
            #expect(!running.inbox.heard.value.states.contains(.quarantined))
        }
    }

    /// It stops between its Ready and the history that it did not ask for: its last words are of the old state.
    @Test func lastWordsBeforeAHistoryNobodyAskedForAreNoBreach() async throws {
        try await Bench.with { bench in
            let puppet = try await Puppet.start(on: bench)
            let feed = ListFeed()
            let inbox = NoteInbox()
            inbox.heard.change { $0.watermark = at(3) }
            feed.lose(through: at(50), history: [])
            _ = try await bench.run(bench.plan(), feed, into: inbox)
            try await puppet.ready(try await puppet.configure()) { $0.state = .after(3 << 20) }
            try await puppet.say(
                .snapshot(PBSnapshotPart(position: 3 << 20, format: "f", last: true)))
            try await puppet.watermark(at(3))
            try await puppet.say(.drained(PBDrained(position: 3 << 20)))
            try await inbox.wait(.down)
            _ = try await puppet.untilEnd()
            let again = try await puppet.configure()
            #expect(again.watermark == 3 << 20)
            #expect(!inbox.heard.value.states.contains(.quarantined))
        }
    }
}
