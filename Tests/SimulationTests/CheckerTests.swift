import Kernel
import Ports
import Simulation
import Testing
import TradingModel

/// A right history passes, and each promise that is broken by hand is caught by its own rule.
@Suite struct CheckerTests {
    private let buy = HandMade.order(1, .buy, 10)
    private let other = HandMade.order(2, .buy, 5)

    @Test func aRightHistoryBreaksNothing() {
        var made = HandMade()
        made.bought(buy)
        let sale = HandMade.order(2, .sell, 4)
        made.approve(sale)
        made.flush()
        made.send(sale)
        made.accept(sale)
        made.acknowledge(sale)
        let fill = HandMade.fill(sale, 1, 4, fee: .won(1))
        made.fill(sale, fill)
        made.book(sale, fill)
        made.rest()
        #expect(made.violations == [])
    }

    @Test func whatACrashLostIsNotDecided() {
        var made = HandMade()
        made.approve(buy)
        made.crash(keeping: 0)
        made.approve(HandMade.order(1, .buy, 20))
        made.end(HandMade.order(1, .buy, 20))
        made.rest()
        #expect(made.violations == [])
    }

    @Test func anOrderThatNobodyApprovedIsCaught() {
        var made = HandMade()
        made.send(buy)
        #expect(made.rules.contains(.approval))
    }

    @Test func anotherQuantityThanApprovedIsCaught() {
        var made = HandMade()
        made.approve(buy)
        made.flush()
        made.send(HandMade.order(1, .buy, 11))
        #expect(made.rules.contains(.approval))
    }

    @Test func sendingAfterTheEndIsCaught() {
        var made = HandMade()
        made.approve(buy)
        made.end(buy)
        made.flush()
        made.send(buy)
        #expect(made.rules.contains(.approval))
    }

    @Test func sendingBeforeTheRecordIsDurableIsCaught() {
        var made = HandMade()
        made.approve(buy)
        made.send(buy)
        #expect(made.rules.contains(.durable))
    }

    @Test(arguments: [0, 1])
    func twoBrokerOrdersForOneIntentAreCaught(_ broker: Int) {
        var made = HandMade(brokers: 2)
        made.approve(buy)
        made.flush()
        made.send(buy)
        made.accept(buy)
        made.send(buy, broker: broker)
        made.accept(buy, broker: broker, as: "B9")
        #expect(made.rules.contains(.oneOrder))
    }

    @Test func aLostFillIsCaught() {
        var made = HandMade()
        made.approve(buy)
        made.flush()
        made.send(buy)
        made.accept(buy)
        made.acknowledge(buy)
        made.fill(buy, HandMade.fill(buy, 1, 10))
        made.end(buy)
        made.rest()
        #expect(made.rules.contains(.noLostFill))
    }

    @Test func aBookingThatACrashTookIsALostFill() {
        var made = HandMade()
        made.bought(buy)
        made.crash(keeping: 2)
        made.end(buy)
        made.rest()
        #expect(made.rules.contains(.noLostFill))
    }

    @Test(arguments: [1, 2] as [UInt32])
    func aDoubledFillIsCaught(_ id: UInt32) {
        var made = HandMade()
        made.bought(buy)
        made.book(buy, HandMade.fill(buy, id, 10))
        #expect(made.rules.contains(.noDoubledFill))
    }

    @Test func aWrongPositionIsCaught() {
        var made = HandMade()
        made.approve(buy)
        made.flush()
        made.send(buy)
        made.accept(buy)
        let fill = HandMade.fill(buy, 1, 10)
        made.fill(buy, fill)
        made.book(buy, fill, held: 9)
        #expect(made.rules == [.position, .rest])
    }

    @Test func aForgottenFeeIsCaught() {
        var made = HandMade()
        made.approve(buy, reserved: .won(110))
        made.flush()
        made.send(buy)
        made.accept(buy)
        let fill = HandMade.fill(buy, 1, 10, fee: .won(3))
        made.fill(buy, fill)
        made.book(buy, fill, cash: .won(900))
        #expect(made.rules == [.money, .rest])
    }

    @Test func aFeeOtherThanTheBrokersIsCaught() {
        var made = HandMade()
        made.approve(buy, reserved: .won(110))
        made.flush()
        made.send(buy)
        made.accept(buy)
        made.fill(buy, HandMade.fill(buy, 1, 10, fee: .won(3)))
        made.book(buy, HandMade.fill(buy, 1, 10, fee: .won(2)))
        made.rest()
        #expect(made.rules.contains(.money))
    }

