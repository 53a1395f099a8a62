import Testing
import TradingModel

@Suite struct FixedPointTests {
    @Test(arguments: ["0", "70100", "-1.5", "0.00000001", "92233720368.54775807"])
    func textRoundTrips(_ text: String) throws {
        #expect(try #require(Price(text)).description == text)
    }

    @Test(arguments: [
        "", ".", "-", "1e5", "1,000", " 1", "1 ", "NaN", "inf", "0.000000001",
        "92233720368.54775808",
        "--1", "1.2.3", "0x10",
    ])
    func otherTextIsRefused(_ text: String) { #expect(Price(text) == nil) }

    @Test func overflowIsThrownNotWrapped() {
        #expect(throws: ArithmeticError.overflow) {
            try Price(units: .max).adding(Price(units: 1))
        }
        #expect(throws: ArithmeticError.overflow) {
            try Quantity(units: .min).subtracting(Quantity(units: 1))
        }
    }

    @Test(
        arguments: [(7, 5, 5, 10), (-7, 5, -10, -5), (10, 5, 10, 10), (3, 0, 3, 3)]
            as [(Int64, Int64, Int64, Int64)])
    func roundingNeverWorsens(_ value: Int64, _ step: Int64, down: Int64, up: Int64) {
        let price = Price(units: value)
        #expect(price.roundedDown(toMultipleOf: Price(units: step)).units == down)
        #expect(price.roundedUp(toMultipleOf: Price(units: step)).units == up)
    }

    @Test func notionalOfTheLargestValuesIsExact() {
        let notional = Money(Price(units: .max), times: Quantity(units: .max))
        #expect(notional.units == Int128(Int64.max) * Int128(Int64.max))
    }

    @Test func feeOfFiveBasisPoints() throws {
        let notional = Money(try #require(Price("70100")), times: try #require(Quantity("10")))
        #expect(try notional.fee(microBasisPoints: 5_000_000).description == "350.5")
    }

    /// 20 days of a stock index's turnover in won, and a day's volume, at this scale (R2.1).
    @Test func volumesBeyondInt64DoNotTrap() throws {
        let turnover = try #require(Volume("12233283807500"))
        #expect(turnover.units > Int128(Int64.max))
        var sum = Volume.zero
        for _ in 0..<20 { sum.add(turnover) }
        #expect(sum.description == "244665676150000")
        var top = Volume(units: .max)
        top.add(turnover)
        #expect(top.units == .max)
    }
}
