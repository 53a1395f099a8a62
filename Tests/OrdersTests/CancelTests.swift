import Orders
import Ports
import TestKit
import Testing
import TradingModel

private let one = OrderNumber(1)

/// R8.8, R11.3: a wish to cancel is followed until the order has ended.
@Suite struct CancelTests {
    @Test func aWorkingOrderIsCancelledAndItsEndIsToldOnce() {
        var talk = Conversation()
        talk.working(1)
        talk.say(.cancel(one, reason: "somebody"))
        #expect(talk.said.reports == [.cancelAsked(one, reason: "somebody")])
        talk.answer(talk.cancel, .done)
        talk.say(.cancel(one, reason: "again"))
        #expect(talk.said.isEmpty)
        talk.report(.cancelled(one, reason: "asked"))
        #expect(talk.said.reports == [], "the total is asked for first")
        talk.answer(talk.question, .order(.found(.of(.sample(1), "b1", .cancelled))))
        #expect(talk.said.reports == [.cancelled(one, reason: "asked")])
        talk.report(.cancelled(one, reason: "asked"))
        #expect(talk.said.reports == [])
    }

    /// Found by the simulation: word of the cancel overtakes word of the fill.
    @Test func anEndWaitsForTheFillsBeforeIt() {
        var talk = Conversation()
        talk.working(1)
        talk.report(.cancelled(one, reason: "asked"))
        talk.answer(talk.question, .order(.found(.of(.sample(1), "b1", filled: 4, .cancelled))))
        #expect(talk.said.reports == [], "four are filled, and nothing is booked")
        talk.report(.filled(.of(1, 1, 4)))
        #expect(talk.said.reports == [.filled(.of(1, 1, 4))])
        talk.wait(60)
        talk.answer(talk.question, .order(.found(.of(.sample(1), "b1", filled: 4, .cancelled))))
        #expect(talk.said.reports == [.cancelled(one, reason: "asked")])
    }

    @Test func aFillMayBeFaster() {
        var talk = Conversation()
        talk.working(1)
        talk.say(.cancel(one, reason: "somebody"))
        let cancel = talk.cancel
        talk.report(.filled(.of(1, 1, 10)))
        #expect(talk.said.reports == [.filled(.of(1, 1, 10))])
        talk.fail(cancel, .nothingToCancel)
        talk.wait(60)
        #expect(talk.said.reports == [] && talk.cancel == nil)
    }

    @Test func aWishForAnOrderOnItsWayIsRemembered() {
        var talk = Conversation()
        let place = talk.order(1)
        talk.say(.cancel(one, reason: "somebody"))
        #expect(talk.cancel == nil)
        talk.answer(place, .placed(BrokerOrderID("b1")))
        #expect(talk.cancel != nil)
    }

    @Test func aWishForAnOrderInDoubtIsRemembered() {
        var talk = Conversation()
        talk.fail(talk.order(1), .outcomeUnknown)
        let question = talk.question
        talk.say(.cancel(one, reason: "somebody"))
        #expect(talk.cancel == nil)
        talk.answer(question, .order(.found(.of(.sample(1), "b1"))))
        #expect(talk.cancel != nil)
    }

    @Test func anOrderThatWaitsIsWithdrawn() {
        var talk = Conversation()
        talk.fail(talk.order(1), .offline)
        talk.say(.cancel(one, reason: "somebody"))
        #expect(
            talk.said.reports == [.cancelled(one, reason: "withdrawn before it was sent: somebody")]
        )
        talk.wait(60)
        #expect(talk.place == nil)
    }

    @Test(arguments: [
        BrokerError.Code.offline, .outcomeUnknown, .rateLimited(wait: .seconds(1)),
        .maintenance(wait: .seconds(1)), .unauthorized,
    ])
    func itIsTriedAgainUntilAnAnswerIsKnown(_ code: BrokerError.Code) {
        var talk = Conversation()
        talk.working(1)
        talk.say(.cancel(one, reason: "somebody"))
        for _ in 0..<12 {
            talk.fail(talk.cancel, code)
            for _ in 0..<31 where talk.cancel == nil { talk.wait(1) }
            #expect(talk.cancel != nil)
        }
    }

    @Test func nothingToCancelAsksHowItEnded() {
        var talk = Conversation(fills: .totals)
        talk.working(1)
        talk.say(.cancel(one, reason: "somebody"))
        talk.fail(talk.cancel, .nothingToCancel)
        talk.answer(talk.question, .order(.found(.of(.sample(1), "b1", filled: 4, .cancelled))))
        #expect(talk.said.reports.count == 2)
        guard case .filled(let fill) = talk.said.reports.first else {
            return #expect(Bool(false), "\(talk.said.reports)")
        }
        #expect(fill.quantity == .shares(4) && talk.codes == [.fillsMissing])
        #expect(talk.said.reports.last == .cancelled(one, reason: "the broker says so"))
    }

    @Test func aCancelThatWasTakenAndBroughtNoEndIsLookedAt() {
        var talk = Conversation()
        talk.working(1)
        talk.say(.cancel(one, reason: "somebody"))
        talk.answer(talk.cancel, .done)
        talk.wait(5)
        talk.answer(talk.question, .order(.found(.of(.sample(1), "b1"))))
        talk.wait(1)
        #expect(talk.cancel != nil, "asked for again")
    }

    @Test func aKillWithdrawsCancelsAndLetsExitsGo() {
        var talk = Conversation()
        talk.working(1)
        talk.working(2, .sell)
        talk.fail(talk.order(3, of: 1), .offline)
        talk.say(.kill(true, reason: "a person"))
        let cancelled = talk.said.calls.compactMap { call -> OrderNumber? in
            if case .cancel(_, let number) = call.kind { number } else { nil }
        }
        #expect(cancelled == [one])
        #expect(
            talk.said.reports.contains { report in
                if case .cancelled(OrderNumber(3), _) = report { true } else { false }
            })
        #expect(talk.order(4) == nil)
        #expect(talk.order(5, .sell) != nil)
        talk.say(.kill(false, reason: "a person"))
        #expect(talk.place == nil, "nothing comes back")
        #expect(talk.order(6) != nil)
    }

    @Test func aKillOutlivesTheHostAndReachesOrdersInDoubt() {
        let logged = LoggedOrder(.sample(1), broker: BrokerOrderID("b1"))
        var talk = Conversation(restart: DeskRestart(orders: [logged], kill: "a person"))
        talk.answer(talk.question, .order(.found(.of(.sample(1), "b1"))))
        #expect(talk.cancel != nil)
    }
}
