import TestKit
import Testing
import TradingModel

@testable import Kernel

/// The books are put where a broker is: at average cost, of what is at rest, as a fact (R8.7).
@Suite struct CorrectionTests {
    private static let key = DeskKey(account: AccountID(0), instrument: InstrumentID(0))
    private static let account = AccountID(0)

    /// Holds ten, bought for 1,001 with the fee; the last price is 100.
    private static func holding(
        exits: String? = nil, into effects: inout Effects
    ) throws -> Kernel {
        var plan = KernelPlan.sample(
            sources: [SourcePlan(name: "x", kind: .builtIn)],
            attachments: [
                .sample(
                    0, adds: true, strategy: TableStrategy([.seconds(0): StrategyResult(.buy)]))
            ])
        if let exits {
            plan.exits.plans = [try ExitPlan(reading: [exits])]
            plan.exits.general = .plan(0)
        }
        var kernel = Kernel(plan)
        let tick = Tick.at(0, 100)
        let position = EventPosition(step: 1, index: 0)
        kernel.handle(tick, at: position, entry: tick.feedTime, into: &effects)
        kernel.endStep(at: position, now: tick.feedTime, into: &effects)
        kernel.handle(fill(1, 1, 10), into: &effects)
        kernel.tendExits(at: position, now: tick.feedTime, into: &effects)
        effects.removeAll()
        return kernel
    }
    private static func fill(_ order: UInt64, _ id: UInt32, _ shares: Int64) -> BrokerReport {
        .filled(
            Fill(
                order: OrderNumber(order), id: id, price: .won(100), quantity: .shares(shares),
                fee: .won(1), time: .zero))
    }
    private static func order(
        _ difference: Difference, by author: CorrectionOrder.Author = .person
    ) -> CorrectionOrder {
        CorrectionOrder(
            account: account, broker: 0, named: "sim", difference, by: author, reason: "a test",
            at: .seconds(7))
    }
    private static func shares(_ books: Int64, _ stated: Int64) -> CorrectionOrder {
        order(.holding(InstrumentID(0), books: .shares(books), stated: .shares(stated)))
    }

    @Test(arguments: [
        (stated: 7, cost: "700.7"), (stated: 0, cost: "0"), (stated: 15, cost: "1501.5"),
    ])
    func sharesMoveAtTheirAverageCost(_ stated: Int64, _ cost: String) throws {
        var effects = Effects()
        var kernel = try Self.holding(into: &effects)
        let cash = kernel.cash(of: Self.account)
        #expect(kernel.correct(Self.shares(10, stated), into: &effects) == nil)
        let found = kernel.position(of: Self.key)
        let view = try #require(found ?? (stated == 0 ? kernel.view(0) : nil))
        #expect(view.held == .shares(stated))
        #expect(view.cost == Money(cost))
        #expect(view.realised == .zero, "nothing was traded")
        #expect(kernel.cash(of: Self.account) == cash)
        guard case .corrected(let fact) = effects.facts.first, effects.facts.count == 1 else {
            Issue.record("no fact")
            return
        }
        #expect(fact.positionBefore == .shares(10) && fact.positionAfter == .shares(stated))
        #expect(fact.costBefore == .won(1_001) && fact.costAfter == Money(cost))
        #expect(fact.price == (stated == 10 ? .zero : Price("100.1")))
    }

