import Kernel
import Simulation
import Testing
import TradingModel

/// As ``CheckerTests``: orders that work for longer than they may.
@Suite struct CheckerAgeTests {
    private let order = HandMade.order(1, .buy, 10)

    /// A buy that works for longer than ten seconds, by what the host saw.
    private func working(
        _ seconds: Int, _ then: (inout HandMade) -> Void = { _ in }
    ) -> [Violation.Rule] {
        var made = HandMade(limits: RiskLimits.aged)
        made.approve(order)
        made.flush()
        made.send(order)
        made.accept(order)
        made.acknowledge(order)
        then(&made)
        for _ in 0..<(10 * seconds) { made.add(.priced(InstrumentID(0), .won(10), record: 9)) }
        // The order still works: that it did not come to rest is told too, and not asked here.
        return made.rules.filter { $0 != .rest }
    }

    @Test func anOrderThatNobodyEndsIsCaught() {
        #expect(working(21) == [])
        #expect(working(24) == [.age])
        let asked = Happening.wished(order.number, reason: "by hand", record: 3)
        #expect(working(24) { $0.add(asked) } == [])
        #expect(working(24) { $0.add(.assigned(order.number)) } == [])
        #expect(working(24) { $0.add(.doubted(order.number, reason: "", record: 3)) } == [])
    }

    /// What was known behind a record that a crash took is doubted as before.
    @Test func aDoubtThatACrashBringsBackIsNoHurry() {
        let rules = working(24) { made in
            // Known by a fill, whatever becomes of its number.
            let fill = HandMade.fill(order, 1, 4)
            made.fill(order, fill)
            made.book(order, fill)
            made.flush()
            made.add(.doubted(order.number, reason: "", record: 3))
            made.acknowledge(order)
            made.crash(keeping: 3)
        }
        #expect(rules == [])
    }

    /// That its end was asked for was lost: the next life has to ask again.
    @Test func aWishThatACrashTookIsWishedAgain() {
        let rules = working(24) { made in
            made.add(.wished(order.number, reason: "by hand", record: 9))
            made.crash(keeping: 2)
        }
        #expect(rules == [.age])
    }

    @Test func anEndForAnAgeThatIsNotReachedIsCaught() {
        let early = Happening.wished(
            order.number, reason: "it is older than order_age 10s", record: 3)
        #expect(working(1) { $0.add(early) } == [.age])
    }
}

extension RiskLimits {
    fileprivate static var aged: RiskLimits {
        var limits = RiskLimits()
        limits.orderAge = .seconds(10)
        return limits
    }
}
