import Kernel
import PaperExchange
import TestKit
import Testing
import TradingModel

@testable import Host

/// An engine told step by step, and a second one that is only told what was decided.
private final class Pair {
    var live: Engine
    var recovered: Engine
    private var number: UInt64 = 0

    init(
        _ table: [Timestamp: StrategyResult], zone: ZoneOffsets = .seoul,
        cash: Money = .won(1_000_000), partialFills: Bool = false
    ) {
        let plan = KernelPlan.sample(
            cash: cash, zone: zone, sources: [SourcePlan(name: "x", kind: .builtIn)],
            attachments: [.sample(0, adds: true, strategy: TableStrategy(table))])
        let settings = PaperExchange.Settings(
            feeMicroBasisPoints: 5_000_000, partialFills: partialFills)
        live = Engine(plan, settings)
        recovered = Engine(plan, settings)
    }

    @discardableResult
    func tick(_ seconds: Int64, _ price: Int64, then action: (inout Engine) -> Void = { _ in })
        -> [Fact]
    {
        number += 1
        var step = Step()
        let tick = Tick.at(seconds, price)
        step.number = number
        step.inputAt = 0
        step.time = tick.feedTime
        step.events = [
            MarketEvent(position: EventPosition(step: number, index: 0), kind: .tick(tick))
        ]
        live.begin(step, entry: step.time)
        live.closeRounds(at: step.last, now: step.time)
        action(&live)
        live.sendOrders()
        var facts: [Fact] = []
        live.takeFacts(into: &facts)
        recovered.observe(step)
        for fact in facts { recovered.apply(fact) }
        #expect(live.stateHash() == recovered.stateHash(), "step \(number)")
        return facts
    }

    /// The recovered one goes on by itself.
    func exchange() { swap(&live, &recovered) }

    var held: Quantity {
        live.kernel.position(of: DeskKey(account: AccountID(0), instrument: InstrumentID(0)))?.held
            ?? .zero
    }
}

@Suite struct EngineTests {
    static let buy = StrategyResult(.buy)

    @Test func anOrderFillsFromTheNextStep() {
        let pair = Pair([.seconds(1): Self.buy])
        pair.tick(1, 100)
        #expect(pair.held == .zero)
        pair.tick(2, 101)
        #expect(pair.held == .shares(10))
    }

    /// R11.3: at once nothing opens, and working buys are cancelled, sent or not.
    @Test func killCancelsWhatWouldBuy() {
        let limit = StrategyResult(.buy, limit: .won(90))
        let pair = Pair([
            .seconds(1): Self.buy, .seconds(3): limit, .seconds(4): Self.buy,
            .seconds(5): .init(.sell),
        ])
        pair.tick(1, 100)
        pair.tick(2, 100)
        pair.tick(3, 100)
        #expect(pair.live.kernel.workingOrders().count == 1)
        let facts = pair.tick(4, 100) { _ = $0.kill(true, reason: "test") }
        let cancelled = facts.filter {
            if case .orderEnded(_, .cancelled, _) = $0 { true } else { false }
        }
        #expect(cancelled.count == 2, "the resting one and the one not sent yet")
        #expect(pair.live.kernel.workingOrders().isEmpty)
        #expect(pair.live.exchange.isIdle(InstrumentID(0)))
        pair.tick(5, 80)
        #expect(pair.held == .shares(10), "nothing was bought")
        pair.tick(6, 80)
        #expect(pair.held == .zero, "what is held may still be sold")
    }

    @Test func aKillStandsAfterARestart() {
        let pair = Pair([.seconds(3): Self.buy])
        pair.tick(1, 100) { _ = $0.kill(true, reason: "test") }
        pair.exchange()
        pair.tick(3, 100)
        #expect(pair.live.kernel.isKilled && pair.live.kernel.workingOrders().isEmpty)
    }

    /// A limit order that a print passed rests, before a restart and behind it.
    @Test func aRestingOrderRestsAfterARestart() {
        let pair = Pair([.seconds(1): StrategyResult(.buy, limit: .won(95))])
        pair.tick(1, 100)
        pair.tick(2, 100)
        pair.exchange()
        let facts = pair.tick(3, 90)
        let prices = facts.compactMap {
            if case .filled(let fill, _) = $0 { fill.price } else { nil }
        }
        #expect(prices == [.won(95)])
    }

    /// Ordered with all the cash at 100, filled at 121: eight are afforded, the rest is not bought.
    @Test(arguments: [false, true])
    func aPriceThatRunsAwayNeverTakesCashBelowZero(_ partialFills: Bool) {
        let pair = Pair(
            [.seconds(1): Self.buy], cash: .won(1_001), partialFills: partialFills)
        pair.tick(1, 100)
        var facts = pair.tick(2, 121)
        for second in 3..<9 as Range<Int64> { facts += pair.tick(second, 121) }
        #expect(pair.held == .shares(8))
        #expect(pair.live.kernel.cash(of: AccountID(0)) == Money("32.516"))
        #expect(pair.live.kernel.workingOrders().count == 0)
        #expect(pair.live.exchange.isIdle(InstrumentID(0)))
        let reasons = facts.compactMap {
            if case .orderEnded(_, .cancelled, let reason) = $0 { reason } else { nil }
        }
        #expect(reasons.count == 1 && reasons.first?.hasSuffix("at 121") == true)
    }

    /// A resting order keeps what was held for it, though a market order would take all.
    @Test func aPriceThatRunsAwayLeavesWhatOthersHold() {
        let limit = StrategyResult(.buy, size: .quantity(.shares(5)), limit: .won(50))
        let pair = Pair(
            [.seconds(1): limit, .seconds(2): Self.buy], cash: Money("1260.125") ?? .zero)
        pair.tick(1, 100)
        pair.tick(2, 100)
        pair.tick(3, 500)
        #expect(pair.held == .shares(2))
        pair.tick(4, 50)
        #expect(pair.held == .shares(7))
        #expect(pair.live.kernel.cash(of: AccountID(0)) == Money("9.5"))
    }

    /// The days of a change of clocks begin at their own midnight, with or without a restart before it.
    @Test(arguments: [1_710_046_800 as Int64, 1_730_606_400], [false, true])
    func daysBeginAtLocalMidnight(_ midnight: Int64, _ restarts: Bool) {
        let pair = Pair([:], zone: .newYork)
        var begun: [Int64] = []
        for hour in 0..<(72 as Int64) {
            let time = midnight - 86_400 + hour * 3_600
            let facts = pair.tick(time, 100)
            if facts.contains(where: { if case .dayStarted = $0 { true } else { false } }) {
                begun.append(time)
            }
            if restarts { pair.exchange() }
        }
        let length: Int64 = midnight == 1_710_046_800 ? 23 * 3_600 : 25 * 3_600
        #expect(begun.dropFirst().prefix(2) == [midnight, midnight + length])
    }
}
