import Brokers
import PaperExchange
import Ports
import TestKit
import Testing
import TradingModel

@Suite struct PaperAccountTests {
    static func order(
        _ number: UInt64, _ side: Side, _ quantity: Quantity, at limit: Price? = nil
    ) -> Order {
        Order(
            number: OrderNumber(number), account: AccountID(0), instrument: InstrumentID(0),
            side: side, quantity: quantity, limit: limit)
    }
    static func code(_ order: Order, at account: inout PaperAccount) -> BrokerError.Code? {
        do {
            _ = try account.place(order, as: ClientOrderID(high: 9, low: order.number.value))
            return nil
        } catch { return error.code }
    }

    @Test func aMarketBuyHoldsMoreThanTheLastPrice() {
        var account = PaperBench.account(fee: 0)
        #expect(Self.code(Self.order(1, .buy, .shares(1)), at: &account) == .notTradable)
        _ = account.observe(.tick(.at(1, 70_000)))
        #expect(Self.code(Self.order(1, .buy, .shares(100)), at: &account) == nil)
        #expect(account.cash - account.available == .won(7_280_000), "4 % above 7,000,000")
        _ = account.observe(.tick(.at(2, 71_000)))
        #expect(account.balance.cash == .won(192_900_000))
        #expect(account.available == account.cash)
        #expect(account.positions.map(\.averagePrice) == [.won(71_000)])
    }

    /// Past the margin that was held: what the cash affords is bought, and the account says so.
    @Test func aPriceThatRunsAwayNeverTakesCashBelowZero() throws {
        var account = PaperBench.account(fee: 0)
        _ = account.observe(.tick(.at(1, 1_000_000)))
        #expect(Self.code(Self.order(1, .buy, .shares(150)), at: &account) == nil)
        let reports = account.observe(.tick(.at(2, 3_000_000)))
        guard case .cancelled(OrderNumber(1), _)? = reports.last, reports.count == 2 else {
            return _ = Issue.record("\(reports)")
        }
        #expect(account.positions.map(\.quantity) == [.shares(66)])
        #expect(account.balance.cash == .won(2_000_000) && account.available == account.cash)
        #expect(account.openOrders.isEmpty)
        guard case .found(let order) = account.order(.client(ClientOrderID(high: 9, low: 1))) else {
            return _ = Issue.record("forgotten")
        }
        #expect(order.state == .cancelled && order.filled == .shares(66))
    }

    /// Average price: buys add, sales leave it, a new beginning forgets it; short where nobody checks.
    @Test func theAveragePriceFollowsTheFills() {
        var account = PaperBench.account(fee: 0, checksFunds: false)
        var number: UInt64 = 0
        func trade(_ side: Side, _ shares: Int64, _ won: Int64) {
            number += 1
            #expect(Self.code(Self.order(number, side, .shares(shares)), at: &account) == nil)
            _ = account.observe(.tick(.at(Int64(number), won)))
        }
        trade(.buy, 10, 100)
        trade(.buy, 30, 200)
        #expect(account.positions.map(\.averagePrice) == [.won(175)])
        trade(.sell, 20, 300)
        #expect(account.positions.map(\.averagePrice) == [.won(175)])
        trade(.sell, 25, 400)
        #expect(account.positions.map(\.averagePrice) == [.won(400)])
        #expect(account.positions.map(\.quantity) == [.shares(-5)])
        trade(.sell, 5, 200)
        #expect(account.positions.map(\.averagePrice) == [.won(300)])
        trade(.buy, 10, 250)
        #expect(account.positions == [])
        #expect(
            account.cash - PaperBench.cash == .won(-1_000 - 6_000 + 6_000 + 10_000 + 1_000 - 2_500))
    }

    @Test func ordersAreNotWithoutNumber() {
        var account = PaperBench.account()
        let limit = Price.won(70_000)
        for number in 1...1_000 as ClosedRange<UInt64> {
            #expect(Self.code(Self.order(number, .buy, .shares(1), at: limit), at: &account) == nil)
        }
        #expect(
            Self.code(Self.order(1_001, .buy, .shares(1), at: limit), at: &account) == .rejected)
        _ = account.observe(.tick(.at(1, 70_000)))
        #expect(
            Self.code(Self.order(1_001, .buy, .shares(1), at: limit), at: &account) == nil,
            "refused for certain, so the id may be tried again")
    }

    @Test func aHoldingOutOfRangeIsRefused() {
        var account = PaperBench.account(checksFunds: false)
        let most = Quantity(units: .max / fixedPointScale * fixedPointScale)
        #expect(Self.code(Self.order(1, .buy, most), at: &account) == nil)
        #expect(Self.code(Self.order(2, .buy, .shares(1)), at: &account) == .rejected)
        #expect(Self.code(Self.order(3, .sell, .shares(1)), at: &account) == nil)
    }

    /// Sums that nobody has: the account is wound up before they leave the range of money.
    @Test func anAccountOutOfRangeIsWoundUp() {
        var account = PaperBench.account(fee: 0, checksFunds: false)
        let far = Self.order(1, .sell, .shares(1), at: .won(90_000_000_000))
        #expect(Self.code(far, at: &account) == nil)
        var reports: [BrokerReport] = []
        var number: UInt64 = 10
        while reports.isEmpty, number < 2_100 {
            number += 1
            let isSale = number % 2 == 0
            let order = Self.order(number, isSale ? .sell : .buy, .shares(50_000_000))
            #expect(Self.code(order, at: &account) == nil)
            let made = account.observe(
                .tick(.at(Int64(number), isSale ? 20_000_000_000 : 1)))
            reports = made.filter { if case .cancelled = $0 { true } else { false } }
        }
        #expect(reports.map(\.order) == [OrderNumber(1)])
        #expect(account.openOrders.isEmpty)
        #expect(account.cash > Money(units: 1_000 * PaperExchange.largestValue.units))
        #expect(Self.code(Self.order(5, .sell, .shares(1)), at: &account) == .rejected)
    }

    @Test func anInstrumentOfAnotherCurrencyIsNotTraded() {
        var instruments = PaperBench.instruments
        instruments.append(
            Instrument(
                id: InstrumentID(2), symbol: "US1", market: "US", currency: "USD",
                ladder: .fixed(.zero), lot: .shares(1), timeZone: "America/New_York"))
        var account = PaperAccount(PaperBench.account().settings, instruments: instruments)
        let order = Order(
            number: OrderNumber(1), account: AccountID(0), instrument: InstrumentID(2), side: .buy,
            quantity: .shares(1), limit: .won(10))
        #expect(Self.code(order, at: &account) == .notTradable)
    }
}
