import Orders
import Ports
import TestKit
import Testing
import TradingModel

private let one = OrderNumber(1)

/// What a person says of an order in doubt: a number may be mistyped, and fills of another's order would be booked.
@Suite struct ResolvingTests {
    /// In doubt, and only a person can tell.
    private func asksAPerson() -> Conversation {
        var talk = Conversation(ids: .none)
        talk.fail(talk.order(1), .outcomeUnknown)
        talk.answer(talk.question, .order(.cannotTell))
        talk.answer(
            talk.list,
            .orders([
                .of(.sample(1), "k1", isKnown: false), .of(.sample(1), "k2", isKnown: false),
            ]))
        return talk
    }

    @Test func aNumberThatCannotBeItsOwnIsRefusedWithWhatItIs() {
        let others: [(BrokerOrder, String)] = [
            (.of(.sample(1, shares: 9), "k3", isKnown: false), "a buy of 9 of 'S'"),
            (.of(.sample(1, .sell), "k3", isKnown: false), "a sell of 10"),
            (.of(.sample(1, of: 1), "k3", isKnown: false), "of another instrument"),
            (.of(.sample(9), "k3"), "client order id"),
            (.of(.sample(1), "k3", isKnown: false, at: .seconds(-9_000)), "was placed at"),
        ]
        for (other, words) in others {
            var talk = asksAPerson()
            talk.say(.resolve(one, .accepted(BrokerOrderID("k3"))))
            talk.answer(talk.question, .order(.found(other)))
            #expect(talk.said.reports == [] && talk.desk.isWaitingForPerson(one))
            let told = talk.said.notes.map(\.text).first ?? ""
            #expect(talk.isCritical && told.contains(words) && told.contains("not k3"), "\(told)")
            talk.say(.resolve(one, .accepted(BrokerOrderID("k2"))))
            talk.answer(talk.question, .order(.found(.of(.sample(1), "k2", isKnown: false))))
            #expect(talk.said.reports == [.accepted(one, BrokerOrderID("k2"))])
        }
    }

    @Test func aSecondWordTakesTheFirstBack() {
        var talk = asksAPerson()
        talk.say(.resolve(one, .accepted(BrokerOrderID("k33"))))
        let first = talk.question
        talk.say(.resolve(one, .accepted(BrokerOrderID("k2"))))
        let second = talk.question
        talk.answer(first, .order(.found(.of(.sample(1), "k33", isKnown: false))))
        #expect(talk.said.reports == [])
        talk.answer(second, .order(.found(.of(.sample(1), "k2", isKnown: false))))
        #expect(talk.said.reports == [.accepted(one, BrokerOrderID("k2"))])
    }

    @Test func aNumberThatTheBrokerDoesNotKnowIsRefusedWhenItStaysSo() {
        var talk = asksAPerson()
        talk.say(.resolve(one, .accepted(BrokerOrderID("k3"))))
        for round in 0..<3 {
            talk.answer(talk.question, .order(.none))
            if round < 2 {
                #expect(talk.said.notes == [], "a copy may lag")
                talk.wait(5)
            }
        }
        #expect(talk.said.notes.first?.text.contains("not k3: the broker knew no such") == true)
        #expect(talk.desk.isWaitingForPerson(one) && talk.said.reports == [])
    }

    @Test func whereTheBrokerCannotBeAskedAPersonIsBelieved() {
        var talk = asksAPerson()
        talk.say(.resolve(one, .accepted(BrokerOrderID("k2"))))
        talk.answer(talk.question, .order(.cannotTell))
        #expect(talk.said.reports == [.accepted(one, BrokerOrderID("k2"))])
        #expect(talk.said.notes.first?.text.contains("cannot be asked for k2") == true)
    }

    /// `--as none` of one that has filled in full: there is nothing to cancel.
    @Test func oneThatFilledInFullBehindItsEndIsNotCancelled() {
        var talk = asksAPerson()
        talk.say(.resolve(one, .notAccepted))
        talk.report(.filled(.of(1, 1, 10)))
        #expect(talk.said.reports == [.filled(.of(1, 1, 10))])
        talk.report(.accepted(one, BrokerOrderID("k1")))
        #expect(talk.codes == [.drift] && talk.cancel == nil)
        #expect(talk.said.notes.first?.text.contains("nothing of it is left to cancel") == true)
    }

    /// Where every order of ours carries our id, one without is somebody else's.
    @Test func oneWithoutOurClientIDIsRefusedWhereTheBrokerKeepsThem() {
        for (ids, isBelieved) in [
            (BrokerCapabilities.ClientOrderIDs.always, false), (.whileOpen, true),
        ] {
            var talk = Conversation(ids: ids)
            talk.fail(talk.order(1), .outcomeUnknown)
            talk.say(.resolve(one, .accepted(BrokerOrderID("k3"))))
            talk.answer(talk.question, .order(.found(.of(.sample(1), "k3", isKnown: false))))
            #expect(talk.desk.isInDoubt(one) != isBelieved)
            guard !isBelieved else { continue }
            #expect(talk.said.notes.first?.text.contains("no client order id of ours") == true)
        }
    }

