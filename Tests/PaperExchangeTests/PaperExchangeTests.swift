import PaperExchange
import TestKit
import Testing
import TradingModel

func exchange(
    partialFills: Bool = false, seed: UInt64 = 1, fee: Int64 = 0, lot: Quantity = .shares(1)
) -> PaperExchange {
    PaperExchange(
        .init(feeMicroBasisPoints: fee, partialFills: partialFills, seed: seed), lots: [lot, lot])
}

func order(
    _ side: Side, _ quantity: Int64 = 10, limit: Int64? = nil, number: UInt64 = 1,
    of instrument: Int = 0
) -> Order {
    Order(
        number: OrderNumber(number), account: AccountID(0), instrument: InstrumentID(instrument),
        side: side, quantity: .shares(quantity), limit: limit.map { .won($0) })
}

extension PaperExchange {
    /// The fills an input makes.
    mutating func fills(_ input: MarketInput) -> [Fill] {
        var reports: [BrokerReport] = []
        observe(input, reports: &reports)
        return reports.compactMap { if case .filled(let fill) = $0 { fill } else { nil } }
    }
    mutating func prices(_ input: MarketInput) -> [Price] { fills(input).map(\.price) }
    var fingerprint: UInt64 {
        var hasher = StateHasher()
        hash(into: &hasher)
        return hasher.value
    }
}

@Suite struct PaperExchangeTests {
    @Test func anOrderIsAcceptedAtOnceAndFillsFromTheNextPrintInFull() {
        var paper = exchange()
        _ = paper.fills(.tick(.at(1, 100)))
        #expect(paper.submit(order(.buy)) == .accepted(OrderNumber(1), BrokerOrderID("paper-1")))
        #expect(!paper.isIdle(InstrumentID(0)) && paper.isIdle(InstrumentID(1)))
        #expect(paper.fills(.tick(.at(2, 900, of: 1))).isEmpty)
        let fills = paper.fills(.tick(.at(2, 101)))
        #expect(fills.map(\.price) == [.won(101)] && fills.map(\.quantity) == [.shares(10)])
        #expect(fills.map(\.time) == [.seconds(2)] && fills.map(\.id) == [1])
        #expect(paper.isIdle(InstrumentID(0)))
        #expect(paper.fills(.tick(.at(3, 102))).isEmpty)
    }

    @Test func nonsenseIsRejected() {
        var paper = exchange()
        for bad in [
            order(.buy, 0), order(.sell, -1), order(.buy, limit: 0), order(.sell, limit: -5),
        ] {
            guard case .rejected = paper.submit(bad) else {
                Issue.record("\(bad) was accepted")
                continue
            }
        }
        #expect(paper.isIdle(InstrumentID(0)))
    }

    @Test(arguments: [Side.buy, .sell])
    func aMarketOrderPaysACandlesOpenAtItsOpenTime(_ side: Side) {
        var paper = exchange()
        _ = paper.submit(order(side))
        let fills = paper.fills(.candle(.at(60, (100, 120, 80, 110))))
        #expect(fills.map(\.price) == [.won(100)] && fills.map(\.time) == [.seconds(60)])
    }

    @Test func aMarketOrderPaysTheOtherSideOfAQuote() {
        var paper = exchange()
        _ = paper.submit(order(.buy))
        _ = paper.submit(order(.sell, number: 2))
        #expect(paper.prices(.quote(.at(1, bid: 99, ask: 101))) == [.won(101), .won(99)])
        _ = paper.submit(order(.buy, number: 3))
        #expect(paper.prices(.quote(.at(2, bid: 99, ask: 0))).isEmpty, "nobody asks")
        #expect(paper.prices(.quote(.at(3, bid: 0, ask: 102))) == [.won(102)])
    }

    @Test func aRunningCandleIsNoPrint() {
        var paper = exchange()
        _ = paper.submit(order(.buy))
        var candle = Candle.at(60, 100)
        candle.isFinal = false
        #expect(paper.fills(.candle(candle)).isEmpty)
    }

