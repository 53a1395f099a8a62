import Orders
import Ports
import TestKit
import Testing
import TradingModel

private let one = OrderNumber(1)

/// R8.3: an outcome that is unknown is asked for; nothing is sent again.
@Suite struct DoubtTests {
    private func doubtful(
        _ ids: BrokerCapabilities.ClientOrderIDs, _ side: Side = .buy,
        fills: BrokerCapabilities.FillHistory = .each
    ) -> Conversation {
        var talk = Conversation(ids: ids, fills: fills)
        talk.fail(talk.order(1, side), .outcomeUnknown)
        return talk
    }

    @Test func itIsReportedToldAndAskedFor() {
        let talk = doubtful(.always)
        guard case .unknown(one, _) = talk.said.reports.first else {
            return #expect(Bool(false), "\(talk.said.reports)")
        }
        #expect(talk.codes == [.orderDelayed] && !talk.isCritical)
        #expect(
            talk.said.notes.first?.text
                == "order 1 is in doubt: no clear answer: no; the broker is asked for it, and nothing is"
                + " sent twice")
        #expect(talk.question != nil && talk.place == nil)
    }

    @Test func foundItIsAdoptedAndItsTotalAskedFor() {
        var talk = doubtful(.always)
        talk.answer(talk.question, .order(.found(.of(.sample(1), "b1", filled: 4))))
        #expect(talk.said.reports == [.accepted(one, BrokerOrderID("b1"))])
        talk.answer(talk.adoption, .done)
        #expect(talk.question != nil)
        let fills = talk.call { if case .fills = $0 { true } else { false } }
        talk.answer(fills, .fills([.of(1, 1, 4)]))
        #expect(talk.said.reports == [.filled(.of(1, 1, 4))])
    }

    @Test func oneNoneProvesNothingThreeOverTenSecondsDo() {
        var talk = doubtful(.always)
        talk.answer(talk.question, .order(.none))
        #expect(talk.said.reports == [])
        talk.wait(5)
        talk.answer(talk.question, .order(.none))
        #expect(talk.said.reports == [])
        talk.wait(5)
        talk.answer(talk.question, .order(.none))
        guard case .failed(one, _) = talk.said.reports.first else {
            return #expect(Bool(false), "\(talk.said.reports)")
        }
        #expect(talk.codes.contains(.executionFailed))
    }

    @Test func aLaggingNoneIsForgottenWhenItTurnsUp() {
        var talk = doubtful(.always)
        for _ in 0..<2 {
            talk.answer(talk.question, .order(.none))
            talk.wait(5)
        }
        talk.answer(talk.question, .order(.found(.of(.sample(1), "b1"))))
        #expect(talk.said.reports == [.accepted(one, BrokerOrderID("b1"))])
    }

    @Test func anAnswerThatFailsIsNoAnswer() {
        var talk = doubtful(.always)
        for _ in 0..<20 {
            talk.fail(talk.question, .offline)
            for _ in 0..<31 where talk.question == nil { talk.wait(1) }
            #expect(talk.question != nil)
            #expect(talk.said.reports == [] && talk.place == nil)
        }
    }

    @Test func anOpeningOrderWaitsForTheDoubtInItsInstrumentAlone() {
        var talk = doubtful(.always)
        let question = talk.question
        #expect(talk.order(2) == nil)
        #expect(talk.order(3, of: 1) != nil)
        #expect(talk.order(4, .sell) != nil, "what reduces goes")
        talk.answer(question, .order(.found(.of(.sample(1), "b1"))))
        #expect(talk.place != nil, "known again, the next goes")
    }

    @Test func aDoubtfulSaleLetsNoSecondOneOutWithoutClientIDs() {
        var talk = doubtful(.none, .sell)
        #expect(talk.isCritical)
        #expect(talk.order(2, .sell) == nil)
        #expect(talk.order(3, .sell, of: 1) != nil)
    }

    @Test func withoutClientIDsTwoOfASideAreNeverOnTheirWay() {
        var talk = Conversation(ids: .none)
        let first = talk.order(1)
        #expect(first != nil)
        #expect(talk.order(2) == nil)
        talk.answer(first, .placed(BrokerOrderID("b1")))
        #expect(talk.place != nil)
    }

    private func asked(_ talk: inout Conversation, _ found: [BrokerOrder]) {
        if talk.list == nil { talk.answer(talk.question, .order(.cannotTell)) }
        talk.answer(talk.list, .orders(found))
    }

    @Test func oneThatLooksLikeItIsAdoptedAlsoWhenItHasFilled() {
        var talk = doubtful(.none, fills: .totals)
        asked(&talk, [.of(.sample(1), "k1", filled: 10, .filled, isKnown: false)])
        #expect(talk.said.reports == [.accepted(one, BrokerOrderID("k1"))])
        talk.answer(talk.adoption, .done)
        talk.answer(
            talk.question,
            .order(.found(.of(.sample(1), "k1", filled: 10, .filled, isKnown: false))))
        guard case .filled(let fill) = talk.said.reports.first else {
            return #expect(Bool(false), "\(talk.said.reports)")
        }
        #expect(fill.quantity == .shares(10) && fill.price == .won(100))
        #expect(talk.codes == [.fillsMissing])
    }

    @Test func whatLooksDifferentIsAnothers() {
        let strangers: [BrokerOrder] = [
            .of(.sample(1, shares: 9), "q", isKnown: false),
            .of(.sample(1, .sell), "s", isKnown: false),
            .of(.sample(1, of: 1), "i", isKnown: false),
            .of(.sample(1), "early", isKnown: false, at: .seconds(990)),
            .of(.sample(9), "other's id", isKnown: true),
        ]
        for stranger in strangers {
            var talk = doubtful(.none)
            asked(&talk, [stranger])
            #expect(talk.said.reports == [], "\(stranger.brokerID)")
            #expect(talk.adoption == nil)
        }
    }

    @Test func whatIsKnownAlreadyIsNoCandidate() {
        var talk = Conversation(ids: .none)
        talk.working(1)
        talk.fail(talk.order(2), .outcomeUnknown)
        asked(&talk, [.of(.sample(2), "b1", isKnown: false)])
        #expect(talk.adoption == nil && talk.said.reports == [])
    }

    @Test func severalAskAPerson() {
        var talk = doubtful(.none)
        asked(
            &talk,
            [.of(.sample(1), "k1", isKnown: false), .of(.sample(1), "k2", isKnown: false)])
        #expect(talk.isCritical && talk.desk.isWaitingForPerson(one))
        talk.wait(1_000)
        #expect(talk.said.reports == [] && talk.list == nil, "it stays as it is")
        talk.say(.resolve(one, .accepted(BrokerOrderID("k2"))))
        #expect(talk.said.reports == [], "the broker is asked first")
        #expect(talk.said.calls.map(\.kind) == [.order(.broker(BrokerOrderID("k2")), of: one)])
        talk.answer(talk.question, .order(.found(.of(.sample(1), "k2", isKnown: false))))
        #expect(talk.said.reports == [.accepted(one, BrokerOrderID("k2"))])
        #expect(talk.adoption != nil)
    }

    /// Somebody else's order that ended without a trade looks like ours, and ours is not listed yet.
    @Test func oneThatDiedUntradedProvesNoMoreThanNone() {
        let dead = BrokerOrder.of(.sample(1), "q1", .cancelled, isKnown: false)
        let ours = BrokerOrder.of(.sample(1), "k1", filled: 3, isKnown: false)
        var talk = doubtful(.none)
        asked(&talk, [dead])
        #expect(talk.said.reports == [], "it may be another's")
        talk.wait(5)
        asked(&talk, [dead, ours])
        #expect(talk.desk.isWaitingForPerson(one))

        talk = doubtful(.none)
        for _ in 0..<2 {
            asked(&talk, [dead])
            #expect(talk.said.reports == [])
            talk.wait(5)
        }
        asked(&talk, [dead])
        #expect(talk.said.reports == [.accepted(one, BrokerOrderID("q1"))])
        talk.answer(talk.adoption, .done)
        talk.answer(talk.question, .order(.found(dead)))
        guard case .cancelled(one, _) = talk.said.reports.last else {
            return #expect(Bool(false), "\(talk.said.reports)")
        }
    }

    /// Seeds 61054, 67082 and 83191: two that look the same have changed places, and the truth of one is the other's.
    @Test func aPersonIsToldWhichOfTwoThatChangedPlacesToLookUp() {
        var talk = Conversation(ids: .none)
        talk.working(1)
        talk.fail(talk.order(2), .outcomeUnknown)
        let two = OrderNumber(2)
        asked(
            &talk, [.of(.sample(2), "k1", isKnown: false), .of(.sample(2), "k2", isKnown: false)])
        #expect(talk.desk.isWaitingForPerson(two))
        talk.say(.resolve(two, .accepted(BrokerOrderID("b1"))))
        #expect(talk.said.reports == [] && talk.desk.isInDoubt(two))
        #expect(
            talk.said.notes.map(\.text) == [
                "b1 is order 1 already: say of order 2 what order 1 is at the broker, or that it was not accepted"
            ])
        #expect(talk.desk.holder(of: BrokerOrderID("b1")) == one)
        talk.say(.resolve(two, .accepted(BrokerOrderID("k2"))))
        talk.answer(talk.question, .order(.found(.of(.sample(2), "k2", isKnown: false))))
        #expect(talk.said.reports == [.accepted(two, BrokerOrderID("k2"))])
    }

    @Test func aPersonMaySayThatItWasNotAccepted() {
        var talk = doubtful(.none)
        asked(
            &talk,
            [.of(.sample(1), "k1", isKnown: false), .of(.sample(1), "k2", isKnown: false)])
        talk.say(.resolve(one, .notAccepted))
        guard case .failed(one, _) = talk.said.reports.first else {
            return #expect(Bool(false), "\(talk.said.reports)")
        }
    }

    /// The kernel takes no failure for an order that has filled: it would stay in doubt for ever.
    @Test func whatAPersonEndsBehindAFillIsCancelled() {
        var talk = Conversation()
        talk.working(1)
        talk.report(.filled(.of(1, 1, 4)))
        talk.gap()
        let open = talk.call { $0 == .openOrders }
        talk.answer(open, .orders([]))
        for _ in 0..<3 {
            talk.answer(talk.question, .order(.none))
            if !talk.desk.isWaitingForPerson(one) { talk.wait(5) }
        }
        #expect(talk.desk.isWaitingForPerson(one))
        talk.say(.resolve(one, .notAccepted))
        guard case .cancelled(one, _) = talk.said.reports.first else {
            return #expect(Bool(false), "\(talk.said.reports)")
        }
    }

    @Test func oneThatWasRefusedAndLivesIsCancelledAndTold() {
        var talk = Conversation()
        talk.fail(talk.order(1), .rejected)
        talk.report(.accepted(one, BrokerOrderID("b1")))
        #expect(talk.codes == [.drift] && talk.isCritical)
        #expect(talk.cancel != nil)
        talk.report(.filled(.of(1, 1, 2)))
        #expect(talk.said.reports == [.filled(.of(1, 1, 2))])
    }

    @Test func oneThatTurnsUpAfterAllIsCancelledAndTold() {
        var talk = doubtful(.always)
        for _ in 0..<3 {
            talk.answer(talk.question, .order(.none))
            if talk.said.reports.isEmpty { talk.wait(5) }
        }
        talk.report(.accepted(one, BrokerOrderID("b1")))
        #expect(talk.codes == [.drift] && talk.isCritical)
        #expect(talk.cancel != nil)
        talk.report(.filled(.of(1, 1, 2)))
        #expect(talk.said.reports == [.filled(.of(1, 1, 2))], "a fill is money that moved")
    }

    @Test func afterARestartEveryOrderWithoutAnAnswerIsInDoubt() {
        let pending = LoggedOrder(.sample(1))
        let working = LoggedOrder(.sample(2), broker: BrokerOrderID("b2"), fills: [.of(2, 1, 3)])
        let ended = LoggedOrder(.sample(3), broker: BrokerOrderID("b3"), end: .cancelled)
        let talk = Conversation(restart: DeskRestart(orders: [pending, working, ended]))
        #expect(talk.said.reports.map(\.order) == [one, OrderNumber(2)])
        let asked = talk.said.calls.compactMap { call -> OrderName? in
            if case .order(let name, _) = call.kind { name } else { nil }
        }
        #expect(asked == [.client(ClientOrderID(high: 7, low: 1)), .broker(BrokerOrderID("b2"))])
        for kind in [DeskCall.Kind.openOrders, .positions, .balances] {
            #expect(talk.call { $0 == kind } != nil)
        }
    }

    /// Found by the simulation: an opener that was approved before the doubt went out under it.
    @Test func whatOpensWaitsWhileAnotherOfItsInstrumentIsInDoubt() {
        var talk = Conversation()
        let place = talk.order(1)
        talk.fail(place, .outcomeUnknown)
        let question = talk.question
        talk.say(.order(talk.approved(2)))
        #expect(talk.place == nil)
        talk.say(.order(talk.approved(3, of: 1)))
        #expect(talk.place != nil, "another instrument is free")
        talk.answer(question, .order(.found(.of(.sample(1), "b1"))))
        #expect(talk.place != nil, "it is known again")
    }
}
