import Ports
import Testing

@testable import StrategyServers

@Suite struct LivenessTests {
    private let second: Int64 = 1_000_000_000
    private let deadline: Int64 = 200_000_000
    /// What no check answers.
    private let none = (SessionState.stopped, "no change")

    @Test func silenceIsNoFaultWhileNothingIsUnanswered() {
        var liveness = Liveness(deadline: deadline)
        #expect(liveness.check(oldest: nil, lastWatermark: 0, now: 100 * second) == nil)
        #expect(liveness.state == .live)
    }

    @Test func anEventPastItsDeadlineIsSlowThenHungThenCaughtUp() {
        var liveness = Liveness(deadline: deadline)
        #expect(liveness.check(oldest: 0, lastWatermark: 0, now: deadline) == nil)
        let slow = liveness.check(oldest: 0, lastWatermark: 0, now: 300_000_000)
        #expect(slow ?? none == (.slow, "an event waits for 300 ms, its deadline is 200 ms"))
        #expect(liveness.check(oldest: 0, lastWatermark: 0, now: 400_000_000) == nil)
        let hung = liveness.check(oldest: 0, lastWatermark: 0, now: second)
        #expect(hung ?? none == (.hung, "no answer for 1000 ms"))
        let again = liveness.check(oldest: nil, lastWatermark: second, now: second)
        #expect(again ?? none == (.live, "it answers again"))
    }

    @Test func aWatermarkNowAndThenIsSlowAndNotHung() {
        var liveness = Liveness(deadline: deadline)
        let now = 5 * second
        let change = liveness.check(oldest: 0, lastWatermark: now - 50_000_000, now: now)
        #expect(change?.0 == .slow)
        let caughtUp = liveness.check(oldest: nil, lastWatermark: now, now: now)
        #expect(caughtUp ?? none == (.live, "it has caught up"))
    }

    @Test func aLongDeadlineIsWaitedOutBeforeItIsHung() {
        var liveness = Liveness(deadline: 10 * second)
        #expect(liveness.check(oldest: 0, lastWatermark: 0, now: 9 * second) == nil)
        #expect(liveness.check(oldest: 0, lastWatermark: 0, now: 10 * second)?.0 == .hung)
    }

    /// A kind with a deadline of its own is waited for by that, longer or shorter.
    @Test func anEventIsWaitedForByItsOwnDeadline() {
        var liveness = Liveness(deadline: deadline)
        let own = 3 * second
        func check(_ now: Int64, within own: Int64?) -> (SessionState, String)? {
            liveness.check(oldest: 0, within: own, lastWatermark: 0, now: now)
        }
        #expect(check(2 * second, within: own) == nil)
        #expect(check(3 * second, within: own)?.0 == .hung)
        #expect(liveness.check(oldest: nil, lastWatermark: own, now: own)?.0 == .live)
        let slow = check(150_000_000, within: 100_000_000)
        #expect(slow ?? none == (.slow, "an event waits for 150 ms, its deadline is 100 ms"))
    }

    @Test func withoutADeadlineASecondCounts() {
        var liveness = Liveness(deadline: nil)
        #expect(liveness.check(oldest: 0, lastWatermark: 0, now: second)?.0 == .hung)
    }

    @Test func anUnansweredBeatIsHungAndNeverSlow() {
        var liveness = Liveness(deadline: deadline)
        #expect(liveness.check(oldest: nil, beat: 0, lastWatermark: 0, now: 999_999_999) == nil)
        #expect(liveness.check(oldest: nil, beat: 0, lastWatermark: 0, now: second)?.0 == .hung)
        #expect(liveness.check(oldest: nil, lastWatermark: second, now: second)?.0 == .live)
    }

    @Test func anIdleServerIsAskedOnceUntilItAnswers() {
        var beats = Beats()
        beats.askAfterIdling(since: 0, now: Liveness.idleAfter)
        #expect(beats.due() == nil)
        beats.askAfterIdling(since: 0, now: Liveness.idleAfter + 1)
        #expect(beats.due() == 1)
        #expect((beats.due(), beats.asked) == (nil, Liveness.idleAfter + 1))
        beats.askAfterIdling(since: 0, now: 100 * second)
        beats.heard(0)
        #expect((beats.due(), beats.asked) == (nil, Liveness.idleAfter + 1))
        beats.heard(1)
        #expect(beats.asked == nil)
        beats.askAfterIdling(since: 100 * second, now: 106 * second)
        #expect(beats.due() == 2)
    }
}
