import Orders
import Ports
import TestKit
import Testing
import TradingModel

private let one = OrderNumber(1)
private let b1 = BrokerOrderID("b1")
private let up = OrderChange(limit: .won(101), quantity: .shares(12))

/// Two answers that cannot both be true, and what waits for what never comes.
@Suite struct ContradictionTests {
    /// The place was given up, its cancel was taken, and then comes a refusal: it was there, so the refusal ends nothing.
    @Test(arguments: [BrokerError.Code.rejected, .rateLimited(wait: .milliseconds(10))])
    func aRefusalEndsNoOrderWhoseCancelWasTaken(_ refusal: BrokerError.Code) {
        var talk = Conversation()
        let place = talk.order(1)
        talk.wait(60)
        talk.say(.cancel(one, reason: "by hand"))
        talk.answer(talk.cancel, .done)
        talk.fail(place, refusal)
        #expect(talk.desk.isInDoubt(one) && talk.said.reports == [] && talk.place == nil)
        for round in 0..<3 {
            talk.answer(talk.openQuestion, .order(.none))
            if round < 2 { talk.wait(6) }
        }
        #expect(talk.desk.isWaitingForPerson(one) && talk.isCritical, "\(talk.said.notes)")

        // What filled before is booked when the broker knows it.
        var other = Conversation()
        let again = other.order(1)
        other.wait(60)
        other.say(.cancel(one, reason: "by hand"))
        other.answer(other.cancel, .done)
        other.fail(again, refusal)
        other.answer(
            other.openQuestion, .order(.found(.of(.sample(1), "b1", filled: 4, .cancelled))))
        #expect(other.said.reports == [.accepted(one, b1)])
    }

    /// The same while that cancel is on its way: it may say that the order was there.
    @Test func aRefusalEndsNoOrderWhoseCancelIsOnItsWay() {
        var talk = Conversation()
        let place = talk.order(1)
        talk.wait(60)
        talk.say(.cancel(one, reason: "by hand"))
        let cancel = talk.cancel
        #expect(cancel != nil)
        talk.fail(place, .rejected)
        #expect(talk.desk.isInDoubt(one) && talk.said.reports == [] && talk.place == nil)
        talk.answer(cancel, .done)
        #expect(talk.desk.isInDoubt(one) && talk.said.reports == [])
        talk.answer(
            talk.openQuestion, .order(.found(.of(.sample(1), "b1", filled: 4, .cancelled))))
        #expect(talk.said.reports == [.accepted(one, b1)])
    }

    /// An order of a former process, found at the broker.
    private static func restarted(
        _ changes: BrokerCapabilities.Changes, change: Bool = false
    ) -> Conversation {
        var logged = LoggedOrder(.sample(1), broker: b1)
        if change {
            logged.change = ApprovedChange(one, to: up, opens: true, approvedAt: .seconds(1_000))
        }
        return Conversation(restart: DeskRestart(orders: [logged]), changes: changes)
    }

    /// It has no time of its own, and the adapter is told of the order in vain: it is refused.
    @Test func aChangeThatWaitsForAnAdoptionHasAnEnd() {
        var talk = Self.restarted(.keepNumber)
        talk.answer(talk.openQuestion, .order(.found(.of(.sample(1), "b1"))))
        var adoption = talk.adoption
        #expect(adoption != nil)
        talk.say(.change(ApprovedChange(one, to: up, opens: true, approvedAt: talk.now)))
        var refusals = 0
        for _ in 0..<3 {
            #expect(refusals == 0)
            talk.fail(adoption, .offline)
            refusals += talk.said.reports.count {
                if case .changeRefused(one, up, let why) = $0 {
                    why.contains("could not be told in 3 tries whose order it is")
                } else {
                    false
                }
            }
            for _ in 0..<31 where talk.adoption == nil { talk.wait(1) }
            adoption = talk.adoption
        }
        #expect(refusals == 1)
        #expect(!talk.open.contains { if case .modify = $0.kind { true } else { false } })
    }

    /// The broker may have another number for it by now: the adapter is told of none before that is known, and then of the
    /// one that it has.
    @Test(arguments: [true, false])
    func anAdoptionNamesNoNumberThatAChangeInDoubtReplaces(_ isTaken: Bool) {
        var talk = Self.restarted(.makeNumber, change: true)
        var adopted: [BrokerOrderID] = []
        func found(_ id: String, _ terms: OrderChange?) {
            var order = BrokerOrder.of(.sample(1), id)
            if let terms { (order.quantity, order.limit) = (terms.quantity, terms.limit) }
            talk.answer(talk.openQuestion, .order(.found(order)))
            adopted += talk.said.calls.compactMap { call in
                if case .adopt(_, _, let id) = call.kind { id } else { nil }
            }
        }
        found("b1", nil)
        #expect(talk.said.reports == [.accepted(one, b1)])
        #expect(adopted == [], "it may be another's number by now")
        if isTaken {
            found("b2", up)
            #expect(talk.said.reports == [.changed(one, up, BrokerOrderID("b2"))])
            #expect(adopted == [BrokerOrderID("b2")])
        } else {
            for _ in 0..<4 {
                talk.wait(6)
                found("b1", nil)
            }
            #expect(adopted == [b1])
        }
        // A desk that waits for nothing that is due wakes for nothing.
        #expect(talk.desk.wake.map { $0 > talk.now } == true)
    }

    /// The adapter knows nothing of it, and says so: then there is no other way to ask.
    @Test func anAdapterThatCannotBeAskedIsToldAllTheSame() {
        var talk = Self.restarted(.makeNumber, change: true)
        talk.answer(talk.openQuestion, .order(.found(.of(.sample(1), "b1"))))
        talk.answer(talk.openQuestion, .order(.cannotTell))
        #expect(talk.adoption != nil)
    }
}
