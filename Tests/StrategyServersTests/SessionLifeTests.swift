import Ports
import Testing

@testable import StrategyServers

/// Each transition of a session's life as a conversation.
@Suite struct SessionLifeTests {
    typealias Break = SessionLife.Break

    /// A life with its clock, ns.
    struct Story {
        var life: SessionLife
        var now: Int64 = 1_000
        init(_ policy: LifePolicy = LifePolicy(), isLockstep: Bool = false) {
            life = SessionLife(policy, isLockstep: isLockstep)
        }

        @discardableResult
        mutating func take(_ event: SessionLife.Event, after span: Int64 = 0) -> SessionLife.Answer
        {
            now += span
            return life.take(event, at: .init(monotonic: now, utc: 77), draw: 0)
        }

        @discardableResult
        mutating func broke(_ kind: Break.Kind = .broken, _ reason: String = "gone")
            -> SessionLife.Answer
        { take(.broke(Break(kind: kind, reason: reason))) }

        /// Lets the time of the next attempt come.
        @discardableResult
        mutating func waitOut() -> SessionLife.Answer {
            switch life.phase {
            case .waiting(let until), .open(let until): now = until
            default: break
            }
            return take(.time)
        }

        mutating func goLive() {
            take(.begin)
            take(.ready(""))
        }

        /// Connects, and breaks, so many times without progress.
        mutating func fail(_ times: Int, _ kind: Break.Kind = .broken) {
            for _ in 0..<times {
                waitOut()
                broke(kind)
            }
        }
    }
    let second: Int64 = 1_000_000_000

    // MARK: The way up

    @Test func itConnectsWarmsAndLives() {
        var story = Story()
        #expect(story.take(.begin) == .init(.init(.connecting), .connect))
        #expect(story.take(.warming("9 events")) == .init(.init(.warming, "9 events")))
        #expect(story.take(.ready("from step 4")) == .init(.init(.live, "from step 4")))
        #expect(story.life.phase == .live)
    }

    @Test func slowAndHungAreTold() {
        var story = Story()
        story.goLive()
        #expect(story.take(.late("2 s")) == .init(.init(.slow, "2 s")))
        #expect(story.take(.hung("3 s")) == .init(.init(.hung, "3 s")))
        #expect(story.life.phase == .hung(since: story.now))
        #expect(story.take(.late("2 s")) == .init(.init(.slow, "2 s")))
        #expect(story.take(.caughtUp("it has")) == .init(.init(.live, "it has")))
        #expect(story.take(.caughtUp("again")) == .init())
    }

    // MARK: Restart

