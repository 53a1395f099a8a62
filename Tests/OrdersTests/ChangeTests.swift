import Orders
import Ports
import TestKit
import Testing
import TradingModel

private let one = OrderNumber(1)
private let up = OrderChange(limit: .won(101), quantity: .shares(12))
private let down = OrderChange(limit: .won(99), quantity: .shares(8))

extension Conversation {
    /// An order of ten at 100 that the broker has as `b1`, and a change of it on its way.
    fileprivate static func changing(
        _ change: OrderChange = up, ids: BrokerCapabilities.ClientOrderIDs = .always,
        _ changes: BrokerCapabilities.Changes = .keepNumber
    ) -> (Conversation, CallID?) {
        var talk = Conversation(ids: ids, changes: changes)
        talk.working(1)
        talk.change(change)
        return (talk, talk.modify)
    }
    fileprivate mutating func change(_ change: OrderChange) {
        say(
            .change(
                ApprovedChange(
                    one, to: change, opens: change == up,
                    validUntil: now.advanced(by: .seconds(30)),
                    approvedAt: now)))
    }
    fileprivate var modify: CallID? { call { if case .modify = $0 { true } else { false } } }

    /// The broker answers the question with these terms.
    fileprivate mutating func found(
        _ change: OrderChange?, _ id: String = "b1", filled: Int64 = 0,
        _ state: BrokerOrder.State = .working
    ) {
        var order = BrokerOrder.of(.sample(1), id, filled: filled, state)
        if let change { (order.quantity, order.limit) = (change.quantity, change.limit) }
        answer(question, .order(.found(order)))
    }
}

/// R8.8, R10.1: a change goes out once, and what is said of it is what the broker did.
@Suite struct ChangeTests {
    @Test func theAnswerIsTold() {
        var (talk, call) = Conversation.changing()
        #expect(call != nil && talk.said.reports == [])
        talk.answer(call, .placed(BrokerOrderID("b1")))
        #expect(talk.said.reports == [.changed(one, up, BrokerOrderID("b1"))])
        talk.report(.changed(one, up, BrokerOrderID("b1")))
        #expect(talk.said.reports == [], "word of it that comes behind says nothing new")
    }

    @Test func aRefusalLeavesTheOrderAsItWas() {
        var (talk, call) = Conversation.changing()
        talk.fail(call, .priceRule)
        guard case .changeRefused(one, up, _) = talk.said.reports.first else {
            Issue.record("\(talk.said.reports)")
            return
        }
        #expect(talk.said.reports.count == 1)
        #expect(talk.question != nil, "why it was refused may be that it is over")
    }

    @Test func whatWasCertainlyNotTakenIsTriedAgain() {
        var (talk, call) = Conversation.changing()
        talk.fail(call, .rateLimited(wait: .milliseconds(200)))
        #expect(talk.modify == nil && talk.said.reports == [])
        talk.wait(2)
        #expect(talk.modify != nil)
    }

    /// Price and quantity tell; an answer may be old, so it takes as many as any other doubt.
    @Test(arguments: [true, false])
    func aDoubtIsAskedForUntilAnswersAgree(_ isTaken: Bool) {
        var (talk, call) = Conversation.changing()
        talk.fail(call, .outcomeUnknown)
        #expect(talk.said.reports == [] && talk.modify == nil, "it is not sent again")
        for _ in 0..<2 {
            talk.found(isTaken ? up : nil)
            #expect(talk.said.reports == [])
            talk.wait(6)
        }
        talk.found(isTaken ? up : nil)
        if isTaken {
            #expect(talk.said.reports == [.changed(one, up, BrokerOrderID("b1"))])
        } else {
            guard case .changeRefused = talk.said.reports.first else {
                Issue.record("\(talk.said.reports)")
                return
            }
        }
    }

    @Test func anOldAnswerBetweenProvesNothing() {
        var (talk, call) = Conversation.changing()
        talk.fail(call, .outcomeUnknown)
        talk.found(nil)
        talk.wait(6)
        talk.found(up)
        talk.wait(6)
        talk.found(up)
        #expect(talk.said.reports == [], "the first of the two is six seconds old")
        talk.wait(6)
        talk.found(up)
        #expect(talk.said.reports == [.changed(one, up, BrokerOrderID("b1"))])
    }

