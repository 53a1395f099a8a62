import TestKit
import Testing
import TradingModel

@testable import Kernel

/// A fill is money that moved: it is booked whatever was thought of its order, and what is odd is told.
@Suite struct LateFillTests {
    private static let desk = DeskKey(account: AccountID(0), instrument: InstrumentID(0))

    /// Buys ten at 100 by the first tick.
    private static func ordered(
        _ results: [Int64: StrategyResult] = [0: StrategyResult(.buy)], into effects: inout Effects
    ) -> Kernel {
        let table = results.map { (Timestamp.seconds($0.key), $0.value) }
        let strategy = TableStrategy(Dictionary(uniqueKeysWithValues: table))
        var kernel = Kernel(
            .sample(
                sources: [SourcePlan(name: "x", kind: .builtIn)],
                attachments: [.sample(0, adds: true, strategy: strategy)]))
        take(&kernel, 0, &effects)
        return kernel
    }
    private static func take(_ kernel: inout Kernel, _ seconds: Int64, _ effects: inout Effects) {
        let tick = Tick.at(seconds, 100)
        let position = EventPosition(step: UInt64(seconds + 1), index: 0)
        kernel.handle(tick, at: position, entry: tick.feedTime, into: &effects)
        kernel.endStep(at: position, now: tick.feedTime, into: &effects)
    }
    private static func fill(
        _ order: UInt64, _ id: UInt32, _ quantity: Int64, at price: Int64 = 100
    )
        -> BrokerReport
    {
        .filled(
            Fill(
                order: OrderNumber(order), id: id, price: .won(price), quantity: .shares(quantity),
                fee: .won(1), time: .zero))
    }
    private static func told(_ effects: Effects) -> Int {
        effects.facts.count { if case .contradiction = $0 { true } else { false } }
    }

    @Test(arguments: [true, false])
    func aFillBehindTheEndIsBookedOnceAndTold(_ isCancelled: Bool) throws {
        var effects = Effects()
        var kernel = Self.ordered(into: &effects)
        let number = OrderNumber(1)
        kernel.handle(.accepted(number, BrokerOrderID("b")), into: &effects)
        kernel.handle(
            isCancelled
                ? .cancelled(number, reason: "asked") : .rejected(number, reason: "no"),
            into: &effects)
        effects.removeAll()
        for _ in 0..<2 { kernel.handle(Self.fill(1, 1, 4), into: &effects) }
        let found = kernel.position(of: Self.desk)
        let view = try #require(found)
        #expect(view.held == .shares(4) && view.cost == .won(401))
        #expect(kernel.cash(of: AccountID(0)) == .won(1_000_000 - 401))
        #expect(Self.told(effects) == 1)
        // Nothing works, nothing is held back.
        #expect(kernel.accounts[0].reserved == .zero)
        #expect(kernel.desks[0].workingBuys == .zero)
        #expect(kernel.workingOrders().count == 0)
        #expect(kernel.order(number)?.state == (isCancelled ? .cancelled : .rejected))
    }

    @Test func aFillOfMoreThanWasOrderedIsBookedAndTold() {
        var effects = Effects()
        var kernel = Self.ordered(into: &effects)
        effects.removeAll()
        kernel.handle(Self.fill(1, 1, 12), into: &effects)
        kernel.handle(Self.fill(1, 2, 3), into: &effects)
        #expect(kernel.position(of: Self.desk)?.held == .shares(15))
        #expect(Self.told(effects) == 2)
        #expect(kernel.accounts[0].reserved == .zero)
        #expect(kernel.desks[0].workingBuys == .zero)
        #expect(kernel.order(OrderNumber(1))?.state == .filled)
    }

