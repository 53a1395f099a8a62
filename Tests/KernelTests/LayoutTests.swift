import Rules
import Strategies
import TestKit
import Testing
import TradingModel

@testable import Kernel

/// What is attached changes between two steps, and nothing else does.
@Suite struct LayoutTests {
    private static func tick(_ step: UInt64, _ price: Int64, _ instrument: Int = 0) -> MarketEvent {
        MarketEvent(
            position: EventPosition(step: step, index: 0),
            kind: .tick(
                Tick(
                    instrument: InstrumentID(instrument), feedTime: .seconds(Int64(step)),
                    price: .won(price), quantity: .shares(1))))
    }

    /// Rules and moody strategies on two instruments and two accounts.
    private static func plan(_ seed: UInt64, _ count: Int) throws -> KernelPlan {
        var random = SeededRandom(seed)
        let rules = try PriceWatchTests.random(count, &random)
        var attachments = rules.enumerated().map { index, rule in
            Attached.sample(
                index, account: index % 2, instrument: index % 3 % 2, strategy: rule)
        }
        for index in 0..<4 {
            attachments.append(
                .sample(
                    count + index, account: index % 2, instrument: index / 2,
                    strategy: MoodyStrategy(seed: UInt64(index), onceIn: 5)))
        }
        for index in attachments.indices { attachments[index].recipe = "recipe \(index)" }
        return KernelPlan.sample(
            instruments: 2, accounts: 2, cash: .won(100_000),
            sources: (0..<count + 4).map { SourcePlan(name: "s\($0)", kind: .builtIn) },
            attachments: attachments, arbiter: ArbiterPlan(policy: .first))
    }

    /// Feeds a tick, fills what was ordered at once.
    private static func step(
        _ kernel: inout Kernel, _ event: MarketEvent
    ) -> [Fact] {
        var effects = Effects()
        kernel.handle(event, entry: event.time, into: &effects)
        kernel.endStep(at: event.position, now: event.time, into: &effects)
        for order in effects.orders {
            kernel.accept(order.number, as: BrokerOrderID(paper: order.number), into: &effects)
        }
        for order in effects.orders where order.number.value % 2 == 0 {
            kernel.handle(
                .cancelled(order.number, reason: "test"), into: &effects)
        }
        return effects.facts.parts
    }

    /// The same plan, made anew again and again, with orders at work and rules that are true.
    @Test(arguments: seeds(0..<10))
    func theSamePlanMadeAnewChangesNothing(_ seed: UInt64) throws {
        let plan = try Self.plan(seed, 30)
        var still = Kernel(plan)
        var moved = Kernel(plan)
        var random = SeededRandom(seed)
        var price: Int64 = 30
        var facts = 0
        for number in 1...800 as ClosedRange<UInt64> {
            price = max(1, price + Int64.random(in: -4...4, using: &random))
            if random.oneIn(100) { price = random.pick([1, 100, 1_000_000]) }
            let event = Self.tick(number, price, Int.random(in: 0..<2, using: &random))
            let expected = Self.step(&still, event)
            #expect(Self.step(&moved, event) == expected, "step \(number)")
            facts += expected.count
            if random.oneIn(7) {
                var effects = Effects()
                let entrants = Entrants(plan, instead: plan)
                #expect(entrants.isEmpty)
                moved.endVotes(outside: plan, into: &effects)
                #expect(effects.isEmpty)
                moved.layOut(entrants)
            }
            let (a, b) = (still.stateHash(), moved.stateHash())
            try #require(a == b, "behind step \(number)")
        }
        #expect(facts > 500)
    }

