import Rules
import Strategies
import TestKit
import Testing
import TradingModel

@testable import Kernel

/// A rule that the kernel does not know as one: it is asked at every tick.
private struct Asked: Strategy {
    var rule: RuleStrategy
    mutating func onTick(_ tick: Tick) -> StrategyResult? { rule.onTick(tick) }
    mutating func onCandle(_ candle: Candle) -> StrategyResult? { rule.onCandle(candle) }
    func hash(into hasher: inout StateHasher) { rule.hash(into: &hasher) }
}

@Suite struct PriceWatchTests {
    static func rule(
        _ text: String, _ action: Action = .alert, every: RuleRepeat = .crossing,
        coolDown: Nanoseconds = .zero
    ) throws -> RuleStrategy {
        RuleStrategy(
            try Rule.compile(text), action: action, confidence: .full, every: every,
            coolDown: coolDown)
    }

    static func random(_ count: Int, _ random: inout SeededRandom) throws -> [RuleStrategy] {
        try (0..<count).map { _ in
            let bound = Int64.random(in: 1...60, using: &random)
            let relation = random.pick([">", ">=", "<", "<="])
            let text = random.oneIn(4) ? "not price" : random.oneIn(5) ? "price * 2" : "price"
            return try rule(
                "\(text) \(relation) \(bound)", random.pick([.alert, .buy, .sell]),
                every: random.pick([.once, .crossing, .crossing, .day, .always]),
                coolDown: random.oneIn(3)
                    ? .seconds(Int64.random(in: 1...50, using: &random)) : .zero)
        }
    }

    /// Two instruments, some rules on the candles too: what is watched says what is asked says.
    @Test(arguments: seeds(0..<12))
    func watchedRulesSayWhatAskedOnesSay(_ seed: UInt64) throws {
        var random = SeededRandom(seed)
        let rules = try Self.random(60, &random)
        func kernel(_ wrap: (RuleStrategy) -> any Strategy) -> Kernel {
            let sources = rules.indices.map { SourcePlan(name: "r\($0)", kind: .rule) }
            return Kernel(
                .sample(
                    instruments: 2, cash: .won(100_000_000), sources: sources,
                    attachments: rules.enumerated().map { index, rule in
                        .sample(index, instrument: index % 2, strategy: wrap(rule))
                    }, arbiter: ArbiterPlan(policy: .first)))
        }
        var watched = kernel { $0 }
        // The same order of seats: `always` is asked in both, and stands before the watched.
        var asked = kernel { rule -> any Strategy in
            if rule.watched == nil { return rule }
            return Asked(rule: rule)
        }
        var said = 0
        var price: Int64 = 30
        for step in 1...1_500 as ClosedRange<UInt64> {
            price = max(1, price + Int64.random(in: -4...4, using: &random))
            if random.oneIn(100) { price = random.pick([1, 100, 1_000_000]) }
            let tick = Tick(
                instrument: InstrumentID(Int.random(in: 0..<2, using: &random)),
                feedTime: .seconds(Int64(step)), price: .won(price), quantity: .shares(1))
            func facts(_ kernel: inout Kernel) -> [String] {
                var effects = Effects()
                kernel.handle(
                    MarketEvent(position: EventPosition(step: step, index: 0), kind: .tick(tick)),
                    entry: tick.feedTime, into: &effects)
                return effects.facts.parts.compactMap {
                    guard case .signal(let signal, _) = $0 else { return nil }
                    return "\(signal.source.index) \(signal.result.message)"
                }.sorted()
            }
            let (a, b) = (facts(&watched), facts(&asked))
            #expect(a == b, "step \(step), price \(price)")
            said += a.count
            let (left, right) = (watched.sortedSlots, asked.sortedSlots)
            #expect(left == right)
        }
        #expect(said > 300)
    }

    /// A price that stays beyond its bound passes none, and the next day has a word all the same.
    @Test func aRuleOfEachDayWaitsAtNoBound() throws {
        #expect(try Self.rule("price > 5", every: .crossing).watched != nil)
        #expect(try Self.rule("price > 5", every: .day).watched == nil)
    }

    /// Recovery observes: the same state, and nothing said.
    @Test func observingLeavesTheSameState() throws {
        var random = SeededRandom(3)
        let rules = try Self.random(40, &random)
        let sources = rules.indices.map { SourcePlan(name: "r\($0)", kind: .rule) }
        let plan = KernelPlan.sample(
            sources: sources,
            attachments: rules.enumerated().map { .sample($0, strategy: $1) })
        var handled = Kernel(plan)
        var observed = Kernel(plan)
        for step in 1...500 as ClosedRange<UInt64> {
            let tick = Tick(
                instrument: InstrumentID(0), feedTime: .seconds(Int64(step)),
                price: .won(Int64.random(in: 1...60, using: &random)), quantity: .shares(1))
            let event = MarketEvent(
                position: EventPosition(step: step, index: 0), kind: .tick(tick))
            var effects = Effects()
            handled.handle(event, entry: tick.feedTime, into: &effects)
            observed.observe(event)
            let (left, right) = (handled.sortedSlots, observed.sortedSlots)
            #expect(left == right)
        }
    }

    /// Between its bounds a tick asks no rule, however many there are.
    @Test func ticksBetweenTheBoundsAskNothing() throws {
        let thresholds = (1...10_000).map { PriceThreshold.atOrAbove(Price(units: 1_000 + $0)) }
        var watch = PriceWatch(thresholds + [.atOrBelow(Price(units: 10))])
        #expect(watch.upper == 1_001 && watch.lower == 10)
        watch.take(Price(units: 1_003))
        #expect(watch.reached == [0, 1, 2])
        #expect(watch.upper == 1_004 && watch.lower == 1_002)
        watch.take(Price(units: 1_001))
        #expect(watch.reached == [1, 2])
        #expect(watch.upper == 1_002 && watch.lower == 1_000)
        watch.take(Price(units: 5))
        #expect(watch.reached == [0, 10_000])
        #expect(watch.upper == 11 && watch.lower == .min)
    }

    @Test func boundsAtTheEndsOfTheRangeDoNotTrap() throws {
        var watch = PriceWatch([.atOrAbove(Price(units: .min)), .atOrBelow(Price(units: .max))])
        for units in [Int64.min, .max, 0, .min] { watch.take(Price(units: units)) }
        #expect(watch.reached == [] && watch.upper == .max && watch.lower == .min)
    }
}

extension Kernel {
    /// The state of each strategy, by seat; the order of seats is that of neither plan.
    fileprivate var sortedSlots: [UInt64] {
        slots.map { slot in
            var hasher = StateHasher()
            slot.hash(into: &hasher)
            return hasher.value
        }.sorted()
    }
}
