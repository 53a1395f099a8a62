import PaperExchange
import TestKit
import Testing
import TradingModel

@Suite struct PaperExchangePropertyTests {
    static func prints(_ random: inout SeededRandom, _ count: Int) -> [MarketInput] {
        (0..<count).map { index in
            let time = Int64(index)
            let price = Int64.random(in: 90...110, using: &random)
            let instrument = random.oneIn(4) ? 1 : 0
            switch Int.random(in: 0..<4, using: &random) {
            case 0:
                let bid = random.oneIn(8) ? 0 : price
                return .quote(
                    .at(time, bid: bid, ask: random.oneIn(8) ? 0 : price + 2, of: instrument))
            case 1:
                let close = Int64.random(in: 90...110, using: &random)
                return .candle(
                    .at(
                        time, (price, max(price, close) + 2, min(price, close) - 2, close),
                        interval: random.oneIn(6) ? .minute : .second, of: instrument))
            default: return .tick(.at(time, price, of: instrument))
            }
        }
    }

    static func someOrder(_ number: UInt64, _ random: inout SeededRandom) -> Order {
        order(
            random.oneIn(2) ? .buy : .sell, Int64.random(in: 1...40, using: &random),
            limit: random.oneIn(2) ? nil : Int64.random(in: 90...110, using: &random),
            number: number, of: random.oneIn(4) ? 1 : 0)
    }

    /// Shares of every order: whole lots (but for the last), at least a quarter or a lot, summing exactly.
    @Test(arguments: seeds(0..<60))
    func partialFillsSumToTheOrder(_ seed: UInt64) {
        var random = SeededRandom(seed)
        let lot = random.pick([Quantity.shares(1), .shares(3), Quantity(units: 1), .zero])
        var paper = exchange(partialFills: true, seed: seed, lot: lot)
        let units = Int64.random(in: 1...5_000_000_000, using: &random)
        let whole = Order(
            number: OrderNumber(seed + 1), account: AccountID(0), instrument: InstrumentID(0),
            side: .buy, quantity: Quantity(units: units), limit: nil)
        _ = paper.submit(whole)
        var left = units
        var count: UInt32 = 0
        while !paper.isIdle(InstrumentID(0)), count < 10_000 {
            let fills = paper.fills(.tick(.at(Int64(count), 100)))
            #expect(fills.count == 1)
            guard let fill = fills.first else { return }
            count += 1
            #expect(fill.id == count)
            #expect(fill.quantity.units > 0 && fill.quantity.units <= left)
            if lot.units > 0, fill.quantity.units < left {
                #expect(fill.quantity.units % lot.units == 0)
            }
            left -= fill.quantity.units
        }
        #expect(left == 0)
    }

    @Test func theSeedDrawsTheShares() {
        func shares(_ seed: UInt64) -> [Int64] {
            var paper = exchange(partialFills: true, seed: seed)
            for number in 1...20 as ClosedRange<UInt64> {
                _ = paper.submit(order(.buy, 100, number: number))
            }
            return paper.fills(.tick(.at(1, 1))).map(\.quantity.units)
        }
        #expect(shares(1) == shares(1))
        #expect(shares(1) != shares(2))
        #expect(Set(shares(1)).count > 2)
    }

    /// In full, against the rules written as one condition for each print.
    @Test(arguments: seeds(0..<60))
    func agreesWithAPlainModel(_ seed: UInt64) {
        var random = SeededRandom(seed)
        var paper = exchange()
        var waiting: [(order: Order, rests: Bool, madeAt: Timestamp)] = []
        for (index, print) in Self.prints(&random, 150).enumerated() {
            var wanted: [Fill] = []
            for at in waiting.indices.reversed()
            where waiting[at].order.instrument == print.instrument {
                let buys = waiting[at].order.side == .buy
                let (now, reach): (Price, Price) =
                    switch print {
                    case .tick(let tick): (tick.price, tick.price)
                    case .quote(let quote): buys ? (quote.ask, quote.ask) : (quote.bid, quote.bid)
                    case .candle(let candle): (candle.open, buys ? candle.low : candle.high)
                    }
                guard now > .zero else { continue }
                if case .candle(let candle) = print, candle.openTime < waiting[at].madeAt {
                    continue
                }
                var price: Price?
                if let limit = waiting[at].order.limit {
                    let isBetter = buys ? now <= limit : now >= limit
                    let isReached = buys ? reach <= limit : reach >= limit
                    price = isBetter && !waiting[at].rests ? now : isReached ? limit : nil
                } else {
                    price = now
                }
                waiting[at].rests = true
                guard let price else { continue }
                let time =
                    if case .candle(let candle) = print { candle.openTime } else { print.time }
                let filled = waiting.remove(at: at).order
                wanted.insert(
                    Fill(
                        order: filled.number, id: 1, price: price, quantity: filled.quantity,
                        fee: .zero, time: time),
                    at: 0)
            }
            #expect(paper.fills(print) == wanted, "print \(index)")
            if random.oneIn(2) {
                let next = Self.someOrder(UInt64(index) + 1, &random)
                _ = paper.submit(next)
                waiting.append((next, false, print.time))
            }
        }
    }

    /// Recovery passes the prints and applies the recorded fills: the same state as observing them.
    @Test(arguments: seeds(0..<60))
    func applyingRecordedFillsIsObservingThem(_ seed: UInt64) {
        var random = SeededRandom(seed)
        var live = exchange(partialFills: true, seed: seed, fee: 5_000_000)
        var recovered = live
        for (index, print) in Self.prints(&random, 120).enumerated() {
            let fills = live.fills(print)
            recovered.pass(print)
            for fill in fills { recovered.apply(fill, of: print.instrument) }
            if random.oneIn(3) {
                let next = Self.someOrder(UInt64(index) + 1, &random)
                _ = live.submit(next)
                _ = recovered.submit(next)
            }
            #expect(live.fingerprint == recovered.fingerprint, "print \(index)")
        }
        let rest = Self.prints(&random, 100)
        #expect(rest.map { live.fills($0) } == rest.map { recovered.fills($0) })
    }
}
