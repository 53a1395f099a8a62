import Testing
import TradingModel

@testable import Madang

@Suite struct ExitsCommandTests {
    /// As answers write prices, or without commas; one that stands elsewhere is a slip of ten times.
    @Test(
        arguments: [
            ("49000", 49_000), ("49,000", 49_000), ("1,049,000", 1_049_000), ("24,50", nil),
            ("2,4,5,0,0", nil), ("4900,0", nil), (",49000", nil), ("", nil), ("x", nil),
        ] as [(Substring, Int64?)])
    func aPriceIsReadAsItIsWritten(_ text: Substring, _ won: Int64?) {
        #expect(ExitsCommand.price(text)?.units == won.map { $0 * fixedPointScale })
    }
}
