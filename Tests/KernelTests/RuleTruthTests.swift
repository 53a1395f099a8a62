import Rules
import Strategies
import TestKit
import Testing
import TradingModel

@testable import Kernel

/// Mixtures of bounds and of what is not known yet, in the kernel, against Kleene's logic over all history:
/// whether a rule waits at its bound or is asked at each tick makes no difference to what it says.
@Suite struct RuleTruthTests {
    /// A condition, evaluated afresh at each event; `nil` where it is not known.
    private indirect enum Plain {
        case bound(String, Int64)
        /// price > sma(n)
        case aboveMean(Int)
        /// change(1d) <= -percent
        case fell(Int64)
        /// cross_above(price, bound)
        case crossed(Int64)
        case and(Plain, Plain)
        case or(Plain, Plain)
        case not(Plain)

        var text: String {
            switch self {
            case .bound(let relation, let bound): "price \(relation) \(bound)"
            case .aboveMean(let n): "price > sma(\(n))"
            case .fell(let percent): "change(1d) <= -\(percent)%"
            case .crossed(let bound): "cross_above(price, \(bound))"
            case .and(let a, let b): "(\(a.text)) and (\(b.text))"
            case .or(let a, let b): "(\(a.text)) or (\(b.text))"
            case .not(let a): "not (\(a.text))"
            }
        }

        /// - Parameter events: All so far, the last of them that of which it is asked.
        func holds(_ events: [(day: Int64, price: Int64)]) -> Bool? {
            guard let last = events.last else { return nil }
            switch self {
            case .bound(">", let bound): return last.price > bound
            case .bound(">=", let bound): return last.price >= bound
            case .bound("<", let bound): return last.price < bound
            case .bound(_, let bound): return last.price <= bound
            case .aboveMean(let n):
                guard events.count >= n else { return nil }
                return last.price * Int64(n) > events.suffix(n).reduce(0) { $0 + $1.price }
            case .fell(let percent):
                guard let past = events.last(where: { $0.day < last.day }) else { return nil }
                return last.price * 100 <= past.price * (100 - percent)
            case .crossed(let bound):
                guard events.count > 1 else { return nil }
                return last.price > bound && events[events.count - 2].price <= bound
            case .and(let a, let b):
                let (a, b) = (a.holds(events), b.holds(events))
                if a == false || b == false { return false }
                return a == nil || b == nil ? nil : true
            case .or(let a, let b):
                let (a, b) = (a.holds(events), b.holds(events))
                if a == true || b == true { return true }
                return a == nil || b == nil ? nil : false
            case .not(let a): return a.holds(events).map { !$0 }
            }
        }

        static func random(_ depth: Int, _ random: inout SeededRandom) -> Plain {
            if depth > 0, !random.oneIn(3) {
                switch Int.random(in: 0..<5, using: &random) {
                case 0: return .not(Self.random(depth - 1, &random))
                case 1, 2:
                    return .and(
                        Self.random(depth - 1, &random), Self.random(depth - 1, &random))
                default:
                    return .or(Self.random(depth - 1, &random), Self.random(depth - 1, &random))
                }
            }
            switch Int.random(in: 0..<6, using: &random) {
            case 0: return .aboveMean(Int.random(in: 2...12, using: &random))
            case 1: return .fell(Int64.random(in: 0...10, using: &random))
            case 2: return .crossed(Int64.random(in: 30...90, using: &random))
            default:
                return .bound(
                    random.pick([">", ">=", "<", "<="]), Int64.random(in: 30...90, using: &random))
            }
        }
    }

    @Test(arguments: seeds(0..<6))
    func watchedAndAskedRulesSayWhatLogicSays(_ seed: UInt64) throws {
        var random = SeededRandom(7_000 + seed)
        let plain = (0..<40).map { Plain.random($0 % 4, &random) }
        let repeats = plain.map { _ in
            random.pick([RuleRepeat.once, .crossing, .crossing, .always])
        }
        let rules = try zip(plain, repeats).map { try PriceWatchTests.rule($0.text, every: $1) }
        #expect(rules.contains { $0.watched != nil } && rules.contains { $0.watched == nil })
        var kernel = Kernel(
            .sample(
                sources: rules.indices.map { SourcePlan(name: "r\($0)", kind: .rule) },
                attachments: rules.enumerated().map { .sample($0, strategy: $1) }))
        var events: [(day: Int64, price: Int64)] = []
        var was = plain.map { _ in false }
        var hasSpoken = was
        // Of rules that speak while a part of them is not known.
        var early = 0
        var price: Int64 = 60
        for step in 1...400 as ClosedRange<UInt64> {
            price = max(1, price + Int64.random(in: -5...5, using: &random))
            let tick = Tick(
                instrument: InstrumentID(0), feedTime: .seconds(Int64(step) * 2_000),
                price: .won(price), quantity: .shares(1))
            events.append((Int64(step) * 2_000 / 86_400, price))
            var effects = Effects()
            kernel.handle(
                MarketEvent(position: EventPosition(step: step, index: 0), kind: .tick(tick)),
                entry: tick.feedTime, into: &effects)
            let said = Set(
                effects.facts.parts.compactMap { fact -> Int? in
                    guard case .signal(let signal, _) = fact else { return nil }
                    return Int(signal.source.index)
                })
            for index in plain.indices {
                let holds = plain[index].holds(events) == true
                let wanted: Bool =
                    switch repeats[index] {
                    case .once: holds && !hasSpoken[index]
                    case .always: holds
                    default: holds && !was[index]
                    }
                #expect(
                    said.contains(index) == wanted, "\(plain[index].text) at \(step), \(price)")
                was[index] = holds
                if wanted { hasSpoken[index] = true }
                if wanted, step <= 43, rules[index].watched == nil { early += 1 }
            }
        }
        #expect(early > 0)
    }
}
