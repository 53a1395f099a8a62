import Kernel
import TestKit
import Testing
import TradingModel

/// R9.2 to R9.4: what a guard does in each of the plights of a position.
@Suite struct PositionGuardTests {
    @Test func nothingFiresBetweenTheTiers() {
        var desk = GuardedDesk(shares: 10, at: 10_000)
        for price: Int64 in [9_510, 10_390, 9_999] { desk.see(price) }
        #expect(desk.actions.isEmpty)
    }

    @Test func aTargetSellsHalfAndTheStopShrinks() {
        var desk = GuardedDesk(shares: 10, at: 10_000)
        desk.see(10_400)
        #expect(desk.book == [[5, 10_400]])
        desk.fill()
        desk.see(9_500)
        #expect(desk.book == [[5, 9_410]])
        desk.fill()
        #expect(desk.held == .zero)
    }

    @Test func theLastTargetSellsTheRest() {
        var desk = GuardedDesk(shares: 7, at: 10_000)
        desk.see(10_400)
        #expect(desk.book == [[3, 10_400]])
        desk.fill()
        desk.see(10_800)
        #expect(desk.book == [[4, 10_800]])
    }

    @Test func aGapOverBothTargetsSellsEachPartOnce() {
        var desk = GuardedDesk(shares: 10, at: 10_000)
        desk.see(11_000)
        #expect(desk.book == [[5, 10_400], [5, 10_800]])
    }

    @Test func oneShareIsKeptForTheRest() {
        var desk = GuardedDesk(shares: 1, at: 10_000)
        desk.see(10_500)
        #expect(desk.book.isEmpty)
        desk.see(9_400)
        #expect(desk.book == [[1, 9_310]])
    }

    @Test func aGapThroughTheStopSellsBelowIt() {
        var desk = GuardedDesk(shares: 10, at: 10_000)
        desk.see(8_000)
        #expect(desk.book == [[10, 7_920]])
    }

    @Test func theStopWithdrawsATargetThatRests() {
        var desk = GuardedDesk(shares: 10, at: 10_000)
        desk.see(10_400)
        desk.see(9_500)
        // What is free goes at once, the rest once the target's order has ended.
        #expect(desk.book == [[5, 10_400]] || desk.book == [[5, 10_400], [5, 9_410]])
        #expect(desk.sells[0].isCancelAsked)
        desk.end(0)
        #expect(desk.book.reduce(0) { $0 + $1[0] } == 10)
        #expect(desk.book.allSatisfy { $0[1] == 9_410 })
    }

    @Test func aTargetThatFillsWhileItIsWithdrawnIsNotSoldTwice() {
        var desk = GuardedDesk(shares: 10, at: 10_000)
        desk.see(10_400)
        desk.see(9_500)
        desk.fill(0)
        while !desk.working.isEmpty { desk.fill() }
        #expect(desk.held == .zero)
    }

    @Test func itGuardsFromTheFirstPartAndStopsTheBuying() {
        var desk = GuardedDesk(shares: 3, at: 10_000)
        desk.work(.buy, .shares(7), .won(10_000))
        desk.see(9_400)
        #expect(desk.book == [[3, 9_310]])
        #expect(desk.working[0].isCancelAsked)
        desk.fill(0, 2)
        #expect(desk.book == [[3, 9_310], [2, 9_310]])
    }

    @Test func aStopFollowsThePriceThatLeavesIt() {
        var desk = GuardedDesk(shares: 10, at: 10_000)
        desk.see(9_500)
        desk.fill(0, 4)
        desk.see(9_410)
        #expect(desk.book == [[6, 9_410]])
        desk.see(9_400)
        #expect(desk.sells[0].isCancelAsked)
        desk.see(9_300)
        #expect(desk.book == [[6, 9_410]])
        desk.end()
        #expect(desk.book == [[6, 9_210]])
    }