    @Test func aBreakIsFollowedByAPauseThatDoubles() {
        var story = Story()
        story.goLive()
        let answer = story.broke(.broken, "the line broke\n  see its log")
        #expect(
            answer.word
                == .init(.down, "the line broke (restart 1/5 in 50 ms)\n  see its log"))
        #expect(answer.order == .wait(until: story.now + 50_000_000))
        #expect(story.take(.time, after: 49_999_999) == .init())
        #expect(story.take(.time, after: 1) == .init(.init(.connecting), .connect))
        #expect(story.broke().order == .wait(until: story.now + 100_000_000))
        story.waitOut()
        #expect(story.broke().order == .wait(until: story.now + 200_000_000))
        // Connected alone is no progress.
        story.waitOut()
        story.take(.ready(""))
        #expect(story.broke().order == .wait(until: story.now + 400_000_000))
        story.waitOut()
        story.take(.ready(""))
        story.take(.progress)
        #expect(story.broke().order == .wait(until: story.now + 50_000_000))
    }

    @Test(arguments: [
        (0, 50), (1, 50), (2, 100), (7, 3_200), (8, 5_000), (62, 5_000), (63, 5_000),
        (.max, 5_000),
    ])
    func thePauseIsBounded(_ failures: Int, _ milliseconds: Int64) {
        let policy = LifePolicy()
        #expect(policy.pause(after: failures, draw: 0) == milliseconds * 1_000_000)
        #expect(policy.pause(after: failures, draw: .max) >= milliseconds * 750_000)
        #expect(policy.pause(after: failures, draw: 1 << 63) == milliseconds * 875_000)
    }

    @Test func whoStartsItIsInTheWords() {
        var ours = SessionLife(LifePolicy(), isLockstep: false)
        var theirs = SessionLife(LifePolicy(), isLockstep: false, isOurs: false)
        var awaited = SessionLife(LifePolicy(), isLockstep: true, isOurs: false)
        let now = SessionLife.Moment(monotonic: 1, utc: 1)
        let end = SessionLife.Event.broke(Break(kind: .away, reason: "gone"))
        func words(_ life: inout SessionLife) -> String? {
            _ = life.take(.begin, at: now, draw: 0)
            return life.take(end, at: now, draw: 0).word?.detail
        }
        #expect(words(&ours) == "gone (restart 1/5 in 50 ms)")
        #expect(words(&theirs) == "gone (attempt 1/5 in 50 ms)")
        #expect(words(&awaited) == "gone (attempt 1 in 50 ms)")
    }

    // MARK: Circuit

    @Test func theCircuitOpensAndOneProbeAtATimeIsMade() {
        var story = Story()
        story.goLive()
        story.broke()
        story.fail(3)
        #expect(story.waitOut().order == .connect)
        let opened = story.broke(.broken, "refused")
        #expect(
            opened.word
                == .init(
                    .open, "5 failures in a row, the last: refused (next probe in 5 s)"))
        #expect(opened.order == .wait(until: story.now + 5 * second))
        #expect(story.take(.time, after: 5 * second - 1) == .init())
        #expect(story.take(.time, after: 1) == .init(.init(.probing), .connect))
        #expect(story.life.phase == .halfOpen)
        #expect(story.take(.time, after: 100 * second) == .init())
        let failed = story.broke()
        #expect(failed.word == .init(.open, "the probe failed: gone (next probe in 5 s)"))
        #expect(failed.order == .wait(until: story.now + 5 * second))
    }

    @Test func aBreakBehindProgressIsNoFailureInARow() {
        var story = Story()
        story.goLive()
        story.take(.progress)
        story.broke()
        story.fail(4)
        guard case .waiting = story.life.phase else {
            Issue.record("\(story.life.phase)")
            return
        }
        story.fail(1)
        #expect(story.life.phase == .open(probe: story.now + 5 * second))
    }

    @Test func aProbeThatSaysGoodbyeHasFailed() {
        var story = Story()
        story.goLive()
        story.broke()
        story.fail(4)
        story.waitOut()
        story.take(.ready(""))
        #expect(story.broke(.goodbye).word?.state == .open)
    }

    @Test func aProbeCountsByItsProgressAlone() {
        var story = Story()
        story.goLive()
        story.broke()
        story.fail(4)
        story.waitOut()
        #expect(story.take(.warming("9")) == .init())
        #expect(story.take(.ready("")).word == .init(.probing, "connected, no answer yet"))
        #expect(story.take(.caughtUp("")) == .init())
        #expect(story.life.phase == .halfOpen)
        #expect(
            story.take(.progress)
                == .init(.init(.live, "it answers again; the circuit is closed")))
        #expect(story.broke().word?.detail == "gone (restart 1/5 in 50 ms)")
    }

    @Test func aServerThatHangsForLongIsCutAndItsCircuitOpens() {
        var story = Story()
        story.goLive()
        story.take(.progress)
        story.take(.hung("no answer for 1000 ms"))
        #expect(story.take(.time, after: 30 * second - 1) == .init())
        #expect(story.take(.time, after: 1) == .init(nil, .cut))
        // Cut once, whatever it says now.
        #expect(story.take(.time, after: 1) == .init())
        #expect(story.take(.caughtUp("it answers again")) == .init())
        let answer = story.broke(.broken, "cancelled")
        #expect(
            answer.word
                == .init(
                    .open, "it hung for 30 s; its stream was cut (next probe in 5 s)"))
        story.waitOut()
        #expect(story.take(.hung("no answer for 1000 ms")) == .init(nil, .cut))
        // Too late.
        #expect(story.take(.progress) == .init())
        #expect(story.broke().word?.state == .open)
    }

    /// It may be away for a night: it is asked now and then, and never quarantined.
    @Test func oneThatIsAwayAndNotOursOpensTheCircuitOnly() {
        var story = Story()
        story.goLive()
        story.broke(.away)
        story.fail(4, .away)
        #expect(story.life.phase == .open(probe: story.now + 5 * second))
        for _ in 0..<500 { story.fail(1, .away) }
        #expect(story.life.phase == .open(probe: story.now + 5 * second))
        #expect(story.life.breaks.isEmpty)
    }

    // MARK: Lockstep

    @Test func inLockstepSoManyFailuresInARowEndIt() {
        var story = Story(isLockstep: true)
        story.goLive()
        story.broke()
        story.fail(3)
        story.waitOut()
        let end = Break(kind: .broken, reason: "boom", process: " (its process ended)")
        #expect(
            story.take(.broke(end))
                == .init(
                    .init(.refused, "failed 5 times in a row: boom (its process ended)"), .finish
                ))
        #expect(story.take(.release) == .init())
        #expect(story.take(.stop) == .init())
    }

    @Test func inLockstepThereIsNoCircuitAndNoWindow() {
        var story = Story(isLockstep: true)
        story.goLive()
        story.take(.hung("h"))
        #expect(story.take(.time, after: 3_600 * second) == .init())
        #expect(story.life.phase == .hung(since: 1_000))
        for _ in 0..<50 {
            story.take(.progress)
            #expect(story.broke().word?.state == .down)
            story.waitOut()
            story.take(.ready(""))
        }
        // Nobody listens: as long as the run is patient.
        for _ in 0..<50 {
            #expect(story.broke(.away).word?.state == .down)
            story.waitOut()
        }
    }

    @Test(arguments: [Break.Kind.final, .violation])
    func inLockstepARefusalEndsItAtOnce(_ kind: Break.Kind) {
        var story = Story(isLockstep: true)
        story.goLive()
        #expect(story.broke(kind) == .init(.init(.refused, "gone"), .finish))
    }

    // MARK: The end

    @Test func aStopDrainsWhatIsConnectedAndEndsTheRest() {
        var live = Story()
        live.goLive()
        #expect(live.take(.stop) == .init(.init(.draining), .drain))
        #expect(live.take(.stop) == .init())
        #expect(live.broke(.goodbye) == .init(.init(.stopped), .finish))
        var waiting = Story()
        waiting.goLive()
        waiting.broke()
        #expect(waiting.take(.stop) == .init(.init(.stopped), .finish))
        var quarantined = Story()
        quarantined.goLive()
        quarantined.broke(.final)
        #expect(quarantined.take(.stop) == .init(.init(.stopped), .finish))
        #expect(quarantined.take(.release) == .init())
        var new = Story()
        #expect(new.take(.stop) == .init(.init(.stopped), .finish))
    }
}

extension SessionLife.Phase {
    var isQuarantined: Bool {
        if case .quarantined = self { return true }
        return false
    }
}
