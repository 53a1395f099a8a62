import PaperExchange
import TestKit
import TradingModel

@testable import Kernel

/// A random day in the life of a kernel: what was fed and what was decided, step by step.
struct LivedStep {
    var input: MarketInput?
    var events: [MarketEvent]
    var facts: [Fact]
    var stateHash: UInt64
    /// By which past orders are counted.
    var now: Timestamp
}

struct LivedDay {
    static let sources = [
        SourcePlan(name: "mood", kind: .builtIn, weight: 1_000_000, priority: 2),
        SourcePlan(name: "bars", kind: .builtIn, weight: 700_000, priority: 1),
        SourcePlan(name: "far", kind: .server, weight: 1_300_000, priority: 3),
    ]

    static func plan(_ seed: UInt64, risk: RiskLimits = RiskLimits()) -> KernelPlan {
        let policy = ArbiterPlan.Policy.allCases[Int(seed) % ArbiterPlan.Policy.allCases.count]
        var attachments: [Attachment] = []
        for instrument in 0..<3 {
            for account in 0..<2 {
                let id = UInt64(instrument * 2 + account)
                attachments += [
                    .sample(
                        0, account: account, instrument: instrument, adds: account == 0,
                        strategy: MoodyStrategy(seed: seed ^ id, onceIn: 5)),
                    .sample(
                        1, account: account, instrument: instrument, input: .candles(.minute),
                        quantity: .shares(7),
                        strategy: MoodyStrategy(seed: seed ^ id ^ 77, onceIn: 2)),
                    .sample(2, account: account, instrument: instrument, quantity: .shares(3)),
                ]
            }
        }
        return .sample(
            instruments: 3, accounts: 2, cash: .won(20_000), sources: sources,
            attachments: attachments,
            arbiter: ArbiterPlan(
                policy: policy, threshold: Int64(seed % 5) * 100_000,
                holdsOnConflict: seed % 7 == 0,
                quorum: seed % 5 == 3 ? .votes(2) : .votes(1)
            ),
            risk: risk)
    }

    static func ticks(_ random: inout SeededRandom, count: Int) -> [MarketInput] {
        var time: Int64 = 1_704_153_600_000_000_000
        var prices: [Int64] = [100, 50, 300]
        return (0..<count).map { _ in
            time += Int64.random(in: 0...30_000_000_000, using: &random)
            if random.oneIn(150) { time += 40_000_000_000_000 }
            let instrument = Int.random(in: 0..<3, using: &random)
            prices[instrument] = max(
                1, prices[instrument] + Int64.random(in: -3...3, using: &random))
            return .tick(
                Tick(
                    instrument: InstrumentID(instrument), feedTime: Timestamp(nanoseconds: time),
                    price: .won(prices[instrument]), quantity: .shares(1)))
        }
    }

    /// Lives it: partial fills, cancellations, results of a server, kills; every step closed.
    static func live(_ plan: KernelPlan, seed: UInt64, count: Int = 400) -> [LivedStep] {
        var random = SeededRandom(seed)
        var kernel = Kernel(plan)
        var exchange = PaperExchange(
            .init(feeMicroBasisPoints: 5_000_000, partialFills: true, seed: seed),
            lots: plan.instruments.map(\.lot))
        var stage = MarketStage(MarketPlan(zones: plan.zones, intervals: [.minute]))
        var effects = Effects()
        var lived: [LivedStep] = []
        var reports: [BrokerReport] = []

        func tend(at position: EventPosition, _ now: Timestamp) {
            while kernel.hasRestlessExits || !effects.cancels.isEmpty {
                let cancels = effects.cancels
                effects.cancels = []
                for number in cancels {
                    guard let order = kernel.order(number)?.order else { continue }
                    effects.orders.removeAll { $0.number == number }
                    let report = exchange.cancel(number, of: order.instrument, reason: "asked")
                    kernel.handle(
                        report ?? .cancelled(number, reason: "withdrawn"), into: &effects)
                }
                kernel.tendExits(at: position, now: now, into: &effects)
            }
        }
        func finish(_ input: MarketInput?, _ events: [MarketEvent]) {
            let position = events.last?.position ?? .endOfStep(stage.step)
            let now = events.last?.time ?? .zero
            kernel.note(now)
            if case .tick(let tick)? = input, random.oneIn(3) {
                let result = ServerResult(
                    source: SourceID(2), position: position, instrument: tick.instrument, index: 0,
                    result: .random(near: tick.price, &random), entryTime: now, arrivalTime: now)
                kernel.handle(result, now: now, into: &effects)
            }
            tend(at: position, now)
            kernel.endStep(at: position, now: now, into: &effects)
            if random.oneIn(60) { kernel.kill(!kernel.isKilled, reason: "test", into: &effects) }
            let orders = effects.orders
            effects.orders = []
            for order in orders { kernel.handle(exchange.submit(order), into: &effects) }
            if random.oneIn(10), let working = kernel.workingOrders().first {
                let order = working.order
                if let report = exchange.cancel(order.number, of: order.instrument, reason: "test")
                {
                    kernel.handle(report, into: &effects)
                }
            }
            lived.append(
                LivedStep(
                    input: input, events: events, facts: effects.facts,
                    stateHash: kernel.stateHash(), now: now))
            effects.removeAll()
        }

        for input in ticks(&random, count: count) {
            while let timer = stage.timerDue(before: input.time) {
                var events: [MarketEvent] = []
                stage.takeTimer(timer, into: &events)
                for event in events { kernel.handle(event, entry: event.time, into: &effects) }
                finish(nil, events)
            }
            if var visit = exchange.visit(input) {
                while let order = exchange.next(of: &visit) {
                    exchange.fill(&visit, funds: kernel.funds(for: order), reports: &reports)
                    for report in reports {
                        kernel.handle(report, into: &effects)
                        if random.oneIn(5) { kernel.handle(report, into: &effects) }  // twice
                    }
                    reports.removeAll()
                }
            }
            var events: [MarketEvent] = []
            stage.take(input, into: &events)
            for event in events { kernel.handle(event, entry: event.time, into: &effects) }
            finish(input, events)
        }
        return lived
    }
}
