import Kernel
import Testing
import TradingModel

@testable import Simulation

@Suite struct CheckerTradingTests {
    private let buy = HandMade.order(1, .buy, 2)
    private let instrument = InstrumentID(0)

    private func rules(
        _ limits: RiskLimits = RiskLimits(), _ body: (inout HandMade) -> Void
    ) -> [Violation.Rule] {
        var made = HandMade(limits: limits)
        body(&made)
        made.bought(buy)
        made.rest()
        return made.rules
    }

    @Test func aBuyOfWhatIsHaltedIsCaught() {
        #expect(rules { $0.add(.tradingHalted(instrument, true, record: 1)) } == [.limits])
        #expect(
            rules {
                $0.add(.tradingHalted(instrument, true, record: 1))
                $0.add(.tradingHalted(instrument, false, record: 1))
            } == [])
    }

    /// What a crash took back nobody was told.
    @Test func aHaltThatACrashTookIsNone() {
        #expect(
            rules { made in
                made.add(.tradingHalted(instrument, true, record: 9))
                made.crash(keeping: 0)
            } == [])
    }

    @Test(
        arguments: [(11, 20, [Violation.Rule.limits]), (10, 10, []), (1, 9, [.limits])]
            as [(Int64, Int64, [Violation.Rule])])
    func aBuyBeyondTheDaysLimitsIsCaught(
        _ lower: Int64, _ upper: Int64, _ expected: [Violation.Rule]
    ) throws {
        let limits = try #require(DayLimits(lower: .won(lower), upper: .won(upper), day: 0))
        let inside = Price.won(lower)
        let found = rules { made in
            made.add(.came(instrument, inside, record: 1))
            made.add(.dayLimited(instrument, limits, record: 1))
        }
        #expect(found == expected)
    }

    @Test func aBuyByThePriceFromBeforeASplitIsCaught() {
        #expect(
            rules { made in
                made.add(.came(instrument, .won(10), record: 1))
                made.add(.rescaled(instrument, new: 2, old: 1, record: 2))
            } == [.limits])
        #expect(
            rules { made in
                made.add(.rescaled(instrument, new: 2, old: 1, record: 2))
                made.add(.came(instrument, .won(5), record: 3))
            } == [])
    }

    @Test(arguments: [(1, [Violation.Rule.limits]), (9, [])] as [(Int64, [Violation.Rule])])
    func aBuyByAnOldPriceIsCaught(_ most: Int64, _ expected: [Violation.Rule]) {
        var limits = RiskLimits()
        limits.priceAge = .seconds(most)
        let found = rules(limits) { made in
            made.add(.came(instrument, .won(10), record: 1))
            made.wait(.seconds(5))
            made.add(.came(InstrumentID(1), .won(10), record: 1))
        }
        #expect(found == expected)
    }
}
