import TestKit
import Testing
import TradingModel

@testable import Kernel

/// R9.1, R12.3: whose plan a position has, behind restarts, corrections and what another left behind.
@Suite struct ExitOpenerTests {
    private static func buy(
        _ holder: inout ExitHolder, by source: Int, _ told: inout [Fact], fills: Bool = true
    ) -> Order? {
        holder.order(by: source)
        guard let order = holder.effects.orders.last else { return nil }
        if fills { holder.fill(order, .shares(10), at: 1_000) }
        told += holder.effects.facts
        holder.effects.removeAll()
        return order
    }
    private static func sell(_ holder: inout ExitHolder, by source: Int, _ told: inout [Fact]) {
        holder.say(.sell, by: source)
        if let order = holder.effects.orders.last { holder.fill(order, .shares(10), at: 1_000) }
        told += holder.effects.facts
        holder.effects.removeAll()
    }
    /// Started again: facts alone. On paper a fill comes before guards are asked for the first time.
    private static func recovered(_ told: [Fact]) -> ExitHolder {
        var second = ExitHolder(ExitHolder.bareAndPlanned)
        for fact in told { second.kernel.apply(fact) }
        return second
    }

    /// That nobody guards a position is no fact: a start must not take that position's end for nothing.
    @Test func behindABarePositionTheNextIsGuarded() throws {
        var first = ExitHolder(ExitHolder.bareAndPlanned)
        var told: [Fact] = []
        _ = try #require(Self.buy(&first, by: 0, &told))
        Self.sell(&first, by: 0, &told)
        #expect(first.kernel.position(of: ExitHolder.key)?.held == .zero)
        let order = try #require(Self.buy(&first, by: 1, &told, fills: false))
        var second = Self.recovered(told)
        second.fill(order, .shares(10), at: 1_000, id: 7)
        #expect(second.kernel.positionGuard(of: ExitHolder.key)?.plan == .threeTier)
    }

    /// The bare one's second position is his too, and who adds to it brings no plan.
    @Test func behindAStartWhoAddsBringsNoPlan() throws {
        var first = ExitHolder(ExitHolder.bareAndPlanned)
        var told: [Fact] = []
        _ = try #require(Self.buy(&first, by: 0, &told))
        Self.sell(&first, by: 0, &told)
        _ = try #require(Self.buy(&first, by: 0, &told))
        var second = Self.recovered(told)
        #expect(second.kernel.exits.openers == first.kernel.exits.openers)
        var more: [Fact] = []
        _ = try #require(Self.buy(&second, by: 1, &more))
        #expect(second.kernel.positionGuard(of: ExitHolder.key) == nil)
    }

    /// Corrected away, and other shares come: whoever buys next opens.
    @Test func behindACorrectionToNothingTheNextBuyOpens() throws {
        var holder = ExitHolder(ExitHolder.bareAndPlanned)
        var told: [Fact] = []
        _ = try #require(Self.buy(&holder, by: 0, &told))
        for held in [Quantity.zero, .shares(10)] {
            let before: Quantity = held == .zero ? .shares(10) : .zero
            let order = CorrectionOrder(
                account: AccountID(0), broker: 0, named: "sim",
                .holding(InstrumentID(0), books: before, stated: held), by: .person,
                reason: "by phone", at: .zero)
            #expect(holder.kernel.correct(order, into: &holder.effects) == nil)
        }
        #expect(holder.kernel.position(of: ExitHolder.key)?.held == .shares(10))
        holder.effects.removeAll()
        _ = try #require(Self.buy(&holder, by: 1, &told))
        #expect(holder.kernel.positionGuard(of: ExitHolder.key)?.plan == .threeTier)
    }

    /// A correction leaves parts of a share in what a stop has sold: they are nobody's to sell, and no target of
    /// whole shares is taken back for them, to be made again, and again.
    @Test func partsOfAShareTakeNoTargetBack() throws {
        let plan = try ExitPlan(reading: ["-2% half", "+0.5% rest"])
        var holder = ExitHolder(plan)
        holder.buy()
        holder.tick(980)
        let stop = try #require(holder.effects.orders.last)
        #expect(stop.quantity == .shares(5))
        holder.kernel.handle(.accepted(stop.number, BrokerOrderID("s")), into: &holder.effects)
        holder.fill(stop, .shares(2), at: 980)
        holder.kernel.handle(.cancelled(stop.number, reason: "closed"), into: &holder.effects)
        let gone = CorrectionOrder(
            account: AccountID(0), broker: 0, named: "sim",
            .holding(InstrumentID(0), books: .shares(8), stated: .shares(7)), by: .person,
            reason: "by phone", at: .zero)
        #expect(holder.kernel.correct(gone, into: &holder.effects) == nil)
        holder.effects.removeAll()
        holder.tick(1_006)
        let rest = try #require(holder.effects.orders.last)
        #expect(holder.effects.orders.map(\.quantity) == [.shares(2)], "the stop goes first")
        holder.fill(rest, .shares(2), at: 1_006, id: 2)
        for _ in 0..<2 { holder.tick(1_007) }
        #expect(holder.effects.orders.map(\.quantity) == [.shares(2), .shares(5)])
        #expect(holder.effects.cancels.isEmpty)
    }

    /// An exit's order that is still to end, and its fired tiers, are of the position that is gone.
    @Test func whatIsLeftOfAnExitSellsNothingOfABarePosition() throws {
        var holder = ExitHolder(ExitHolder.bareAndPlanned)
        var told: [Fact] = []
        _ = try #require(Self.buy(&holder, by: 1, &told))
        holder.tick(940)
        let stop = try #require(holder.effects.orders.last)
        #expect(stop.side == .sell)
        // It ends, another is made, and then the first fills all the same: the second is still to end.
        holder.kernel.handle(.cancelled(stop.number, reason: "closed"), into: &holder.effects)
        for price in [939, 938, 937] as [Int64] { holder.tick(price) }
        let second = try #require(holder.effects.orders.last)
        #expect(second.number != stop.number)
        holder.fill(stop, .shares(10), at: 940, id: 5)
        #expect(holder.kernel.position(of: ExitHolder.key)?.held == .zero)
        holder.effects.removeAll()
        _ = try #require(Self.buy(&holder, by: 0, &told))
        #expect(holder.kernel.positionGuard(of: ExitHolder.key) == nil)
        holder.tick(900)
        #expect(holder.effects.orders.isEmpty, "nobody's plan sells the bare one's shares")
        holder.kernel.handle(
            .cancelled(second.number, reason: "as asked"), into: &holder.effects)
        holder.tick(850)
        #expect(holder.effects.orders.isEmpty)
        #expect(holder.kernel.exits.guards.allSatisfy { $0 == nil })
    }
}
