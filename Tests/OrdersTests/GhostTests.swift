import Orders
import Ports
import TestKit
import Testing
import TradingModel

private let one = OrderNumber(1)
private let b1 = BrokerOrderID("b1")

/// An order that the books have ended and that is at the broker all the same: the log knows it, so a later start does.
@Suite struct GhostTests {
    private static func isMemo(_ talk: Conversation) -> [OrderMemo] {
        talk.said.memos.filter { $0.order == one }.map(\.memo)
    }
    private static func isPlace(_ kind: DeskCall.Kind) -> Bool {
        if case .place = kind { true } else { false }
    }

    /// Given up, and said to be none three times: it counts as not accepted.
    private static func givenUp(
        _ ids: BrokerCapabilities.ClientOrderIDs
    ) -> (talk: Conversation, place: CallID?) {
        var talk = Conversation(ids: ids)
        let place = talk.order(1)
        talk.wait(60)
        for _ in 0..<4 {
            if ids == .none {
                if let list = talk.openCall({ if case .orders = $0 { true } else { false } }) {
                    talk.answer(list, .orders([]))
                } else {
                    talk.answer(talk.openQuestion, .order(.cannotTell))
                    continue
                }
            } else {
                talk.answer(talk.openQuestion, .order(.none))
            }
            talk.wait(6)
        }
        #expect(!talk.desk.isInDoubt(one))
        return (talk, place)
    }

    /// The broker is there.
    private static func pass(_ seconds: Int64, _ talk: inout Conversation) {
        talk.wait(seconds)
        talk.answer(
            talk.openCall { $0 == .heartbeat }, .heartbeat(BrokerHeartbeat(brokerTime: nil)))
    }
    /// However often it is asked, until a person is.
    private static func sayNone(_ talk: inout Conversation) {
        for _ in 0..<10 where !talk.desk.isWaitingForPerson(one) {
            talk.answer(talk.openQuestion, .order(.none))
            if !talk.desk.isWaitingForPerson(one) { pass(6, &talk) }
        }
    }

    private static func restarted(
        _ memo: OrderMemo, ids: BrokerCapabilities.ClientOrderIDs = .none,
        end: OrderEnd? = .failed, wish: String? = nil
    ) -> Conversation {
        var logged = LoggedOrder(.sample(1), cancelReason: wish, end: end)
        logged.memo = memo
        return Conversation(ids: ids, restart: DeskRestart(orders: [logged]))
    }

    @Test(arguments: [BrokerCapabilities.ClientOrderIDs.none, .always])
    func itsNumberIsAskedIntoTheLogWithItsCancel(_ ids: BrokerCapabilities.ClientOrderIDs) {
        let given = Self.givenUp(ids)
        var talk = given.talk
        talk.answer(given.place, .placed(b1))
        #expect(talk.cancelled == [.broker(b1)] && talk.desk.ghosts == [one])
        #expect(Self.isMemo(talk) == [OrderMemo(isGhost: true, broker: b1)])
        #expect(talk.said.notes.contains { $0.text.hasSuffix(OrderDesk.ghostListed) })
        // Said once.
        let cancel = talk.cancel
        talk.wait(1)
        #expect(Self.isMemo(talk).isEmpty)
        talk.answer(cancel, .done)
        talk.report(.cancelled(one, reason: "on request"))
        talk.answer(talk.openQuestion, .order(.found(.of(.sample(1), "b1", .cancelled))))
        #expect(Self.isMemo(talk) == [OrderMemo()] && talk.desk.ghosts.isEmpty)
        #expect(talk.said.notes.contains { $0.text.contains(OrderDesk.ghostIsOver) })
    }

