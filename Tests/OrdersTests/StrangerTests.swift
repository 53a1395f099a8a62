import Orders
import Ports
import TestKit
import Testing
import TradingModel

/// Open orders at the broker that nobody here has: people are told once, and nothing is done about them.
@Suite struct StrangerTests {
    private static func talk(
        _ ids: BrokerCapabilities.ClientOrderIDs = .always,
        changes: BrokerCapabilities.Changes = .keepNumber
    ) -> Conversation {
        Conversation(ids: ids, changes: changes) {
            $0.reconcileEvery = .seconds(60); $0.comparesAtStart = false
        }
    }
    private static func isList(_ kind: DeskCall.Kind) -> Bool { kind == .openOrders }
    /// FS049 of what is said now, as text.
    private static func told(_ talk: Conversation) -> [String] {
        talk.said.notes.filter { $0.code == .drift && $0.severity == .warning && $0.order == nil }
            .map(\.text)
    }
    private static let byHand = BrokerOrder.of(.sample(7, shares: 4), "k1", isKnown: false)

    /// FS047 names who holds back what was to be sold; the next list says whether he still does.
    @Test func aRefusedSaleNamesWhoSellsThere() {
        var talk = Self.talk()
        talk.working(1)
        let sale = BrokerOrder.of(
            .sample(8, .sell, shares: 9, of: 3), "k2", filled: 2, isKnown: false)
        var other = sale
        (other.instrument, other.brokerID) = (InstrumentID(0), BrokerOrderID("k3"))
        talk.answer(
            talk.openCall(Self.isList), .orders([.of(.sample(1), "b1"), other, Self.byHand]))
        func refusal(_ number: UInt64, _ side: Side = .sell) -> String {
            talk.fail(talk.order(number, side), .insufficient)
            return talk.said.notes.last { $0.code == .insufficient }?.text ?? ""
        }
        #expect(
            refusal(2).contains(
                "order 2: not covered: no; by its last list 7 of it is in k3, an open sale that is none of ours:"
            ))
        #expect(refusal(3, .buy).hasSuffix("not covered: no"))
        talk.gap()
        talk.answer(talk.call(Self.isList), .orders([.of(.sample(1), "b1"), Self.byHand]))
        #expect(refusal(4).hasSuffix("not covered: no"))
    }

    @Test func eachIsToldOnceWithWhatItIsAndLeftAlone() {
        var talk = Self.talk()
        talk.working(1)
        let list = talk.openCall(Self.isList)
        #expect(list != nil, "asked for at the start, with nothing in the log")
        var sale = BrokerOrder.of(.sample(8, .sell, shares: 9, of: 3), "k2", filled: 2)
        (sale.symbol, sale.limit, sale.instrument) = ("ZZZ", nil, nil)
        talk.answer(list, .orders([.of(.sample(1), "b1"), Self.byHand, sale]))
        let texts = Self.told(talk)
        #expect(texts.count == 2, "\(texts)")
        #expect(texts.first?.contains("none of ours: k1, a buy of 4 'S' limit 100;") == true)
        #expect(texts.last?.contains("k2, a sell of 9 'ZZZ' at the market, 2 of it filled") == true)
        #expect(texts.last?.contains("client order id 00000000-0000-0007-") == true, "\(texts)")
        func touches(_ kind: DeskCall.Kind) -> Bool {
            switch kind {
            case .cancel, .adopt, .modify, .order, .orders: true
            default: false
            }
        }
        #expect(!talk.said.calls.contains { touches($0.kind) } && talk.said.reports.isEmpty)

        // Asked for by the clock, and not told a second time.
        talk.wait(59)
        #expect(talk.call(Self.isList) == nil)
        talk.wait(1)
        let second = talk.call(Self.isList)
        #expect(second != nil)
        var another = Self.byHand
        another.brokerID = BrokerOrderID("k3")
        talk.answer(second, .orders([.of(.sample(1), "b1"), Self.byHand, sale, another]))
        #expect(Self.told(talk).count == 1 && Self.told(talk).first?.contains("k3") == true)
        talk.gap()
        talk.answer(talk.call(Self.isList), .orders([Self.byHand]))
        #expect(Self.told(talk).isEmpty)

        // Behind a restart it is.
        var again = Self.talk()
        again.answer(again.openCall(Self.isList), .orders([Self.byHand]))
        #expect(Self.told(again).count == 1)
    }

    /// At a broker with totals alone a fill is on its way when the clock's list shows it already: it is booked as it was,
    /// and from the total, with an estimated fee, only where it does not come.
    @Test func aRoutineListBooksNothing() {
        var talk = Conversation(fills: .totals) {
            $0.reconcileEvery = .seconds(60); $0.comparesAtStart = false
        }
        talk.working(1)
        talk.answer(talk.openCall(Self.isList), .orders([.of(.sample(1), "b1")]))
        talk.wait(60)
        talk.answer(talk.call(Self.isList), .orders([.of(.sample(1), "b1", filled: 4)]))
        #expect(talk.said.reports == [] && !talk.said.notes.contains { $0.code == .fillsMissing })
        talk.wait(6)
        talk.answer(talk.openQuestion, .order(.found(.of(.sample(1), "b1", filled: 4))))
        #expect(talk.said.reports.count == 1)
    }

    /// Without client order ids one that is on its way looks like it: it is waited for.
    @Test func oneThatMayBeOursIsNoStranger() {
        var talk = Self.talk(.none)
        let place = talk.order(1, shares: 4)
        talk.answer(talk.openCall(Self.isList), .orders([Self.byHand]))
        #expect(Self.told(talk).isEmpty, "it may be order 1")
        talk.answer(place, .placed(BrokerOrderID("b1")))
        talk.gap()
        talk.answer(
            talk.call(Self.isList),
            .orders([.of(.sample(1, shares: 4), "b1", isKnown: false), Self.byHand]))
        #expect(Self.told(talk).count == 1, "that is b1, and k1 is not")
    }

    /// A change on its way may have made the number.
    @Test func theNewNumberOfAChangeIsNoStranger() {
        var talk = Self.talk(changes: .makeNumber)
        talk.working(1)
        let change = OrderChange(limit: .won(101), quantity: .shares(10))
        talk.say(
            .change(
                ApprovedChange(
                    OrderNumber(1), to: change, opens: true, approvedAt: .seconds(1_000))))
        var changed = BrokerOrder.of(.sample(1), "b9", isKnown: false)
        changed.limit = .won(101)
        talk.answer(talk.openCall(Self.isList), .orders([changed]))
        #expect(Self.told(talk).isEmpty)
    }
}
