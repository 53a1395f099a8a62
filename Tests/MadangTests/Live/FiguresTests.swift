import TestKit
import Testing
import TradingModel

@testable import Madang

@Suite struct FiguresTests {
    @Test func spansAreShort() {
        let spans: [(Int64, String)] = [
            (0, "0 ns"), (90, "90 ns"), (91_000, "91.0 µs"), (2_140_000, "2.1 ms"),
            (312_400_000, "312 ms"), (1_500_000_000, "1.5 s"), (187_000_000_000, "3:07"),
            (7_387_000_000_000, "2:03:07"), (-5, "0 ns"),
        ]
        for (nanoseconds, text) in spans { #expect(Figures.span(nanoseconds) == text) }
    }

    @Test func lagIsToldInMilliseconds() {
        let lags: [(Int64, String)] = [
            (-3, "0.0 ms"), (0, "0.0 ms"), (49_999, "0.0 ms"), (50_000, "0.1 ms"),
            (949_999, "0.9 ms"), (950_000, "1.0 ms"), (1_040_000, "1.0 ms"),
            (120_000_000, "120 ms"), (2_100_000_000, "2.1 s"),
        ]
        for (nanoseconds, text) in lags { #expect(Figures.lag(nanoseconds) == text) }
    }

    @Test func ratesHaveThreeDigits() {
        let rates: [(Double, String)] = [
            (0, "0"), (-1, "0"), (.nan, "0"), (.infinity, "0"), (7.3, "7.3"), (9.96, "10"),
            (950, "950"), (999.6, "1.00 k"), (18_400, "18.4 k"), (1_250_000, "1.25 M"),
            (2e12, "2,000,000 M"),
        ]
        for (rate, text) in rates { #expect(Figures.rate(rate) == text) }
    }

    /// There is no minus zero, and rounding carries.
    @Test func moneyIsRounded() throws {
        let amounts: [(String, Int, String)] = [
            ("-0.004", 2, "0.00"), ("-0.005", 2, "-0.01"), ("0.4", 0, "0"), ("0.5", 0, "1"),
            ("-1234.5", 2, "-1,234.50"), ("999.999", 2, "1,000.00"), ("-131447.25", 0, "-131,447"),
        ]
        for (amount, decimals, text) in amounts {
            #expect(Figures.money(try #require(Money(amount)), decimals: decimals) == text)
        }
        #expect(Figures.profit(try #require(Money("0.004")), decimals: 2) == "0.00")
        #expect(Figures.profit(try #require(Money("12.5")), decimals: 2) == "+12.50")
    }
}
