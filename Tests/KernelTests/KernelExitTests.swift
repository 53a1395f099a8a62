import PaperExchange
import TestKit
import Testing
import TradingModel

@testable import Kernel

/// R9: exits in a kernel that lives whole days, and in its recovery.
@Suite struct KernelExitTests {
    static let lines = [
        ["-5% all", "+4% half", "+8% rest"], ["-2% half", "-4% all", "trail 3% from +2% half"],
        ["trail 2% all"], ["-1% all", "+1% 30%", "+2% rest"],
    ]

    static func plan(_ seed: UInt64) throws -> KernelPlan {
        var plan = LivedDay.plan(seed)
        plan.exits.plans = try lines.map { try ExitPlan(reading: $0) }
        plan.exits.general = .plan(Int(seed % UInt64(lines.count)))
        plan.exits.instruments[InstrumentID(1)] = seed % 3 == 0 ? .off : .plan(0)
        plan.exits.sources[SourceID(2)] = .plan(2)
        return plan
    }

    /// R9.2: what guards know comes back from the log, to the last number.
    @Test(arguments: seeds(0..<32))
    func recoveryBringsGuardsBack(_ seed: UInt64) throws {
        let plan = try Self.plan(seed)
        var second = Kernel(plan)
        var (armed, fired, guarded) = (0, 0, 0)
        for (index, step) in LivedDay.live(plan, seed: seed).enumerated() {
            for event in step.events { second.observe(event) }
            for fact in step.facts {
                second.apply(fact)
                if case .exit(.armed) = fact { armed += 1 }
                if case .exit(.fired) = fact { fired += 1 }
            }
            #expect(second.stateHash() == step.stateHash, "step \(index)")
            if second.stateHash() != step.stateHash { return }
            for desk in 0..<second.desks.count where second.desks[desk].position.isPositive {
                let key = second.desks[desk].key
                let isOff = key.instrument == InstrumentID(1) && seed % 3 == 0
                #expect((second.positionGuard(of: key) == nil) == isOff, "step \(index)")
                guarded += 1
            }
        }
        #expect(armed > 3 && fired > 3 && guarded > 50, "\(armed) \(fired) \(guarded)")
    }

    /// R9.2: beside strategies that sell too.
    @Test(arguments: seeds(0..<32))
    func nothingIsSoldThatIsNotHeld(_ seed: UInt64) throws {
        let plan = try Self.plan(seed)
        var kernel = Kernel(plan)
        var exits = 0
        for step in LivedDay.live(plan, seed: seed) {
            for event in step.events { kernel.observe(event) }
            for fact in step.facts.parts {
                if case .exit(.assigned) = fact { exits += 1 }
                kernel.apply(fact)
                for desk in 0..<kernel.desks.count {
                    let (held, selling) = (
                        kernel.desks[desk].position, kernel.desks[desk].workingSells
                    )
                    #expect(selling.units <= max(0, held.units), "seed \(seed)")
                }
            }
        }
        #expect(exits > 3)
    }

    /// No plan, no fact: what was decided before there were exits is decided still.
    @Test(arguments: seeds(0..<8))
    func withoutAPlanNothingIsTold(_ seed: UInt64) {
        let plan = LivedDay.plan(seed)
        for step in LivedDay.live(plan, seed: seed) {
            for case .exit(let fact) in step.facts { Issue.record("\(fact)") }
        }
    }

    // MARK: One position by hand

    @Test func aStopIsAnOrderThatTheGateLetThrough() {
        var holder = ExitHolder()
        holder.buy()
        holder.tick(950)
        #expect(holder.effects.orders.map(\.quantity) == [.shares(10)])
        #expect(holder.effects.orders.map(\.limit) == [.won(941)])
        let rules = holder.effects.facts.compactMap { fact in
            if case .risk(let decision) = fact {
                "\(decision.rule) \(decision.approved)"
            } else {
                nil
            }
        }
        #expect(rules == ["exit true"])
    }

