import Kernel
import Simulation
import Testing
import TradingModel

/// As ``CheckerTests``: corrections of drift.
@Suite struct CheckerCorrectionTests {
    private func correction(
        _ books: Int64, _ stated: Int64, from before: Int64, to after: Int64
    ) -> Correction {
        Correction(
            CorrectionOrder(
                account: AccountID(0), broker: 0, named: "b0",
                .holding(InstrumentID(0), books: .shares(books), stated: .shares(stated)),
                by: .person, reason: "", at: .zero),
            positionBefore: .shares(before), positionAfter: .shares(after), costBefore: .zero,
            costAfter: .zero, cashBefore: .zero, cashAfter: .zero, worth: .zero)
    }
    private func cash(from before: Int128, to after: Int128) -> Correction {
        Correction(
            CorrectionOrder(
                account: AccountID(0), broker: 0, named: "b0",
                .cash(books: .won(before), stated: .won(after)), by: .configuration, reason: "",
                at: .zero),
            positionBefore: .zero, positionAfter: .zero, costBefore: .zero, costAfter: .zero,
            cashBefore: .won(before), cashAfter: .won(after), worth: .won(after - before))
    }
    private func rules(_ body: (inout HandMade) -> Void) -> [Violation.Rule] {
        var made = HandMade()
        body(&made)
        // That it did not come to rest is told too, and not asked here.
        return made.rules.filter { $0 != .rest }
    }

    @Test func booksThatFollowAreGood() {
        let all = rules { made in
            made.add(.dealt(broker: 0, InstrumentID(0), .shares(5), .won(-50)))
            made.add(.corrected(correction(0, 5, from: 0, to: 5), record: 1))
            made.add(.corrected(cash(from: 1_000, to: 950), record: 2))
        }
        #expect(all == [])
    }

    @Test func aCorrectionOfOtherBooksIsCaught() {
        #expect(
            rules { $0.add(.corrected(correction(3, 5, from: 3, to: 5), record: 1)) }
                == [.position])
        #expect(
            rules { $0.add(.corrected(correction(0, 5, from: 0, to: 4), record: 1)) }
                == [.position])
        #expect(rules { $0.add(.corrected(cash(from: 900, to: 950), record: 1)) } == [.money])
    }

    /// Its own answer may be the difference.
    @Test(arguments: [true, false])
    func aCorrectionWhileAnOrderIsOpenIsCaught(_ isDoubtful: Bool) {
        let order = HandMade.order(1, .buy, 10)
        let all = rules { made in
            made.approve(order)
            made.flush()
            made.send(order)
            if isDoubtful { made.add(.doubted(order.number, reason: "", record: 1)) }
            made.add(.corrected(correction(0, 5, from: 0, to: 5), record: 2))
            made.add(.corrected(cash(from: 1_000, to: 950), record: 3))
        }
        #expect(all == [.correction, .correction])
    }

    @Test func aStrangerWhoSellsWhatIsNotThereIsCaught() {
        #expect(
            rules { $0.add(.dealt(broker: 0, InstrumentID(0), .shares(-1), .zero)) }
                == [.holdings])
    }

    /// What a crash took is not in the books.
    @Test func aCorrectionThatACrashTookIsMadeAgain() {
        let all = rules { made in
            made.add(.corrected(correction(0, 5, from: 0, to: 5), record: 7))
            made.crash(keeping: 0)
            made.add(.corrected(correction(0, 5, from: 0, to: 5), record: 8))
        }
        #expect(all == [])
    }
}
