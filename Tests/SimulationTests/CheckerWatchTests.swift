import Kernel
import Ports
import Simulation
import Testing
import TradingModel

/// As ``CheckerTests``: limits that prices pass, rows that a disk had, orders of somebody else.
@Suite struct CheckerWatchTests {
    private let buy = HandMade.order(1, .buy, 10)

    /// A tenth of 1,000 may be lost; fifty shares for ten each.
    private func heldThrough(_ price: Int64) -> HandMade {
        var made = HandMade(limits: RiskLimits(dayLoss: 100_000))
        made.bought(HandMade.order(1, .buy, 50))
        for _ in 0..<130 { made.add(.priced(InstrumentID(0), .won(price), record: 9)) }
        return made
    }

    @Test func aLimitThatPricesPassAndNobodyIsToldOfIsCaught() {
        var made = heldThrough(7)
        made.rest()
        #expect(made.rules == [.watch])
        var good = heldThrough(8)
        good.rest()
        #expect(good.rules == [])
        var told = HandMade(limits: RiskLimits(dayLoss: 100_000))
        told.bought(HandMade.order(1, .buy, 50))
        told.add(.priced(InstrumentID(0), .won(7), record: 9))
        told.add(.limitPassed(.dayLoss, nil, record: 9))
        for _ in 0..<130 { told.add(.priced(InstrumentID(0), .won(7), record: 9)) }
        told.rest()
        #expect(told.rules == [])
    }

    @Test func aLimitThatIsToldWithoutBeingPassedIsCaught() {
        var made = heldThrough(8)
        made.add(.limitPassed(.dayLoss, nil, record: 9))
        made.rest()
        #expect(made.rules == [.watch])
    }

    /// The host goes on with the price that its log kept, not with one that it had seen since.
    @Test(arguments: [true, false]) func aPriceThatACrashTookIsForgotten(_ isLost: Bool) {
        var made = HandMade(limits: RiskLimits(dayLoss: 100_000))
        made.bought(HandMade.order(1, .buy, 50))
        made.flush()
        made.add(.priced(InstrumentID(0), .won(7), record: 3))
        made.add(.priced(InstrumentID(0), .won(10), record: isLost ? 4 : 3))
        made.crash(keeping: 3)
        made.add(.limitPassed(.dayLoss, nil, record: 4))
        made.rest()
        #expect(made.rules == (isLost ? [] : [.watch]))
    }

    @Test func aBuyBehindAPassedLimitIsCaught() {
        var made = HandMade(limits: RiskLimits(dayLoss: 100_000))
        made.bought(HandMade.order(1, .buy, 50))
        made.add(.priced(InstrumentID(0), .won(7), record: 9))
        made.add(.limitPassed(.dayLoss, nil, record: 9))
        made.approve(HandMade.order(2, .buy, 1))
        #expect(made.rules.contains(.limits))
    }

    @Test func aBookedRowThatADiskHadAndACrashTookIsCaught() {
        var made = HandMade()
        made.bought(buy)
        made.flush()
        made.crash(keeping: 2)
        #expect(made.rules.contains(.ledger))
        // What had not been flushed may go: the broker tells it again.
        var right = HandMade()
        right.bought(buy)
        right.crash(keeping: 2)
        #expect(!right.rules.contains(.ledger))
    }

    @Test func anOrderOfSomebodyElseThatIsTakenForOursIsCaught() {
        var made = HandMade()
        made.approve(buy)
        made.flush()
        made.send(buy)
        made.accept(buy)
        made.answer(.lost)
        made.acknowledge(buy, as: "somebody-1")
        #expect(made.rules.contains(.stranger))
        // Ours never came there: one that died before it traded says no more than that.
        var right = HandMade()
        right.approve(buy)
        right.flush()
        right.send(buy)
        right.answer(.lost)
        right.acknowledge(buy, as: "somebody-1")
        right.end(buy)
        right.rest()
        #expect(right.rules == [])
    }
}