    /// The first print: at its price where that is better, else where the range reaches the limit.
    @Test(
        arguments: [
            (.buy, 105, .tick(.at(1, 100)), 100),
            (.buy, 95, .tick(.at(1, 100)), nil),
            (.buy, 95, .candle(.at(1, (100, 120, 95, 110))), 95),
            (.buy, 94, .candle(.at(1, (100, 120, 95, 110))), nil),
            (.sell, 95, .tick(.at(1, 100)), 100),
            (.sell, 105, .tick(.at(1, 100)), nil),
            (.sell, 120, .candle(.at(1, (100, 120, 95, 110))), 120),
            (.sell, 121, .candle(.at(1, (100, 120, 95, 110))), nil),
            (.buy, 101, .quote(.at(1, bid: 99, ask: 101)), 101),
            (.buy, 100, .quote(.at(1, bid: 99, ask: 101)), nil),
            (.sell, 99, .quote(.at(1, bid: 99, ask: 101)), 99),
            (.sell, 100, .quote(.at(1, bid: 99, ask: 101)), nil),
        ] as [(Side, Int64, MarketInput, Int64?)])
    func theFirstPrintOfALimitOrder(
        _ side: Side, _ limit: Int64, _ print: MarketInput, _ price: Int64?
    ) {
        var paper = exchange()
        _ = paper.submit(order(side, limit: limit))
        #expect(paper.prices(print) == (price.map { [.won($0)] } ?? []))
    }

    /// A resting order is met at its own limit, however far the market goes through it.
    @Test(
        arguments: [
            (.buy, 95, .tick(.at(2, 90)), 95), (.buy, 95, .candle(.at(2, (90, 92, 88, 91))), 95),
            (.buy, 95, .quote(.at(2, bid: 88, ask: 90)), 95),
            (.sell, 105, .tick(.at(2, 110)), 105),
            (.sell, 105, .candle(.at(2, (110, 112, 108, 111))), 105),
            (.sell, 105, .quote(.at(2, bid: 110, ask: 112)), 105),
        ] as [(Side, Int64, MarketInput, Int64)])
    func aRestingOrderFillsAtItsLimit(
        _ side: Side, _ limit: Int64, _ print: MarketInput, _ price: Int64
    ) {
        var paper = exchange()
        _ = paper.submit(order(side, limit: limit))
        #expect(paper.fills(.tick(.at(1, 100))).isEmpty)
        #expect(paper.prices(print) == [.won(price)])
    }

    @Test func ordersFillInTheOrderOfTheirArrival() {
        var paper = exchange()
        for number in [3, 1, 2] as [UInt64] { _ = paper.submit(order(.buy, number: number)) }
        #expect(paper.fills(.tick(.at(1, 1))).map(\.order.value) == [3, 1, 2])
    }

    @Test func theFeeIsExact() {
        var paper = exchange(fee: 5_000_000)
        _ = paper.submit(order(.buy))
        #expect(paper.fills(.tick(.at(1, 71_500))).map(\.fee) == [Money("357.5")])
        var odd = exchange(fee: 1)
        _ = odd.submit(order(.buy, 1))
        #expect(odd.fills(.tick(.at(1, 3))).map(\.fee) == [Money("0.0000000003")])
    }