    /// Somebody changed it at the broker's own page: no answer ends the doubt, so a person hears of it, once.
    @Test func termsThatNobodyAskedForAreTold() {
        var (talk, call) = Conversation.changing()
        talk.fail(call, .outcomeUnknown)
        var told: [Int] = []
        for _ in 0..<5 {
            talk.found(OrderChange(limit: .won(50), quantity: .shares(7)))
            told.append(
                talk.said.notes.count {
                    $0.code == .drift && $0.text.contains("madang order cancel 1")
                })
            #expect(talk.said.reports == [], "nothing is concluded from it")
            talk.wait(6)
        }
        #expect(told == [0, 0, 1, 0, 0])
        for _ in 0..<2 {
            talk.found(up)
            talk.wait(6)
        }
        talk.found(up)
        #expect(talk.said.reports == [.changed(one, up, BrokerOrderID("b1"))])
    }

    @Test func aNewNumberIsProof() {
        var (talk, call) = Conversation.changing(up, .makeNumber)
        talk.fail(call, .outcomeUnknown)
        talk.found(up, "b2")
        #expect(talk.said.reports == [.changed(one, up, BrokerOrderID("b2"))])
        // What is said under the old one is the order's still.
        talk.wait(1)
        talk.report(.filled(.of(1, 1, 4)))
        #expect(talk.said.reports == [.filled(.of(1, 1, 4))])
    }

    /// A list of open orders has it under its new number before the answer comes: it is no second order of ours that
    /// somebody should cancel by hand.
    @Test(arguments: [true, false])
    func aListWithTheNewNumberIsProofToo(_ isNewStart: Bool) {
        var (talk, _) = Conversation.changing(up, .makeNumber)
        if isNewStart {
            var logged = LoggedOrder(.sample(1), broker: BrokerOrderID("b1"))
            logged.change = ApprovedChange(one, to: up, opens: true, approvedAt: .seconds(999))
            talk = Conversation(restart: DeskRestart(orders: [logged]), changes: .makeNumber)
        } else {
            talk.gap()
        }
        var there = BrokerOrder.of(.sample(1), "b2")
        (there.quantity, there.limit) = (up.quantity, up.limit)
        talk.answer(talk.call { $0 == .openOrders }, .orders([there]))
        #expect(talk.said.reports == [.changed(one, up, BrokerOrderID("b2"))])
        #expect(!talk.isCritical, "\(talk.said.notes)")
        // Other terms than those are somebody else's doing, and told.
        (talk, _) = Conversation.changing(up, .makeNumber)
        talk.gap()
        there.quantity = .shares(99)
        talk.answer(talk.call { $0 == .openOrders }, .orders([there]))
        #expect(talk.said.reports == [] && talk.isCritical)
    }

    /// An adapter that missed the order's acceptance tells it with the number that it has by now.
    @Test func anAcceptanceUnderTheNewNumberIsNoSecondOrder() {
        var (talk, _) = Conversation.changing(up, .makeNumber)
        talk.report(.accepted(one, BrokerOrderID("b2")))
        #expect(talk.said.reports == [] && !talk.isCritical && talk.question != nil)
        talk.report(.changed(one, up, BrokerOrderID("b2")))
        #expect(talk.said.reports == [.changed(one, up, BrokerOrderID("b2"))])
        talk.report(.accepted(one, BrokerOrderID("b3")))
        #expect(talk.isCritical, "nothing is on its way that could have made it")
    }

    @Test func newsOfANewNumberIsProofBeforeTheAnswer() {
        var (talk, call) = Conversation.changing(up, .makeNumber)
        talk.report(.changed(one, up, BrokerOrderID("b2")))
        #expect(talk.said.reports == [.changed(one, up, BrokerOrderID("b2"))])
        talk.answer(call, .placed(BrokerOrderID("b2")))
        #expect(talk.said.reports == [])
    }

    @Test func aCancelPassesItAndWins() {
        var (talk, call) = Conversation.changing()
        talk.say(.cancel(one, reason: "somebody"))
        #expect(talk.cancel != nil, "never held back")
        talk.answer(talk.cancel, .done)
        talk.report(.cancelled(one, reason: "asked"))
        talk.found(nil, "b1", .cancelled)
        #expect(talk.said.reports.last == .cancelled(one, reason: "asked"))
        talk.answer(call, .placed(BrokerOrderID("b1")))
        #expect(talk.said.reports == [], "the order is over")
    }

