import Foundation
import Ports
import Testing
import TradingModel
import Vault

@testable import Feeds

/// Each recording loads by settings alone (R1.6), with the row counts that its description names.
@Suite(.enabled(if: recordings != nil, "../shared/market-data is absent"))
struct RecordingTests {
    private func load(
        _ file: String, _ content: CSVFeedSettings.Content,
        _ columns: [CSVFeedSettings.Field: String],
        _ change: (inout CSVFeedSettings) -> Void = { _ in }
    ) throws -> ReadResult {
        let folder = try #require(recordings)
        var settings = CSVFeedSettings(
            path: folder.appending(path: file).path, content: content, columns: columns)
        change(&settings)
        let feed = CSVFeed(settings, digest: OpenSSLDigest(), resolve: EverySymbol().resolve)
        var result = ReadResult()
        let reader = try feed.open()
        while try reader.read(into: &result.rows, limit: 4096) {}
        result.counts = feed.counts
        #expect(result.counts.rows == result.rows.count)
        return result
    }

    private static let ohlcv: [CSVFeedSettings.Field: String] = [
        .open: "open", .high: "high", .low: "low", .close: "close", .volume: "volume",
    ]

    private func with(
        _ columns: [CSVFeedSettings.Field: String], _ more: [CSVFeedSettings.Field: String]
    ) -> [CSVFeedSettings.Field: String] {
        columns.merging(more) { _, new in new }
    }

    // MARK: Binance trades

    private static let binance: [CSVFeedSettings.Field: String] = [
        .time: "trade_ms", .symbol: "symbol", .price: "price", .quantity: "quantity",
        .side: "buyer_is_maker",
    ]

    @Test func binanceSpotTrades() throws {
        let result = try load("binance-btc-trades-2024-08-08.csv.gz", .ticks, Self.binance) {
            $0.timeFormat = .unixMilliseconds
            $0.sides = CSVFeedSettings.buyerIsMaker
            $0.filters = [("market", "spot")]
        }
        #expect(result.counts.rows == 19_904)
        #expect(result.counts.stepsBack == 0)
        let first = try #require(result.ticks.first)
        #expect(first.price == price("61837.63"))
        #expect(first.quantity == quantity("0.02"))
        #expect(first.aggressor == .seller)
        #expect(first.feedTime == Timestamp(nanoseconds: 1_723_161_255_342_000_000))
        #expect(result.ticks.last?.aggressor == .buyer)
    }

    @Test func binanceAllMarketsStepBackAcrossStreams() throws {
        let result = try load("binance-btc-trades-2024-08-08.csv.gz", .ticks, Self.binance) {
            $0.timeFormat = .unixMilliseconds
            $0.sides = CSVFeedSettings.buyerIsMaker
        }
        #expect(result.counts.rows == 46_452)
        #expect(result.counts.stepsBack == 1_078)
        #expect(result.counts.duplicates == 0)
        let received = try load(
            "binance-btc-trades-2024-08-08.csv.gz", .ticks, with(Self.binance, [.time: "recv_ns"])
        ) {
            $0.timeFormat = .unixNanoseconds
            $0.sides = CSVFeedSettings.buyerIsMaker
            $0.stepsBack = .stop
        }
        #expect(received.ticks.first?.feedTime == Timestamp(nanoseconds: 1_723_161_254_087_896_568))
    }

    // MARK: Candles

    @Test func bitcoinPerpetualMinutes() throws {
        let result = try load(
            "btc-perp-1min-2022-01.csv.gz", .candles(CSVFeedSettings.interval("1m"), time: .open),
            with(Self.ohlcv, [.time: "timestamp"])
        ) {
            $0.symbol = "BTC-PERP"
            $0.extraDecimals = .cut
        }
        #expect(result.counts.rows == 45_031)
        #expect(result.counts.stepsBack == 0)
        let first = try #require(result.candles.first)
        #expect(first.openTime == utc("2021-12-31 23:01"))
        #expect(first.volume == Volume("2300413.7295"))
        #expect(result.candles.last?.openTime == utc("2022-02-01 05:31"))
        #expect(result.candles.last?.close == price("38544"))
    }

