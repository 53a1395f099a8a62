import TestKit
import Testing
import TradingModel

@testable import Kernel

/// R11.3: the kill switch of an account and of a strategy, and selling everything.
@Suite struct KernelKillTests {
    private static let account = AccountID(0)

    private static func plan(
        _ policy: ArbiterPlan.Policy = .first, exits: Bool = true
    ) -> KernelPlan {
        var terms = KernelPlan.sample(
            accounts: 2, cash: .won(100_000_000),
            sources: ["one", "two"].map { SourcePlan(name: $0, kind: .server) },
            attachments: (0..<2).map { .sample($0, adds: true) },
            arbiter: ArbiterPlan(policy: policy))
        if exits {
            terms.exits.plans = [.threeTier]
            terms.exits.general = .plan(0)
        }
        return terms
    }
    private func statuses(_ facts: [Fact]) -> [SignalStatus] {
        facts.parts.compactMap { fact in
            if case .signal(_, let status) = fact { status } else { nil }
        }
    }
    private func kill(
        _ holder: inout ExitHolder, _ on: Bool, _ scope: KillScope
    ) -> Int { holder.kernel.kill(on, scope, reason: "test", into: &holder.effects) }

    @Test func aStoppedStrategyBuysNothingAndMaySell() throws {
        var holder = ExitHolder(Self.plan())
        holder.order(by: 0)
        let open = try #require(holder.effects.orders.last)
        holder.fill(open, .shares(10), at: 1_000)
        holder.order(by: 0)
        let second = try #require(holder.effects.orders.last)
        holder.effects.removeAll()
        #expect(kill(&holder, true, .source(SourceID(0))) == 1)
        #expect(holder.effects.cancels == [second.number])
        holder.kernel.handle(.cancelled(second.number, reason: "as asked"), into: &holder.effects)
        holder.effects.removeAll()
        holder.order(by: 0)
        #expect(statuses(holder.effects.facts) == [.killed])
        #expect(holder.effects.orders.isEmpty)
        holder.order(by: 1)
        #expect(holder.effects.orders.map(\.side) == [.buy], "the other goes on")
        holder.effects.removeAll()
        holder.say(.sell, by: 0)
        #expect(holder.effects.orders.map(\.side) == [.sell], "what is held may be sold")
        holder.effects.removeAll()
        #expect(kill(&holder, false, .source(SourceID(0))) == 0)
        holder.order(by: 0)
        #expect(holder.effects.orders.map(\.side) == [.buy])
    }

    @Test func aStoppedAccountBuysNothingByAnybody() {
        var holder = ExitHolder(Self.plan())
        #expect(kill(&holder, true, .account(AccountID(1))) == 0)
        holder.order(by: 0)
        #expect(holder.effects.orders.count == 1, "another account is not stopped")
        holder.effects.removeAll()
        #expect(kill(&holder, true, .account(Self.account)) == 1)
        for source in 0..<2 { holder.order(by: source) }
        #expect(holder.effects.orders.isEmpty)
        let rules = holder.effects.facts.compactMap { fact in
            if case .risk(let decision) = fact {
                "\(decision.rule): \(decision.detail)"
            } else {
                nil
            }
        }
        #expect(rules == Array(repeating: "kill: the kill switch of the account is on", count: 2))
    }

    /// A stopped strategy's word to buy counts for nobody: another's order must not come of it.
    @Test func aStandingVoteToBuyEnds() {
        var holder = ExitHolder(Self.plan(.confidenceWeighted))
        holder.order(by: 0)
        #expect(holder.effects.orders.isEmpty, "the round waits for the other")
        _ = kill(&holder, true, .source(SourceID(0)))
        let ended = holder.effects.facts.contains { fact in
            if case .voteEnded(let key, .killed, _) = fact {
                key.source == SourceID(0)
            } else {
                false
            }
        }
        #expect(ended)
        #expect(holder.kernel.desks[0].votes.isEmpty)
    }

    /// Asked again while it stands so, nothing is told and nothing asked for.
    @Test func askedTwiceItIsDoneOnce() {
        var holder = ExitHolder(Self.plan())
        holder.order(by: 0)
        _ = kill(&holder, true, .source(SourceID(0)))
        holder.effects.removeAll()
        #expect(kill(&holder, true, .source(SourceID(0))) == 0)
        #expect(holder.effects.isEmpty)
    }