    @Test func whatIsCancelledFillsNoMore() {
        var paper = exchange()
        _ = paper.submit(order(.buy))
        #expect(paper.cancel(OrderNumber(2), of: InstrumentID(0), reason: "x") == nil)
        #expect(
            paper.cancel(OrderNumber(1), of: InstrumentID(0), reason: "x")
                == .cancelled(OrderNumber(1), reason: "x"))
        #expect(paper.cancel(OrderNumber(1), of: InstrumentID(0), reason: "x") == nil)
        #expect(paper.fills(.tick(.at(1, 100))).isEmpty)
    }

    /// No price above zero, or a value out of range: the order waits for a print that it can have.
    @Test(arguments: [Side.buy, .sell])
    func anImpossiblePrintFillsNothing(_ side: Side) {
        var paper = PaperExchange(.init(feeMicroBasisPoints: .max), lots: [.shares(1)])
        let huge = Order(
            number: OrderNumber(1), account: AccountID(0), instrument: InstrumentID(0), side: side,
            quantity: Quantity(units: .max), limit: nil)
        _ = paper.submit(huge)
        for units in [Int64.min, -1, 0, .max] {
            var tick = Tick.at(1, 1)
            tick.price = Price(units: units)
            #expect(paper.fills(.tick(tick)).isEmpty)
        }
        var cheap = exchange()
        _ = cheap.submit(huge)
        var tick = Tick.at(1, 1)
        tick.price = Price(units: 1)
        #expect(cheap.fills(.tick(tick)).map(\.quantity) == [Quantity(units: .max)])
    }

    /// A week in which the clocks go forward has 167 hours, and its candle's `closeTime` lies behind the next
    /// one's open: what was ordered at its end fills there nevertheless.
    @Test func whatWasOrderedAtTheEndOfAShortWeekFillsAtTheNextOpen() {
        let week = Interval.seconds(604_800)
        // New York, from Monday 4 March 2024, and from Monday 11 March.
        let (first, second): (Int64, Int64) = (1_709_528_400, 1_710_129_600)
        for isPassed in [false, true] {
            var paper = exchange()
            let end = MarketInput.candle(.at(first, 100, interval: week))
            if isPassed { paper.pass(end) } else { paper.note(end) }
            _ = paper.submit(order(.buy))
            #expect(paper.prices(.candle(.at(second, 101, interval: week))) == [.won(101)])
        }
        // Another interval's candle, or one behind a later input, may tell of before.
        var paper = exchange()
        paper.note(.candle(.at(first, 100, interval: week)))
        _ = paper.submit(order(.buy))
        #expect(paper.fills(.candle(.at(second, 101, interval: .day))).isEmpty)
        paper.note(.tick(.at(second + 7_200, 100, of: 1)))
        _ = paper.submit(order(.buy, number: 2))
        #expect(
            paper.fills(.candle(.at(second, 101, interval: week))).map(\.order)
                == [OrderNumber(1)])
    }

    /// A candle tells of the time since its open: what was ordered meanwhile cannot have had those prices.
    @Test(arguments: [nil, 95] as [Int64?])
    func aCandleThatOpenedBeforeTheOrderFillsNothing(_ limit: Int64?) {
        var paper = exchange()
        _ = paper.fills(.tick(.at(90, 100)))
        _ = paper.submit(order(.buy, limit: limit))
        #expect(paper.fills(.candle(.at(60, (80, 120, 70, 110)))).isEmpty, "opened 30 s before")
        _ = paper.submit(order(.buy, limit: limit, number: 2))
        #expect(paper.fills(.candle(.at(119, (80, 120, 70, 110)))).map(\.order.value) == [1])
        #expect(paper.fills(.candle(.at(180, (80, 120, 70, 110)))).map(\.order.value) == [2])
    }

    /// Two stocks' candles of one minute come one after the other: the second is no news of after the first.
    @Test func anotherInstrumentsCandleTellsTheTime() {
        var paper = exchange()
        paper.note(.candle(.at(0, 100)))
        _ = paper.submit(order(.buy, of: 1))
        #expect(paper.fills(.candle(.at(0, 50, of: 1))).isEmpty)
        #expect(paper.prices(.candle(.at(60, 55, of: 1))) == [.won(55)])
    }

    /// It follows what came last, so that one wrong stamp does not hold up every candle after it.
    @Test func oneStampOfTheFutureHoldsUpNothingForLong() {
        var paper = exchange()
        paper.note(.tick(.at(4_000_000_000, 100)))
        paper.note(.tick(.at(60, 100)))
        _ = paper.submit(order(.buy))
        #expect(paper.prices(.candle(.at(60, 101))) == [.won(101)])
    }

    @Test func aTradeIsNewsHoweverOldItsStamp() {
        var paper = exchange()
        paper.note(.tick(.at(90, 100)))
        _ = paper.submit(order(.buy))
        #expect(paper.prices(.tick(.at(89, 101))) == [.won(101)])
    }

    @Test func aCandleWithoutALowReachesNoLimit() {
        var paper = exchange()
        _ = paper.submit(order(.buy, limit: 95))
        #expect(paper.fills(.candle(.at(60, (100, 120, 0, 110)))).isEmpty)
        #expect(paper.prices(.candle(.at(120, (90, 120, 0, 110)))) == [.won(95)])
    }

    @Test func whatDoesNotExistIsRefusedAndFillsNothing() {
        var paper = exchange()
        for index in [2, -1, 1 << 30] {
            guard case .rejected = paper.submit(order(.buy, of: index)) else {
                Issue.record("an order of instrument \(index) was accepted")
                continue
            }
            let instrument = InstrumentID(index)
            #expect(paper.isIdle(instrument))
            #expect(paper.cancel(OrderNumber(1), of: instrument, reason: "x") == nil)
            #expect(paper.fills(.tick(.at(1, 100, of: index))).isEmpty)
            paper.pass(.tick(.at(1, 100, of: index)))
        }
    }

    @Test func aWorkingOrdersNumberIsNotTakenTwice() {
        var paper = exchange()
        _ = paper.submit(order(.buy))
        guard case .rejected = paper.submit(order(.buy, 3)) else {
            Issue.record("a second order 1 was accepted")
            return
        }
        #expect(paper.fills(.tick(.at(1, 100))).map(\.quantity) == [.shares(10)])
    }

    /// Whole lots within the funds, the fee counted; what is not afforded is cancelled with the numbers.
    @Test(
        arguments: [
            (-1, 0), (0, 0), (100, 0), (101, 1), (504, 4), (505, 5), (1_009, 9), (1_010, 10),
            (9_999, 10),
        ] as [(Int128, Int64)])
    func aBuyTakesWhatItsFundsAfford(_ funds: Int128, _ bought: Int64) throws {
        var paper = exchange(fee: 100_000_000)
        _ = paper.submit(order(.buy))
        let begun = paper.visit(.tick(.at(1, 100)))
        var visit = try #require(begun)
        var reports: [BrokerReport] = []
        let next = paper.next(of: &visit)
        #expect(next == order(.buy))
        paper.fill(&visit, funds: .won(funds), reports: &reports)
        let after = paper.next(of: &visit)
        #expect(after == nil)
        var wanted: [BrokerReport] = []
        if bought > 0 {
            wanted.append(
                .filled(
                    Fill(
                        order: OrderNumber(1), id: 1, price: .won(100), quantity: .shares(bought),
                        fee: .won(Int128(bought)), time: .seconds(1))))
        }
        if bought < 10 {
            wanted.append(
                .cancelled(
                    OrderNumber(1), reason: "the cash affords \(bought) of 10 at 100"))
        }
        #expect(reports == wanted)
        #expect(paper.isIdle(InstrumentID(0)))
    }

    /// The largest order at the smallest price, with too little.
    @Test(arguments: [0, 1, 1_000_000] as [Int128])
    func theLargestOrderIsCutToItsFunds(_ funds: Int128) throws {
        var paper = exchange(lot: Quantity(units: 1))
        _ = paper.submit(
            Order(
                number: OrderNumber(1), account: AccountID(0), instrument: InstrumentID(0),
                side: .buy, quantity: Quantity(units: .max), limit: nil))
        let tick = Tick(
            instrument: InstrumentID(0), feedTime: .seconds(1), price: Price(units: 1),
            quantity: .zero)
        let begun = paper.visit(.tick(tick))
        var visit = try #require(begun)
        var reports: [BrokerReport] = []
        while paper.next(of: &visit) != nil {
            paper.fill(&visit, funds: Money(units: funds), reports: &reports)
        }
        let bought = reports.compactMap {
            if case .filled(let fill) = $0 { Int128(fill.quantity.units) } else { nil }
        }
        #expect(bought.reduce(0, +) == funds && paper.isIdle(InstrumentID(0)))
    }

    @Test func aSaleNeedsNoFundsAndLotsStayWhole() throws {
        var paper = exchange(lot: .shares(3))
        _ = paper.submit(order(.sell, 9))
        _ = paper.submit(order(.buy, 9, number: 2))
        let begun = paper.visit(.tick(.at(1, 100)))
        var visit = try #require(begun)
        var reports: [BrokerReport] = []
        while paper.next(of: &visit) != nil {
            paper.fill(&visit, funds: .won(899), reports: &reports)
        }
        let fills = reports.compactMap { if case .filled(let fill) = $0 { fill } else { nil } }
        #expect(fills.map(\.quantity) == [.shares(9), .shares(6)])
    }
}