    @Test func coinbaseMinutesFromDateAndTimeOfDay() throws {
        let result = try load(
            "coinbase-btcusd-1min-2018-04-04_06.csv.gz",
            .candles(CSVFeedSettings.interval("1m"), time: .open),
            with(Self.ohlcv, [.time: "date", .timeOfDay: "ms_of_day"])
        ) { $0.symbol = "BTCUSD" }
        #expect(result.counts.rows == 3_887)
        #expect(result.candles.first?.openTime == utc("2018-04-04"))
        #expect(result.candles.last?.openTime == utc("2018-04-06 23:59"))
        #expect(result.candles.last?.volume == Volume("1.93391536"))
    }

    @Test func oandaHoursOfTheBidSide() throws {
        let result = try load(
            "fx-hourly-oanda-eurusd-2014_2015.csv.gz",
            .candles(CSVFeedSettings.interval("1h"), time: .open),
            [
                .time: "time", .open: "bid_open", .high: "bid_high", .low: "bid_low",
                .close: "bid_close", .volume: "bid_size",
            ]
        ) { $0.symbol = "EURUSD" }
        #expect(result.counts.rows == 12_411)
        #expect(result.counts.stepsBack == 0)
        #expect(result.candles.first?.openTime == utc("2014-01-01 22:00"))
        #expect(result.candles.first?.low == price("1.37353"))
        #expect(result.candles.last?.closeTime == utc("2015-12-31 19:00"))
    }

    @Test func samsungDays() throws {
        let result = try load(
            "krx-005930-daily-1985_2018.csv.gz", .candles(CSVFeedSettings.day, time: .open),
            with(Self.ohlcv, [.time: "date"])
        ) {
            $0.symbol = "005930"
            $0.zone = "Asia/Seoul"
        }
        #expect(result.counts.rows == 8_826)
        #expect(result.counts.stepsBack == 0)
        #expect(result.candles.first?.openTime == utc("1985-01-03 15:00"))
        #expect(result.candles.last?.close == price("2450000"))
        #expect(result.candles.count { $0.volume == .zero } == 1)
        // Korea kept summer time in 1988: midnight was 14:00 UTC.
        #expect(result.candles.contains { $0.openTime == utc("1988-06-30 14:00") })
    }

    private static let krxDay: [CSVFeedSettings.Field: String] = [
        .symbol: "ISU_SRT_CD", .open: "TDD_OPNPRC", .high: "TDD_HGPRC", .low: "TDD_LWPRC",
        .close: "TDD_CLSPRC", .volume: "ACC_TRDVOL",
    ]

