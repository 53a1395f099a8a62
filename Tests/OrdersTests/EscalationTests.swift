import Orders
import Testing
import TestKit
import TradingModel

@Suite struct EscalationTests {
    @Test func threeFailuresInARowLockDown() {
        var escalation = Escalation(Escalation.Limits())
        #expect(escalation.failed("a", at: .seconds(0)) == nil)
        #expect(escalation.level == .guarded)
        #expect(escalation.failed("b", at: .seconds(1_000)) == nil)
        let reason = escalation.failed("c", at: .seconds(2_000))
        #expect(reason == "3 failures in a row, the last: c")
        #expect(escalation.level == .lockdown)
        #expect(escalation.failed("d", at: .seconds(2_001)) == nil, "it is told once")
    }

    @Test func threeWithinFiveMinutesLockDownWhateverSucceedsBetween() {
        var escalation = Escalation(Escalation.Limits())
        for second in [0, 100] {
            #expect(escalation.failed("x", at: .seconds(Int64(second))) == nil)
            escalation.succeeded()
        }
        #expect(escalation.failed("y", at: .seconds(299)) != nil)
    }

    @Test func failuresFarApartWithSuccessesDoNot() {
        var escalation = Escalation(Escalation.Limits())
        for second in [0, 200, 400, 600, 800] as [Int64] {
            #expect(escalation.failed("x", at: .seconds(second)) == nil)
            escalation.succeeded()
        }
        #expect(escalation.level != .lockdown)
    }

    @Test func aPersonReleasesIt() {
        var escalation = Escalation(Escalation.Limits(), lockdown: "as it was")
        #expect(escalation.level == .lockdown)
        escalation.release()
        #expect(escalation.level == .normal)
        #expect(escalation.failed("x", at: .seconds(1)) == nil)
    }
}
