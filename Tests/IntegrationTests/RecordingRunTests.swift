import Foundation
import Platform
import Ports
import Testing

extension IntegrationTests {
    /// Recorded markets, as fast as possible, twice: nothing made for a test.
    @Suite struct RecordingRunTests {
        private static let daily = "krx-005930-daily-1985_2018.csv.gz"
        private static let trades = "binance-btc-trades-2024-08-08.csv.gz"

        /// Thirty-three years of one share, day by day.
        @Test(.enabled(if: Place.hasRecording(daily), "\(daily) is not beside the project"))
        func samsungDayByDay() async throws {
            var configuration = SceneConfiguration.full()
            configuration.feed = """
                { kind: csv, path: "\(Place.recordings)/\(Self.daily)", what: candles, interval: 1d,
                    speed: SPEED, symbol: "005930", columns: { time: date, volume: volume },
                    time: { zone: Asia/Seoul }, untraded: skip }
                """
            configuration.instruments = "{ symbols: [\"005930\"], market: KR, tick_size: any }"
            configuration.strategies = [
                "{ name: cross, kind: ma_cross, on: \"candles:1d\", quantity: 10,"
                    + " parameters: { fast: 20, slow: 60 } }",
                SceneConfiguration.server("trend", Place.root + "/examples/demo/trend.py"),
                SceneConfiguration.server("filler", "filler.py"),
            ]
            configuration.rules = [
                "{ name: breakout, when: \"cross_above(close, sma(100))\", then: buy,"
                    + " on: \"candles:1d\", quantity: 10, confidence: 0.5 }"
            ]
            let summary = try await twice(configuration)
            #expect(summary.candles >= 8_700)
            for source in summary.sources { #expect(source.results > 0, "\(source.name)") }
        }

        /// Twenty thousand trades of one day, judged many at a time.
        @Test(.enabled(if: Place.hasRecording(trades), "\(trades) is not beside the project"))
        func bitcoinTradeByTrade() async throws {
            var configuration = SceneConfiguration.full()
            configuration.feed = """
                { kind: csv, path: "\(Place.recordings)/\(Self.trades)", what: ticks, speed: SPEED,
                    where: { market: spot }, side_means: buyer_is_maker, time: { unit: ms },
                    columns: { time: trade_ms, symbol: symbol, price: price, quantity: quantity,
                    side: buyer_is_maker } }
                """
            configuration.instruments =
                "{ symbols: [BTCUSDT], market: CRYPTO, currency: KRW, tick_size: any }"
            configuration.strategies = configuration.strategies.map {
                $0.replacing("quantity: 10", with: "quantity: 0.01")
                    .replacing("threshold: 0.002", with: "threshold: 0.0002")
                    .replacing("candles:1m", with: "candles:1s")
            }
            configuration.rules = [
                "{ name: breakout, when: \"cross_above(close, sma(5))\", then: buy,"
                    + " on: \"candles:1s\", quantity: 0.01, confidence: 0.3 }"
            ]
            let summary = try await twice(configuration)
            #expect(summary.ticks == 19_904)
            #expect(summary.fills > 0)
        }

        private func twice(_ configuration: SceneConfiguration) async throws -> RunSummary {
            let scene = try Scene(configuration)
            let first = try await scene.madang("run", "--json")
            #expect(first.exit == .code(0))
            let second = try await scene.madang("run", "--json", "--fresh")
            let (one, two) = (try first.summary(), try second.summary())
            #expect(one.fills > 0)
            #expect(one.ledgerHash == two.ledgerHash)
            #expect(one.stateHash == two.stateHash)
            return one
        }
    }
}
