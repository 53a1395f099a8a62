import TestKit
import Testing
import TradingModel

@Suite struct MoneyTests {
    @Test(
        arguments: [
            "0", "-0.0000000000000001", "100000000", "350.5",
            "17014118346046923173168.7303715884105727",
        ])
    func textRoundTrips(_ text: String) throws {
        #expect(try #require(Money(text)).description == text)
    }

    @Test(arguments: ["", "1.00000000000000001", "1e3", "NaN", "17014118346046923173169"])
    func otherTextIsRefused(_ text: String) { #expect(Money(text) == nil) }

    @Test func textComesBackAsTheSameAmount() {
        var random = SeededRandom(11)
        for _ in 0..<trials(20_000) {
            let units = Int128(random.anyInt64()) * Int128(random.anyInt64())
            #expect(Money(Money(units: units).description)?.units == units)
        }
    }

    @Test func notionalIsExactAndOrderedAsItsUnits() {
        var random = SeededRandom(12)
        for _ in 0..<trials(10_000) {
            let (price, quantity) = (random.anyInt64(), random.anyInt64())
            let value = Money(Price(units: price), times: Quantity(units: quantity))
            #expect(value.units == Int128(price) * Int128(quantity))
            #expect((value < Money.zero) == (value.units < 0))
            #expect(-(-value) == value)
        }
    }

    /// Basis points of an amount, by division of whole numbers and toward zero.
    @Test func feeIsExactTowardZero() throws {
        var random = SeededRandom(13)
        for _ in 0..<trials(10_000) {
            let units = Int128(random.anyInt64()) * Int128(random.anyInt64() >> 32)
            let rate = Int64.random(in: 0...100_000_000, using: &random)
            let (product, overflow) = units.multipliedReportingOverflow(by: Int128(rate))
            guard !overflow else { continue }
            let fee = try Money(units: units).fee(microBasisPoints: rate)
            #expect(fee.units == product / 10_000_000_000)
            #expect(fee.units.magnitude <= units.magnitude, "at most one hundred percent")
        }
    }

    /// Where the exact product leaves 128 bits, the fee is a little low and never by more than 10⁻¹¹.
    @Test func feeOfEnormousAmountsStaysNear() throws {
        let amount = Money(units: Int128.max / 200)
        let fee = try amount.fee(microBasisPoints: 5_000_000)
        let exact = amount.units / 2_000
        #expect(fee.units <= exact && exact - fee.units <= 100_000)
        #expect(throws: ArithmeticError.overflow) {
            try Money(units: .max).fee(microBasisPoints: .max)
        }
    }

    @Test(
        arguments: [
            ("70100", "10", "5", "350.5"), ("70100", "10", "1.5", "105.15"),
            ("0.00000001", "0.00000001", "10000", "0.0000000000000001"),
            ("0.00000001", "0.00000001", "9999", "0"), ("-70100", "10", "5", "-350.5"),
        ])
    func feesByHand(_ price: String, _ quantity: String, bps: String, fee: String) throws {
        let value = Money(try #require(Price(price)), times: try #require(Quantity(quantity)))
        let rate = try #require(parseDecimal(bps.utf8, scale: 6).flatMap { Int64(exactly: $0) })
        #expect(try value.fee(microBasisPoints: rate).description == fee)
    }

    @Test func volumesSaturateInBothDirections() {
        var random = SeededRandom(14)
        for _ in 0..<trials(5_000) {
            let (a, b) = (Int128(random.anyInt64()) << 63, Int128(random.anyInt64()) << 63)
            var sum = Volume(units: a)
            sum.add(Volume(units: b))
            let (exact, overflow) = a.addingReportingOverflow(b)
            #expect(sum.units == (overflow ? (b > 0 ? .max : .min) : exact))
        }
    }
}
