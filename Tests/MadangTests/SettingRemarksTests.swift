import Testing

@testable import Madang

/// What can be read and is probably not meant.
@Suite struct SettingRemarksTests {
    static let rule = "rules: [{ name: dip, when: \"price < 5\", then: buy, on: ticks }]"

    static func remarks(
        feeds: [String] = [HostConfiguration.ticks()],
        _ instruments: [String] = ["{ symbols: [A, B], market: KR }"], _ more: String...
    ) throws -> [String] {
        let configuration = try HostConfiguration.reading(
            feeds: feeds, instruments: instruments, more: more)
        let remarks = SettingRemarks(configuration: configuration)
        #expect(remarks.all.allSatisfy { !$0.next.isEmpty && !$0.next.contains("\n") })
        return remarks.lines
    }

    // MARK: Currencies

    @Test func whatIsTradedInAnotherCurrencyIsTold() throws {
        let mixed = [
            "{ symbols: [KR1], market: KR }", "{ symbols: [AAPL, MSFT], market: US }",
            "{ symbols: [BTC], market: CRYPTO, currency: USDT }",
        ]
        #expect(
            try Self.remarks(mixed, Self.rule) == [
                "account 'demo' is in KRW and trades AAPL, MSFT in USD: nothing is converted, 1 USD"
                    + " counts as 1 KRW in its cash, its profit and its limits",
                "account 'demo' is in KRW and trades BTC in USDT: nothing is converted, 1 USDT"
                    + " counts as 1 KRW in its cash, its profit and its limits",
            ])
        #expect(
            try Self.remarks(
                mixed, Self.rule.replacing("on: ticks", with: "on: ticks, symbols: [KR1]")) == [])
        #expect(
            try Self.remarks(mixed, Self.rule.replacing("then: buy", with: "then: alert")) == [],
            "an alert spends nothing")
        #expect(
            try Self.remarks(["{ symbols: [AAPL], market: US, currency: KRW }"], Self.rule) == [])
    }
}
