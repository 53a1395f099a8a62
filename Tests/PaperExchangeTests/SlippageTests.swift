import TestKit
import Testing
import TradingModel

@testable import PaperExchange

@Suite struct SlippageTests {
    private static func exchange(
        _ change: (inout PaperExchange.Settings) -> Void
    ) -> PaperExchange {
        var settings = PaperExchange.Settings(feeMicroBasisPoints: 0)
        change(&settings)
        return PaperExchange(settings, lots: [.shares(1)], ladders: [.krx])
    }

    private static func order(
        _ side: Side, _ quantity: Int64, number: UInt64 = 1, limit: Int64? = nil
    ) -> Order {
        Order(
            number: OrderNumber(number), account: AccountID(0), instrument: InstrumentID(0),
            side: side, quantity: .shares(quantity),
            limit: limit.map { Price(units: $0 * fixedPointScale) })
    }

    private static func tick(_ price: Int64, _ quantity: Int64) -> MarketInput {
        .tick(
            Tick(
                instrument: InstrumentID(0), feedTime: .zero,
                price: Price(units: price * fixedPointScale), quantity: .shares(quantity)))
    }

    private static func fills(
        _ exchange: inout PaperExchange, _ input: MarketInput
    ) -> [Fill] {
        var reports: [BrokerReport] = []
        exchange.observe(input, reports: &reports)
        return reports.compactMap { if case .filled(let fill) = $0 { fill } else { nil } }
    }

    /// By hand, on the ladder of KRX: steps of 100 up to 200,000, of 10 from 5,000.
    @Test(
        arguments: [
            (Slippage.none, Side.buy, 70_000, 70_000), (.steps(1), .buy, 70_000, 70_100),
            (.steps(3), .sell, 70_000, 69_700),
            (.microBasisPoints(5_000_000), .buy, 70_000, 70_100),
            (.microBasisPoints(5_000_000), .sell, 70_000, 69_900),
            (.microBasisPoints(20_000_000), .buy, 70_000, 70_200),
            // 199,900 and two steps: the second is of the dearer band's, upward.
            (.steps(2), .buy, 199_900, 200_500), (.steps(9), .sell, 3, 1),
            (.microBasisPoints(1), .buy, 5_000, 5_010),
        ] as [(Slippage, Side, Int64, Int64)])
    func marketOrdersFillWorse(_ slippage: Slippage, _ side: Side, _ price: Int64, _ filled: Int64)
    {
        var exchange = Self.exchange { $0.slippage = slippage }
        _ = exchange.submit(Self.order(side, 10))
        let fills = Self.fills(&exchange, Self.tick(price, 5))
        #expect(fills.map(\.price) == [Price(units: filled * fixedPointScale)])
        #expect(fills.map(\.quantity) == [.shares(10)])
    }

    @Test func limitsHold() {
        var exchange = Self.exchange { $0.slippage = .steps(5) }
        _ = exchange.submit(Self.order(.buy, 10, limit: 70_000))
        let fills = Self.fills(&exchange, Self.tick(69_900, 5))
        #expect(fills.map(\.price) == [Price(units: 69_900 * fixedPointScale)])
    }

    /// A tenth of 105 shares is ten: the first order takes eight, the second two, then three of 30.
    @Test func ordersShareAPrint() {
        var exchange = Self.exchange { $0.participation = 100_000 }
        _ = exchange.submit(Self.order(.buy, 8, number: 1))
        _ = exchange.submit(Self.order(.sell, 5, number: 2))
        let first = Self.fills(&exchange, Self.tick(70_000, 105))
        #expect(first.map(\.quantity) == [.shares(8), .shares(2)])
        #expect(Self.fills(&exchange, Self.tick(70_000, 9)).isEmpty)
        let second = Self.fills(&exchange, Self.tick(70_000, 30))
        #expect(second.map(\.quantity) == [.shares(3)])
        #expect(exchange.isIdle(InstrumentID(0)))
    }

    /// A quote offers each side its own.
    @Test func quotesOfferEachSide() {
        var exchange = Self.exchange { $0.participation = 500_000 }
        _ = exchange.submit(Self.order(.buy, 8, number: 1))
        _ = exchange.submit(Self.order(.sell, 8, number: 2))
        let quote = Quote(
            instrument: InstrumentID(0), feedTime: .zero, bid: Price(units: 100 * fixedPointScale),
            bidQuantity: .shares(4), ask: Price(units: 101 * fixedPointScale),
            askQuantity: .shares(10))
        let fills = Self.fills(&exchange, .quote(quote))
        #expect(fills.map(\.quantity) == [.shares(5), .shares(2)])
    }

    /// Whatever comes, no print gives more than its share, and all that is ordered fills in the end.
    @Test(arguments: seeds(1..<40))
    func noPrintGivesMore(_ seed: UInt64) {
        var random = SeededRandom(seed)
        let share = Int64.random(in: 1...1_000_000, using: &random)
        var exchange = Self.exchange {
            $0.participation = share
            $0.partialFills = Bool.random(using: &random)
        }
        var open: Int64 = 0
        for number in UInt64(1)...200 {
            if Bool.random(using: &random) {
                let quantity = Int64.random(in: 1...50, using: &random)
                open += quantity
                _ = exchange.submit(
                    Self.order(Bool.random(using: &random) ? .buy : .sell, quantity, number: number)
                )
            }
            let traded = Int64.random(in: 0...200, using: &random)
            let fills = Self.fills(&exchange, Self.tick(1_000, traded))
            let taken = fills.reduce(0) { $0 + $1.quantity.units / fixedPointScale }
            #expect(taken <= traded * share / 1_000_000)
            #expect(fills.allSatisfy { $0.quantity.isPositive })
            open -= taken
        }
        for _ in 0..<20_000 where !exchange.isIdle(InstrumentID(0)) {
            let fills = Self.fills(&exchange, Self.tick(1_000, 1_000_000_000))
            open -= fills.reduce(0) { $0 + $1.quantity.units / fixedPointScale }
        }
        #expect(open == 0)
    }

    /// 100 bps of 700,000 on the sale alone, told apart in its fee; without a rate nothing is said of taxes.
    @Test(arguments: [0, 100_000_000] as [Int64]) func sellersPayTheTax(_ rate: Int64) {
        for (side, tax) in [(Side.buy, 0), (.sell, rate == 0 ? 0 : 7_000)] as [(Side, Int128)] {
            var exchange = Self.exchange {
                $0.feeMicroBasisPoints = 5_000_000
                $0.sellTaxMicroBasisPoints = rate
            }
            _ = exchange.submit(Self.order(side, 10))
            let fills = Self.fills(&exchange, Self.tick(70_000, 5))
            #expect(fills.map(\.fee) == [Money(units: (350 + tax) * Money.scale)])
            #expect(fills.map(\.tax) == [rate == 0 ? nil : Money(units: tax * Money.scale)])
        }
    }

    /// A rebate and a tax come to less than the tax: it is no part of that.
    @Test func aTaxBesideARebateIsNotTold() {
        for side in [Side.buy, .sell] {
            var exchange = Self.exchange {
                $0.feeMicroBasisPoints = -5_000_000
                $0.sellTaxMicroBasisPoints = 100_000_000
            }
            _ = exchange.submit(Self.order(side, 10))
            let fills = Self.fills(&exchange, Self.tick(70_000, 5))
            #expect(fills.count == 1 && fills.allSatisfy { $0.tax == nil })
        }
    }
}
