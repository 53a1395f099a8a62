import Rules
import Testing
import TradingModel

@Suite struct RuleTextTests {
    @Test(arguments: [
        ("price > 70000", 0), ("price>70_000.5", 0), (" close <= 1 ", 0), ("70000 < price", 0),
        ("price > sma(20)", 19), ("price > sma(20) * 1.02 and rsi(14) < 30", 19),
        ("cross_above(sma(20), sma(60))", 60), ("cross_below(ema(12), ema(26))", 26),
        ("cross_above(price, 70000)", 1), ("volume > sma(volume, 20) * 1.5", 19),
        ("volume > 1.5 * sma(volume,20)", 19), ("change(5) <= -5%", 5), ("change(1) > 0%", 1),
        ("price > open * 103%", 0), ("high - low > 500", 0), ("not (price > 5 or price < 3)", 0),
        ("not not price > 5", 0), ("((price)) > ((5))", 0), ("price - -5 > 3", 0),
        ("price > 1 and price < 9 or volume > 3", 0), ("sma(price, 5) == sma(close, 7)", 6),
        ("rsi(14) + 5 < 30", 14), ("change(5) - change(20) > 1% * 2", 20),
        ("change(3) * 2 < 5%", 3),
        ("price * 2 + 3 * (open - 1) >= 0", 0),
        ("price > wma(10)", 9), ("price > resistance(20)", 20), ("price < support(5)", 5),
        ("high >= highest(20)", 19), ("low > lowest(3) * 1.01", 2), ("price > vwap", 0),
        ("price > vwap()", 0), ("price > vwap(20)", 19), ("macd_histogram > 0", 33),
        ("cross_above(macd(12, 26, 9), macd_signal(12, 26, 9))", 34),
        ("macd(5, 35) > macd_signal(5, 35)", 42), ("price > bollinger_upper", 19),
        ("price > bollinger_upper(50, 2.5)", 49), ("price - keltner_lower(20, 1.5, 30) < 0", 30),
        ("price > donchian_middle(8)", 7), ("stochastic_k < 20 and stochastic_d(5, 1, 2) < 20", 17),
        ("adx > 25 and adx_plus > adx_minus", 27), ("cci(20) < -100", 19), ("obv > 0", 0),
        ("atr(14) > 2 * stddev(20)", 19), ("volume > 3 * volume_average(20)", 19),
        ("roc(10) > 5%", 10), ("change(1d) <= -5%", 1), ("change(30m) > 2%", 1),
        ("time in 09:00-09:30", 0), ("not time in 15:20-09:00 and price > 5", 0),
        ("high - low > 2 * atr", 14),
    ])
    func isRead(_ text: String, _ warmUp: Int) throws {
        let rule = try Rule.compile(text)
        #expect(rule.text == text)
        #expect(rule.warmUp == warmUp)
    }

    static let aName = "expected a name such as price, volume, sma(20)"
    static let names =
        "known: price, close, open, high, low, volume, sma, ema, wma, vwap, highest, lowest, rsi, "
        + "macd, macd_signal, macd_histogram, stochastic_k, stochastic_d, adx, adx_plus, adx_minus, "
        + "cci, roc, bollinger_upper, bollinger_middle, bollinger_lower, donchian_upper, "
        + "donchian_middle, donchian_lower, keltner_upper, keltner_middle, keltner_lower, atr, "
        + "stddev, obv, volume_average, change, resistance, support, cross_above, cross_below, time"
    static let aNumber = "a number below 10¹⁵ with up to 8 decimals, such as 70_000 or 1.5"
    static let spans =
        "a time to look back is a number of s, m, h or d, up to 366d: 30s, 30m, 4h, 5d"
    static let times =
        "times of the day are of 24 hours: 15:30 is half past three in the afternoon"
    static let alwaysTheSame =
        "found a comparison that is always the same, "
        + "expected price, volume or an indicator on one side"

