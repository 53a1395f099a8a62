import Ports
import Testing

@testable import StrategyServers

extension SessionLifeTests {
    // MARK: Quarantine

    @Test func aLoopThatMakesALittleProgressIsCaught() {
        var story = Story()
        story.take(.begin)
        var answer = SessionLife.Answer()
        for turn in 1...10 {
            story.take(.ready(""))
            story.take(.progress)
            story.now += second
            answer = story.broke(.broken, "its process ended")
            guard turn < 10 else { break }
            #expect(answer.word?.state == .down)
            #expect(story.waitOut().order == .connect)
        }
        let words = "10 breaks in 10 s, the last: its process ended"
        #expect(answer == .init(.init(.quarantined, words), .hold))
        guard case .quarantined(let quarantine) = story.life.phase else {
            Issue.record("\(story.life.phase)")
            return
        }
        #expect((quarantine.since, quarantine.breaks) == (77, 10))
        // Nine pauses of 50 ms.
        #expect(quarantine.within == 9 * second + 450_000_000)
    }

    @Test func breaksThatAreFarApartAreForgotten() {
        var story = Story()
        story.take(.begin)
        for _ in 0..<100 {
            story.take(.ready(""))
            story.take(.progress)
            #expect(story.take(.time, after: 67 * second).order == nil)
            #expect(story.broke().word?.state == .down)
            story.waitOut()
        }
    }

    @Test(arguments: [Break.Kind.broken, .goodbye, .doubtful, .violation])
    func everyKindOfBreakCounts(_ kind: Break.Kind) {
        var policy = LifePolicy()
        policy.quarantine.violations = 4
        policy.quarantine.breaks = 4
        var story = Story(policy)
        story.take(.begin)
        story.broke(kind)
        story.fail(2, kind)
        guard case .waiting = story.life.phase else {
            Issue.record("\(story.life.phase)")
            return
        }
        story.fail(1, kind)
        #expect(story.life.phase.isQuarantined)
    }

    @Test func violationsCountForThemselves() {
        var story = Story()
        story.goLive()
        story.broke(.violation)
        story.fail(1)
        story.fail(1, .violation)
        #expect(!story.life.phase.isQuarantined)
        story.waitOut()
        let answer = story.broke(.violation, "its watermark went back")
        #expect(
            answer.word
                == .init(.quarantined, "4 breaks in 1 s, the last: its watermark went back"))
    }

    @Test func whatNoSecondTryMendsIsNotTriedAgain() {
        var story = Story()
        story.goLive()
        story.broke()
        story.waitOut()
        let end = Break(
            kind: .final, reason: "another build answers", process: " (its process 1)")
        #expect(
            story.take(.broke(end))
                == .init(.init(.quarantined, "another build answers (its process 1)"), .hold))
    }

    @Test func oneThatLooksLikeABreakNeedsAPersonWhenItComesAgainAndAgain() {
        var story = Story()
        story.take(.begin)
        story.broke(.doubtful)
        story.fail(3, .doubtful)
        #expect(!story.life.phase.isQuarantined)
        story.fail(1, .doubtful)
        #expect(story.life.phase.isQuarantined)
    }

    @Test func aReleaseBeginsAnew() {
        var story = Story()
        story.goLive()
        story.broke(.final)
        for event in [SessionLife.Event.begin, .time, .ready(""), .progress, .hung(""), .late("")] {
            let answer = story.take(event, after: 1_000 * second)
            #expect(answer.order != .connect)
            #expect(story.life.phase.isQuarantined)
        }
        #expect(story.take(.release) == .init(.init(.connecting), .connect))
        #expect(story.take(.release) == .init())
        story.broke(.broken)
        #expect(story.life.attempts == 1)
        #expect(story.life.breaks.count == 1)
    }

    @Test func aQuarantineOutlivesTheHost() {
        let quarantine = ServerQuarantine(reason: "r", since: 5, breaks: 3, within: 2 * second)
        var life = SessionLife(LifePolicy(), isLockstep: false, quarantine: quarantine)
        let now = SessionLife.Moment(monotonic: 1, utc: 1)
        #expect(
            life.take(.begin, at: now, draw: 0)
                == .init(.init(.quarantined, "3 breaks in 2 s, the last: r"), .hold))
        #expect(life.take(.release, at: now, draw: 0).order == .connect)
        // A run that waits for its server has no quarantine: people try a mended one with it.
        var other = SessionLife(LifePolicy(), isLockstep: true, quarantine: quarantine)
        #expect(other.take(.begin, at: now, draw: 0).order == .connect)
    }
}