    @Test(arguments: [
        ("krx-kosdaq-all-2021-01-22.csv.gz", 1_472, 79),
        ("krx-kospi-all-2021-01-22.csv.gz", 917, 11),
        ("krx-kospi-all-holiday-2021-01-23.csv.gz", 917, 917),
    ])
    func krxWholeMarketDay(_ file: String, _ rows: Int, _ untraded: Int) throws {
        let settings = { (settings: inout CSVFeedSettings) in
            settings.constantTime = String(file.dropLast(7).suffix(10))
            settings.zone = "Asia/Seoul"
        }
        let content = CSVFeedSettings.Content.candles(CSVFeedSettings.day, time: .open)
        let result = try load(file, content, Self.krxDay) {
            settings(&$0)
            $0.untraded = .skip
        }
        #expect(result.counts.skipped == untraded)
        #expect(result.counts.rows == rows - untraded)
        let error = #expect(throws: FeedError.self) {
            try load(file, content, Self.krxDay, settings)
        }
        #expect(error?.what.contains("not traded?") == true)
    }

    /// A day's turnover in won passes `Int64` at this scale.
    @Test func kospiIndexDaysWithTurnover() throws {
        var columns: [CSVFeedSettings.Field: String] = [
            .time: "TRD_DD", .open: "OPNPRC_IDX", .high: "HGPRC_IDX", .low: "LWPRC_IDX",
            .close: "CLSPRC_IDX", .volume: "ACC_TRDVOL",
        ]
        let change = { (settings: inout CSVFeedSettings) in
            settings.symbol = "KOSPI"
            settings.zone = "Asia/Seoul"
        }
        let content = CSVFeedSettings.Content.candles(CSVFeedSettings.day, time: .open)
        let shares = try load("krx-kospi-index-daily-2001_2020.csv.gz", content, columns, change)
        #expect(shares.counts.rows == 4_861)
        #expect(shares.candles.first?.volume == Volume("231014651"))
        columns[.volume] = "ACC_TRDVAL"
        let won = try load("krx-kospi-index-daily-2001_2020.csv.gz", content, columns, change)
        let last = try #require(won.candles.last)
        #expect(last.volume == Volume("19494383573469"))
        #expect(last.volume.units > Int128(Int64.max))
        #expect(last.openTime == utc("2020-08-30 15:00"))
    }

    private static let scaled: [CSVFeedSettings.Field: String] = [
        .symbol: "symbol", .time: "date", .open: "open_x10000", .high: "high_x10000",
        .low: "low_x10000", .close: "close_x10000", .volume: "volume",
    ]

    @Test func americanDays() throws {
        let result = try load(
            "us-daily-aapl-spy.csv.gz", .candles(CSVFeedSettings.day, time: .open), Self.scaled
        ) {
            $0.priceExponent = 4
            $0.zone = "America/New_York"
        }
        #expect(result.counts.rows == 11_698)
        #expect(result.counts.stepsBack == 1)  // where the second symbol begins
        #expect(result.candles.first?.open == price("13.63"))
        #expect(result.candles.first?.openTime == utc("1998-01-02 05:00"))
        #expect(result.candles.last?.close == price("396.33"))
        #expect(result.candles.last?.openTime == utc("2021-03-31 04:00"))
        #expect(Set(result.candles.map(\.instrument)).count == 2)
    }

    @Test func americanMinutes() throws {
        let result = try load(
            "us-equity-1min-2013-10-04_11.csv.gz",
            .candles(CSVFeedSettings.interval("1m"), time: .open),
            with(Self.scaled, [.timeOfDay: "ms_of_day"])
        ) {
            $0.priceExponent = 4
            $0.zone = "America/New_York"
        }
        #expect(result.counts.rows == 13_429)
        #expect(result.counts.stepsBack == 0)
        #expect(result.candles.first?.openTime == utc("2013-10-04 08:06"))
        #expect(result.candles.first?.volume == Volume("20000"))
        #expect(result.candles.last?.openTime == utc("2013-10-11 23:59"))
        let perSymbol = Dictionary(grouping: result.candles, by: \.instrument).mapValues(\.count)
        #expect(perSymbol.values.sorted() == [2558, 2566, 3466, 4839])
    }

    // MARK: Ticks and quotes

    @Test func oandaQuotes() throws {
        let result = try load(
            "fx-quotes-oanda-eurusd-2014-05-08.csv.gz", .quotes,
            [.time: "date", .timeOfDay: "ms_of_day", .symbol: "symbol", .bid: "bid", .ask: "ask"])
        #expect(result.counts.rows == 87_833)
        #expect(result.counts.stepsBack == 0)
        #expect(result.quotes.first?.feedTime == utc("2014-05-08 00:00:08.715"))
        #expect(result.quotes.first?.bid == price("1.39101"))
        #expect(result.quotes.allSatisfy { $0.bid < $0.ask })
    }

    @Test func ibmQuotesOfOneSideEach() throws {
        let result = try load(
            "us-equity-quotes-ibm-2013-10-08.csv.gz", .quotes,
            [
                .time: "date", .timeOfDay: "ms_of_day", .symbol: "symbol", .bid: "bid_x10000",
                .bidSize: "bid_size", .ask: "ask_x10000", .askSize: "ask_size",
            ]
        ) {
            $0.priceExponent = 4
            $0.zone = "America/New_York"
        }
        #expect(result.counts.rows == 125_750)
        #expect(result.counts.stepsBack == 0)
        #expect(result.quotes.count { $0.ask == .zero && $0.bid > .zero } == 62_875)
        #expect(result.quotes.count { $0.bid == .zero && $0.ask > .zero } == 62_875)
        #expect(result.quotes.first?.bid == price("180.01"))
        #expect(result.quotes.first?.bidQuantity == quantity("200"))
        #expect(result.quotes.first?.feedTime == utc("2013-10-08 08:00:00.640"))
    }

    @Test func bankOfAmericaTradesWithEqualNeighbours() throws {
        let columns: [CSVFeedSettings.Field: String] = [
            .time: "date", .timeOfDay: "ms_of_day", .symbol: "symbol", .price: "price_x10000",
            .quantity: "size",
        ]
        let change = { (settings: inout CSVFeedSettings) in
            settings.priceExponent = 4
            settings.zone = "America/New_York"
        }
        let result = try load("us-equity-trades-bac-2013-10-07.csv.gz", .ticks, columns, change)
        #expect(result.counts.rows == 88_172)
        #expect(result.counts.stepsBack == 0)
        #expect(result.counts.duplicates == 5_130)
        #expect(result.ticks.last?.price == price("13.81"))
        #expect(result.ticks.last?.feedTime == utc("2013-10-07 23:59:53.464"))
        let dropped = try load("us-equity-trades-bac-2013-10-07.csv.gz", .ticks, columns) {
            change(&$0)
            $0.duplicates = .drop
        }
        #expect(dropped.counts.rows == 88_172 - 5_130)
    }

    @Test func theFingerprintIsTheFilesDigest() throws {
        let folder = try #require(recordings)
        let name = "us-daily-aapl-spy.csv.gz"
        let settings = CSVFeedSettings(
            path: folder.appending(path: name).path, content: .ticks, columns: [:])
        let sums = try String(contentsOf: folder.appending(path: "SHA256SUMS"), encoding: .utf8)
        let line = try #require(sums.split(separator: "\n").first { $0.hasSuffix(name) })
        let feed = CSVFeed(settings, digest: OpenSSLDigest(), resolve: letters)
        #expect(try feed.fingerprint() == line.prefix(64))
    }

    /// One merged run of three files has all their rows, and no step back that none of them has.
    @Test func mergedRecordingsStayInOrder() throws {
        let folder = try #require(recordings)
        let everySymbol = EverySymbol()
        var minutes = CSVFeedSettings(
            path: folder.appending(path: "us-equity-1min-2013-10-04_11.csv.gz").path,
            content: .candles(CSVFeedSettings.interval("1m"), time: .open),
            columns: with(Self.scaled, [.timeOfDay: "ms_of_day"]))
        var trades = CSVFeedSettings(
            path: folder.appending(path: "us-equity-trades-bac-2013-10-07.csv.gz").path,
            content: .ticks,
            columns: [
                .time: "date", .timeOfDay: "ms_of_day", .symbol: "symbol", .price: "price_x10000",
                .quantity: "size",
            ])
        (minutes.priceExponent, trades.priceExponent) = (4, 4)
        (minutes.zone, trades.zone) = ("America/New_York", "America/New_York")
        let feed = MergedFeed(
            [minutes, trades].map {
                CSVFeed($0, digest: OpenSSLDigest(), resolve: everySymbol.resolve)
            }, digest: OpenSSLDigest())
        var rows: [MarketInput] = []
        let reader = try feed.open()
        while try reader.read(into: &rows, limit: 777) {}
        #expect(rows.count == 13_429 + 88_172)
        #expect(feed.counts.rows == rows.count)
        #expect(zip(rows, rows.dropFirst()).allSatisfy { $0.time <= $1.time })
    }
}
