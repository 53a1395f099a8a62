import Platform
import Testing

@testable import Madang

/// What can be read and is probably not meant.
@Suite struct SettingRemarksTests {
    static let rule = "rules: [{ name: dip, when: \"price < 5\", then: buy, on: ticks }]"

    static func remarks(
        feeds: [String] = [HostConfiguration.ticks()],
        _ instruments: [String], _ more: String...
    ) throws -> [String] {
        let configuration = try HostConfiguration.reading(
            feeds: feeds, instruments: instruments, more: more)
        let remarks = SettingRemarks(configuration: configuration)
        #expect(remarks.all.allSatisfy { !$0.next.isEmpty && !$0.next.contains("\n") })
        return remarks.lines
    }

    // MARK: Currencies

    /// What is wrong with a file in which this trades.
    private static func wrong(_ instruments: [String], _ more: String...) throws -> [String] {
        do {
            _ = try HostConfiguration.reading(instruments: instruments, more: more)
            return []
        } catch let error as ConfigurationError {
            return error.problems.map(\.message)
        }
    }

    /// One dollar is no won: it is refused, and not only told.
    @Test func whatIsTradedInAnotherCurrencyIsRefused() throws {
        let mixed = [
            "{ symbols: [KR1], market: KR }", "{ symbols: [AAPL, MSFT], market: US }",
            "{ symbols: [BTC], market: CRYPTO, currency: USDT }",
        ]
        #expect(
            try Self.wrong(mixed, Self.rule) == [
                "account 'demo' is in KRW, and 'dip' would trade AAPL (USD), MSFT (USD), BTC (USDT)"
                    + " with it: nothing is converted"
            ])
        #expect(
            try Self.wrong(
                mixed, Self.rule.replacing("on: ticks", with: "on: ticks, symbols: [KR1]")) == [])
        #expect(
            try Self.wrong(mixed, Self.rule.replacing("then: buy", with: "then: alert")) == [],
            "an alert spends nothing")
        #expect(
            try Self.wrong(["{ symbols: [AAPL], market: US, currency: KRW }"], Self.rule) == [])
        let change =
            "changes: [{ behind: 5, rules: [{ name: dear, when: \"price > 5\", then: buy, on: ticks }] }]"
        #expect(try Self.wrong(mixed, change).count == 1, "what comes later is asked too")
    }

    // MARK: Terms

    /// A backtest has one exchange, and takes the first broker's keys for all.
    @Test func brokersThatCostOtherwiseAreTold() throws {
        func lines(_ one: String, _ two: String) throws -> [String] {
            let text = """
                accounts:
                  - { id: a, broker: one, cash: 1000 }
                  - { id: b, broker: two, cash: 1000 }
                brokers:
                  one: { kind: sim, key: "${K}", secret: "${K}"\(one) }
                  two: { kind: sim, key: "${K}", secret: "${K}"\(two) }
                feeds: [{ path: ticks.csv, what: ticks, speed: 1x }]
                instruments: [{ symbols: [A], market: KR }]
                \(Self.rule)
                """
            return SettingRemarks(configuration: try .of(text, ["K": "demo"])).lines
        }
        #expect(try lines(", fee_bps: 5", ", fee_bps: 5") == [])
        #expect(
            try lines(", fee_bps: 5, sell_tax_bps: 18", ", fee_bps: 10") == [
                "'two' differs from 'one' in fee_bps, sell_tax_bps: madang backtest fills all"
                    + " accounts by 'one', the first broker, 'b' too"
            ])
        #expect(try lines("", ", slippage: 1 tick").first?.contains("in slippage:") == true)
    }

    // MARK: Hours

    private static func rule(_ when: String, on input: String) -> String {
        "rules: [{ name: r, when: \"\(when)\", on: \"\(input)\" }]"
    }

    /// A candle of a day around the clock has the pre-market in it.
    @Test func daysWithoutHoursAreTold() throws {
        let told =
            "A, B: no hours, so what trades before the opening and after the close is in candles of"
            + " a day and in change(1d)"
        let day = Self.rule("price > 1", on: "candles:1d")
        #expect(try Self.remarks(["{ symbols: [A, B], market: KR }"], day) == [told])
        #expect(
            try Self.remarks(
                feeds: [HostConfiguration.candles("1m")], ["{ symbols: [A, B], market: KR }"], day)
                == [told])
        let change = Self.rule("change(1d) < -5%", on: "ticks")
        #expect(try Self.remarks(["{ symbols: [A, B], market: KR }"], change) == [told])
        let us = "{ symbols: [A, B], market: US, currency: KRW }"
        let configuration = try HostConfiguration.reading(instruments: [us], more: [change])
        let remark = SettingRemarks(configuration: configuration).all.first
        #expect(remark?.text == told && remark?.next.contains("hours: us,") == true)
        #expect(
            try Self.remarks(
                ["{ symbols: [A, B], market: KR }"], "run: { candles: [1d] }", Self.rule) == [told])
    }

    @Test func daysThatAreMeantAreNot() throws {
        let day = Self.rule("price > 1", on: "candles:1d")
        for instrument in [
            "{ symbols: [A], market: KR, hours: krx }", "{ symbols: [A], market: KR, hours: 24h }",
            "{ symbols: [A], market: CRYPTO }",
        ] {
            #expect(try Self.remarks([instrument], day) == [], "\(instrument)")
        }
        #expect(
            try Self.remarks(
                feeds: [HostConfiguration.candles("1d")], ["{ symbols: [A], market: KR }"], day)
                == [], "a feed's candles are as they are")
        let bare = ["{ symbols: [A], market: KR }"]
        #expect(try Self.remarks(bare, Self.rule("change(30m) < -5%", on: "ticks")) == [])
        #expect(try Self.remarks(bare, Self.rule("price > 1", on: "candles:1h")) == [])
        // Candles longer than a day are refused where there are hours.
        #expect(try Self.remarks(bare, Self.rule("price > 1", on: "candles:1w")) == [])
    }

    // MARK: Ranks

    private static func ranked(_ policy: String, _ one: String, _ two: String) throws -> [String] {
        try remarks(
            ["{ symbols: [A, B, C], market: KR }"], "arbiter: { policy: \(policy) }",
            "strategies:", "  - { name: far, kind: server, address: \"127.0.0.1:9\"\(one) }",
            "  - { name: cross, kind: ma_cross, on: ticks\(two) }",
            "  - { name: back, kind: rsi, on: ticks, priority: 7, symbols: [A] }",
            "rules: [{ name: told, when: \"price > 1\", on: ticks, then: alert }]")
    }

    /// Which of two is heard is left to who is faster.
    @Test func oneRankForAServerAndAnotherIsTold() throws {
        #expect(
            try Self.ranked("priority", ", symbols: [A, B]", "") == [
                "'far' and 'cross' have the same priority (100) on A, B: at a pace no round waits for"
                    + " one of them once the other has voted, and either may be the one that is heard"
            ])
        #expect(try Self.ranked("priority", ", priority: 2", "") == [])
        #expect(try Self.ranked("first", "", "") == [])
        #expect(try Self.ranked("priority", ", symbols: [B]", ", symbols: [C]") == [])
        // In the host all have voted when a round closes: the first in the file is heard.
        #expect(try Self.ranked("priority", ", priority: 2", ", priority: 7") == [])
    }
}