    @Test(
        arguments: [
            ("", "column 1: found nothing, expected a condition, such as price > 70000"),
            ("   ", "column 1: found nothing, expected a condition, such as price > 70000"),
            ("price", "column 6: found the end after a price, expected a comparison: > >= < <= =="),
            ("price >", "column 8: found the end, expected a name, a number or '('"),
            (
                "price > smaa(20)",
                "column 9: found 'smaa', \(aName)\n  did you mean 'sma'?"
            ),
            (
                "Price > 5",
                "column 1: found 'Price', \(aName)\n  did you mean 'price'?"
            ),
            ("banana > 5", "column 1: found 'banana', \(aName)\n  \(names)"),
            (
                "price > 5%",
                "column 7: found a price compared with a ratio, expected two values of"
                    + " one kind\n  a percentage is compared with change(n); a part of a value is price"
                    + " * 105%"
            ),
            (
                "macd(26, 12) > 0",
                "column 1: macd: fast 26 is not below slow 12\n  write macd(fast,"
                    + " slow, signal)"
            ),
            ("macd(12, 26, 9, 2) > 0", "column 15: found ',', expected ')' after macd's values"),
            (
                "bollinger_upper(20, -1) < price",
                "column 21: found '-', expected the factor, a number"
                    + " with up to 6 decimals from 0 to 1000"
            ),
            (
                "rsi(30m) > 5",
                "column 5: found '30m', expected a length in events, a whole number"
                    + " from 2 to 512"
            ),
            ("change(400d) > 5%", "column 8: found '400d', expected \(aNumber)\n  \(spans)"),
            ("change(30min) > 5%", "column 8: found '30min', expected \(aNumber)\n  \(spans)"),
            ("change(1w) > 5%", "column 8: found '1w', expected \(aNumber)\n  \(spans)"),
            (
                "time in 10:00am-11:00",
                "column 12: found '00am', expected \(aNumber)\n  \(times)"
            ),
            (
                "time in 10:00 pm-11:00",
                "column 15: found 'pm', expected '-' between the two times\n  \(times)"
            ),
            (
                "change(1d) > 5",
                "column 12: found a ratio compared with a number, expected two values"
                    + " of one kind\n  write the number as a percentage, such as 3% or -3%"
            ),
            (
                "time > 5",
                "column 6: found '>', expected 'in' after time\n  such as time in"
                    + " 09:00-09:30"
            ),
            (
                "time in 9:00-10:00",
                "column 9: found '9', expected a time of the day, such as 09:00"
            ),
            (
                "time in 09:00-25:00",
                "column 15: found '25', expected a time of the day, such as"
                    + " 09:00"
            ),
            (
                "time in 09:00-09:00",
                "column 15: found the same time twice, expected a later one\n"
                    + "  00:00-24:00 is the whole day"
            ),
            ("time in 09:00", "column 14: found the end, expected '-' between the two times"),
            (
                "volume > atr",
                "column 8: found a volume compared with a price, expected two values of"
                    + " one kind"
            ),
            (
                "price > sma",
                "column 12: found the end, expected '(' after sma\n"
                    + "  say over how many events: sma(20)"
            ),
            (
                "price > sma()",
                "column 13: found ')', expected a length in events, a whole number from 1 to 512"
            ),
            (
                "price > sma(0)",
                "column 13: found '0', expected a length in events, a whole number from 1 to 512"
            ),
            (
                "price > sma(2.5)",
                "column 13: found '2.5', expected a length in events, a whole number from 1 to 512"
            ),
            (
                "rsi(1) > 5",
                "column 5: found '1', expected a length in events, a whole number from 2 to 512"
            ),
            ("price > sma(20", "column 15: found the end, expected ')' after the length"),
            (
                "price > sma(open, 20)",
                "column 13: found 'open', expected a length, or 'volume' and a length"
            ),
            (
                "volume > sma(volume 20)",
                "column 21: found '20', expected ',' between volume and the length"
            ),
            (
                "price > rsi(14)",
                "column 7: found a price compared with an index, expected two values of one kind"
            ),
            (
                "volume > price",
                "column 8: found a volume compared with a price, expected two values of one kind"
            ),
            (
                "price > 5%",
                """
                column 7: found a price compared with a ratio, expected two values of one kind
                  a percentage is compared with change(n); a part of a value is price * 105%
                """
            ),
            (
                "change(5) > 3",
                """
                column 11: found a ratio compared with a number, expected two values of one kind
                  write the number as a percentage, such as 3% or -3%
                """
            ),
            (
                "rsi(14) < 30%",
                """
                column 9: found an index compared with a ratio, expected two values of one kind
                  an index such as an RSI is compared with a plain number: 30
                """
            ),
            (
                "price > open + 3%",
                """
                column 14: found a price + a ratio, expected two values of one kind
                  a part of a value is written: price * 105%
                """
            ),
            (
                "price + volume > 3",
                "column 7: found a price + a volume, expected two values of one kind"
            ),
            (
                "price * open > 3",
                "column 7: found a price * a price, expected a number or a percentage on one side"
            ),
            (
                "1 < price < 5",
                """
                column 11: found '<' after a comparison, expected 'and', 'or' or the end
                  compare twice: a < b and b < c
                """
            ),
            (
                "price > 5 adn volume > 3",
                "column 11: found 'adn', expected 'and', 'or' or the end\n  did you mean 'and'?"
            ),
            ("price > 5 volume", "column 11: found 'volume', expected 'and', 'or' or the end"),
            (
                "price and volume > 3",
                "column 7: found 'and' after a price, expected a comparison: > >= < <= =="
            ),
            (
                "not price",
                "column 10: found the end after a price, expected a comparison: > >= < <= =="
            ),
            ("and price > 3", "column 1: found 'and', expected a condition in front of it"),
            (
                "(price > 5) + 1 > 3",
                """
                column 1: found a condition, expected a value
                  join conditions with and, or: a < b and b < c
                """
            ),
            ("(price > 5", "column 11: found the end, expected ')' for the '(' in column 1"),
            ("price > 5)", "column 10: found ')', expected 'and', 'or' or the end"),
            (
                "price = 5",
                "column 7: found '=', expected an operator or a name\n  did you mean '=='?"
            ),
            (
                "price => 5",
                "column 7: found '=>', expected an operator or a name\n  did you mean '>='?"
            ),
            (
                "price != 5",
                "column 7: found '!=', expected an operator or a name\n  write not (a == b)"
            ),
            (
                "price > 5 && price < 9",
                "column 11: found '&&', expected an operator or a name\n  did you mean 'and'?"
            ),
            (
                "price / 2 > 5",
                """
                column 7: found '/', expected an operator or a name
                  multiply instead: * 0.5 for a half
                """
            ),
            ("가격 > 5", "column 1: found '가', expected a name, a number or an operator"),
            (
                "price > 1,000",
                """
                column 10: found ',', expected 'and', 'or' or the end
                  write large numbers as 70000 or 70_000
                """
            ),
            (
                "price > 70__000",
                "column 9: found '70__000', expected \(aNumber)"
            ),
            (
                "price > 1.",
                "column 9: found '1.', expected \(aNumber)"
            ),
            (
                "price > 1e5",
                "column 9: found '1e5', expected \(aNumber)"
            ),
            (
                "price > 1.123456789",
                "column 9: found '1.123456789', expected \(aNumber)"
            ),
            ("change(1) > 5 %%", "column 16: found '%', expected 'and', 'or' or the end"),
            (
                "% > price",
                """
                column 1: found '%', expected a name, a number or '('
                  a percentage is a number: 5%
                """
            ),
            (
                "1 > 2",
                "column 3: \(alwaysTheSame)"
            ),
            (
                "price > price",
                "column 7: \(alwaysTheSame)"
            ),
            ("cross_above(price)", "column 18: found ')', expected ',' between the two values"),
            ("cross_above price, 5", "column 13: found 'price', expected '(' after cross_above"),
        ] as [(String, String)])
    func isRefused(_ text: String, _ message: String) {
        let error = #expect(throws: RuleError.self) { try Rule.compile(text) }
        #expect(error?.description == message)
    }