    /// R11.3.
    @Test func theKillSwitchLeavesExitsOnAndAHoldDoesNot() {
        var holder = ExitHolder()
        holder.buy()
        holder.kernel.kill(true, reason: "test", into: &holder.effects)
        holder.kernel.holdExits(true, reason: "test", into: &holder.effects)
        holder.tick(940)
        #expect(holder.effects.orders.isEmpty)
        holder.kernel.holdExits(false, reason: "test", into: &holder.effects)
        holder.tend()
        #expect(holder.effects.orders.map(\.side) == [.sell])
    }

    @Test func aHaltedInstrumentWaits() {
        var holder = ExitHolder()
        holder.buy()
        holder.kernel.halt(InstrumentID(0), true, into: &holder.effects)
        holder.tick(900)
        #expect(holder.effects.orders.isEmpty)
        holder.kernel.halt(InstrumentID(0), false, into: &holder.effects)
        holder.tend()
        #expect(holder.effects.orders.map(\.limit) == [.won(891)])
    }

    /// R9.4: told before the first price of the new scale, or behind it.
    @Test(arguments: [true, false]) func aSplitFiresNothing(_ isToldFirst: Bool) {
        var holder = ExitHolder()
        holder.buy()
        if isToldFirst {
            holder.kernel.split(InstrumentID(0), new: 2, old: 1, into: &holder.effects)
            holder.tend()
        }
        holder.tick(505)
        if !isToldFirst {
            #expect(holder.kernel.positionGuard(of: ExitHolder.key)?.doubtedSince == .won(1_000))
            holder.kernel.split(InstrumentID(0), new: 2, old: 1, into: &holder.effects)
            holder.tend()
        }
        holder.tick(503)
        #expect(holder.effects.orders.isEmpty)
        #expect(holder.kernel.position(of: ExitHolder.key)?.held == .shares(20))
        #expect(holder.kernel.lastPrice(of: InstrumentID(0)) == .won(503))
        let guarded = holder.kernel.positionGuard(of: ExitHolder.key)
        #expect(guarded?.average == .won(500))
        holder.tick(475)
        #expect(holder.effects.orders.map(\.quantity) == [.shares(20)])
    }

    /// R9.4: the second split is told behind its first price, the first one before any.
    @Test func aSecondSplitBehindTheFirstFiresNothing() {
        var holder = ExitHolder()
        holder.buy()
        holder.kernel.split(InstrumentID(0), new: 2, old: 1, into: &holder.effects)
        holder.tend()
        holder.tick(252)
        #expect(holder.kernel.positionGuard(of: ExitHolder.key)?.doubtedSince == .won(500))
        holder.kernel.split(InstrumentID(0), new: 2, old: 1, into: &holder.effects)
        holder.tend()
        #expect(holder.kernel.lastPrice(of: InstrumentID(0)) == .won(252))
        holder.tick(251)
        #expect(holder.effects.orders.isEmpty)
        #expect(holder.kernel.positionGuard(of: ExitHolder.key)?.doubtedSince == nil)
        holder.tick(237)
        #expect(holder.effects.orders.map(\.quantity) == [.shares(40)])
    }

