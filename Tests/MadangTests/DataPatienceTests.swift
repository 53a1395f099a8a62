import Host
import Platform
import Testing
import TradingModel

@testable import Madang

/// Who is watched for data alone and who with others, and for how long.
@Suite struct DataPatienceTests {
    private static let quarter = Nanoseconds.seconds(900)
    /// Two sessions of KRX, each with its closing print.
    private static let twoDays = Nanoseconds.seconds(2 * 391 * 60)
    private static let strategy =
        "strategies: [{ name: m, kind: ma_cross, on: ticks, quantity: 1 }]"

    private static func settings(
        feeds: [String] = [HostConfiguration.ticks()], _ instruments: [String],
        _ watch: String? = nil
    ) throws -> WatchSettings {
        try HostConfiguration.reading(
            feeds: feeds, instruments: instruments, more: [strategy] + [watch].compactMap { $0 }
        ).watchSettings
    }

    /// 300 of which each may rest for an hour; one that somebody names is watched by itself.
    @Test func manyAreWatchedTogether() throws {
        let symbols = (1...300).map { "K\($0)" }.joined(separator: ", ")
        let settings = try Self.settings([
            "{ symbols: [\(symbols)], hours: krx }",
            "{ symbols: [OWN], hours: krx, no_data: 1h }",
            "{ symbols: [OFF], hours: krx, no_data: off }", "{ symbols: [AROUND] }",
        ])
        #expect(settings.noData.prefix(300).allSatisfy { $0 == nil })
        #expect(settings.noDataTogether.prefix(300).allSatisfy { $0 == Self.quarter })
        #expect(settings.noData.suffix(3) == [.seconds(3_600), nil, nil])
        #expect(settings.noDataTogether.suffix(3) == [nil, nil, nil])
    }

    @Test func fewAreWatchedOneByOne() throws {
        let settings = try Self.settings(["{ symbols: [A, B, C, D, E], hours: krx }"])
        #expect(settings.noData == Array(repeating: Self.quarter, count: 5))
        let written = try Self.settings(
            ["{ symbols: [A, B, C, D, E, F] }"], "watch: { no_data: 5m }")
        #expect(written.noDataTogether == Array(repeating: .seconds(300), count: 6))
    }

    /// A day's candle comes once in a session, and two sessions are 13 hours.
    @Test(arguments: [
        ("1d", twoDays), ("4h", .seconds(8 * 3_600)), ("1m", quarter),
    ])
    func candlesAreWaitedForTwice(_ interval: String, _ span: Nanoseconds) throws {
        let settings = try Self.settings(
            feeds: [HostConfiguration.candles(interval)], ["{ symbols: [A], hours: krx }"])
        #expect(settings.noData == [span])
    }

    /// Who has trades beside another's daily candles is no less watched for it.
    @Test func eachIsAskedForItsOwnFeed() throws {
        let feeds = [HostConfiguration.ticks("A"), HostConfiguration.candles("1d", "G")]
        let usual = try Self.settings(feeds: feeds, ["{ symbols: [A, G], hours: krx }"])
        #expect(usual.noData == [Self.quarter, Self.twoDays])
        let written = try Self.settings(
            feeds: feeds,
            ["{ symbols: [A], hours: krx, no_data: 5m }", "{ symbols: [G], hours: krx }"])
        #expect(written.noData == [.seconds(300), Self.twoDays])
        // Nobody knows whose candles they are: that nothing comes at all is told.
        let columns = [HostConfiguration.ticks(), HostConfiguration.candles("1d")]
        let unknown = try Self.settings(feeds: columns, ["{ symbols: [A, G], hours: krx }"])
        #expect(unknown.noData == [nil, nil])
        #expect(unknown.noDataTogether == [Self.quarter, Self.quarter])
    }

    @Test(arguments: [
        ("1h", "6h 31m of open time pass between two of them"), ("6h", "6h 31m of open time"),
    ])
    func aSpanBetweenTwoCandlesIsRefused(_ span: String, _ words: String) throws {
        let feeds = [HostConfiguration.ticks("A"), HostConfiguration.candles("1d", "G")]
        let error = try #require(throws: ConfigurationError.self) {
            _ = try Self.settings(
                feeds: feeds, ["{ symbols: [A, G], hours: krx }"], "watch: { no_data: \(span) }")
        }
        #expect("\(error)".contains("watch.no_data"), "\(error)")
        #expect("\(error)".contains("a feed has candles of 1d and 'G' no other rows"), "\(error)")
        #expect("\(error)".contains(words), "\(error)")
        // As open time it is longer than a session.
        #expect(
            try Self.settings(
                feeds: feeds, ["{ symbols: [A, G], hours: krx }"], "watch: { no_data: 7h }"
            ).noData == [.seconds(7 * 3_600), .seconds(7 * 3_600)])
    }

    /// Of many together it is wrong where all of an exchange wait longer, whatever others do.
    @Test func aSpanIsAskedOfEachExchange() throws {
        let names = (1...6).map { "K\($0)" }
        let feeds = names.map { HostConfiguration.candles("1d", $0) } + [HostConfiguration.ticks()]
        let far = "{ symbols: [U1, U2], hours: us, market: US, currency: KRW }"
        let error = try #require(throws: ConfigurationError.self) {
            _ = try Self.settings(
                feeds: feeds, ["{ symbols: [\(names.joined(separator: ", "))], hours: krx }", far],
                "watch: { no_data: 5m }")
        }
        #expect("\(error)".contains("'K1' no other rows"), "\(error)")
        let mixed = try Self.settings(
            feeds: feeds, ["{ symbols: [\(names.joined(separator: ", ")), T], hours: krx }", far],
            "watch: { no_data: 5m }")
        #expect(mixed.noDataTogether == Array(repeating: .seconds(300), count: 7) + [nil, nil])
    }

    @Test func theHoursOfKRXEndWithAnAuction() throws {
        let settings = try Self.settings([
            "{ symbols: [A], hours: krx, odd_days: { 2026-11-19: \"10:00-16:30\" } }",
            "{ symbols: [B], hours: us }",
        ])
        #expect(settings.closingAuctions.map(\.value) == [.seconds(600)])
        #expect(settings.oddDays.map(\.value) == [[20_776]])
        #expect(settings.oddDays.keys.first == settings.closingAuctions.keys.first)
    }
}