    /// A strategy that comes in the middle says what it would have said had it been there from the start.
    @Test(arguments: seeds(0..<10))
    func whoComesKnowsWhatWasBefore(_ seed: UInt64) throws {
        var random = SeededRandom(seed + 70)
        let whole = try Self.plan(seed, 6)
        var without = whole
        // One moody strategy and one rule are not there at first; the account of nobody else neither.
        let late = [9, 2]
        without.attachments.removeAll { late.contains(Int($0.source.index)) }
        var always = Kernel(whole)
        var changed = Kernel(without)
        let events = (1...300 as ClosedRange<UInt64>).map { number in
            Self.tick(
                number, Int64.random(in: 25...35, using: &random),
                Int.random(in: 0..<2, using: &random))
        }
        let at = Int.random(in: 0..<250, using: &random)
        var said: [String] = []
        for (index, event) in events.enumerated() {
            if index == at {
                let entrants = Entrants(whole, instead: without)
                #expect(!entrants.isEmpty)
                for event in events[..<at] { entrants.hear(event) }
                changed.layOut(entrants)
            }
            func heard(_ facts: [Fact], of source: Int) -> [String] {
                facts.compactMap { fact in
                    guard case .signal(let signal, _) = fact,
                        Int(signal.source.index) == source
                    else { return nil }
                    return "\(signal.position) \(signal.result.action) \(signal.result.confidence)"
                }
            }
            let expected = heard(Self.step(&always, event), of: 9)
            let now = heard(Self.step(&changed, event), of: 9)
            #expect(now == (index < at ? [] : expected), "step \(index + 1)")
            said += now
        }
        #expect(!said.isEmpty)
    }

    /// Positions, orders and cash of who is gone stay; its vote ends, and says why.
    @Test func whoGoesLeavesWhatIsHeld() throws {
        var plan = KernelPlan.sample(
            sources: [
                SourcePlan(name: "cross", kind: .builtIn),
                SourcePlan(name: "other", kind: .builtIn),
            ],
            attachments: [
                .sample(
                    0,
                    strategy: TableStrategy([
                        .seconds(1): StrategyResult(.buy, validity: .duration(.seconds(60))),
                        .seconds(3): StrategyResult(
                            .sell, confidence: .of(1), validity: .duration(.seconds(60))),
                    ])),
                .sample(1, strategy: TableStrategy([:])),
            ], arbiter: ArbiterPlan(policy: .confidenceWeighted, threshold: 500_000))
        var kernel = Kernel(plan)
        var effects = Effects()
        let first = Self.tick(1, 100)
        kernel.handle(first, entry: first.time, into: &effects)
        kernel.endStep(at: first.position, now: first.time, into: &effects)
        let order = try #require(effects.orders.first)
        kernel.accept(order.number, as: BrokerOrderID(paper: order.number), into: &effects)
        kernel.handle(
            Fill(
                order: order.number, id: 1, price: .won(100), quantity: .shares(4), fee: .zero,
                time: .seconds(2)), into: &effects)
        let third = Self.tick(3, 101)
        kernel.handle(third, entry: third.time, into: &effects)
        #expect(kernel.nextDeadline != nil, "its vote stands")
        effects.removeAll()

        plan.attachments.removeFirst()
        kernel.endVotes(outside: plan, into: &effects)
        let ended = effects.facts.compactMap { fact -> String? in
            if case .voteEnded(_, .expired, let detail) = fact { detail.text } else { nil }
        }
        #expect(ended == ["cross was taken out of the run"])
        let before = kernel.cash(of: AccountID(0))
        kernel.layOut(Entrants(plan, instead: kernel.plan))
        #expect(kernel.cash(of: AccountID(0)) == before)
        #expect(kernel.positions().map(\.held) == [.shares(4)])
        #expect(kernel.workingOrders().map(\.order.number) == [order.number])
        effects.removeAll()
        let fifth = Self.tick(5, 100)
        kernel.handle(fifth, entry: fifth.time, into: &effects)
        kernel.endStep(at: fifth.position, now: fifth.time, into: &effects)
        #expect(effects.orders.isEmpty)
        #expect(kernel.nextDeadline == nil, "the round is closed")
        // The rest of the order is filled as it would have been, by its own desk.
        kernel.handle(
            Fill(
                order: order.number, id: 2, price: .won(100), quantity: .shares(6), fee: .zero,
                time: .seconds(6)), into: &effects)
        #expect(kernel.positions().map(\.held) == [.shares(10)])
        // A desk that nobody is attached to goes on too.
        plan.attachments = []
        kernel.layOut(Entrants(plan, instead: kernel.plan))
        #expect(kernel.positions().map(\.held) == [.shares(10)])
        #expect(kernel.equity(of: AccountID(0)) != nil)
    }