    @Test func aStopRestsAtTheDaysLimit() {
        var desk = GuardedDesk(shares: 10, at: 10_000)
        desk.floor = .won(7_000)
        desk.see(7_010)
        #expect(desk.book == [[10, 7_000]])
        desk.see(7_000)
        #expect(desk.sells[0].isCancelAsked == false)
    }

    /// The clock of the machine may begin anew, and what was tried before then stands in its future.
    @Test func aRefusalOfBeforeTheMachineStartedAgainKeepsNothingFromBeingSold() {
        var desk = GuardedDesk(shares: 10, at: 10_000)
        desk.now = .seconds(3_000_000)
        desk.see(9_500)
        desk.end()
        #expect(desk.book.isEmpty)
        desk.now = .seconds(5)
        desk.see(9_500)
        #expect(desk.book.map { $0[0] } == [10])
    }

    @Test func aHaltSendsNothingAndForgetsNothing() {
        var desk = GuardedDesk(shares: 10, at: 10_000)
        desk.isHalted = true
        desk.see(9_400)
        desk.see(9_900)
        #expect(desk.book.isEmpty)
        desk.isHalted = false
        desk.tend()
        #expect(desk.book == [[10, 9_810]])
    }

    @Test func heldExitsFireNothing() {
        var desk = GuardedDesk(shares: 10, at: 10_000)
        desk.isHeld = true
        desk.see(9_400)
        #expect(desk.actions.isEmpty)
        desk.isHeld = false
        desk.tend()
        #expect(desk.book == [[10, 9_310]])
    }

    @Test func theStopGoesFirstInACandleThatTouchesBoth() {
        var desk = GuardedDesk(shares: 10, at: 10_000)
        desk.see(candle: (10_000, 10_010, 9_990, 10_000))
        desk.see(candle: (10_000, 10_900, 9_400, 10_500))
        #expect(desk.actions.first == .fire(tier: 0))
        #expect(desk.book == [[10, 10_400]])
        #expect(desk.actions.count == 2)
    }

    @Test func aTrailingStopFollowsTheHighest() throws {
        var desk = GuardedDesk(try ExitPlan(reading: ["trail 5% all"]), shares: 10, at: 10_000)
        for price: Int64 in [10_500, 11_000, 10_460] { desk.see(price) }
        #expect(desk.actions.isEmpty)
        desk.see(10_450)
        #expect(desk.book == [[10, 10_350]])
    }

    @Test func aTrailingStopWaitsForItsStart() throws {
        let plan = try ExitPlan(reading: ["trail 2% from +3% all"])
        var desk = GuardedDesk(plan, shares: 10, at: 10_000)
        for price: Int64 in [10_200, 9_000, 10_290, 9_500] { desk.see(price) }
        #expect(desk.actions.isEmpty)
        desk.see(10_300)
        desk.see(10_094)
        #expect(desk.actions.first == .fire(tier: 0))
    }

    @Test func aCandleMeetsTheStopThatHungBeforeIt() throws {
        var desk = GuardedDesk(try ExitPlan(reading: ["trail 5% all"]), shares: 10, at: 10_000)
        desk.see(candle: (10_000, 10_000, 10_000, 10_000))
        desk.see(candle: (10_000, 11_000, 9_600, 10_900))
        #expect(desk.actions.isEmpty)
        desk.see(candle: (10_900, 11_000, 10_440, 10_800))
        #expect(desk.actions.first == .fire(tier: 0))
    }

    @Test func aSplitFiresNothingAndRescales() {
        var desk = GuardedDesk(shares: 10, at: 10_000)
        desk.see(10_100)
        desk.see(2_020)
        #expect(desk.actions == [.doubt(since: .won(10_100))])
        desk.position.split(5, for: 1, last: desk.last)
        desk.held = .shares(50)
        desk.last = .won(2_020)
        desk.tend()
        #expect(desk.book.isEmpty)
        desk.see(2_080)
        #expect(desk.book == [[25, 2_080]])
        desk.see(1_900)
        #expect(desk.position.isFired == [true, true, false])
    }

