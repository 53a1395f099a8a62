import Rules
import TestKit
import Testing
import TradingModel

/// A rule's text is read or refused with a place inside it; nothing traps.
@Suite struct RuleFuzzTests {
    private static let mutator = Mutator(
        [
            "price > 70000", "cross_above(sma(20), sma(60)) and rsi(14) < 30",
            "volume > 1.5 * sma(volume, 20)", "change(5) <= -5%", "not (price > 5 or price < 3)",
            "((price)) > ((5))", "price - -5 > 3", "price * 2 + 3 * (open - 1) >= 0",
            "change(5) - change(20) > 1% * 2",
        ],
        words: [
            "(", ")", ",", "%", " and ", " or ", "not ", "sma(", "ema(", "rsi(", "change(",
            "cross_above(", "cross_below(", "price", "volume", ">=", "==", "-", "*", "((((((((",
            "not not not not ",
        ])

    @Test(arguments: 0..<trials(8 as UInt64)) func aRuleIsReadOrRefusedWithItsPlace(_ seed: UInt64)
    {
        var random = SeededRandom(seed)
        for _ in 0..<triesOfASeed {
            let text = String(decoding: Self.mutator.next(&random), as: UTF8.self)
            do throws(RuleError) {
                let rule = try Rule.compile(text)
                #expect(rule.warmUp >= 0)
            } catch {
                #expect((1...text.count + 1).contains(error.column), "\(text): \(error)")
                #expect(!error.what.isEmpty)
            }
        }
    }
}