    @Test func aChangeThatAddsIsRefusedToAStoppedStrategy() throws {
        var holder = ExitHolder(Self.plan())
        holder.order(by: 0, limit: 1_000)
        let order = try #require(holder.effects.orders.last)
        holder.kernel.handle(.accepted(order.number, BrokerOrderID("b")), into: &holder.effects)
        holder.kernel.apply(.killed(true, .source(SourceID(0)), reason: "test"))
        let answer = holder.kernel.change(
            order.number, limit: .won(1_001), quantity: nil,
            at: EventPosition(step: 9, index: 0), into: &holder.effects)
        guard case .notApproved(_, let why) = answer else {
            return #expect(Bool(false), "\(answer)")
        }
        #expect(why.contains("the kill switch of the strategy is on"))
    }

    // MARK: Everything is sold

    /// With plans and without: at any price, whatever the exits would say.
    @Test(arguments: [true, false]) func everythingHeldIsSold(_ hasExits: Bool) throws {
        var holder = ExitHolder(Self.plan(exits: hasExits))
        holder.buy()
        let sold = holder.kernel.flatten(
            Self.account, true, reason: "test", into: &holder.effects)
        #expect(sold == 1)
        holder.tend()
        let order = try #require(holder.effects.orders.last)
        #expect(order.side == .sell && order.quantity == .shares(10))
        #expect(order.limit == .won(990), "one percent below the price, on its steps")
        // The price leaves it far behind, and nothing is doubted.
        holder.kernel.handle(.accepted(order.number, BrokerOrderID("b")), into: &holder.effects)
        holder.effects.removeAll()
        holder.tick(400)
        #expect(holder.effects.cancels == [order.number])
        holder.kernel.handle(.cancelled(order.number, reason: "as asked"), into: &holder.effects)
        holder.tend()
        let next = try #require(holder.effects.orders.last)
        #expect(next.limit == .won(396))
        holder.fill(next, .shares(10), at: 396, id: 2)
        #expect(holder.kernel.position(of: ExitHolder.key)?.held == .zero)
        #expect(holder.kernel.positionGuard(of: ExitHolder.key) == nil)
    }

    /// A buy that fills behind it is sold too, until it is taken back.
    @Test func whatIsStillBoughtIsSoldAsWell() throws {
        var holder = ExitHolder(Self.plan(exits: false))
        holder.order(by: 0)
        let buy = try #require(holder.effects.orders.last)
        _ = holder.kernel.flatten(Self.account, true, reason: "test", into: &holder.effects)
        holder.effects.removeAll()
        holder.fill(buy, .shares(10), at: 1_000)
        #expect(holder.effects.orders.map(\.side) == [.sell])
        if let sale = holder.effects.orders.last { holder.fill(sale, .shares(10), at: 990, id: 2) }
        _ = holder.kernel.flatten(Self.account, false, reason: "test", into: &holder.effects)
        holder.effects.removeAll()
        holder.buy()
        holder.tend()
        #expect(holder.effects.orders.isEmpty)
        #expect(holder.kernel.position(of: ExitHolder.key)?.held == .shares(10))
    }

    /// Taken back in the middle: its order ends, and what is left is guarded as before.
    @Test(arguments: [true, false]) func takenBackWhatIsLeftIsGuarded(_ hasExits: Bool) throws {
        var holder = ExitHolder(Self.plan(exits: hasExits))
        holder.buy()
        _ = holder.kernel.flatten(Self.account, true, reason: "test", into: &holder.effects)
        holder.tend()
        let order = try #require(holder.effects.orders.last)
        holder.kernel.handle(.accepted(order.number, BrokerOrderID("b")), into: &holder.effects)
        holder.fill(order, .shares(4), at: 990)
        holder.effects.removeAll()
        let left = holder.kernel.flatten(
            Self.account, false, reason: "test", into: &holder.effects)
        #expect(left == 1)
        holder.tend()
        #expect(holder.effects.cancels == [order.number])
        holder.kernel.handle(.cancelled(order.number, reason: "as asked"), into: &holder.effects)
        holder.effects.removeAll()
        holder.tick(985)
        #expect(holder.effects.orders.isEmpty)
        let plan = holder.kernel.positionGuard(of: ExitHolder.key)?.plan
        #expect(plan == (hasExits ? .threeTier : nil))
        holder.tick(940)
        #expect(holder.effects.orders.map(\.quantity) == (hasExits ? [.shares(6)] : []))
    }