    /// R9.4: the price of a second split, or of another ratio than was told, is no price of this one.
    @Test func theFirstPriceBehindASplitIsDoubtedToo() {
        var desk = GuardedDesk(shares: 10, at: 10_000)
        desk.split(2)
        desk.see(2_500)
        #expect(desk.actions == [.doubt(since: .won(5_000))])
        desk.split(2)
        desk.see(2_510)
        #expect(desk.position.doubtedSince == nil)
        #expect(desk.book.isEmpty)
        desk.see(2_370)
        #expect(desk.actions.last != .believe)
        #expect(desk.book.map { $0[0] } == [40])
    }

    @Test func doubtThatASplitDoesNotExplainStays() {
        var desk = GuardedDesk(shares: 10, at: 10_000)
        desk.see(2_500)
        desk.split(2)
        desk.see(2_500)
        #expect(desk.position.doubtedSince == .won(5_000))
        #expect(desk.book.isEmpty)
        desk.see(4_990)
        desk.see(4_700)
        #expect(desk.book.map { $0[0] } == [20])
    }

    @Test func aSplitToldBeforeItsDayFiresNoTarget() {
        var desk = GuardedDesk(shares: 10, at: 10_000)
        desk.split(2)
        desk.see(10_000)
        #expect(desk.actions == [.doubt(since: .won(5_000))])
        desk.see(5_010)
        #expect(desk.actions == [.doubt(since: .won(5_000)), .believe])
    }

    @Test func aWrongPrintFiresNothing() {
        var desk = GuardedDesk(shares: 10, at: 10_000)
        desk.see(100)
        desk.see(10_050)
        #expect(desk.actions == [.doubt(since: .won(10_000)), .believe])
        desk.see(9_500)
        #expect(desk.book == [[10, 9_410]])
    }

    @Test func aWrongPrintLiftsNoTrailingStop() throws {
        var desk = GuardedDesk(try ExitPlan(reading: ["trail 5% all"]), shares: 10, at: 10_000)
        desk.see(100_000)
        desk.see(10_000)
        #expect(desk.position.high == .won(10_000))
        #expect(desk.book.isEmpty)
    }

    /// R9.3: nobody told the day's limit, 7,000.
    @Test func aStopThatTheDaysLimitRefusesSellsAtTheLastPrice() {
        var desk = GuardedDesk(shares: 10, at: 10_000)
        desk.see(7_050)
        #expect(desk.book == [[10, 6_980]])
        desk.end()
        desk.see(7_040)
        desk.see(7_020)
        #expect(desk.book == [[10, 7_040]])
        #expect(desk.sells[0].isCancelAsked)
        desk.end()
        // Its room is tried again: what was refused may have been a halt.
        #expect(desk.book == [[10, 6_950]])
        desk.end()
        for _ in 0..<2 { desk.see(7_020) }
        #expect(desk.book == [[10, 7_020]])
        desk.fill(0, 4)
        #expect(desk.book == [[6, 7_020]])
    }

    @Test func aRefusedExitIsTriedAgainLaterAndLater() {
        var desk = GuardedDesk(shares: 10, at: 10_000)
        desk.see(9_500)
        desk.end()
        #expect(desk.book.isEmpty)
        desk.see(9_490)
        #expect(desk.book.count == 1)
        desk.end()
        desk.see(9_480)
        #expect(desk.book.isEmpty)
        desk.see(9_480)
        #expect(desk.book.count == 1)
    }

    @Test func aPositionThatBeginsAnewHasItsOwnTiers() {
        var desk = GuardedDesk(shares: 10, at: 10_000)
        desk.see(9_500)
        desk.fill()
        desk.buy(4, at: 20_000)
        #expect(desk.position.isFired == [false, false, false])
        #expect(desk.position.average == .won(20_000))
        #expect(desk.position.bought == .shares(4))
    }

    @Test func anExitOfNothingIsWithdrawn() {
        var desk = GuardedDesk(shares: 10, at: 10_000)
        desk.see(10_400)
        desk.held = .zero
        desk.tend()
        #expect(desk.sells[0].isCancelAsked)
    }
}