    /// The crash came before its cancel. The number may be another's by now, so it is asked for first.
    @Test func aStartAsksForItCancelsItAndBooksWhatItFilled() {
        var talk = Self.restarted(OrderMemo(isGhost: true, broker: b1))
        #expect(talk.desk.ghosts == [one] && talk.desk.isInDoubt(one))
        #expect(talk.said.notes.contains { $0.order == one && $0.text.contains("as b1") })
        #expect(talk.cancelled.isEmpty && Self.isMemo(talk).isEmpty)
        talk.order(2)
        #expect(talk.openCall(Self.isPlace) == nil, "nothing opens beside it")
        talk.answer(talk.openQuestion, .order(.found(.of(.sample(1), "b1", filled: 4))))
        #expect(talk.cancelled == [.broker(b1)] && !talk.desk.isInDoubt(one))
        #expect(talk.openCall(Self.isPlace) != nil)
        talk.report(.filled(.of(1, 1, 4)))
        #expect(talk.said.reports == [.filled(.of(1, 1, 4))])
        talk.report(.cancelled(one, reason: "on request"))
        talk.answer(talk.openQuestion, .order(.found(.of(.sample(1), "b1", filled: 4, .cancelled))))
        // What it filled is its own: no later start may take it for another's.
        #expect(Self.isMemo(talk) == [OrderMemo(broker: b1)] && talk.said.reports.isEmpty)
    }

    @Test func oneThatIsOverKeepsItsNumber() {
        for isKept in [true, false] {
            var talk = Self.restarted(OrderMemo(broker: isKept ? b1 : nil))
            #expect(talk.desk.ghosts.isEmpty)
            talk.gap()
            let list = talk.openCall { $0 == .openOrders }
            talk.answer(list, .orders([.of(.sample(1), "b1", isKnown: false)]))
            #expect(talk.said.notes.contains { $0.text.contains("none of ours") } == !isKept)
        }
    }

    @Test func anotherOrderUnderItsNumberIsLeftAlone() {
        var talk = Self.restarted(OrderMemo(isGhost: true, broker: b1))
        talk.answer(
            talk.openQuestion,
            .order(.found(.of(.sample(7, .sell), "b1", filled: 0, isKnown: false))))
        #expect(talk.cancelled.isEmpty && talk.desk.isInDoubt(one) && talk.isCritical)
    }

    /// The broker knows it no more: a person is asked, behind each start anew, and nothing opens until he has answered.
    @Test func oneThatWaitsForAPersonWaitsBehindARestart() {
        var talk = Self.restarted(OrderMemo(isGhost: true, broker: b1))
        Self.sayNone(&talk)
        #expect(talk.desk.isWaitingForPerson(one) && talk.isCritical)
        #expect(Self.isMemo(talk).isEmpty, "the log has it")
        talk.order(2)
        Self.pass(20, &talk)
        #expect(talk.openCall(Self.isPlace) == nil && talk.said.reports.isEmpty)
        talk.say(.resolve(one, .notAccepted))
        #expect(Self.isMemo(talk) == [OrderMemo()] && talk.said.reports.isEmpty)
        #expect(talk.openCall(Self.isPlace) != nil)
    }

    /// Found by the cancel of a call that was given up, under no number yet.
    @Test func oneWithoutANumberIsAskedForByOurOwnId() {
        var talk = Self.restarted(OrderMemo(isGhost: true, cancelTaken: true), ids: .always)
        let client = ApprovedOrder.sample(1).client
        #expect(talk.cancelled == [.client(client)])
        talk.fail(talk.cancel, .nothingToCancel)
        Self.sayNone(&talk)
        #expect(talk.desk.isWaitingForPerson(one), "it was there, and what filled nobody knows")
    }

    /// The cancel was taken before the crash, so the order was there, whatever is said behind it.
    @Test func thatACancelWasTakenIsKnownBehindARestart() {
        var talk = Conversation()
        talk.order(1)
        talk.wait(60)
        talk.say(.cancel(one, reason: "by hand"))
        talk.answer(talk.cancel, .done)
        #expect(Self.isMemo(talk) == [OrderMemo(cancelTaken: true)])

        for isTaken in [true, false] {
            var again = Self.restarted(
                OrderMemo(cancelTaken: isTaken), ids: .always, end: nil, wish: "by hand")
            again.fail(again.cancel, .nothingToCancel)
            Self.sayNone(&again)
            #expect(again.desk.isWaitingForPerson(one) == isTaken)
            #expect(again.desk.isInDoubt(one) == isTaken)
        }

        // Known by its number, it needs no memo: the log has that.
        talk.answer(talk.openQuestion, .order(.found(.of(.sample(1), "b1"))))
        #expect(Self.isMemo(talk) == [OrderMemo()])
    }
}
