import Kernel
import PaperExchange
import TestKit
import Testing
import TradingModel

@testable import Host

/// An engine given candles, beside one that goes on from its facts: a buy of `shares` behind the first candle.
final class CandleExitDesk {
    struct Sale: Equatable, CustomStringConvertible {
        /// Candle, from 0.
        let at: Int
        let shares: Int64
        let won: Int64
        var description: String { "\(shares) at \(won) in candle \(at)" }
    }
    var live: Engine
    var recovered: Engine
    private(set) var count = 0
    private(set) var sales: [Sale] = []
    private(set) var said: [Fact] = []

    init(
        _ plan: ExitPlan, _ settings: PaperExchange.Settings, shares: Int64 = 10,
        limit: Price? = nil, others: [Int: StrategyResult] = [:], adds: Bool = false
    ) {
        var table: [Timestamp: StrategyResult] = [.seconds(60): StrategyResult(.buy, limit: limit)]
        for (at, result) in others { table[.seconds(Int64(at + 1) * 60)] = result }
        var terms = KernelPlan.sample(
            cash: .won(1_000_000_000),
            sources: [SourcePlan(name: "x", kind: .builtIn)],
            attachments: [
                .sample(
                    0, input: .candles(.minute), quantity: .shares(shares), adds: adds,
                    strategy: TableStrategy(table))
            ])
        terms.exits.plans = [plan]
        terms.exits.general = .plan(0)
        live = Engine(terms, settings)
        recovered = Engine(terms, settings)
    }

    /// - Parameter prices: Open, high, low, close in won.
    func candle(_ prices: (Int64, Int64, Int64, Int64)) {
        let candle = Candle.at(Int64(count) * 60, prices)
        var step = Step()
        step.number = UInt64(count + 1)
        step.inputAt = 0
        step.time = candle.closeTime
        step.events = [
            MarketEvent(
                position: EventPosition(step: step.number, index: 0), kind: .candle(candle))
        ]
        live.begin(step, entry: step.time)
        live.closeRounds(at: step.last, now: step.time)
        live.sendOrders()
        recovered.observe(step)
        var facts: [Fact] = []
        live.takeFacts(into: &facts)
        for fact in facts { recovered.apply(fact) }
        said += facts.parts
        #expect(live.stateHash() == recovered.stateHash(), "candle \(count)")
        for case .filled(let fill, _) in facts.parts
        where live.kernel.order(fill.order)?.order.side == .sell {
            sales.append(
                Sale(
                    at: count, shares: fill.quantity.units / fixedPointScale,
                    won: fill.price.units / fixedPointScale))
        }
        count += 1
    }

    var held: Quantity {
        let key = DeskKey(account: AccountID(0), instrument: InstrumentID(0))
        return live.kernel.position(of: key)?.held ?? .zero
    }
}