    /// A vote of other parameters is nobody's any more; what becomes of results may change under it.
    @Test(arguments: [
        ("fast=3", ["cross was changed"]), ("fast=2", []),
    ]) func theVoteOfWhoIsChangedEnds(_ recipe: String, _ expected: [String]) throws {
        func plan(_ recipe: String) -> KernelPlan {
            let buy = StrategyResult(
                .buy, confidence: .of(1), validity: .duration(.seconds(60)))
            var attachment = Attached.sample(0, strategy: TableStrategy([.seconds(1): buy]))
            attachment.recipe = recipe
            return KernelPlan.sample(
                sources: [SourcePlan(name: "cross", kind: .builtIn)], attachments: [attachment],
                arbiter: ArbiterPlan(policy: .confidenceWeighted, threshold: 500_000))
        }
        var kernel = Kernel(plan("fast=2"))
        var effects = Effects()
        let first = Self.tick(1, 100)
        kernel.handle(first, entry: first.time, into: &effects)
        kernel.endStep(at: first.position, now: first.time, into: &effects)
        #expect(effects.orders.isEmpty)
        effects.removeAll()

        kernel.endVotes(outside: plan(recipe), into: &effects)
        let ended = effects.facts.compactMap { fact -> String? in
            if case .voteEnded(_, .expired, let detail) = fact { detail.text } else { nil }
        }
        #expect(ended == expected)
    }

    /// The same condition goes on where it was; what it may say next is its own setting.
    @Test func aChangedRuleKeepsItsCoolDown() throws {
        func plan(_ text: String, _ coolDown: Int64, _ confidence: Confidence = .full) throws
            -> KernelPlan
        {
            var attachment = Attached.sample(
                0,
                strategy: RuleStrategy(
                    try Rule.compile(text), action: .alert, confidence: confidence, every: .always,
                    coolDown: .seconds(coolDown)))
            attachment.recipe = "\(text) \(coolDown) \(confidence)"
            return .sample(
                sources: [SourcePlan(name: "dip", kind: .rule)], attachments: [attachment])
        }
        func spoken(changedTo next: KernelPlan) throws -> [UInt64] {
            let first = try plan("price > sma(2)", 10)
            var kernel = Kernel(first)
            var spoken: [UInt64] = []
            let events = (1...40 as ClosedRange<UInt64>).map { Self.tick($0, Int64($0)) }
            for (index, event) in events.enumerated() {
                if index == 7 {
                    let entrants = Entrants(next, instead: first)
                    for event in events[..<index] { entrants.hear(event) }
                    kernel.layOut(entrants)
                }
                let facts = Self.step(&kernel, event)
                if facts.contains(where: { if case .signal = $0 { true } else { false } }) {
                    spoken.append(event.position.step)
                }
            }
            return spoken
        }
        #expect(try spoken(changedTo: try plan("price > sma(2)", 10)) == [2, 12, 22, 32])
        #expect(
            try spoken(changedTo: try plan("price > sma(2)", 10, .of(5))) == [2, 12, 22, 32])
        // Another condition of the same cool-down is still silent.
        #expect(try spoken(changedTo: try plan("price > sma(3)", 10)) == [2, 12, 22, 32])
        // Its own cool-down begins anew, with indicators that know what was before.
        #expect(try spoken(changedTo: try plan("price > sma(3)", 20)) == [2, 8, 28])
    }
}
