import Orders
import Ports
import TestKit
import Testing
import TradingModel

private let one = OrderNumber(1)

/// A doubt has an end that is told once, with who or what said what became of the order.
@Suite struct DoubtEndTests {
    private static func ends(_ talk: Conversation) -> [String] {
        talk.said.notes.filter { $0.order == one && $0.text.contains("known again") }.map { note in
            #expect(note.code == .orderDelayed && note.severity == .info)
            return note.text
        }
    }

    @Test func eachWayOutOfADoubtIsTold() {
        let b1 = BrokerOrderID("b1")
        let known = "order 1 is known again: "
        typealias Say = (inout Conversation, CallID?) -> Void
        let ways: [(Say, String)] = [
            ({ talk, _ in talk.report(.filled(.of(1, 1, 4))) }, "a fill of it came"),
            ({ talk, place in talk.answer(place, .placed(b1)) }, "the broker has it as b1"),
            (
                { talk, _ in
                    talk.answer(talk.openQuestion, .order(.found(.of(.sample(1), "b1", filled: 4))))
                }, "b1, working, 4 filled"
            ),
            (
                { talk, place in talk.fail(place, .insufficient) },
                "it was not accepted: "
            ),
            (
                { talk, _ in
                    for round in 0..<3 {
                        talk.answer(talk.openQuestion, .order(.none))
                        if round < 2 { talk.wait(5) }
                    }
                }, "it was not accepted: the broker knew no such order in 3 answers over 10 s"
            ),
            (
                { talk, _ in talk.say(.resolve(one, .notAccepted)) },
                "a person says that it was not accepted"
            ),
            (
                { talk, _ in
                    talk.say(.resolve(one, .accepted(b1)))
                    talk.answer(talk.question, .order(.found(.of(.sample(1), "b1"))))
                }, "b1, as a person says: working, 0 filled"
            ),
        ]
        for (say, words) in ways {
            // Given up, and answered later perhaps.
            var talk = Conversation()
            let place = talk.order(1)
            talk.wait(60)
            #expect(talk.desk.isInDoubt(one))
            say(&talk, place)
            let told = Self.ends(talk)
            #expect(!talk.desk.isInDoubt(one))
            #expect(
                told.count == 1 && told.first?.hasPrefix(known + words) == true, "\(told): \(words)"
            )
            talk.gap()
            #expect(Self.ends(talk).isEmpty)
        }
    }

    /// While the broker is asked for a number that a person named, that is told, and which number counts no more.
    @Test func aClaimIsToldWhileItIsAsked() {
        var talk = Conversation()
        talk.fail(talk.order(1), .outcomeUnknown)
        talk.say(.resolve(one, .accepted(BrokerOrderID("k2"))))
        #expect(
            talk.said.notes.map(\.text) == [
                "a person says that order 1 is k2: the broker is asked for that"
            ])
        #expect(talk.desk.claim(of: one) == BrokerOrderID("k2"))
        talk.say(.resolve(one, .accepted(BrokerOrderID("k3"))))
        #expect(
            talk.said.notes.map(\.text) == [
                "a person says that order 1 is k3 instead of k2: the broker is asked for that"
            ])
        talk.answer(talk.question, .order(.found(.of(.sample(1), "k3"))))
        #expect(talk.desk.claim(of: one) == nil)
    }
}