    /// The line was down when it was named; what the broker says by itself counts.
    @Test func aNumberThatIsNamedEndsWithTheDoubt() {
        let truths: [(inout Conversation, CallID?) -> Void] = [
            { talk, _ in talk.report(.accepted(one, BrokerOrderID("b1"))) },
            { talk, place in talk.answer(place, .placed(BrokerOrderID("b1"))) },
            { talk, _ in talk.report(.filled(.of(1, 1, 4))) },
        ]
        for (at, truth) in truths.enumerated() {
            var talk = Conversation(ids: .none)
            let place = talk.order(1)
            talk.fail(place, .outcomeUnknown)
            // The answer of a call that was given up comes behind the doubt.
            if at == 1 {
                talk = Conversation(ids: .none)
                let place = talk.order(1)
                talk.wait(60)
                #expect(talk.desk.isInDoubt(one))
                talk.say(.resolve(one, .accepted(BrokerOrderID("k2"))))
                let asked = talk.question
                truth(&talk, place)
                check(&talk, asked)
                continue
            }
            talk.say(.resolve(one, .accepted(BrokerOrderID("k2"))))
            let asked = talk.question
            truth(&talk, place)
            check(&talk, asked)
        }
    }

    private func check(_ talk: inout Conversation, _ asked: CallID?) {
        #expect(!talk.desk.isInDoubt(one))
        talk.answer(asked, .order(.found(.of(.sample(1), "k2", isKnown: false))))
        for call in talk.open {
            if case .order = call.kind {
                talk.answer(call.id, .failed(BrokerError(.offline, "no")))
            }
        }
        talk.wait(60)
        talk.gap()
        talk.answer(talk.openCall { $0 == .openOrders }, .orders([]))
        let names = talk.open.compactMap { call -> OrderName? in
            if case .order(let name, _) = call.kind { name } else { nil }
        }
        #expect(!names.isEmpty && !names.contains(.broker(BrokerOrderID("k2"))), "\(names)")
        #expect(talk.desk.holder(of: BrokerOrderID("k2")) == nil, "it is another's")
    }

    /// Of an order whose change is on its way a list may have the row of its former number, which is over.
    @Test func anOrderThatIsChangingIsAskedForByItself() {
        var talk = Conversation(changes: .makeNumber) { $0.questionsAtOnce = 1 }
        talk.working(1)
        for number in [2, 3] as [UInt64] {
            let place = talk.order(number, of: Int(number))
            talk.answer(place, .placed(BrokerOrderID("b\(number)")))
        }
        let change = OrderChange(limit: .won(101), quantity: .shares(10))
        talk.say(
            .change(ApprovedChange(one, to: change, opens: true, approvedAt: .seconds(1_000))))
        talk.gap()
        let open = talk.call { $0 == .openOrders }
        talk.answer(open, .orders([]))
        #expect(
            talk.said.calls.map(\.kind).contains(.order(.broker(BrokerOrderID("b1")), of: one)))
        let list = talk.list
        #expect(list != nil, "the others share one")
        talk.answer(
            list,
            .orders([
                .of(.sample(1), "b1", .cancelled), .of(.sample(2, of: 2), "b2"),
                .of(.sample(3, of: 3), "b3"),
            ]))
        #expect(talk.said.reports.isEmpty && talk.said.calls.isEmpty)
    }

    /// Seed 279332: what was said of a number that was taken back counted as said of the order.
    @Test func whatIsSaidOfANumberThatWasTakenBackCountsForNothing() {
        var talk = Conversation(ids: .none)
        talk.working(3)
        talk.fail(talk.order(1), .outcomeUnknown)
        talk.answer(talk.question, .order(.cannotTell))
        talk.answer(talk.list, .orders([]))
        talk.say(.resolve(one, .accepted(BrokerOrderID("mistyped"))))
        for _ in 0..<2 {
            talk.answer(talk.question, .order(.none))
            talk.wait(5)
        }
        let third = talk.question
        talk.say(.resolve(one, .accepted(BrokerOrderID("b3"))))
        #expect(talk.isCritical && talk.desk.isInDoubt(one), "it is order 3")
        let list = talk.list
        talk.answer(third, .order(.none))
        #expect(talk.desk.isInDoubt(one) && talk.said.reports == [])
        talk.answer(list, .orders([.of(.sample(1), "b1", isKnown: false)]))
        #expect(talk.said.reports == [.accepted(one, BrokerOrderID("b1"))])
    }

    @Test func whereNobodyCanBeAskedAnotherOrdersNumberIsNotBelieved() {
        var talk = asksAPerson()
        talk.say(.resolve(one, .accepted(BrokerOrderID("k2"))))
        let claim = talk.question
        let place = talk.order(5, of: 1)
        talk.answer(place, .placed(BrokerOrderID("k2")))
        talk.answer(claim, .order(.cannotTell))
        #expect(talk.desk.isInDoubt(one) && talk.isCritical)
        #expect(talk.said.notes.first?.text.contains("that is order 5") == true)
    }

    /// Nobody waits with a number in hand until thirty others are known.
    @Test func aNumberIsAskedForWhereThereIsNoRoom() {
        var talk = Conversation { $0.questionsAtOnce = 1 }
        talk.fail(talk.order(1), .outcomeUnknown)
        talk.fail(talk.order(2, of: 1), .outcomeUnknown)
        talk.say(.resolve(OrderNumber(2), .accepted(BrokerOrderID("k2"))))
        #expect(
            talk.said.calls.map(\.kind) == [
                .order(.broker(BrokerOrderID("k2")), of: OrderNumber(2))
            ])
    }
}
