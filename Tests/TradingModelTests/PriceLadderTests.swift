import TestKit
import Testing
import TradingModel

@Suite struct PriceLadderTests {
    /// The exchange's own table, each band at its first and last price.
    @Test(
        arguments: [
            ("1", "1"), ("1999", "1"), ("1999.99999999", "1"), ("2000", "5"), ("4995", "5"),
            ("5000", "10"), ("19990", "10"), ("20000", "50"), ("49950", "50"), ("50000", "100"),
            ("199900", "100"), ("200000", "500"), ("499500", "500"), ("500000", "1000"),
            ("1234000", "1000"), ("92233720368", "1000"),
        ])
    func krxStep(at price: String, is step: String) throws {
        #expect(PriceLadder.krx.step(at: try #require(Price(price))) == Price(step))
    }

    @Test(
        arguments: [
            ("70150", "70100", "70200"), ("70100", "70100", "70100"), ("1999.5", "1999", "2000"),
            ("2001", "2000", "2005"), ("4999", "4995", "5000"), ("19995", "19990", "20000"),
            ("49999", "49950", "50000"), ("199950", "199900", "200000"),
            ("499999", "499500", "500000"), ("500001", "500000", "501000"),
        ])
    func krxLimit(_ price: String, buys: String, sells: String) throws {
        let asked = try #require(Price(price))
        #expect(PriceLadder.krx.rounded(asked, for: .buy) == Price(buys))
        #expect(PriceLadder.krx.rounded(asked, for: .sell) == Price(sells))
    }

    /// A rounded price is on the ladder, never worse than asked, and within a step of it.
    @Test(arguments: [PriceLadder.krx, .fixed(Price(units: 1_000_000)), .fixed(Price(units: 3))])
    func roundedPricesAreOnTheLadder(_ ladder: PriceLadder) {
        var random = SeededRandom(21)
        for _ in 0..<trials(20_000) {
            let asked = Price(
                units: Int64.random(in: 1...10_000_000 * fixedPointScale, using: &random)
                    >> Int64.random(in: 0...30, using: &random))
            for side in [Side.buy, .sell] {
                let price = ladder.rounded(asked, for: side)
                let step = ladder.step(at: asked)
                #expect(price.units % ladder.step(at: price).units == 0, "\(asked) to \(price)")
                #expect(side == .buy ? price <= asked : price >= asked)
                #expect(abs(price.units - asked.units) < step.units)
                #expect(ladder.rounded(price, for: side) == price, "rounding twice changes nothing")
            }
        }
    }

    @Test func anyPriceIsOnALadderWithoutSteps() {
        var random = SeededRandom(22)
        for _ in 0..<trials(1_000) {
            let price = Price(units: random.anyInt64())
            #expect(PriceLadder.fixed(.zero).rounded(price, for: .sell) == price)
        }
    }
}
