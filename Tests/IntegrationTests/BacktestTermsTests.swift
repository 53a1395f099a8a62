import Foundation
import Platform
import Testing

extension IntegrationTests {
    /// What a backtest takes for granted and a broker would not: what it costs, how long a server thinks, when an
    /// exchange is open.
    @Suite struct BacktestTermsTests {
        /// Tax, slippage and volume of a broker outside are a backtest's too: it comes to what paper comes to.
        @Test func aBrokerOutsideIsBacktestedByItsKeys() async throws {
            struct Answer: Decodable {
                struct Purse: Decodable {
                    struct Figures: Decodable {
                        var tax: String
                        var slippage: String
                    }
                    var whole: Figures
                }
                var currencies: [Purse]
                var ledger_hash: String
            }
            func answer(_ account: String, _ broker: String) async throws -> Answer {
                var configuration = SceneConfiguration(speed: "60x")
                configuration.account = "{ id: demo, broker: \(account), cash: 400000000 }"
                configuration.broker =
                    "\(account): { \(broker), fee_bps: 5, sell_tax_bps: 18, slippage: 1 tick,"
                    + " volume_share: 50% }"
                configuration.strategies = [
                    "{ name: cross, kind: ma_cross, on: ticks, quantity: 5 }"
                ]
                let scene = try Scene(configuration, ticks: SampleTicks(count: 5_000))
                let outcome = try await scene.madang(
                    ["backtest", "--json", "--quiet"], environment: ["MADANG_TEST_KEY": "demo"])
                #expect(outcome.exit == .code(0), "\(outcome.errorText)")
                return try JSONDecoder().decode(
                    Answer.self, from: Data(try #require(outcome.output.first).utf8))
            }
            let secret = "\"${MADANG_TEST_KEY}\""
            let outside = try await answer(
                "sim", "kind: sim, key: \(secret), secret: \(secret)")
            let paper = try await answer("paper", "kind: paper")
            #expect(outside.ledger_hash == paper.ledger_hash)
            let figures = try #require(outside.currencies.first?.whole)
            #expect(!figures.tax.hasPrefix("0.") && !figures.slippage.hasPrefix("0."))
        }

        /// A server that needs longer than its deadline trades everything in a backtest, and nothing at a pace.
        @Test(.enabled(if: Place.hasPython), arguments: [("10ms", true), ("10s", false)])
        func aServerThatWouldBeLateIsTold(_ deadline: String, _ isTold: Bool) async throws {
            let scene = try Scene(
                SceneConfiguration(strategies: [
                    SceneConfiguration.server("slow", "slow.py", "deadline: \(deadline)")
                ]), ticks: SampleTicks(count: 60))
            let outcome = try await scene.madang(
                "backtest", "--quiet", "--json", "--report", "report.html")
            #expect(outcome.exit == .code(0), "\(outcome.errorText)")
            let words = "or longer for one event in a hundred, and its deadline is 10"
            let page = try String(contentsOfFile: scene.path + "/report.html", encoding: .utf8)
            #expect(page.contains(words) == isTold)
            #expect(page.contains("A strategy server answers at the moment of its event"))
            #expect(outcome.output.first?.contains(words) == isTold, "\(outcome.output)")
            #expect(outcome.errorText.contains(words) == isTold, "\(outcome.errorText)")
        }

        /// A day's candle that closed, and trades after hours that fill what was decided by it.
        @Test(arguments: [true, false])
        func fillsOutsideOfHoursAreTold(_ isAfterHours: Bool) async throws {
            let morning: Int64 = 1_704_153_600 + 3_600  // 10:00 in Seoul
            // 15:40 and 15:50, and 09:00 of the next day.
            let rest: [Int64] = (isAfterHours ? [20_400, 21_000] : []) + [82_800, 82_860]
            let rows = ([0] + rest).map { "\((morning + $0) * 1_000_000_000),A,70000,9,B\n" }
            var configuration = SceneConfiguration(
                rules: [
                    "{ name: day, when: \"price > 1\", on: \"candles:1d\", then: buy, quantity: 1 }"
                ], instruments: "{ symbols: [A], market: KR, hours: krx }")
            configuration.broker = "paper: { kind: paper }"
            let scene = try Scene(configuration)
            try scene.folder.write(
                "ts,symbol,price,size,side\n" + rows.joined(), as: "ticks.csv")
            let told =
                "1 fill outside of 'hours', the first of A at 2024-01-02 15:"
            let text = try await scene.madang("backtest", "--quiet", "--report", "report.html")
            #expect(text.exit == .code(0), "\(text.errorText)")
            #expect(text.output.contains { $0.hasPrefix(told) } == isAfterHours, "\(text.output)")
            let page = try String(contentsOfFile: scene.path + "/report.html", encoding: .utf8)
            #expect(page.contains("1 fill outside of") == isAfterHours)
            let json = try await scene.madang("backtest", "--quiet", "--json").output.first
            #expect(
                json?.contains("\"fills_outside_hours\":\(isAfterHours ? 1 : 0),") == true,
                "\(json ?? "")")
            #expect(json?.contains("\"fills\":1,") == true, "\(json ?? "")")
            #expect(json?.contains(told) == isAfterHours)
        }
    }
}