    @Test func depthHasALimit() throws {
        func nested(_ depth: Int, _ open: String, _ close: String) -> String {
            String(repeating: open, count: depth) + "price > 5"
                + String(repeating: close, count: depth)
        }
        _ = try Rule.compile(nested(24, "(", ")"))
        let error = #expect(throws: RuleError.self) { try Rule.compile(nested(25, "(", ")")) }
        #expect(
            error?.description == """
                column 26: found more than 24 levels inside each other, expected fewer
                  split it into several rules
                """)
        #expect(throws: RuleError.self) { try Rule.compile(nested(300, "not ", "")) }
        #expect(throws: RuleError.self) { try Rule.compile(nested(1_500, "(", "")) }
        #expect(throws: RuleError.self) { try Rule.compile(nested(1_500, "-", "")) }
        #expect(throws: RuleError.self) { try Rule.compile(nested(150, "cross_above(", "")) }
    }

    @Test func lengthHasALimit() {
        let error = #expect(throws: RuleError.self) {
            try Rule.compile(String(repeating: " ", count: 2_001))
        }
        #expect(
            error?.description == """
                column 1: found 2001 bytes, expected at most 2000
                  split it into several rules
                """)
    }

    @Test func comparisonsHaveALimit() throws {
        let sixtyFour = Array(repeating: "price > 5", count: 64).joined(separator: " or ")
        _ = try Rule.compile(sixtyFour)
        #expect(throws: RuleError.self) { try Rule.compile(sixtyFour + " or price > 5") }
    }

    @Test(arguments: [
        "sma(509) * 0.00000001 + sma(503) * 0.00000003 > sma(499) * 999999999999999.99999999",
        "price * 999999999999999 * 999999999999999 * 999999999999999 > 1",
    ])
    func whatCannotBeExactIsRefused(_ text: String) {
        #expect(throws: RuleError.self) { try Rule.compile(text) }
    }

    @Test(
        arguments: [
            ("price > 5", nil), ("open > 5", "open"), ("price > 5 and low < 3 or high > 2", "low"),
        ] as [(String, String?)])
    func candlesAreNamedWhereNeeded(_ text: String, _ name: String?) throws {
        #expect(try Rule.compile(text).candleOnly == name)
    }
}
