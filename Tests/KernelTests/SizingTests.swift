import TestKit
import Testing
import TradingModel

@testable import Kernel

/// What a result's size comes to while orders of the desk are still at work.
@Suite struct SizingTests {
    /// A server that is heard at once, and may add to what is held.
    private struct Seller: ~Copyable {
        var kernel = Kernel(
            .sample(
                cash: .won(10_000), sources: [SourcePlan(name: "far", kind: .server)],
                attachments: [.sample(0, adds: true)], arbiter: ArbiterPlan(policy: .first)))
        var effects = Effects()
        var step: UInt64 = 0

        mutating func tick(_ price: Int64) {
            step += 1
            kernel.handle(
                .at(Int64(step), price), at: EventPosition(step: step, index: 0),
                entry: .seconds(Int64(step)), into: &effects)
        }
        mutating func hear(_ result: StrategyResult) -> [Order] {
            tick(100)
            effects.removeAll()
            kernel.handle(
                ServerResult(
                    source: SourceID(0), position: EventPosition(step: step, index: 0),
                    instrument: InstrumentID(0), index: 0, result: result,
                    entryTime: .seconds(Int64(step)), arrivalTime: .seconds(Int64(step))),
                now: .seconds(Int64(step)), into: &effects)
            return effects.orders
        }
        mutating func fill(_ order: Order) {
            kernel.handle(
                .filled(
                    Fill(
                        order: order.number, id: 1, price: .won(100), quantity: order.quantity,
                        fee: .zero, time: .zero)), into: &effects)
        }
    }
    private static func weight(_ action: Action, _ millionths: Int64) -> StrategyResult {
        StrategyResult(
            action, size: .targetWeight(millionths: millionths), limit: .won(100),
            confidence: .of(1_000_000))
    }

    /// Said twice, a target is still the same target.
    @Test func aTargetWeightCountsWhatIsBeingBought() throws {
        var seller = Seller()
        let first = seller.hear(Self.weight(.buy, 400_000))
        #expect(first.map(\.quantity) == [.shares(40)])
        #expect(seller.hear(Self.weight(.buy, 400_000)).isEmpty, "40 are on their way")
        #expect(seller.hear(Self.weight(.buy, 500_000)).map(\.quantity) == [.shares(10)])
    }

    @Test func aTargetWeightCountsWhatIsBeingSold() throws {
        var seller = Seller()
        let bought = try #require(seller.hear(Self.weight(.buy, 800_000)).first)
        seller.fill(bought)
        let first = seller.hear(Self.weight(.sell, 500_000))
        #expect(first.map(\.quantity) == [.shares(30)])
        #expect(seller.hear(Self.weight(.sell, 500_000)).isEmpty, "30 are on their way")
        #expect(seller.hear(Self.weight(.sell, 400_000)).map(\.quantity) == [.shares(10)])
    }

    private struct Bought: ~Copyable {
        var kernel: Kernel
        var effects: Effects
    }

    /// A fee is paid in cash too: an order for all of it would leave an account in debt.
    @Test func aBuyNeedsItsFeeBesideItsValue() throws {
        func buy(_ cash: Money) -> Bought {
            var plan = KernelPlan.sample(
                cash: cash, sources: [SourcePlan(name: "far", kind: .server)],
                attachments: [.sample(0)], arbiter: ArbiterPlan(policy: .first))
            plan.feeMicroBasisPoints = 5_000_000  // 5 bp: half a won of 1,000
            var kernel = Kernel(plan)
            var effects = Effects()
            let position = EventPosition(step: 1, index: 0)
            kernel.handle(.at(1, 100), at: position, entry: .seconds(1), into: &effects)
            kernel.handle(
                ServerResult(
                    source: SourceID(0), position: position, instrument: InstrumentID(0), index: 0,
                    result: StrategyResult(.buy, limit: .won(100)), entryTime: .seconds(1),
                    arrivalTime: .seconds(1)), now: .seconds(1), into: &effects)
            return Bought(kernel: kernel, effects: effects)
        }
        let half = Money(units: Money.scale / 2)
        let short = buy(.won(1_000) + half - Money(units: 1)).effects
        #expect(short.orders.isEmpty)
        let refused = short.facts.contains {
            if case .risk(let decision) = $0 { decision.rule == "cash" } else { false }
        }
        #expect(refused)

        var bought = buy(.won(1_000) + half)
        let order = try #require(bought.effects.orders.first)
        let machine = bought.kernel.order(order.number)
        #expect(machine?.reservation == .won(1_000) + half)
        bought.kernel.handle(
            .filled(
                Fill(
                    order: order.number, id: 1, price: .won(100), quantity: .shares(10), fee: half,
                    time: .seconds(2))), into: &bought.effects)
        #expect(bought.kernel.cash(of: AccountID(0)) == .zero)
    }
}
