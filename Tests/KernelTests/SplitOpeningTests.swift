import TestKit
import Testing
import TradingModel

@testable import Kernel

/// Between a split and its first price the last one is scaled, and may have been of behind the split already.
@Suite struct SplitOpeningTests {
    /// Seed 728127: a split was told behind its first price, which was halved with the books; a position that was opened
    /// then stood far above that price, and its stop fired.
    @Test func whatIsOpenedBehindASplitWaitsForAPrice() {
        var holder = ExitHolder()
        holder.order()
        guard let order = holder.effects.orders.last else {
            Issue.record("no order")
            return
        }
        holder.kernel.split(InstrumentID(0), new: 2, old: 1, into: &holder.effects)
        holder.tend()
        #expect(holder.kernel.lastPrice(of: InstrumentID(0)) == .won(500))
        holder.effects.removeAll()
        holder.fill(order, .shares(10), at: 1_000)
        #expect(holder.effects.orders.isEmpty, "500 is a price that the split made")
        holder.tick(1_001)
        #expect(holder.effects.orders.isEmpty)
        #expect(
            holder.kernel.positionGuard(of: ExitHolder.key)?.doubtedSince == nil,
            "it is what was paid")
        holder.tick(940)
        #expect(holder.effects.orders.map(\.side) == [.sell])
    }

    /// And where the price is not what was paid, nobody believes it.
    @Test func whatIsOpenedBehindASplitDoubtsAFarPrice() {
        var holder = ExitHolder()
        holder.order()
        guard let order = holder.effects.orders.last else {
            Issue.record("no order")
            return
        }
        holder.fill(order, .shares(5), at: 1_000)
        holder.kernel.split(InstrumentID(0), new: 2, old: 1, into: &holder.effects)
        holder.tend()
        holder.effects.removeAll()
        holder.tick(250)
        #expect(holder.effects.orders.isEmpty)
        #expect(holder.kernel.positionGuard(of: ExitHolder.key)?.doubtedSince == .won(500))
    }

    /// Also where an order of a position that is gone is still at work.
    @Test func whatIsOpenedBesideAnOldOrderIsHeldAgainstWhatWasPaid() throws {
        var terms = KernelPlan.sample(
            sources: [SourcePlan(name: "far", kind: .server)],
            attachments: [.sample(0, adds: true)], arbiter: ArbiterPlan(policy: .first))
        terms.exits.plans = [.threeTier]
        terms.exits.general = .plan(0)
        var holder = ExitHolder(terms)
        holder.buy()
        holder.order()
        let order = try #require(holder.effects.orders.last)
        holder.tick(940)
        // An exit that was thought to have ended fills behind its end, beside the one in its place.
        let exit = try #require(holder.effects.orders.last)
        holder.kernel.handle(.cancelled(exit.number, reason: "a test"), into: &holder.effects)
        holder.tick(939)
        let second = try #require(holder.effects.orders.last)
        #expect(exit.side == .sell && second.side == .sell && exit.number != second.number)
        holder.fill(exit, .shares(10), at: 940)
        #expect(holder.kernel.position(of: ExitHolder.key)?.held == .zero)
        holder.kernel.split(InstrumentID(0), new: 2, old: 1, into: &holder.effects)
        holder.tend()
        holder.fill(order, .shares(10), at: 1_000)
        holder.effects.removeAll()
        holder.tick(945)
        let found = holder.kernel.positionGuard(of: ExitHolder.key)
        let known = try #require(found)
        #expect(known.average == .won(1_000))
        #expect(known.doubtedSince == nil)
        #expect(known.isFired == [true, false, false], "945 is a price, and the stop's")
    }

    /// Everything is sold and is not, between the split and its first price: what is held was there before, and
    /// what it once cost says nothing of the price to come.
    @Test func whatWasHeldBeforeIsHeldAgainstTheLastPrice() throws {
        var terms = KernelPlan.sample(
            sources: [SourcePlan(name: "far", kind: .server)], attachments: [.sample(0)],
            arbiter: ArbiterPlan(policy: .first))
        terms.exits.plans = [try ExitPlan(reading: ["+110% all"])]
        terms.exits.general = .plan(0)
        var holder = ExitHolder(terms)
        holder.buy()
        for price in stride(from: Int64(1_100), through: 2_000, by: 100) { holder.tick(price) }
        holder.kernel.split(InstrumentID(0), new: 2, old: 1, into: &holder.effects)
        holder.tend()
        for isOn in [true, false] {
            _ = holder.kernel.flatten(
                AccountID(0), isOn, reason: "a test", into: &holder.effects)
        }
        holder.tend()
        holder.effects.removeAll()
        holder.tick(1_060)
        let found = holder.kernel.positionGuard(of: ExitHolder.key)
        let known = try #require(found)
        #expect(known.average == .won(500))
        #expect(known.doubtedSince == nil)
        #expect(holder.effects.orders.map(\.side) == [.sell])
    }
}