    /// What a guard doubted before is doubted behind it, and a fall that reaches no tier is none of this.
    @Test func aDoubtOutlivesIt() {
        var holder = ExitHolder(Self.plan())
        holder.buy()
        holder.tick(600)
        #expect(holder.kernel.positionGuard(of: ExitHolder.key)?.doubtedSince == .won(1_000))
        holder.kernel.halt(InstrumentID(0), true, into: &holder.effects)
        _ = holder.kernel.flatten(Self.account, true, reason: "test", into: &holder.effects)
        holder.tick(599)
        _ = holder.kernel.flatten(Self.account, false, reason: "test", into: &holder.effects)
        holder.tick(598)
        #expect(holder.kernel.positionGuard(of: ExitHolder.key)?.doubtedSince == .won(1_000))
        #expect(holder.effects.orders.isEmpty)
    }

    /// Its orders end also where exits are held: they would sell for a plan that is over.
    @Test func takenBackUnderAHoldNothingIsSold() throws {
        var holder = ExitHolder(Self.plan())
        holder.buy()
        _ = holder.kernel.flatten(Self.account, true, reason: "test", into: &holder.effects)
        holder.tend()
        let order = try #require(holder.effects.orders.last)
        holder.kernel.handle(.accepted(order.number, BrokerOrderID("b")), into: &holder.effects)
        holder.kernel.holdExits(true, reason: "test", into: &holder.effects)
        holder.tend()
        #expect(holder.effects.cancels.isEmpty)
        _ = holder.kernel.flatten(Self.account, false, reason: "test", into: &holder.effects)
        holder.tend()
        #expect(holder.effects.cancels == [order.number])
    }

    /// R9.4: a split came meanwhile, and nobody has told it: the plan that comes back fires nothing by it.
    @Test func aSplitMeanwhileFiresNothingBehindIt() {
        var holder = ExitHolder(Self.plan())
        holder.buy()
        holder.kernel.halt(InstrumentID(0), true, into: &holder.effects)
        _ = holder.kernel.flatten(Self.account, true, reason: "test", into: &holder.effects)
        holder.tick(501)
        _ = holder.kernel.flatten(Self.account, false, reason: "test", into: &holder.effects)
        holder.kernel.halt(InstrumentID(0), false, into: &holder.effects)
        holder.tend()
        holder.tick(500)
        #expect(holder.effects.orders.isEmpty)
        #expect(holder.kernel.positionGuard(of: ExitHolder.key)?.doubtedSince == .won(1_000))
        holder.kernel.split(InstrumentID(0), new: 2, old: 1, into: &holder.effects)
        holder.tend()
        holder.tick(499)
        #expect(holder.effects.orders.isEmpty)
        holder.tick(470)
        #expect(holder.effects.orders.map(\.quantity) == [.shares(20)])
    }

    /// A split told while everything is sold: a price that came behind it is in the new scale already, another is not.
    @Test(
        arguments: [(500, 500, nil), (300, 150, 500), (980, 490, 500)]
            as [(Int64, Int64, Int64?)])
    func aSplitToldMeanwhileScalesWhatIsInTheOldScale(
        _ doubted: Int64, _ last: Int64, _ since: Int64?
    ) {
        var holder = ExitHolder(Self.plan())
        holder.buy()
        holder.tick(min(doubted, 600))
        holder.kernel.halt(InstrumentID(0), true, into: &holder.effects)
        _ = holder.kernel.flatten(Self.account, true, reason: "test", into: &holder.effects)
        holder.tick(doubted)
        holder.kernel.split(InstrumentID(0), new: 2, old: 1, into: &holder.effects)
        #expect(holder.kernel.books[0].last == .won(last))
        _ = holder.kernel.flatten(Self.account, false, reason: "test", into: &holder.effects)
        let known = holder.kernel.positionGuard(of: ExitHolder.key)?.doubtedSince
        #expect(known == since.map { .won($0) })
    }

    /// R9.4: what a split made of the last price fires nothing of the plan that comes back, nor sells at once.
    @Test func behindASplitWhatComesBackWaitsForAPrice() {
        var holder = ExitHolder(Self.plan())
        holder.buy()
        holder.kernel.halt(InstrumentID(0), true, into: &holder.effects)
        _ = holder.kernel.flatten(Self.account, true, reason: "test", into: &holder.effects)
        holder.tick(1_050)
        holder.kernel.split(InstrumentID(0), new: 2, old: 1, into: &holder.effects)
        holder.kernel.halt(InstrumentID(0), false, into: &holder.effects)
        holder.tend()
        #expect(holder.effects.orders.isEmpty)
        _ = holder.kernel.flatten(Self.account, false, reason: "test", into: &holder.effects)
        holder.tend()
        #expect(holder.effects.orders.isEmpty)
        _ = holder.kernel.flatten(Self.account, true, reason: "test", into: &holder.effects)
        holder.tend()
        #expect(holder.effects.orders.isEmpty)
        _ = holder.kernel.flatten(Self.account, false, reason: "test", into: &holder.effects)
        holder.tick(525)
        #expect(holder.effects.orders.map(\.quantity) == [.shares(10)])
    }

