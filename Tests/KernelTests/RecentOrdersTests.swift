import TestKit
import Testing
import TradingModel

@testable import Kernel

/// Limits over a span of time, held against a count of everything that was decided.
@Suite struct RecentOrdersTests {
    private static let limits: RiskLimits = {
        var limits = RiskLimits()
        limits.ordersPerMinute = 2
        limits.duplicateWithin = .seconds(3_600)
        limits.dayValue = .won(15_000)
        limits.confidence = 300_000
        return limits
    }()

    /// As slow as can be: every buy is kept, and looked through.
    private struct Model {
        var buys: [(order: Order, at: Timestamp)] = []
        /// By account and day; the day is that of its last start.
        var bought: [[Int64]: Money] = [:]
        var days: [Int64: Int64] = [:]

        mutating func take(_ fact: Fact, at now: Timestamp, _ kernel: borrowing Kernel) {
            switch fact {
            case .dayStarted(let account, let day, _): days[Int64(account.index)] = day
            case .ordered(let decision):
                if decision.order.side == .buy { buys.append((decision.order, now)) }
            case .filled(let fill, _):
                guard let order = kernel.order(fill.order)?.order, order.side == .buy else {
                    return
                }
                let account = Int64(order.account.index)
                bought[[account, days[account] ?? .min], default: .zero] +=
                    Money(fill.price, times: fill.quantity)
            default: break
            }
        }
    }

    @Test func noLimitIsPassedAndARestartKnowsThem() {
        var refused: [String: Int] = [:]
        for seed in seeds(0..<12) {
            let plan = LivedDay.plan(seed, risk: Self.limits)
            var second = Kernel(plan)
            var model = Model()
            for step in LivedDay.live(plan, seed: seed) {
                second.note(step.now)
                for event in step.events { second.observe(event) }
                for fact in step.facts.parts {
                    if case .risk(let decision) = fact, !decision.approved {
                        refused[decision.rule, default: 0] += 1
                    }
                    if case .ordered(let decision) = fact {
                        expectWithin(decision, model, second, step.now)
                    }
                    second.apply(fact)
                    model.take(fact, at: step.now, second)
                }
                #expect(second.stateHash() == step.stateHash)
                for account in 0..<2 {
                    let day = model.days[Int64(account)] ?? .min
                    #expect(
                        second.accounts[account].boughtToday
                            == model.bought[[Int64(account), day]] ?? .zero)
                }
            }
        }
        for rule in ["orders_per_minute", "duplicate_within", "day_value", "confidence"] {
            #expect(refused[rule, default: 0] > 2, "\(rule): \(refused)")
        }
    }

    private func expectWithin(
        _ decision: OrderDecision, _ model: Model, _ kernel: borrowing Kernel, _ now: Timestamp
    ) {
        let order = decision.order
        guard order.side == .buy else { return }
        let own = model.buys.filter { $0.order.account == order.account }
        #expect(own.count { now.since($0.at) < .seconds(60) } < 2)
        #expect(
            !own.contains {
                $0.order.instrument == order.instrument && $0.order.quantity == order.quantity
                    && $0.order.limit == order.limit && now.since($0.at) < .seconds(3_600)
            })
        let account = Int(order.account.index)
        let before = model.bought[[Int64(account), model.days[Int64(account)] ?? .min]] ?? .zero
        let value = Money(order.limit ?? decision.reference, times: order.quantity)
        #expect(before + kernel.accounts[account].reserved + value <= .won(15_000))
        #expect(decision.confidence.millionths >= 300_000)
    }

    /// An order that failed keeps its instrument from being bought, not others, and not for longer.
    @Test func aFailureCoolsItsInstrumentDown() {
        var recent = RecentOrders()
        let (first, second) = (InstrumentID(0), InstrumentID(1))
        recent.noteFailure(in: first, at: .seconds(100))
        #expect(recent.ageOfFailure(in: first, at: .seconds(130)) == .seconds(30))
        #expect(recent.ageOfFailure(in: second, at: .seconds(130)) == nil)
        recent.noteFailure(in: first, at: .seconds(140))
        #expect(recent.ageOfFailure(in: first, at: .seconds(141)) == .seconds(1))
    }

    /// Through the kernel: what the broker refused is not tried again at once, and a second kernel knows.
    @Test func aRejectedOrderIsNotTriedAgainAtOnce() throws {
        var limits = RiskLimits()
        limits.coolDown = .seconds(30)
        let plan = KernelPlan.sample(
            cash: .won(10_000), sources: [SourcePlan(name: "far", kind: .server)],
            attachments: [.sample(0, adds: true)], arbiter: ArbiterPlan(policy: .first),
            risk: limits)
        var kernel = Kernel(plan)
        var second = Kernel(plan)
        var effects = Effects()
        var rules: [String] = []
        for time in [1, 20, 30, 31, 32] as [Int64] {
            kernel.note(.seconds(time))
            second.note(.seconds(time))
            let position = EventPosition(step: UInt64(time), index: 0)
            kernel.handle(.at(time, 100), at: position, entry: .seconds(time), into: &effects)
            let result = ServerResult(
                source: SourceID(0), position: position, instrument: InstrumentID(0), index: 0,
                result: StrategyResult(.buy, confidence: .of(1_000_000)),
                entryTime: .seconds(time), arrivalTime: .seconds(time))
            kernel.handle(result, now: .seconds(time), into: &effects)
            for order in effects.orders {
                kernel.handle(.rejected(order.number, reason: "no"), into: &effects)
            }
            for case .risk(let decision) in effects.facts.parts { rules.append(decision.rule) }
            for fact in effects.facts { second.apply(fact) }
            effects.removeAll()
            effects.orders = []
            let age = second.accounts[0].recent.ageOfFailure(
                in: InstrumentID(0), at: .seconds(time))
            #expect(age == .seconds([1: 0, 20: 19, 30: 29, 31: 0, 32: 1][time] ?? -1))
        }
        #expect(rules == ["all", "cool_down", "cool_down", "all", "cool_down"])
    }

    /// What is too old for every limit takes no room.
    @Test func itDoesNotGrowWithTheRun() {
        var recent = RecentOrders()
        for number in 1...100_000 {
            let order = Order(
                number: OrderNumber(UInt64(number)), account: AccountID(0),
                instrument: InstrumentID(0), side: .buy, quantity: .shares(1), limit: nil)
            recent.note(order, at: .seconds(Int64(number)), memory: .seconds(60))
        }
        #expect(recent.count(within: .seconds(60), of: .seconds(100_000)) == 60)
        #expect(recent.kept < 256)
        #expect(RecentOrders().kept == 0)
    }
}