    /// R9.2: who comes in the middle of a run moves desks, and no guard to another position.
    @Test(arguments: [0, 1]) func whoComesLeavesGuardsWhereTheyAre(_ instrument: Int) {
        func plan(_ attachments: [Attached]) -> KernelPlan {
            var plan = KernelPlan.sample(
                instruments: 2, accounts: 2,
                sources: [SourcePlan(name: "far", kind: .server)], attachments: attachments,
                arbiter: ArbiterPlan(policy: .first))
            plan.exits.plans = [.threeTier]
            plan.exits.general = .plan(0)
            return plan
        }
        let first = plan([.sample(0, account: 1), .sample(0, account: 1, instrument: 1)])
        let next = plan(
            first.attachments + [.sample(0, account: 0), .sample(0, account: 0, instrument: 1)])
        var holder = ExitHolder(first)
        for index in 0..<2 { holder.buy(index) }
        let key = DeskKey(account: AccountID(1), instrument: InstrumentID(instrument))
        let before = holder.kernel.positionGuard(of: key)
        #expect(before?.bought == .shares(10))
        holder.kernel.layOut(Entrants(next, instead: first))
        #expect(holder.kernel.positionGuard(of: key) == before)
        for other in 0..<2 {
            let key = DeskKey(account: AccountID(0), instrument: InstrumentID(other))
            #expect(holder.kernel.positionGuard(of: key) == nil)
        }
        holder.tick(940, instrument)
        #expect(holder.effects.orders.map(\.account) == [AccountID(1)])
        #expect(holder.effects.orders.map(\.instrument) == [InstrumentID(instrument)])
        #expect(holder.effects.orders.map(\.quantity) == [.shares(10)])
    }

    /// R9.1: a plan goes by whose buy fills, not by whose was ordered last.
    @Test(arguments: [false, true]) func whoseFillOpensItIsGuardedByHisPlan(_ isRefused: Bool) {
        var terms = KernelPlan.sample(
            cash: .won(100_000_000),
            sources: ["planned", "bare"].map { SourcePlan(name: $0, kind: .server) },
            attachments: (0..<2).map { .sample($0, adds: true) },
            arbiter: ArbiterPlan(policy: .first))
        terms.exits.plans = [.threeTier]
        terms.exits.sources = [SourceID(0): .plan(0), SourceID(1): .off]
        var holder = ExitHolder(terms)
        holder.order(by: 0)
        holder.order(by: 1)
        let orders = holder.effects.orders
        guard orders.count == 2 else { return #expect(Bool(false), "\(orders)") }
        if isRefused {
            holder.kernel.handle(
                .rejected(orders[1].number, reason: "no"), into: &holder.effects)
        }
        holder.fill(orders[0], .shares(10), at: 1_000)
        let armed = holder.effects.facts.compactMap { fact in
            if case .exit(.armed(_, _, let source, _, _)) = fact { source } else { nil }
        }
        #expect(armed == [SourceID(0)])
        #expect(holder.kernel.positionGuard(of: ExitHolder.key)?.bought == .shares(10))
        guard !isRefused else { return }
        holder.fill(orders[1], .shares(10), at: 1_000, id: 2)
        #expect(holder.kernel.positionGuard(of: ExitHolder.key)?.bought == .shares(20))
    }

    /// Who adds to a position that another has open and unguarded on purpose opens nothing.
    @Test func whoAddsToAPositionDoesNotBringHisPlan() {
        var holder = ExitHolder(ExitHolder.bareAndPlanned)
        for source in 0..<2 {
            holder.order(by: source)
            guard let order = holder.effects.orders.last else {
                return #expect(Bool(false), "no order of \(source)")
            }
            holder.fill(order, .shares(10), at: 1_000)
            #expect(holder.kernel.positionGuard(of: ExitHolder.key) == nil)
            holder.effects.removeAll()
        }
        holder.tick(900)
        #expect(holder.effects.orders.isEmpty, "the other's shares are not sold by his stop")
    }

    @Test func aDoubtedPriceThatSomebodyConfirmsFires() {
        var holder = ExitHolder()
        holder.buy()
        holder.tick(600)
        #expect(holder.effects.orders.isEmpty)
        holder.kernel.believe(ExitHolder.key, into: &holder.effects)
        holder.tend()
        #expect(holder.effects.orders.map(\.limit) == [.won(594)])
    }

    @Test func withNothingHeldNothingIsGuarded() {
        var holder = ExitHolder(.simple)
        holder.buy()
        holder.tick(900)
        for order in holder.effects.orders { holder.fill(order, .shares(10), at: 900) }
        #expect(holder.kernel.positionGuard(of: ExitHolder.key) == nil)
        #expect(holder.kernel.workingOrders().isEmpty)
    }
}