    @Test func aCancelThatMeetsTheOldNumberFollowsTheNewOne() {
        var (talk, call) = Conversation.changing(up, .makeNumber)
        talk.say(.cancel(one, reason: "somebody"))
        talk.fail(talk.cancel, .nothingToCancel)
        talk.answer(call, .placed(BrokerOrderID("b2")))
        let again = talk.said.calls.contains {
            if case .cancel(.broker(BrokerOrderID("b2")), _) = $0.kind { true } else { false }
        }
        #expect(again)
    }

    /// All of the old terms are filled, and the new ones are more: only the broker knows whether it goes on.
    @Test(arguments: [true, false])
    func fillsMayBeFaster(_ isTaken: Bool) {
        var (talk, call) = Conversation.changing()
        talk.report(.filled(.of(1, 1, 10)))
        #expect(talk.said.reports == [.filled(.of(1, 1, 10))])
        if isTaken {
            talk.answer(call, .placed(BrokerOrderID("b1")))
            #expect(talk.said.reports == [.changed(one, up, BrokerOrderID("b1"))])
            talk.report(.filled(.of(1, 2, 2)))
            #expect(talk.said.reports == [.filled(.of(1, 2, 2))])
        } else {
            talk.found(nil, filled: 10, .filled)
            guard case .changeRefused = talk.said.reports.first else {
                Issue.record("\(talk.said.reports)")
                return
            }
        }
    }

    /// Seed 12524: adopted by the number that a change had replaced, no cancel reached the order any more.
    @Test func itWaitsUntilTheAdapterKnowsTheOrder() {
        let logged = LoggedOrder(.sample(1), broker: BrokerOrderID("b1"))
        var talk = Conversation(restart: DeskRestart(orders: [logged]), changes: .makeNumber)
        talk.found(nil)
        let adoption = talk.adoption
        #expect(adoption != nil)
        talk.change(up)
        talk.wait(1)
        #expect(talk.modify == nil)
        talk.answer(adoption, .done)
        #expect(talk.modify != nil)
    }

    @Test func oneAtATime() {
        var (talk, _) = Conversation.changing()
        talk.change(down)
        guard case .changeRefused(one, down, _) = talk.said.reports.first else {
            Issue.record("\(talk.said.reports)")
            return
        }
        #expect(talk.modify == nil)
    }

    /// An order that ended while the change was written down leaves no kernel waiting.
    @Test func ofAnOrderThatIsOverItIsRefused() {
        var talk = Conversation()
        talk.working(1)
        talk.report(.filled(.of(1, 1, 10)))
        talk.change(up)
        guard case .changeRefused(one, up, _) = talk.said.reports.first else {
            Issue.record("\(talk.said.reports)")
            return
        }
        #expect(talk.modify == nil)
    }

    /// What adds is withdrawn by a kill while it waits for its next try; what lowers goes on.
    @Test(arguments: [up, down])
    func aKillWithdrawsWhatAdds(_ change: OrderChange) {
        var (talk, call) = Conversation.changing(change)
        talk.fail(call, .rateLimited(wait: .milliseconds(200)))
        talk.say(.kill(true, reason: "a person"))
        guard
            case .changeRefused(one, change, _) = talk.said.reports.first(where: {
                if case .changeRefused = $0 { true } else { false }
            })
        else {
            Issue.record("the kill cancels the order too: \(talk.said.reports)")
            return
        }
    }

    @Test func aNewStartAsksBeforeItSaysAnything() {
        var logged = LoggedOrder(.sample(1), broker: BrokerOrderID("b1"))
        logged.change = ApprovedChange(one, to: up, opens: true, approvedAt: .seconds(999))
        var talk = Conversation(restart: DeskRestart(orders: [logged]), changes: .makeNumber)
        #expect(talk.question != nil && talk.modify == nil)
        talk.found(up, "b2")
        #expect(
            talk.said.reports.contains(.changed(one, up, BrokerOrderID("b2")))
                && talk.modify == nil)
    }
}
