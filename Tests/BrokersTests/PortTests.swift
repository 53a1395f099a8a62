import Ports
import Testing
import TradingModel

@Suite struct BrokerErrorTests {
    @Test(
        arguments: [
            (.rejected, .never), (.insufficient, .never), (.priceRule, .never),
            (.notTradable, .never), (.notSent(.killed), .never), (.notSent(.late), .never),
            (.unauthorized, .never), (.nothingToCancel, .never),
            (.rateLimited(wait: .milliseconds(70)), .later(atLeast: .milliseconds(70))),
            (.offline, .later(atLeast: .seconds(1))),
            (.maintenance(wait: nil), .later(atLeast: .seconds(60))),
            (.maintenance(wait: .seconds(5)), .later(atLeast: .seconds(5))),
            (.outcomeUnknown, .askFirst),
        ] as [(BrokerError.Code, BrokerError.Retry)])
    func saysWhatMayBeDone(_ code: BrokerError.Code, _ retry: BrokerError.Retry) {
        let error = BrokerError(code, "words")
        #expect(error.retry == retry)
        #expect(error.isCertain == (code != .outcomeUnknown))
        #expect(!error.isRefusal || error.retry == .never)
        #expect(error.description.contains("words"))
    }

    @Test func anUnknownOutcomeIsNoRefusal() {
        #expect(!BrokerError(.outcomeUnknown, "").isRefusal)
        #expect(BrokerError(.priceRule, "").isRefusal)
    }
}

@Suite struct SendPermitTests {
    @Test func anyKillSinceTheApprovalWithdrawsWhatOpens() {
        let host = KillCounter()
        let account = KillCounter(number: 7)
        let other = KillCounter()
        let opening = SendPermit(opens: true, kills: [host.reading(), account.reading()])
        let reducing = SendPermit(opens: false, kills: [host.reading(), account.reading()])
        other.raise()
        #expect(opening.withdrawal(at: 0) == nil)
        #expect(account.raise() == 8)
        #expect(opening.withdrawal(at: 0) == .killed)
        #expect(reducing.withdrawal(at: 0) == nil)
        // What is approved afterwards leaves; what was approved before stays withdrawn.
        let next = SendPermit(opens: true, kills: [host.reading(), account.reading()])
        #expect(next.withdrawal(at: 0) == nil && opening.withdrawal(at: 0) == .killed)
        host.raise()
        #expect(next.withdrawal(at: 0) == .killed)
    }

    @Test func validityEndsAtItsInstant() {
        let permit = SendPermit(opens: false, validUntil: 1_000, kills: [])
        #expect(permit.withdrawal(at: 999) == nil)
        #expect(permit.withdrawal(at: 1_000) == .late)
        #expect(SendPermit(opens: true, kills: []).withdrawal(at: .max) == nil)
    }
}