    /// Its orders end in a halt too: the market that opens again would fill them first.
    @Test func takenBackInAHaltNothingIsSold() throws {
        var holder = ExitHolder(Self.plan())
        holder.buy()
        _ = holder.kernel.flatten(Self.account, true, reason: "test", into: &holder.effects)
        holder.tend()
        let order = try #require(holder.effects.orders.last)
        holder.kernel.handle(.accepted(order.number, BrokerOrderID("b")), into: &holder.effects)
        holder.kernel.halt(InstrumentID(0), true, into: &holder.effects)
        _ = holder.kernel.flatten(Self.account, false, reason: "test", into: &holder.effects)
        holder.tend()
        #expect(holder.effects.cancels == [order.number])
    }

    /// Held exits do not hold it, and those of others stay held.
    @Test func aHoldDoesNotKeepItFromSelling() {
        var holder = ExitHolder(Self.plan())
        holder.buy()
        holder.kernel.holdExits(true, reason: "test", into: &holder.effects)
        _ = holder.kernel.flatten(Self.account, true, reason: "test", into: &holder.effects)
        let areHeld = holder.kernel.areExitsHeld
        #expect(areHeld)
        holder.tend()
        #expect(holder.effects.orders.map(\.side) == [.sell])
        _ = holder.kernel.flatten(Self.account, false, reason: "test", into: &holder.effects)
        holder.effects.removeAll()
        holder.tick(900)
        #expect(holder.effects.orders.isEmpty, "the plan that comes back is held")
    }

    /// What a correction brings is sold too, and has no plan behind it: nobody bought it here.
    @Test func whatACorrectionBringsIsSold() throws {
        var holder = ExitHolder(Self.plan())
        holder.tick(1_000)
        _ = holder.kernel.flatten(Self.account, true, reason: "test", into: &holder.effects)
        let order = CorrectionOrder(
            account: Self.account, broker: 0, named: "sim",
            .holding(InstrumentID(0), books: .zero, stated: .shares(7)), by: .configuration,
            reason: "test", at: .zero)
        #expect(holder.kernel.correct(order, into: &holder.effects) == nil)
        holder.tend()
        let sale = try #require(holder.effects.orders.last)
        #expect(sale.side == .sell && sale.quantity == .shares(7))
        holder.effects.removeAll()
        _ = holder.kernel.flatten(Self.account, false, reason: "test", into: &holder.effects)
        holder.tend()
        holder.kernel.handle(.cancelled(sale.number, reason: "as asked"), into: &holder.effects)
        holder.effects.removeAll()
        holder.tick(500)
        #expect(holder.effects.orders.isEmpty)
        #expect(holder.kernel.positionGuard(of: ExitHolder.key) == nil)
    }

    /// R12.3: what was told is all there is to know.
    @Test(arguments: [true, false]) func recoveryBringsItBack(_ hasExits: Bool) {
        let plan = Self.plan(exits: hasExits)
        var holder = ExitHolder(plan)
        var told: [Fact] = []
        func note(_ holder: inout ExitHolder) {
            told += holder.effects.facts
            holder.effects.removeAll()
        }
        holder.order(by: 0)
        if let order = holder.effects.orders.last { holder.fill(order, .shares(10), at: 1_000) }
        note(&holder)
        _ = kill(&holder, true, .source(SourceID(1)))
        _ = kill(&holder, true, .account(AccountID(1)))
        _ = holder.kernel.flatten(Self.account, true, reason: "test", into: &holder.effects)
        holder.tend()
        note(&holder)
        var second = ExitHolder(plan)
        second.kernel.observe(
            MarketEvent(
                position: EventPosition(step: 1, index: 0),
                kind: .tick(
                    Tick(
                        instrument: InstrumentID(0), feedTime: .seconds(1), price: .won(1_000),
                        quantity: .shares(1)))))
        for fact in told { second.kernel.apply(fact) }
        #expect(second.kernel.stateHash() == holder.kernel.stateHash())
        #expect(second.kernel.killedParts == [.source(SourceID(1)), .account(AccountID(1))])
        let isFlattening = second.kernel.isFlattening(Self.account)
        #expect(isFlattening)
        #expect(second.kernel.workingOrders().map(\.order.side) == [.sell])
    }
}
