import Kernel
import PaperExchange
import TestKit
import Testing
import TradingModel

@testable import Host

/// R13.1: exits inside of candles against a model that walks through each candle won by won.
@Suite struct CandleExitModelTests {
    static let plans = [
        ["-5% all", "+4% half", "+8% rest"], ["-2% half", "-4% all", "trail 3% from +2% half"],
        ["trail 2% all"], ["-1% all", "+1% 30%", "+2% rest"],
        ["-3% 40%", "trail 4% all", "+5% half"],
    ]

    /// Open, high, low, close: each opens near the close before it, and now and then with a gap.
    static func candles(_ random: inout SeededRandom) -> [(Int64, Int64, Int64, Int64)] {
        var last = Int64.random(in: 900...4_000, using: &random)
        return (0..<60).map { _ in
            let wide = max(last / (random.oneIn(4) ? 12 : 40), 4)
            let gap = random.oneIn(4) ? Int64.random(in: -wide...wide, using: &random) : 0
            let open = last + gap
            let close = max(open + Int64.random(in: -wide...wide, using: &random), 50)
            let high = max(open, close) + Int64.random(in: 0...wide, using: &random)
            let low = max(min(open, close) - Int64.random(in: 0...wide, using: &random), 40)
            last = close
            return (open, high, low, close)
        }
    }

    /// Every price on the way, each won of it.
    static func prices(_ candle: (Int64, Int64, Int64, Int64), _ path: CandlePath) -> [Int64] {
        let (open, high, low, close) = candle
        let isHighFirst = path == .highFirst || path == .nearerFirst && high - open < open - low
        var prices = [open]
        for point in isHighFirst ? [high, low, close] : [low, high, close] {
            while let last = prices.last, last != point {
                prices.append(last + (point - last).signum())
            }
        }
        return prices
    }

    /// The plan as its lines say it, in whole won, one price after the other.
    struct Model {
        let plan: ExitPlan
        var held: Int64
        let bought: Int64
        let entry: Int64
        var peak: Int64
        var isDone: [Bool]

        init(_ plan: ExitPlan, shares: Int64, at price: Int64) {
            self.plan = plan
            (held, bought, entry, peak) = (shares, shares, price, price)
            isDone = plan.tiers.map { _ in false }
        }
        func isReached(_ trigger: ExitPlan.Trigger, at price: Int64) -> Bool {
            switch trigger {
            case .loss(let part): price * 1_000_000 <= entry * (1_000_000 - part)
            case .gain(let part): price * 1_000_000 >= entry * (1_000_000 + part)
            case .trailing(let distance, let start):
                (start == 0 || peak * 1_000_000 >= entry * (1_000_000 + start))
                    && price * 1_000_000 <= peak * (1_000_000 - distance)
            case .always: true
            }
        }
        mutating func see(_ price: Int64) -> [Int64] {
            peak = max(peak, price)
            var sold: [Int64] = []
            for (tier, terms) in plan.tiers.enumerated()
            where held > 0 && !isDone[tier] && isReached(terms.trigger, at: price) {
                isDone[tier] = true
                var shares = held
                if case .part(let part) = terms.share {
                    shares = min(held, bought * part / 1_000_000)
                }
                held -= shares
                if shares > 0 { sold.append(shares) }
            }
            return sold
        }
    }

    @Test(arguments: seeds(0..<60))
    func everySaleIsTheModels(_ seed: UInt64) throws {
        var random = SeededRandom(seed &+ 0xC0FFEE)
        var inside = 0
        for path in [CandlePath.lowFirst, .highFirst, .nearerFirst] {
            for lines in Self.plans {
                let plan = try ExitPlan(reading: lines)
                let candles = Self.candles(&random)
                let shares = Int64.random(in: 1...40, using: &random)
                var settings = PaperExchange.Settings(feeMicroBasisPoints: 0)
                settings.candlePath = path
                let desk = CandleExitDesk(plan, settings, shares: shares)
                var model = Model(plan, shares: shares, at: candles[1].0)
                var expected: [CandleExitDesk.Sale] = []
                for (at, candle) in candles.enumerated() {
                    desk.candle(candle)
                    guard at > 0 else { continue }
                    for price in Self.prices(candle, path) {
                        for shares in model.see(price) {
                            expected.append(.init(at: at, shares: shares, won: price))
                        }
                    }
                }
                #expect(desk.sales == expected, "seed \(seed), \(path), \(lines)")
                inside += expected.count { $0.won != candles[$0.at].0 }
            }
        }
        #expect(inside > 5, "hardly anything was sold inside of a candle")
    }
}
