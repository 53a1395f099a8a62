import Orders
import Ports
import Testing
import TradingModel

@testable import Host

/// What `madang order list` says of orders beside their state.
@Suite struct StandingDoubtsTests {
    private static func row(_ order: UInt64, _ text: String, _ code: String = "FS042") -> RiskRow {
        RiskRow(
            record: 1, position: .start, code: code, account: "a", symbol: "S",
            rule: "order \(order)", detail: text, time: .zero)
    }
    private static func order(_ number: UInt64, _ state: String) -> OrderRow {
        OrderRow(
            record: 1, number: OrderNumber(number), clientOrderID: "c", account: "a", symbol: "S",
            side: .buy, quantity: .shares(10), limit: nil, state: state, filled: .zero,
            source: "x", reason: "", time: .zero, round: 0, confidence: 0, sizing: "",
            reference: .won(1), reserved: .zero)
    }
    private static let haunts = "it is being cancelled; \(OrderDesk.ghostListed)"
    private static let asks = "look for it: \(OrderDesk.resolveCommand) 1"

    @Test func aGhostIsListedUntilItIsOver() {
        let failed = Self.order(1, "failed")
        var rows = [Self.row(1, Self.haunts, "FS049"), Self.row(2, "nothing of note")]
        var doubts = StandingDoubts(rows)
        #expect(doubts.ghosts == [OrderNumber(1): Self.haunts])
        #expect(
            doubts.words(of: failed, as: "failed") == "failed in the books, not over at the broker")
        rows.append(Self.row(1, Self.asks))
        doubts = StandingDoubts(rows)
        #expect(doubts.ghosts[OrderNumber(1)] == Self.asks, "the last word of it")
        #expect(
            doubts.words(of: failed, as: "failed")
                == "failed in the books, not over at the broker, a person is asked")
        rows.append(Self.row(1, "order 1\(OrderDesk.ghostIsOver)cancelled"))
        doubts = StandingDoubts(rows)
        #expect(doubts.ghosts.isEmpty && doubts.words(of: failed, as: "failed") == "failed")
        #expect(!doubts.waitsForPerson(failed))
    }

    @Test func anOrderInDoubtSaysWhetherAPersonIsAsked() {
        let unknown = Self.order(1, "unknown")
        #expect(!StandingDoubts([Self.row(1, "it is in doubt")]).waitsForPerson(unknown))
        let asked = [Self.row(1, Self.asks)]
        #expect(
            StandingDoubts(asked).words(of: unknown, as: "in doubt")
                == "in doubt, a person is asked")
        #expect(!StandingDoubts(asked).waitsForPerson(Self.order(1, "submitted")))
        #expect(
            StandingDoubts([Self.row(1, "any of 2: \(OrderDesk.personMustSay) which")])
                .waitsForPerson(unknown))
        for later in ["order 1\(OrderDesk.knownAgain)b1", "\(OrderDesk.claimHead)1 is b1"] {
            #expect(!StandingDoubts(asked + [Self.row(1, later)]).waitsForPerson(unknown))
        }
        #expect(StandingDoubts.order(of: Self.row(7, "")) == OrderNumber(7))
    }
}