    /// Sold again behind a cancel that was none: the books say what the broker's do.
    @Test func aLateSaleTakesTheBooksShortAndBuyingBackIsReckoned() throws {
        var effects = Effects()
        var kernel = Self.ordered(
            [
                0: StrategyResult(.buy), 60: StrategyResult(.sell), 120: StrategyResult(.sell),
                180: StrategyResult(.buy),
            ], into: &effects)
        kernel.handle(Self.fill(1, 1, 10), into: &effects)
        Self.take(&kernel, 60, &effects)
        kernel.handle(.cancelled(OrderNumber(2), reason: "asked"), into: &effects)
        Self.take(&kernel, 120, &effects)
        kernel.handle(Self.fill(3, 1, 10, at: 110), into: &effects)
        #expect(kernel.position(of: Self.desk)?.realised == .won(1_100 - 1 - 1_001))
        effects.removeAll()
        kernel.handle(Self.fill(2, 1, 10, at: 120), into: &effects)
        var found = kernel.position(of: Self.desk)
        var view = try #require(found)
        #expect(view.held == .shares(-10) && view.cost == .won(-1_199))
        #expect(kernel.cash(of: AccountID(0)) == .won(1_000_000 - 1_001 + 1_099 + 1_199))
        #expect(Self.told(effects) == 1)
        Self.take(&kernel, 180, &effects)
        kernel.handle(Self.fill(4, 1, 10, at: 90), into: &effects)
        found = kernel.position(of: Self.desk)
        view = try #require(found)
        #expect(view.held == .zero && view.cost == .zero)
        #expect(view.realised == .won(98 + 1_199 - 901))
        #expect(kernel.cash(of: AccountID(0)) == .won(1_000_000) + view.realised)
    }

    /// In any order: cash and cost come to what was there and what was made, and what applies the facts agrees.
    @Test(arguments: seeds(0..<200))
    func reportsInAnyOrderLoseNoMoney(_ seed: UInt64) {
        var random = SeededRandom(seed)
        var results: [Int64: StrategyResult] = [:]
        for minute in 0..<30 as Range<Int64> {
            results[minute * 60] = StrategyResult(random.oneIn(2) ? .buy : .sell)
        }
        var effects = Effects()
        var mirror = Self.ordered([:], into: &effects)
        effects.removeAll()
        var kernel = Self.ordered(results, into: &effects)
        var heard: [OrderNumber: Set<UInt32>] = [:]
        var flow: Int128 = 0
        var held: Int64 = 0
        for fact in effects.facts { mirror.apply(fact) }
        for minute in 1..<30 as Range<Int64> {
            effects.removeAll()
            Self.take(&kernel, minute * 60, &effects)
            for _ in 0..<6 {
                let number = OrderNumber(
                    UInt64.random(in: 1...max(1, kernel.lastOrder), using: &random))
                switch Int.random(in: 0..<6, using: &random) {
                case 0: kernel.handle(.accepted(number, BrokerOrderID("b")), into: &effects)
                case 1: kernel.handle(.cancelled(number, reason: "c"), into: &effects)
                case 2: kernel.handle(.rejected(number, reason: "r"), into: &effects)
                default:
                    let id = UInt32.random(in: 1...4, using: &random)
                    let quantity = Int64.random(in: 1...12, using: &random)
                    let price = Int64.random(in: 50...150, using: &random)
                    kernel.handle(
                        Self.fill(number.value, id, quantity, at: price), into: &effects)
                    guard let side = kernel.order(number)?.order.side,
                        heard[number, default: []].insert(id).inserted
                    else { continue }
                    let value = Int128(price * quantity * side.sign + 1) * Money.scale
                    flow -= value
                    held += quantity * side.sign
                }
            }
            for fact in effects.facts { mirror.apply(fact) }
            let view = kernel.desks[0]
            #expect(view.position == .shares(held))
            #expect(kernel.cash(of: AccountID(0)).units == Money.won(1_000_000).units + flow)
            #expect(
                kernel.cash(of: AccountID(0)) + view.cost == .won(1_000_000) + view.realised)
            #expect(view.position == .zero ? view.cost == .zero : true)
            #expect(view.workingBuys.units >= 0 && view.workingSells.units >= 0)
            let open = kernel.workingOrders().filter { $0.order.side == .buy }
            #expect(view.workingBuys.units == open.reduce(0) { $0 + $1.open.units })
            #expect(kernel.accounts[0].reserved == open.reduce(.zero) { $0 + $1.reservation })
            #expect(mirror.desks[0].position == view.position && mirror.desks[0].cost == view.cost)
            #expect(mirror.cash(of: AccountID(0)) == kernel.cash(of: AccountID(0)))
            #expect(mirror.accounts[0].reserved == kernel.accounts[0].reserved)
        }
    }
}
