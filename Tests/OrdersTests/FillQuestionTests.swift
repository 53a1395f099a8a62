import Orders
import Ports
import TestKit
import Testing
import TradingModel

/// One question for fills on its way and one behind it: a list may be all fills of a day.
@Suite struct FillQuestionTests {
    private static func started(_ count: UInt64) -> Conversation {
        let orders = (1...count).map { LoggedOrder(.sample($0), broker: BrokerOrderID("b\($0)")) }
        return Conversation(
            restart: DeskRestart(orders: orders), { $0.questionsAtOnce = Int(count) })
    }
    private static func fills(_ talk: Conversation) -> [CallID] {
        talk.open.filter { if case .fills = $0.kind { true } else { false } }.map(\.id)
    }
    private static func booked(_ talk: Conversation) -> [Fill] {
        talk.said.reports.compactMap { if case .filled(let fill) = $0 { fill } else { nil } }
    }
    private static func found(_ number: UInt64, filled: Int64 = 0) -> DeskAnswer {
        .order(.found(.of(.sample(number), "b\(number)", filled: filled)))
    }
    /// Each order is found at the broker, and is known again.
    private static func know(_ numbers: ClosedRange<UInt64>, _ talk: inout Conversation) {
        for number in numbers {
            let question = talk.openCall {
                if case .order(_, let of) = $0 { of == OrderNumber(number) } else { false }
            }
            talk.answer(question, found(number))
            #expect(talk.adoption != nil)
            talk.answer(talk.adoption, .done)
        }
    }

    /// A start asked for the fills of the day once for each open order.
    @Test func aStartAsksOnceAndOnceBehindIt() {
        var talk = Self.started(11)
        let first = Self.fills(talk)
        #expect(first.count == 1)
        Self.know(1...11, &talk)
        #expect(Self.fills(talk) == first, "it is let come")
        talk.answer(first.first, .fills([]))
        let second = Self.fills(talk)
        #expect(second.count == 1 && second != first, "lists before an adoption say nothing of it")
        talk.answer(second.first, .fills([.of(3, 1, 4)]))
        #expect(Self.booked(talk) == [.of(3, 1, 4)])
        talk.wait(1)
        #expect(Self.fills(talk).isEmpty)
    }

    /// All at one instant of the virtual clock: the list that was asked for first counts for nothing.
    @Test func aListFromBeforeAnAdoptionDoesNotCountForIt() {
        // One count is enough, and it need not be old.
        let logged = LoggedOrder(.sample(1), broker: BrokerOrderID("b1"))
        var talk = Conversation(restart: DeskRestart(orders: [logged])) {
            $0.polls = 1
            $0.pollsOver = .zero
        }
        let first = talk.openFills
        talk.answer(talk.openQuestion, Self.found(1))
        talk.answer(talk.adoption, .done)
        talk.answer(talk.openQuestion, Self.found(1, filled: 4))
        #expect(Self.booked(talk).isEmpty)
        talk.answer(first, .fills([]))
        let second = talk.openFills
        #expect(second != nil && second != first)
        talk.wait(1)
        talk.answer(talk.openQuestion, Self.found(1, filled: 4))
        #expect(Self.booked(talk).isEmpty, "nothing is estimated that the broker may tell")
        talk.answer(second, .fills([.of(1, 1, 4)]))
        #expect(Self.booked(talk) == [.of(1, 1, 4)])
    }

    /// One that fails is asked again as far back as it went, and as far as what was wanted meanwhile.
    @Test func aQuestionThatFailsKeepsItsReach() {
        var talk = Conversation()
        talk.working(1)
        talk.wait(60)
        talk.working(2)
        talk.gap()
        let since = talk.said.calls.compactMap { call in
            if case .fills(let since) = call.kind { since } else { nil }
        }
        #expect(since == [.seconds(995)])
        talk.fail(talk.fills, .offline)
        talk.wait(5)
        let again = talk.said.calls.compactMap { call in
            if case .fills(let since) = call.kind { since } else { nil }
        }
        #expect(again == since)
    }

    /// A list since the afternoon says nothing of what the morning's order filled.
    @Test func aListCountsForNoOrderThatItDoesNotReachBackTo() {
        var talk = Conversation {
            $0.polls = 2
            $0.pollsOver = .zero
        }
        talk.working(1)
        talk.wait(60)
        talk.working(2)
        func over(_ number: UInt64) -> DeskAnswer {
            .order(.found(.of(.sample(number), "b\(number)", filled: 4, .cancelled)))
        }
        talk.report(.cancelled(OrderNumber(1), reason: "test"))
        talk.answer(talk.openQuestion, over(1))
        talk.answer(talk.openFills, .fills([]))
        talk.report(.cancelled(OrderNumber(2), reason: "test"))
        talk.answer(talk.openQuestion, over(2))
        talk.answer(talk.openFills, .fills([]))
        talk.wait(1)
        let first = talk.openCall {
            if case .order(_, let of) = $0 { of == OrderNumber(1) } else { false }
        }
        #expect(first != nil)
        talk.answer(first, over(1))
        #expect(Self.booked(talk).isEmpty, "one list of two has told nothing of it")
    }
}
