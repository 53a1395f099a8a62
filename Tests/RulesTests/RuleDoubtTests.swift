import Rules
import Testing

/// What no event can meet is told where the text alone says so, and nothing else is.
@Suite struct RuleDoubtTests {
    @Test(arguments: [
        ("rsi(14) > 100", "'rsi(14) > 100' is never true: an RSI lies between 0 and 100"),
        ("100 < rsi(14)", "'100 < rsi(14)' is never true: an RSI lies between 0 and 100"),
        ("rsi < 0 and price > 5", "'rsi < 0' is never true: an RSI lies between 0 and 100"),
        ("rsi(14) * 2 >= 201", "'rsi(14) * 2 >= 201' is never true: an RSI lies between 0 and 100"),
        ("rsi(14) == 101", "'rsi(14) == 101' is never true: an RSI lies between 0 and 100"),
        (
            "price > 1 or cross_above(rsi(14), 100)",
            "'cross_above(rsi(14), 100)' is never true: an RSI lies between 0 and 100"
        ),
        (
            "stochastic_k > 100",
            "'stochastic_k > 100' is never true: stochastic lies between 0 and 100"
        ),
        ("adx_plus(9) < -5", "'adx_plus(9) < -5' is never true: adx lies between 0 and 100"),
        ("volume < 0", "'volume < 0' is never true: a volume is never below 0"),
        ("rsi(14) - rsi(7) > 100", "'rsi(14) - rsi(7) > 100' is never true"),
        (
            "price > 1000 and price < 100",
            "'price > 1000' and 'price < 100' are never true together"
        ),
        (
            "change(5) > 2% and volume > 3 and change(5) * 2 <= 4%",
            "'change(5) > 2%' and 'change(5) * 2 <= 4%' are never true together"
        ),
        ("price == 5 and 5 > price", "'price == 5' and '5 > price' are never true together"),
        (
            "time in 09:00-10:00 and time in 14:00-15:00",
            "no time of the day lies in all of its parts of the day"
        ),
    ])
    func whatIsNeverTrueIsTold(_ text: String, _ told: String) throws {
        #expect(try Rule.compile(text).doubts == [told])
    }

    @Test(arguments: [
        "rsi(14) >= 100", "rsi(14) <= 0", "rsi(14) > 99.9", "rsi(14) - rsi(7) > 99", "cci > 100",
        "atr(14) == 0", "price < 0", "volume >= 0", "volume == 0", "macd < 0",
        "price > 1000 or price < 100", "not (price > 1000 and price < 100)",
        "price > 100 and price < 1000", "price >= 5 and price <= 5", "price > 5 and high < 5",
        "-price > -100 and price > 99", "time in 09:00-10:00 or time in 14:00-15:00",
        "not time in 09:00-10:00 and time in 09:30-10:30",
    ])
    func whatMayBeTrueIsNot(_ text: String) throws {
        #expect(try Rule.compile(text).doubts == [])
    }

    @Test func theMinutesOfARuleAreThoseInWhichItMayHold() throws {
        func minutes(_ text: String) throws -> [Int] {
            let rule = try Rule.compile(text)
            return (0..<1_440).filter { rule.canHold(atMinute: $0) }
        }
        #expect(try minutes("time in 09:00-09:30 and price > 5") == Array(540..<570))
        #expect(try minutes("time in 09:00-09:30 or price > 5").count == 1_440)
        #expect(try minutes("not (price > 5 or time in 00:00-23:00)") == Array(1_380..<1_440))
        #expect(try minutes("time in 23:59-00:01") == [0, 1_439])
    }
}
