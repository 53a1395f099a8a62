import TestKit
import Testing
import TradingModel

@Suite struct DecimalTests {
    /// By strings, as it would be done by hand.
    private func plain(_ value: Int128, scale: Int) -> String {
        var digits = String(value.magnitude)
        while digits.utf8.count <= scale { digits = "0" + digits }
        let whole = digits.dropLast(scale)
        var fraction = digits.suffix(scale)
        while fraction.last == "0" { fraction.removeLast() }
        return (value < 0 ? "-" : "") + whole + (fraction.isEmpty ? "" : "." + fraction)
    }

    @Test func textIsWhatStringsWouldMake() {
        var random = SeededRandom(9)
        let edges: [Int128] = [
            0, 1, -1, 9, 10, .max, .min, .max - 1, 1_000_000_000_000_000_000,
            999_999_999_999_999_999, 1_000_000_000_000_000_001, -1_000_000_000_000_000_000_000,
        ]
        for scale in [0, 1, 4, 6, 8, 16, 17, 18, 19, 38, 45] {
            for value in edges {
                #expect(decimalString(value, scale: scale) == plain(value, scale: scale))
            }
            for _ in 0..<trials(2_000) {
                let wide =
                    Int128(random.anyInt64()) << 64 | Int128(UInt64(bitPattern: random.anyInt64()))
                let tens = (0..<Int.random(in: 0...18, using: &random)).reduce(Int128(1)) {
                    ten, _ in ten * 10
                }
                let value = (wide >> Int.random(in: 0...127, using: &random)) / tens * tens
                let text = decimalString(value, scale: scale)
                #expect(text == plain(value, scale: scale), "\(value) at \(scale)")
                if scale <= 18 { #expect(parseDecimal(text.utf8, scale: scale) == value) }
            }
        }
    }
}
