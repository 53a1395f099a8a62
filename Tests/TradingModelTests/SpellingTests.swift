import Testing
import TradingModel

@Suite struct SpellingTests {
    @Test(
        arguments: [
            ("fsat", "fast"), ("fastt", "fast"), ("FAST", "fast"), ("solw", "slow"),
            ("volume", nil),
            ("x", nil), ("", nil), ("price", nil), ("volum_factor", "volume_factor"),
        ] as [(String, String?)])
    func nearestNameIsNear(_ written: String, _ wanted: String?) {
        let names = ["fast", "slow", "volume_factor"]
        #expect(nearestName(to: written, in: names) == wanted)
    }

    @Test func longTextCostsLittle() {
        let long = String(repeating: "a", count: 1_000_000)
        #expect(nearestName(to: long, in: ["a", "aa"]) == nil)
    }
}
