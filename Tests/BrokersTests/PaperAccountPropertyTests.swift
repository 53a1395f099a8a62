import Brokers
import PaperExchange
import Ports
import TestKit
import Testing
import TradingModel

/// Random orders, cancels and prints, against cash and holdings kept as plain sums.
@Suite struct PaperAccountPropertyTests {
    /// What a bank clerk would keep: who holds what, who wants what.
    struct Plain {
        struct Open {
            let order: Order
            var left: Int64
            /// In won at 10⁻⁸, of each unit of a buy.
            let held: Int64
        }
        static let fee = 25  // hundredths of a percent
        var cash = PaperBench.cash.units
        var shares: [Int64] = [0, 0]
        var last: [Int64?] = [nil, nil]
        var open: [Open] = []

        static func withFee(_ price: Int64, _ quantity: Int64) -> Int128 {
            let value = Int128(price) * Int128(quantity)
            return value + value * Int128(fee) / 10_000
        }
        var free: Int128 {
            cash
                - open.filter { $0.order.side == .buy }.reduce(0) {
                    $0 + Self.withFee($1.held, $1.left)
                }
        }
        func selling(_ index: Int) -> Int64 {
            open.filter { $0.order.side == .sell && $0.order.instrument == InstrumentID(index) }
                .reduce(0) { $0 + $1.left }
        }
        /// The code of its refusal, or what the order holds.
        func answer(_ order: Order) -> Result<Int64, BrokerError> {
            let index = Int(order.instrument.index)
            let quantity = order.quantity.units
            if order.side == .sell {
                return quantity <= shares[index] - selling(index)
                    ? .success(0) : .failure(BrokerError(.insufficient, ""))
            }
            guard let price = order.limit?.units ?? last[index].map({ $0 + $0 * 4 / 100 }) else {
                return .failure(BrokerError(.notTradable, ""))
            }
            return Self.withFee(price, quantity) <= free
                ? .success(price) : .failure(BrokerError(.insufficient, ""))
        }
        mutating func take(_ fill: Fill) {
            guard let at = open.firstIndex(where: { $0.order.number == fill.order }) else {
                Issue.record("a fill of order \(fill.order), which is not open")
                return
            }
            let order = open[at].order
            let value = Int128(fill.price.units) * Int128(fill.quantity.units)
            #expect(fill.fee.units == value * Int128(Self.fee) / 10_000)
            cash -= Int128(order.side.sign) * value + fill.fee.units
            shares[Int(order.instrument.index)] += order.side.sign * fill.quantity.units
            open[at].left -= fill.quantity.units
            if open[at].left == 0 { open.remove(at: at) }
        }
    }

    @Test(arguments: seeds(0..<60))
    func cashAndHoldingsAreTheSumsOfTheFills(_ seed: UInt64) {
        var random = SeededRandom(seed)
        var paper = PaperBench.account(
            partialFills: seed % 2 == 0, seed: seed, fee: Int64(Plain.fee) * 1_000_000)
        var plain = Plain()
        let limitsOnly = seed % 3 == 0
        var refused = 0
        for count in 1...250 as ClosedRange<UInt64> {
            switch Int.random(in: 0..<6, using: &random) {
            case 0, 1:
                let order = Self.someOrder(count, limitsOnly: limitsOnly, &random)
                let client = ClientOrderID(high: seed, low: count)
                switch (
                    plain.answer(order),
                    Result { () throws(BrokerError) in
                        try paper.place(order, as: client)
                    }
                ) {
                case (.success(let held), .success):
                    plain.open.append(.init(order: order, left: order.quantity.units, held: held))
                case (.failure(let wanted), .failure(let error)):
                    #expect(error.code == wanted.code)
                    refused += 1
                case (let wanted, let answer):
                    Issue.record("\(order): \(answer), by the plain model \(wanted)")
                    return
                }
            case 2:
                guard let at = plain.open.indices.randomElement(using: &random) else { continue }
                let gone = plain.open.remove(at: at).order
                #expect(throws: Never.self) {
                    try paper.cancel(.broker(BrokerOrderID("paper-\(gone.number)")))
                }
            default:
                let print = Self.somePrint(Int64(count), &random)
                for case .filled(let fill) in paper.observe(print) { plain.take(fill) }
                plain.last[Int(print.instrument.index)] = Self.last(print)
            }
            #expect(paper.cash.units == plain.cash)
            #expect(paper.available.units == plain.free)
            let held = paper.positions.reduce(into: [0, 0] as [Int64]) {
                $0[Int($1.instrument?.index ?? 0)] = $1.quantity.units
            }
            #expect(held == plain.shares)
            #expect(held.allSatisfy { $0 >= 0 }, "sold more than held")
            #expect(paper.openOrders.map(\.quantity) == plain.open.map(\.order.quantity))
            if limitsOnly { #expect(paper.available >= .zero, "limits hold enough") }
        }
        #expect(refused > 3, "\(refused) refusals: the day never came to its limits")
        #expect(paper.fills.count > 10)
    }

    static func someOrder(_ number: UInt64, limitsOnly: Bool, _ random: inout SeededRandom) -> Order
    {
        let steps = Int64.random(in: -5...5, using: &random)
        return Order(
            number: OrderNumber(number), account: AccountID(0),
            instrument: InstrumentID(random.oneIn(3) ? 1 : 0), side: random.oneIn(2) ? .buy : .sell,
            quantity: .shares(Int64.random(in: 1...1_200, using: &random)),
            limit: limitsOnly || random.oneIn(2) ? .won(70_000 + 100 * steps) : nil)
    }

    static func somePrint(_ time: Int64, _ random: inout SeededRandom) -> MarketInput {
        let price = 70_000 + 100 * Int64.random(in: -8...8, using: &random)
        let index = random.oneIn(3) ? 1 : 0
        return switch Int.random(in: 0..<4, using: &random) {
        case 0: .quote(.at(time, bid: price - 100, ask: random.oneIn(4) ? 0 : price, of: index))
        case 1:
            .candle(
                .at(
                    time, (price, price + 300, price - 300, price + 100), interval: .second,
                    of: index))
        default: .tick(.at(time, price, of: index))
        }
    }

    static func last(_ print: MarketInput) -> Int64 {
        switch print {
        case .tick(let tick): tick.price.units
        case .quote(let quote): (quote.ask == .zero ? quote.bid : quote.ask).units
        case .candle(let candle): candle.close.units
        }
    }
}