    /// Recovery applies the fact, and comes to the same state.
    @Test func theFactAloneComesToTheSameState() throws {
        var (effects, others) = (Effects(), Effects())
        var kernel = try Self.holding(exits: "-5% all", into: &effects)
        var other = try Self.holding(exits: "-5% all", into: &others)
        #expect(kernel.correct(Self.shares(10, 4), into: &effects) == nil)
        let cash = kernel.cash(of: Self.account)
        #expect(
            kernel.correct(
                Self.order(.cash(books: cash, stated: cash + .won(500))), into: &effects) == nil)
        for fact in effects.facts { other.apply(fact) }
        #expect(effects.facts.count == 2)
        #expect(kernel.stateHash() == other.stateHash())
        #expect(kernel.cash(of: Self.account) == cash + .won(500))
    }

    @Test func whatNobodyHeldComesAtTheLastPrice() throws {
        var effects = Effects()
        var kernel = try Self.holding(into: &effects)
        #expect(kernel.correct(Self.shares(10, 0), into: &effects) == nil)
        #expect(kernel.correct(Self.shares(0, 3), into: &effects) == nil)
        let found = kernel.position(of: Self.key)
        #expect(found?.held == .shares(3) && found?.cost == .won(300))
    }

    /// What is open or in doubt may be the difference.
    @Test func nothingIsCorrectedWhileAnOrderIsOpen() throws {
        var effects = Effects()
        var kernel = try Self.holding(into: &effects)
        let buy = Order(
            number: OrderNumber(2), account: Self.account, instrument: InstrumentID(0),
            side: .sell, quantity: .shares(4), limit: .won(120))
        kernel.apply(
            .ordered(
                OrderDecision(
                    order: buy, source: SourceID(0), position: .start, confidence: .full,
                    reference: .won(100), reserved: .zero, detail: "")))
        #expect(kernel.correct(Self.shares(10, 8), into: &effects) == "order 2 is open")
        kernel.handle(.unknown(OrderNumber(2), reason: "no answer"), into: &effects)
        #expect(kernel.correct(Self.shares(10, 8), into: &effects) == "order 2 is in doubt")
        let cash = kernel.cash(of: Self.account)
        let paid = Self.order(.cash(books: cash, stated: cash + .won(1)))
        #expect(kernel.correct(paid, into: &effects) == "order 2 is open")
        #expect(kernel.position(of: Self.key)?.held == .shares(10))
        kernel.handle(.failed(OrderNumber(2), reason: "never taken"), into: &effects)
        #expect(kernel.correct(Self.shares(10, 8), into: &effects) == nil)
        #expect(kernel.correct(paid, into: &effects) == nil)
    }

    @Test func nonsenseIsRefused() throws {
        var effects = Effects()
        var kernel = try Self.holding(into: &effects)
        #expect(kernel.correct(Self.shares(10, 10), into: &effects) == "both sides say 10")
        #expect(kernel.correct(Self.shares(10, -2), into: &effects)?.contains("short") == true)
        let huge = Self.order(
            .holding(InstrumentID(0), books: .zero, stated: Quantity(units: .max)))
        #expect(kernel.correct(huge, into: &effects)?.contains("range") == true)
        let stale = Self.order(.cash(books: .won(1), stated: .won(2)))
        #expect(kernel.correct(stale, into: &effects)?.contains("by now") == true)
        #expect(effects.facts.isEmpty)
    }

    /// A stranger's sale is no loss to a limit, and a deposit hides none.
    @Test func daysAreMeasuredFromWhatIsThere() throws {
        var effects = Effects()
        var kernel = try Self.holding(into: &effects)
        let day = kernel.accounts[0].equityAtDayStart
        #expect(kernel.correct(Self.shares(10, 4), into: &effects) == nil)
        #expect(kernel.accounts[0].equityAtDayStart == day - .won(600))
        let cash = kernel.cash(of: Self.account)
        #expect(
            kernel.correct(
                Self.order(.cash(books: cash, stated: cash + .won(600))), into: &effects) == nil)
        #expect(kernel.accounts[0].equityAtDayStart == day)
    }

    /// An exit sells no more than what is left, and the parts of what came.
    @Test func exitsFollowWhatIsHeld() throws {
        var effects = Effects()
        var kernel = try Self.holding(exits: "+4% half", into: &effects)
        #expect(kernel.correct(Self.shares(10, 6), into: &effects) == nil)
        #expect(kernel.positionGuard(of: Self.key)?.bought == .shares(6))
        #expect(kernel.correct(Self.shares(6, 8), into: &effects) == nil)
        #expect(kernel.positionGuard(of: Self.key)?.bought == .shares(8))
        #expect(kernel.positionGuard(of: Self.key)?.average == .won(100))
        effects.removeAll()
        let tick = Tick.at(1, 105)
        let position = EventPosition(step: 2, index: 0)
        kernel.handle(tick, at: position, entry: tick.feedTime, into: &effects)
        #expect(effects.orders.map(\.quantity) == [.shares(4)], "half of eight")
        #expect(kernel.correct(Self.shares(8, 0), into: &effects) == "order 2 is open")
    }

    @Test func aPositionThatIsGoneIsGuardedNoMore() throws {
        var effects = Effects()
        var kernel = try Self.holding(exits: "-5% all", into: &effects)
        #expect(kernel.positionGuard(of: Self.key) != nil)
        #expect(kernel.correct(Self.shares(10, 0), into: &effects) == nil)
        #expect(kernel.positionGuard(of: Self.key) == nil)
    }
}