    @Test(arguments: [nil, .won(2)] as [Money?])
    func aTaxOtherThanTheBrokersIsCaught(_ booked: Money?) {
        var made = HandMade()
        made.approve(buy, reserved: .won(110))
        made.flush()
        made.send(buy)
        made.accept(buy)
        let fill = HandMade.fill(buy, 1, 10, fee: .won(3))
        made.fill(buy, fill.taxed(.won(1)))
        made.book(buy, fill.taxed(booked))
        made.rest()
        #expect(made.rules == [.money])
    }

    @Test func approvingASaleOfMoreThanIsHeldIsCaught() {
        var made = HandMade()
        made.bought(buy)
        made.approve(HandMade.order(2, .sell, 6))
        made.approve(HandMade.order(3, .sell, 6))
        #expect(made.rules.contains(.holdings))
    }

    @Test func aSaleBeyondTheBrokersHoldingsIsCaught() {
        var made = HandMade()
        let sale = HandMade.order(2, .sell, 1)
        made.accept(sale)
        made.fill(sale, HandMade.fill(sale, 1, 1))
        #expect(made.rules.contains(.holdings))
    }

    @Test(arguments: [
        RiskLimits(orderValue: .won(99)), RiskLimits(symbolValue: .won(99)), RiskLimits(symbols: 0),
    ])
    func aPassedLimitIsCaught(_ limits: RiskLimits) {
        var made = HandMade(limits: limits)
        made.approve(buy)
        #expect(made.rules == [.limits, .rest])
    }

    @Test func whatWorksCountsAgainstTheLimit() {
        var made = HandMade(limits: RiskLimits(symbolValue: .won(120)))
        made.approve(buy)
        #expect(made.rules == [.rest])
        made.approve(other)
        #expect(made.rules == [.limits, .rest])
    }

    @Test func spendingMoreThanIsFreeIsCaught() {
        var made = HandMade()
        made.approve(HandMade.order(1, .buy, 60))
        made.approve(HandMade.order(2, .buy, 60))
        #expect(made.rules == [.limits, .rest])
    }

    @Test func aReservationThatStaysBehindIsCaught() {
        var made = HandMade()
        made.approve(buy)
        made.end(buy)
        made.rest(free: .won(900))
        #expect(made.rules == [.reservations])
    }

    @Test func approvingABuyUnderAKillIsCaught() {
        var made = HandMade()
        made.kill()
        made.approve(buy)
        #expect(made.rules.contains(.kill))
    }

    @Test func sendingABuyUnderAKillIsCaught() {
        var made = HandMade()
        made.approve(buy)
        made.kill()
        made.flush()
        made.send(buy)
        #expect(made.rules == [.kill, .rest])
    }

    @Test func aSaleUnderAKillIsFine() {
        var made = HandMade()
        made.bought(buy)
        made.kill()
        let sale = HandMade.order(2, .sell, 10)
        made.approve(sale)
        made.flush()
        made.send(sale)
        made.accept(sale)
        let fill = HandMade.fill(sale, 1, 10)
        made.fill(sale, fill)
        made.book(sale, fill)
        made.rest(isKilled: true)
        #expect(made.violations == [])
    }

    @Test func aKillThatACrashForgotIsCaught() {
        var made = HandMade()
        made.kill()
        made.flush()
        made.crash(keeping: 1)
        made.rest(isKilled: false)
        #expect(made.rules == [.kill])
    }

    @Test func aBuyLeftOpenUnderAKillIsCaught() {
        var made = HandMade()
        made.approve(buy)
        made.flush()
        made.send(buy)
        made.accept(buy)
        made.acknowledge(buy)
        made.kill()
        made.rest(free: .won(900), isKilled: true, openAtBrokers: [buy.number])
        #expect(made.rules == [.kill])
    }

    @Test func buyingWhileAnotherIsInDoubtIsCaught() {
        var made = HandMade()
        made.approve(buy)
        made.approve(other)
        made.flush()
        made.send(buy)
        made.answer(.notPlaced(buy.number, BrokerError(.outcomeUnknown, "no answer")))
        made.send(other)
        #expect(made.rules == [.doubt, .rest])
    }

