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

    /// Where the broker knows no name of it, it has to be found first.
    @Test func aWishForAnOrderInDoubtIsRemembered() {
        var talk = Conversation(ids: .none)
        talk.fail(talk.order(1), .outcomeUnknown)
        talk.answer(talk.question, .order(.cannotTell))
        let list = talk.list
        talk.say(.cancel(one, reason: "somebody"))
        #expect(talk.cancel == nil)
        talk.answer(list, .orders([.of(.sample(1), "b1", isKnown: false)]))
        #expect(talk.cancel != nil)
    }

    @Test(arguments: [BrokerCapabilities.ClientOrderIDs.always, .whileOpen])
    func anOrderInDoubtIsCancelledByItsClientID(_ ids: BrokerCapabilities.ClientOrderIDs) {
        var talk = Conversation(ids: ids)
        talk.fail(talk.order(1), .outcomeUnknown)
        let question = talk.question
        talk.say(.cancel(one, reason: "somebody"))
        let cancel = talk.cancel
        #expect(talk.cancelled == [.client(ClientOrderID(high: 7, low: 1))])
        talk.answer(question, .order(.none))
        talk.wait(5)
        #expect(talk.question == nil, "its cancel goes first")
        talk.answer(cancel, .done)
        #expect(talk.said.reports == [] && talk.desk.isInDoubt(one), "what of it has filled?")
        talk.answer(talk.question, .order(.found(.of(.sample(1), "b1", .cancelled))))
        #expect(
            talk.said.reports == [
                .accepted(one, BrokerOrderID("b1")), .cancelled(one, reason: "the broker says so"),
            ])
        #expect(talk.said.calls.isEmpty, "nothing of it is left to hear")
    }

    /// Its cancel is on its way, and one question was answered with "none".
    private func inDoubtAndCancelled() -> (Conversation, CallID?) {
        var talk = Conversation()
        talk.fail(talk.order(1), .outcomeUnknown)
        let before = talk.question
        talk.say(.cancel(one, reason: "somebody"))
        let cancel = talk.cancel
        talk.answer(before, .order(.none))
        return (talk, cancel)
    }

    @Test func whatFilledBeforeTheCancelOfAnOrderInDoubtIsBookedFirst() {
        let (begun, cancel) = inDoubtAndCancelled()
        var talk = begun
        talk.answer(cancel, .done)
        let ended = BrokerOrder.of(.sample(1), "b1", filled: 4, .cancelled)
        talk.answer(talk.question, .order(.found(ended)))
        #expect(talk.said.reports == [.accepted(one, BrokerOrderID("b1"))])
        talk.answer(talk.adoption, .done)
        let question = talk.question
        talk.answer(talk.fills, .fills([.of(1, 1, 4)]))
        talk.answer(question, .order(.found(ended)))
        #expect(talk.said.reports == [.cancelled(one, reason: "the broker says so")])
    }

    /// The place may be on its way still: that there is nothing to cancel is no reject.
    @Test func nothingToCancelEndsNoDoubt() {
        let (begun, cancel) = inDoubtAndCancelled()
        var talk = begun
        talk.fail(cancel, .nothingToCancel)
        #expect(talk.said.reports == [] && talk.desk.isInDoubt(one))
        talk.answer(talk.question, .order(.found(.of(.sample(1), "b1"))))
        #expect(talk.said.reports == [.accepted(one, BrokerOrderID("b1"))])
        #expect(talk.cancelled == [.broker(BrokerOrderID("b1"))], "there it is")
    }

    /// Taken, the cancel says that it was accepted: no number of answers "none" makes it one that was not.
    @Test func whatACancelFoundIsNotCalledUnaccepted() {
        let (begun, cancel) = inDoubtAndCancelled()
        var talk = begun
        talk.answer(cancel, .done)
        for _ in 0..<3 {
            talk.answer(talk.question, .order(.none))
            if !talk.desk.isWaitingForPerson(one) { talk.wait(5) }
        }
        #expect(talk.desk.isWaitingForPerson(one) && talk.isCritical)
    }

    @Test func aCancelWithoutATurnWaitsOnAndIsNoTry() {
        var talk = Conversation()
        talk.working(1)
        talk.say(.cancel(one, reason: "somebody"))
        for _ in 0..<5 {
            talk.answer(talk.cancel, .noTurn)
            #expect(talk.cancel != nil && talk.said.notes == [])
        }
        talk.fail(talk.cancel, .offline)
        #expect(talk.said.notes.map(\.text).first?.contains("try 1:") == true)
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

    /// A question that was asked before the kill ends no doubt while the answer of the cancel is on its way.
    @Test func noneWaitsForTheCancelThatIsOnItsWay() {
        var talk = Conversation()
        talk.fail(talk.order(1), .outcomeUnknown)
        for _ in 0..<2 {
            talk.answer(talk.question, .order(.none))
            talk.wait(5)
        }
        let third = talk.question
        talk.say(.cancel(one, reason: "somebody"))
        let cancel = talk.cancel
        talk.answer(third, .order(.none))
        #expect(talk.said.reports == [] && talk.desk.isInDoubt(one))
        talk.answer(cancel, .done)
        let ended = BrokerOrder.of(.sample(1), "b1", filled: 4, .cancelled)
        talk.answer(talk.question, .order(.found(ended)))
        #expect(
            talk.said.reports == [.accepted(one, BrokerOrderID("b1"))],
            "and its fills are asked for")
    }

    /// Given up, thought never to have been, and the broker says that it has taken the cancel.
    @Test func aCancelThatIsTakenBehindAnEndProvesThatTheOrderWasThere() {
        var talk = Conversation()
        talk.fail(talk.order(1), .outcomeUnknown)
        talk.say(.cancel(one, reason: "somebody"))
        let cancel = talk.cancel
        talk.say(.resolve(one, .notAccepted))
        #expect(!talk.desk.isInDoubt(one))
        talk.answer(cancel, .done)
        #expect(talk.codes == [.drift] && talk.isCritical)
        let ended = BrokerOrder.of(.sample(1), "b1", filled: 4, .cancelled)
        talk.answer(talk.question, .order(.found(ended)))
        #expect(talk.said.reports == [], "the kernel has heard its end")
        talk.answer(talk.fills, .fills([.of(1, 1, 4)]))
        #expect(talk.said.reports == [.filled(.of(1, 1, 4))])
    }

    /// Its answer comes behind the next try, which finds nothing any more.
    @Test func aCancelThatWasTakenLateProvesItInDoubtToo() {
        var talk = Conversation()
        talk.fail(talk.order(1), .outcomeUnknown)
        talk.answer(talk.question, .order(.none))
        talk.say(.cancel(one, reason: "somebody"))
        let first = talk.cancel
        talk.wait(12)
        for _ in 0..<9 where talk.cancel == nil { talk.wait(1) }
        let second = talk.cancel
        #expect(second != nil && second != first)
        talk.answer(first, .done)
        talk.answer(second, .failed(BrokerError(.nothingToCancel, "nothing is open")))
        for _ in 0..<6 {
            talk.answer(talk.openQuestion, .order(.none))
            if !talk.desk.isWaitingForPerson(one) { talk.wait(5) }
        }
        #expect(talk.desk.isWaitingForPerson(one), "it was there: nobody calls it unaccepted")
    }

    /// Lookups go on saying that it works behind an end that was told, and what was asked for is followed.
    @Test func aWishOutlivesAnEndThatWasToldWrongly() {
        var talk = Conversation()
        talk.working(1)
        talk.say(.cancel(one, reason: "somebody"))
        let cancel = talk.cancel
        talk.report(.cancelled(one, reason: "asked"))
        talk.fail(cancel, .offline)
        var tries = 0
        while tries < 4, talk.cancel == nil {
            tries += 1
            talk.answer(talk.openQuestion, .order(.found(.of(.sample(1), "b1"))))
            if talk.cancel == nil { talk.wait(5) }
        }
        #expect(talk.cancel != nil && tries == 3, "as often as a none")
    }

    /// The broker told the end, and knows nothing of the order any more.
    @Test func anEndWithoutATotalIsToldWithThat() {
        var talk = Conversation()
        talk.fail(talk.order(1), .outcomeUnknown)
        talk.answer(talk.question, .order(.none))
        talk.report(.cancelled(one, reason: "asked"))
        for _ in 0..<4 {
            talk.answer(talk.openQuestion, .order(.none))
            if talk.said.reports.isEmpty { talk.wait(5) }
        }
        #expect(talk.said.reports == [.cancelled(one, reason: "asked")])
        #expect(talk.codes == [.fillsMissing] && talk.fills != nil)
        talk.answer(talk.fills, .fills([.of(1, 1, 4)]))
        #expect(talk.said.reports == [.filled(.of(1, 1, 4))], "a fill is money that moved")
    }

    /// The end is told before anybody knows the number: what filled before it is asked for by our own name.
    @Test func anEndOfAnOrderWithoutANumberWaitsForItsTotal() {
        var talk = Conversation()
        talk.fail(talk.order(1), .outcomeUnknown)
        talk.say(.cancel(one, reason: "somebody"))
        talk.report(.cancelled(one, reason: "asked"))
        #expect(talk.said.reports == [] && talk.desk.isInDoubt(one))
        #expect(talk.order(2) == nil, "nothing opens beside it")
        let ended = BrokerOrder.of(.sample(1), "b1", filled: 4, .cancelled)
        talk.answer(talk.openQuestion, .order(.found(ended)))
        #expect(talk.said.reports == [.accepted(one, BrokerOrderID("b1"))])
        talk.answer(talk.adoption, .done)
        talk.answer(talk.openFills, .fills([.of(1, 1, 4)]))
        #expect(talk.said.reports == [.filled(.of(1, 1, 4))])
        talk.answer(talk.openQuestion, .order(.found(ended)))
        #expect(talk.said.reports == [.cancelled(one, reason: "asked")])
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
        let talk = Conversation(restart: DeskRestart(orders: [logged], kill: "a person"))
        #expect(talk.cancelled == [.client(ClientOrderID(high: 7, low: 1))])
        #expect(talk.question == nil, "before it is asked for")
    }

    /// A number of the day before may be another's today: somebody's own protective sale.
    @Test func behindARestartNoNumberIsCancelledBeforeItIsAskedFor() {
        let logged = LoggedOrder(.sample(1), broker: BrokerOrderID("b1"))
        var talk = Conversation(
            ids: .none, restart: DeskRestart(orders: [logged], kill: "a person"))
        #expect(talk.cancel == nil)
        let others = BrokerOrder.of(.sample(1, .sell), "b1", isKnown: false)
        talk.answer(talk.question, .order(.found(others)))
        #expect(talk.cancel == nil && talk.desk.isInDoubt(one))
        talk.wait(60)
        talk.answer(talk.question, .order(.found(.of(.sample(1), "b1", isKnown: false))))
        #expect(talk.cancelled == [.broker(BrokerOrderID("b1"))])
    }
}
