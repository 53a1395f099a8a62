import Simulation
import Testing
import TradingModel

/// As ``CheckerTests``: what opens before a start has seen what its brokers hold.
@Suite struct CheckerStartTests {
    private static let buy = HandMade.order(1, .buy, 10)

    private func rules(
        _ isCompared: Bool = true, _ body: (inout HandMade) -> Void
    ) -> [Violation.Rule] {
        var made = HandMade(brokers: 2, comparesAtStart: isCompared)
        made.add(.started(life: 1))
        made.add(.compared(broker: 1, differing: [InstrumentID(1)]))
        body(&made)
        // That it did not come to rest is told too, and not asked here.
        return made.rules.filter { $0 != .rest }
    }
    private let same = Happening.compared(broker: 0, differing: [])
    private func differs(_ instrument: Int) -> Happening {
        .compared(broker: 0, differing: [InstrumentID(instrument)])
    }

    @Test func aBuyBeforeTheFirstStatementIsCaught() {
        func body(_ made: inout HandMade) {
            made.approve(Self.buy)
            made.flush()
            made.send(Self.buy)
        }
        #expect(rules(true, body) == [.start])
        #expect(rules(false, body) == [], "nothing is compared there")
    }

    @Test func aBuyOfWhatDiffersIsCaught() {
        func body(_ made: inout HandMade, _ order: Order) {
            made.approve(order)
            made.flush()
            made.send(order)
        }
        #expect(
            rules {
                $0.add(differs(0))
                body(&$0, Self.buy)
            } == [.start])
        #expect(
            rules {
                $0.add(same)
                body(&$0, Self.buy)
            } == [], "the other one differs at the other broker")
        #expect(
            rules {
                $0.add(same)
                body(&$0, HandMade.order(1, .buy, 10, of: 1))
            } == [.start], "it opens at one broker what differs at another")
        #expect(
            rules {
                $0.add(differs(0))
                $0.add(same)
                $0.add(differs(0))
                body(&$0, Self.buy)
            } == [], "it was the same once")
    }

    @Test func aSaleIsNot() {
        let sale = HandMade.order(1, .sell, 10)
        let all = rules { made in
            made.add(.dealt(broker: 0, InstrumentID(0), .shares(10), .zero))
            made.approve(sale)
            made.flush()
            made.send(sale)
        }
        #expect(!all.contains(.start))
    }

    /// Each start sees for itself.
    @Test func aStartForgetsWhatOneBeforeSaw() {
        let all = rules { made in
            made.add(same)
            made.add(.started(life: 2))
            made.approve(Self.buy)
            made.flush()
            made.send(Self.buy)
        }
        #expect(all == [.start, .start], "of both brokers")
    }
}