    @Test func anotherInstrumentMayBeBought() {
        var made = HandMade()
        let elsewhere = HandMade.order(2, .buy, 5, of: 1)
        made.approve(buy)
        made.approve(elsewhere)
        made.flush()
        made.send(buy)
        made.answer(.notPlaced(buy.number, BrokerError(.outcomeUnknown, "no answer")))
        made.send(elsewhere)
        #expect(made.rules == [.rest])
    }

    @Test func whatWasSentIsInDoubtAfterACrash() {
        var made = HandMade()
        made.approve(buy)
        made.approve(other)
        made.flush()
        made.send(buy)
        made.crash(keeping: 2)
        made.send(other)
        #expect(made.rules == [.doubt, .rest])
    }

    @Test func doubtThatIsNeverResolvedIsCaught() {
        var made = HandMade()
        made.rest(doubtful: [buy.number])
        #expect(made.rules == [.doubt])
    }

    @Test func booksThatDifferFromTheBrokerAreCaught() {
        var made = HandMade()
        made.bought(buy)
        made.rest(brokers: [11, 0])
        #expect(made.rules == [.books])
    }

    @Test func aPositionThatNothingGuardsIsCaught() {
        var made = HandMade(exits: .simple)
        made.bought(buy)
        made.add(.saw(InstrumentID(0), .won(10)))
        made.add(.guarded(InstrumentID(0), true))
        made.add(.saw(InstrumentID(0), .won(10)))
        made.rest()
        #expect(made.rules == [.guarded])
    }

    @Test func anExitThatASplitFiresIsCaught() {
        var made = HandMade(exits: .simple)
        made.bought(buy)
        made.add(.guarded(InstrumentID(0), true))
        made.add(.split(InstrumentID(0), new: 2, old: 1))
        made.add(.came(InstrumentID(0), .won(5), record: 8))
        made.add(.exitFired(InstrumentID(0), tier: 0, price: .won(5), record: 9))
        made.rest()
        #expect(made.rules == [.exits])
    }

    /// Seed 5657: bought behind a split that is told later, at the price of then; the stop fires at the very first
    /// price behind it, and in no other scale. One that a crash took back fires nothing.
    @Test(arguments: [false, true]) func anExitAtTheFirstPriceBehindASplitIsRight(_ isLost: Bool) {
        var made = HandMade(exits: .simple)
        made.add(.split(InstrumentID(0), new: 2, old: 1))
        made.add(.came(InstrumentID(0), .won(10), record: 1))
        made.add(.saw(InstrumentID(0), .won(10)))
        // Nothing is bought between the two, and what was may fill.
        made.taken(buy)
        made.add(.rescaled(InstrumentID(0), new: 2, old: 1, record: 2))
        made.filled(buy)
        made.add(.guarded(InstrumentID(0), true))
        if !isLost { made.add(.came(InstrumentID(0), .won(5), record: 9)) }
        made.add(.exitFired(InstrumentID(0), tier: 0, price: .won(5), record: 9))
        made.rest()
        #expect(made.rules == (isLost ? [.exits] : []))
    }

    /// Seed 151175: a stop was at its price, held, and let go behind a split that the host had seen no price of.
    @Test func anExitAtThePriceOfBeforeASplitIsRight() {
        var made = HandMade(exits: .simple)
        made.bought(buy)
        made.add(.guarded(InstrumentID(0), true))
        made.add(.exitsHeld(true, record: 8))
        made.add(.came(InstrumentID(0), .won(5), record: 8))
        made.add(.saw(InstrumentID(0), .won(5)))
        made.add(.split(InstrumentID(0), new: 2, old: 1))
        made.add(.exitsHeld(false, record: 9))
        made.add(.exitFired(InstrumentID(0), tier: 0, price: .won(5), record: 10))
        made.rest()
        #expect(made.rules == [])
    }

    @Test func anotherStateAfterRecoveryIsCaught() {
        var made = HandMade()
        made.add(.recovered(same: false, orders: 0, doubtful: 0))
        made.rest()
        #expect(made.rules == [.recovery])
    }

    @Test func aHistoryWithoutRestIsCaught() {
        #expect(HandMade().rules == [.rest])
        var made = HandMade()
        made.rest()
        made.add(.hung("intent 1 works"))
        #expect(made.rules == [.rest])
    }

    @Test func everyRuleHasATestAbove() {
        // A new rule comes with a history that breaks it, here or in CheckerWatchTests, CheckerAgeTests,
        // CheckerCorrectionTests, CheckerChangeTests or CheckerStartTests.
        #expect(Violation.Rule.allCases.count == 25)
    }
}
