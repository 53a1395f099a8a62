import TestKit
import Testing
import TradingModel

@testable import Kernel

/// The ends of every range: refused or recorded, never trapped.
@Suite struct ExtremeValueTests {
    static let largestCash = Money(units: 1_000_000_000_000_000_000 * Money.scale)

    static func kernel(_ result: StrategyResult, quantity: Quantity, adds: Bool = true) -> Kernel {
        let table = ([0, 60, 120, 180] as [Int64]).map { ($0, result) }
        let strategy = TableStrategy(
            Dictionary(uniqueKeysWithValues: table.map { (Timestamp.seconds($0.0), $0.1) }))
        return Kernel(
            .sample(
                cash: largestCash, sources: [SourcePlan(name: "x", kind: .builtIn, weight: .max)],
                attachments: [.sample(0, quantity: quantity, adds: adds, strategy: strategy)],
                arbiter: ArbiterPlan(policy: .confidenceWeighted, threshold: 1_000_000),
                risk: RiskLimits(symbolWeight: 1_000_000, priceBand: 1_000_000, dayLoss: 1_000_000))
        )
    }

    static func take(
        _ kernel: inout Kernel, _ seconds: Int64, _ price: Price, _ effects: inout Effects
    ) {
        let tick = Tick(
            instrument: InstrumentID(0), feedTime: .seconds(seconds), price: price,
            quantity: Quantity(units: .max))
        let position = EventPosition(step: UInt64(seconds + 1), index: 0)
        kernel.handle(tick, at: position, entry: tick.feedTime, into: &effects)
        kernel.endStep(at: position, now: tick.feedTime, into: &effects)
    }

    @Test(arguments: [Int64.min, -1, 0, 1, fixedPointScale, .max - 1, .max])
    func anyPriceAndAnySizeIsBoughtOrRefused(_ units: Int64) {
        let sizes: [Size] = [
            .attachment, .quantity(Quantity(units: .max)), .quantity(Quantity(units: .min)),
            .targetWeight(millionths: .max), .targetWeight(millionths: .min),
            .targetWeight(millionths: 1_000_000), .fraction(millionths: .max),
            .fraction(millionths: .min),
        ]
        for size in sizes {
            for action in Action.allCases {
                for limit in [nil, Price(units: .max), Price(units: .min), Price(units: units)]
                    as [Price?]
                {
                    let result = StrategyResult(action, size: size, limit: limit)
                    var kernel = Self.kernel(result, quantity: Quantity(units: .max))
                    var effects = Effects()
                    Self.take(&kernel, 0, Price(units: units), &effects)
                    #expect(effects.orders.count <= 1)
                    for order in effects.orders {
                        let price = order.limit ?? Price(units: units)
                        #expect(Money(price, times: order.quantity) <= Self.largestCash)
                    }
                }
            }
        }
    }

    /// Fills at any price: what the books cannot hold is told, and nothing changes.
    @Test(arguments: [Int64.min, -1, 0, 1, .max])
    func anyFillIsBookedOrTold(_ units: Int64) throws {
        var kernel = Self.kernel(StrategyResult(.buy), quantity: Quantity(units: .max / 1_000))
        var effects = Effects()
        Self.take(&kernel, 0, Price(units: 1), &effects)
        let order = try #require(effects.orders.first)
        let cash = kernel.cash(of: AccountID(0))
        for fee in [Int128.min, -1, 0, 1, .max] {
            var copy = Self.kernel(StrategyResult(.buy), quantity: Quantity(units: .max / 1_000))
            var taken = Effects()
            Self.take(&copy, 0, Price(units: 1), &taken)
            taken.removeAll()
            let fill = Fill(
                order: order.number, id: 1, price: Price(units: units), quantity: order.quantity,
                fee: Money(units: fee), time: .zero)
            copy.handle(.filled(fill), into: &taken)
            switch taken.facts.first {
            case .filled(_, let booking): #expect(booking.cashAfter == copy.cash(of: AccountID(0)))
            case .contradiction: #expect(copy.cash(of: AccountID(0)) == cash)
            default: Issue.record("neither booked nor told")
            }
        }
    }

    /// Buys at the lowest price, sees it rise to the highest, and goes on over days.
    @Test func aHoldingBeyondAllBoundsStopsBuyingAndNothingElse() {
        var kernel = Self.kernel(StrategyResult(.buy), quantity: Quantity(units: .max / 4))
        var effects = Effects()
        for (index, price) in [Int64(1), .max, .min, .max].enumerated() {
            Self.take(&kernel, Int64(index) * 60, Price(units: price), &effects)
            for order in effects.orders {
                kernel.handle(
                    .filled(
                        Fill(
                            order: order.number, id: 1, price: Price(units: max(1, price)),
                            quantity: order.quantity, fee: .zero, time: .zero)), into: &effects)
            }
            effects.removeAll()
            _ = kernel.stateHash()
            let key = DeskKey(account: AccountID(0), instrument: InstrumentID(0))
            #expect(kernel.position(of: key) != nil)
        }
        Self.take(&kernel, 86_400 * 3, Price(units: .max), &effects)
        #expect(kernel.equity(of: AccountID(0)) != nil)
    }

    @Test func aThousandServersWithTheLargestWeightsAreSummed() {
        let sources = (0..<1_000).map { SourcePlan(name: "s\($0)", kind: .builtIn, weight: .max) }
        let arbiter = Arbiter(
            ArbiterPlan(policy: .confidenceWeighted, threshold: 1_000_000), sources: sources)
        let votes = (0..<1_000).map { source in
            Vote(
                signal: Signal(
                    source: SourceID(source), account: AccountID(0), instrument: InstrumentID(0),
                    position: .start, index: 0, result: StrategyResult(.buy), entryTime: .zero,
                    arrivalTime: .zero),
                input: .ticks, quantity: .zero, addsToPosition: false, expires: .distantFuture)
        }
        #expect(arbiter.decide(votes).side == .buy)
    }
}
