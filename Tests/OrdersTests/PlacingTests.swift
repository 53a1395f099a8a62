import Orders
import Ports
import TestKit
import Testing
import TradingModel

private let one = OrderNumber(1)

/// R8.4: what was certainly not accepted, and how often it is tried.
@Suite struct PlacingTests {
    @Test func anOrderIsPlacedOnceAndReported() {
        var talk = Conversation()
        let call = talk.order(1)
        #expect(call != nil && talk.said.reports == [])
        talk.say(.order(talk.approved(1)))
        #expect(talk.said.isEmpty, "handed in twice it is one order")
        talk.answer(call, .placed(BrokerOrderID("b1")))
        #expect(talk.said.reports == [.accepted(one, BrokerOrderID("b1"))])
        talk.report(.accepted(one, BrokerOrderID("b1")))
        #expect(talk.said.reports == [])
    }

    @Test(arguments: [
        BrokerError.Code.offline, .rateLimited(wait: .seconds(1)), .maintenance(wait: .seconds(1)),
    ])
    func threeRetriesThenFS040(_ code: BrokerError.Code) {
        var talk = Conversation()
        var call = talk.order(1)
        var places = 1
        for _ in 0..<3 {
            talk.fail(call, code)
            #expect(talk.said.reports == [])
            #expect(talk.place == nil, "not at once")
            for _ in 0..<31 where talk.place == nil { talk.wait(1) }
            call = talk.place
            if call != nil { places += 1 }
        }
        talk.fail(call, code)
        #expect(places == 4)
        guard case .failed(one, _) = talk.said.reports.first else {
            return #expect(Bool(false), "\(talk.said.reports)")
        }
        #expect(talk.codes.contains(.executionFailed))
        for _ in 0..<60 { talk.wait(1) }
        #expect(talk.place == nil)
    }

    @Test func aWaitIsAsLongAsTheBrokerDemands() {
        var talk = Conversation()
        talk.fail(talk.order(1), .rateLimited(wait: .seconds(20)))
        #expect(talk.codes == [.rateLimited])
        talk.wait(19)
        #expect(talk.place == nil)
        talk.wait(1)
        #expect(talk.place != nil)
    }

    @Test(arguments: [
        (BrokerError.Code.rejected, FailSafeCode.executionFailed), (.insufficient, .insufficient),
        (.priceRule, .priceRule), (.notTradable, .notTradable),
    ])
    func aRefusalIsFinal(_ code: BrokerError.Code, _ told: FailSafeCode) {
        var talk = Conversation()
        talk.fail(talk.order(1), code)
        let why = code == .insufficient ? "not covered: no" : "no"
        #expect(talk.said.reports == [.rejected(one, reason: why)])
        #expect(talk.codes == [told])
        talk.wait(100)
        #expect(talk.place == nil)
    }

    @Test func aWithdrawalBeforeTheWriteIsFinal() {
        var talk = Conversation()
        talk.fail(talk.order(1), .notSent(.killed))
        #expect(talk.said.reports == [.cancelled(one, reason: "withdrawn by the kill switch")])
        talk.fail(talk.order(2), .notSent(.late))
        guard case .expired(OrderNumber(2), _) = talk.said.reports.first else {
            return #expect(Bool(false), "\(talk.said.reports)")
        }
        #expect(talk.codes == [.orderDelayed])
    }

    @Test func anOrderWhoseTimeEndsWhileItWaitsIsNotSent() {
        var talk = Conversation()
        let until = Timestamp.seconds(1_003)
        talk.fail(talk.order(1, validUntil: until), .rateLimited(wait: .seconds(5)))
        talk.wait(3)
        guard case .expired(one, _) = talk.said.reports.first else {
            return #expect(Bool(false), "\(talk.said.reports)")
        }
        talk.wait(10)
        #expect(talk.place == nil)
    }

    @Test func aKeyThatIsRefusedIsCriticalAndNotTriedAgain() {
        var talk = Conversation()
        talk.fail(talk.order(1), .unauthorized)
        #expect(talk.codes == [.unauthorized] && talk.isCritical)
        guard case .failed = talk.said.reports.first else {
            return #expect(Bool(false), "\(talk.said.reports)")
        }
    }

    @Test func threeFailuresLockTheAccountDownUntilAPersonReleasesIt() {
        var talk = Conversation()
        for number in 1...3 as ClosedRange<UInt64> { talk.fail(talk.order(number), .unauthorized) }
        #expect(talk.said.lockdown == .began(reason: talk.desk.lockdown ?? ""))
        #expect(
            talk.said.notes.last?.text.contains("madang account release ACCOUNT") == true,
            "the way out")
        talk.order(4)
        #expect(talk.place == nil, "nothing opens")
        guard case .failed(OrderNumber(4), let why) = talk.said.reports.first else {
            return #expect(Bool(false), "\(talk.said.reports)")
        }
        #expect(why.contains("locked down"))
        #expect(talk.order(5, .sell) != nil, "what reduces still goes")
        talk.say(.release)
        #expect(talk.said.lockdown == .released)
        #expect(talk.order(6) != nil)
    }

    @Test func aLockdownOutlivesTheHost() {
        var talk = Conversation(restart: DeskRestart(lockdown: "as it was"))
        talk.order(1)
        #expect(talk.place == nil)
    }

    @Test func aCallThatNobodyAnswersIsGivenUp() {
        var talk = Conversation()
        let call = talk.order(1)
        talk.wait(11)
        #expect(talk.said.reports == [])
        talk.wait(1)
        guard case .unknown(one, _) = talk.said.reports.first else {
            return #expect(Bool(false), "\(talk.said.reports)")
        }
        talk.answer(call, .placed(BrokerOrderID("b1")))
        #expect(talk.said.reports == [.accepted(one, BrokerOrderID("b1"))], "late is not lost")
    }
}
